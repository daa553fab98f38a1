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
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::{
    read::{definitions, is_event_sub_process, is_flow_node},
    xml::{self, Document, Node},
};
use crate::{diagnostic::Finding, source::Source, text::Text};

/// Tasks, calls and sub-processes.
const ACTIVITIES: &[&str] = &[
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
/// Activities with a flow inside.
const SUB_PROCESSES: &[&str] = &["subProcess", "adHocSubProcess", "transaction"];
/// Events that throw.
const THROWING: &[&str] = &["endEvent", "intermediateThrowEvent", "implicitThrowEvent"];

/// Every constraint that the model breaks, as errors (`R901`, `F901` to `F909`, `D901`, `D902`).
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
    incoming: HashMap<usize, Vec<Node<'d>>>,
    outgoing: HashMap<usize, Vec<Node<'d>>>,
    boundary: HashMap<usize, Vec<Node<'d>>>,
    findings: Vec<Finding>,
}

impl<'d> Checker<'d> {
    fn check(document: &'d Document) -> Vec<Finding> {
        let mut checker = Self {
            document,
            incoming: HashMap::new(),
            outgoing: HashMap::new(),
            boundary: HashMap::new(),
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
            if node.is("sequenceFlow") {
                if let Some(from) = refer(node, "sourceRef") {
                    self.outgoing.entry(from.number()).or_default().push(node);
                }
                if let Some(to) = refer(node, "targetRef") {
                    self.incoming.entry(to.number()).or_default().push(node);
                }
            } else if node.is("boundaryEvent")
                && let Some(host) = refer(node, "attachedToRef")
            {
                self.boundary.entry(host.number()).or_default().push(node);
            }
        }
    }

    fn incoming(&self, node: Node<'_>) -> &[Node<'d>] {
        self.incoming.get(&node.number()).map_or(&[], Vec::as_slice)
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

/// Whether it stands in a process that is marked as executable.
fn in_executable(node: Node<'_>) -> bool {
    node.ancestors().any(|around| around.is("process") && around.flag("isExecutable", false))
}

/// `messageEventDefinition` as `message`.
fn kind_of<'d>(definition: Node<'d>) -> &'d str {
    definition.word().trim_end_matches("EventDefinition")
}
