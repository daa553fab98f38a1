//! Several cases under a virtual clock: what `tongban run` drives, and what simulations and tests are made of.
//!
//! Everything is pure: a step is data, its answer is data. Tokens move in turns, first in first out over all cases; what one
//! case asks of another (calls and their answers, signals, messages) reaches it at once, before the next token moves.

mod answer;
mod deploy;
mod route;
mod step;
mod submit;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};

pub use answer::{Answer, CaseSeen, IncidentSeen, OpenSeen, TimerSeen, WaitSeen};
pub use step::{Step, TaskSelector, TimerSelector};

use crate::{
    definition::{Definition, NodeKind},
    interpreter::{
        Actor, Ask, CallOutcome, Case, CaseStatus, Command, Context, Effect, Event, LocalNo, Rejection, STEPS_MAX, apply, codes, decided,
        effect, invariant, migrated, too_many_steps,
        turns::{self, Rest, Turn},
    },
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
    /// Everything that happened to each case, in order.
    histories: Vec<Vec<Event>>,
    now: Moment,
    queue: VecDeque<Asked>,
    /// Messages that no case keeps, for waits that are still to begin.
    kept: Vec<Kept>,
    /// Timers of start events that have not fired.
    starts: Vec<StartTimer>,
    choices: BTreeMap<String, Vec<String>>,
    organisation: Organisation,
    series: BTreeMap<String, u64>,
    /// Counts waits and open work over all cases, so that the oldest is known.
    waits_begun: u64,
    heard: Heard,
    commands: usize,
    /// Each command is carried out to its end before the next one, instead of tokens moving in turns over all cases.
    at_once: bool,
    /// How often tokens moved in this step.
    moved: u32,
    /// Tokens whose turn is still to come, over all cases.
    turns: VecDeque<(usize, LocalNo)>,
    /// Cases that something happened in since joins and conditions were looked at.
    touched: BTreeSet<usize>,
}

/// A case of the world.
#[derive(Clone, Debug)]
struct Running {
    definition: Arc<Definition>,
    case: Case,
    /// Index of the case that called it.
    parent: Option<usize>,
    /// Which of its own calls each case came from: call → index.
    called: BTreeMap<LocalNo, usize>,
    /// When each of its waits began, counted over the world.
    waiting_since: BTreeMap<LocalNo, u64>,
    /// When each piece of its open work was opened, counted likewise.
    open_since: BTreeMap<LocalNo, u64>,
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
    /// How often it fires after this; None: without end, if it repeats.
    left: Option<u32>,
}

/// A message that is kept until somebody waits for it.
#[derive(Clone, Debug)]
struct Kept {
    name: String,
    key: Option<String>,
    data: Map<String, Value>,
    until: Moment,
}

/// Where everything stood before a step, for a step that is refused.
struct Before {
    cases: Vec<Running>,
    kept: Vec<Kept>,
    /// How long each history was.
    histories: Vec<usize>,
    starts: Vec<StartTimer>,
    series: BTreeMap<String, u64>,
    now: Moment,
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
            histories: Vec::new(),
            now,
            queue: VecDeque::new(),
            kept: Vec::new(),
            starts: Vec::new(),
            choices: BTreeMap::new(),
            organisation: Organisation::default(),
            series: BTreeMap::new(),
            waits_begun: 0,
            heard: Heard::default(),
            commands: 0,
            at_once: false,
            moved: 0,
            turns: VecDeque::new(),
            touched: BTreeSet::new(),
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

    /// Moves tokens in turns, and carries out what cases ask of each other at once, until nothing is left.
    fn settle(&mut self) -> Result<(), Rejection> {
        loop {
            if let Some(asked) = self.queue.pop_front() {
                self.commands += 1;
                if self.commands > COMMANDS_MAX {
                    return Err(refused(
                        "一步引起了太多后续，流程可能在相互空转",
                        "one step caused too much: cases seem to call each other without end",
                    ));
                }
                self.route(asked)?;
            } else if let Some((index, token)) = self.turns.pop_front() {
                self.moved += 1;
                if self.moved > STEPS_MAX {
                    return Err(too_many_steps());
                }
                let running = &self.cases[index];
                let (definition, before) = (running.definition.clone(), running.case.clone());
                let turn = turns::turn(&definition, &before, token, self.now, &self.context())?;
                self.take_in(index, before, turn);
            } else if !self.rest()? {
                return Ok(());
            }
        }
    }

    /// Looks at what moves only when nothing else can, in every case that something happened in; false if nothing does.
    fn rest(&mut self) -> Result<bool, Rejection> {
        if self.hand_out_kept()? {
            return Ok(true);
        }
        let touched: Vec<usize> = self.touched.iter().copied().collect();
        for what in Rest::ALL {
            for &index in &touched {
                let running = &self.cases[index];
                if running.case.status == CaseStatus::Ended {
                    continue;
                }
                let (definition, before) = (running.definition.clone(), running.case.clone());
                if let Some(turn) = turns::rest(&definition, &before, what, self.now, &self.context())? {
                    self.moved += 1;
                    if self.moved > STEPS_MAX {
                        return Err(too_many_steps());
                    }
                    self.take_in(index, before, turn);
                    return Ok(true);
                }
            }
        }
        self.touched.clear();
        Ok(false)
    }

    fn context(&self) -> Context<'_> {
        Context { organisation: &self.organisation, series: &self.series, choices: Some(&self.choices) }
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
        let turn = match &command.ask {
            Ask::Migrate { to, .. } => self.migrate(index, to, &definition, &command)?,
            // As a store does: to its end, before anything else happens.
            _ if self.at_once => {
                let (case, events) = decided(&definition, (!start).then_some(&before), &command, &self.context())?;
                Turn { case, events, ready: VecDeque::new() }
            }
            _ => turns::command(&definition, (!start).then_some(&before), &command, &self.context())?,
        };
        self.take_in(index, before, turn);
        self.cases[index].case.seq += 1;
        Ok(())
    }

    /// A case goes on under another deployed version.
    fn migrate(&mut self, index: usize, to: &str, on: &Definition, command: &Command) -> Result<Turn, Rejection> {
        let unknown = || Rejection::new(codes::VERSION_UNKNOWN, Text::new("没有这个版本", "there is no such version"));
        let to = self.definitions.iter().rfind(|version| version.hash == to).cloned().ok_or_else(unknown)?;
        let (case, events) = migrated(on, &to, &self.cases[index].case, command, &self.context())?;
        self.cases[index].definition = to;
        Ok(Turn { case, events, ready: VecDeque::new() })
    }

    /// Where everything stands.
    fn before(&self) -> Before {
        Before {
            cases: self.cases.clone(),
            histories: self.histories.iter().map(Vec::len).collect(),
            kept: self.kept.clone(),
            starts: self.starts.clone(),
            series: self.series.clone(),
            now: self.now,
        }
    }

    /// Goes back to where everything stood.
    fn go_back(&mut self, before: Before) {
        self.cases = before.cases;
        self.histories.truncate(before.histories.len());
        for (history, length) in self.histories.iter_mut().zip(before.histories) {
            history.truncate(length);
        }
        self.kept = before.kept;
        self.starts = before.starts;
        self.series = before.series;
        self.now = before.now;
        self.heard = Heard::default();
    }

    /// Every sentence that should be true of the cases and is not; none if all is well.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let broken = self.cases.iter().flat_map(|running| invariant::check(&running.definition, &running.case));
        broken.collect()
    }

    /// Notes what happened, event by event, and queues what it asks of others.
    fn take_in(&mut self, index: usize, mut case: Case, turn: Turn) {
        let definition = self.cases[index].definition.clone();
        for event in &turn.events {
            self.hear(&definition, &case, event);
            apply(&mut case, event, self.now);
            if let Event::WaitBegun { wait, .. } = event {
                self.waits_begun += 1;
                self.cases[index].waiting_since.insert(*wait, self.waits_begun);
            }
            if let Event::TaskOpened { task: no, .. } | Event::JobAsked { job: no, .. } = event {
                self.waits_begun += 1;
                self.cases[index].open_since.insert(*no, self.waits_begun);
            }
            if let Event::NumberTaken { series, value, .. } = event {
                self.series.insert(series.clone(), *value);
            }
            if let Some(effect) = effect(&case, event) {
                self.asked(index, effect);
            }
        }
        self.cases[index].case = turn.case;
        self.histories[index].extend(turn.events);
        self.turns.extend(turn.ready.into_iter().map(|token| (index, token)));
        self.touched.insert(index);
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
