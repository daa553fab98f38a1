//! Which id each element has in the dialect.

use std::collections::{BTreeMap, BTreeSet};

use super::Ids;
use crate::{
    bpmn::xml::{Document, Node},
    diagnostic::Finding,
    text::Text,
};

/// Tasks, calls and sub-processes.
pub(in crate::bpmn) const ACTIVITIES: &[&str] = &[
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "scriptTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "adHocSubProcess",
    "transaction",
];

/// BPMN's elements that stand in a flow besides activities.
const EVENTS_AND_GATEWAYS: &[&str] = &[
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "implicitThrowEvent",
    "exclusiveGateway",
    "inclusiveGateway",
    "parallelGateway",
    "complexGateway",
    "eventBasedGateway",
];

/// Callable elements of `definitions`.
const CALLABLE: &[&str] = &["process", "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"];

/// Whether it is a node of a flow.
pub(in crate::bpmn) fn is_flow_node(node: Node<'_>) -> bool {
    is_flow_word(node.word())
}

fn is_flow_word(word: &str) -> bool {
    ACTIVITIES.contains(&word) || EVENTS_AND_GATEWAYS.contains(&word)
}

/// The ids by element.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: BTreeMap<usize, String>,
}

impl Names {
    pub(super) fn of(document: &Document, ids: Ids, findings: &mut Vec<Finding>) -> Self {
        let mut names = Self::default();
        let (mut taken, mut callable, mut flows) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for node in document.all() {
            let (taken, separator) = match node.word() {
                word if CALLABLE.contains(&word) => (&mut callable, '-'),
                word if is_flow_word(word) => (&mut taken, '_'),
                "lane" | "sequenceFlow" | "participant" => (&mut flows, '_'),
                _ => continue,
            };
            let id = match (node.id(), ids) {
                (Some(id), Ids::Keep) => id.to_owned(),
                (Some(id), Ids::Snake) => separated(id, separator).unwrap_or_else(|| generated(node, separator)),
                (None, _) if node.word() == "sequenceFlow" => continue,
                (None, Ids::Keep) => format!("unnamed__{}", node.number()),
                (None, Ids::Snake) => generated(node, separator),
            };
            if ids == Ids::Snake {
                let id = unique(&id, separator, taken);
                names.ids.insert(node.number(), id);
                continue;
            }
            if !taken.insert(id.clone()) && is_flow_node(node) {
                let message = Text::new(format!("标识“{id}”用了两次"), format!("the id `{id}` is used twice"));
                findings.push(Finding::error("Y902", node.place(), message).about(&id));
            }
            names.ids.insert(node.number(), id);
        }
        names
    }

    /// The element's id; empty for elements that have none in the dialect.
    pub(super) fn of_node(&self, node: Node<'_>) -> String {
        self.ids.get(&node.number()).cloned().unwrap_or_default()
    }

    /// The id of the element, or of the nearest around it that has one.
    pub(super) fn about(&self, node: Node<'_>) -> Option<String> {
        std::iter::once(node).chain(node.ancestors()).find_map(|node| self.ids.get(&node.number()).cloned())
    }
}

fn generated(node: Node<'_>, separator: char) -> String {
    let word = separated(node.name(), separator).unwrap_or_else(|| "element".to_owned());
    format!("{word}{separator}{}", node.number())
}

fn unique(id: &str, separator: char, taken: &mut BTreeSet<String>) -> String {
    let mut again = 2;
    let mut candidate = id.to_owned();
    while !taken.insert(candidate.clone()) {
        candidate = format!("{id}{separator}{again}");
        again += 1;
    }
    candidate
}

/// `UserTask_1` as `user_task_1`; None if nothing that an id may hold is left.
pub(super) fn separated(id: &str, separator: char) -> Option<String> {
    let mut result = String::new();
    let mut before_lower = false;
    for character in id.chars() {
        if character.is_ascii_alphanumeric() {
            if character.is_ascii_uppercase() && before_lower {
                result.push(separator);
            }
            result.push(character.to_ascii_lowercase());
        } else if !result.is_empty() && !result.ends_with(separator) {
            result.push(separator);
        }
        before_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    let result = result.trim_matches(separator).to_owned();
    match result.chars().next() {
        None => None,
        Some(first) if first.is_ascii_digit() => Some(format!("x{separator}{result}")),
        Some(_) => Some(result),
    }
}
