//! One node of a flow as one item of the dialect.

use super::{Ids, Reader};
use crate::{
    bpmn::{
        kept,
        shrub::{Shrub, list, plain, scalar},
        xml::Node,
    },
    source::Tree,
};

impl<'d> Reader<'d> {
    /// `WORD: id`, with what every element has.
    pub(super) fn head(&mut self, node: Node<'d>, word: &'static str) -> Shrub {
        *self.counted.entry(word).or_default() += 1;
        let mut item = Shrub::at(node.span());
        let id = self.id(node);
        item.put(word, scalar(node.span(), &id));
        item.put_some("name", self.name(node));
        item.put_some("doc", self.doc(node));
        self.vendors(node);
        item
    }

    pub(super) fn name(&self, node: Node<'_>) -> Option<Tree> {
        let name = node.attribute("name").filter(|name| !name.trim().is_empty())?;
        let shown = if self.ids == Ids::Keep { name.to_owned() } else { name.split_whitespace().collect::<Vec<_>>().join(" ") };
        Some(scalar(node.span(), &shown))
    }

    /// Documentation, and the texts that are connected to it.
    pub(super) fn doc(&self, node: Node<'d>) -> Option<Tree> {
        let own = node.all("documentation").find_map(Node::text).map(str::to_owned);
        let notes = self.index.annotations(node).into_iter().filter_map(|note| Some(note.child("text")?.text()?.to_owned()));
        let all: Vec<String> = own.into_iter().chain(notes).collect();
        if all.is_empty() { None } else { Some(scalar(node.span(), &all.join("\n"))) }
    }

    /// Adds the keys that the dialect kept at a node: those that BPMN does not say.
    fn keep(&self, node: Node<'d>, item: &mut Shrub) {
        let Some(kept) = kept::keys(node) else { return };
        for (key, value) in kept.map().unwrap_or_default() {
            // BPMN says how often, the dialect over which list.
            if key.text == "multiInstance" {
                item.remove("multiInstance");
            }
            item.put(&key.text, value.clone());
        }
    }

    /// The item of a node, boundary events and all.
    pub(super) fn item(&mut self, node: Node<'d>) -> Tree {
        let mut item = match node.word() {
            "startEvent" => self.start_event(node),
            "endEvent" => self.throwing(node, "endEvent"),
            "intermediateThrowEvent" | "implicitThrowEvent" => self.throwing(node, "intermediateThrowEvent"),
            "intermediateCatchEvent" => {
                let mut item = self.head(node, "intermediateCatchEvent");
                item.merge(self.triggers(node, true));
                item.put_some("set", self.caught_data(node));
                item
            }
            word if word.ends_with("Gateway") => return self.gateway(node),
            _ => self.activity(node),
        };
        self.keep(node, &mut item);
        if !self.flows.sent(node).is_empty() {
            item.put("sends", self.sends(node));
        }
        let boundary: Vec<Tree> = self.index.boundary(node).into_iter().map(|event| self.boundary_event(event)).collect();
        if !boundary.is_empty() {
            item.put("boundary", list(node.span(), boundary));
        }
        if !node.is("endEvent") {
            item.put("flows", self.flows_of(node));
        } else if !self.index.outgoing(node).is_empty() {
            let message = crate::text::Text::new("结束事件之后的顺序流略去", "sequence flows out of an end event are left out");
            self.warn("R900", node, message);
        }
        item.tree()
    }

    fn sends(&mut self, node: Node<'d>) -> Tree {
        let names: Vec<String> = self.flows.sent(node).to_vec();
        for name in &names {
            self.uses_message(name.clone(), None);
        }
        list(node.span(), names.iter().map(|name| scalar(node.span(), name)).collect())
    }

    fn start_event(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.head(node, "startEvent");
        item.put_some("lane", self.lane(node));
        item.merge(self.triggers(node, false));
        item.put_some("set", self.caught_data(node));
        item
    }

    fn throwing(&mut self, node: Node<'d>, word: &'static str) -> Shrub {
        let mut item = self.head(node, word);
        item.merge(self.throws(node));
        item
    }

    fn boundary_event(&mut self, event: Node<'d>) -> Tree {
        let mut item = self.head(event, "boundaryEvent");
        item.merge(self.triggers(event, true));
        if item.has("compensation") {
            match self.index.handler(event) {
                Some(handler) => {
                    let id = self.id(handler);
                    item.text("to", &id);
                }
                None => {
                    let message = crate::text::Text::new("补偿事件没有连到处理环节", "the compensation event leads to no handler");
                    self.warn("R900", event, message);
                    item.put("flows", list(event.span(), Vec::new()));
                }
            }
            return item.tree();
        }
        self.keep(event, &mut item);
        item.flag("interrupting", event.flag("cancelActivity", true));
        item.put_some("set", self.caught_data(event));
        item.put("flows", self.flows_of(event));
        item.tree()
    }

    /// `set:` of an event that catches: vendors' mappings and copies out of its data outputs.
    pub(super) fn caught_data(&mut self, event: Node<'d>) -> Option<Tree> {
        self.output_mapping(event)
    }

    /// `flows:`, all of them, with their ids and conditions.
    pub(super) fn flows_of(&mut self, node: Node<'d>) -> Tree {
        let default = node.given("default").map(crate::bpmn::xml::local);
        let flows = self.index.outgoing(node);
        let mut trees = Vec::new();
        for flow in flows {
            let mut entry = Shrub::at(flow.node.span());
            let to = self.id(flow.to);
            entry.text("to", &to);
            if flow.node.id().is_some() {
                let id = self.id(flow.node);
                entry.text("id", &id);
            }
            entry.put_some("name", self.name(flow.node));
            entry.put_some("doc", self.doc(flow.node));
            if default.is_some() && default == flow.node.id() {
                entry.put("otherwise", plain(flow.node.span(), "true"));
            } else if let Some(condition) = flow.node.child("conditionExpression") {
                let when = self.expression(condition);
                if when.is_none() {
                    self.changes(condition, "条件为空：视为没有条件", "the condition is empty: taken as none");
                }
                entry.put_some("when", when);
            }
            trees.push(entry.tree());
        }
        list(node.span(), trees)
    }
}
