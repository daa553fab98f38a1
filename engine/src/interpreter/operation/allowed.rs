//! What an actor may do with a case besides the actions of its tasks, said beforehand: each operation and target is
//! decided on a copy, by the very code that carries it out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{Actor, Ask, Case, CaseStatus, Command, Context, Event, LocalNo, Rejection, decide, permission, run::Run};
use super::{SignerWay, path::is_step};
use crate::{
    definition::{Definition, NodeIx, Operation, ResumeWay},
    organisation::{Organisation, Standing},
    time::Moment,
};

/// Stands for the words that an operation needs while it is only looked at.
const SOME_REASON: &str = "…";

/// One operation with one target: whether it is allowed, and what it would cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AllowedOperation {
    /// The dialect's word for it; also `claim`, `release`, `giveBack`, `sign`.
    pub operation: &'static str,
    /// The task that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<LocalNo>,
    /// The token that would jump.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<LocalNo>,
    /// A step's node id; a clock's id; the person of a signer who would be removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// How the case goes on after a return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<ResumeWay>,
    /// Why it is refused; None: it is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Rejection>,
    /// What it would cause.
    pub causes: Consequences,
    /// Whether it needs a reason.
    pub reason: bool,
    /// Whether it needs somebody to be chosen; who cannot be is refused then.
    pub people: bool,
    /// Whether nothing brings back what it takes away: ask once more.
    pub confirm: bool,
}

/// What an operation would take away, begin, and reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Consequences {
    /// Tasks that would be taken away: number → node id.
    pub tasks: BTreeMap<LocalNo, String>,
    /// Timers that would be taken away.
    pub timers: Vec<LocalNo>,
    /// Work asked of machines that would be taken away.
    pub jobs: Vec<LocalNo>,
    /// Called cases that would end.
    pub calls: Vec<LocalNo>,
    /// Node ids of tasks that would be opened.
    pub opens: Vec<String>,
    /// Node ids of steps that would not count as passed any more.
    pub undone: Vec<String>,
    /// Clocks that would pause.
    pub pauses: Vec<String>,
    /// Clocks that would go on.
    pub resumes: Vec<String>,
    /// Clocks that would stop.
    pub stops: Vec<String>,
    /// Data names that would be written.
    pub data: Vec<String>,
    /// Whether the case would end.
    pub ends: bool,
}

impl Consequences {
    /// What these events cause. `definition` tells steps from what is implied.
    pub fn of(definition: &Definition, events: &[Event]) -> Self {
        let mut causes = Self::default();
        let step = |id: &&String| definition.process.node(id).is_some_and(is_step);
        for event in events {
            match event {
                Event::TaskCancelled { task, node } => drop(causes.tasks.insert(*task, node.clone())),
                Event::TimerCancelled { timer } => causes.timers.push(*timer),
                Event::JobCancelled { job } => causes.jobs.push(*job),
                Event::CallCancelled { call } => causes.calls.push(*call),
                Event::TaskOpened { node, .. } => causes.opens.push(node.clone()),
                Event::PathUndone { nodes, .. } => causes.undone.extend(nodes.iter().filter(step).cloned()),
                Event::ClockPaused { clock, .. } => causes.pauses.push(clock.clone()),
                Event::ClockResumed { clock, .. } => causes.resumes.push(clock.clone()),
                Event::ClockStopped { clock } => causes.stops.push(clock.clone()),
                Event::DataSet { values, .. } => causes.data.extend(values.keys().cloned()),
                Event::CaseEnded { .. } => causes.ends = true,
                _ => {}
            }
        }
        causes
    }
}

/// Every operation that there is for `actor` on `case` at `now`, with each target that it could have: allowed, or why
/// not, and what it would cause. Those on tasks are said for each open task that the actor sees: one that she may do,
/// signs, was delegated, or delegated.
pub fn allowed(definition: &Definition, case: &Case, actor: &Actor, organisation: &Organisation, now: Moment) -> Vec<AllowedOperation> {
    let series = BTreeMap::new();
    let context = Context { organisation, series: &series, choices: None };
    let look = Look { definition, case, actor, now, context: &context, run: Run::new(definition, case, actor, now, &context) };
    let mut told = Vec::new();
    for (&no, task) in &case.tasks {
        let person = actor.person();
        let delegated = task.extra.delegated.as_ref().map(|delegation| delegation.from.as_str());
        let mine = person.is_some_and(|person| permission::holds_task(case, task, person, organisation).is_ok())
            || person.is_some() && delegated == person
            || *actor == Actor::System;
        if mine {
            look.on_task(no, &mut told);
        } else {
            told.push(look.ask(Operation::Urge.word(), Some(no), None, Ask::Urge { task: no, note: String::new() }));
        }
    }
    look.on_case(&mut told);
    told
}

/// Whether `actor` may take an action of the open task `no` now, and on whose behalf: as [`super::super::may_complete`], and nothing else is waited
/// for first: the case is not suspended, the task not held, delegated or a signer's.
///
/// # Errors
/// The refusal, with its reason.
pub fn may_act<'o>(
    definition: &Definition,
    case: &Case,
    no: LocalNo,
    actor: &Actor,
    organisation: &'o Organisation,
    now: Moment,
) -> Result<Standing<'o>, Rejection> {
    let standing = permission::may_complete(definition, case, no, actor, organisation)?;
    let series = BTreeMap::new();
    let context = Context { organisation, series: &series, choices: None };
    let run = Run::new(definition, case, actor, now, &context);
    run.not_suspended()?;
    run.free(no)?;
    Ok(standing)
}

/// A case as it is looked at.
struct Look<'a> {
    definition: &'a Definition,
    case: &'a Case,
    actor: &'a Actor,
    now: Moment,
    context: &'a Context<'a>,
    run: Run<'a>,
}

impl Look<'_> {
    /// Decides a command on a copy.
    fn ask(&self, operation: &'static str, task: Option<LocalNo>, target: Option<String>, ask: Ask) -> AllowedOperation {
        let command = Command { case: self.case.id.clone(), key: String::new(), actor: self.actor.clone(), at: self.now, ask };
        let outcome = decide(self.definition, Some(self.case), &command, self.context);
        let confirm = matches!(command.ask, Ask::Terminate { .. } | Ask::Restart { .. } | Ask::Reopen { .. });
        let resume = match command.ask {
            Ask::Return { resume, .. } => resume,
            _ => None,
        };
        let token = match command.ask {
            Ask::Jump { token, .. } => Some(token),
            _ => None,
        };
        let (refused, causes) = match outcome {
            Ok(events) => (None, Consequences::of(self.definition, &events)),
            Err(rejection) => (Some(rejection), Consequences::default()),
        };
        let confirm = confirm || !causes.tasks.is_empty() || !causes.calls.is_empty() || causes.ends;
        AllowedOperation {
            operation,
            task,
            token,
            target,
            resume,
            refused,
            causes,
            reason: needs_reason(operation),
            people: false,
            confirm,
        }
    }

    /// An operation that needs somebody to be chosen: all else is looked at.
    fn with_people(&self, operation: Operation, task: LocalNo) -> AllowedOperation {
        let (word, to) = (operation.word(), Vec::new());
        let reason = SOME_REASON.to_owned();
        let ask = match operation {
            Operation::CopyTo => Ask::CopyTo { task, to, note: reason },
            Operation::AddSigner => Ask::AddSigner { task, to, way: SignerWay::Before, reason },
            _ => Ask::Transfer { task, to: String::new(), reason },
        };
        let outcome = self.run.worked_on(&ask).and_then(|()| match operation {
            Operation::CopyTo => self.run.may_copy(task),
            Operation::AddSigner => self.run.signable(task).map(|_| ()),
            _ => self.run.workable(task, operation).map(|_| ()),
        });
        AllowedOperation {
            operation: word,
            task: Some(task),
            token: None,
            target: None,
            resume: None,
            refused: outcome.err(),
            causes: Consequences::default(),
            reason: needs_reason(word),
            people: true,
            confirm: false,
        }
    }

    fn on_task(&self, no: LocalNo, told: &mut Vec<AllowedOperation>) {
        let task = &self.case.tasks[&no];
        if task.extra.signs.is_some() {
            told.push(self.ask("sign", Some(no), None, Ask::Sign { task: no, agrees: true, opinion: SOME_REASON.to_owned() }));
            return;
        }
        told.push(self.ask("claim", Some(no), None, Ask::Claim { task: no }));
        told.push(self.ask("release", Some(no), None, Ask::Release { task: no }));
        for operation in [Operation::Transfer, Operation::Delegate, Operation::AddSigner, Operation::CopyTo] {
            told.push(self.with_people(operation, no));
        }
        told.push(self.ask("giveBack", Some(no), None, Ask::GiveBack { task: no, note: String::new() }));
        told.push(self.ask(Operation::Urge.word(), Some(no), None, Ask::Urge { task: no, note: String::new() }));
        self.removals(no, told);
        self.returns(no, told);
    }

    fn removals(&self, no: LocalNo, told: &mut Vec<AllowedOperation>) {
        let word = Operation::RemoveSigner.word();
        let signers = self.case.tasks[&no].extra.signers.iter().filter(|signer| signer.signed.is_none());
        let mut people: Vec<String> = signers.map(|signer| signer.person.clone()).collect();
        if people.is_empty() {
            people.push(String::new());
        }
        for person in people {
            let target = Some(person.clone()).filter(|person| !person.is_empty());
            told.push(self.ask(word, Some(no), target, Ask::RemoveSigner { task: no, person, reason: SOME_REASON.to_owned() }));
        }
    }

    /// Each step that was passed on the way, either way of going on.
    fn returns(&self, no: LocalNo, told: &mut Vec<AllowedOperation>) {
        let word = Operation::Return.word();
        let reason = SOME_REASON.to_owned();
        let steps = self.run.steps_before(self.case.tasks[&no].token);
        if steps.is_empty() || self.run.workable(no, Operation::Return).is_err() {
            told.push(self.ask(word, Some(no), None, Ask::Return { task: no, to: None, resume: None, reason }));
            return;
        }
        for (_, step) in steps {
            for resume in [ResumeWay::Through, ResumeWay::Here] {
                let (to, reason) = (Some(self.id(step)), reason.clone());
                told.push(self.ask(word, Some(no), to.clone(), Ask::Return { task: no, to, resume: Some(resume), reason }));
            }
        }
    }

    fn on_case(&self, told: &mut Vec<AllowedOperation>) {
        let reason = || SOME_REASON.to_owned();
        if self.case.status == CaseStatus::Ended {
            let word = Operation::Reopen.word();
            let mut targets: Vec<Option<String>> = self.run.reopenable().into_iter().map(|step| Some(self.id(step))).collect();
            if targets.is_empty() {
                targets.push(None);
            }
            told.extend(targets.into_iter().map(|to| self.ask(word, None, to.clone(), Ask::Reopen { to, reason: reason() })));
            return;
        }
        self.take_backs(told);
        for clock in self.definition.process.clocks.keys() {
            let ask = Ask::ExtendClock { clock: clock.clone(), reason: reason() };
            told.push(self.ask(Operation::ExtendClock.word(), None, Some(clock.clone()), ask));
        }
        told.push(self.ask(Operation::Suspend.word(), None, None, Ask::Suspend { reason: reason() }));
        told.push(self.ask(Operation::Resume.word(), None, None, Ask::Resume { reason: reason() }));
        told.push(self.ask(Operation::Terminate.word(), None, None, Ask::Terminate { reason: reason() }));
        told.push(self.ask(Operation::Restart.word(), None, None, Ask::Restart { reason: reason() }));
        self.jumps(told);
    }

    fn take_backs(&self, told: &mut Vec<AllowedOperation>) {
        let mut steps: Vec<String> = self.run.own_steps().into_iter().map(|(_, step)| self.id(step)).collect();
        steps.dedup();
        for step in steps {
            let ask = Ask::TakeBack { step: step.clone(), reason: String::new() };
            told.push(self.ask(Operation::TakeBack.word(), None, Some(step), ask));
        }
    }

    /// Each activity where a token waits, with each that it could jump to; the refusal alone for who may not.
    fn jumps(&self, told: &mut Vec<AllowedOperation>) {
        let word = Operation::Jump.word();
        let may = self.run.may_govern(Operation::Jump).is_ok() && self.case.suspended.is_none();
        for (&token, standing) in &self.case.tokens {
            let node = self.definition.process.node(&standing.node);
            if standing.detour.is_some() || !node.is_some_and(|node| node.is_activity() && node.kind.inside().is_none()) {
                continue;
            }
            let ask = |to: String| self.ask(word, None, Some(to.clone()), Ask::Jump { token, to, reason: SOME_REASON.to_owned() });
            if !may {
                told.push(AllowedOperation { target: None, ..ask(String::new()) });
                return;
            }
            told.extend(self.run.jumpable(token).into_iter().map(|(_, target)| ask(self.id(target))));
        }
    }

    fn id(&self, node: NodeIx) -> String {
        self.definition.process.nodes[node].id.clone()
    }
}

/// Whether an operation is refused without a reason.
fn needs_reason(operation: &str) -> bool {
    !matches!(
        operation,
        "claim" | "release" | "giveBack" | "sign" | "urge" | "copyTo" | "takeBack" | "resume" | "transfer" | "delegate" | "addSigner"
    )
}
