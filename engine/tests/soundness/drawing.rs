//! A process as it is drawn: little boxes and arrows, which are compiled by hand into the engine's model and which the
//! exhaustive search reads by itself.

use std::collections::BTreeMap;

use tongban_engine::{
    calendar::{Duration, DurationUnit},
    definition::{
        BoundaryEvent, Completion, DataModel, EventSubProcess, Flow, MultiInstance, Node, NodeKind, Process, ProcessKind, Scope,
        ServiceTask, StandardLoop, StartEvent, Throw, TimerTrigger, Trigger, UserTask, Vote, VotePass,
    },
    source::Place,
    text::Text,
};

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Start,
    Task,
    /// A task for several people who vote; the first arrow is taken if it passes, the second if it fails. `any`: one vote in
    /// favour passes it, else all must be.
    Vote {
        any: bool,
    },
    Exclusive,
    Parallel,
    Inclusive,
    End,
    Terminate,
    /// Throws an error to the sub-processes around.
    Error,
    /// A sub-process; what is inside says so. `again`: a loop.
    Inside {
        again: bool,
    },
    /// A boundary event at a task or sub-process.
    Boundary {
        at: usize,
        interrupting: bool,
        error: bool,
    },
    /// An event sub-process.
    Beside {
        interrupting: bool,
    },
}

/// A box.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) shape: Shape,
    /// The sub-process or event sub-process that it stands in.
    pub(crate) inside: Option<usize>,
    /// Where its arrows lead.
    pub(crate) to: Vec<usize>,
}

/// Boxes; arrows are numbered by box, then by target.
pub(crate) type Drawing = Vec<Drawn>;

/// The actions of a vote: in favour, and against.
const ACTIONS: [&str; 2] = ["agree", "object"];

/// The drawing as the engine's builder would compile it.
pub(crate) fn compile(drawing: &Drawing) -> Process {
    let holders: Vec<usize> =
        (0..drawing.len()).filter(|&ix| matches!(drawing[ix].shape, Shape::Inside { .. } | Shape::Beside { .. })).collect();
    let scope_of = |holder: Option<usize>| holder.map_or(0, |holder| holders.iter().position(|&ix| ix == holder).unwrap() + 1);
    let mut scopes: Vec<Scope> = (0..=holders.len()).map(|_| Scope::default()).collect();
    for (ix, &holder) in holders.iter().enumerate() {
        scopes[ix + 1].node = Some(holder);
        scopes[ix + 1].parent = Some(scope_of(drawing[holder].inside));
    }
    let mut nodes: Vec<Node> = Vec::new();
    for (ix, drawn) in drawing.iter().enumerate() {
        let scope = scope_of(drawn.inside);
        match drawn.shape {
            Shape::Start => scopes[scope].starts.push(ix),
            Shape::Beside { .. } => scopes[scope].event_sub_processes.push(ix),
            _ => {}
        }
        nodes.push(node(ix, drawn, scope, scope_of(Some(ix).filter(|ix| holders.contains(ix)))));
    }
    let mut flows = Vec::new();
    for (from, drawn) in drawing.iter().enumerate() {
        if let Shape::Boundary { at, .. } = drawn.shape {
            nodes[at].boundary.push(from);
        }
        let votes = matches!(drawn.shape, Shape::Vote { .. });
        for (&to, action) in drawn.to.iter().zip(ACTIONS) {
            nodes[from].outgoing.push(flows.len());
            nodes[to].incoming.push(flows.len());
            flows.push(Flow { action: votes.then(|| action.to_owned()), ..flow(flows.len(), from, to) });
        }
    }
    let by_id: BTreeMap<String, usize> = nodes.iter().enumerate().map(|(ix, node)| (node.id.clone(), ix)).collect();
    Process {
        id: "drawn".to_owned(),
        name: Text::zh("画"),
        kind: ProcessKind::Office,
        place: Place::default(),
        item: None,
        legal_basis: Vec::new(),
        number: None,
        title: None,
        lanes: Default::default(),
        messages: Default::default(),
        declared: Default::default(),
        parameters: Default::default(),
        data: DataModel::default(),
        clocks: Default::default(),
        operations: Default::default(),
        migrations: Vec::new(),
        scopes,
        nodes,
        flows,
        fragments: Vec::new(),
        by_id,
    }
}

fn node(ix: usize, drawn: &Drawn, scope: usize, own: usize) -> Node {
    let day = TimerTrigger::After(Duration { amount: 1, unit: DurationUnit::Days });
    let kind = match drawn.shape {
        Shape::Start => NodeKind::StartEvent(StartEvent { trigger: None, form: None, lane: None }),
        Shape::Task => {
            NodeKind::ServiceTask(ServiceTask { operation: None, with: Default::default(), settings: Default::default(), retry: 1 })
        }
        Shape::Vote { .. } => NodeKind::UserTask(Box::new(UserTask {
            word: Default::default(),
            lane: None,
            assign: None,
            form: None,
            due: None,
            priority: None,
            actions: Default::default(),
            procedure: None,
            separate_from: Vec::new(),
            operations: Vec::new(),
            returns: Default::default(),
        })),
        Shape::Exclusive => NodeKind::ExclusiveGateway,
        Shape::Parallel => NodeKind::ParallelGateway,
        Shape::Inclusive => NodeKind::InclusiveGateway,
        Shape::End => NodeKind::EndEvent(Throw::None),
        Shape::Terminate => NodeKind::EndEvent(Throw::Terminate),
        Shape::Error => NodeKind::EndEvent(Throw::Error("e".to_owned())),
        Shape::Inside { .. } => NodeKind::SubProcess(own),
        Shape::Boundary { at, interrupting, error } => {
            let trigger = if error { Trigger::Error(None) } else { Trigger::Timer(day) };
            NodeKind::BoundaryEvent(BoundaryEvent { attached_to: at, trigger, interrupting })
        }
        Shape::Beside { interrupting } => {
            NodeKind::EventSubProcess(EventSubProcess { trigger: Trigger::Timer(day), interrupting, scope: own })
        }
    };
    let again = matches!(drawn.shape, Shape::Inside { again: true });
    Node {
        id: format!("n{ix}"),
        name: None,
        public: None,
        doc: None,
        place: Place::default(),
        scope,
        kind,
        incoming: Vec::new(),
        outgoing: Vec::new(),
        boundary: Vec::new(),
        multi_instance: match drawn.shape {
            Shape::Vote { any } => Some(vote(if any { VotePass::Any } else { VotePass::All })),
            _ => None,
        },
        standard_loop: again.then_some(StandardLoop { condition: None, max: Some(9), test_before: true }),
        sends: Vec::new(),
        awaits: None,
        for_compensation: false,
        start_quantity: 1,
        completion_quantity: 1,
        automatic: false,
        set: Vec::new(),
    }
}

fn vote(pass: VotePass) -> MultiInstance {
    MultiInstance {
        sequential: false,
        variable: None,
        collection: None,
        count: None,
        complete: Completion::All,
        vote: Some(Vote { in_favour: ACTIONS[0].to_owned(), pass, weight: None }),
        collect: Default::default(),
        each_throws: None,
        first_throws: None,
        types: Default::default(),
    }
}

fn flow(ix: usize, from: usize, to: usize) -> Flow {
    Flow { id: format!("f{ix}"), from, to, condition: None, is_default: false, action: None, name: None, place: Place::default() }
}
