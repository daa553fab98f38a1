//! What cases ask of each other: calls and answers, signals, messages.

use serde_json::{Map, Value};

use super::{Asked, Kept, World, refused};
use crate::{
    definition::{FlowIx, Node, NodeIx, NodeKind, Trigger},
    interpreter::{Ask, CallOutcome, Caller, Case, CaseNames, CaseStatus, LocalNo, ROOT, Rejection, WaitKind, codes},
    text::Text,
};

impl World {
    pub(super) fn route(&mut self, asked: Asked) -> Result<(), Rejection> {
        match asked {
            Asked::Call { caller, call, process, data } => self.call(caller, call, &process, data),
            Asked::Answer { case, call, outcome } => self.ask_running(case, Ask::AnswerCall { call, outcome }),
            Asked::Cancel { case } => self.ask_running(case, Ask::Cancel),
            Asked::Signal { by, signal, data } => self.signal(by, &signal, &data),
            Asked::Message { by, message, key, data } => {
                // A message that a case sends into the void is lost; who sends one by hand is told.
                let _lost = self.message(&message, key.as_deref(), &data, Some(by));
                Ok(())
            }
        }
    }

    fn ask_running(&mut self, index: usize, ask: Ask) -> Result<(), Rejection> {
        if self.cases[index].case.status == CaseStatus::Running {
            // What has been answered or interrupted in the meantime takes no answer any more.
            let _gone = self.decide(index, ask);
        }
        Ok(())
    }

    fn call(&mut self, caller: usize, call: LocalNo, process: &str, data: Map<String, Value>) -> Result<(), Rejection> {
        let case = self.cases[caller].case.id.clone();
        let Some(definition) = self.definition_of(process) else {
            let text = Text::new(format!("没有部署流程“{process}”"), format!("process `{process}` is not deployed"));
            return self.not_called(caller, call, process, &Rejection::new(codes::PROCESS_UNKNOWN, text));
        };
        let at = self.called_start(definition)?;
        // The child may end within its first step; its answer must find the call.
        let index = self.cases.len();
        self.cases[caller].called.insert(call, index);
        match self.begin(definition, at, Some((caller, Caller { case, call })), data, None) {
            Ok(_) => Ok(()),
            Err(rejection) => {
                self.cases[caller].called.remove(&call);
                self.not_called(caller, call, process, &rejection)
            }
        }
    }

    /// A process that does not take a call is an incident of who calls.
    fn not_called(&mut self, caller: usize, call: LocalNo, process: &str, rejection: &Rejection) -> Result<(), Rejection> {
        self.ask_running(caller, Ask::AnswerCall { call, outcome: CallOutcome::refused(process, rejection) })
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
            self.ask_running(index, Ask::Signal { signal: signal.to_owned(), data: data.clone() })?;
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
        let mut last = refused(format!("没有环节等待消息“{name}”"), format!("nothing waits for the message `{name}`"));
        for (index, wait) in self.waiting_for(name, key, data) {
            match self.decide(index, Ask::Hand { wait, data: data.clone() }) {
                Ok(()) => return Ok(()),
                Err(rejection) => last = rejection,
            }
        }
        let starts = self.start_events(|definition, trigger| self.begins_by_message(definition, trigger, name));
        if let Some((definition, node)) = starts.into_iter().next() {
            return self.begin(definition, Some(node), None, data.clone(), by).map(drop);
        }
        if let Some(definition) = self.begins_by_waiting(name) {
            let index = self.begin(definition, None, None, data.clone(), by)?;
            self.settle()?;
            let wait = self.waiting_for(name, None, data).into_iter().find(|(case, _)| *case == index);
            return wait.map_or(Ok(()), |(index, wait)| self.decide(index, Ask::Hand { wait, data: data.clone() }));
        }
        if let Some(index) = self.keeper(name, key, data) {
            return self.decide(index, deliver(name, data));
        }
        let declared = self.definitions.iter().rev().find_map(|definition| {
            let keep = definition.process.messages.get(name)?.keep?;
            Some(definition.calendar.due(self.now, keep).at)
        });
        let Some(until) = declared else { return Err(last) };
        self.kept.push(Kept { name: name.to_owned(), key: key.map(str::to_owned), data: data.clone(), until });
        Ok(())
    }

    /// Gives the oldest kept message that somebody waits for now to whoever waits longest; false if there is none.
    pub(super) fn hand_out_kept(&mut self) -> Result<bool, Rejection> {
        let now = self.now;
        self.kept.retain(|kept| kept.until > now);
        let found = self.kept.iter().enumerate().find_map(|(at, kept)| {
            let first = self.waiting_for(&kept.name, kept.key.as_deref(), &kept.data).into_iter().next();
            first.map(|waiting| (at, waiting))
        });
        let Some((at, (index, wait))) = found else { return Ok(false) };
        let kept = self.kept.remove(at);
        // What cannot take it has an incident, or is as it was; the message is not given out twice.
        let _refused = self.decide(index, Ask::Hand { wait, data: kept.data });
        Ok(true)
    }

    /// What waits for a message with this key, the oldest first over all cases: (case, wait).
    fn waiting_for(&self, name: &str, key: Option<&str>, data: &Map<String, Value>) -> Vec<(usize, LocalNo)> {
        let mut waiting: Vec<(u64, usize, LocalNo)> = Vec::new();
        for (index, running) in self.cases.iter().enumerate() {
            let given = key.map(str::to_owned).or_else(|| self.key_in(index, name, data, false));
            for (no, wait) in running.case.waits.iter().filter(|(_, wait)| wait.kind == WaitKind::Message && wait.message == name) {
                if wait.key.is_empty() || given.as_ref().is_none_or(|given| *given == wait.key) {
                    waiting.push((running.waiting_since.get(no).copied().unwrap_or_default(), index, *no));
                }
            }
        }
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, index, no)| (index, no)).collect()
    }

    /// The key of a message as a case's definition reads it from the message's data, and from the case's own if it may.
    fn key_in(&self, index: usize, name: &str, data: &Map<String, Value>, own: bool) -> Option<String> {
        let running = &self.cases[index];
        let (definition, nothing) = (&running.definition, Case::default());
        let key = definition.process.messages.get(name)?.key.as_ref()?;
        let names = CaseNames {
            definition,
            case: if own { &running.case } else { &nothing },
            scope: ROOT,
            now: self.now,
            organisation: &self.organisation,
            over: Some(data),
        };
        match definition.rules.evaluate(key, &names).ok()? {
            Value::Null => None,
            Value::String(text) => (!text.is_empty()).then_some(text),
            other => Some(other.to_string()),
        }
    }

    /// The process without a start event that begins where it waits for the message: at a receive task or an event-based
    /// gateway that nothing leads to (BPMN 2.0 §10.2.3, §10.5.6).
    fn begins_by_waiting(&self, name: &str) -> Option<usize> {
        self.definitions.iter().rposition(|definition| {
            let process = &definition.process;
            let names = |node: &Node| match (&node.kind, &node.awaits) {
                (NodeKind::ReceiveTask(catch) | NodeKind::CatchEvent(Trigger::Message(catch)), _) | (_, Some(catch)) => {
                    catch.message == name
                }
                _ => false,
            };
            let waits = |ix: &NodeIx| {
                let node = &process.nodes[*ix];
                let behind = |flow: &FlowIx| names(&process.nodes[process.flows[*flow].to]);
                match &node.kind {
                    NodeKind::EventBasedGateway(gateway) => gateway.instantiate && node.outgoing.iter().any(behind),
                    _ => names(node),
                }
            };
            // A start event that is implied by the list's order says nothing of its own.
            let implied = |ix: &NodeIx| process.nodes[*ix].id.ends_with("__start");
            let after = |ix: &NodeIx| process.nodes[*ix].outgoing.iter().map(|flow| process.flows[*flow].to).collect::<Vec<_>>();
            let scope = &process.scopes[0];
            scope.starts.iter().all(implied)
                && (scope.orphans.iter().any(waits) || scope.starts.iter().flat_map(after).any(|ix| waits(&ix)))
        })
    }

    /// The running case that keeps the message: the one with its key, or the first if it has none.
    fn keeper(&self, name: &str, key: Option<&str>, data: &Map<String, Value>) -> Option<usize> {
        let keeps = |index: &usize| {
            let running = &self.cases[*index];
            let declared = running.definition.process.messages.get(name);
            running.case.status == CaseStatus::Running && declared.is_some_and(|declared| declared.keep.is_some())
        };
        let fits = |index: &usize| {
            let given = key.map(str::to_owned).or_else(|| self.key_in(*index, name, data, false));
            given.is_some() && given == self.key_in(*index, name, &Map::new(), true)
        };
        let keepers: Vec<usize> = (0..self.cases.len()).filter(keeps).collect();
        let has_no_key = |index: &usize| key.is_none() && self.key_in(*index, name, data, false).is_none();
        keepers.iter().copied().find(fits).or_else(|| keepers.first().copied().filter(has_no_key))
    }
}

fn deliver(name: &str, data: &Map<String, Value>) -> Ask {
    Ask::Deliver { message: name.to_owned(), data: data.clone(), materials: Vec::new() }
}
