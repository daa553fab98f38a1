//! Joins that are looked at when nothing else can move: inclusive and complex gateways (BPMN 2.0 §13.4.3, §13.4.5).
//!
//! An inclusive join waits exactly while a token that stands elsewhere can still reach one of its empty incoming flows
//! without passing it, unless the same token can also reach one of its filled ones. It is looked at again each time
//! everything else has come to rest, so that a token that died elsewhere, or a scope that was taken away, frees it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::{
    Event, LocalNo,
    run::{Run, Stop},
};
use crate::{
    definition::{FlowIx, Node, NodeIx, NodeKind, Process, Throw, Trigger},
    rules::Expression,
};

/// A join that can go on, with the tokens that it takes.
struct Ready {
    node: NodeIx,
    scope: LocalNo,
    taken: Vec<LocalNo>,
}

impl Run<'_> {
    /// An inclusive gateway with one way in splits at once; a join waits to be looked at.
    pub(super) fn arrive_inclusive(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.incoming.len() > 1 { Ok(()) } else { self.split_inclusive(token, node, scope) }
    }

    /// A complex gateway that waits to start is activated as soon as its condition holds; one that waits to be reset
    /// collects what comes.
    pub(super) fn arrive_complex(
        &mut self,
        token: LocalNo,
        node: &Node,
        activation: Option<&Expression>,
        scope: LocalNo,
    ) -> Result<(), Stop> {
        if node.incoming.len() < 2 {
            return self.split_inclusive(token, node, scope);
        }
        if self.case.scopes.get(&scope).is_some_and(|state| state.resetting.contains_key(&node.id)) {
            return Ok(());
        }
        let over = self.arrivals(node, scope);
        let activated = match activation {
            Some(condition) => self.definition.rules.condition(condition, &self.names_over(scope, &over))?,
            None => true,
        };
        if !activated {
            return Ok(());
        }
        let arrived = self.oldest_by_flow(node, scope);
        let tokens: Vec<LocalNo> = arrived.values().copied().collect();
        let Some(last) = self.merge(&tokens) else { return Ok(()) };
        // The conditions of its outgoing flows are read while it still waits to start.
        self.split_inclusive(last, node, scope)?;
        if self.case.scopes.contains_key(&scope) {
            self.emit(Event::GatewayActivated { scope, node: node.id.clone(), flows: arrived.into_keys().collect() });
        }
        Ok(())
    }

    /// What the conditions of a complex gateway see besides data.
    pub(super) fn arrivals(&self, node: &Node, scope: LocalNo) -> Map<String, Value> {
        let count = self.case.tokens.values().filter(|token| token.scope == scope && token.node == node.id).count();
        let starts = !self.case.scopes.get(&scope).is_some_and(|state| state.resetting.contains_key(&node.id));
        let mut over = Map::new();
        over.insert("activationCount".to_owned(), json!(count));
        over.insert("waitingForStart".to_owned(), json!(starts));
        over
    }

    /// Lets the join that can go on and whose token came first go on; false if there is none.
    pub(in super::super) fn look_at_joins(&mut self) -> Result<bool, super::super::Rejection> {
        let Some(Ready { node, scope, taken }) = self.ready_join() else { return self.reset_gateway() };
        let process = &self.definition.process;
        let node = &process.nodes[node];
        let Some(last) = taken.last().copied() else { return Ok(false) };
        let outcome = self.attempt(|run| match run.merge(&taken) {
            Some(last) => run.split_inclusive(last, node, scope),
            None => Ok(()),
        });
        self.guard(last, outcome)?;
        Ok(true)
    }

    fn ready_join(&self) -> Option<Ready> {
        let mut seen = BTreeSet::new();
        for (no, token) in &self.case.tokens {
            let Some(&ix) = self.definition.process.by_id.get(&token.node) else { continue };
            let node = &self.definition.process.nodes[ix];
            let join = matches!(node.kind, NodeKind::InclusiveGateway) && node.incoming.len() > 1;
            let stuck = self.case.incidents.values().any(|incident| incident.token == *no);
            if !join || stuck || !seen.insert((token.scope, ix)) {
                continue;
            }
            let arrived = self.oldest_by_flow(node, token.scope);
            let missing: Vec<FlowIx> = node.incoming.iter().copied().filter(|&flow| !arrived.contains_key(self.flow_id(flow))).collect();
            if !self.more_can_come(ix, token.scope, &missing) {
                return Some(Ready { node: ix, scope: token.scope, taken: arrived.into_values().collect() });
            }
        }
        None
    }

    fn flow_id(&self, flow: FlowIx) -> &str {
        &self.definition.process.flows[flow].id
    }

    /// Whether a token elsewhere in the scope can still reach one of the flows `missing` without passing the join, and
    /// none of its other incoming flows. Tokens of compensation handlers go nowhere.
    fn more_can_come(&self, join: NodeIx, scope: LocalNo, missing: &[FlowIx]) -> bool {
        let process = &self.definition.process;
        let filled: Vec<FlowIx> = process.nodes[join].incoming.iter().copied().filter(|flow| !missing.contains(flow)).collect();
        let (to_missing, to_filled) = (behind(process, join, missing), behind(process, join, &filled));
        self.case.tokens.values().filter(|token| token.scope == scope && token.compensates.is_none() && token.detour.is_none()).any(
            |token| {
                let Some(&at) = process.by_id.get(&token.node) else { return false };
                at != join && to_missing.contains(&at) && !to_filled.contains(&at)
            },
        )
    }

    /// Resets a complex gateway to which no further token can come; false if there is none.
    fn reset_gateway(&mut self) -> Result<bool, super::super::Rejection> {
        let waiting: Vec<(LocalNo, String, Vec<String>)> = self
            .case
            .scopes
            .iter()
            .flat_map(|(no, state)| state.resetting.iter().map(|(node, flows)| (*no, node.clone(), flows.clone())))
            .collect();
        for (scope, id, used) in waiting {
            let process = &self.definition.process;
            let Some(&ix) = process.by_id.get(&id) else { continue };
            let node = &process.nodes[ix];
            let arrived = self.oldest_by_flow(node, scope);
            let unused: Vec<FlowIx> =
                node.incoming.iter().copied().filter(|&flow| !used.iter().any(|used| used == self.flow_id(flow))).collect();
            let missing: Vec<FlowIx> = unused.iter().copied().filter(|&flow| !arrived.contains_key(self.flow_id(flow))).collect();
            if self.more_can_come(ix, scope, &missing) {
                continue;
            }
            let taken: Vec<LocalNo> = unused.iter().filter_map(|&flow| arrived.get(self.flow_id(flow)).copied()).collect();
            if self.case.incidents.values().any(|incident| taken.contains(&incident.token)) {
                continue;
            }
            self.reset(node, scope, &taken)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn reset(&mut self, node: &Node, scope: LocalNo, taken: &[LocalNo]) -> Result<(), super::super::Rejection> {
        let outcome = self.attempt(|run| {
            // Without a token there is none that an incident could stand at.
            let flows = match run.split_on_reset(node, scope) {
                Err(_) if taken.is_empty() => Vec::new(),
                flows => flows?,
            };
            for &token in taken {
                run.emit(Event::TokenTaken { token, completed: false });
            }
            run.emit(Event::GatewayReset { scope, node: node.id.clone() });
            for flow in flows {
                run.follow(flow, scope);
            }
            // What came in the meantime on flows that were used is for the next round.
            let left: Vec<LocalNo> = run.oldest_by_flow(node, scope).into_values().collect();
            left.into_iter().for_each(|token| run.wake(token));
            run.complete_scope_if_empty(scope)
        });
        let at = taken.last().copied().unwrap_or(scope);
        self.guard(at, outcome)
    }
}

/// Every node from which a token can reach one of `flows` without passing `join`.
pub(in super::super) fn behind(process: &Process, join: NodeIx, flows: &[FlowIx]) -> BTreeSet<NodeIx> {
    let mut found = BTreeSet::new();
    let mut ahead: Vec<NodeIx> = flows.iter().map(|&flow| process.flows[flow].from).collect();
    while let Some(ix) = ahead.pop() {
        if ix == join || !found.insert(ix) {
            continue;
        }
        let node = &process.nodes[ix];
        ahead.extend(node.incoming.iter().map(|&flow| process.flows[flow].from));
        match &node.kind {
            NodeKind::BoundaryEvent(event) => ahead.push(event.attached_to),
            NodeKind::CatchEvent(Trigger::Link(name)) => ahead.extend((0..process.nodes.len()).filter(|&other| {
                matches!(&process.nodes[other].kind, NodeKind::ThrowEvent(Throw::Link(thrown)) if thrown == name)
                    && process.nodes[other].scope == node.scope
            })),
            _ => {}
        }
    }
    found
}
