//! The joins of a scope, and by which of their flows a node leads to them: what may run beside what, and which flows
//! nothing will come by any more.

use std::collections::BTreeSet;

use super::super::{LocalNo, run::Run, step::join::behind};
use crate::definition::{FlowIx, Node, NodeIx, NodeKind, Process};

/// A join, with the nodes that lead to each of its flows without passing it.
pub(super) struct Join {
    node: NodeIx,
    ways: Vec<(FlowIx, BTreeSet<NodeIx>)>,
}

/// Whether a node waits for several tokens.
pub(super) fn is_join(node: &Node) -> bool {
    let waits = matches!(node.kind, NodeKind::ParallelGateway | NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_));
    waits && node.incoming.len() > 1
}

/// The joins in the same part of the process as `node`.
fn joins_around(process: &Process, node: NodeIx) -> Vec<Join> {
    let inside = process.nodes[node].scope;
    let joins = process.nodes.iter().enumerate().filter(|(_, node)| node.scope == inside && is_join(node));
    joins
        .map(|(ix, node)| Join { node: ix, ways: node.incoming.iter().map(|&flow| (flow, behind(process, ix, &[flow]))).collect() })
        .collect()
}

impl Join {
    /// The flows by which a token at a node comes to the join; `by` is the one that it waits there by.
    fn flows(&self, process: &Process, at: NodeIx, by: Option<&str>) -> BTreeSet<FlowIx> {
        let reached = |(flow, way): &&(FlowIx, BTreeSet<NodeIx>)| match at == self.node {
            true => by == Some(process.flows[*flow].id.as_str()),
            false => way.contains(&at),
        };
        self.ways.iter().filter(reached).map(|(flow, _)| *flow).collect()
    }
}

impl Run<'_> {
    /// Tokens of a scope that could not run beside one at `target`: they lead to the same flow of a join, and no join tells
    /// them apart.
    pub(super) fn instead_of(&self, scope: LocalNo, target: NodeIx) -> Vec<LocalNo> {
        let process = &self.definition.process;
        let joins = joins_around(process, target);
        let shares = |token: &LocalNo| {
            let standing = &self.case.tokens[token];
            let Some(&at) = process.by_id.get(&standing.node) else { return false };
            let mut same = false;
            for join in &joins {
                let (mine, theirs) = (join.flows(process, target, None), join.flows(process, at, standing.flow.as_deref()));
                if mine.is_empty() || theirs.is_empty() {
                    continue;
                }
                if mine.is_disjoint(&theirs) {
                    return false;
                }
                same = true;
            }
            same
        };
        self.movers(scope).into_iter().filter(shares).collect()
    }

    /// A join that something waits at or leads to, and that nothing will come to any more by one of its flows, has that
    /// flow's token: what was done in another branch stays done, and a branch that was left counts as done. An inclusive
    /// join does not wait for what cannot come.
    pub(super) fn restore_joins(&mut self, scope: LocalNo, target: NodeIx) {
        let process = &self.definition.process;
        for join in joins_around(process, target) {
            let node = &process.nodes[join.node];
            if join.node == target || matches!(node.kind, NodeKind::InclusiveGateway) {
                continue;
            }
            let reached: BTreeSet<FlowIx> = self
                .movers(scope)
                .iter()
                .filter_map(|token| {
                    let standing = &self.case.tokens[token];
                    let at = process.by_id.get(&standing.node)?;
                    Some(join.flows(process, *at, standing.flow.as_deref()))
                })
                .flatten()
                .collect();
            if reached.is_empty() {
                continue;
            }
            for &flow in node.incoming.iter().filter(|flow| !reached.contains(flow)) {
                self.place(node, scope, Some(&process.flows[flow].id));
            }
        }
    }
}
