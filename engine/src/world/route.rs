//! What cases ask of each other: calls and answers, signals, messages.

use serde_json::{Map, Value};

use super::{Asked, World, refused};
use crate::{
    definition::Trigger,
    interpreter::{Ask, Caller, CaseStatus, Rejection, WaitKind},
};

impl World {
    pub(super) fn route(&mut self, asked: Asked) -> Result<(), Rejection> {
        match asked {
            Asked::Call { caller, call, process, data } => self.call(caller, call, &process, data),
            Asked::Answer { case, call, outcome } => self.to_running(case, Ask::AnswerCall { call, outcome }),
            Asked::Cancel { case } => self.to_running(case, Ask::Cancel),
            Asked::Signal { by, signal, data } => self.signal(by, &signal, &data),
            Asked::Message { by, message, key, data } => {
                // A message that a case sends into the void is lost; who sends one by hand is told.
                let _lost = self.message(&message, key.as_deref(), &data, Some(by));
                Ok(())
            }
        }
    }

    fn to_running(&mut self, index: usize, ask: Ask) -> Result<(), Rejection> {
        if self.cases[index].case.status == CaseStatus::Running {
            // What has been answered or interrupted in the meantime takes no answer any more.
            let _gone = self.decide(index, ask);
        }
        Ok(())
    }

    fn call(&mut self, caller: usize, call: u32, process: &str, data: Map<String, Value>) -> Result<(), Rejection> {
        let case = self.cases[caller].case.id.clone();
        let Some(definition) = self.definition_of(process) else {
            return Err(refused(format!("没有流程“{process}”可调用"), format!("there is no process `{process}` to call")));
        };
        let at = self.called_start(definition)?;
        // The child may end within its first step; its answer must find the call.
        let index = self.cases.len();
        self.cases[caller].called.insert(call, index);
        self.begin(definition, at, Some((caller, Caller { case, call })), data, None).map(drop)
    }

    fn called_start(&self, definition: usize) -> Result<Option<String>, Rejection> {
        let process = &self.definitions[definition].process;
        let none = process.scopes[0].starts.iter().map(|&ix| &process.nodes[ix]).find(|node| node.kind.trigger().is_none());
        let only = process.scopes[0].starts.first().map(|&ix| &process.nodes[ix]);
        Ok(none.or(only).map(|node| node.id.clone()))
    }

    /// Every case that waits for the signal at this moment hears it; processes that begin by it begin. The thrower's own
    /// case has heard it already.
    fn signal(&mut self, by: usize, signal: &str, data: &Map<String, Value>) -> Result<(), Rejection> {
        let hears = |wait: &crate::interpreter::Wait| wait.kind == WaitKind::Signal && wait.message == signal;
        let listening: Vec<usize> =
            (0..self.cases.len()).filter(|&index| index != by && self.cases[index].case.waits.values().any(hears)).collect();
        let starts = self.start_events(|definition, trigger| self.begins_by_signal(definition, trigger, signal));
        for index in listening {
            self.to_running(index, Ask::Signal { signal: signal.to_owned(), data: data.clone() })?;
        }
        for (definition, node) in starts {
            self.begin(definition, Some(node), None, data.clone(), Some(by))?;
        }
        Ok(())
    }

    fn begins_by_signal(&self, definition: usize, trigger: &Trigger, signal: &str) -> bool {
        match trigger {
            Trigger::Signal(name) => self.start_name(definition, &name.text, name.pattern.as_ref()) == signal,
            Trigger::Any(several) | Trigger::All(several) => several.iter().any(|one| self.begins_by_signal(definition, one, signal)),
            _ => false,
        }
    }

    fn begins_by_message(&self, definition: usize, trigger: &Trigger, message: &str) -> bool {
        match trigger {
            Trigger::Message(catch) => self.start_name(definition, &catch.message, catch.pattern.as_ref()) == message,
            Trigger::Any(several) | Trigger::All(several) => several.iter().any(|one| self.begins_by_message(definition, one, message)),
            _ => false,
        }
    }

    /// A message goes to the oldest that waits for it; else to the process that begins by it; else it is kept where a
    /// definition keeps it.
    pub(super) fn message(&mut self, name: &str, key: Option<&str>, data: &Map<String, Value>, by: Option<usize>) -> Result<(), Rejection> {
        let mut waiting: Vec<(u64, usize)> = Vec::new();
        for (index, running) in self.cases.iter().enumerate() {
            for (no, wait) in running.case.waits.iter().filter(|(_, wait)| wait.kind == WaitKind::Message && wait.message == name) {
                if key.is_none_or(|key| wait.key == key || wait.key.is_empty()) {
                    waiting.push((running.waiting_since.get(no).copied().unwrap_or_default(), index));
                }
            }
        }
        waiting.sort_unstable();
        let mut last = refused(format!("没有环节等待消息“{name}”"), format!("nothing waits for the message `{name}`"));
        for (_, index) in waiting {
            match self.decide(index, deliver(name, data)) {
                Ok(()) => return Ok(()),
                Err(rejection) => last = rejection,
            }
        }
        if let Some((definition, node)) =
            self.start_events(|definition, trigger| self.begins_by_message(definition, trigger, name)).into_iter().next()
        {
            return self.begin(definition, Some(node), None, data.clone(), by).map(drop);
        }
        let keeps = |running: &super::Running| {
            let declared = running.definition.process.messages.get(name);
            running.case.status == CaseStatus::Running && declared.is_some_and(|declared| declared.keep.is_some())
        };
        match self.cases.iter().position(keeps) {
            Some(index) => self.decide(index, deliver(name, data)),
            None => Err(last),
        }
    }
}

fn deliver(name: &str, data: &Map<String, Value>) -> Ask {
    Ask::Deliver { message: name.to_owned(), data: data.clone(), materials: Vec::new() }
}
