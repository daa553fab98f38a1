//! What a BPMN model must keep to, looked at on the XML as it stands.
//!
//! The constraints are those of the BPMN 2.0 specification as numbered by Geiger et al., "BPMN Conformance in Open Source
//! Engines" (EXT.nnn); each finding names its number in its help line.

mod boundary;
mod collaboration;
mod data;
mod execution;
mod flows;
mod gateways;
mod intermediate;
mod items;
mod messages;
mod operations;
mod references;
mod start_end;
mod sub_process;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    read::{ACTIVITIES, definitions, is_event_sub_process, is_flow_node},
    xml::{self, Document, Node},
};
use crate::{diagnostic::Finding, source::Source, text::Text};

/// Activities with a flow inside.
const SUB_PROCESSES: &[&str] = &["subProcess", "adHocSubProcess", "transaction"];
/// Events that throw.
const THROWING: &[&str] = &["endEvent", "intermediateThrowEvent", "implicitThrowEvent"];

/// Every constraint that the model breaks, as errors (`R901`, `F901` to `F909`, `D901` to `D903`).
///
/// XML that is not taken at all gives the reader's finding (`Y900`).
pub fn check_constraints(source: &Source) -> Vec<Finding> {
    match xml::parse(source) {
        Ok(document) => Checker::check(&document),
        Err(finding) => vec![*finding],
    }
}

/// The model with its flows at hand, and what was found.
struct Checker<'d> {
    document: &'d Document,
    incoming: BTreeMap<usize, Vec<Node<'d>>>,
    outgoing: BTreeMap<usize, Vec<Node<'d>>>,
    boundary: BTreeMap<usize, Vec<Node<'d>>>,
    /// What associations connect an element to.
    associated: BTreeMap<usize, Vec<Node<'d>>>,
    /// The participant of each process.
    pools: BTreeMap<usize, Node<'d>>,
    /// Event definitions of `definitions` that executable processes refer to.
    executed: BTreeSet<usize>,
    findings: Vec<Finding>,
}

impl<'d> Checker<'d> {
    fn check(document: &'d Document) -> Vec<Finding> {
        let mut checker = Self {
            document,
            incoming: BTreeMap::new(),
            outgoing: BTreeMap::new(),
            boundary: BTreeMap::new(),
            associated: BTreeMap::new(),
            pools: BTreeMap::new(),
            executed: BTreeSet::new(),
            findings: Vec::new(),
        };
        checker.index();
        for node in document.all() {
            checker.references(node);
            checker.flow(node);
            checker.gateway(node);
            checker.start_or_end(node);
            checker.boundary_event(node);
            checker.intermediate(node);
            checker.sub_process(node);
            checker.message_flow(node);
            checker.collaboration(node);
            checker.data(node);
            checker.items(node);
            checker.operation(node);
            checker.execution(node);
        }
        checker.findings
    }

    fn index(&mut self) {
        for node in self.document.all() {
            let (from, to) = (refer(node, "sourceRef"), refer(node, "targetRef"));
            match node.word() {
                "sequenceFlow" => {
                    add(&mut self.outgoing, from, Some(node));
                    add(&mut self.incoming, to, Some(node));
                }
                "association" => {
                    add(&mut self.associated, from, to);
                    add(&mut self.associated, to, from);
                }
                "boundaryEvent" => add(&mut self.boundary, refer(node, "attachedToRef"), Some(node)),
                "participant" => {
                    if let Some(process) = refer(node, "processRef") {
                        self.pools.entry(process.number()).or_insert(node);
                    }
                }
                "eventDefinitionRef" if in_process(node) => {
                    let definition = node.text().and_then(|id| self.document.by_id(id));
                    self.executed.extend(definition.map(Node::number));
                }
                _ => {}
            }
        }
    }

    fn incoming(&self, node: Node<'_>) -> &[Node<'d>] {
        self.incoming.get(&node.number()).map_or(&[], Vec::as_slice)
    }

    /// Whether it belongs to a process that is marked as executable, by itself or because one refers to it.
    fn in_executable(&self, node: Node<'_>) -> bool {
        in_process(node) || std::iter::once(node).chain(node.ancestors()).any(|around| self.executed.contains(&around.number()))
    }

    fn outgoing(&self, node: Node<'_>) -> &[Node<'d>] {
        self.outgoing.get(&node.number()).map_or(&[], Vec::as_slice)
    }

    /// Whether a flow leads to it, by the flow's word or by its own.
    fn is_entered(&self, node: Node<'_>) -> bool {
        !self.incoming(node).is_empty() || node.child("incoming").is_some()
    }

    /// Whether a flow leads away from it, by the flow's word or by its own.
    fn is_left(&self, node: Node<'_>) -> bool {
        !self.outgoing(node).is_empty() || node.child("outgoing").is_some()
    }

    /// A constraint is broken.
    fn broken(&mut self, code: &'static str, node: Node<'_>, rule: &str, zh: impl Into<String>, en: impl Into<String>) {
        let finding = Finding::error(code, node.place(), Text::new(zh, en));
        let finding = finding.help(Text::new(format!("BPMN 约束 {rule}"), format!("BPMN constraint {rule}")));
        let element = std::iter::once(node).chain(node.ancestors()).find_map(Node::id).map(str::to_owned);
        self.findings.push(Finding { element, ..finding });
    }
}

/// The element that an attribute refers to.
fn refer<'d>(node: Node<'d>, key: &str) -> Option<Node<'d>> {
    node.document().by_id(node.given(key)?)
}

/// The element that a child's text refers to.
fn refer_in<'d>(node: Node<'d>, child: &str) -> Option<Node<'d>> {
    node.document().by_id(node.child(child)?.text()?)
}

/// Whether it is an activity.
fn is_activity(node: Node<'_>) -> bool {
    ACTIVITIES.contains(&node.word())
}

/// Whether it is an event.
fn is_event(node: Node<'_>) -> bool {
    is_flow_node(node) && node.word().ends_with("Event")
}

/// Whether one of its event definitions is of this kind.
fn has_definition(event: Node<'_>, word: &str) -> bool {
    definitions(event).iter().any(|definition| definition.is(word))
}

/// Notes `value` at `key`, if both are known.
fn add<'d>(map: &mut BTreeMap<usize, Vec<Node<'d>>>, key: Option<Node<'d>>, value: Option<Node<'d>>) {
    if let (Some(key), Some(value)) = (key, value) {
        map.entry(key.number()).or_default().push(value);
    }
}

/// Whether it stands in a process that is marked as executable.
fn in_process(node: Node<'_>) -> bool {
    node.ancestors().any(|around| around.is("process") && around.flag("isExecutable", false))
}

/// `messageEventDefinition` as `message`.
fn kind_of<'d>(definition: Node<'d>) -> &'d str {
    definition.word().trim_end_matches("EventDefinition")
}

#[cfg(test)]
mod tests;
