//! Data that goes in and comes out: data associations that are plain copies, vendors' mappings.

use super::{Ids, Reader};
use crate::{
    bpmn::{
        shrub::{Shrub, scalar},
        xml::{Node, Space},
    },
    expression,
    source::Tree,
};

/// What a call passes.
#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) with: Shrub,
    pub(super) set: Shrub,
    pub(super) with_all: bool,
    pub(super) set_all: bool,
}

impl<'d> Reader<'d> {
    /// The name under which expressions know a data element: its name, if an expression can say it, else its id.
    pub(super) fn data_name(&self, node: Node<'_>) -> String {
        let node = match node.given("dataObjectRef").or_else(|| node.given("dataStoreRef")) {
            Some(object) if node.name().ends_with("Reference") => self.document.by_id(object).unwrap_or(node),
            _ => node,
        };
        let name = node.given("name").filter(|name| is_name(name));
        name.or_else(|| node.id()).unwrap_or_default().to_owned()
    }

    /// The data that a reference means: what is copied into a data input, or out of a data output, if the activity says so.
    pub(super) fn data_behind(&self, activity: Node<'d>, reference: &str) -> String {
        let Some(found) = self.document.by_id(reference) else { return crate::bpmn::xml::local(reference).to_owned() };
        for (word, inner, outer) in
            [("dataInputAssociation", "targetRef", "sourceRef"), ("dataOutputAssociation", "sourceRef", "targetRef")]
        {
            let here = activity.all(word).find(|copy| ends(*copy, inner) == Some(found));
            if let Some(outer) = here.and_then(|copy| ends(copy, outer)) {
                return self.data_name(outer);
            }
        }
        self.data_name(found)
    }

    /// What a call activity passes and brings back.
    pub(super) fn call_mapping(&mut self, call: Node<'d>) -> Mapping {
        let mut mapping = Mapping { with: Shrub::at(call.span()), set: Shrub::at(call.span()), with_all: false, set_all: false };
        self.camunda_mapping(call, &mut mapping);
        self.zeebe_mapping(call, &mut mapping);
        self.associations(call, &mut mapping);
        mapping
    }

    /// `camunda:in`, `camunda:out` and their like.
    fn camunda_mapping(&mut self, call: Node<'d>, mapping: &mut Mapping) {
        for child in call.extensions().filter(|child| child.space() == Space::Camunda) {
            let inward = match child.name() {
                "in" => true,
                "out" => false,
                _ => continue,
            };
            if child.given("businessKey").is_some() {
                self.left_out(child, "业务键不传递", "the business key is not passed on");
                continue;
            }
            if child.given("variables") == Some("all") {
                *(if inward { &mut mapping.with_all } else { &mut mapping.set_all }) = true;
                continue;
            }
            let source = match (child.given("source"), child.given("sourceExpression")) {
                (Some(source), _) => source.to_owned(),
                (None, Some(source)) => self.rhai(child, source),
                (None, None) => continue,
            };
            let Some(target) = child.given("target") else { continue };
            if inward {
                mapping.with.put(target, scalar(child.span(), &source));
            } else {
                mapping.set.put(target, scalar(child.span(), &format!("result.{source}")));
            }
        }
        // Flowable's shorthand for all.
        mapping.with_all |= call.vendor(Space::Camunda, "inheritVariables") == Some("true");
    }

    fn zeebe_mapping(&mut self, call: Node<'d>, mapping: &mut Mapping) {
        let Some(called) = call.extension(Space::Zeebe, "calledElement") else { return };
        mapping.with_all |= called.flag("propagateAllParentVariables", true);
        mapping.set_all |= called.flag("propagateAllChildVariables", true);
        let Some(io) = call.extension(Space::Zeebe, "ioMapping") else { return };
        for child in io.children() {
            let (Some(source), Some(target)) = (child.given("source"), child.given("target")) else { continue };
            let source = self.rhai(child, source);
            match child.name() {
                "input" => mapping.with.put(target, scalar(child.span(), &source)),
                _ => mapping.set.put(target, scalar(child.span(), &format!("result.{source}"))),
            }
        }
    }

    /// BPMN's own associations, where they are plain copies.
    fn associations(&mut self, call: Node<'d>, mapping: &mut Mapping) {
        for (word, inward) in [("dataInputAssociation", true), ("dataOutputAssociation", false)] {
            for copy in call.all(word) {
                let (Some(source), Some(target)) = (ends(copy, "sourceRef"), ends(copy, "targetRef")) else { continue };
                if copy.child("transformation").is_some() || copy.child("assignment").is_some() {
                    self.left_out(copy, "带变换的数据关联", "a data association with a transformation");
                    continue;
                }
                let (source, target) = (self.data_name(source), self.data_name(target));
                if inward {
                    mapping.with.put(&target, scalar(copy.span(), &source));
                } else {
                    mapping.set.put(&target, scalar(copy.span(), &format!("result.{source}")));
                }
            }
        }
    }

    /// What a message or signal that is thrown carries.
    pub(super) fn payload(&mut self, event: Node<'d>) -> Option<Tree> {
        let mut with = Shrub::at(event.span());
        for copy in event.all("dataInputAssociation") {
            if let (Some(source), Some(target)) = (ends(copy, "sourceRef"), ends(copy, "targetRef")) {
                let (source, target) = (self.data_name(source), self.data_name(target));
                with.put(&target, scalar(copy.span(), &source));
            }
        }
        for child in event.extensions().filter(|child| child.space() == Space::Camunda && child.name() == "in") {
            if let (Some(source), Some(target)) = (child.given("source"), child.given("target")) {
                with.put(target, scalar(child.span(), source));
            }
        }
        with.some()
    }

    /// `set:` of anything but a call: vendors' output mappings.
    pub(super) fn output_mapping(&mut self, node: Node<'d>) -> Option<Tree> {
        let mut set = Shrub::at(node.span());
        if let Some(io) = node.extension(Space::Zeebe, "ioMapping") {
            for output in io.children().filter(|child| child.name() == "output") {
                if let (Some(source), Some(target)) = (output.given("source"), output.given("target")) {
                    let source = self.rhai(output, source);
                    set.put(target, scalar(output.span(), &source));
                }
            }
        }
        if let Some(io) = node.extension(Space::Camunda, "inputOutput") {
            for output in io.children().filter(|child| child.name() == "outputParameter") {
                let (Some(name), Some(text)) = (output.given("name"), output.text()) else { continue };
                match expression::value(text) {
                    Ok(value) => set.put(name, scalar(output.span(), &value)),
                    Err(why) => self.untranslated(output, text, &why.0),
                }
            }
        }
        set.some()
    }

    /// Data elements of a process with the types that the dialect knows; None if there are none.
    pub(super) fn declared_data(&mut self, process: Node<'d>) -> Option<Tree> {
        let mut extra = Shrub::at(process.span());
        let inside = |node: &Node<'d>| node.ancestors().any(|around| around == process);
        for node in self.document.all().filter(|node| matches!(node.word(), "dataObject" | "property")).filter(inside) {
            let name = self.data_name(node);
            let kind = node.given("itemSubjectRef").and_then(|item| self.document.by_id(item)).and_then(|item| item.given("structureRef"));
            let kind = kind.and_then(|kind| field_type(crate::bpmn::xml::local(kind)));
            match kind {
                Some(kind) if self.ids == Ids::Snake && is_snake(&name) && !node.flag("isCollection", false) => {
                    let mut declared = Shrub::at(node.span());
                    declared.text("type", kind);
                    extra.put(&name, declared.tree());
                }
                _ => self.changes(
                    node,
                    format!("数据“{name}”没有类型：作为未声明的数据使用"),
                    format!("the data name `{name}` has no type: it is used without a declaration"),
                ),
            }
        }
        extra.some()
    }
}

/// One end of a data association.
fn ends<'d>(copy: Node<'d>, key: &str) -> Option<Node<'d>> {
    copy.document().by_id(copy.child(key)?.text()?)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn is_snake(text: &str) -> bool {
    is_name(text) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The dialect's type for a type of XML Schema or Java.
fn field_type(structure: &str) -> Option<&'static str> {
    Some(match structure {
        "string" | "String" | "java.lang.String" => "text",
        "int" | "integer" | "Integer" | "long" | "Long" | "java.lang.Integer" | "java.lang.Long" => "integer",
        "decimal" | "double" | "Double" | "float" | "Float" => "decimal",
        "boolean" | "Boolean" | "java.lang.Boolean" => "boolean",
        "date" => "date",
        "dateTime" => "datetime",
        _ => return None,
    })
}
