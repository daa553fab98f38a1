//! What operations say in a case's timeline.

use tongban_engine::interpreter::{Event, LocalNo};

use super::words::Teller;

impl Teller<'_> {
    /// What an operation says to an official.
    pub(super) fn deed(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::TaskReturned { node, to, reason, .. } => {
                self.fill("journal.task_returned", &[("step", &self.step(node)), ("to", &self.step(to)), ("reason", reason)])
            }
            Event::TaskTakenBack { node, .. } => self.fill("journal.task_taken_back", &[("step", &self.step(node))]),
            Event::TaskDelegated { task, to, reason, .. } => self.with_person("journal.task_delegated", *task, to, reason),
            Event::TaskGivenBack { task, note, acted_for, .. } => {
                let line = self.fill("journal.task_given_back", &[("step", &self.task(*task)), ("note", note)]);
                self.for_absent(line, acted_for.as_ref())
            }
            Event::SignerAdded { task, person, reason, .. } => self.with_person("journal.signer_added", *task, person, reason),
            Event::SignerRemoved { task, person, reason, .. } => self.with_person("journal.signer_removed", *task, person, reason),
            Event::TaskSigned { node, person, agrees, opinion, by, .. } => {
                let key = if *agrees { "journal.signed" } else { "journal.objected" };
                let who = self.person(by.as_ref().unwrap_or(person));
                let line = self.fill(key, &[("who", &who), ("step", &self.step(node)), ("said", opinion)]);
                self.for_absent(line, by.as_ref().map(|_| person))
            }
            Event::ActionChosen { task, action, acted_for, .. } => {
                let node = self.node_of(*task);
                let line = self.fill("journal.action_chosen", &[("step", &self.task(*task)), ("action", &self.action(&node, action))]);
                self.for_absent(line, acted_for.as_ref())
            }
            Event::ActionLifted { task } => self.fill("journal.action_lifted", &[("step", &self.task(*task))]),
            Event::Copied { node, to, .. } => self.fill("journal.copied", &[("step", &self.step(node)), ("who", &self.person(to))]),
            Event::CaseSuspended { reason, .. } => self.fill("journal.suspended", &[("reason", reason)]),
            Event::CaseResumed { .. } => self.say("journal.resumed"),
            Event::CaseTerminated { reason, .. } => self.fill("journal.terminated", &[("reason", reason)]),
            Event::CaseReopened { to, reason, .. } => self.fill("journal.reopened", &[("step", &self.step(to)), ("reason", reason)]),
            Event::TokenJumped { from, to, reason, .. } => {
                self.fill("journal.jumped", &[("from", &self.step(from)), ("to", &self.step(to)), ("reason", reason)])
            }
            Event::CaseRestarted { reason, .. } => self.fill("journal.restarted", &[("reason", reason)]),
            _ => return None,
        })
    }

    fn with_person(&self, key: &'static str, task: LocalNo, person: &str, reason: &str) -> String {
        self.fill(key, &[("step", &self.task(task)), ("who", &self.person(person)), ("reason", reason)])
    }
}
