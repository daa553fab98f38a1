//! What belongs to which node: flows out of it, boundary events on it, handlers, lanes, annotations.

use std::collections::BTreeMap;

use super::ids::is_flow_node;
use crate::{
    bpmn::xml::{Document, Node},
    diagnostic::Finding,
    text::Text,
};

/// By element number.
#[derive(Debug, Default)]
pub(super) struct Index<'d> {
    outgoing: BTreeMap<usize, Vec<SequenceFlow<'d>>>,
    boundary: BTreeMap<usize, Vec<Node<'d>>>,
    handlers: BTreeMap<usize, Node<'d>>,
    lanes: BTreeMap<usize, Node<'d>>,
    annotations: BTreeMap<usize, Vec<Node<'d>>>,
}

/// A sequence flow that leads somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct SequenceFlow<'d> {
    pub(super) node: Node<'d>,
    pub(super) to: Node<'d>,
}

impl<'d> Index<'d> {
    pub(super) fn of(document: &'d Document, findings: &mut Vec<Finding>) -> Self {
        let mut index = Self::default();
        for node in document.all() {
            match node.word() {
                "sequenceFlow" => index.sequence_flow(node, findings),
                "boundaryEvent" => index.boundary_event(node, findings),
                "association" => index.association(node),
                "lane" => index.lane(node, findings),
                _ => {}
            }
        }
        index
    }

    fn sequence_flow(&mut self, node: Node<'d>, findings: &mut Vec<Finding>) {
        let (Some(from), Some(to)) = (end(node, "sourceRef", findings), end(node, "targetRef", findings)) else { return };
        if from.parent() != to.parent() {
            let message =
                Text::new("顺序流越过了子流程或流程的边界，已略去", "the sequence flow crosses the border of a scope and is left out");
            findings.push(warning(node, message));
            return;
        }
        self.outgoing.entry(from.number()).or_default().push(SequenceFlow { node, to });
    }

    fn boundary_event(&mut self, node: Node<'d>, findings: &mut Vec<Finding>) {
        let Some(host) = node.given("attachedToRef").and_then(|host| node.document().by_id(host)).filter(|host| is_flow_node(*host)) else {
            findings.push(warning(
                node,
                Text::new("边界事件没有附着在环节上，已略去", "the boundary event is attached to nothing and is left out"),
            ));
            return;
        };
        self.boundary.entry(host.number()).or_default().push(node);
    }

    /// From a compensation boundary event to its handler, or between a text and what it is about.
    fn association(&mut self, node: Node<'d>) {
        let end = |key| node.given(key).and_then(|id| node.document().by_id(id));
        let (Some(from), Some(to)) = (end("sourceRef"), end("targetRef")) else { return };
        for (one, other) in [(from, to), (to, from)] {
            if one.is("boundaryEvent") && is_flow_node(other) {
                self.handlers.entry(one.number()).or_insert(other);
            } else if one.is("textAnnotation") && !other.is("textAnnotation") {
                self.annotations.entry(other.number()).or_default().push(one);
            }
        }
    }

    fn lane(&mut self, lane: Node<'d>, findings: &mut Vec<Finding>) {
        for reference in lane.all("flowNodeRef") {
            let Some(id) = reference.text() else { continue };
            match lane.document().by_id(id) {
                // An inner lane stands after the outer one, and says more.
                Some(node) => {
                    self.lanes.insert(node.number(), lane);
                }
                None => findings.push(warning(reference, Text::new(format!("没有“{id}”"), format!("there is no `{id}`")))),
            }
        }
    }

    /// Sequence flows out of a node, in written order.
    pub(super) fn outgoing(&self, node: Node<'_>) -> Vec<SequenceFlow<'d>> {
        self.outgoing.get(&node.number()).cloned().unwrap_or_default()
    }

    /// Boundary events on a node.
    pub(super) fn boundary(&self, node: Node<'_>) -> Vec<Node<'d>> {
        self.boundary.get(&node.number()).cloned().unwrap_or_default()
    }

    /// The activity that compensates, by the boundary event that an association connects it to.
    pub(super) fn handler(&self, boundary: Node<'_>) -> Option<Node<'d>> {
        self.handlers.get(&boundary.number()).copied()
    }

    /// The lane that a node, or what is around it, stands in.
    pub(super) fn lane_of(&self, node: Node<'d>) -> Option<Node<'d>> {
        std::iter::once(node).chain(node.ancestors()).find_map(|node| self.lanes.get(&node.number()).copied())
    }

    /// Texts that are connected to a node.
    pub(super) fn annotations(&self, node: Node<'_>) -> Vec<Node<'d>> {
        self.annotations.get(&node.number()).cloned().unwrap_or_default()
    }
}

/// One end of a flow: a node of a flow.
fn end<'d>(flow: Node<'d>, key: &str, findings: &mut Vec<Finding>) -> Option<Node<'d>> {
    let Some(id) = flow.given(key) else {
        let message = Text::new(format!("顺序流缺少 {key}，已略去"), format!("the sequence flow has no {key} and is left out"));
        findings.push(warning(flow, message));
        return None;
    };
    let found = flow.document().by_id(id).filter(|node| is_flow_node(*node));
    if found.is_none() {
        let message = Text::new(
            format!("顺序流的 {key} “{id}”不是环节，已略去"),
            format!("{key} `{id}` of the sequence flow is no node; it is left out"),
        );
        findings.push(warning(flow, message));
    }
    found
}

fn warning(node: Node<'_>, message: Text) -> Finding {
    let finding = Finding::warning("R900", node.place(), message);
    Finding { element: node.id().map(str::to_owned), ..finding }
}
