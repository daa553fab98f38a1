//! Item definitions: what data elements hold, and whether two of them hold the same (`D901`).

use super::{Checker, Node, definitions, refer};

const CODE: &str = "D901";

/// The item definition that says what an element holds: data elements, messages, errors, signals, escalations.
pub(super) fn item_of<'d>(node: Node<'d>) -> Option<Node<'d>> {
    let node = match node.word() {
        "dataObjectReference" => refer(node, "dataObjectRef").unwrap_or(node),
        "dataStoreReference" => refer(node, "dataStoreRef").unwrap_or(node),
        _ => node,
    };
    let key = match node.word() {
        "message" => "itemRef",
        "error" | "signal" | "escalation" => "structureRef",
        _ => "itemSubjectRef",
    };
    refer(node, key).filter(|item| item.is("itemDefinition"))
}

/// Whether two definitions say the same: one and the same, or of equal structure. One that is not given says nothing.
pub(super) fn differ(one: Option<Node<'_>>, other: Option<Node<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let structure = |item: Node<'_>| item.given("structureRef").map(str::to_owned);
    one != other && (structure(one) != structure(other) || is_collection(one) != is_collection(other))
}

fn is_collection(item: Node<'_>) -> bool {
    item.flag("isCollection", false)
}

impl<'d> Checker<'d> {
    pub(super) fn items(&mut self, node: Node<'d>) {
        match node.word() {
            "dataObject" | "dataInput" | "dataOutput" => self.collection(node),
            "dataInputAssociation" | "dataOutputAssociation" => self.association(node),
            "multiInstanceLoopCharacteristics" => self.instances(node),
            word if word.ends_with("Event") && super::is_flow_node(node) => self.event_data(node),
            _ => {}
        }
    }

    fn collection(&mut self, node: Node<'d>) {
        let given = node.given("isCollection").is_some();
        if let Some(item) = item_of(node).filter(|item| given && is_collection(*item) != is_collection(node)) {
            let id = item.id().unwrap_or_default();
            let (zh, en) =
                (format!("isCollection 与 itemDefinition“{id}”不同"), format!("isCollection differs from the itemDefinition `{id}`"));
            self.broken(CODE, node, "EXT.020", zh, en);
        }
    }

    fn association(&mut self, node: Node<'d>) {
        if node.child("transformation").is_some() {
            return;
        }
        let referred = |word: &str| node.all(word).filter_map(|child| self.document.by_id(child.text()?)).collect::<Vec<_>>();
        let (sources, targets) = (referred("sourceRef"), referred("targetRef"));
        if node.all("sourceRef").count() > 1 {
            self.broken(
                CODE,
                node,
                "EXT.092",
                "没有变换的数据关联只能有一个来源",
                "an association without a transformation has several sources",
            );
        }
        let [source, ..] = sources.as_slice() else { return };
        if targets.iter().any(|target| differ(item_of(*source), item_of(*target))) {
            self.broken(
                CODE,
                node,
                "EXT.091",
                "数据关联两端的 itemDefinition 不同",
                "the two ends of the association hold different items",
            );
        }
    }

    /// One of a collection is of the collection's structure, and no collection itself.
    fn instances(&mut self, node: Node<'d>) {
        for (list, item, rule) in [("loopDataInputRef", "inputDataItem", "EXT.070"), ("loopDataOutputRef", "outputDataItem", "EXT.069")] {
            let all = super::refer_in(node, list).and_then(item_of);
            let one = node.child(item).and_then(item_of);
            let (Some(all), Some(one)) = (all, one) else { continue };
            if all.given("structureRef") != one.given("structureRef") || !is_collection(all) || is_collection(one) {
                let (zh, en) = (format!("{item} 不是 {list} 中的一项"), format!("{item} is not one of {list}"));
                self.broken(CODE, node, rule, zh, en);
            }
        }
    }

    /// Each event definition has a data input or output of its own, in order, that holds the same.
    fn event_data(&mut self, event: Node<'d>) {
        let word = if super::THROWING.contains(&event.word()) { "dataInput" } else { "dataOutput" };
        let data: Vec<Node<'d>> = event.all(word).collect();
        let definitions = definitions(event);
        if data.is_empty() {
            return;
        }
        if data.len() < definitions.len() {
            let (zh, en) = (format!("每个事件定义须有一个 {word}"), format!("there is not a {word} for each event definition"));
            self.broken(CODE, event, "EXT.093", zh, en);
        }
        for (definition, data) in definitions.into_iter().zip(data) {
            let carried = ["messageRef", "signalRef", "errorRef", "escalationRef"].into_iter().find_map(|key| refer(definition, key));
            if differ(carried.and_then(item_of), item_of(data)) {
                let (zh, en) = (
                    format!("{word} 与事件定义的 itemDefinition 不同"),
                    format!("the {word} holds another item than the event definition"),
                );
                self.broken(CODE, event, "EXT.094", zh, en);
            }
        }
    }
}
