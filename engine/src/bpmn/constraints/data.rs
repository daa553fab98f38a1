//! Data elements: their names, and the sets that list inputs and outputs (`D902`).

use super::{Checker, Node, refer};
use crate::bpmn::xml::local;

const CODE: &str = "D902";

impl<'d> Checker<'d> {
    pub(super) fn data(&mut self, node: Node<'d>) {
        match node.word() {
            "dataObjectReference" => self.reference_name(node),
            "dataInput" => self.listed(node, "inputSet", "dataInputRefs", "EXT.084"),
            "dataOutput" => self.listed(node, "outputSet", "dataOutputRefs", "EXT.088"),
            "inputSet" => {
                self.among(node, "optionalInputRefs", "dataInputRefs", "EXT.085");
                self.among(node, "whileExecutingInputRefs", "dataInputRefs", "EXT.086");
            }
            "outputSet" => {
                self.among(node, "optionalOutputRefs", "dataOutputRefs", "EXT.089");
                self.among(node, "whileExecutingOutputRefs", "dataOutputRefs", "EXT.090");
            }
            _ => {}
        }
    }

    /// `Data Object Name [State]`.
    fn reference_name(&mut self, node: Node<'d>) {
        let object = refer(node, "dataObjectRef").and_then(|object| object.given("name"));
        let state = node.child("dataState").and_then(|state| state.given("name"));
        let (name, Some(object)) = (node.given("name"), object) else { return };
        // Without a name and a state it is called as its object is.
        let Some(name) = name.or(state.map(|_| "")) else { return };
        let expected = state.map_or_else(|| object.to_owned(), |state| format!("{object} [{state}]"));
        if squeezed(name) != squeezed(&expected) {
            self.broken(CODE, node, "EXT.076", format!("名称应为“{expected}”"), format!("its name should be `{expected}`"));
        }
    }

    fn listed(&mut self, node: Node<'d>, set: &str, refs: &str, rule: &str) {
        let Some(around) = node.parent() else { return };
        let found = around.all(set).flat_map(|set| set.children()).any(|child| child.is(refs) && child.text().map(local) == node.id());
        if !found {
            self.broken(CODE, node, rule, format!("没有 {set} 提到它"), format!("no {set} refers to it"));
        }
    }

    fn among(&mut self, set: Node<'d>, some: &str, all: &str, rule: &str) {
        for part in set.all(some) {
            if !set.all(all).any(|known| known.text() == part.text()) {
                self.broken(CODE, part, rule, format!("{some} 不在 {all} 中"), format!("{some} is not among {all}"));
            }
        }
    }
}

/// Without white space.
fn squeezed(name: &str) -> String {
    name.split_whitespace().collect()
}
