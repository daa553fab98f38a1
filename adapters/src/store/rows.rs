//! What the store gives to pages, adapters and tests: plain rows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tongban_engine::{
    definition::{Definition, PortalStatus, Priority},
    interpreter::{Actor, Case, CaseId, CaseStatus, Event, LocalNo, Recipient},
    text::Text,
    time::Moment,
};

use crate::seal::Sensitive;

/// Rows on one page of a list.
pub const PAGE_ROWS: u32 = 50;

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The case.
    pub case: CaseId,
    /// The case's journal stands here after the command.
    pub seq: u64,
    /// The case's number, once it has one.
    pub number: Option<String>,
    /// This key was answered before; nothing happened now.
    #[serde(skip)]
    pub replayed: bool,
}

/// What a list is narrowed to; [`Filter::default`] is the first page of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Process id.
    pub process: Option<String>,
    /// Occurs in title, number or applicant's name, whatever the case of its letters.
    pub text: Option<String>,
    /// Due before this moment (step or law).
    pub due_before: Option<Moment>,
    /// Only tasks that the viewer has claimed.
    pub claimed: bool,
    /// What stands for `text` in the index of sealed fields: the store fills it in.
    pub blind: Vec<Blind>,
    /// Page, from 0.
    pub page: u32,
}

/// A value of a sealed field as the index has it: whoever has the value and the key file finds the case, nobody else learns
/// the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// Data name.
    pub name: String,
    /// HMAC-SM3 of name and value, 128 bits of it.
    pub hash: String,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// At most [`PAGE_ROWS`].
    pub rows: Vec<T>,
    /// Rows on all pages.
    pub total: u64,
    /// This page, from 0.
    pub page: u32,
}

impl<T> Page<T> {
    /// How many pages there are, at least 1.
    pub fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(PAGE_ROWS)).max(1)).unwrap_or(u32::MAX)
    }
}

/// An open task as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskRow {
    /// The case.
    pub case: CaseId,
    /// The task.
    pub task: LocalNo,
    /// Node id.
    pub node: String,
    /// The step's name.
    pub name: Text,
    /// Process id.
    pub process: String,
    /// The process's name.
    pub process_name: Text,
    /// Case title.
    pub title: String,
    /// Case number.
    pub number: Option<String>,
    /// Applicant's name.
    pub applicant: String,
    /// Role that does it.
    pub role: String,
    /// Unit that does it.
    pub unit: String,
    /// Who has claimed it.
    pub assignee: Option<String>,
    /// When it was opened.
    pub opened_at: Moment,
    /// When the application was received.
    pub received_at: Moment,
    /// The step's limit.
    pub due: Option<Moment>,
    /// `due` rests on a calendar year that is not known yet.
    pub provisional: bool,
    /// The law's limit: the soonest of the running clocks.
    pub law_due: Option<Moment>,
    /// A legal clock is paused.
    pub law_paused: bool,
    /// How often it was urged.
    pub urged: u32,
    /// How pressing it is.
    pub priority: Priority,
}

/// A case as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Process id.
    pub process: String,
    /// The process's name.
    pub process_name: Text,
    /// Whether it runs.
    pub status: CaseStatus,
    /// The unit that handles it.
    pub unit: String,
    /// Applicant's name.
    pub applicant: String,
    /// The applicant's own unit, if it is one of ours.
    pub applicant_unit: Option<String>,
    /// Where it came from.
    pub source: String,
    /// The application's number there.
    pub application_no: String,
    /// When it began here.
    pub started_at: Moment,
    /// When the application was received.
    pub received_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The last status reported to the applicant.
    pub portal: Option<PortalStatus>,
    /// Where it stands: the names of its open tasks.
    pub standing: Vec<Text>,
    /// The soonest limit of its open tasks and running clocks.
    pub due: Option<Moment>,
    /// Steps that failed and wait for repair.
    pub incidents: u32,
    /// It was set aside, and why.
    pub quarantined: Option<String>,
    /// What the viewer did last in it (lists of 在办 and 已办).
    pub mine: Option<DoneMark>,
    /// The copy that the viewer was sent (the list of 抄送我的).
    pub copy: Option<CopyMark>,
}

/// A copy of a case that somebody was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyMark {
    /// Its number within the case.
    pub no: LocalNo,
    /// The step's name that it was sent from.
    pub name: Text,
    /// Person who sent it.
    pub by: Option<String>,
    /// When.
    pub at: Moment,
    /// When it was read; None: 待阅.
    pub read: Option<Moment>,
}

/// What somebody did in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoneMark {
    /// Step.
    pub node: String,
    /// The step's name.
    pub name: Text,
    /// The action's name.
    pub action: Text,
    /// When.
    pub at: Moment,
}

/// How many rows each list has, by the same conditions as the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// 待办.
    pub todo: u64,
    /// 待办, past its limit.
    pub overdue: u64,
    /// 在办.
    pub doing: u64,
    /// 已办.
    pub done: u64,
    /// 我发起.
    pub mine: u64,
    /// 抄送我的, not read yet.
    pub unread: u64,
}

/// A case with what it runs on, values opened.
#[derive(Clone, Debug)]
pub struct OpenedCase {
    /// The case.
    pub case: Case,
    /// The version it runs on.
    pub definition: Arc<Definition>,
    /// Hash of its last journal row.
    pub head: String,
    /// It was set aside, and why.
    pub quarantined: Option<String>,
    /// The key of its sensitive values was destroyed: [`tongban_engine::form::DESTROYED`] stands in their place.
    pub destroyed: bool,
}

/// One row of a case's journal, values opened.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalRow {
    /// From 1, dense.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: Actor,
    /// The command's idempotency key.
    pub key: String,
    /// What was asked: `start`, `complete`, ….
    pub ask: String,
    /// What happened.
    pub events: Vec<Event>,
    /// Hash of the row before, hexadecimal; empty for the first.
    pub prev: String,
    /// SM3 over `prev` and this row as stored, hexadecimal.
    pub hash: String,
}

/// A document, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its number within the case.
    pub no: LocalNo,
    /// Title.
    pub title: String,
    /// Document number.
    pub number: Option<String>,
    /// The rendered tree as HTML.
    pub html: String,
    /// SM3 of it.
    pub hash: String,
    /// When it was made.
    pub made_at: Moment,
}

/// A notice that was sent, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRow {
    /// Its number within the case.
    pub no: LocalNo,
    /// When.
    pub at: Moment,
    /// Whom.
    pub to: Vec<Recipient>,
    /// Subject.
    pub subject: String,
    /// HTML body.
    pub html: String,
}

/// What came in from outside, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeRow {
    /// The platform's id.
    pub source: String,
    /// Its own identifier of the message.
    pub message_id: String,
    /// The nonce it was signed with.
    pub nonce: String,
    /// What kind of message.
    pub kind: String,
    /// The application it is about.
    pub application_no: String,
    /// When.
    pub received_at: Moment,
    /// The raw body.
    pub body: Sensitive,
    /// What became of it.
    pub state: IntakeState,
    /// The case it went to.
    pub case: Option<CaseId>,
    /// Why it was refused.
    pub rejection: Option<String>,
}

/// What became of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntakeState {
    /// Recorded, not carried out yet.
    Received,
    /// Carried out.
    Accepted,
    /// The engine refused it; a clerk must look.
    Refused,
    /// A clerk has dealt with it.
    Done,
}

impl IntakeState {
    /// Its word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Done => "done",
        }
    }

    /// The state called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Received, Self::Accepted, Self::Refused, Self::Done].into_iter().find(|state| state.word() == word)
    }
}

/// What recording a message found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is new.
    New,
    /// The same message was recorded before; this is what became of it then.
    Known(Box<IntakeRow>),
    /// Its nonce was used by another message.
    NonceUsed,
}

/// State of an outbox row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutboxRow {
    /// Row id, `case:seq:n`; also the idempotency key.
    pub id: String,
    /// The case.
    pub case: CaseId,
    /// Where to.
    pub destination: String,
    /// When it was asked for.
    pub at: Moment,
    /// `pending`, `delivered` or `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When it is tried next.
    pub next_at: Moment,
    /// What the last attempt said.
    pub error: Option<String>,
}

/// A draft of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it is a draft of: `task:CASE:NO`, `start:PROCESS`.
    pub about: String,
    /// What was typed.
    pub body: serde_json::Value,
    /// When it was saved.
    pub at: Moment,
}

/// Somebody opened something of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadRow {
    /// When.
    pub at: Moment,
    /// Person id.
    pub person: String,
    /// What: `case`, `document:3`, `file:…`, a task.
    pub what: String,
}

/// A deployed version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Process id.
    pub process: String,
    /// 1, 2, 3, … within the process.
    pub no: u32,
    /// Content hash.
    pub hash: String,
    /// When it was deployed.
    pub at: Moment,
}

/// What a deployment did.
#[derive(Clone, Debug, Default)]
pub struct Deployed {
    /// Versions that are new now; what was the latest already is not among them.
    pub versions: Vec<Version>,
    /// Warnings and hints.
    pub findings: Vec<tongban_engine::diagnostic::Finding>,
}
