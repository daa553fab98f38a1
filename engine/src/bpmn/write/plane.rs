//! The picture: BPMNDI, with everything where our own diagram has it.

use super::{Writer, lane_id};
use crate::{
    diagram::{Bounds, Places},
    xml::Element,
};

impl Writer<'_> {
    pub(super) fn diagram(&self, places: &Places) -> Element {
        let process = self.process;
        let lanes = places.lanes.iter().map(|lane| shape(&lane_id(lane)).with("isHorizontal", true).child(bounds(lane.bounds)));
        let nodes = places.nodes.iter().map(|&(ix, place)| {
            let node = &process.nodes[ix];
            let element = shape(&node.id);
            let element = if node.kind.inside().is_some() { element.with("isExpanded", true) } else { element };
            element.child(bounds(place))
        });
        let flows = places.flows.iter().filter(|(ix, _)| !self.is_compensation(*ix)).map(|(ix, line)| {
            let corners = line.iter().map(|(x, y)| Element::new("di:waypoint").with("x", *x).with("y", *y));
            let id = &self.flow_ids[*ix];
            Element::new("bpmndi:BPMNEdge").with("id", format!("{id}__edge")).with("bpmnElement", id).children(corners)
        });
        let plane = Element::new("bpmndi:BPMNPlane").with("id", "plane").with("bpmnElement", &process.id);
        let plane = plane.children(lanes).children(nodes).children(flows).children(self.handler_edges(places));
        Element::new("bpmndi:BPMNDiagram").with("id", "diagram").child(plane)
    }

    /// Straight lines from compensation events to their handlers.
    fn handler_edges(&self, places: &Places) -> Vec<Element> {
        let process = self.process;
        let middle = |ix: usize| {
            let (_, place) = places.nodes.iter().find(|(node, _)| *node == ix)?;
            Some((place.x + place.width / 2, place.y + place.height / 2))
        };
        let compensations = (0..process.flows.len()).filter(|&ix| self.is_compensation(ix));
        let edge = |ix: usize| {
            let flow = &process.flows[ix];
            let ends = [middle(flow.from)?, middle(flow.to)?];
            let corners = ends.iter().map(|(x, y)| Element::new("di:waypoint").with("x", *x).with("y", *y));
            let id = format!("{}__handler", process.nodes[flow.from].id);
            Some(Element::new("bpmndi:BPMNEdge").with("id", format!("{id}__edge")).with("bpmnElement", id).children(corners))
        };
        compensations.filter_map(edge).collect()
    }
}

fn shape(id: &str) -> Element {
    Element::new("bpmndi:BPMNShape").with("id", format!("{id}__shape")).with("bpmnElement", id)
}

fn bounds(place: Bounds) -> Element {
    Element::new("dc:Bounds").with("x", place.x).with("y", place.y).with("width", place.width).with("height", place.height)
}
