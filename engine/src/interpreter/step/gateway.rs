//! Which flows a token leaves by: exclusive, parallel and inclusive splits, conditional flows, event-based gateways
//! (BPMN 2.0 §13.4).

use std::collections::BTreeMap;

use serde_json::Map;

use super::super::{
    Event, LocalNo, Waiter,
    run::{Run, Stop},
};
use crate::{
    definition::{FlowIx, Node, NodeKind, Trigger},
    rules::Expression,
    text::Text,
};

impl Run<'_> {
    /// The flows that a token leaves a node by, besides gateways that choose for themselves: every flow without a
    /// condition, every one whose condition holds, and the default one if no condition holds (BPMN 2.0 §13.3.1).
    pub(super) fn ways(&self, node: &Node, scope: LocalNo) -> Result<Vec<FlowIx>, Stop> {
        if matches!(node.kind, NodeKind::UserTask(_)) && self.is_action_flow(node) {
            // One flow is taken, also if no instance took one.
            return Ok(node.outgoing.first().copied().into_iter().collect());
        }
        let flows = &self.definition.process.flows;
        let conditional = |&ix: &FlowIx| flows[ix].condition.is_some() || flows[ix].is_default;
        // A parallel gateway looks at no condition (BPMN 2.0 §13.4.1).
        if matches!(node.kind, NodeKind::ParallelGateway) || !node.outgoing.iter().any(conditional) {
            return Ok(node.outgoing.clone());
        }
        self.ways_by_condition(node, scope, |_| true)
    }

    fn is_action_flow(&self, node: &Node) -> bool {
        node.outgoing.first().is_some_and(|&ix| self.definition.process.flows[ix].action.is_some())
    }

    /// Flows without a condition if `unconditional` says so, flows whose condition holds, else the default one; at least
    /// one, if there is any.
    fn ways_by_condition(&self, node: &Node, scope: LocalNo, unconditional: impl Fn(FlowIx) -> bool) -> Result<Vec<FlowIx>, Stop> {
        if let Some(chosen) = self.chosen(node) {
            return Ok(chosen);
        }
        let flows = &self.definition.process.flows;
        let (mut taken, mut holds) = (Vec::new(), false);
        for &ix in node.outgoing.iter().filter(|&&ix| !flows[ix].is_default) {
            match &flows[ix].condition {
                None => taken.extend(unconditional(ix).then_some(ix)),
                Some(condition) => {
                    if self.holds(condition, node, scope)? {
                        holds = true;
                        taken.push(ix);
                    }
                }
            }
        }
        if !holds {
            taken.extend(node.outgoing.iter().copied().find(|&ix| flows[ix].is_default));
        }
        if taken.is_empty() && !node.outgoing.is_empty() { Err(no_way(node)) } else { Ok(taken) }
    }

    fn holds(&self, condition: &Expression, node: &Node, scope: LocalNo) -> Result<bool, Stop> {
        Ok(match &node.kind {
            NodeKind::ComplexGateway(_) => {
                let over = self.arrivals(node, scope);
                self.definition.rules.condition(condition, &self.names_over(scope, &over))?
            }
            _ => self.definition.rules.condition(condition, &self.names(scope))?,
        })
    }

    /// What an experiment has chosen for a gateway, whatever its conditions say.
    fn chosen(&self, node: &Node) -> Option<Vec<FlowIx>> {
        let chosen = self.context.choices?.get(&node.id)?;
        let flows = &self.definition.process.flows;
        Some(node.outgoing.iter().copied().filter(|&ix| chosen.contains(&flows[ix].id)).collect())
    }

    /// Takes the first outgoing flow whose condition holds, else the default one; merging needs nothing.
    pub(super) fn choose(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.outgoing.is_empty() {
            return self.leave(token);
        }
        if let Some(chosen) = self.chosen(node) {
            return self.take(token, node, scope, &chosen, None);
        }
        let flows = &self.definition.process.flows;
        let mut otherwise = None;
        for &ix in &node.outgoing {
            match &flows[ix].condition {
                _ if flows[ix].is_default => otherwise = otherwise.or(Some(ix)),
                None => return self.leave_with(token, Some(ix), &Map::new()),
                Some(condition) => {
                    if self.holds(condition, node, scope)? {
                        return self.leave_with(token, Some(ix), &Map::new());
                    }
                }
            }
        }
        match otherwise {
            Some(ix) => self.leave_with(token, Some(ix), &Map::new()),
            None => Err(no_way(node)),
        }
    }

    /// Splits as an inclusive gateway does: every flow that is true.
    pub(super) fn split_inclusive(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let flows = self.ways_by_condition(node, scope, |_| true)?;
        self.take(token, node, scope, &flows, None)
    }

    /// Splits as a complex gateway does when it is reset: only flows whose own condition holds now.
    pub(super) fn split_on_reset(&mut self, node: &Node, scope: LocalNo) -> Result<Vec<FlowIx>, Stop> {
        let flows = &self.definition.process.flows;
        let mut taken = Vec::new();
        for &ix in &node.outgoing {
            if let Some(condition) = &flows[ix].condition
                && self.holds(condition, node, scope)?
            {
                taken.push(ix);
            }
        }
        Ok(taken)
    }

    /// Waits until a token stands here for every incoming flow, takes the oldest of each, then splits.
    pub(super) fn join_and_split(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.incoming.len() < 2 {
            return self.leave(token);
        }
        let oldest = self.oldest_by_flow(node, scope);
        let flows = &self.definition.process.flows;
        let Some(arrived) = node.incoming.iter().map(|&ix| oldest.get(flows[ix].id.as_str()).copied()).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let Some(last) = self.merge(&arrived) else { return Ok(()) };
        self.leave(last)
    }

    /// The oldest token at a node for each flow that it came by.
    pub(super) fn oldest_by_flow(&self, node: &Node, scope: LocalNo) -> BTreeMap<String, LocalNo> {
        let mut oldest: BTreeMap<String, LocalNo> = BTreeMap::new();
        for (no, standing) in &self.case.tokens {
            if standing.node == node.id && standing.scope == scope {
                oldest.entry(standing.flow.clone().unwrap_or_default()).or_insert(*no);
            }
        }
        oldest
    }

    /// Takes all but the last of the tokens; the last one is to go on.
    pub(super) fn merge(&mut self, arrived: &[LocalNo]) -> Option<LocalNo> {
        let (last, others) = arrived.split_last()?;
        for &other in others {
            self.clear_incidents(other);
            self.emit(Event::TokenTaken { token: other, completed: false });
        }
        Some(*last)
    }

    /// An event-based gateway waits for the first of the events behind it (BPMN 2.0 §13.4.4).
    pub(super) fn wait_for_first(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let process = &self.definition.process;
        for &flow in &node.outgoing {
            let event = &process.nodes[process.flows[flow].to];
            let waiter = Waiter::Token { token, node: event.id.clone() };
            match (&event.kind, &event.awaits) {
                (NodeKind::CatchEvent(trigger), _) => self.arm(trigger, &waiter, scope)?,
                (NodeKind::ReceiveTask(catch), _) | (_, Some(catch)) => self.begin_wait(catch, waiter, scope)?,
                _ => self.arm(&Trigger::Unfinished, &waiter, scope)?,
            }
        }
        Ok(())
    }

    /// An event behind the event-based gateway where `token` stands has happened: the others are not waited for any more.
    pub(super) fn gateway_event(&mut self, token: LocalNo, event: &Node, data: &Map<String, serde_json::Value>) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (gateway, scope) = (self.node(&standing.node)?, standing.scope);
        let process = &self.definition.process;
        let flow = gateway.outgoing.iter().find(|&&flow| process.nodes[process.flows[flow].to].id == event.id);
        let flow = flow.map(|&flow| process.flows[flow].id.clone());
        self.disarm(token);
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(gateway);
        let at_event = self.number();
        self.emit(Event::TokenPlaced { token: at_event, node: event.id.clone(), scope, flow, compensates: None, detour: None });
        self.clocks_on_entry(event)?;
        self.leave_with(at_event, None, data)
    }
}

fn no_way(node: &Node) -> Stop {
    Stop::Failed(Text::new(
        format!("{}：“{}”没有一个条件成立，也没有 otherwise", node.place, node.id),
        format!("{}: no condition of `{}` holds, and it has no otherwise", node.place, node.id),
    ))
}
