//! What a step's answer tells: what happened since the last one, and where every case stands.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{World, step::Open};
use crate::{
    definition::{Definition, NodeKind},
    interpreter::{Case, CaseStatus, Rejection, TimerPurpose, WaitKind, Waiter},
    text::{Language, Text},
};

/// The answer to one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether the step was carried out.
    pub ok: bool,
    /// Why not.
    pub error: Option<String>,
    /// Nodes that ended in the ordinary way since the last answer, each as often as it happened.
    pub completed: Vec<String>,
    /// Sequence flows taken since the last answer.
    pub taken: Vec<String>,
    /// What scripts said.
    pub log: Vec<String>,
    /// Every case since the beginning.
    pub cases: Vec<CaseSeen>,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseSeen {
    /// Its number, from 1.
    pub case: usize,
    /// The case that called it.
    pub parent: Option<usize>,
    /// Process id.
    pub process: String,
    /// `running`, `ended` or `incident`.
    pub state: String,
    /// The error that nothing caught.
    pub error: Option<String>,
    /// End events reached.
    pub ended_at: Vec<String>,
    /// Work that can be completed.
    pub open: Vec<OpenSeen>,
    /// Timers.
    pub timers: Vec<TimerSeen>,
    /// Messages, signals and conditions that are waited for.
    pub waiting: Vec<WaitSeen>,
    /// Its data.
    pub data: Map<String, Value>,
    /// The first step that failed and waits for repair.
    pub incident: Option<IncidentSeen>,
}

/// Open work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenSeen {
    /// Unique over the world.
    pub key: String,
    /// Element's id.
    pub task: String,
    /// Its name.
    pub name: Option<String>,
    /// The dialect's word for it.
    pub kind: String,
}

/// A timer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimerSeen {
    /// The event's id.
    pub id: String,
    /// When it is due (RFC 3339).
    pub due: String,
}

/// Something that is waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitSeen {
    /// `message`, `signal` or `condition`; `message` without a name where it is not said.
    pub kind: String,
    /// The message's or signal's name.
    pub name: Option<String>,
    /// The waiting node.
    pub node: String,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentSeen {
    /// Where.
    pub element: String,
    /// Why.
    pub message: String,
}

impl World {
    pub(super) fn answer(&mut self, refused: Option<Rejection>) -> Answer {
        let heard = std::mem::take(&mut self.heard);
        Answer {
            ok: refused.is_none(),
            error: refused.map(|rejection| en(&rejection.message)),
            completed: heard.completed,
            taken: heard.taken,
            log: heard.log,
            cases: (0..self.cases.len()).map(|index| self.case_seen(index)).collect(),
        }
    }

    /// The answer to a step that cannot be understood.
    pub fn not_understood(&mut self, why: &str) -> Answer {
        Answer { ok: false, error: Some(why.to_owned()), ..self.answer(None) }
    }

    fn case_seen(&self, index: usize) -> CaseSeen {
        let running = &self.cases[index];
        let case = &running.case;
        let incident = case.incidents.values().next();
        let state = match case.status {
            CaseStatus::Ended => "ended",
            CaseStatus::Running if incident.is_some() => "incident",
            CaseStatus::Running => "running",
        };
        CaseSeen {
            case: index + 1,
            parent: running.parent.map(|parent| parent + 1),
            process: case.process.clone(),
            state: state.to_owned(),
            error: case.error.clone(),
            ended_at: case.ended_at.clone(),
            open: self.open_of(index).iter().map(|open| self.open_seen(open)).collect(),
            timers: timers(&running.definition, case),
            waiting: waiting(&running.definition, case),
            data: case.data.clone(),
            incident: incident.map(|incident| IncidentSeen { element: incident.node.clone(), message: en(&incident.message) }),
        }
    }

    /// The key by which open work can be named.
    pub(super) fn key(&self, open: &Open) -> String {
        format!("{}:{}", open.case + 1, open.no)
    }

    fn open_seen(&self, open: &Open) -> OpenSeen {
        let node = self.cases[open.case].definition.process.node(&open.node);
        OpenSeen {
            key: self.key(open),
            task: open.node.clone(),
            name: node.and_then(|node| node.name.as_ref()).map(|name| name.zh.clone()),
            kind: node.map(|node| node.kind.word().to_owned()).unwrap_or_default(),
        }
    }

    /// The id that an answer tells of a waiting node: of an event sub-process, its start event's.
    pub(super) fn shown_id(&self, index: usize, node: &str) -> String {
        shown(&self.cases[index].definition, node)
    }
}

fn shown(definition: &Definition, id: &str) -> String {
    let process = &definition.process;
    match process.node(id).map(|node| &node.kind) {
        Some(NodeKind::EventSubProcess(event)) => {
            let start = process.scopes[event.scope].starts.first();
            start.map_or_else(|| id.to_owned(), |&start| process.nodes[start].id.clone())
        }
        _ => id.to_owned(),
    }
}

fn timers(definition: &Definition, case: &Case) -> Vec<TimerSeen> {
    let seen = case.timers.values().filter_map(|timer| match &timer.purpose {
        TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } => {
            Some(TimerSeen { id: shown(definition, node), due: definition.calendar.format_moment(timer.due) })
        }
        TimerPurpose::Clock { .. } => None,
    });
    seen.collect()
}

fn waiting(definition: &Definition, case: &Case) -> Vec<WaitSeen> {
    let seen = case.waits.values().map(|wait| {
        let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = &wait.waiter;
        let (kind, named) = match wait.kind {
            WaitKind::Message => ("message", true),
            WaitKind::Signal => ("signal", true),
            WaitKind::Condition => ("condition", false),
            // What it waits for is not said; a message may be meant.
            WaitKind::Unfinished => ("message", false),
        };
        WaitSeen { kind: kind.to_owned(), name: named.then(|| wait.message.clone()), node: shown(definition, node) }
    });
    seen.collect()
}

fn en(text: &Text) -> String {
    text.get(Language::En).to_owned()
}
