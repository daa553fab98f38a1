//! Several cases under a virtual clock: what `tongban run` drives, and what simulations and tests are made of.
//!
//! Everything is pure: a step is data, its answer is data. What one case asks of another (calls and their answers,
//! signals, messages) goes through one queue, first in first out.

mod answer;
mod deploy;
mod route;
mod step;
mod submit;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};

pub use answer::{Answer, CaseSeen, IncidentSeen, OpenSeen, TimerSeen, WaitSeen};
pub use step::{Step, TaskSelector, TimerSelector};

use crate::{
    definition::{Definition, NodeKind},
    interpreter::{Actor, Ask, CallOutcome, Case, Command, Context, Effect, Event, LocalNo, Rejection, apply, decided, effect},
    organisation::Organisation,
    text::Text,
    time::Moment,
};

/// Commands that one step may cause at most; more would be cases that call each other without end.
const COMMANDS_MAX: usize = 10_000;

/// Deployed definitions, the cases that ran on them, and the time.
#[derive(Clone, Debug)]
pub struct World {
    definitions: Vec<Arc<Definition>>,
    cases: Vec<Running>,
    now: Moment,
    queue: VecDeque<Asked>,
    /// Timers of start events that have not fired.
    starts: Vec<StartTimer>,
    choices: BTreeMap<String, Vec<String>>,
    organisation: Organisation,
    series: BTreeMap<String, u64>,
    /// Counts waits over all cases, so that the oldest is known.
    waits_begun: u64,
    heard: Heard,
    commands: usize,
}

/// A case of the world.
#[derive(Clone, Debug)]
struct Running {
    definition: Arc<Definition>,
    case: Case,
    /// Everything that happened to it, in order.
    history: Vec<Event>,
    /// Index of the case that called it.
    parent: Option<usize>,
    /// Which of its own calls each case came from: call → index.
    called: BTreeMap<LocalNo, usize>,
    /// When each of its waits began, counted over the world.
    waiting_since: BTreeMap<LocalNo, u64>,
}

/// What happened since the last answer.
#[derive(Clone, Debug, Default)]
struct Heard {
    completed: Vec<String>,
    taken: Vec<String>,
    log: Vec<String>,
}

/// A timer of a start event.
#[derive(Clone, Debug)]
struct StartTimer {
    definition: usize,
    node: String,
    due: Moment,
}

/// What one case asks of another.
#[derive(Clone, Debug)]
enum Asked {
    Call { caller: usize, call: LocalNo, process: String, data: Map<String, Value> },
    Answer { case: usize, call: LocalNo, outcome: CallOutcome },
    Cancel { case: usize },
    Signal { by: usize, signal: String, data: Map<String, Value> },
    Message { by: usize, message: String, key: Option<String>, data: Map<String, Value> },
}

impl World {
    /// A world with these definitions at a moment; later ones of the same id win.
    pub fn new(definitions: Vec<Arc<Definition>>, now: Moment) -> Self {
        let mut world = Self {
            definitions,
            cases: Vec::new(),
            now,
            queue: VecDeque::new(),
            starts: Vec::new(),
            choices: BTreeMap::new(),
            organisation: Organisation::default(),
            series: BTreeMap::new(),
            waits_begun: 0,
            heard: Heard::default(),
            commands: 0,
        };
        world.arm_starts();
        world
    }

    /// The time in the world.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The cases, oldest first.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().map(|running| &running.case)
    }

    /// Asks something of a case, and of the others what follows from it.
    fn ask(&mut self, index: usize, ask: Ask) -> Result<(), Rejection> {
        self.decide(index, ask)?;
        self.settle()
    }

    /// Carries out what cases ask of each other until nothing is left.
    fn settle(&mut self) -> Result<(), Rejection> {
        while let Some(asked) = self.queue.pop_front() {
            self.commands += 1;
            if self.commands > COMMANDS_MAX {
                self.queue.clear();
                return Err(refused(
                    "一步引起了太多后续，流程可能在相互空转",
                    "one step caused too much: cases seem to call each other without end",
                ));
            }
            self.route(asked)?;
        }
        Ok(())
    }

    /// Decides what the system itself asks of one case, and takes in what happened.
    fn decide(&mut self, index: usize, ask: Ask) -> Result<(), Rejection> {
        self.decide_as(index, Actor::System, ask)
    }

    /// Decides one command on one case and takes in what happened.
    fn decide_as(&mut self, index: usize, actor: Actor, ask: Ask) -> Result<(), Rejection> {
        let running = &self.cases[index];
        let (definition, before) = (running.definition.clone(), running.case.clone());
        let start = matches!(ask, Ask::Start(_));
        let command = Command { case: before.id.clone(), key: String::new(), actor, at: self.now, ask };
        let context = Context { organisation: &self.organisation, series: &self.series, choices: Some(&self.choices) };
        let (mut after, events) = decided(&definition, (!start).then_some(&before), &command, &context)?;
        after.seq = before.seq + 1;
        self.take_in(index, before, &events);
        self.cases[index].case = after;
        self.cases[index].history.extend(events);
        Ok(())
    }

    /// Notes what happened, event by event, and queues what it asks of others.
    fn take_in(&mut self, index: usize, mut case: Case, events: &[Event]) {
        let definition = self.cases[index].definition.clone();
        for event in events {
            self.hear(&definition, &case, event);
            apply(&mut case, event, self.now);
            if let Event::WaitBegun { wait, .. } = event {
                self.waits_begun += 1;
                self.cases[index].waiting_since.insert(*wait, self.waits_begun);
            }
            if let Event::NumberTaken { series, value, .. } = event {
                self.series.insert(series.clone(), *value);
            }
            if let Some(effect) = effect(&case, event) {
                self.asked(index, effect);
            }
        }
    }

    /// What an answer tells of an event; `case` is the case before it.
    fn hear(&mut self, definition: &Definition, case: &Case, event: &Event) {
        match event {
            Event::TokenTaken { token, completed: true } => {
                let Some(token) = case.tokens.get(token) else { return };
                // A multi-instance activity or a loop counts once, as a whole.
                let body = case.scopes.get(&token.scope).is_some_and(|scope| {
                    let inside = definition.process.node(&token.node).and_then(|node| node.kind.inside());
                    scope.index.is_some() && scope.node.as_ref() == Some(&token.node) && inside.is_none()
                });
                if !body {
                    self.heard.completed.push(token.node.clone());
                }
            }
            Event::ScopeClosed { scope, completed: true } => {
                let node = case.scopes.get(scope).and_then(|scope| scope.node.clone());
                let is_event =
                    |id: &String| definition.process.node(id).is_some_and(|node| matches!(node.kind, NodeKind::EventSubProcess(_)));
                self.heard.completed.extend(node.filter(is_event));
            }
            Event::TokenPlaced { flow: Some(flow), .. } => self.heard.taken.push(flow.clone()),
            Event::Logged { line, .. } => self.heard.log.push(line.clone()),
            _ => {}
        }
    }

    fn asked(&mut self, by: usize, effect: Effect) {
        let asked = match effect {
            Effect::Call { call, process, data } => Asked::Call { caller: by, call, process, data },
            Effect::Answer { caller, outcome } => match self.cases[by].parent {
                Some(case) => Asked::Answer { case, call: caller.call, outcome },
                None => return,
            },
            Effect::CancelCall { call } => match self.cases[by].called.get(&call) {
                Some(&case) => Asked::Cancel { case },
                None => return,
            },
            Effect::Signal { signal, data } => Asked::Signal { by, signal, data },
            Effect::Message { message, key, data } => Asked::Message { by, message, key: Some(key).filter(|key| !key.is_empty()), data },
            Effect::Portal { .. } | Effect::Mail { .. } | Effect::Job { .. } => return,
        };
        self.queue.push_back(asked);
    }
}

fn refused(zh: impl Into<String>, en: impl Into<String>) -> Rejection {
    Rejection::new(crate::interpreter::codes::GONE, Text::new(zh, en))
}
