//! A process around its flow.

use super::{Ids, Reader, ids::separated};
use crate::{
    bpmn::{
        kept,
        shrub::{Shrub, plain, scalar},
        xml::Node,
    },
    source::Tree,
    text::Text,
};

impl<'d> Reader<'d> {
    pub(super) fn process(&mut self, node: Node<'d>) -> Tree {
        if let Some(tree) = kept::definition(node) {
            self.maps(
                node,
                Text::new("按文件里保存的定义读入，图没有被改过", "read as the definition kept in the file: the graph is unchanged"),
            );
            return tree;
        }
        self.counted.clear();
        self.messages.clear();
        let id = self.id(node);
        let mut tree = Shrub::at(node.span());
        self.process_head(node, &id, &mut tree);
        tree.put_some("lanes", self.lanes(node));
        let mut flow = Shrub::at(node.span());
        self.scope(node, "flow", &mut flow);
        tree.put_some("messages", self.declared_messages(node));
        tree.put("data", self.data(node));
        tree.merge(flow);
        self.tell_ids(node);
        self.tell_counts(node);
        tree.tree()
    }

    pub(super) fn process_head(&mut self, node: Node<'d>, id: &str, tree: &mut Shrub) {
        tree.put("process", scalar(node.span(), id));
        let name = self.name(node).or_else(|| self.pool_name(node)).unwrap_or_else(|| scalar(node.span(), id));
        tree.put("name", name);
        tree.put("dialect", plain(node.span(), "1"));
        tree.text("calendar", "cn");
        tree.put_some("doc", self.doc(node));
        if !node.is("process") {
            tree.put("data", self.data(node));
        }
    }

    /// A process without a name is called as its pool is.
    fn pool_name(&self, process: Node<'d>) -> Option<Tree> {
        let pool = self
            .document
            .named("participant")
            .find(|pool| pool.given("processRef").and_then(|id| self.document.by_id(id)) == Some(process))?;
        self.name(pool)
    }

    fn data(&mut self, node: Node<'d>) -> Tree {
        let mut data = Shrub::at(node.span());
        data.flag("open", true);
        data.put_some("extra", self.declared_data(node));
        data.tree()
    }

    fn declared_messages(&mut self, node: Node<'d>) -> Option<Tree> {
        let mut messages = Shrub::at(node.span());
        for (name, key) in std::mem::take(&mut self.messages) {
            if name.contains('{') {
                continue;
            }
            let mut message = Shrub::at(node.span());
            message.put_some("key", key);
            messages.put(&name, message.tree());
        }
        messages.some()
    }

    /// The lanes that nodes stand in; what role they are is a guess.
    fn lanes(&mut self, process: Node<'d>) -> Option<Tree> {
        let mut lanes = Shrub::at(process.span());
        let inside = |node: &Node<'d>| node.ancestors().any(|around| around == process);
        for node in self.document.named("lane").filter(inside).filter(|lane| lane.child("childLaneSet").is_none()) {
            let id = self.id(node);
            let name = node.given("name").unwrap_or(&id);
            let role = separated(name, '-').or_else(|| separated(&id, '-')).unwrap_or_else(|| "role".to_owned());
            let mut lane = Shrub::at(node.span());
            lane.text("name", name);
            lane.text("role", &role);
            lanes.put(&id, lane.tree());
            self.changes(node, format!("泳道“{name}”的角色猜作 {role}"), format!("the role of the lane `{name}` is guessed as {role}"));
        }
        lanes.some()
    }

    /// Which ids became which.
    fn tell_ids(&mut self, process: Node<'d>) {
        if self.ids == Ids::Keep {
            return;
        }
        let inside = |node: &Node<'d>| *node == process || node.ancestors().any(|around| around == process);
        for node in self.document.all().filter(inside) {
            let id = self.id(node);
            if let Some(old) = node.id().filter(|old| !id.is_empty() && *old != id) {
                self.changes(node, format!("标识 {old} 改为 {id}"), format!("the id {old} becomes {id}"));
            }
        }
    }

    fn tell_counts(&mut self, process: Node<'d>) {
        for (word, count) in std::mem::take(&mut self.counted) {
            self.maps(process, Text::new(format!("{count} 个 {word}"), format!("{count} × {word}")));
        }
    }
}
