//! The graph: scopes, nodes, flows, events.

use indexmap::IndexMap;

use super::{FlowIx, NodeIx, ScopeIx, ScriptTask, SendTask, ServiceTask, UserTask};
use crate::{calendar::Duration, rules::Expression, source::Place, text::Text};

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
    /// Names that each instance has for itself, with their types: the variable and the collected ones.
    pub types: IndexMap<String, crate::form::FieldType>,
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
