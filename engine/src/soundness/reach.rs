//! From where a token can still come to a join (BPMN 2.0 §13.4.3).

use crate::definition::{FlowIx, NodeIx, NodeKind, Process, Throw, Trigger};

/// By incoming flow of `join`: the nodes from which a token can reach it without passing the join.
pub(super) fn behind(process: &Process, join: NodeIx) -> Vec<Vec<bool>> {
    process.nodes[join].incoming.iter().map(|&flow| behind_flow(process, join, flow)).collect()
}

fn behind_flow(process: &Process, join: NodeIx, flow: FlowIx) -> Vec<bool> {
    let mut found = vec![false; process.nodes.len()];
    let mut ahead = vec![process.flows[flow].from];
    while let Some(ix) = ahead.pop() {
        if ix == join || std::mem::replace(&mut found[ix], true) {
            continue;
        }
        let node = &process.nodes[ix];
        ahead.extend(node.incoming.iter().map(|&flow| process.flows[flow].from));
        match &node.kind {
            NodeKind::BoundaryEvent(event) => ahead.push(event.attached_to),
            NodeKind::CatchEvent(Trigger::Link(name)) => {
                let throws = |other: &NodeIx| {
                    let other = &process.nodes[*other];
                    other.scope == node.scope && matches!(&other.kind, NodeKind::ThrowEvent(Throw::Link(thrown)) if thrown == name)
                };
                ahead.extend((0..process.nodes.len()).filter(throws));
            }
            _ => {}
        }
    }
    found
}
