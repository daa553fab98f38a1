//! 抄送 and 已阅: who else gets to read, and has read.

use super::super::{Event, LocalNo, Recipient, Rejection, codes, permission, run::Run};
use crate::{definition::Operation, text::Text};

impl Run<'_> {
    /// Copies for others to read; they are told by mail. Nothing waits for them.
    pub(super) fn copy_to(&mut self, no: LocalNo, to: &[String], note: &str) -> Result<(), Rejection> {
        self.may_copy(no)?;
        let node = permission::open_task(&self.case, no)?.node.clone();
        if to.is_empty() {
            return Err(Rejection::new(codes::PERSON_NOT_SUITABLE, Text::new("请选择抄送对象", "choose who gets a copy")));
        }
        for person in to {
            self.known_other(person)?;
            let (copy, by) = (self.number(), self.by());
            self.emit(Event::Copied { copy, node: node.clone(), to: person.clone(), by, note: note.to_owned() });
        }
        let people = &self.context.organisation.people;
        let mail = |id: &String| {
            let person = people.get(id)?;
            Some(Recipient { name: person.name.clone(), mail: person.mail.clone()? })
        };
        let recipients = to.iter().filter_map(mail).collect();
        let subject = format!("抄送：{}", self.case.facts.title);
        let text = if note.is_empty() { subject.clone() } else { note.to_owned() };
        self.notify_plainly(Some(node), recipients, subject, text);
        Ok(())
    }

    pub(super) fn may_copy(&self, no: LocalNo) -> Result<(), Rejection> {
        self.operation_allowed(no, Operation::CopyTo)?;
        permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation).map(drop)
    }

    /// A copy for oneself, or a task that one may do, was read. Reading is not acting: it bars nothing.
    pub(super) fn mark_read(&mut self, no: LocalNo) -> Result<(), Rejection> {
        let Some(person) = self.actor.person().map(str::to_owned) else {
            return Err(permission::refused("只有工作人员可以标记已阅", "only a person may mark as read"));
        };
        let read = match (self.case.copies.get(&no), self.case.tasks.get(&no)) {
            (Some(copy), _) if copy.person == person => copy.read.is_some(),
            (Some(_), _) => return Err(permission::refused("这份抄送不是给您的", "this copy is for somebody else")),
            (None, Some(task)) => {
                permission::holds_task(&self.case, task, &person, self.context.organisation)?;
                task.extra.read_by.contains(&person)
            }
            (None, None) => return Err(Rejection::new(codes::GONE, Text::new("没有这份抄送或任务", "there is no such copy or task"))),
        };
        if !read {
            self.emit(Event::MarkedRead { no, by: person });
        }
        Ok(())
    }
}
