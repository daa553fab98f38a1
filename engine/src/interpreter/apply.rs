//! Records what happened; decides nothing, cannot fail.

use serde_json::{Map, Value};

use super::{
    Call, Case, CaseStatus, Compensable, DocumentRef, Event, Incident, Instances, Job, KeptMessage, LocalNo, MaterialGiven, ROOT,
    ScopeState, Task, TaskExtra, Timer, Token, Wait, operation::record,
};
use crate::{
    calendar::{ClockRecord, Pause},
    time::Moment,
};

/// Records `event`, which happened at `at`, on `case`.
///
/// Total: an event that does not fit the case (which `decide` never makes) changes what it can and leaves the rest.
/// `case.seq` counts commands and is the shell's to raise.
pub fn apply(case: &mut Case, event: &Event, at: Moment) {
    if let Some(no) = made(event) {
        case.next = case.next.max(no + 1);
    }
    match event {
        Event::CaseStarted { process, definition, facts } => {
            case.process.clone_from(process);
            case.definition.clone_from(definition);
            case.facts = (**facts).clone();
            case.next = ROOT + 1;
            case.scopes.insert(ROOT, ScopeState::default());
        }
        Event::CaseNamed { number, title } => {
            case.facts.number.clone_from(number);
            case.facts.title.clone_from(title);
        }
        Event::DataSet { scope, values } => set_data(case, *scope, values),
        Event::MaterialsAdded { materials } => add_materials(&mut case.materials, materials),
        Event::ScopeOpened { .. } | Event::ScopeClosed { .. } => apply_scope(case, event),
        Event::TokenPlaced { .. }
        | Event::TokenTaken { .. }
        | Event::InstancesBegun { .. }
        | Event::InstanceVoted { .. }
        | Event::NextInstanceBegun { .. }
        | Event::InstanceCompleted { .. } => {
            apply_token(case, event);
        }
        Event::TaskOpened { .. }
        | Event::TaskAssigned { .. }
        | Event::TaskUrged { .. }
        | Event::TaskCompleted { .. }
        | Event::TaskCancelled { .. } => {
            apply_task(case, event, at);
        }
        Event::TimerSet { .. } | Event::TimerMoved { .. } | Event::TimerFired { .. } | Event::TimerCancelled { .. } => {
            apply_timer(case, event, at);
        }
        Event::WaitBegun { wait, kind, message, key, waiter } => {
            let begun = Wait { kind: *kind, held: false, message: message.clone(), key: key.clone(), waiter: waiter.clone() };
            case.waits.insert(*wait, begun);
        }
        Event::ConditionSeen { wait, holds } => {
            if let Some(wait) = case.waits.get_mut(wait) {
                wait.held = *holds;
            }
        }
        Event::Happened { wait } => drop(case.waits.remove(wait)),
        Event::WaitCancelled { wait } => drop(case.waits.remove(wait)),
        Event::MessageReceived { wait, .. } => {
            if let Some(wait) = wait {
                case.waits.remove(wait);
            }
        }
        Event::MessageKept { message, key, data, materials, until } => case.kept.push(KeptMessage {
            message: message.clone(),
            key: key.clone(),
            data: data.clone(),
            materials: materials.clone(),
            until: *until,
        }),
        Event::KeptMessageGone { message, key } => {
            if let Some(at) = case.kept.iter().position(|kept| kept.message == *message && kept.key == *key) {
                case.kept.remove(at);
            }
        }
        Event::PortalReported { status, .. } => case.portal = Some(*status),
        Event::DocumentMade { document, node, template, name, title, number, hash, .. } => case.documents.push(DocumentRef {
            no: *document,
            node: node.clone(),
            template: template.clone(),
            name: name.clone(),
            title: title.clone(),
            number: number.clone(),
            hash: hash.clone(),
            made_at: at,
        }),
        Event::JobAsked { job, token, node, operation, .. } => {
            case.jobs.insert(*job, Job { token: *token, node: node.clone(), operation: operation.clone(), attempts: 0 });
        }
        Event::JobAnswered { job, .. } | Event::JobCancelled { job } => drop(case.jobs.remove(job)),
        Event::JobFailed { job, .. } => {
            if let Some(job) = case.jobs.get_mut(job) {
                job.attempts += 1;
            }
        }
        Event::ClockStarted { .. }
        | Event::ClockPaused { .. }
        | Event::ClockResumed { .. }
        | Event::ClockExtended { .. }
        | Event::ClockStopped { .. } => {
            apply_clock(case, event, at);
        }
        Event::Migrated { .. }
        | Event::TokenRerouted { .. }
        | Event::TaskMoved { .. }
        | Event::TimerReset { .. }
        | Event::ClockLimited { .. }
        | Event::ClockLaidAside { .. }
        | Event::ClockTakenUp { .. } => super::migrate::apply(case, event),
        Event::CaseEnded { at } => {
            case.status = CaseStatus::Ended;
            case.suspended = None;
            case.ended_at.clone_from(at);
        }
        Event::IncidentRaised { incident, token, node, message } => {
            case.incidents.insert(*incident, Incident { token: *token, node: node.clone(), message: message.clone(), at });
        }
        Event::IncidentCleared { incident } => drop(case.incidents.remove(incident)),
        Event::CallMade { call, token, node, process, .. } => {
            case.calls.insert(*call, Call { token: *token, node: node.clone(), process: process.clone() });
        }
        Event::CallAnswered { call } | Event::CallCancelled { call } => drop(case.calls.remove(call)),
        Event::ErrorUncaught { code } => case.error = Some(code.clone()),
        Event::PathUndone { .. }
        | Event::TaskDelegated { .. }
        | Event::TaskGivenBack { .. }
        | Event::SignerAdded { .. }
        | Event::SignerRemoved { .. }
        | Event::TaskSigned { .. }
        | Event::ActionChosen { .. }
        | Event::ActionLifted { .. }
        | Event::Copied { .. }
        | Event::MarkedRead { .. }
        | Event::CaseSuspended { .. }
        | Event::CaseResumed { .. }
        | Event::CaseTerminated { .. }
        | Event::CaseReopened { .. } => record::apply(case, event, at),
        Event::Compensable { .. }
        | Event::CompensationBegun { .. }
        | Event::CompensationStepped { .. }
        | Event::CancellationBegun { .. }
        | Event::GatewayActivated { .. }
        | Event::GatewayReset { .. }
        | Event::OrderSet { .. } => apply_in_scope(case, event),
        Event::NumberTaken { .. }
        | Event::NoticeSent { .. }
        | Event::MessageSent { .. }
        | Event::ClockWarned { .. }
        | Event::TaskReturned { .. }
        | Event::TaskTakenBack { .. }
        | Event::TokenJumped { .. }
        | Event::CaseRestarted { .. }
        | Event::SignalThrown { .. }
        | Event::ErrorThrown { .. }
        | Event::EscalationThrown { .. }
        | Event::Decided { .. }
        | Event::Logged { .. } => {}
    }
}

/// The local number that an event brings into use.
fn made(event: &Event) -> Option<LocalNo> {
    match event {
        Event::ScopeOpened { scope: no, .. }
        | Event::TokenPlaced { token: no, .. }
        | Event::TaskOpened { task: no, .. }
        | Event::TimerSet { timer: no, .. }
        | Event::TimerReset { timer: no, .. }
        | Event::WaitBegun { wait: no, .. }
        | Event::DocumentMade { document: no, .. }
        | Event::NoticeSent { notice: no, .. }
        | Event::MessageSent { no, .. }
        | Event::JobAsked { job: no, .. }
        | Event::CallMade { call: no, .. }
        | Event::SignalThrown { no, .. }
        | Event::EscalationThrown { no, .. }
        | Event::Copied { copy: no, .. }
        | Event::IncidentRaised { incident: no, .. } => Some(*no),
        _ => None,
    }
}

fn set_data(case: &mut Case, scope: LocalNo, values: &Map<String, Value>) {
    let target = match case.scopes.get_mut(&scope) {
        Some(state) if scope != ROOT => &mut state.locals,
        _ => &mut case.data,
    };
    for (name, value) in values {
        target.insert(name.clone(), value.clone());
    }
}

fn add_materials(have: &mut Vec<MaterialGiven>, given: &[MaterialGiven]) {
    have.retain(|old| !given.iter().any(|new| new.material == old.material));
    have.extend_from_slice(given);
}

fn apply_scope(case: &mut Case, event: &Event) {
    match event {
        Event::ScopeOpened { scope, node, parent, token, locals, index, instances, compensates, done } => {
            let state = ScopeState {
                node: Some(node.clone()),
                parent: Some(*parent),
                token: *token,
                locals: locals.clone(),
                index: *index,
                instances: *instances,
                compensates: *compensates,
                done: done.clone(),
                ..ScopeState::default()
            };
            case.scopes.insert(*scope, state);
        }
        Event::ScopeClosed { scope, .. } => drop(case.scopes.remove(scope)),
        _ => {}
    }
}

fn apply_token(case: &mut Case, event: &Event) {
    match event {
        Event::TokenPlaced { token, node, scope, flow, compensates, detour } => {
            let placed = Token {
                node: node.clone(),
                scope: *scope,
                flow: flow.clone(),
                instances: None,
                compensates: *compensates,
                compensation: Vec::new(),
                detour: *detour,
            };
            case.tokens.insert(*token, placed);
        }
        Event::TokenTaken { token, completed } => {
            if let Some(gone) = case.tokens.remove(token)
                && *completed
            {
                record::passed(case, &gone);
                case.passed.entry(gone.node).or_default().times += 1;
            }
        }
        Event::InstancesBegun { token, total, pending, weights } => {
            if let Some(token) = case.tokens.get_mut(token) {
                let begun = Instances { total: *total, pending: pending.clone(), weights: weights.clone(), ..Instances::default() };
                token.instances = Some(begun);
            }
        }
        Event::InstanceVoted { token, in_favour, weight } => {
            if let Some(instances) = case.tokens.get_mut(token).and_then(|token| token.instances.as_mut()) {
                let side = if *in_favour { &mut instances.in_favour } else { &mut instances.against };
                *side += u64::from(*weight);
            }
        }
        Event::NextInstanceBegun { token } => {
            let instances = case.tokens.get_mut(token).and_then(|token| token.instances.as_mut());
            if let Some(instances) = instances.filter(|instances| !instances.pending.is_empty()) {
                instances.pending.remove(0);
            }
        }
        Event::InstanceCompleted { token } => {
            if let Some(instances) = case.tokens.get_mut(token).and_then(|token| token.instances.as_mut()) {
                instances.completed += 1;
            }
        }
        _ => {}
    }
}

/// What a scope remembers of its inside besides tokens: compensation, complex gateways, order.
fn apply_in_scope(case: &mut Case, event: &Event) {
    match event {
        Event::Compensable { scope, entry } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                scope.done.push(entry.clone());
            }
        }
        Event::CompensationBegun { holder, scope, queue } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                for entry in queue {
                    if let Some(at) = scope.done.iter().rposition(|done| done == entry) {
                        scope.done.remove(at);
                    }
                }
            }
            if let Some(compensation) = compensation_of(case, *holder) {
                compensation.clone_from(queue);
            }
        }
        Event::CompensationStepped { holder } => {
            if let Some(compensation) = compensation_of(case, *holder).filter(|queue| !queue.is_empty()) {
                compensation.remove(0);
            }
        }
        Event::CancellationBegun { scope } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                scope.cancelling = true;
            }
        }
        Event::GatewayActivated { scope, node, flows } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                scope.resetting.insert(node.clone(), flows.clone());
            }
        }
        Event::GatewayReset { scope, node } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                scope.resetting.remove(node);
            }
        }
        Event::OrderSet { scope, later } => {
            if let Some(scope) = case.scopes.get_mut(scope) {
                scope.later.clone_from(later);
            }
        }
        _ => {}
    }
}

/// What a throwing token or a scope still has to compensate.
fn compensation_of(case: &mut Case, holder: LocalNo) -> Option<&mut Vec<Compensable>> {
    match case.tokens.get_mut(&holder) {
        Some(token) => Some(&mut token.compensation),
        None => case.scopes.get_mut(&holder).map(|scope| &mut scope.compensation),
    }
}

fn apply_task(case: &mut Case, event: &Event, at: Moment) {
    match event {
        Event::TaskOpened { task, token, node, scope, post, due, provisional, limit, priority, signs } => {
            let opened = Task {
                token: *token,
                node: node.clone(),
                scope: *scope,
                post: post.clone(),
                assignee: None,
                opened_at: at,
                due: *due,
                provisional: *provisional,
                limit: *limit,
                priority: *priority,
                urged: 0,
                extra: TaskExtra { signs: *signs, ..TaskExtra::default() },
            };
            case.tasks.insert(*task, opened);
        }
        Event::TaskAssigned { task, person, acted_for, .. } => {
            if let Some(task) = case.tasks.get_mut(task) {
                task.assignee.clone_from(person);
                task.extra.acted_for.clone_from(acted_for);
            }
        }
        Event::TaskUrged { task, .. } => {
            if let Some(task) = case.tasks.get_mut(task) {
                task.urged += 1;
            }
        }
        Event::TaskCompleted { task, node, by, acted_for, .. } => {
            if let Some(done) = case.tasks.remove(task) {
                record::completed(case, &done, by.as_deref());
            }
            let passed = case.passed.entry(node.clone()).or_default();
            // Who did it, and for whom: neither may do what has to be separate from it.
            passed.by.extend(by.iter().chain(acted_for).cloned());
        }
        Event::TaskCancelled { task, .. } => drop(case.tasks.remove(task)),
        _ => {}
    }
}

fn apply_timer(case: &mut Case, event: &Event, at: Moment) {
    match event {
        Event::TimerSet { timer, purpose, due, after, provisional, repeat } => {
            let set = Timer { purpose: purpose.clone(), since: at, due: *due, after: *after, provisional: *provisional, repeat: *repeat };
            case.timers.insert(*timer, set);
        }
        Event::TimerMoved { timer, due, provisional } => {
            if let Some(timer) = case.timers.get_mut(timer) {
                timer.due = *due;
                timer.provisional = *provisional;
            }
        }
        Event::TimerFired { timer } | Event::TimerCancelled { timer } => drop(case.timers.remove(timer)),
        _ => {}
    }
}

fn apply_clock(case: &mut Case, event: &Event, at: Moment) {
    if let Event::ClockStarted { clock, from, limit, .. } = event {
        let record = ClockRecord { started: *from, limit: *limit, extensions: Vec::new(), pauses: Vec::new(), stopped: None };
        case.clocks.insert(clock.clone(), record);
        return;
    }
    let (Event::ClockPaused { clock, .. }
    | Event::ClockResumed { clock, .. }
    | Event::ClockExtended { clock, .. }
    | Event::ClockStopped { clock }) = event
    else {
        return;
    };
    let Some(record) = case.clocks.get_mut(clock) else { return };
    match event {
        Event::ClockPaused { reason, .. } => record.pauses.push(Pause { from: at, to: None, reason: reason.clone() }),
        Event::ClockResumed { .. } => {
            if let Some(pause) = record.pauses.iter_mut().rfind(|pause| pause.to.is_none()) {
                pause.to = Some(at);
            }
        }
        Event::ClockExtended { by, reason, .. } => record.extensions.push((at, *by, reason.clone())),
        _ => record.stopped = Some(at),
    }
}
