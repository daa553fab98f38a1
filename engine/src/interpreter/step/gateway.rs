//! Exclusive and parallel gateways (BPMN 2.0 §13.4.1, §13.4.2).

use std::collections::BTreeMap;

use serde_json::Map;

use super::super::{
    Event, LocalNo,
    run::{Run, Stop},
};
use crate::{definition::Node, text::Text};

impl Run<'_> {
    /// Takes the first outgoing flow whose condition holds, else the default one; merging needs nothing.
    pub(super) fn choose(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let flows = &self.definition.process.flows;
        let mut otherwise = None;
        for &ix in &node.outgoing {
            match &flows[ix].condition {
                _ if flows[ix].is_default => otherwise = otherwise.or(Some(ix)),
                None => return self.leave_with(token, Some(ix), &Map::new()),
                Some(condition) => {
                    if self.definition.rules.condition(condition, &self.names(scope))? {
                        return self.leave_with(token, Some(ix), &Map::new());
                    }
                }
            }
        }
        match otherwise {
            Some(ix) => self.leave_with(token, Some(ix), &Map::new()),
            None => Err(Stop::Failed(Text::new(
                format!("{}：网关“{}”没有一个条件成立，也没有 otherwise", node.place, node.id),
                format!("{}: no condition of gateway `{}` holds, and it has no otherwise", node.place, node.id),
            ))),
        }
    }

    /// Waits until a token stands here for every incoming flow, takes the oldest of each, then splits.
    pub(super) fn join_and_split(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.incoming.len() < 2 {
            return self.leave(token);
        }
        let mut oldest: BTreeMap<&str, LocalNo> = BTreeMap::new();
        for (no, standing) in &self.case.tokens {
            if standing.node == node.id && standing.scope == scope {
                oldest.entry(standing.flow.as_deref().unwrap_or_default()).or_insert(*no);
            }
        }
        let flows = &self.definition.process.flows;
        let Some(arrived) = node.incoming.iter().map(|&ix| oldest.get(flows[ix].id.as_str()).copied()).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let Some((last, others)) = arrived.split_last() else { return Ok(()) };
        for &other in others {
            self.emit(Event::TokenTaken { token: other, completed: false });
        }
        self.leave(*last)
    }
}
