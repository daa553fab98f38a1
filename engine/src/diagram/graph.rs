//! The graph of one scope: what stands in it, and the flows whose innermost common scope it is.

use crate::definition::{FlowIx, NodeIx, NodeKind, Process, ScopeIx};

/// Index into [`Graph::items`].
pub(super) type Item = usize;

/// What one scope draws.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Nodes that take a cell, in written order.
    pub(super) items: Vec<NodeIx>,
    /// Flows between them.
    pub(super) edges: Vec<Edge>,
    /// Event sub-processes, which no flow reaches.
    pub(super) event_sub_processes: Vec<NodeIx>,
}

/// A flow, lifted to the items that hold its ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) flow: FlowIx,
    pub(super) from: Item,
    pub(super) to: Item,
    /// The boundary event it leaves through.
    pub(super) boundary: Option<NodeIx>,
}

impl Graph {
    pub(super) fn of(process: &Process, scope: ScopeIx) -> Self {
        let mut graph = Self::default();
        for (ix, node) in process.nodes.iter().enumerate().filter(|(_, node)| node.scope == scope) {
            match node.kind {
                NodeKind::BoundaryEvent(_) => {}
                NodeKind::EventSubProcess(_) => graph.event_sub_processes.push(ix),
                _ => graph.items.push(ix),
            }
        }
        for (flow, written) in process.flows.iter().enumerate() {
            if common_scope(process, process.nodes[written.from].scope, process.nodes[written.to].scope) != scope {
                continue;
            }
            let (Some(from), Some(to)) = (graph.lift(process, scope, written.from), graph.lift(process, scope, written.to)) else {
                continue;
            };
            let boundary =
                matches!(process.nodes[written.from].kind, NodeKind::BoundaryEvent(_)) && process.nodes[written.from].scope == scope;
            graph.edges.push(Edge { flow, from, to, boundary: boundary.then_some(written.from) });
        }
        graph
    }

    /// The item that is `node`, or has it on its border, or inside.
    fn lift(&self, process: &Process, scope: ScopeIx, node: NodeIx) -> Option<Item> {
        let mut at = node;
        while process.nodes[at].scope != scope {
            at = process.scopes[process.nodes[at].scope].node?;
        }
        if let NodeKind::BoundaryEvent(event) = &process.nodes[at].kind {
            at = event.attached_to;
        }
        self.items.iter().position(|&item| item == at)
    }
}

/// The innermost scope that holds both.
fn common_scope(process: &Process, one: ScopeIx, other: ScopeIx) -> ScopeIx {
    let chain = |scope| std::iter::successors(Some(scope), |&s: &ScopeIx| process.scopes[s].parent);
    chain(one).find(|&scope| chain(other).any(|s| s == scope)).unwrap_or(0)
}
