//! Tokens, looked at from outside: an inclusive join stands only while a token can still come, and goes on only when none
//! can; a multi-instance goes on only when enough of it is done; a job that was answered is over.

use std::collections::{BTreeMap, BTreeSet};

use tongban_engine::{
    definition::{Completion, FlowIx, NodeIx, NodeKind, Process},
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

/// A multi-instance of which all must be done goes on only when all are.
pub(crate) fn enough_is_done(process: &Process, case: &Case, event: &Event) -> Checked {
    let Event::TokenTaken { token, completed: true } = event else { return Ok(()) };
    let Some(token) = case.tokens.get(token) else { return Ok(()) };
    let all = process.node(&token.node).and_then(|node| node.multi_instance.as_ref());
    let all = all.is_some_and(|multi| matches!(multi.complete, Completion::All) && multi.vote.is_none());
    match &token.instances {
        Some(counts) if all && counts.completed < counts.total => {
            Err(format!("`{}` goes on after {} of {}", token.node, counts.completed, counts.total))
        }
        _ => Ok(()),
    }
}

/// What one command did, as far as it goes by: the ways by which tokens came to the joins that it merged (the last token
/// goes on, those before it are taken away), and the jobs that were answered.
#[derive(Debug, Default)]
pub(crate) struct Course {
    joins: BTreeMap<(LocalNo, NodeIx), BTreeSet<String>>,
    answered: BTreeSet<LocalNo>,
}

impl Course {
    /// An answered job is not cancelled besides.
    pub(crate) fn see_jobs(&mut self, event: &Event) -> Checked {
        match event {
            Event::JobAnswered { job, .. } => drop(self.answered.insert(*job)),
            Event::JobCancelled { job } if self.answered.contains(job) => return Err(format!("the answered job {job} is cancelled")),
            _ => {}
        }
        Ok(())
    }

    /// No inclusive join goes on while a token can come by a way that is still empty, and by none that is filled.
    pub(crate) fn see(&mut self, process: &Process, case: &Case, event: &Event) -> Checked {
        let Event::TokenTaken { token, completed } = event else { return Ok(()) };
        let Some((join, scope)) = join_of(process, case, *token) else { return Ok(()) };
        let came = self.joins.entry((scope, join)).or_default();
        let here = case.tokens.values().filter(|token| token.scope == scope && process.by_id.get(&token.node) == Some(&join));
        came.extend(here.filter_map(|token| token.flow.clone()));
        if !completed {
            return Ok(());
        }
        let came = self.joins.remove(&(scope, join)).unwrap_or_default();
        let (filled, empty): (Vec<FlowIx>, Vec<FlowIx>) =
            process.nodes[join].incoming.iter().partition(|&&flow| came.contains(&process.flows[flow].id));
        let (to_filled, to_empty) = (before(process, join, &filled), before(process, join, &empty));
        match elsewhere(process, case, join, scope).find(|at| to_empty.contains(at) && !to_filled.contains(at)) {
            Some(at) => Err(format!("`{}` goes on although a token at `{}` can come", process.nodes[join].id, process.nodes[at].id)),
            None => Ok(()),
        }
    }
}
