//! Everything that can happen to a case. Stored for ever: variants and fields are only added.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Compensable, Facts, LocalNo, MaterialGiven, SignerWay, TimerPurpose, WaitKind, Waiter};
use crate::{
    calendar::Duration,
    definition::{PortalStatus, Priority, ResumeWay},
    organisation::Post,
    text::Text,
    time::Moment,
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
#[expect(missing_docs, reason = "field names are those of case.rs, documented there")]
pub enum Event {
    /// The case began.
    CaseStarted { process: String, definition: String, facts: Box<Facts> },
    /// The case's number or title was set.
    CaseNamed { number: Option<String>, title: String },
    /// A number was taken from a series.
    NumberTaken { series: String, value: u64, text: String },
    /// Data was written, in the scope that has the names ([`super::ROOT`]: the case).
    DataSet { scope: LocalNo, values: Map<String, Value> },
    /// Attachments came in; one of a material that was there replaces it.
    MaterialsAdded { materials: Vec<MaterialGiven> },
    /// A sub-process instance or event sub-process began.
    ScopeOpened {
        scope: LocalNo,
        node: String,
        parent: LocalNo,
        token: Option<LocalNo>,
        locals: Map<String, Value>,
        index: Option<u32>,
        instances: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compensates: Option<LocalNo>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<Compensable>,
    },
    /// A scope ended: in the ordinary way, or interrupted.
    ScopeClosed { scope: LocalNo, completed: bool },
    /// A token came to a node.
    TokenPlaced {
        token: LocalNo,
        node: String,
        scope: LocalNo,
        flow: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compensates: Option<LocalNo>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detour: Option<LocalNo>,
    },
    /// A token left its node: in the ordinary way, or interrupted.
    TokenTaken { token: LocalNo, completed: bool },
    /// A multi-instance activity has `total` instances; `pending` are the elements of those that begin one after another.
    InstancesBegun {
        token: LocalNo,
        total: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pending: Vec<Value>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weights: Vec<u32>,
    },
    /// An instance voted.
    InstanceVoted { token: LocalNo, in_favour: bool, weight: u32 },
    /// The next of its pending instances began.
    NextInstanceBegun { token: LocalNo },
    /// One of its instances ended.
    InstanceCompleted { token: LocalNo },
    /// A task was opened.
    TaskOpened {
        task: LocalNo,
        token: LocalNo,
        node: String,
        scope: LocalNo,
        post: Post,
        due: Option<Moment>,
        provisional: bool,
        limit: Option<Duration>,
        #[serde(default, skip_serializing_if = "Priority::is_normal")]
        priority: Priority,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signs: Option<LocalNo>,
    },
    /// A task was claimed, or given to somebody.
    TaskAssigned {
        task: LocalNo,
        person: Option<String>,
        by: Option<String>,
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acted_for: Option<String>,
    },
    /// A task was urged.
    TaskUrged { task: LocalNo, by: Option<String>, note: String },
    /// A task was completed by an action; by a substitute, for whom.
    TaskCompleted {
        task: LocalNo,
        node: String,
        action: String,
        by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acted_for: Option<String>,
    },
    /// A task was taken away because something interrupted it.
    TaskCancelled { task: LocalNo, node: String },
    /// A timer began to wait.
    TimerSet { timer: LocalNo, purpose: TimerPurpose, due: Moment, after: Option<Duration>, provisional: bool, repeat: Option<u32> },
    /// A timer's due moment was computed again.
    TimerMoved { timer: LocalNo, due: Moment, provisional: bool },
    /// A timer fired.
    TimerFired { timer: LocalNo },
    /// A timer was taken away.
    TimerCancelled { timer: LocalNo },
    /// A wait for a message began.
    WaitBegun {
        wait: LocalNo,
        #[serde(default)]
        kind: WaitKind,
        message: String,
        key: String,
        waiter: Waiter,
    },
    /// A condition that is waited for was looked at and has changed.
    ConditionSeen { wait: LocalNo, holds: bool },
    /// What a wait waited for has happened: a signal, a condition, or something that was not said.
    Happened { wait: LocalNo },
    /// A wait ended without its message.
    WaitCancelled { wait: LocalNo },
    /// A message was received by a wait (None: it started the case).
    MessageReceived { message: String, key: String, wait: Option<LocalNo> },
    /// A message that nobody waited for is kept until a moment.
    MessageKept { message: String, key: String, data: Map<String, Value>, materials: Vec<MaterialGiven>, until: Moment },
    /// A kept message was taken, or dropped because its time was over.
    KeptMessageGone { message: String, key: String },
    /// A status was reported to the applicant.
    PortalReported { status: PortalStatus, node: String, text: Option<Text>, documents: Vec<LocalNo>, details: Map<String, Value> },
    /// A document was made.
    DocumentMade {
        document: LocalNo,
        node: String,
        template: String,
        name: Option<String>,
        title: String,
        number: Option<String>,
        html: String,
        hash: String,
    },
    /// A notice is to be sent by mail.
    NoticeSent { notice: LocalNo, node: Option<String>, template: String, to: Vec<Recipient>, subject: String, html: String, text: String },
    /// A message is to be sent to others.
    MessageSent {
        no: LocalNo,
        node: String,
        message: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
        data: Map<String, Value>,
    },
    /// An adapter or worker was asked for work.
    JobAsked { job: LocalNo, token: LocalNo, node: String, operation: String, input: Map<String, Value>, settings: Map<String, Value> },
    /// A job was answered.
    JobAnswered { job: LocalNo, output: Map<String, Value> },
    /// A job failed and will be tried again.
    JobFailed { job: LocalNo, reason: String },
    /// A job was taken away.
    JobCancelled { job: LocalNo },
    /// A legal clock started, counting from a moment.
    ClockStarted { clock: String, from: Moment, limit: Duration, due: Moment, provisional: bool },
    /// A legal clock paused.
    ClockPaused { clock: String, reason: String },
    /// A legal clock went on.
    ClockResumed { clock: String, due: Moment, provisional: bool },
    /// A legal clock was extended.
    ClockExtended { clock: String, by: Duration, reason: String, person: Option<String>, due: Moment, provisional: bool },
    /// A warning of a clock was due.
    ClockWarned { clock: String, warning: u32 },
    /// A legal clock stopped.
    ClockStopped { clock: String },
    /// A signal is to be heard by every case.
    SignalThrown { no: LocalNo, node: String, signal: String, data: Map<String, Value> },
    /// An error was thrown.
    ErrorThrown { node: String, code: String },
    /// An error was caught by nothing.
    ErrorUncaught { code: String },
    /// An escalation was thrown.
    EscalationThrown { no: LocalNo, node: String, code: String, caught: bool },
    /// An activity completed that can be compensated.
    Compensable { scope: LocalNo, entry: Compensable },
    /// `holder`, a throwing token or a scope, begins to compensate what completed in `scope`.
    CompensationBegun { holder: LocalNo, scope: LocalNo, queue: Vec<Compensable> },
    /// The next entry of a holder's compensation begins.
    CompensationStepped { holder: LocalNo },
    /// A transaction is being cancelled.
    CancellationBegun { scope: LocalNo },
    /// A complex gateway was activated by these flows and waits to be reset.
    GatewayActivated { scope: LocalNo, node: String, flows: Vec<String> },
    /// A complex gateway was reset.
    GatewayReset { scope: LocalNo, node: String },
    /// Nodes of an ad-hoc sub-process that begin one after another.
    OrderSet { scope: LocalNo, later: Vec<String> },
    /// Another process was called.
    CallMade { call: LocalNo, token: LocalNo, node: String, process: String, data: Map<String, Value> },
    /// A called case answered for good.
    CallAnswered { call: LocalNo },
    /// A call was taken away, and what it called is to end.
    CallCancelled { call: LocalNo },
    /// A decision table decided.
    Decided { node: String, decision: String, value: Value, fired: Vec<FiredRule> },
    /// A script of an experiment said something.
    Logged { node: String, line: String },
    /// The case goes on under another version. `nodes` are called otherwise there; what completed at `dropped` nodes is not
    /// undone any more.
    Migrated {
        from: String,
        to: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        nodes: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        dropped: BTreeSet<String>,
    },
    /// The flow that a token came by is called otherwise.
    TokenRerouted { token: LocalNo, flow: Option<String> },
    /// A task's post or limit is another.
    TaskMoved { task: LocalNo, post: Post, due: Option<Moment>, provisional: bool, limit: Option<Duration> },
    /// A timer counts from `since`, instead of one of its number if there is one.
    TimerReset {
        timer: LocalNo,
        purpose: TimerPurpose,
        since: Moment,
        due: Moment,
        after: Option<Duration>,
        provisional: bool,
        repeat: Option<u32>,
    },
    /// A legal clock has another limit.
    ClockLimited { clock: String, limit: Duration, due: Moment, provisional: bool },
    /// A legal clock is not one of this version.
    ClockLaidAside { clock: String },
    /// A legal clock that was laid aside is one of this version again.
    ClockTakenUp { clock: String, due: Moment, provisional: bool },
    /// The case ended.
    CaseEnded { at: Vec<String> },
    /// 退回: a task was returned to a step that was passed.
    TaskReturned { task: LocalNo, node: String, to: String, resume: ResumeWay, by: Option<String>, reason: String },
    /// 撤回: who completed a step took it back.
    TaskTakenBack { node: String, by: Option<String>, reason: String },
    /// Passes in a scope that do not count any more, because the case went back.
    PathUndone { scope: LocalNo, nodes: Vec<String> },
    /// 委派: somebody else does the work and gives it back.
    TaskDelegated { task: LocalNo, to: String, by: Option<String>, reason: String },
    /// A delegated task was given back, or called back.
    TaskGivenBack {
        task: LocalNo,
        by: Option<String>,
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acted_for: Option<String>,
    },
    /// 加签: somebody is to sign a task.
    SignerAdded { task: LocalNo, person: String, way: SignerWay, by: Option<String>, reason: String },
    /// 减签: somebody is not to sign it any more.
    SignerRemoved { task: LocalNo, person: String, by: Option<String>, reason: String },
    /// A signer signed; `task` is the signer's, `of` the one that is signed. `by`: somebody who acted for `person`.
    TaskSigned {
        task: LocalNo,
        of: LocalNo,
        node: String,
        person: String,
        agrees: bool,
        opinion: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// An action was chosen; signers are waited for.
    ActionChosen {
        task: LocalNo,
        action: String,
        by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acted_for: Option<String>,
    },
    /// A signer objected: the choice is open again.
    ActionLifted { task: LocalNo },
    /// 抄送.
    Copied { copy: LocalNo, node: String, to: String, by: Option<String>, note: String },
    /// 已阅: a copy or a task was read.
    MarkedRead { no: LocalNo, by: String },
    /// 挂起.
    CaseSuspended { by: Option<String>, reason: String },
    /// 恢复.
    CaseResumed { by: Option<String>, reason: String },
    /// 终止: the case ends before it is done.
    CaseTerminated { by: Option<String>, reason: String },
    /// 重新打开.
    CaseReopened { to: String, by: Option<String>, reason: String },
    /// 跳转.
    TokenJumped { token: LocalNo, from: String, to: String, by: Option<String>, reason: String },
    /// 重启.
    CaseRestarted { by: Option<String>, reason: String },
    /// A step failed and waits for repair.
    IncidentRaised { incident: LocalNo, token: LocalNo, node: String, message: Text },
    /// An incident was repaired, or its step was taken away.
    IncidentCleared { incident: LocalNo },
}

/// A rule of a decision table that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredRule {
    /// Its id, or its number from 1.
    pub rule: String,
    /// `file:line:column`.
    pub place: String,
}

/// Whom a notice goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Shown name.
    pub name: String,
    /// Mail address.
    pub mail: String,
}
