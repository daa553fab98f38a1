//! What a designer wrote, compiled: nodes and flows with every name resolved. Built by [`super::load`] only.

use std::{collections::HashMap, sync::Arc};

use indexmap::IndexMap;

use crate::{calendar::Duration, rules::Expression, source::Place, text::Text};

/// Index of a node in [`Process::nodes`].
pub type NodeIx = usize;
/// Index of a flow in [`Process::flows`].
pub type FlowIx = usize;
/// Index of a scope in [`Process::scopes`]; 0 is the process itself.
pub type ScopeIx = usize;

/// One process: one `process.yaml`.
#[derive(Debug)]
pub struct Process {
    /// kebab-case id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it is in administrative law; decides which legal checks apply.
    pub kind: ProcessKind,
    /// Where it stands.
    pub place: Place,
    /// The One-Net item that it handles, if any. Opaque to the engine.
    pub item: Option<String>,
    /// Articles it rests on.
    pub legal_basis: Vec<Basis>,
    /// The case number's pattern: `{…}` holds an expression; `{year}` and `{seq}` come from the number series.
    pub number: Option<Pattern>,
    /// The case title's pattern.
    pub title: Option<Pattern>,
    /// Lanes by id.
    pub lanes: IndexMap<String, Lane>,
    /// Messages by name.
    pub messages: IndexMap<String, MessageDeclaration>,
    /// What data a case has.
    pub data: DataModel,
    /// Legal clocks by id.
    pub clocks: IndexMap<String, ClockDeclaration>,
    /// Scopes; 0 is the process.
    pub scopes: Vec<Scope>,
    /// Nodes in written order; implied nodes have ids like `x__join`.
    pub nodes: Vec<Node>,
    /// Sequence flows.
    pub flows: Vec<Flow>,
    /// Node index by id.
    pub by_id: HashMap<String, NodeIx>,
}

impl Process {
    /// The node called `id`.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id).map(|&ix| &self.nodes[ix])
    }
}

/// What a process is in administrative law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessKind {
    /// 行政许可: may permit or refuse.
    Licence,
    /// 备案: recorded, returned, or not recorded with reasons; never "approves".
    Filing,
    /// 报告: acknowledged or asked back; never refused.
    Report,
    /// Office work inside the bureau.
    #[default]
    Office,
}

/// An article that something rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The article, such as 行政许可法 第三十二条.
    pub text: String,
    /// Why it is not certain (待核), if it is not.
    pub unverified: Option<String>,
}

/// A text with `{expression}` in it.
#[derive(Debug)]
pub struct Pattern {
    /// Literal parts and expressions in turn.
    pub parts: Vec<PatternPart>,
    /// As written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A part of a [`Pattern`].
#[derive(Debug)]
pub enum PatternPart {
    /// Literal text.
    Literal(String),
    /// `{…}`.
    Expression(Expression),
}

/// A lane: a role at a unit.
#[derive(Debug)]
pub struct Lane {
    /// Shown name.
    pub name: Text,
    /// Role id from `workflows/roles.yaml`.
    pub role: String,
    /// Which unit: an expression that gives a unit id. None: the case's unit.
    pub unit: Option<Expression>,
    /// Role (at the same unit) that takes over if nobody holds `role`, or only the applicant does.
    pub fallback: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// A message that the process can receive or send.
#[derive(Debug)]
pub struct MessageDeclaration {
    /// Correlation key, evaluated on the message's data, and on the case when it begins to wait.
    pub key: Option<Expression>,
    /// How long a message that nobody waits for is kept. None: not kept.
    pub keep: Option<Duration>,
    /// Where it stands.
    pub place: Place,
}

/// Data of a case, typed by the field standard.
#[derive(Debug, Default)]
pub struct DataModel {
    /// The application form's id, whose fields are data names.
    pub form: Option<String>,
    /// All data names of the case, the form's and the extra ones, with their types.
    pub fields: IndexMap<String, DataField>,
}

/// One data name.
#[derive(Clone, Debug)]
pub struct DataField {
    /// Its type.
    pub of: crate::form::FieldType,
    /// Its value before anybody writes it.
    pub default: Option<serde_json::Value>,
    /// Whether it is in the index of declared fields (`search: true`).
    pub search: bool,
    /// Where it was declared.
    pub place: Place,
}

/// A legal duration over a region of the process.
#[derive(Debug)]
pub struct ClockDeclaration {
    /// Shown name.
    pub name: Text,
    /// Article.
    pub basis: Option<Basis>,
    /// The limit. None with `follows` only if it has its own.
    pub limit: Duration,
    /// Another clock whose starts, stops and pauses it shares.
    pub follows: Option<String>,
    /// Node ids at whose entry it starts, and from when it counts.
    pub start_at: IndexMap<String, ClockStart>,
    /// Node ids at whose entry it stops.
    pub stop_at: Vec<String>,
    /// Node ids during which it pauses.
    pub pause_in: Vec<String>,
    /// How it may be extended.
    pub extend: Option<Extension>,
    /// Warnings, longest remaining time first.
    pub warn: Vec<Warning>,
    /// Where it stands.
    pub place: Place,
}

/// From when a started clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockStart {
    /// From the moment the node is entered.
    Now,
    /// From the moment the application was received.
    Received,
}

/// How a clock may be extended.
#[derive(Debug)]
pub struct Extension {
    /// By how much each time.
    pub by: Duration,
    /// How often at most.
    pub times: u32,
    /// Lane whose holders may extend.
    pub lane: Option<String>,
    /// Notice template sent to the applicant.
    pub notify: Option<String>,
}

/// A warning of a clock.
#[derive(Debug)]
pub struct Warning {
    /// When so much is left.
    pub left: Duration,
    /// Lane that is told, besides the task's own people.
    pub escalate: Option<String>,
}

/// A scope: the process, a sub-process, or an event sub-process.
#[derive(Debug, Default)]
pub struct Scope {
    /// The node that it is the inside of; None for the process.
    pub node: Option<NodeIx>,
    /// The scope around it.
    pub parent: Option<ScopeIx>,
    /// Start events (or the implied start) directly inside.
    pub starts: Vec<NodeIx>,
    /// Event sub-processes directly inside.
    pub event_sub_processes: Vec<NodeIx>,
    /// Names that are local to each instance (multi-instance variable and collected names).
    pub locals: Vec<String>,
    /// Types of the names in `locals`, as far as they are known from the list or the field standard.
    pub local_types: IndexMap<String, crate::form::FieldType>,
}

/// A flow node.
#[derive(Debug)]
pub struct Node {
    /// snake_case id; implied ids contain `__`.
    pub id: String,
    /// Shown name; falls back to the id.
    pub name: Option<Text>,
    /// What the applicant may read of it. None: internal.
    pub public: Option<Text>,
    /// Explanation for people.
    pub doc: Option<Text>,
    /// Where it stands.
    pub place: Place,
    /// The scope it stands in.
    pub scope: ScopeIx,
    /// What it is.
    pub kind: NodeKind,
    /// Sequence flows that end here.
    pub incoming: Vec<FlowIx>,
    /// Sequence flows that begin here, in written order.
    pub outgoing: Vec<FlowIx>,
    /// Boundary events attached to it.
    pub boundary: Vec<NodeIx>,
    /// Multi-instance.
    pub multi_instance: Option<MultiInstance>,
    /// Assignments made when it is left (boundary: when it fires; receive: evaluated over the message too).
    pub set: Vec<Assignment>,
}

impl Node {
    /// The shown name in Chinese, or the id.
    pub fn title(&self) -> Text {
        self.name.clone().unwrap_or_else(|| Text::zh(self.id.clone()))
    }
}

/// `name: expression`.
#[derive(Debug)]
pub struct Assignment {
    /// A declared data name.
    pub name: String,
    /// Its new value.
    pub value: Expression,
}

/// A sequence flow.
#[derive(Debug)]
pub struct Flow {
    /// Unique id, `from__to` or `from__action`.
    pub id: String,
    /// Where it begins.
    pub from: NodeIx,
    /// Where it ends.
    pub to: NodeIx,
    /// Taken if true; only on flows out of exclusive (later inclusive) gateways.
    pub condition: Option<Expression>,
    /// `otherwise`.
    pub is_default: bool,
    /// The user task's action that it stands for.
    pub action: Option<String>,
    /// Where it was written.
    pub place: Place,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    /// Start event of a scope.
    StartEvent(StartEvent),
    /// None end event.
    EndEvent,
    /// `endEvent` with `terminate: true`: ends its own scope at once.
    TerminateEndEvent,
    /// A task for a person.
    UserTask(Box<UserTask>),
    /// Work done by a named operation.
    ServiceTask(ServiceTask),
    /// Assignments by a rhai script.
    ScriptTask(ScriptTask),
    /// Something sent through the outbox.
    SendTask(Box<SendTask>),
    /// Waits for a message.
    ReceiveTask(MessageCatch),
    /// Intermediate catch event.
    CatchEvent(Trigger),
    /// Exclusive gateway, split or join.
    ExclusiveGateway,
    /// Parallel gateway, split and join.
    ParallelGateway,
    /// Embedded sub-process; the scope is its inside.
    SubProcess(ScopeIx),
    /// Event sub-process; the scope is its inside.
    EventSubProcess(EventSubProcess),
    /// Boundary event.
    BoundaryEvent(BoundaryEvent),
}

impl NodeKind {
    /// The dialect's word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::StartEvent(_) => "startEvent",
            Self::EndEvent | Self::TerminateEndEvent => "endEvent",
            Self::UserTask(_) => "userTask",
            Self::ServiceTask(_) => "serviceTask",
            Self::ScriptTask(_) => "scriptTask",
            Self::SendTask(_) => "sendTask",
            Self::ReceiveTask(_) => "receiveTask",
            Self::CatchEvent(_) => "intermediateCatchEvent",
            Self::ExclusiveGateway => "exclusiveGateway",
            Self::ParallelGateway => "parallelGateway",
            Self::SubProcess(_) => "subProcess",
            Self::EventSubProcess(_) => "eventSubProcess",
            Self::BoundaryEvent(_) => "boundaryEvent",
        }
    }
}

/// How a case begins.
#[derive(Debug)]
pub struct StartEvent {
    /// None: by hand, API or form. The event of an event sub-process stands in [`EventSubProcess`] instead.
    pub trigger: Option<Trigger>,
    /// The form that is filled in to start by hand; None for message starts.
    pub form: Option<String>,
    /// Role that may start it by hand (role id), from `lane:` or `role:`.
    pub lane: Option<String>,
}

/// What triggers an event.
#[derive(Debug)]
pub enum Trigger {
    /// `message: NAME`.
    Message(MessageCatch),
    /// `timer: {…}`.
    Timer(TimerTrigger),
}

/// Catches a message by name.
#[derive(Debug)]
pub struct MessageCatch {
    /// A declared message's name.
    pub message: String,
}

/// When a timer fires.
#[derive(Debug)]
pub enum TimerTrigger {
    /// `{after: DURATION}` from the moment the node begins to wait.
    After(Duration),
    /// `{at: expression}`: a date or a moment (ISO 8601 text).
    At(Expression),
    /// `{every: DURATION}`, non-interrupting: again and again, at most `times`.
    Every(Duration, Option<u32>),
    /// `{cron: "…"}` in the calendar's zone, for start events.
    Cron(String),
}

/// A task for a person.
#[derive(Debug)]
pub struct UserTask {
    /// Lane id.
    pub lane: Option<String>,
    /// `assign: {role, unit}` instead of a lane.
    pub assign: Option<Assign>,
    /// Form and field rights.
    pub form: Option<TaskForm>,
    /// Limit of the step.
    pub due: Option<Duration>,
    /// The clerk's buttons in written order.
    pub actions: IndexMap<String, Action>,
    /// Node ids whose completers may not complete this one (four eyes).
    pub separate_from: Vec<String>,
    /// Operations that are allowed on it.
    pub operations: Vec<Operation>,
}

/// `assign:` of a task: a role at a unit.
#[derive(Debug)]
pub struct Assign {
    /// Role id.
    pub role: String,
    /// Unit expression; None: the case's unit.
    pub unit: Option<Expression>,
}

/// Operations on a task besides its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// 转办.
    Transfer,
    /// 催办.
    Urge,
    /// 抄送.
    CopyTo,
    /// 延期 of a clock.
    ExtendClock,
}

/// A task's form: what it shows, what may be edited, what must be given whatever the action.
#[derive(Debug)]
pub struct TaskForm {
    /// Form id.
    pub form: String,
    /// Data names shown; None: all.
    pub show: Option<Vec<String>>,
    /// Data names that may be written by this step.
    pub edit: Vec<String>,
    /// Data names that every action requires.
    pub require: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// One button of a user task.
#[derive(Debug)]
pub struct Action {
    /// Its label.
    pub name: Text,
    /// Offered only if true.
    pub when: Option<Expression>,
    /// Data names that this action requires.
    pub require: Vec<String>,
    /// Ask once more before doing it.
    pub confirm: bool,
    /// The flow it takes.
    pub flow: FlowIx,
    /// Where it stands.
    pub place: Place,
}

/// Work done by a named operation: built in, an adapter's, or a worker's topic.
#[derive(Debug)]
pub struct ServiceTask {
    /// Operation name, such as `register.write`.
    pub operation: String,
    /// What it is given.
    pub with: IndexMap<String, Expression>,
    /// Further literal settings (such as `register: large-events`).
    pub settings: IndexMap<String, serde_json::Value>,
    /// Attempts at most before an incident.
    pub retry: u32,
}

/// A rhai script that assigns declared data.
#[derive(Debug)]
pub struct ScriptTask {
    /// The script; it sees data by bare name and assigns with `name = …`.
    pub script: Expression,
    /// Declared names it assigns.
    pub assigns: Vec<String>,
}

/// What a send task sends, any of them together.
#[derive(Debug, Default)]
pub struct SendTask {
    /// Portal status code.
    pub portal: Option<PortalStatus>,
    /// A notice to people.
    pub notify: Option<Notify>,
    /// A document to make.
    pub document: Option<DocumentOrder>,
    /// A message to others, by name.
    pub message: Option<String>,
    /// `with:` data of the message, and details of the portal status (what is missing, reasons).
    pub with: IndexMap<String, Expression>,
}

/// A portal status: one list for all platforms; what each calls it stands in its mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalStatus {
    /// 已收件.
    Received,
    /// 已受理.
    Accepted,
    /// 补正.
    Correction,
    /// 不予受理 (final).
    NotAccepted,
    /// 转报.
    Forwarded,
    /// 准予 (final).
    Granted,
    /// 不予许可 (final).
    Refused,
    /// 已备案 (final).
    Recorded,
    /// 不予备案 (final).
    NotRecorded,
    /// 已撤回 (final).
    Withdrawn,
    /// 逾期未补正，已终止 (final).
    Lapsed,
}

impl PortalStatus {
    /// Every status, in order.
    pub const ALL: [Self; 11] = [
        Self::Received,
        Self::Accepted,
        Self::Correction,
        Self::NotAccepted,
        Self::Forwarded,
        Self::Granted,
        Self::Refused,
        Self::Recorded,
        Self::NotRecorded,
        Self::Withdrawn,
        Self::Lapsed,
    ];

    /// Its code, as written in YAML.
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Correction => "correction",
            Self::NotAccepted => "not_accepted",
            Self::Forwarded => "forwarded",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Recorded => "recorded",
            Self::NotRecorded => "not_recorded",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The status called `code`.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Its label.
    pub fn label(self) -> Text {
        match self {
            Self::Received => Text::new("已收件", "Received"),
            Self::Accepted => Text::new("已受理", "Accepted"),
            Self::Correction => Text::new("补正", "Correction needed"),
            Self::NotAccepted => Text::new("不予受理", "Not accepted"),
            Self::Forwarded => Text::new("已转报", "Forwarded"),
            Self::Granted => Text::new("准予许可", "Granted"),
            Self::Refused => Text::new("不予许可", "Refused"),
            Self::Recorded => Text::new("已备案", "Recorded"),
            Self::NotRecorded => Text::new("不予备案", "Not recorded"),
            Self::Withdrawn => Text::new("已撤回", "Withdrawn"),
            Self::Lapsed => Text::new("逾期未补正，已终止", "Lapsed"),
        }
    }

    /// Whether it implies 办结.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Received | Self::Accepted | Self::Correction | Self::Forwarded)
    }
}

/// A notice to people.
#[derive(Debug)]
pub struct Notify {
    /// Template name, `templates/NAME.hbs`.
    pub template: String,
    /// Whom.
    pub to: NotifyTo,
}

/// Whom a notice goes to.
#[derive(Debug)]
pub enum NotifyTo {
    /// `lane.ID`: the lane's people.
    Lane(String),
    /// `applicant`.
    Applicant,
    /// An expression that gives a unit id or a mail address.
    Expression(Expression),
}

/// A document to make from a template.
#[derive(Debug)]
pub struct DocumentOrder {
    /// Template name, `templates/NAME.hbs`.
    pub template: String,
    /// Number series it takes a number from: `number: NAME`, or `number: {series: NAME, pattern: "…"}`.
    pub number: Option<String>,
    /// The number's pattern (`{year}`, `{seq}` and data); None: the process's own `number` pattern.
    pub number_pattern: Option<Pattern>,
    /// Name under which the document is kept in the case.
    pub save: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Multi-instance, parallel.
#[derive(Debug)]
pub struct MultiInstance {
    /// The name each instance sees its element by.
    pub variable: String,
    /// Gives the list.
    pub collection: Expression,
    /// When it is complete.
    pub complete: Completion,
    /// `collect: {outer: inner}`: each instance's `inner` is appended to `outer`.
    pub collect: IndexMap<String, String>,
}

/// When a multi-instance is complete.
#[derive(Debug)]
pub enum Completion {
    /// All instances ended.
    All,
    /// One ended.
    Any,
    /// At least this share of the instances ended, as numerator over denominator.
    Ratio(u32, u32),
    /// True, over `completed`, `total` and the case's data.
    Expression(Expression),
}

/// An event sub-process.
#[derive(Debug)]
pub struct EventSubProcess {
    /// What starts it.
    pub trigger: Trigger,
    /// Whether it interrupts the scope it stands in.
    pub interrupting: bool,
    /// Its inside.
    pub scope: ScopeIx,
}

/// A boundary event.
#[derive(Debug)]
pub struct BoundaryEvent {
    /// The activity.
    pub attached_to: NodeIx,
    /// What triggers it.
    pub trigger: Trigger,
    /// Whether it interrupts the activity.
    pub interrupting: bool,
}

/// Anything shared cheaply between cases of one version.
pub type Shared<T> = Arc<T>;
