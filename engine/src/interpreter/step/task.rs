//! User tasks: who gets them, by when, and completing them by an action.

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, Rejection, Task, codes, form_data, permission,
    run::{Run, Stop},
};
use crate::{
    definition::{Node, NodeKind, Priority, PriorityOf, UserTask},
    organisation::Post,
    rules::Expression,
    text::Text,
};

impl Run<'_> {
    /// Opens the task for the holders of its post.
    pub(super) fn open_task(&mut self, token: LocalNo, node: &Node, task: &UserTask, scope: LocalNo) -> Result<(), Stop> {
        let post = self.post_of(task, scope)?;
        let due = task.due.map(|limit| self.definition.calendar.due(self.at, limit));
        let priority = self.priority_of(task, scope)?;
        let no = self.number();
        self.emit(Event::TaskOpened {
            task: no,
            token,
            node: node.id.clone(),
            scope,
            post,
            due: due.map(|due| due.at),
            provisional: due.is_some_and(|due| due.provisional),
            limit: task.due,
            priority,
            signs: None,
        });
        self.give_to_earlier(no, token);
        Ok(())
    }

    /// Opens work that nobody is named for: what an experiment completes by hand.
    pub(super) fn open_unassigned(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.automatic {
            return self.leave(token);
        }
        let task = self.number();
        let node = node.id.clone();
        let (post, priority) = (Post::default(), Priority::default());
        self.emit(Event::TaskOpened { task, token, node, scope, post, due: None, provisional: false, limit: None, priority, signs: None });
        Ok(())
    }

    fn priority_of(&self, task: &UserTask, scope: LocalNo) -> Result<Priority, Stop> {
        let given = match &task.priority {
            None => return Ok(Priority::default()),
            Some(PriorityOf::Fixed(priority)) => return Ok(*priority),
            Some(PriorityOf::Given(expression)) => expression,
        };
        let value = self.definition.rules.evaluate(given, &self.names(scope))?;
        value.as_str().and_then(Priority::from_word).ok_or_else(|| {
            let (place, text, words) = (&given.place, &given.text, Priority::WORDS.join(", "));
            Stop::Failed(Text::new(
                format!("{place}：“{text}”应当给出 {words} 之一，得到的是 {value}"),
                format!("{place}: `{text}` should give one of {words}, but gave {value}"),
            ))
        })
    }

    /// The role and unit that a task falls to now.
    pub(in super::super) fn post_of(&self, task: &UserTask, scope: LocalNo) -> Result<Post, Stop> {
        // In an experiment there is nobody whom a lane could name.
        if self.definition.process.data.open {
            return Ok(Post::default());
        }
        let lane = task.lane.as_ref().and_then(|id| self.definition.process.lanes.get(id));
        if let Some(assign) = &task.assign {
            return Ok(Post { role: assign.role.clone(), unit: self.unit_of(assign.unit.as_ref(), scope)? });
        }
        let Some(lane) = lane else {
            return Err(Stop::Failed(Text::new("任务没有泳道，也没有 assign", "the task has neither lane nor assign")));
        };
        let post = self.post_of_lane(lane, scope)?;
        let applicant = self.case.facts.applicant.person.as_deref();
        let other = |(person, _): (&str, _)| Some(person) != applicant;
        let nobody = !self.context.organisation.workers(&post.role, &post.unit, self.case.matter()).any(other);
        match &lane.fallback {
            Some(role) if nobody => Ok(Post { role: role.clone(), ..post }),
            _ => Ok(post),
        }
    }

    /// The role and unit that a lane stands for now.
    pub(in super::super) fn post_of_lane(&self, lane: &crate::definition::Lane, scope: LocalNo) -> Result<Post, Stop> {
        Ok(Post { role: lane.role.clone(), unit: self.unit_of(lane.unit.as_ref(), scope)? })
    }

    fn unit_of(&self, unit: Option<&Expression>, scope: LocalNo) -> Result<String, Stop> {
        let Some(expression) = unit else { return Ok(self.case.facts.unit.clone()) };
        match self.definition.rules.evaluate(expression, &self.names(scope))? {
            Value::String(unit) if self.context.organisation.units.contains_key(&unit) => Ok(unit),
            other => Err(Stop::Failed(Text::new(
                format!("{}：“{}”应当给出一个机构，得到的是 {other}", expression.place, expression.text),
                format!("{}: `{}` should give a unit, but gave {other}", expression.place, expression.text),
            ))),
        }
    }

    /// Completes a task by one of its actions.
    pub(in super::super) fn complete_task(&mut self, no: LocalNo, action: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let task = permission::open_task(&self.case, no)?.clone();
        let node = self.node(&task.node)?;
        let standing = permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation)?;
        let acted_for = standing.absent().map(str::to_owned);
        self.free(no)?;
        let NodeKind::UserTask(definition) = &node.kind else { return self.complete_unassigned(no, &task, data) };
        let Some(chosen) = definition.actions.get(action) else { return Err(not_offered(action, definition).into()) };
        let errors = form_data::errors(self, &task, definition, chosen, data);
        if !errors.is_empty() {
            return Err(Rejection::form(errors).into());
        }
        let data = form_data::written(self, &task, definition, data);
        if let Some(when) = &chosen.when
            && !self.definition.rules.condition(when, &self.names_over(task.scope, &data))?
        {
            return Err(not_offered(action, definition).into());
        }
        if !data.is_empty() {
            self.write(task.scope, data);
        }
        if self.waits_for_signers(no, action, acted_for.as_deref()) {
            return Ok(());
        }
        let by = self.actor.person().map(str::to_owned);
        self.complete_by(no, action, by, acted_for)
    }

    /// The task is done by this action, by one person for herself or for another; its token goes on.
    pub(in super::super) fn complete_by(
        &mut self,
        no: LocalNo,
        action: &str,
        by: Option<String>,
        acted_for: Option<String>,
    ) -> Result<(), Stop> {
        let task = permission::open_task(&self.case, no)?.clone();
        let flow = match &self.node(&task.node)?.kind {
            NodeKind::UserTask(definition) => definition.actions.get(action).and_then(|chosen| chosen.flow),
            _ => None,
        };
        self.emit(Event::TaskCompleted { task: no, node: task.node, action: action.to_owned(), by, acted_for });
        self.leave_with(task.token, flow, &Map::new())
    }

    /// Completes work that nobody is named for.
    fn complete_unassigned(&mut self, no: LocalNo, task: &Task, data: &Map<String, Value>) -> Result<(), Stop> {
        if !data.is_empty() {
            self.write(task.scope, data.clone());
        }
        let node = task.node.clone();
        self.emit(Event::TaskCompleted { task: no, node, action: "complete".to_owned(), by: None, acted_for: None });
        let over = std::iter::once(("result".to_owned(), Value::Object(data.clone()))).collect();
        self.leave_with(task.token, None, &over)
    }

    /// A BPMN error out of an open task.
    pub(in super::super) fn throw_from_task(&mut self, no: LocalNo, code: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let task = permission::open_task(&self.case, no)?.clone();
        if !data.is_empty() {
            self.write(task.scope, data.clone());
        }
        self.throw_error_at(task.token, code)
    }
}

fn not_offered(action: &str, task: &UserTask) -> Rejection {
    let offered: Vec<&str> = task.actions.keys().map(String::as_str).collect();
    let offered = offered.join(", ");
    Rejection::new(
        codes::ACTION_NOT_OFFERED,
        Text::new(
            format!("此时不能“{action}”；这个任务的处理有：{offered}，其中有条件的须条件成立"),
            format!("`{action}` is not offered now; the task's actions are {offered}, those with a condition only while it holds"),
        ),
    )
}
