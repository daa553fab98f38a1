//! 委派: somebody else does the work of a task and gives it back to who answers for it.

use super::super::{Event, LocalNo, Rejection, codes, permission, run::Run};
use crate::{definition::Operation, text::Text};

impl Run<'_> {
    /// The task is with `to` until it is given back. Whoever may not do the step may not do it as a delegate either.
    pub(super) fn delegate(&mut self, no: LocalNo, to: &str, reason: &str) -> Result<(), Rejection> {
        self.workable(no, Operation::Delegate)?;
        self.could_do(no, to)?;
        let by = self.by();
        self.emit(Event::TaskDelegated { task: no, to: to.to_owned(), by, reason: reason.to_owned() });
        Ok(())
    }

    /// The delegate gives the task back, or who delegated it calls it back.
    pub(super) fn give_back(&mut self, no: LocalNo, note: &str) -> Result<(), Rejection> {
        self.may_give_back(no)?;
        let by = self.by();
        self.emit(Event::TaskGivenBack { task: no, by, note: note.to_owned() });
        Ok(())
    }

    pub(super) fn may_give_back(&self, no: LocalNo) -> Result<(), Rejection> {
        let task = permission::open_task(&self.case, no)?;
        let Some(delegation) = &task.extra.delegated else {
            return Err(Rejection::new(codes::NOT_DELEGATED, Text::new("任务没有委派给他人", "the task is not delegated")));
        };
        let person = self.actor.person();
        if person == Some(delegation.from.as_str()) || person.is_some() && person == task.assignee.as_deref() {
            return Ok(());
        }
        Err(permission::refused("只有受委派人和委派人可以交还", "only the delegate and who delegated may give it back"))
    }
}
