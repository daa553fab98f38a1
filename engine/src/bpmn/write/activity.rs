//! What activities repeat, call, run and hold.

use super::{Writer, event::expression, items::text};
use crate::{
    definition::{Node, NodeKind},
    source::Tree,
    xml::Element,
};

impl Writer<'_> {
    /// Attributes of an activity.
    pub(super) fn activity_attributes(&mut self, mut element: Element, node: &Node, item: Option<&Tree>) -> Element {
        if node.for_compensation {
            element = element.with("isForCompensation", true);
        }
        for quantity in ["startQuantity", "completionQuantity"] {
            element = element.with_some(quantity, text(item, quantity));
        }
        let message = text(item, "message").map(|name| self.declared.id("message", name));
        match &node.kind {
            NodeKind::SendTask(_) | NodeKind::ReceiveTask(_) => element.with_some("messageRef", message),
            NodeKind::ScriptTask(_) => element.with("scriptFormat", "rhai"),
            NodeKind::CallActivity(_) => element.with_some("calledElement", text(item, "process")),
            NodeKind::AdHocSubProcess(_) => {
                let ordering = if text(item, "ordering") == Some("sequential") { "Sequential" } else { "Parallel" };
                element.with("ordering", ordering).with_some("cancelRemainingInstances", text(item, "cancelRemaining"))
            }
            NodeKind::EventSubProcess(_) => element.with("triggeredByEvent", true),
            _ => element,
        }
    }

    /// What stands inside an activity after its flows.
    pub(super) fn activity_children(&mut self, node: &Node, item: Option<&Tree>) -> Vec<Element> {
        let mut children: Vec<Element> = item.and_then(repetition).into_iter().collect();
        if let Some(script) = text(item, "script").filter(|_| matches!(node.kind, NodeKind::ScriptTask(_))) {
            children.push(Element::new("bpmn:script").text(script));
        }
        if let Some(inside) = node.kind.inside() {
            children.extend(self.scope(inside));
        }
        if matches!(node.kind, NodeKind::AdHocSubProcess(_)) {
            children.extend(text(item, "completionCondition").map(|text| expression("bpmn:completionCondition", text)));
        }
        children
    }
}

/// Loop characteristics.
fn repetition(item: &Tree) -> Option<Element> {
    if let Some(repeated) = item.get("loop") {
        let repeated = Some(repeated);
        return Some(
            Element::new("bpmn:standardLoopCharacteristics")
                .with_some("testBefore", text(repeated, "testBefore"))
                .with_some("loopMaximum", text(repeated, "max"))
                .children(text(repeated, "while").map(|text| expression("bpmn:loopCondition", text))),
        );
    }
    let several = item.get("multiInstance")?;
    let (sequential, instances) = match several.get("sequential") {
        Some(instances) => (true, Some(instances)),
        None => (false, several.get("parallel")),
    };
    // A collection has no plain word in BPMN outside of an ioSpecification: its length is the number of instances.
    let each = instances.and_then(Tree::map).and_then(|entries| entries.first());
    let listed = each.and_then(|(_, list)| list.scalar()).map(|list| format!("count({list})"));
    let count = text(Some(several), "count").map(str::to_owned).or(listed);
    let complete = text(Some(several), "complete").filter(|text| *text != "all").map(|text| match text {
        "any" => "nrOfCompletedInstances >= 1".to_owned(),
        ratio if ratio.parse::<f64>().is_ok() => format!("nrOfCompletedInstances >= {ratio} * nrOfInstances"),
        other => other.to_owned(),
    });
    Some(
        Element::new("bpmn:multiInstanceLoopCharacteristics")
            .with("isSequential", sequential)
            .children(count.map(|count| expression("bpmn:loopCardinality", &count)))
            .children(each.map(|(name, _)| Element::new("bpmn:inputDataItem").with("name", &name.text)))
            .children(complete.map(|text| expression("bpmn:completionCondition", &text))),
    )
}
