//! Where a case stands, as the beginning of a play.

use std::collections::BTreeSet;

use super::{
    net::PartNet,
    state::{Frame, Holder, Mark},
};
use crate::{
    definition::{Node, NodeIx, NodeKind, Process},
    interpreter::{Case, LocalNo, ROOT, ScopeState, Token},
};

/// The states that a case's marking stands for. Of an activity with an inside that is done for several instances at once
/// one instance is played, as everywhere here; every instance is the one in one of the states.
pub(super) fn of_case(net: &PartNet<'_>, case: &Case) -> Vec<Frame> {
    let mut by_token = std::collections::BTreeMap::new();
    case.scopes.values().filter_map(|scope| scope.token).for_each(|token| *by_token.entry(token).or_insert(0_usize) += 1);
    let variants = by_token.values().max().copied().unwrap_or(1).max(1);
    let frames: BTreeSet<Frame> =
        (0..variants).map(|variant| Marking { net, process: net.process, case, variant }.frame(ROOT, Holder::Case, 0)).collect();
    frames.into_iter().collect()
}

struct Marking<'a, 'p> {
    net: &'a PartNet<'p>,
    process: &'p Process,
    case: &'a Case,
    /// Which of several instances is played.
    variant: usize,
}

impl Marking<'_, '_> {
    fn frame(&self, no: LocalNo, holder: Holder, inside: usize) -> Frame {
        let mut frame = Frame::new(holder, inside);
        for (token_no, token) in self.case.tokens.iter().filter(|(_, token)| token.scope == no && moves(token)) {
            self.token(&mut frame, *token_no, token);
        }
        let Some(scope) = self.case.scopes.get(&no) else { return frame };
        self.remembered(&mut frame, scope, inside);
        for (inner, state) in self.case.scopes.iter().filter(|(_, state)| state.parent == Some(no) && state.token.is_none()) {
            let Some((ix, node)) = state.node.as_deref().and_then(|id| self.node(id)) else { continue };
            let Some(part) = node.kind.inside() else { continue };
            let holder = if state.compensates.is_some() { Holder::Handler(ix) } else { Holder::Event(ix) };
            if matches!(&node.kind, NodeKind::EventSubProcess(event) if !event.interrupting) {
                frame.set(Mark::fired(ix));
            }
            frame.open(self.frame(*inner, holder, part));
        }
        frame
    }

    fn node(&self, id: &str) -> Option<(NodeIx, &Node)> {
        self.process.by_id.get(id).map(|&ix| (ix, &self.process.nodes[ix]))
    }

    /// A token at an activity with an open inside is that inside; else it stands on its flow or at its node.
    fn token(&self, frame: &mut Frame, no: LocalNo, token: &Token) {
        let Some((ix, node)) = self.node(&token.node) else { return };
        if let Some(part) = node.kind.inside() {
            let open: Vec<LocalNo> = self.case.scopes.iter().filter(|(_, scope)| scope.token == Some(no)).map(|(no, _)| *no).collect();
            if let Some(&inner) = open.get(self.variant.min(open.len().saturating_sub(1))) {
                return frame.open(self.frame(inner, Holder::Activity(ix), part));
            }
        }
        let came = token.flow.as_ref().and_then(|id| node.incoming.iter().copied().find(|&flow| self.process.flows[flow].id == *id));
        frame.add(came.map_or(Mark::at(ix), Mark::flow));
    }

    /// What a scope remembers besides tokens.
    fn remembered(&self, frame: &mut Frame, scope: &ScopeState, inside: usize) {
        for entry in &scope.done {
            if let Some((ix, _)) = self.node(&entry.node).filter(|(ix, _)| self.net.handler(*ix).is_some()) {
                frame.set(Mark::done(ix));
            }
        }
        for (node, used) in &scope.resetting {
            let Some((_, node)) = self.node(node) else { continue };
            let flows = node.incoming.iter().copied().filter(|&flow| used.contains(&self.process.flows[flow].id));
            flows.for_each(|flow| frame.set(Mark::used(flow)));
        }
        if scope.cancelling {
            frame.set(Mark::Cancelling);
        }
        let orphans = &self.process.scopes[inside].orphans;
        if let Some(position) = scope.later.first().and_then(|next| orphans.iter().position(|&ix| self.process.nodes[ix].id == *next)) {
            frame.set(Mark::later(position));
        }
    }
}

/// A token that undoes something, or does a step again, vanishes when that is done.
fn moves(token: &Token) -> bool {
    token.compensates.is_none() && token.detour.is_none()
}
