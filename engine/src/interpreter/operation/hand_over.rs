//! Who has a task: claim and release, 转办 transfer, 催办 urge.

use super::super::{Actor, Event, LocalNo, Rejection, permission, run::Run};
use crate::definition::Operation;

impl Run<'_> {
    pub(super) fn claim(&mut self, no: LocalNo) -> Result<(), Rejection> {
        let standing = permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation)?;
        let acted_for = standing.absent().map(str::to_owned);
        self.free(no)?;
        let person = self.by();
        if self.case.tasks.get(&no).and_then(|task| task.assignee.clone()) != person {
            self.emit(Event::TaskAssigned { task: no, person: person.clone(), by: person, reason: None, acted_for });
        }
        Ok(())
    }

    pub(super) fn release(&mut self, no: LocalNo) -> Result<(), Rejection> {
        permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation)?;
        self.free(no)?;
        let by = self.by();
        self.emit(Event::TaskAssigned { task: no, person: None, by, reason: None, acted_for: None });
        Ok(())
    }

    /// 转办: to another holder of the task's post.
    pub(super) fn transfer(&mut self, no: LocalNo, to: &str, reason: &str) -> Result<(), Rejection> {
        self.workable(no, Operation::Transfer)?;
        let receiver = Actor::Person(to.to_owned());
        let mut freed = self.case.clone();
        if let Some(task) = freed.tasks.get_mut(&no) {
            task.assignee = None;
        }
        let standing = permission::may_complete(self.definition, &freed, no, &receiver, self.context.organisation)?;
        let (by, acted_for) = (self.by(), standing.absent().map(str::to_owned));
        self.emit(Event::TaskAssigned { task: no, person: Some(to.to_owned()), by, reason: Some(reason.to_owned()), acted_for });
        Ok(())
    }

    /// 催办.
    pub(super) fn urge(&mut self, no: LocalNo, note: &str) -> Result<(), Rejection> {
        self.may_urge(no)?;
        let by = self.by();
        let task = permission::open_task(&self.case, no)?;
        let to = self.people_at(&task.post);
        let node = task.node.clone();
        let subject = format!("催办：{}", self.case.facts.title);
        self.emit(Event::TaskUrged { task: no, by, note: note.to_owned() });
        let text = if note.is_empty() { subject.clone() } else { note.to_owned() };
        self.notify_plainly(Some(node), to, subject, text);
        Ok(())
    }

    pub(super) fn may_urge(&self, no: LocalNo) -> Result<(), Rejection> {
        self.operation_allowed(no, Operation::Urge)?;
        permission::may_urge(&self.case, permission::open_task(&self.case, no)?, self.actor, self.context.organisation)
    }
}
