//! The graph: scopes, nodes, flows, events.

use indexmap::IndexMap;

use super::{
    BusinessRuleTask, CallActivity, FlowIx, MessageCatch, Name, NodeIx, ScopeIx, ScriptTask, SendTask, ServiceTask, Throw, Trigger,
    UserTask,
};
use crate::{rules::Expression, source::Place, text::Text};

/// A scope: the process, a sub-process, or an event sub-process.
#[derive(Debug, Default)]
pub struct Scope {
    /// The node that it is the inside of; None for the process.
    pub node: Option<NodeIx>,
    /// The scope around it.
    pub parent: Option<ScopeIx>,
    /// Start events (or the implied start) directly inside.
    pub starts: Vec<NodeIx>,
    /// Nodes that nothing leads to and that are no start: they begin with the scope (BPMN 2.0 §13.2). None in what an
    /// office deploys, where they are findings.
    pub orphans: Vec<NodeIx>,
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
    /// Standard loop.
    pub standard_loop: Option<StandardLoop>,
    /// Messages sent besides when it completes (message flows that begin here).
    pub sends: Vec<Name>,
    /// A message that completes the activity (a message flow that ends here).
    pub awaits: Option<MessageCatch>,
    /// A compensation handler: entered only by compensation (BPMN 2.0 §10.6).
    pub for_compensation: bool,
    /// How many tokens it takes to begin the activity once (BPMN 2.0 §13.3.1); 1 unless it says otherwise.
    pub start_quantity: u32,
    /// How many tokens leave by each flow.
    pub completion_quantity: u32,
    /// Completes by itself where it would wait for somebody; set by experiments only (`--automatic`).
    pub automatic: bool,
    /// Assignments made when it is left (boundary: when it fires; receive: evaluated over the message too).
    pub set: Vec<Assignment>,
}

impl Node {
    /// Whether it is an activity: a task, a sub-process or a call.
    pub fn is_activity(&self) -> bool {
        !matches!(
            self.kind,
            NodeKind::StartEvent(_)
                | NodeKind::EndEvent(_)
                | NodeKind::CatchEvent(_)
                | NodeKind::ThrowEvent(_)
                | NodeKind::BoundaryEvent(_)
                | NodeKind::EventSubProcess(_)
        ) && !self.is_gateway()
    }

    /// Whether it is a gateway.
    pub fn is_gateway(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::ExclusiveGateway
                | NodeKind::ParallelGateway
                | NodeKind::InclusiveGateway
                | NodeKind::ComplexGateway(_)
                | NodeKind::EventBasedGateway(_)
        )
    }

    /// Whether it runs more than once each time it is entered.
    pub fn repeats(&self) -> bool {
        self.multi_instance.is_some() || self.standard_loop.is_some()
    }

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
    /// Taken if true; out of exclusive, inclusive and complex gateways and of activities.
    pub condition: Option<Expression>,
    /// `otherwise`.
    pub is_default: bool,
    /// The user task's action that it stands for.
    pub action: Option<String>,
    /// Shown name.
    pub name: Option<Text>,
    /// Where it was written.
    pub place: Place,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    /// Start event of a scope.
    StartEvent(StartEvent),
    /// End event with what it throws.
    EndEvent(Throw),
    /// A task for a person: user task, manual task or plain task.
    UserTask(Box<UserTask>),
    /// Work done by a named operation.
    ServiceTask(ServiceTask),
    /// Assignments by a rhai script.
    ScriptTask(ScriptTask),
    /// A decision table.
    BusinessRuleTask(BusinessRuleTask),
    /// Something sent through the outbox.
    SendTask(Box<SendTask>),
    /// Waits for a message.
    ReceiveTask(MessageCatch),
    /// Another process, as a case of its own.
    CallActivity(Box<CallActivity>),
    /// Intermediate catch event.
    CatchEvent(Trigger),
    /// Intermediate throw event.
    ThrowEvent(Throw),
    /// Exclusive gateway, split or join.
    ExclusiveGateway,
    /// Parallel gateway, split and join.
    ParallelGateway,
    /// Inclusive gateway, split and join.
    InclusiveGateway,
    /// Complex gateway with its activation condition; None: the first token.
    ComplexGateway(Option<Expression>),
    /// Event-based gateway.
    EventBasedGateway(EventBasedGateway),
    /// Embedded sub-process; the scope is its inside.
    SubProcess(ScopeIx),
    /// Transaction; the scope is its inside.
    Transaction(ScopeIx),
    /// Ad-hoc sub-process.
    AdHocSubProcess(Box<AdHocSubProcess>),
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
            Self::EndEvent(_) => "endEvent",
            Self::UserTask(task) => task.word.word(),
            Self::ServiceTask(_) => "serviceTask",
            Self::ScriptTask(_) => "scriptTask",
            Self::BusinessRuleTask(_) => "businessRuleTask",
            Self::SendTask(_) => "sendTask",
            Self::ReceiveTask(_) => "receiveTask",
            Self::CallActivity(_) => "callActivity",
            Self::CatchEvent(_) => "intermediateCatchEvent",
            Self::ThrowEvent(_) => "intermediateThrowEvent",
            Self::ExclusiveGateway => "exclusiveGateway",
            Self::ParallelGateway => "parallelGateway",
            Self::InclusiveGateway => "inclusiveGateway",
            Self::ComplexGateway(_) => "complexGateway",
            Self::EventBasedGateway(_) => "eventBasedGateway",
            Self::SubProcess(_) => "subProcess",
            Self::Transaction(_) => "transaction",
            Self::AdHocSubProcess(_) => "adHocSubProcess",
            Self::EventSubProcess(_) => "eventSubProcess",
            Self::BoundaryEvent(_) => "boundaryEvent",
        }
    }

    /// The scope inside a sub-process of whatever kind, event sub-processes included.
    pub fn inside(&self) -> Option<ScopeIx> {
        match self {
            Self::SubProcess(scope) | Self::Transaction(scope) => Some(*scope),
            Self::AdHocSubProcess(ad_hoc) => Some(ad_hoc.scope),
            Self::EventSubProcess(event) => Some(event.scope),
            _ => None,
        }
    }

    /// What it catches, if it is a catching event or a receive task's counterpart.
    pub fn trigger(&self) -> Option<&Trigger> {
        match self {
            Self::StartEvent(start) => start.trigger.as_ref(),
            Self::CatchEvent(trigger) => Some(trigger),
            Self::BoundaryEvent(event) => Some(&event.trigger),
            Self::EventSubProcess(event) => Some(&event.trigger),
            _ => None,
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

/// Multi-instance (BPMN 2.0 §13.3.6).
#[derive(Debug)]
pub struct MultiInstance {
    /// One after another.
    pub sequential: bool,
    /// The name each instance sees its element by.
    pub variable: Option<String>,
    /// Gives the list.
    pub collection: Option<Expression>,
    /// Gives the number of instances, where there is no list.
    pub count: Option<Expression>,
    /// When it is complete.
    pub complete: Completion,
    /// `collect: {outer: inner}`: each instance's `inner` is appended to `outer`.
    pub collect: IndexMap<String, String>,
    /// What is thrown on the border each time an instance ends (BPMN's behavior None).
    pub each_throws: Option<Throw>,
    /// What is thrown on the border when the first instance ends (behavior One).
    pub first_throws: Option<Throw>,
    /// Names that each instance has for itself, with their types: the variable and the collected ones.
    pub types: IndexMap<String, crate::form::FieldType>,
}

/// A standard loop (BPMN 2.0 §13.3.6): again while the condition holds.
#[derive(Debug)]
pub struct StandardLoop {
    /// Again while true; None: until `max`.
    pub condition: Option<Expression>,
    /// So often at most.
    pub max: Option<u32>,
    /// Whether the condition is looked at before the first round too.
    pub test_before: bool,
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

/// An event-based gateway: the first of the events behind it decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventBasedGateway {
    /// Begins a case by the first of its events.
    pub instantiate: bool,
}

/// An ad-hoc sub-process: what nothing leads to inside begins at once, and it is complete when its condition says so.
#[derive(Debug)]
pub struct AdHocSubProcess {
    /// Its inside.
    pub scope: ScopeIx,
    /// Looked at each time something inside completes; None: when nothing is left.
    pub completion: Option<Expression>,
    /// One after another instead of all at once.
    pub sequential: bool,
    /// Whether what is left is taken away when the condition holds; else it may end first.
    pub cancel_remaining: bool,
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
