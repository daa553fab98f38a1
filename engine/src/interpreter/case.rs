//! Where one case stands: scopes, tokens, what waits, clocks and data. A value; only `apply` changes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CaseCopy, Suspension, TaskExtra, Trail};
use crate::{
    calendar::{ClockRecord, Duration},
    definition::PortalStatus,
    organisation::Post,
    text::Text,
    time::Moment,
};

/// A case's identifier: made by the shell (UUIDv7), or from a hash of source and application number.
pub type CaseId = String;
/// A number that is unique within its case: tokens, scopes, tasks, timers, waits, jobs, documents share one counter.
pub type LocalNo = u32;
/// The process scope's number in every case.
pub const ROOT: LocalNo = 0;

/// A running or finished instance of a process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its identifier.
    pub id: CaseId,
    /// Process id.
    pub process: String,
    /// Content hash of the definition version it runs on.
    pub definition: String,
    /// How many commands have changed it: the journal's last sequence number.
    pub seq: u64,
    /// Whether it runs.
    pub status: CaseStatus,
    /// What is known about it besides its data.
    pub facts: Facts,
    /// The next free local number.
    pub next: LocalNo,
    /// Open scopes; [`ROOT`] is the process.
    pub scopes: BTreeMap<LocalNo, ScopeState>,
    /// Tokens.
    pub tokens: BTreeMap<LocalNo, Token>,
    /// Open tasks.
    pub tasks: BTreeMap<LocalNo, Task>,
    /// Timers that have not fired.
    pub timers: BTreeMap<LocalNo, Timer>,
    /// Waits for messages.
    pub waits: BTreeMap<LocalNo, Wait>,
    /// Work that an adapter or worker was asked for.
    pub jobs: BTreeMap<LocalNo, Job>,
    /// Cases that were called and have not answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<LocalNo, Call>,
    /// Legal clocks by id.
    pub clocks: BTreeMap<String, ClockRecord>,
    /// Legal clocks that the version it runs on does not have: they go on unseen, for a version that has them again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub laid_aside: BTreeMap<String, ClockRecord>,
    /// Case data by name.
    pub data: Map<String, Value>,
    /// Attachments.
    pub materials: Vec<MaterialGiven>,
    /// Documents made.
    pub documents: Vec<DocumentRef>,
    /// Messages that came early and are kept.
    pub kept: Vec<KeptMessage>,
    /// Nodes that were passed: how often, and who completed them.
    pub passed: BTreeMap<String, Passed>,
    /// What was passed in the process's own scope, and in which order. Inner scopes have their own.
    #[serde(default, skip_serializing_if = "Trail::is_empty")]
    pub trail: Trail,
    /// How many passes there were.
    #[serde(default)]
    pub passes: u32,
    /// Copies for people to read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<LocalNo, CaseCopy>,
    /// People do not work on it for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Suspension>,
    /// The last status reported to the applicant.
    pub portal: Option<PortalStatus>,
    /// End events reached.
    pub ended_at: Vec<String>,
    /// The error that nothing caught and that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What failed and waits for repair.
    pub incidents: BTreeMap<LocalNo, Incident>,
}

/// Whether a case runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseStatus {
    /// 在办.
    #[default]
    Running,
    /// 办结.
    Ended,
}

/// What is known about a case besides its data; expressions see it as `meta`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Case number (办件编号), once taken.
    pub number: Option<String>,
    /// Title, as shown in lists.
    pub title: String,
    /// The unit that handles it.
    pub unit: String,
    /// Who applied.
    pub applicant: Applicant,
    /// The application's number at its source; for cases begun here, the case's own identifier.
    pub application_no: String,
    /// Where it came from: a platform's id, `portal` (organisations' pages) or `office`.
    pub source: String,
    /// Person id of who started it, if a person of ours did.
    pub started_by: Option<String>,
    /// When the case began here.
    pub started_at: Moment,
    /// When the application was received (may lie before `started_at`).
    pub received_at: Moment,
    /// The case that called it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
}

/// Who called a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The calling case.
    pub case: CaseId,
    /// Its call's number.
    pub call: LocalNo,
}

/// Who applied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Applicant {
    /// Shown name.
    pub name: String,
    /// Person id, if the applicant has an account here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Unit id, if the applicant is an organisation of ours (a venue, a religious body).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The platform's own identifier of the applicant. Opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Mail address for notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// An open scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScopeState {
    /// The sub-process node it is the inside of; None for the process.
    pub node: Option<String>,
    /// The scope around it.
    pub parent: Option<LocalNo>,
    /// The token that stands at the node outside and goes on when this scope completes.
    pub token: Option<LocalNo>,
    /// Data local to this instance.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub locals: Map<String, Value>,
    /// Which instance of a multi-instance, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// How many instances there are in all, if this is the body of a multi-instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<u32>,
    /// Activities inside that completed and can be compensated, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Compensable>,
    /// What is still to be compensated in it, next first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensation: Vec<Compensable>,
    /// Opened again to compensate what was done in it, for this throwing token or scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensates: Option<LocalNo>,
    /// A transaction that is being cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelling: bool,
    /// Complex gateways inside that wait to be reset: gateway → incoming flows that were used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resetting: BTreeMap<String, Vec<String>>,
    /// Nodes of an ad-hoc sub-process that begin one after another, next first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<String>,
    /// What was passed in it, and in which order.
    #[serde(default, skip_serializing_if = "Trail::is_empty")]
    pub trail: Trail,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_none(weight: &u64) -> bool {
    *weight == 0
}

/// An activity that completed and can be compensated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compensable {
    /// The activity.
    pub node: String,
    /// Its instance's own data, for a sub-process or an instance.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub locals: Map<String, Value>,
    /// What completed inside it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Compensable>,
}

/// A call of another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The waiting token.
    pub token: LocalNo,
    /// Call activity's id.
    pub node: String,
    /// Called process id.
    pub process: String,
}

/// A token at a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// Node id.
    pub node: String,
    /// The scope it is in.
    pub scope: LocalNo,
    /// The flow it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// A multi-instance activity's own bookkeeping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<Instances>,
    /// It runs a compensation handler for this throwing token or scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensates: Option<LocalNo>,
    /// What it still has to compensate, next first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensation: Vec<Compensable>,
    /// It does a passed step again for this task, which is held meanwhile, and then is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detour: Option<LocalNo>,
}

/// Count of a multi-instance activity's instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instances {
    /// How many were begun.
    pub total: u32,
    /// How many ended in the ordinary way.
    pub completed: u32,
    /// Elements of instances that are not begun yet (sequential).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Value>,
    /// Weights of their votes, by index, where they vote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<u32>,
    /// Weights in favour so far.
    #[serde(default, skip_serializing_if = "is_none")]
    pub in_favour: u64,
    /// Weights against so far.
    #[serde(default, skip_serializing_if = "is_none")]
    pub against: u64,
}

/// An open task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The token that waits in it.
    pub token: LocalNo,
    /// Node id.
    pub node: String,
    /// The scope it is in (its data is read from there outwards).
    pub scope: LocalNo,
    /// Who may do it.
    pub post: Post,
    /// Who has claimed it or was given it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// When it was opened.
    pub opened_at: Moment,
    /// The step's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Moment>,
    /// The due moment rests on a calendar year that is not known yet.
    #[serde(default)]
    pub provisional: bool,
    /// The clock record of the step itself, for its light and ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Duration>,
    /// How often it was urged.
    #[serde(default)]
    pub urged: u32,
    /// Signers, delegation, read marks.
    #[serde(default, skip_serializing_if = "TaskExtra::is_empty")]
    pub extra: TaskExtra,
}

/// A timer that has not fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// What it is for.
    pub purpose: TimerPurpose,
    /// When it began to wait.
    pub since: Moment,
    /// When it is due.
    pub due: Moment,
    /// What it waits, if it is a duration (computed again when the calendar changes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Duration>,
    /// Rests on a calendar year that is not known: has no effect until it is.
    #[serde(default)]
    pub provisional: bool,
    /// Repetitions left, for cycles; None: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<u32>,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerPurpose {
    /// The timer of `node`: a catch event where `token` stands, or a boundary event of the activity where it stands.
    Token {
        /// The waiting token.
        token: LocalNo,
        /// The catch or boundary event.
        node: String,
    },
    /// An event sub-process `node` of an open scope.
    Scope {
        /// The open scope.
        scope: LocalNo,
        /// The event sub-process.
        node: String,
    },
    /// A warning of a legal clock.
    Clock {
        /// Clock id.
        clock: String,
        /// Which warning.
        warning: u32,
    },
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// A message.
    #[default]
    Message,
    /// A signal.
    Signal,
    /// A condition that becomes true.
    Condition,
    /// Something that is not said yet.
    Unfinished,
}

/// A wait for a message, a signal or a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What is waited for.
    #[serde(default)]
    pub kind: WaitKind,
    /// Whether the condition held when it was last looked at.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held: bool,
    /// Message or signal name; a condition's text.
    pub message: String,
    /// Correlation key.
    pub key: String,
    /// Who waits: a token at a node, or an event sub-process of a scope.
    pub waiter: Waiter,
}

/// Who waits for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiter {
    /// `node`: a catch event or receive task where `token` stands, a boundary event of the activity where it stands, or
    /// an event behind the event-based gateway where it stands.
    Token {
        /// The waiting token.
        token: LocalNo,
        /// The catching node.
        node: String,
    },
    /// An event sub-process `node` of an open scope.
    Scope {
        /// The open scope.
        scope: LocalNo,
        /// The event sub-process.
        node: String,
    },
}

/// Work that an adapter or worker was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The waiting token.
    pub token: LocalNo,
    /// Service task's id.
    pub node: String,
    /// Operation name.
    pub operation: String,
    /// Attempts so far.
    pub attempts: u32,
}

/// An attachment as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialGiven {
    /// Material id of the form.
    pub material: String,
    /// File id in the file store (content hash).
    pub file: String,
    /// File name as given, data only.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Media type as detected from content.
    pub media_type: String,
}

/// A document that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRef {
    /// Its local number.
    pub no: LocalNo,
    /// The node that made it.
    pub node: String,
    /// Template name.
    pub template: String,
    /// Name it is kept under (`save`).
    pub name: Option<String>,
    /// Title.
    pub title: String,
    /// Document number, if it took one.
    pub number: Option<String>,
    /// SM3 of the rendered tree, hexadecimal.
    pub hash: String,
    /// When it was made.
    pub made_at: Moment,
}

/// A message that came before anybody waited for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Message name.
    pub message: String,
    /// Correlation key.
    pub key: String,
    /// Its data.
    pub data: Map<String, Value>,
    /// Its attachments.
    #[serde(default)]
    pub materials: Vec<MaterialGiven>,
    /// Dropped after this moment.
    pub until: Moment,
}

/// A node that was passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// How often it ended in the ordinary way.
    pub times: u32,
    /// Person ids of those who completed it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub by: BTreeSet<String>,
}

/// A step that failed and waits for repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The token that stands there.
    pub token: LocalNo,
    /// Node id.
    pub node: String,
    /// What happened, with `file:line`.
    pub message: Text,
    /// When.
    pub at: Moment,
}
