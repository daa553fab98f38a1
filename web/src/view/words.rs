//! What happened to a case, told in words: the timeline of the journal, and what a decision would cause.

use std::collections::BTreeMap;

use tongban_engine::{
    definition::{Definition, NodeKind},
    interpreter::{Event, LocalNo, Recipient, Waiter},
    organisation::{Organisation, Post},
    text::Language,
    time::Moment,
};

use super::{fill, listed, say, when::When};

/// What it takes to tell an event: the version the case runs on, who is who, and the reader's language.
pub struct Teller<'a> {
    /// The case's definition version.
    pub definition: &'a Definition,
    /// Units and people.
    pub organisation: &'a Organisation,
    /// Language and zone.
    pub when: &'a When,
    /// Which node each task number belongs to, as [`Teller::learn`] has read.
    tasks: BTreeMap<LocalNo, String>,
}

impl<'a> Teller<'a> {
    /// A teller who has read nothing yet.
    pub fn new(definition: &'a Definition, organisation: &'a Organisation, when: &'a When) -> Self {
        Self { definition, organisation, when, tasks: BTreeMap::new() }
    }

    /// Remembers which task is which; events are to be read from the oldest on.
    pub fn learn(&mut self, events: &[Event]) {
        for event in events {
            if let Event::TaskOpened { task, node, .. } = event {
                self.tasks.insert(*task, node.clone());
            }
        }
    }

    /// The node that a task is at, as far as it was read.
    pub(super) fn node_of(&self, task: LocalNo) -> String {
        self.tasks.get(&task).cloned().unwrap_or_default()
    }

    pub(super) fn task(&self, task: LocalNo) -> String {
        self.tasks.get(&task).map(|node| self.step(node)).unwrap_or_default()
    }

    fn language(&self) -> Language {
        self.when.language()
    }

    pub(super) fn fill(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        fill(self.language(), key, values)
    }

    pub(super) fn say(&self, key: &'static str) -> String {
        say(self.language(), key).to_owned()
    }

    /// A node's shown name.
    pub fn step(&self, node: &str) -> String {
        self.definition.process.node(node).map_or_else(|| node.to_owned(), |node| node.title().get(self.language()).to_owned())
    }

    /// A clock's shown name.
    pub fn clock(&self, clock: &str) -> String {
        self.definition.process.clocks.get(clock).map_or_else(|| clock.to_owned(), |c| c.name.get(self.language()).to_owned())
    }

    /// An action's label.
    pub fn action(&self, node: &str, action: &str) -> String {
        let task = self.definition.process.node(node).and_then(|node| match &node.kind {
            NodeKind::UserTask(task) => task.actions.get(action),
            _ => None,
        });
        task.map_or_else(|| action.to_owned(), |a| a.name.get(self.language()).to_owned())
    }

    /// A person's name.
    pub fn person(&self, id: &str) -> String {
        self.organisation.people.get(id).map_or_else(|| id.to_owned(), |person| person.name.clone())
    }

    /// A unit's name.
    pub fn unit(&self, id: &str) -> String {
        self.organisation.units.get(id).map_or_else(|| id.to_owned(), |unit| unit.name.get(self.language()).to_owned())
    }

    /// A role's name.
    pub fn role(&self, id: &str) -> String {
        self.definition.roles.get(id).map_or_else(|| id.to_owned(), |role| role.name.get(self.language()).to_owned())
    }

    /// A post with how many hold it.
    pub fn post(&self, post: &Post) -> String {
        let count = self.organisation.holders(&post.role, &post.unit).count().to_string();
        let (unit, role) = (self.unit(&post.unit), self.role(&post.role));
        self.fill("preview.post", &[("unit", &unit), ("role", &role), ("count", &count)])
    }

    fn due(&self, at: Moment, provisional: bool) -> String {
        let mark = if provisional { format!("（{}）", say(self.language(), "app.provisional")) } else { String::new() };
        format!("{}{mark}", self.when.moment(at))
    }

    fn material(&self, id: &str) -> String {
        let found = self.definition.forms.values().flat_map(|form| &form.materials).find(|material| material.id == id);
        found.map_or_else(|| id.to_owned(), |material| material.name.get(self.language()).to_owned())
    }

    fn document(&self, key: &'static str, numbered: &'static str, title: &str, number: Option<&str>) -> String {
        match number {
            Some(number) => self.fill(numbered, &[("title", title), ("number", number)]),
            None => self.fill(key, &[("title", title)]),
        }
    }

    /// What an event of the journal says to an official; None for what only the machine needs.
    pub fn event(&self, event: &Event) -> Option<String> {
        let step = |node: &str| self.step(node);
        Some(match event {
            Event::CaseStarted { .. } => self.say("journal.started"),
            Event::CaseNamed { number: Some(number), .. } => self.fill("journal.named", &[("number", number)]),
            Event::MaterialsAdded { materials } => {
                let names: Vec<String> = materials.iter().map(|m| self.material(&m.material)).collect();
                self.fill("journal.materials", &[("names", &listed(self.language(), &names))])
            }
            Event::TaskOpened { node, due: None, .. } => self.fill("journal.task_opened", &[("step", &step(node))]),
            Event::TaskOpened { node, due: Some(due), provisional, .. } => {
                self.fill("journal.task_due", &[("step", &step(node)), ("due", &self.due(*due, *provisional))])
            }
            Event::TaskUrged { task, note, .. } => self.fill("journal.task_urged", &[("step", &self.task(*task)), ("note", note)]),
            Event::TaskCompleted { node, action, acted_for, .. } => {
                let line = self.fill("journal.task_completed", &[("step", &step(node)), ("action", &self.action(node, action))]);
                self.for_absent(line, acted_for.as_ref())
            }
            Event::TaskCancelled { node, .. } => self.fill("journal.task_cancelled", &[("step", &step(node))]),
            Event::MessageKept { .. } => self.say("journal.message_kept"),
            Event::PortalReported { status, .. } => self.fill("journal.portal", &[("status", status.label().get(self.language()))]),
            Event::DocumentMade { title, number, .. } => {
                self.document("journal.document", "journal.document_number", title, number.as_deref())
            }
            Event::NoticeSent { subject, .. } => self.fill("journal.notice", &[("subject", subject)]),
            Event::JobAsked { node, .. } => self.fill("journal.job", &[("step", &step(node))]),
            Event::IncidentRaised { node, .. } => self.fill("journal.incident", &[("step", &step(node))]),
            Event::IncidentCleared { .. } => self.say("journal.incident_cleared"),
            Event::CaseEnded { at } => {
                let ends: Vec<String> = at.iter().map(|node| step(node)).collect();
                self.fill("journal.ended", &[("ends", &listed(self.language(), &ends))])
            }
            _ => return self.assignment(event).or_else(|| self.clock_event(event)).or_else(|| self.deed(event)),
        })
    }

    /// What a substitute did, with whom she did it for.
    pub(super) fn for_absent(&self, line: String, absent: Option<&String>) -> String {
        match absent {
            Some(absent) => self.fill("journal.acted_for", &[("line", &line), ("who", &self.person(absent))]),
            None => line,
        }
    }

    fn assignment(&self, event: &Event) -> Option<String> {
        let Event::TaskAssigned { task, person, by, reason, acted_for } = event else { return None };
        let step = self.task(*task);
        Some(match (person, reason) {
            (None, _) => self.fill("journal.task_released", &[("step", &step)]),
            (Some(person), None) if by.as_ref() == Some(person) => {
                let line = self.fill("journal.task_claimed", &[("who", &self.person(person)), ("step", &step)]);
                self.for_absent(line, acted_for.as_ref())
            }
            (Some(person), reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                self.fill("journal.task_transferred", &[("who", &self.person(person)), ("step", &step), ("reason", reason)])
            }
        })
    }

    /// What happened to a clock.
    pub fn clock_event(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::ClockStarted { clock, due, provisional, .. } => {
                self.fill("journal.clock_started", &[("clock", &self.clock(clock)), ("due", &self.due(*due, *provisional))])
            }
            Event::ClockPaused { clock, reason } => self.fill("journal.clock_paused", &[("clock", &self.clock(clock)), ("reason", reason)]),
            Event::ClockResumed { clock, due, provisional } => {
                self.fill("journal.clock_resumed", &[("clock", &self.clock(clock)), ("due", &self.due(*due, *provisional))])
            }
            Event::ClockExtended { clock, by, reason, due, provisional, .. } => {
                let (by, due) = (by.words(), self.due(*due, *provisional));
                let values =
                    [("clock", self.clock(clock)), ("by", by.get(self.language()).to_owned()), ("due", due), ("reason", reason.clone())];
                let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.fill("journal.clock_extended", &values)
            }
            Event::ClockWarned { clock, .. } => self.fill("journal.clock_warned", &[("clock", &self.clock(clock))]),
            Event::ClockStopped { clock } => self.fill("journal.clock_stopped", &[("clock", &self.clock(clock))]),
            _ => return None,
        })
    }

    /// What an event would mean, said before it happens; None for what only the machine needs.
    pub fn consequence(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::TaskOpened { node, post, due: None, .. } => {
                self.fill("preview.task", &[("step", &self.step(node)), ("doer", &self.post(post))])
            }
            Event::TaskOpened { node, post, due: Some(due), provisional, .. } => {
                let (step, post, due) = (self.step(node), self.post(post), self.due(*due, *provisional));
                self.fill("preview.task_due", &[("step", &step), ("doer", &post), ("due", &due)])
            }
            Event::PortalReported { status, .. } => self.fill("preview.portal", &[("status", status.label().get(self.language()))]),
            Event::DocumentMade { title, number, .. } => {
                self.document("preview.document", "preview.document_number", title, number.as_deref())
            }
            Event::NoticeSent { subject, to, .. } => {
                let to: Vec<&str> = to.iter().map(|Recipient { name, .. }| name.as_str()).collect();
                self.fill("preview.notice", &[("subject", subject), ("to", &listed(self.language(), &to))])
            }
            Event::WaitBegun { waiter: Waiter::Token { node, .. }, .. } => self.fill("preview.wait", &[("step", &self.step(node))]),
            Event::JobAsked { node, .. } => self.fill("preview.job", &[("step", &self.step(node))]),
            Event::ClockStarted { clock, due, provisional, .. } => {
                self.fill("preview.clock_started", &[("clock", &self.clock(clock)), ("due", &self.due(*due, *provisional))])
            }
            Event::ClockPaused { clock, .. } => self.fill("preview.clock_paused", &[("clock", &self.clock(clock))]),
            Event::ClockResumed { clock, due, provisional } => {
                self.fill("preview.clock_resumed", &[("clock", &self.clock(clock)), ("due", &self.due(*due, *provisional))])
            }
            Event::ClockStopped { clock } => self.fill("preview.clock_stopped", &[("clock", &self.clock(clock))]),
            Event::CaseEnded { .. } => self.say("preview.ended"),
            _ => return None,
        })
    }
}
