//! Whatever is referred to exists and is of the right kind (`R901`).

use super::{ACTIVITIES, Checker, Node, is_flow_node};
use crate::{bpmn::xml::local, expression::is_marked};

/// What a reference may lead to.
enum To {
    Words(&'static [&'static str]),
    FlowNode,
    Activity,
    EventDefinition,
    ItemAware,
    Anything,
}

const CALLABLE: &[&str] = &["process", "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"];
const ITEM_AWARE: &[&str] = &[
    "dataObject",
    "dataObjectReference",
    "dataStore",
    "dataStoreReference",
    "dataInput",
    "dataOutput",
    "property",
    "inputDataItem",
    "outputDataItem",
];

/// Attributes that refer: element (`*` for any), attribute, target.
const ATTRIBUTES: &[(&str, &str, To)] = &[
    ("association", "sourceRef", To::Anything),
    ("association", "targetRef", To::Anything),
    ("messageFlow", "sourceRef", To::Anything),
    ("messageFlow", "targetRef", To::Anything),
    ("sequenceFlow", "sourceRef", To::Anything),
    ("sequenceFlow", "targetRef", To::Anything),
    ("boundaryEvent", "attachedToRef", To::Activity),
    ("*", "default", To::Words(&["sequenceFlow"])),
    ("*", "messageRef", To::Words(&["message"])),
    ("*", "operationRef", To::Words(&["operation"])),
    ("participant", "processRef", To::Words(&["process"])),
    ("message", "itemRef", To::Words(&["itemDefinition"])),
    ("*", "itemSubjectRef", To::Words(&["itemDefinition"])),
    ("error", "structureRef", To::Words(&["itemDefinition"])),
    ("signal", "structureRef", To::Words(&["itemDefinition"])),
    ("escalation", "structureRef", To::Words(&["itemDefinition"])),
    ("errorEventDefinition", "errorRef", To::Words(&["error"])),
    ("escalationEventDefinition", "escalationRef", To::Words(&["escalation"])),
    ("signalEventDefinition", "signalRef", To::Words(&["signal"])),
    ("compensateEventDefinition", "activityRef", To::Activity),
    ("dataObjectReference", "dataObjectRef", To::Words(&["dataObject"])),
    ("dataStoreReference", "dataStoreRef", To::Words(&["dataStore"])),
    ("group", "categoryValueRef", To::Words(&["categoryValue"])),
    ("ioBinding", "inputDataRef", To::Words(&["dataInput", "inputSet"])),
    ("ioBinding", "outputDataRef", To::Words(&["dataOutput", "outputSet"])),
    ("process", "definitionalCollaborationRef", To::Words(&["collaboration"])),
];

/// Children whose text refers: element around, child, target.
const CHILDREN: &[(&str, To)] = &[
    ("incoming", To::Words(&["sequenceFlow"])),
    ("outgoing", To::Words(&["sequenceFlow"])),
    ("flowNodeRef", To::FlowNode),
    ("eventDefinitionRef", To::EventDefinition),
    ("operationRef", To::Words(&["operation"])),
    ("errorRef", To::Words(&["error"])),
    ("inMessageRef", To::Words(&["message"])),
    ("outMessageRef", To::Words(&["message"])),
    ("interfaceRef", To::Words(&["interface"])),
    ("supportedInterfaceRef", To::Words(&["interface"])),
    ("dataInputRefs", To::Words(&["dataInput"])),
    ("optionalInputRefs", To::Words(&["dataInput"])),
    ("whileExecutingInputRefs", To::Words(&["dataInput"])),
    ("outputSetRefs", To::Words(&["outputSet"])),
    ("dataOutputRefs", To::Words(&["dataOutput"])),
    ("optionalOutputRefs", To::Words(&["dataOutput"])),
    ("whileExecutingOutputRefs", To::Words(&["dataOutput"])),
    ("inputSetRefs", To::Words(&["inputSet"])),
    ("loopDataInputRef", To::ItemAware),
    ("loopDataOutputRef", To::ItemAware),
    ("sourceRef", To::ItemAware),
    ("targetRef", To::ItemAware),
    ("participantRef", To::Words(&["participant"])),
    ("categoryValueRef", To::Words(&["categoryValue"])),
    ("messageFlowRef", To::Words(&["messageFlow"])),
];

impl To {
    fn takes(&self, node: Node<'_>) -> bool {
        match self {
            Self::Words(words) => words.contains(&node.word()),
            Self::FlowNode => is_flow_node(node),
            Self::Activity => ACTIVITIES.contains(&node.word()),
            Self::EventDefinition => node.word().ends_with("EventDefinition"),
            Self::ItemAware => ITEM_AWARE.contains(&node.word()),
            Self::Anything => true,
        }
    }
}

impl<'d> Checker<'d> {
    pub(super) fn references(&mut self, node: Node<'d>) {
        if node.word().is_empty() {
            return;
        }
        for (_, key, to) in ATTRIBUTES.iter().filter(|(word, ..)| *word == "*" || node.is(word)) {
            if let Some(reference) = node.given(key) {
                self.reference(node, key, reference, to);
            }
        }
        if let Some((key, to)) = CHILDREN.iter().find(|(key, _)| node.is(key))
            && let Some(reference) = node.text()
        {
            self.reference(node, key, reference, to);
            self.mutual(node, reference);
        }
        if let Some(link) = node.text().filter(|_| node.parent().is_some_and(|around| around.is("linkEventDefinition"))) {
            self.reference(node, node.name(), link, &To::EventDefinition);
        }
        if let Some(called) = node.given("calledElement").filter(|called| node.is("callActivity") && !is_marked(called)) {
            // Other engines call processes of other files by their names.
            if self.document.by_id(called).is_some() || !self.speaks_vendor() {
                self.reference(node, "calledElement", called, &To::Words(CALLABLE));
            }
        }
    }

    fn speaks_vendor(&self) -> bool {
        let vendors = ["camunda.org/", "flowable.org/", "activiti.org/"];
        self.document.root().attributes().iter().any(|attribute| vendors.iter().any(|vendor| attribute.value.contains(vendor)))
    }

    fn reference(&mut self, node: Node<'_>, key: &str, reference: &str, to: &To) {
        match self.document.by_id(reference) {
            Some(found) if to.takes(found) => {}
            Some(found) => self.wrong(node, key, reference, found.name()),
            // What another file defines is not known here.
            None if reference.contains(':') && self.document.root().child("import").is_some() => {}
            None => self.broken(
                "R901",
                node,
                "REF",
                format!("{key} 所指的“{reference}”不存在"),
                format!("{key} refers to `{reference}`, which does not exist"),
            ),
        }
    }

    fn wrong(&mut self, node: Node<'_>, key: &str, reference: &str, word: &str) {
        self.broken(
            "R901",
            node,
            "REF",
            format!("{key} 所指的“{reference}”是 {word}，不能用在这里"),
            format!("{key} refers to `{reference}`, a {word}, which cannot stand here"),
        );
    }

    /// `incoming` and `outgoing` name a flow whose end is this node.
    fn mutual(&mut self, node: Node<'_>, reference: &str) {
        let key = match node.name() {
            "incoming" => "targetRef",
            "outgoing" => "sourceRef",
            _ => return,
        };
        let (Some(flow), Some(around)) = (self.document.by_id(reference), node.parent()) else { return };
        if flow.is("sequenceFlow") && flow.given(key).map(local) != around.id() {
            let name = node.name();
            self.broken(
                "R901",
                node,
                "REF",
                format!("{name} 写着“{reference}”，但它的 {key} 不是这个环节"),
                format!("{name} names `{reference}`, whose {key} is not this node"),
            );
        }
    }
}
