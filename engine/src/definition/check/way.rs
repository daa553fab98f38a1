//! Ways through a process on which something was not done, told as ids with their lines.

use std::collections::{BTreeMap, VecDeque};

use super::written::Written;
use crate::definition::{NodeIx, NodeKind, Process};

/// Nodes of a way that are told at its beginning and at its end; what lies between is left out.
const TOLD_EACH_SIDE: usize = 6;

/// The shortest way to a node on which nothing has surely written `name`.
pub(super) fn without(process: &Process, written: &Written, to: NodeIx, name: &str) -> Vec<NodeIx> {
    let mut next: BTreeMap<NodeIx, Option<NodeIx>> = BTreeMap::from([(to, None)]);
    let mut behind = VecDeque::from([to]);
    while let Some(ix) = behind.pop_front() {
        let before = before(process, written, ix, name);
        if before.is_empty() {
            return along(&next, ix);
        }
        for from in before {
            next.entry(from).or_insert_with(|| {
                behind.push_back(from);
                Some(ix)
            });
        }
    }
    vec![to]
}

/// Where a case may have been before, still without the name.
fn before(process: &Process, written: &Written, ix: NodeIx, name: &str) -> Vec<NodeIx> {
    let node = &process.nodes[ix];
    match (&node.kind, process.scopes[node.scope].node) {
        (NodeKind::BoundaryEvent(event), _) => vec![event.attached_to],
        (NodeKind::EventSubProcess(_), around) => around.into_iter().collect(),
        (_, Some(around)) if node.incoming.is_empty() => vec![around],
        _ => {
            let open = node.incoming.iter().filter(|&&flow| written.may_be_absent_along(flow, name));
            open.map(|&flow| process.flows[flow].from).collect()
        }
    }
}

fn along(next: &BTreeMap<NodeIx, Option<NodeIx>>, first: NodeIx) -> Vec<NodeIx> {
    let mut way = vec![first];
    let mut at = first;
    while let Some(Some(onwards)) = next.get(&at) {
        way.push(*onwards);
        at = *onwards;
    }
    way
}

/// A way as ids with their lines.
pub(super) fn told(process: &Process, way: &[NodeIx]) -> String {
    let one = |&ix: &NodeIx| format!("{}:{}", process.nodes[ix].id, process.nodes[ix].place.span.line);
    let told: Vec<String> = way.iter().map(one).collect();
    if told.len() <= 2 * TOLD_EACH_SIDE {
        return told.join(" → ");
    }
    let (first, last) = (&told[..TOLD_EACH_SIDE], &told[told.len() - TOLD_EACH_SIDE..]);
    format!("{} → … → {}", first.join(" → "), last.join(" → "))
}
