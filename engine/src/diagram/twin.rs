//! The text twin: the process as an outline that says what the picture says.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Overlay, words};
use crate::{
    definition::{Node, NodeIx, NodeKind, Process, ScopeIx},
    text::Text,
};

/// A process as an outline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Twin {
    /// The process's own nodes in written order.
    pub lines: Vec<TwinLine>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TwinLine {
    /// Its number in the outline, such as `3.1`.
    pub number: String,
    /// Its id.
    pub node: String,
    /// What it is, such as 人工.
    pub kind: Text,
    /// Its name; without one its id, or what it is if it is implied.
    pub name: Text,
    /// Who does it: its lane or role.
    pub who: Option<Text>,
    /// The step's limit.
    pub due: Option<Text>,
    /// What triggers it, and whether that interrupts.
    pub trigger: Option<Text>,
    /// Whether a token stands on it.
    pub active: bool,
    /// Whether it was passed.
    pub done: bool,
    /// Where it goes, in written order.
    pub flows: Vec<TwinFlow>,
    /// What stands inside it, then what stands on its border.
    pub inside: Vec<TwinLine>,
}

/// Where a node goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TwinFlow {
    /// The flow's id.
    pub flow: String,
    /// Under which action or condition; None: always.
    pub label: Option<Text>,
    /// Why it is taken.
    pub taken: Taken,
    /// An action's own condition, as written.
    pub when: Option<String>,
    /// Id of the node that it leads to.
    pub to: String,
    /// Number of that node in the outline.
    pub to_number: String,
    /// Name of that node.
    pub to_name: Text,
}

/// Why a flow is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Taken {
    /// Always.
    Always,
    /// If somebody chooses the action.
    Action,
    /// If the condition is true.
    If,
    /// If no other is taken.
    Otherwise,
}

impl Twin {
    pub(super) fn of(process: &Process, overlay: &Overlay) -> Self {
        let mut numbers = BTreeMap::new();
        number(process, &children_of_scope(process, 0), "", &mut numbers);
        let writer = Writer { process, overlay, numbers };
        Self { lines: writer.lines(&children_of_scope(process, 0)) }
    }

    /// Every line, outer before inner.
    pub fn all(&self) -> Vec<&TwinLine> {
        let mut all = Vec::new();
        let mut rest: Vec<&TwinLine> = self.lines.iter().rev().collect();
        while let Some(line) = rest.pop() {
            all.push(line);
            rest.extend(line.inside.iter().rev());
        }
        all
    }
}

/// Nodes directly in a scope, without those on a border.
fn children_of_scope(process: &Process, scope: ScopeIx) -> Vec<NodeIx> {
    let stands = |node: &Node| node.scope == scope && !matches!(node.kind, NodeKind::BoundaryEvent(_));
    let mut nodes: Vec<NodeIx> = process.nodes.iter().enumerate().filter(|(_, node)| stands(node)).map(|(ix, _)| ix).collect();
    // An implied start is compiled last, but comes first.
    nodes.sort_by_key(|&ix| !matches!(process.nodes[ix].kind, NodeKind::StartEvent(_)));
    nodes
}

/// What stands inside a node, then what stands on its border.
fn children(process: &Process, ix: NodeIx) -> Vec<NodeIx> {
    let inside = process.nodes[ix].kind.inside();
    let mut children = inside.map(|scope| children_of_scope(process, scope)).unwrap_or_default();
    let attached = |kind: &NodeKind| matches!(kind, NodeKind::BoundaryEvent(event) if event.attached_to == ix);
    children.extend(process.nodes.iter().enumerate().filter(|(_, node)| attached(&node.kind)).map(|(event, _)| event));
    children
}

fn number(process: &Process, nodes: &[NodeIx], prefix: &str, numbers: &mut BTreeMap<NodeIx, String>) {
    for (place, &ix) in nodes.iter().enumerate() {
        let own = format!("{prefix}{}", place + 1);
        number(process, &children(process, ix), &format!("{own}."), numbers);
        numbers.insert(ix, own);
    }
}

struct Writer<'a> {
    process: &'a Process,
    overlay: &'a Overlay,
    numbers: BTreeMap<NodeIx, String>,
}

impl Writer<'_> {
    fn lines(&self, nodes: &[NodeIx]) -> Vec<TwinLine> {
        nodes.iter().map(|&ix| self.line(ix)).collect()
    }

    fn line(&self, ix: NodeIx) -> TwinLine {
        let node = &self.process.nodes[ix];
        TwinLine {
            number: self.number(ix),
            node: node.id.clone(),
            kind: words::kind(&node.kind),
            name: words::name(node),
            who: words::who(self.process, node, self.overlay),
            due: words::due(node),
            trigger: words::trigger_of(&node.kind),
            active: self.overlay.active.contains(&node.id),
            done: self.overlay.done.contains(&node.id),
            flows: (0..self.process.flows.len()).filter(|&flow| self.process.flows[flow].from == ix).map(|flow| self.flow(flow)).collect(),
            inside: self.lines(&children(self.process, ix)),
        }
    }

    fn number(&self, ix: NodeIx) -> String {
        self.numbers.get(&ix).cloned().unwrap_or_default()
    }

    fn flow(&self, ix: usize) -> TwinFlow {
        let flow = &self.process.flows[ix];
        let to = &self.process.nodes[flow.to];
        let action = match (&self.process.nodes[flow.from].kind, &flow.action) {
            (NodeKind::UserTask(task), Some(action)) => task.actions.get(action),
            _ => None,
        };
        let taken = match flow {
            flow if flow.action.is_some() => Taken::Action,
            flow if flow.is_default => Taken::Otherwise,
            flow if flow.condition.is_some() => Taken::If,
            _ => Taken::Always,
        };
        TwinFlow {
            flow: flow.id.clone(),
            label: words::label(self.process, flow),
            taken,
            when: action.and_then(|action| action.when.as_ref()).map(|when| when.text.clone()),
            to: to.id.clone(),
            to_number: self.number(flow.to),
            to_name: words::name(to),
        }
    }
}
