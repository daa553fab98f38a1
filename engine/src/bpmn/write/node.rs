//! Nodes, sequence flows and associations.

use super::{
    Writer,
    event::expression,
    items::{text, words},
};
use crate::{
    bpmn::kept::OWN_KEYS,
    definition::{FlowIx, Node, NodeIx, NodeKind},
    source::{Kind, Tree, to_yaml},
    xml::Element,
};

impl Writer<'_> {
    pub(super) fn node(&mut self, ix: NodeIx) -> Element {
        let process = self.process;
        let node = &process.nodes[ix];
        let item = self.items.get(&node.id);
        let word = if matches!(node.kind, NodeKind::EventSubProcess(_)) { "subProcess" } else { node.kind.word() };
        let name = item.and_then(|item| item.get("name")).and_then(words);
        let element = Element::new(format!("bpmn:{word}")).with("id", &node.id).with_some("name", name);
        let element = self.attributes(element, node, item);
        let element = element
            .children(item.and_then(|item| item.get("doc")).and_then(words).map(|doc| Element::new("bpmn:documentation").text(doc)))
            .children(extension(item, node));
        let flows = |word: &str, flows: &[FlowIx]| {
            let named = flows.iter().filter(|&&flow| !self.is_compensation(flow));
            named.map(|&flow| Element::new(format!("bpmn:{word}")).text(&self.flow_ids[flow])).collect::<Vec<_>>()
        };
        let element = element.children(flows("incoming", &node.incoming)).children(flows("outgoing", &node.outgoing));
        let children = match &node.kind {
            kind if is_event(kind) => self.event_definitions(item),
            NodeKind::ComplexGateway(_) => {
                text(item, "activation").map(|text| expression("bpmn:activationCondition", text)).into_iter().collect()
            }
            kind if is_gateway(kind) => Vec::new(),
            _ => self.activity_children(node, item),
        };
        element.children(children)
    }

    fn attributes(&mut self, element: Element, node: &Node, item: Option<&Tree>) -> Element {
        let default = node.outgoing.iter().find(|&&flow| self.process.flows[flow].is_default).map(|&flow| self.flow_ids[flow].clone());
        match &node.kind {
            NodeKind::StartEvent(_) => {
                let several = item.is_some_and(|item| item.get("all").is_some());
                let element = if several { element.with("parallelMultiple", true) } else { element };
                element.with_some("isInterrupting", text(item, "interrupting"))
            }
            NodeKind::BoundaryEvent(event) => {
                let several = item.is_some_and(|item| item.get("all").is_some());
                let element = element.with("attachedToRef", &self.process.nodes[event.attached_to].id);
                let element =
                    if text(item, "compensation").is_some() { element } else { element.with("cancelActivity", event.interrupting) };
                if several { element.with("parallelMultiple", true) } else { element }
            }
            NodeKind::CatchEvent(_) if item.is_some_and(|item| item.get("all").is_some()) => element.with("parallelMultiple", true),
            NodeKind::EventBasedGateway(gateway) if gateway.instantiate => element.with("instantiate", true),
            kind if is_event(kind) => element,
            kind if is_gateway(kind) => element.with_some("default", default),
            _ => self.activity_attributes(element, node, item).with_some("default", default),
        }
    }

    pub(super) fn flow(&self, ix: FlowIx) -> Element {
        let (process, flow) = (self.process, &self.process.flows[ix]);
        let (from, to) = (&process.nodes[flow.from], &process.nodes[flow.to]);
        // A clerk's buttons are alternatives: exclusive conditions say so to every tool.
        let alternatives = from.outgoing.len() > 1;
        let chosen =
            flow.action.as_ref().filter(|_| alternatives && flow.condition.is_none()).map(|action| format!("action == \"{action}\""));
        let condition = flow.condition.as_ref().map(|condition| condition.text.clone()).or(chosen).filter(|_| !flow.is_default);
        let name = flow.name.as_ref().map(|name| name.zh.clone()).or_else(|| self.action_name(from, flow.action.as_deref()?));
        Element::new("bpmn:sequenceFlow")
            .with("id", &self.flow_ids[ix])
            .with_some("name", name)
            .with("sourceRef", &from.id)
            .with("targetRef", &to.id)
            .children(condition.map(|text| expression("bpmn:conditionExpression", &text)))
    }

    fn action_name(&self, node: &Node, action: &str) -> Option<String> {
        self.items.get(&node.id)?.get("actions")?.get(action)?.get("name").and_then(words)
    }

    /// Whether a flow only says which activity compensates: BPMN has an association for that.
    pub(super) fn is_compensation(&self, ix: FlowIx) -> bool {
        let from = &self.process.nodes[self.process.flows[ix].from];
        matches!(from.kind, NodeKind::BoundaryEvent(_)) && text(self.items.get(&from.id), "compensation").is_some()
    }

    /// From a compensation boundary event to its handler; what starts an event sub-process has none.
    pub(super) fn association(&self, ix: NodeIx) -> Option<Element> {
        let node = &self.process.nodes[ix];
        if !matches!(node.kind, NodeKind::BoundaryEvent(_)) {
            return None;
        }
        let item = self.items.get(&node.id)?;
        item.get("compensation")?;
        let flowing = node.outgoing.first().map(|&flow| self.process.nodes[self.process.flows[flow].to].id.clone());
        let first = || item.get("do")?.list()?.first()?.map()?.first()?.1.scalar().map(str::to_owned);
        let handler = text(Some(item), "to").map(str::to_owned).or_else(first).or(flowing)?;
        Some(
            Element::new("bpmn:association")
                .with("id", format!("{}__handler", node.id))
                .with("associationDirection", "One")
                .with("sourceRef", &node.id)
                .with("targetRef", handler),
        )
    }
}

/// What the dialect adds to a node, and that a node is implied.
fn extension(item: Option<&Tree>, node: &Node) -> Option<Element> {
    let added = match item {
        None => Element::new("tongban:implied"),
        Some(item) => {
            let own = item.map()?.iter().skip(1).filter(|(key, _)| OWN_KEYS.contains(&key.text.as_str()));
            let own: Vec<_> = own.cloned().collect();
            if own.is_empty() || matches!(node.kind, NodeKind::EventSubProcess(_)) {
                return None;
            }
            Element::new("tongban:keys").verbatim(format!("\n{}", to_yaml(&Tree { span: item.span, kind: Kind::Map(own) })))
        }
    };
    Some(Element::new("bpmn:extensionElements").child(added))
}

fn is_event(kind: &NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::StartEvent(_) | NodeKind::EndEvent(_) | NodeKind::CatchEvent(_) | NodeKind::ThrowEvent(_) | NodeKind::BoundaryEvent(_)
    )
}

fn is_gateway(kind: &NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::ExclusiveGateway
            | NodeKind::ParallelGateway
            | NodeKind::InclusiveGateway
            | NodeKind::ComplexGateway(_)
            | NodeKind::EventBasedGateway(_)
    )
}
