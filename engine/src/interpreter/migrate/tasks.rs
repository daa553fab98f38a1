//! Open tasks: whom they fall to, and by when.

use super::{
    super::{Event, LocalNo, Task, run::Stop},
    Migration, Reason, reasons,
};
use crate::{
    calendar::Due,
    definition::{Definition, NodeKind, UserTask},
    organisation::Post,
    text::Text,
};

impl Migration<'_> {
    /// Where the versions would say otherwise today whose a task is or how long it may take, the new one is followed:
    /// the limit counts from when the task was opened.
    pub(super) fn tasks(&mut self) {
        let open: Vec<(LocalNo, Task)> = self.run.case.tasks.iter().map(|(no, task)| (*no, task.clone())).collect();
        for (no, task) in open {
            let (Some(old), Some(new)) = (self.old_node(task.token), self.new_node(task.token)) else { continue };
            let (NodeKind::UserTask(old), NodeKind::UserTask(new)) = (&old.kind, &new.kind) else { continue };
            // Who was added to sign signs, whatever the step says of itself.
            if task.extra.signs.is_some() {
                continue;
            }
            if let Some(chosen) = task.extra.chosen.as_ref().filter(|chosen| !new.actions.contains_key(&chosen.action)) {
                let (node, action) = (&task.node, &chosen.action);
                let message = Text::new(
                    format!("“{node}”已选定“{action}”待会签，新版本没有这个处理"),
                    format!("`{action}` was chosen at `{node}` and waits for signers; the new version does not offer it"),
                );
                self.refuse(Reason::refused(reasons::ACTION_GONE, Some(node), message));
                continue;
            }
            match self.post(old, new, &task) {
                Ok(post) => self.task(no, &task, old, new, post),
                Err(reason) => self.refuse(reason),
            }
        }
    }

    fn post(&self, old: &UserTask, new: &UserTask, task: &Task) -> Result<Post, Reason> {
        let before = self.before.post_of(old, task.scope).ok();
        match self.run.post_of(new, task.scope) {
            Ok(post) if before.as_ref() == Some(&post) => Ok(task.post.clone()),
            Ok(post) => Ok(post),
            Err(_) if before.is_none() => Ok(task.post.clone()),
            Err(Stop::Failed(message)) => Err(Reason::refused(reasons::POST_FAILS, Some(&task.node), message)),
            Err(Stop::Refused(rejection)) => Err(Reason::refused(reasons::POST_FAILS, Some(&task.node), rejection.message)),
        }
    }

    fn task(&mut self, no: LocalNo, task: &Task, old: &UserTask, new: &UserTask, post: Post) {
        let due = |definition: &Definition, declared: &UserTask| -> Option<Due> {
            declared.due.map(|limit| definition.calendar.due(task.opened_at, limit))
        };
        let (before, after) = (due(self.versions.old, old), due(self.versions.new, new));
        let same_limit = before == after && old.due == new.due;
        let (limit, at, provisional) = if same_limit {
            (task.limit, task.due, task.provisional)
        } else {
            (new.due, after.map(|due| due.at), after.is_some_and(|due| due.provisional))
        };
        if same_limit && post == task.post {
            return;
        }
        let other = post != task.post && task.extra.delegated.is_none();
        let holds = task.assignee.as_ref().is_none_or(|person| self.run.does_work_of(person, &post));
        self.run.emit(Event::TaskMoved { task: no, post, due: at, provisional, limit });
        if other && !holds {
            let reason = Some("the task falls to another post".to_owned());
            self.run.emit(Event::TaskAssigned { task: no, person: None, by: None, reason, acted_for: None });
        }
    }
}
