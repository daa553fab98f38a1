//! Steps of an experiment, as `tongban run` reads them one a line; and carrying them out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answer, Asked, World, refused};
use crate::{
    calendar::Duration,
    interpreter::{Ask, CaseStatus, LocalNo, Rejection, TimerPurpose},
};

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Step {
    /// Begin a case of a process, at its none start event, at its only one, or at the one named.
    Start {
        /// Process id.
        process: String,
        /// Start event.
        #[serde(default)]
        event: Option<String>,
        /// What it begins with.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// Complete open work.
    Complete {
        /// Which.
        task: TaskSelector,
        /// Of which case.
        #[serde(default)]
        case: Option<usize>,
        /// The action, of a user task that has several.
        #[serde(default)]
        action: Option<String>,
        /// What it gives.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// A BPMN error out of open work.
    Throw {
        /// Which.
        task: TaskSelector,
        /// Of which case.
        #[serde(default)]
        case: Option<usize>,
        /// Error code.
        error: String,
        /// What it gives.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// A message comes.
    Message {
        /// Its name.
        name: String,
        /// Its correlation key, where the case has one.
        #[serde(default)]
        key: Option<Value>,
        /// Its data.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// A signal comes.
    Signal {
        /// Its name.
        name: String,
        /// Its data.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// What a node waits for happens.
    Trigger {
        /// The node.
        node: String,
    },
    /// Time passes.
    Advance {
        /// ISO 8601 duration, or one of the dialect.
        by: String,
    },
    /// A timer fires now.
    Fire {
        /// Which.
        timer: TimerSelector,
    },
    /// Data are written.
    Set {
        /// Of which case; None: the last running one that was not called.
        #[serde(default)]
        case: Option<usize>,
        /// Name → value.
        data: Map<String, Value>,
    },
    /// A gateway takes these flows from now on.
    Choose {
        /// The gateway.
        gateway: String,
        /// The flows.
        flows: Vec<String>,
    },
    /// A case is ended, with what it called.
    Cancel {
        /// Which.
        case: usize,
    },
}

/// Which open work is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TaskSelector {
    /// Its key, its element's id, or its name.
    Named(String),
    /// The only one.
    Only {
        /// Always true.
        only: bool,
    },
    /// Whichever has been open longest.
    Any {
        /// Always true.
        any: bool,
    },
}

/// Which timer is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TimerSelector {
    /// The node it is for.
    Named(String),
    /// The only one.
    Only {
        /// Always true.
        only: bool,
    },
}

/// Open work of a case.
pub(super) struct Open {
    pub(super) case: usize,
    pub(super) no: LocalNo,
    pub(super) node: String,
    pub(super) is_job: bool,
}

impl World {
    /// Carries out a step and says what happened. A step that is refused changes nothing.
    pub fn step(&mut self, step: &Step) -> Answer {
        (self.commands, self.moved) = (0, 0);
        let before = self.before();
        let outcome = self.carry_out(step);
        if outcome.is_err() {
            self.queue.clear();
            self.turns.clear();
            self.touched.clear();
            self.go_back(before);
        }
        self.answer(outcome.err())
    }

    fn carry_out(&mut self, step: &Step) -> Result<(), Rejection> {
        match step {
            Step::Start { process, event, data } => {
                self.start(process, event.as_deref(), data.clone())?;
                self.settle()
            }
            Step::Complete { task, case, action, data } => {
                let open = self.select(task, *case)?;
                if open.is_job {
                    return self.ask(open.case, Ask::AnswerJob { job: open.no, output: data.clone() });
                }
                let action = action.clone().unwrap_or_else(|| self.first_action(&open));
                self.ask(open.case, Ask::Complete { task: open.no, action, data: data.clone() })
            }
            Step::Throw { task, case, error, data } => {
                let open = self.select(task, *case)?;
                self.ask(open.case, Ask::Throw { task: open.no, error: error.clone(), data: data.clone() })
            }
            Step::Message { name, key, data } => {
                let key = key.as_ref().map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
                self.message(name, key.as_deref(), data, None)?;
                self.settle()
            }
            Step::Signal { name, data } => {
                self.queue.push_back(Asked::Signal { by: usize::MAX, signal: name.clone(), data: data.clone() });
                self.settle()
            }
            Step::Trigger { node } => self.trigger(node),
            Step::Advance { by } => self.advance(by),
            Step::Fire { timer } => self.fire(timer),
            Step::Set { case, data } => {
                let index = self.case_or_last(*case)?;
                self.ask(index, Ask::Set { data: data.clone() })
            }
            Step::Choose { gateway, flows } => {
                self.choices.insert(gateway.clone(), flows.clone());
                Ok(())
            }
            Step::Cancel { case } => {
                let index = self.case_or_last(Some(*case))?;
                self.ask(index, Ask::Cancel)
            }
        }
    }

    fn case_or_last(&self, case: Option<usize>) -> Result<usize, Rejection> {
        let found = match case {
            Some(number) => number.checked_sub(1).filter(|&index| index < self.cases.len()),
            None => self.cases.iter().rposition(|running| running.parent.is_none() && running.case.status == CaseStatus::Running),
        };
        found.ok_or_else(|| refused("没有这样的办件", "there is no such case"))
    }

    /// Work that can be completed, oldest first over all cases.
    pub(super) fn open(&self) -> Vec<Open> {
        let open = (0..self.cases.len()).flat_map(|case| self.open_in(case)).collect();
        self.oldest_first(open)
    }

    /// Work of one case that can be completed, oldest first.
    pub(super) fn open_of(&self, case: usize) -> Vec<Open> {
        self.oldest_first(self.open_in(case).collect())
    }

    fn open_in(&self, case: usize) -> impl Iterator<Item = Open> {
        let running = &self.cases[case].case;
        let tasks = running.tasks.iter().map(|(no, task)| (*no, task.node.clone(), false));
        let jobs = running.jobs.iter().map(|(no, job)| (*no, job.node.clone(), true));
        tasks.chain(jobs).map(move |(no, node, is_job)| Open { case, no, node, is_job })
    }

    fn oldest_first(&self, mut open: Vec<Open>) -> Vec<Open> {
        open.sort_by_key(|open| self.cases[open.case].open_since.get(&open.no).copied());
        open
    }

    fn select(&self, selector: &TaskSelector, case: Option<usize>) -> Result<Open, Rejection> {
        let mut open = self.open();
        open.retain(|open| case.is_none_or(|case| open.case + 1 == case));
        match selector {
            TaskSelector::Only { .. } if open.len() != 1 => {
                let ids: Vec<&str> = open.iter().map(|open| open.node.as_str()).collect();
                return Err(refused(format!("待办不是正好一个：{ids:?}"), format!("there is not exactly one open task: {ids:?}")));
            }
            TaskSelector::Named(name) => open.retain(|open| self.is_called(open, name)),
            TaskSelector::Only { .. } | TaskSelector::Any { .. } => {}
        }
        let first = open.into_iter().next();
        first.ok_or_else(|| refused(format!("没有待办 {selector:?}"), format!("no open task is {selector:?}")))
    }

    fn is_called(&self, open: &Open, name: &str) -> bool {
        let node = self.cases[open.case].definition.process.node(&open.node);
        open.node == name || self.key(open) == name || node.and_then(|node| node.name.as_ref()).is_some_and(|text| text.zh == name)
    }

    /// The first action of a user task, or what all others are completed by.
    fn first_action(&self, open: &Open) -> String {
        let node = self.cases[open.case].definition.process.node(&open.node);
        match node.map(|node| &node.kind) {
            Some(crate::definition::NodeKind::UserTask(task)) => task.actions.keys().next().cloned().unwrap_or_default(),
            _ => "complete".to_owned(),
        }
    }

    /// Makes happen what a node waits for: in the case where it began to wait last, else a start.
    fn trigger(&mut self, node: &str) -> Result<(), Rejection> {
        let mut last = refused(format!("“{node}”现在没有在等待"), format!("nothing waits at `{node}` now"));
        for index in (0..self.cases.len()).rev() {
            let running = &self.cases[index];
            if running.case.status != CaseStatus::Running || running.definition.process.node(node).is_none() {
                continue;
            }
            match self.ask(index, Ask::Trigger { node: node.to_owned() }) {
                Ok(()) => return Ok(()),
                Err(rejection) => last = rejection,
            }
        }
        match self.begins_at(node) {
            Some(process) => {
                self.start(&process, Some(node), Map::new())?;
                self.settle()
            }
            None => Err(last),
        }
    }

    /// Fires timers in the order of their due times, new ones included, until so much time has passed.
    fn advance(&mut self, by: &str) -> Result<(), Rejection> {
        let by = Duration::parse(by).map_err(|message| Rejection::new(crate::interpreter::codes::NOT_DUE, message))?;
        let Some(definition) = self.definitions.first() else { return Ok(()) };
        let until = definition.calendar.due(self.now, by).at;
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.commands += 1;
            if self.commands > super::COMMANDS_MAX {
                return Err(refused("触发的定时过多", "too many timers fired"));
            }
            self.now = self.now.max(due);
            self.moved = 0;
            self.fire_due(due)?;
        }
        self.now = until;
        Ok(())
    }

    fn next_due(&self) -> Option<crate::time::Moment> {
        let running = self.cases.iter().flat_map(|running| running.case.timers.values().map(|timer| timer.due));
        running.chain(self.starts.iter().map(|start| start.due)).min()
    }

    fn fire_due(&mut self, due: crate::time::Moment) -> Result<(), Rejection> {
        if let Some(at) = self.starts.iter().position(|start| start.due == due) {
            return self.fire_start(at);
        }
        let found = self.cases.iter().enumerate().find_map(|(index, running)| {
            let (no, _) = running.case.timers.iter().find(|(_, timer)| timer.due == due)?;
            Some((index, *no))
        });
        match found {
            Some((index, timer)) => self.ask(index, Ask::FireTimer { timer }),
            None => Ok(()),
        }
    }

    fn fire(&mut self, selector: &TimerSelector) -> Result<(), Rejection> {
        let mut timers: Vec<(usize, String)> = Vec::new();
        for (index, running) in self.cases.iter().enumerate() {
            timers.extend(running.case.timers.values().filter_map(|timer| match &timer.purpose {
                TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } => Some((index, node.clone())),
                TimerPurpose::Clock { .. } => None,
            }));
        }
        if let TimerSelector::Named(name) = selector {
            timers.retain(|(index, node)| node == name || self.shown_id(*index, node) == *name);
            timers.truncate(1);
        }
        match timers.as_slice() {
            [(index, node)] => self.ask(*index, Ask::Trigger { node: node.clone() }),
            [] => match (selector, self.starts.len()) {
                (TimerSelector::Only { .. }, 1) => self.fire_start(0),
                (TimerSelector::Named(name), _) => match self.starts.iter().position(|start| start.node == *name) {
                    Some(at) => self.fire_start(at),
                    None => Err(refused(format!("没有定时 {name}"), format!("there is no timer {name}"))),
                },
                _ => Err(refused("没有定时", "there is no timer")),
            },
            several => Err(refused(format!("定时不是正好一个：{}", several.len()), format!("there are {} timers", several.len()))),
        }
    }
}
