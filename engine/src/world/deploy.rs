//! Beginning cases: by hand, by a call, a message, a signal, or a timer of a start event.

use serde_json::{Map, Value};

use super::{Running, StartTimer, World, refused};
use crate::{
    definition::{Definition, Node, NodeKind, Process, TimerTrigger, Trigger},
    interpreter::{Actor, Ask, Caller, Case, Rejection, Start},
};

impl World {
    /// From now on cases of its process begin on this version.
    pub fn deploy(&mut self, definition: std::sync::Arc<Definition>) {
        self.definitions.push(definition);
    }

    /// The definition of a process; of several with one id the one deployed last.
    pub(super) fn definition_of(&self, process: &str) -> Option<usize> {
        self.definitions.iter().rposition(|definition| definition.process.id == process)
    }

    /// Begins a case by hand: at the event named, at the none start event, or at the only one.
    pub(super) fn start(&mut self, process: &str, event: Option<&str>, data: Map<String, Value>) -> Result<usize, Rejection> {
        let Some(definition) = self.definition_of(process) else {
            return Err(refused(format!("没有流程“{process}”"), format!("there is no process `{process}`")));
        };
        let at = match event {
            Some(event) => Some(event.to_owned()),
            None => start_by_hand(&self.definitions[definition].process)?,
        };
        self.begin(definition, at, None, data, None)
    }

    /// Begins a case of a definition, at a node if one is named. It belongs to the unit of the case that caused it; else to
    /// the one that the data name.
    pub(super) fn begin(
        &mut self,
        definition: usize,
        at: Option<String>,
        caller: Option<(usize, Caller)>,
        data: Map<String, Value>,
        cause: Option<usize>,
    ) -> Result<usize, Rejection> {
        let id = format!("case-{}", self.cases.len() + 1);
        let (parent, caller) = caller.unzip();
        let of_cause = parent.or(cause).and_then(|cause| self.cases.get(cause)).map(|running| running.case.facts.unit.clone());
        let unit = of_cause.or_else(|| data.get("unit")?.as_str().map(str::to_owned)).unwrap_or_default();
        let start = Start {
            process: self.definitions[definition].process.id.clone(),
            at,
            caller,
            unit,
            source: "office".to_owned(),
            received_at: self.now,
            data,
            ..Start::default()
        };
        self.open_case(definition, id, parent, Actor::System, start)
    }

    /// Opens a case under an identifier of its own.
    pub(super) fn open_case(
        &mut self,
        definition: usize,
        id: String,
        parent: Option<usize>,
        actor: Actor,
        start: Start,
    ) -> Result<usize, Rejection> {
        let index = self.cases.len();
        let definition = self.definitions[definition].clone();
        let case = Case { id, ..Case::default() };
        self.histories.push(Vec::new());
        self.cases.push(Running {
            definition,
            case,
            parent,
            called: Default::default(),
            waiting_since: Default::default(),
            open_since: Default::default(),
        });
        if let Err(rejection) = self.decide_as(index, actor, Ask::Start(Box::new(start))) {
            self.cases.truncate(index);
            self.histories.truncate(index);
            return Err(rejection);
        }
        Ok(index)
    }

    /// The process that a node can begin: a start event, or, in a process without one, a node that nothing leads to.
    pub(super) fn begins_at(&self, node: &str) -> Option<String> {
        let begins = |definition: &&std::sync::Arc<Definition>| {
            let process = &definition.process;
            let Some(&ix) = process.by_id.get(node) else { return false };
            let scope = &process.scopes[0];
            scope.starts.contains(&ix) || (scope.starts.is_empty() && scope.orphans.contains(&ix))
        };
        self.definitions.iter().rfind(begins).map(|definition| definition.process.id.clone())
    }

    /// Start events of every definition that fit: (definition, node).
    pub(super) fn start_events(&self, fits: impl Fn(usize, &Trigger) -> bool) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (index, definition) in self.definitions.iter().enumerate() {
            if self.definition_of(&definition.process.id) != Some(index) {
                continue;
            }
            for node in start_nodes(&definition.process) {
                if node.kind.trigger().is_some_and(|trigger| fits(index, trigger)) {
                    found.push((index, node.id.clone()));
                }
            }
        }
        found
    }

    /// The text of a start event's message or signal name, whose expressions see no case.
    pub(super) fn start_name(&self, definition: usize, text: &str, pattern: Option<&crate::definition::Pattern>) -> String {
        let definition = &self.definitions[definition];
        let case = Case::default();
        let names = crate::interpreter::CaseNames {
            definition,
            case: &case,
            scope: crate::interpreter::ROOT,
            now: self.now,
            organisation: &self.organisation,
            over: None,
        };
        let filled = pattern.and_then(|pattern| definition.rules.fill(pattern, &names).ok());
        filled.unwrap_or_else(|| text.to_owned())
    }

    /// Sets the timers of start events.
    pub(super) fn arm_starts(&mut self) {
        for index in 0..self.definitions.len() {
            let definition = self.definitions[index].clone();
            for node in start_nodes(&definition.process) {
                let Some(Trigger::Timer(timer)) = node.kind.trigger() else { continue };
                if let Some(due) = self.start_due(&definition, timer) {
                    let left = repeats(timer);
                    self.starts.push(StartTimer { definition: index, node: node.id.clone(), due, left });
                }
            }
        }
    }

    fn start_due(&self, definition: &Definition, timer: &TimerTrigger) -> Option<crate::time::Moment> {
        match timer {
            TimerTrigger::After(after) | TimerTrigger::Every(after, _) => Some(definition.calendar.due(self.now, *after).at),
            TimerTrigger::Cron(pattern) => definition.calendar.next_cron(pattern, self.now),
            // What a case would have to give is not there before there is a case.
            TimerTrigger::At(at) => definition.calendar.parse_moment(at.text.trim_matches(['"', '\''])),
            TimerTrigger::AfterGiven(_) | TimerTrigger::EveryGiven(..) => None,
        }
    }

    /// A start event's timer begins a case; a cycle is set again.
    pub(super) fn fire_start(&mut self, at: usize) -> Result<(), Rejection> {
        let fired = self.starts.remove(at);
        let definition = self.definitions[fired.definition].clone();
        let node = definition.process.node(&fired.node);
        if let Some(Trigger::Timer(timer @ (TimerTrigger::Every(..) | TimerTrigger::Cron(_)))) = node.and_then(|node| node.kind.trigger())
            && fired.left != Some(0)
            && let Some(due) = self.start_due(&definition, timer)
        {
            let left = fired.left.map(|left| left - 1);
            self.starts.push(StartTimer { due, left, ..fired.clone() });
        }
        self.begin(fired.definition, Some(fired.node), None, Map::new(), None)?;
        self.settle()
    }
}

/// How often a start event's timer fires after the first time; None: without end, if it repeats.
fn repeats(timer: &TimerTrigger) -> Option<u32> {
    match timer {
        TimerTrigger::Every(_, times) => times.map(|times| times.saturating_sub(1)),
        _ => None,
    }
}

/// The start events of a process itself.
fn start_nodes(process: &Process) -> impl Iterator<Item = &Node> {
    process.scopes[0].starts.iter().map(|&ix| &process.nodes[ix])
}

/// The none start event, or the only one; None: the process begins at the nodes that nothing leads to.
fn start_by_hand(process: &Process) -> Result<Option<String>, Rejection> {
    let none = start_nodes(process).find(|node| matches!(&node.kind, NodeKind::StartEvent(start) if start.trigger.is_none()));
    let mut all = start_nodes(process);
    match (none, all.next(), all.next()) {
        (Some(node), ..) | (None, Some(node), None) => Ok(Some(node.id.clone())),
        (None, None, _) => Ok(None),
        (None, Some(_), Some(_)) => {
            let id = &process.id;
            Err(refused(format!("流程“{id}”有多个开始事件，请写明 event"), format!("`{id}` has several start events: name one by `event`")))
        }
    }
}
