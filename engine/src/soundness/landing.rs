//! Where a token goes on to without a stop, in a space that is too large to look at every stop.
//!
//! A node that is entered by one way, cannot wait for anything that is played, cannot be interrupted by anything of its own
//! and has one way out only delays its token. Moving on at once changes none of the four properties: whatever another token
//! does meanwhile it can do before or after, and two tokens on one flow become two tokens on the flow where both come to
//! rest. A node that splits counts only where no inclusive or complex join looks around, because a join sees a difference
//! between a token before a split and the tokens after it.

use super::net::PartNet;
use crate::definition::{FlowIx, NodeIx, NodeKind, Trigger};

/// What becomes of a token on a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Landing {
    /// Nodes that it passes.
    pub(super) passed: Vec<NodeIx>,
    /// Flows where it comes to rest.
    pub(super) flows: Vec<FlowIx>,
}

/// By flow; None: it rests there.
pub(super) struct Landings(Vec<Option<Landing>>);

impl Landings {
    pub(super) fn of_net(net: &PartNet<'_>) -> Self {
        Self((0..net.process.flows.len()).map(|flow| land(net, flow)).collect())
    }

    pub(super) fn of(&self, flow: FlowIx) -> Option<&Landing> {
        self.0[flow].as_ref()
    }
}

fn land(net: &PartNet<'_>, flow: FlowIx) -> Option<Landing> {
    let mut landing = Landing::default();
    walk(net, flow, &mut landing, &mut Vec::new()).filter(|()| !landing.passed.is_empty())?;
    Some(landing)
}

/// None: it goes round for ever, so it had better rest where it is.
fn walk(net: &PartNet<'_>, flow: FlowIx, landing: &mut Landing, way: &mut Vec<NodeIx>) -> Option<()> {
    let ix = net.process.flows[flow].to;
    if !passes(net, ix) {
        landing.flows.push(flow);
        return Some(());
    }
    if way.contains(&ix) {
        return None;
    }
    way.push(ix);
    landing.passed.push(ix);
    for &next in net.ways(ix).first()? {
        walk(net, next, landing, way)?;
    }
    way.pop();
    Some(())
}

/// Whether a node only delays its token.
fn passes(net: &PartNet<'_>, ix: NodeIx) -> bool {
    let process = net.process;
    let node = &process.nodes[ix];
    let one_way = matches!(net.ways(ix), [way] if way.len() == 1 || (way.len() > 1 && !looks_around(net, node.scope)));
    let in_ad_hoc =
        process.scopes[node.scope].node.is_some_and(|around| matches!(process.nodes[around].kind, NodeKind::AdHocSubProcess(_)));
    let plain = node.boundary.is_empty()
        && node.start_quantity == 1
        && node.completion_quantity == 1
        && node.kind.inside().is_none()
        && net.sends(ix).is_empty()
        && net.takes(ix) == [None]
        && net.handler(ix).is_none();
    let kind = match &node.kind {
        NodeKind::ParallelGateway | NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_) => node.incoming.len() < 2,
        NodeKind::ExclusiveGateway => true,
        NodeKind::CatchEvent(trigger) => !matches!(trigger, Trigger::Link(_)),
        _ => node.is_activity(),
    };
    one_way && !in_ad_hoc && plain && kind
}

fn looks_around(net: &PartNet<'_>, scope: usize) -> bool {
    let nodes = net.process.nodes.iter().enumerate();
    nodes.filter(|(_, node)| node.scope == scope).any(|(ix, _)| !net.behind(ix).is_empty())
}
