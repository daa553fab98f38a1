//! What lies before a token: which nodes it, or those it was joined from, passed on the way. Known from the order of
//! passes in its scope, so that a step of a parallel branch, or of an earlier round of a loop, is told from a step on the
//! way.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Case, LocalNo, ROOT, run::Run};
use super::Trail;
use crate::definition::{Node, NodeIx, NodeKind, Process, Throw, Trigger};

/// Where a token stands, seen from one of the scopes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The open scope.
    pub(super) scope: LocalNo,
    /// The token in that scope: the token itself, or the one around it.
    pub(super) token: LocalNo,
    /// The node where that one stands.
    pub(super) node: NodeIx,
}

/// The trail of an open scope.
pub(super) fn trail(case: &Case, scope: LocalNo) -> Option<&Trail> {
    if scope == ROOT { Some(&case.trail) } else { case.scopes.get(&scope).map(|state| &state.trail) }
}

/// Nodes from which a token can come to `ix` in one step; an activity stands before its boundary events.
fn before(process: &Process, ix: NodeIx) -> Vec<NodeIx> {
    let node = &process.nodes[ix];
    let mut found: Vec<NodeIx> = node.incoming.iter().map(|&flow| process.flows[flow].from).collect();
    match &node.kind {
        NodeKind::BoundaryEvent(event) => found.push(event.attached_to),
        NodeKind::CatchEvent(Trigger::Link(name)) => found.extend((0..process.nodes.len()).filter(|&other| {
            process.nodes[other].scope == node.scope
                && matches!(&process.nodes[other].kind, NodeKind::ThrowEvent(Throw::Link(thrown)) if thrown == name)
        })),
        _ => {}
    }
    found
}

/// The nodes passed on the way to `ix`, with the order of their last pass. `flow` is the one that the token came by.
pub(super) fn past(process: &Process, trail: &Trail, ix: NodeIx, flow: Option<&str>, below: u32) -> BTreeMap<NodeIx, u32> {
    let came = flow.and_then(|flow| process.nodes[ix].incoming.iter().find(|&&other| process.flows[other].id == flow));
    let first = match came {
        Some(&flow) => vec![process.flows[flow].from],
        None => before(process, ix),
    };
    let attached = |ix: NodeIx| match &process.nodes[ix].kind {
        NodeKind::BoundaryEvent(event) => Some(event.attached_to),
        _ => None,
    };
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut ahead: Vec<(NodeIx, NodeIx, u32)> = first.into_iter().map(|from| (from, ix, below)).collect();
    while let Some((at, next, below)) = ahead.pop() {
        let order = trail.get(&process.nodes[at].id).map_or(0, |pass| pass.order);
        let passed = order > 0 && order < below;
        if passed {
            found.insert(at, order);
        }
        // An activity that its boundary event interrupted was entered, though not passed.
        let interrupted = attached(next) == Some(at);
        let below = match (passed, interrupted) {
            (_, true) => below,
            (true, false) => order,
            (false, false) => continue,
        };
        if seen.insert((at, below)) {
            ahead.extend(before(process, at).into_iter().map(|from| (from, at, below)));
        }
    }
    found
}

impl Run<'_> {
    /// The levels of a token, the innermost first, as far as it can go back: not out of an event sub-process, nor out of
    /// what is being compensated.
    pub(super) fn levels(&self, token: LocalNo) -> Vec<Level> {
        let process = &self.definition.process;
        let mut levels = Vec::new();
        let mut at = Some(token);
        while let Some((no, standing)) = at.and_then(|no| self.case.tokens.get(&no).map(|token| (no, token))) {
            let Some(&node) = process.by_id.get(&standing.node) else { break };
            let Some(scope) = self.case.scopes.get(&standing.scope) else { break };
            let undoing = standing.compensates.is_some() || scope.compensates.is_some() || scope.cancelling;
            if undoing {
                break;
            }
            if !self.is_instance(standing.scope, &process.nodes[node]) {
                levels.push(Level { scope: standing.scope, token: no, node });
            }
            at = scope.token;
        }
        levels
    }

    /// The nodes passed on the way to a token, in its own scope.
    pub(super) fn past_of(&self, token: LocalNo) -> BTreeMap<NodeIx, u32> {
        let process = &self.definition.process;
        let Some(standing) = self.case.tokens.get(&token) else { return BTreeMap::new() };
        let (Some(&node), Some(trail)) = (process.by_id.get(&standing.node), trail(&self.case, standing.scope)) else {
            return BTreeMap::new();
        };
        past(process, trail, node, standing.flow.as_deref(), u32::MAX)
    }

    /// Tokens of a scope that move as the process says: neither undoing anything nor on a detour.
    pub(super) fn movers(&self, scope: LocalNo) -> Vec<LocalNo> {
        let moves = |token: &&super::super::Token| token.scope == scope && token.compensates.is_none() && token.detour.is_none();
        self.case.tokens.iter().filter(|(_, token)| moves(token)).map(|(no, _)| *no).collect()
    }

    /// Steps for people that were passed on the way to a token, with their levels: the innermost level first, and there
    /// the last one first.
    pub(super) fn steps_before(&self, token: LocalNo) -> Vec<(Level, NodeIx)> {
        let process = &self.definition.process;
        let mut steps = Vec::new();
        for level in self.levels(token) {
            let mut passed: Vec<(u32, NodeIx)> = self.past_of(level.token).into_iter().map(|(ix, order)| (order, ix)).collect();
            passed.sort_unstable_by(|a, b| b.cmp(a));
            let step = |ix: NodeIx| is_step(&process.nodes[ix]) && ix != level.node;
            steps.extend(passed.into_iter().filter(|&(_, ix)| step(ix)).map(|(_, ix)| (level, ix)));
        }
        steps
    }
}

/// Whether a person does it.
pub(super) fn is_step(node: &Node) -> bool {
    matches!(node.kind, NodeKind::UserTask(_)) && !node.for_compensation
}
