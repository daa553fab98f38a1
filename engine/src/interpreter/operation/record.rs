//! Records what operations did, and the trail that they go back by.

use super::super::{Case, CaseStatus, Event, LocalNo, ROOT, ScopeState, Task, Token};
use super::{CaseCopy, Chosen, Delegation, Signature, Signer, Suspension, Trail};
use crate::time::Moment;

/// The scope in which passing `node` from within `scope` counts: an instance of a repeating task is part of the whole.
fn counts_in(case: &Case, scope: LocalNo, node: &str) -> LocalNo {
    match case.scopes.get(&scope) {
        Some(state) if state.index.is_some() && state.node.as_deref() == Some(node) => state.parent.unwrap_or(scope),
        _ => scope,
    }
}

/// The trail of an open scope; the process's own is kept after it has ended.
fn trail_mut(case: &mut Case, scope: LocalNo) -> Option<&mut Trail> {
    if scope == ROOT { Some(&mut case.trail) } else { case.scopes.get_mut(&scope).map(|state| &mut state.trail) }
}

/// A token left its node in the ordinary way. Doing a step again on a detour leaves the order of passes as it is, and
/// one instance of several is not the whole.
pub(in super::super) fn passed(case: &mut Case, token: &Token) {
    case.passes += 1;
    if token.detour.is_some() || counts_in(case, token.scope, &token.node) != token.scope {
        return;
    }
    let order = case.passes;
    if let Some(trail) = trail_mut(case, token.scope) {
        match trail.get_mut(&token.node) {
            Some(pass) => pass.order = order,
            None => drop(trail.insert(token.node.clone(), super::Pass { order, by: None })),
        }
    }
}

/// A task was completed by somebody.
pub(in super::super) fn completed(case: &mut Case, task: &Task, by: Option<&str>) {
    let scope = counts_in(case, task.scope, &task.node);
    if let Some(trail) = trail_mut(case, scope) {
        trail.entry(task.node.clone()).or_default().by = by.map(str::to_owned);
    }
}

/// Records an operation.
pub(in super::super) fn apply(case: &mut Case, event: &Event, at: Moment) {
    match event {
        Event::PathUndone { scope, nodes } => undo(case, *scope, nodes),
        Event::Copied { copy, node, to, by, note } => {
            let sent = CaseCopy { node: node.clone(), person: to.clone(), by: by.clone(), note: note.clone(), at, read: None };
            case.copies.insert(*copy, sent);
        }
        Event::MarkedRead { no, by } => {
            if let Some(copy) = case.copies.get_mut(no) {
                copy.read.get_or_insert(at);
            } else if let Some(task) = case.tasks.get_mut(no) {
                task.extra.read_by.insert(by.clone());
            }
        }
        Event::CaseSuspended { by, reason } => {
            case.suspended = Some(Suspension { since: at, by: by.clone(), reason: reason.clone() });
        }
        Event::CaseResumed { .. } => case.suspended = None,
        // Whoever called it learns that it did not end by itself.
        Event::CaseTerminated { .. } => case.error = Some(super::TERMINATED.to_owned()),
        Event::CaseReopened { .. } => {
            case.status = CaseStatus::Running;
            case.error = None;
            let ends = std::mem::take(&mut case.ended_at);
            undo(case, ROOT, &ends);
            case.scopes.insert(ROOT, ScopeState::default());
        }
        _ => on_task(case, event, at),
    }
}

fn undo(case: &mut Case, scope: LocalNo, nodes: &[String]) {
    for node in nodes {
        if let Some(trail) = trail_mut(case, scope) {
            trail.remove(node);
        }
        // Who did a step stays known, for four eyes.
        if case.passed.get(node).is_some_and(|passed| passed.by.is_empty()) {
            case.passed.remove(node);
        }
    }
}

fn on_task(case: &mut Case, event: &Event, at: Moment) {
    let (Event::TaskDelegated { task, .. }
    | Event::TaskGivenBack { task, .. }
    | Event::SignerAdded { task, .. }
    | Event::SignerRemoved { task, .. }
    | Event::ActionChosen { task, .. }
    | Event::ActionLifted { task }
    | Event::TaskSigned { of: task, .. }) = event
    else {
        return;
    };
    // Who worked on a step has done it, as far as four eyes are concerned.
    if let Event::TaskGivenBack { by: Some(worker), acted_for, .. } = event
        && let Some((node, from)) =
            case.tasks.get(task).map(|task| (task.node.clone(), task.extra.delegated.as_ref().map(|d| d.from.clone())))
        && from.as_ref() != Some(acted_for.as_ref().unwrap_or(worker))
    {
        case.passed.entry(node).or_default().by.extend(std::iter::once(worker).chain(acted_for).cloned());
    }
    if let Event::TaskSigned { task: own, node, person, by, .. } = event {
        case.tasks.remove(own);
        case.passed.entry(node.clone()).or_default().by.extend(std::iter::once(person).chain(by).cloned());
    }
    let Some(task) = case.tasks.get_mut(task) else { return };
    match event {
        Event::TaskDelegated { to, by, .. } => {
            task.extra.delegated = by.clone().map(|from| Delegation { from });
            task.assignee = Some(to.clone());
            task.extra.acted_for = None;
        }
        Event::TaskGivenBack { .. } => {
            if let Some(delegation) = task.extra.delegated.take() {
                task.assignee = Some(delegation.from);
            }
        }
        Event::SignerAdded { person, way, by, .. } => {
            task.extra.signers.push(Signer { person: person.clone(), way: *way, by: by.clone(), signed: None });
        }
        Event::SignerRemoved { person, .. } => task.extra.signers.retain(|signer| signer.person != *person || signer.signed.is_some()),
        Event::ActionChosen { action, by, acted_for, .. } => {
            task.extra.chosen = Some(Chosen { action: action.clone(), by: by.clone(), acted_for: acted_for.clone() });
        }
        Event::ActionLifted { .. } => {
            task.extra.chosen = None;
            task.extra.lifted = task.extra.signers.len();
        }
        Event::TaskSigned { person, agrees, opinion, .. } => {
            let waiting = task.extra.signers.iter_mut().find(|signer| signer.person == *person && signer.signed.is_none());
            if let Some(signer) = waiting {
                signer.signed = Some(Signature { agrees: *agrees, opinion: opinion.clone(), at });
            }
        }
        _ => {}
    }
}
