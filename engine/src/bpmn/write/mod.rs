//! From the dialect to BPMN 2.0 XML with its picture (BPMNDI).
//!
//! The graph is the compiled one, implied nodes included, so that every tool sees what runs; what BPMN has no word for stands
//! in `extensionElements` under `tongban:`. The whole definition stands there too, with a fingerprint of the graph: a file
//! that no other tool has changed is read back as the very same definition.

mod activity;
mod event;
mod items;
mod node;
mod plane;

use self::{event::Declared, items::Items};
use super::{kept, xml};
use crate::{
    definition::{Process, ScopeIx, all_spelled_out},
    diagram::{LanePlace, Overlay, places},
    source::{Source, Tree, to_yaml},
    xml::Element,
};

/// Where the fingerprint goes once it is known: it is made from the file itself.
const NO_FINGERPRINT: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// BPMN 2.0 XML for a process: `tree` as written, `process` as compiled from it.
///
/// Elements stand in the order that the OMG's schema (BPMN20.xsd) wants. [`super::read`] gives `tree` back, without places
/// and with its keys in the order that they have.
pub fn write(tree: &Tree, process: &Process) -> String {
    let spelled_out = all_spelled_out(tree);
    let text = Writer::new(tree, &spelled_out, process).definitions().in_lines();
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    let source = Source { name: "bpmn".into(), text: text.as_str().into() };
    let Ok(document) = xml::parse(&source) else { return text };
    let fingerprint = document.named("process").next().map(kept::fingerprint).unwrap_or_default();
    text.replacen(NO_FINGERPRINT, &fingerprint, 1)
}

struct Writer<'a> {
    tree: &'a Tree,
    process: &'a Process,
    items: Items<'a>,
    declared: Declared,
    /// Each flow's id in the file: its own, unless a node has it.
    flow_ids: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(tree: &'a Tree, spelled_out: &'a Tree, process: &'a Process) -> Self {
        let id = |flow: &crate::definition::Flow| {
            if process.by_id.contains_key(&flow.id) { format!("{}__flow", flow.id) } else { flow.id.clone() }
        };
        let flow_ids = process.flows.iter().map(id).collect();
        Self { tree, process, items: Items::of(spelled_out), declared: Declared::default(), flow_ids }
    }

    fn definitions(mut self) -> Element {
        let places = places(self.process, &Overlay::default());
        let process = self.process_element(&places.lanes);
        let diagram = self.diagram(&places);
        let namespaces = [
            ("xmlns:bpmn", "http://www.omg.org/spec/BPMN/20100524/MODEL"),
            ("xmlns:bpmndi", "http://www.omg.org/spec/BPMN/20100524/DI"),
            ("xmlns:dc", "http://www.omg.org/spec/DD/20100524/DC"),
            ("xmlns:di", "http://www.omg.org/spec/DD/20100524/DI"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns:tongban", xml::TONGBAN),
            ("id", "definitions"),
            ("targetNamespace", "urn:tongban"),
            ("exporter", "Tongban"),
        ];
        let root = namespaces.into_iter().fold(Element::new("bpmn:definitions"), |root, (name, value)| root.with(name, value));
        root.children(self.declared.elements()).child(process).child(diagram)
    }

    fn process_element(&mut self, lanes: &[LanePlace]) -> Element {
        let kept = Element::new("tongban:definition").with("fingerprint", NO_FINGERPRINT).verbatim(format!("\n{}", to_yaml(self.tree)));
        let doc = self.tree.get("doc").and_then(items::words);
        Element::new("bpmn:process")
            .with("id", &self.process.id)
            .with("name", &self.process.name.zh)
            .with("isExecutable", true)
            .children(doc.map(|doc| Element::new("bpmn:documentation").text(doc)))
            .child(Element::new("bpmn:extensionElements").child(kept))
            .children(self.lanes(lanes))
            .children(self.scope(0))
    }

    fn lanes(&self, lanes: &[LanePlace]) -> Option<Element> {
        let element = |lane: &LanePlace| {
            let inside = lane.nodes.iter().map(|&node| Element::new("bpmn:flowNodeRef").text(&self.process.nodes[node].id));
            Element::new("bpmn:lane").with("id", lane_id(lane)).with("name", &lane.name.zh).children(inside)
        };
        (!lanes.is_empty()).then(|| Element::new("bpmn:laneSet").with("id", "lanes").children(lanes.iter().map(element)))
    }

    /// The nodes, flows and associations of a scope.
    fn scope(&mut self, scope: ScopeIx) -> Vec<Element> {
        let process = self.process;
        let nodes: Vec<usize> = (0..process.nodes.len()).filter(|&ix| process.nodes[ix].scope == scope).collect();
        let mut elements: Vec<Element> = nodes.iter().map(|&ix| self.node(ix)).collect();
        let flows = (0..process.flows.len()).filter(|&ix| process.nodes[process.flows[ix].from].scope == scope);
        elements.extend(flows.filter(|&ix| !self.is_compensation(ix)).map(|ix| self.flow(ix)));
        elements.extend(nodes.iter().filter_map(|&ix| self.association(ix)));
        elements
    }
}

/// A lane's id in the file.
fn lane_id(lane: &LanePlace) -> String {
    format!("lane__{}", lane.id.replace(':', "_"))
}
