//! Inclusive joins, looked at from outside: one stands only while a token can still come, and goes on only when none can.

use std::collections::{BTreeMap, BTreeSet};

use tongban_engine::{
    definition::{FlowIx, NodeIx, NodeKind, Process},
    interpreter::{Case, Event, LocalNo},
};

use super::town::Checked;

/// A token of a case that lies at an inclusive join.
fn join_of(process: &Process, case: &Case, token: LocalNo) -> Option<(NodeIx, LocalNo)> {
    let token = case.tokens.get(&token)?;
    let ix = *process.by_id.get(&token.node)?;
    let node = &process.nodes[ix];
    (matches!(node.kind, NodeKind::InclusiveGateway) && node.incoming.len() > 1).then_some((ix, token.scope))
}

/// Nodes from which one of `flows` can be reached without passing `join`.
fn before(process: &Process, join: NodeIx, flows: &[FlowIx]) -> BTreeSet<NodeIx> {
    let mut ahead: Vec<NodeIx> = flows.iter().map(|&flow| process.flows[flow].from).collect();
    let mut seen = BTreeSet::new();
    while let Some(ix) = ahead.pop() {
        if ix != join && seen.insert(ix) {
            ahead.extend(process.nodes[ix].incoming.iter().map(|&flow| process.flows[flow].from));
            // what waits at an activity leaves it by its boundary as well
            if let NodeKind::BoundaryEvent(event) = &process.nodes[ix].kind {
                ahead.push(event.attached_to);
            }
        }
    }
    seen
}

/// Where the tokens stand that may still go somewhere in a scope, those at `join` left out.
fn elsewhere<'a>(process: &'a Process, case: &'a Case, join: NodeIx, scope: LocalNo) -> impl Iterator<Item = NodeIx> + 'a {
    let goes =
        move |token: &&tongban_engine::interpreter::Token| token.scope == scope && token.compensates.is_none() && token.detour.is_none();
    case.tokens.values().filter(goes).filter_map(|token| process.by_id.get(&token.node).copied()).filter(move |&ix| ix != join)
}

/// No token stands at an inclusive join that nothing can come to any more.
pub(crate) fn none_waits_in_vain(process: &Process, case: &Case) -> Checked {
    for (no, token) in &case.tokens {
        let Some((join, scope)) = join_of(process, case, *no) else { continue };
        let stuck = case.incidents.values().any(|incident| incident.token == *no);
        let behind = before(process, join, &process.nodes[join].incoming);
        if !stuck && !elsewhere(process, case, join, scope).any(|at| behind.contains(&at)) {
            return Err(format!("a token waits at `{}`, and nothing can come there any more", token.node));
        }
    }
    Ok(())
}

/// The joins of one command, as their tokens are merged: the last one goes on, those before it are taken away.
#[derive(Debug, Default)]
pub(crate) struct Merging(BTreeMap<(LocalNo, NodeIx), BTreeSet<String>>);

impl Merging {
    /// No inclusive join goes on while a token can come by a way that is still empty, and by none that is filled.
    pub(crate) fn see(&mut self, process: &Process, case: &Case, event: &Event) -> Checked {
        let Event::TokenTaken { token, completed } = event else { return Ok(()) };
        let Some((join, scope)) = join_of(process, case, *token) else { return Ok(()) };
        let came = self.0.entry((scope, join)).or_default();
        let here = case.tokens.values().filter(|token| token.scope == scope && process.by_id.get(&token.node) == Some(&join));
        came.extend(here.filter_map(|token| token.flow.clone()));
        if !completed {
            return Ok(());
        }
        let came = self.0.remove(&(scope, join)).unwrap_or_default();
        let (filled, empty): (Vec<FlowIx>, Vec<FlowIx>) =
            process.nodes[join].incoming.iter().partition(|&&flow| came.contains(&process.flows[flow].id));
        let (to_filled, to_empty) = (before(process, join, &filled), before(process, join, &empty));
        match elsewhere(process, case, join, scope).find(|at| to_empty.contains(at) && !to_filled.contains(at)) {
            Some(at) => Err(format!("`{}` goes on although a token at `{}` can come", process.nodes[join].id, process.nodes[at].id)),
            None => Ok(()),
        }
    }
}
