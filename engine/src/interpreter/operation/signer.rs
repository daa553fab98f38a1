//! 加签 and 减签: further people sign a task before, beside or after its own people's choice.
//!
//! Signers belong to one task, also where the task is one of several instances: they change neither how many instances
//! there are nor when those are complete.

use super::{
    super::{
        Event, LocalNo, Rejection, codes, permission,
        run::{Run, Stop},
    },
    Signer, SignerWay, needs_reason,
};
use crate::{definition::Operation, organisation::Standing, text::Text};

/// Signers that one task can have.
const SIGNERS_MAX: usize = 50;

impl Run<'_> {
    /// Adds signers. Those before and beside get their tasks at once, those after when an action was chosen.
    pub(super) fn add_signers(&mut self, no: LocalNo, to: &[String], way: SignerWay, reason: &str) -> Result<(), Rejection> {
        let task = self.signable(no)?;
        if to.is_empty() || task.extra.signers.len() + to.len() > SIGNERS_MAX {
            return Err(unsuitable("请选择加签人", "choose who is to sign"));
        }
        for person in to {
            self.could_do(no, person)?;
            let waits = |signer: &Signer| signer.person == *person && signer.signed.is_none();
            let task = permission::open_task(&self.case, no)?;
            if task.extra.signers.iter().any(waits) || task.assignee.as_ref() == Some(person) {
                return Err(unsuitable("此人已在办理或签署", "that person works on it or signs it already"));
            }
            let by = self.by();
            self.emit(Event::SignerAdded { task: no, person: person.clone(), way, by, reason: reason.to_owned() });
            if way != SignerWay::After {
                self.open_signing(no, person);
            }
        }
        Ok(())
    }

    /// The task, if signers may be added: also while it waits for others that were added before it.
    pub(super) fn signable(&self, no: LocalNo) -> Result<super::Task, Rejection> {
        self.operation_allowed(no, Operation::AddSigner)?;
        permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation)?;
        let task = permission::open_task(&self.case, no)?.clone();
        match self.free(no) {
            Err(_) if task.extra.delegated.is_none() && task.extra.chosen.is_none() && !self.on_hold_by_detour(no) => Ok(task),
            other => other.map(|()| task),
        }
    }

    fn on_hold_by_detour(&self, no: LocalNo) -> bool {
        self.case.tokens.values().any(|token| token.detour == Some(no))
    }

    /// Opens a signer's own task, at the token of the task that is signed.
    pub(super) fn open_signing(&mut self, no: LocalNo, person: &str) {
        let Some(signed) = self.case.tasks.get(&no).cloned() else { return };
        let task = self.number();
        self.emit(Event::TaskOpened {
            task,
            token: signed.token,
            node: signed.node,
            scope: signed.scope,
            post: signed.post,
            due: signed.due,
            provisional: signed.provisional,
            limit: signed.limit,
            priority: signed.priority,
            signs: Some(no),
        });
        let by = self.by();
        self.emit(Event::TaskAssigned { task, person: Some(person.to_owned()), by, reason: None, acted_for: None });
    }

    /// 减签: somebody who has not signed need not sign any more.
    pub(super) fn remove_signer(&mut self, no: LocalNo, person: &str, reason: &str) -> Result<(), Stop> {
        self.may_remove(no, person)?;
        needs_reason(reason)?;
        let own: Vec<_> = self
            .case
            .tasks
            .iter()
            .filter(|(_, task)| task.extra.signs == Some(no) && task.assignee.as_deref() == Some(person))
            .map(|(no, task)| (*no, task.node.clone()))
            .collect();
        for (task, node) in own {
            self.emit(Event::TaskCancelled { task, node });
        }
        let by = self.by();
        self.emit(Event::SignerRemoved { task: no, person: person.to_owned(), by, reason: reason.to_owned() });
        self.go_on_if_signed(no)
    }

    /// Whether the actor may remove a signer: who added the signer, or who may work on the task.
    pub(super) fn may_remove(&self, no: LocalNo, person: &str) -> Result<(), Rejection> {
        self.operation_allowed(no, Operation::RemoveSigner)?;
        let task = permission::open_task(&self.case, no)?;
        let signer = task.extra.signers.iter().find(|signer| signer.person == person && signer.signed.is_none());
        let signer = signer.ok_or_else(|| {
            Rejection::new(codes::SIGNER_UNKNOWN, Text::new("此人没有待签署的加签", "that person has nothing left to sign here"))
        })?;
        if self.actor.person().is_some() && signer.by.as_deref() == self.actor.person() {
            return Ok(());
        }
        permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation).map(drop)
    }

    /// A signer signs. An objection lifts a choice that was made; the task's own people decide again.
    pub(super) fn sign(&mut self, no: LocalNo, agrees: bool, opinion: &str) -> Result<(), Stop> {
        let (of, standing) = self.may_sign(no)?;
        let by = standing.absent().and(self.actor.person()).map(str::to_owned);
        if !agrees {
            needs_reason(opinion)?;
        }
        let task = permission::open_task(&self.case, no)?;
        let (node, person) = (task.node.clone(), task.assignee.clone().unwrap_or_default());
        self.emit(Event::TaskSigned { task: no, of, node, person, agrees, opinion: opinion.to_owned(), by });
        self.go_on_if_signed(of)
    }

    /// The task that a signer's own is for, and for whom the actor signs: herself, or a signer who is away.
    fn may_sign(&self, no: LocalNo) -> Result<(LocalNo, Standing<'_>), Rejection> {
        let task = permission::open_task(&self.case, no)?;
        let Some(of) = task.extra.signs else {
            return Err(Rejection::new(codes::OPERATION_NOT_ALLOWED, Text::new("这不是加签任务", "this is no signer's task")));
        };
        let refused = || permission::refused("只有加签人本人可以签署", "only the signer may sign");
        let signer = task.assignee.as_deref().ok_or_else(refused)?;
        let standing = permission::is_or_stands_in_for(&self.case, self.actor, signer, self.context.organisation).ok_or_else(refused)?;
        Ok((of, standing))
    }

    /// Whether an action that was chosen has to wait for signers; those after get their tasks now.
    pub(in super::super) fn waits_for_signers(&mut self, no: LocalNo, action: &str, acted_for: Option<&str>) -> bool {
        let Some(task) = self.case.tasks.get(&no) else { return false };
        let waiting: Vec<Signer> = task.extra.signers.iter().filter(|signer| signer.signed.is_none()).cloned().collect();
        if waiting.is_empty() {
            return false;
        }
        let by = self.by();
        self.emit(Event::ActionChosen { task: no, action: action.to_owned(), by, acted_for: acted_for.map(str::to_owned) });
        for signer in waiting.iter().filter(|signer| signer.way == SignerWay::After) {
            self.open_signing(no, &signer.person);
        }
        true
    }

    /// Once nobody is left to sign: the chosen action is taken, or lifted if a signer of it objected.
    fn go_on_if_signed(&mut self, no: LocalNo) -> Result<(), Stop> {
        let Some(task) = self.case.tasks.get(&no) else { return Ok(()) };
        let Some(chosen) = task.extra.chosen.clone() else { return Ok(()) };
        if task.extra.signers.iter().any(|signer| signer.signed.is_none()) {
            return Ok(());
        }
        let objects = |signer: &Signer| signer.way != SignerWay::Before && signer.signed.as_ref().is_some_and(|signed| !signed.agrees);
        let since = task.extra.lifted;
        if task.extra.signers.iter().skip(since).any(objects) {
            self.emit(Event::ActionLifted { task: no });
            return Ok(());
        }
        self.complete_by(no, &chosen.action, chosen.by, chosen.acted_for)
    }
}

fn unsuitable(zh: &str, en: &str) -> Rejection {
    Rejection::new(codes::PERSON_NOT_SUITABLE, Text::new(zh, en))
}
