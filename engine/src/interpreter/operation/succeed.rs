//! 移交: who leaves hands over what waits for her in a case, so that no case is left with nobody.
//!
//! It is done for her by whoever keeps the people, so it asks the system and notes who ordered it; what the process allows
//! on the task does not matter, but who receives it must be one who may do it.

use super::{
    super::{Actor, Event, LocalNo, Rejection, codes, permission, run::Run},
    Task, needs_reason,
};
use crate::{organisation::Standing, text::Text};

impl Run<'_> {
    /// Whatever `from` has to do with the open task goes to `to`: the task, the signature that is asked of her, the wait
    /// for a delegate. What was delegated to her goes back to who delegated it.
    pub(super) fn hand_over(&mut self, no: LocalNo, from: &str, to: &str, by: &str, reason: &str) -> Result<(), Rejection> {
        permission::system(self.actor)?;
        needs_reason(reason)?;
        self.known_other(to)?;
        if from == to {
            return Err(Rejection::new(codes::PERSON_NOT_SUITABLE, Text::new("不能移交给本人", "work is not handed over to oneself")));
        }
        let task = permission::open_task(&self.case, no)?.clone();
        let (by, delegated) = (Some(by.to_owned()), task.extra.delegated.clone().map(|delegation| delegation.from));
        if let Some(signed) = task.extra.signs.filter(|_| task.assignee.as_deref() == Some(from)) {
            self.emit(Event::TaskCancelled { task: no, node: task.node });
            return self.hand_signature(signed, from, to, by, reason);
        }
        if task.extra.signers.iter().any(|signer| signer.person == from && signer.signed.is_none()) {
            let own = self.case.tasks.iter().find(|(_, own)| own.extra.signs == Some(no) && own.assignee.as_deref() == Some(from));
            if let Some((own, node)) = own.map(|(own, task)| (*own, task.node.clone())) {
                self.emit(Event::TaskCancelled { task: own, node });
            }
            self.hand_signature(no, from, to, by.clone(), reason)?;
        }
        match (task.assignee.as_deref(), delegated) {
            (Some(holder), Some(_)) if holder == from => {
                self.emit(Event::TaskGivenBack { task: no, by: None, acted_for: None, note: reason.to_owned() });
            }
            (Some(holder), Some(principal)) if principal == from => {
                let holder = holder.to_owned();
                self.receivable(no, &task, to)?;
                self.emit(Event::TaskGivenBack { task: no, by: None, acted_for: None, note: reason.to_owned() });
                self.emit(Event::TaskAssigned {
                    task: no,
                    person: Some(to.to_owned()),
                    by,
                    acted_for: None,
                    reason: Some(reason.to_owned()),
                });
                if holder != to {
                    self.emit(Event::TaskDelegated { task: no, to: holder, by: Some(to.to_owned()), reason: reason.to_owned() });
                }
            }
            (None, _) | (Some(_), None) if task.assignee.as_deref().is_none_or(|holder| holder == from) => {
                self.receivable(no, &task, to)?;
                self.emit(Event::TaskAssigned {
                    task: no,
                    person: Some(to.to_owned()),
                    by,
                    acted_for: None,
                    reason: Some(reason.to_owned()),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Refuses a receiver who may not do the task: no post, four eyes, kept away.
    fn receivable(&self, no: LocalNo, task: &Task, to: &str) -> Result<(), Rejection> {
        let mut freed = self.case.clone();
        freed.tasks.insert(no, Task { assignee: None, extra: super::TaskExtra::default(), ..task.clone() });
        let receiver = Actor::Person(to.to_owned());
        match permission::may_complete(self.definition, &freed, no, &receiver, self.context.organisation)? {
            Standing::Own => Ok(()),
            // what she may do only for somebody who is away ends with that
            Standing::For(_) => Err(Rejection::new(
                codes::PERSON_NOT_SUITABLE,
                Text::new(
                    "代理人不能接手移交的工作，须由担任该岗位的人接手",
                    "a substitute receives no work for good; it needs a holder of the post",
                ),
            )),
        }
    }

    /// Another one is to sign in her place, at the same time.
    fn hand_signature(&mut self, no: LocalNo, from: &str, to: &str, by: Option<String>, reason: &str) -> Result<(), Rejection> {
        self.could_do(no, to)?;
        let task = permission::open_task(&self.case, no)?;
        let Some(signer) = task.extra.signers.iter().find(|signer| signer.person == from && signer.signed.is_none()).cloned() else {
            return Ok(());
        };
        let waits = task.extra.signers.iter().any(|signer| signer.person == to && signer.signed.is_none());
        let opens = signer.way != super::SignerWay::After || task.extra.chosen.is_some();
        let reason = reason.to_owned();
        self.emit(Event::SignerRemoved { task: no, person: from.to_owned(), by: by.clone(), reason: reason.clone() });
        if !waits {
            self.emit(Event::SignerAdded { task: no, person: to.to_owned(), way: signer.way, by, reason });
            if opens {
                self.open_signing(no, to);
            }
        }
        Ok(())
    }
}
