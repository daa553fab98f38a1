//! Shapes that endpoints share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_adapters::store::{Answer, CaseRow, TaskRow};
use tongban_engine::{
    calendar::{Calendar, Light},
    interpreter::{CaseStatus, Event},
    text::Text,
    time::Moment,
};
use utoipa::ToSchema;

/// A text in Chinese and, if there is one, English.
#[derive(Serialize, ToSchema)]
pub(super) struct Words {
    zh: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    en: Option<String>,
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Self {
        Self { zh: text.zh.clone(), en: text.en.clone() }
    }
}

/// The answer to a command.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// The case.
    case: String,
    /// Where its journal stands now.
    seq: u64,
    /// Its number, once it has one.
    number: Option<String>,
    /// The key had been answered before; nothing happened now.
    replayed: bool,
}

impl From<Answer> for Done {
    fn from(answer: Answer) -> Self {
        Self { case: answer.case, seq: answer.seq, number: answer.number, replayed: answer.replayed }
    }
}

/// A light.
#[derive(Serialize, ToSchema)]
pub(super) struct LightShape {
    /// `overdue`, `due-today`, `warning`, `normal`, `paused`, `none`.
    state: String,
    /// In words.
    text: Words,
    /// When it is due, RFC 3339.
    due: Option<String>,
    /// 暂定: rests on a year that the calendar does not know.
    provisional: bool,
}

impl LightShape {
    /// A light, its moments in the calendar's zone.
    pub(super) fn new(light: &Light, calendar: &Calendar) -> Self {
        Self {
            state: light.state.code().to_owned(),
            text: Words::from(&light.text),
            due: light.due.as_ref().map(|due| calendar.format_moment(due.at)),
            provisional: light.due.as_ref().is_some_and(|due| due.provisional),
        }
    }
}

/// An open task in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskItem {
    case: String,
    task: u32,
    /// Node id.
    node: String,
    step: Words,
    process: String,
    process_name: Words,
    title: String,
    number: Option<String>,
    applicant: String,
    role: String,
    unit: String,
    assignee: Option<String>,
    opened_at: String,
    received_at: String,
    due: Option<String>,
    provisional: bool,
    urged: u32,
    /// `urgent`, `high`, `normal`, `low`.
    priority: String,
}

impl TaskItem {
    /// A row of the store.
    pub(super) fn new(row: &TaskRow, calendar: &Calendar) -> Self {
        let time = |at: Moment| calendar.format_moment(at);
        Self {
            case: row.case.clone(),
            task: row.task,
            node: row.node.clone(),
            step: Words::from(&row.name),
            process: row.process.clone(),
            process_name: Words::from(&row.process_name),
            title: row.title.clone(),
            number: row.number.clone(),
            applicant: row.applicant.clone(),
            role: row.role.clone(),
            unit: row.unit.clone(),
            assignee: row.assignee.clone(),
            opened_at: time(row.opened_at),
            received_at: time(row.received_at),
            due: row.due.map(time),
            provisional: row.provisional,
            urged: row.urged,
            priority: row.priority.word().to_owned(),
        }
    }
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseItem {
    case: String,
    number: Option<String>,
    title: String,
    process: String,
    process_name: Words,
    ended: bool,
    unit: String,
    applicant: String,
    started_at: String,
    received_at: String,
    ended_at: Option<String>,
    /// Portal status code.
    portal: Option<String>,
    /// Names of its open steps.
    standing: Vec<Words>,
    due: Option<String>,
    incidents: u32,
    /// The copy that the caller was sent: in the box `copied`.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<CopyItem>,
}

/// A copy of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct CopyItem {
    /// Its number within the case, for `markRead`.
    no: u32,
    /// Name of the step that it was sent from.
    step: Words,
    /// Person who sent it.
    by: Option<String>,
    at: String,
    /// When it was read.
    read: Option<String>,
}

impl CaseItem {
    /// A row of the store.
    pub(super) fn new(row: &CaseRow, calendar: &Calendar) -> Self {
        let time = |at: Moment| calendar.format_moment(at);
        Self {
            case: row.case.clone(),
            number: row.number.clone(),
            title: row.title.clone(),
            process: row.process.clone(),
            process_name: Words::from(&row.process_name),
            ended: row.status == CaseStatus::Ended,
            unit: row.unit.clone(),
            applicant: row.applicant.clone(),
            started_at: time(row.started_at),
            received_at: time(row.received_at),
            ended_at: row.ended_at.map(time),
            portal: row.portal.map(|status| status.code().to_owned()),
            standing: row.standing.iter().map(Words::from).collect(),
            due: row.due.map(time),
            incidents: row.incidents,
            copy: row.copy.as_ref().map(|copy| CopyItem {
                no: copy.no,
                step: Words::from(&copy.name),
                by: copy.by.clone(),
                at: time(copy.at),
                read: copy.read.map(time),
            }),
        }
    }
}

/// A page of tasks or of cases.
#[derive(Serialize, ToSchema)]
pub(super) struct Listed {
    /// Rows on all pages.
    pub(super) total: u64,
    /// This page, from 1.
    pub(super) page: u32,
    /// Open tasks: in the box `todo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tasks: Option<Vec<TaskItem>>,
    /// Cases: in the other boxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cases: Option<Vec<CaseItem>>,
}

/// What would happen, or what happened.
#[derive(Serialize, ToSchema)]
pub(super) struct Happening {
    /// The events, each with its name under `event`.
    #[schema(value_type = Vec<Object>)]
    pub(super) events: Vec<Event>,
    /// The same in words, as the page says it.
    pub(super) words: Vec<String>,
}

/// Data by name.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenData {
    /// Values by data name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) data: Map<String, Value>,
}

/// A reason, told to others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// Why.
    pub(super) reason: String,
}
