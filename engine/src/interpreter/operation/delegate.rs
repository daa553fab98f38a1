//! 委派: somebody else does the work of a task and gives it back to who answers for it.

use super::super::{Event, LocalNo, Rejection, codes, permission, run::Run};
use crate::{definition::Operation, organisation::Standing, text::Text};

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
        let acted_for = self.may_give_back(no)?.absent().map(str::to_owned);
        let by = self.by();
        self.emit(Event::TaskGivenBack { task: no, by, note: note.to_owned(), acted_for });
        Ok(())
    }

    fn may_give_back(&self, no: LocalNo) -> Result<Standing<'_>, Rejection> {
        let task = permission::open_task(&self.case, no)?;
        let Some(delegation) = &task.extra.delegated else {
            return Err(Rejection::new(codes::NOT_DELEGATED, Text::new("任务没有委派给他人", "the task is not delegated")));
        };
        let mut either = [Some(delegation.from.as_str()), task.assignee.as_deref()].into_iter().flatten();
        let standing = either.find_map(|who| permission::is_or_stands_in_for(&self.case, self.actor, who, self.context.organisation));
        standing.ok_or_else(|| permission::refused("只有受委派人和委派人可以交还", "only the delegate and who delegated may give it back"))
    }
}
