//! What stands in a process or sub-process: items in written order, event sub-processes apart.

use super::{Reader, ids::is_flow_node};
use crate::{
    bpmn::{
        shrub::{Shrub, list},
        xml::Node,
    },
    source::Tree,
};

/// Whether it is an event sub-process.
pub(in crate::bpmn) fn is_event_sub_process(node: Node<'_>) -> bool {
    node.is("subProcess") && node.flag("triggeredByEvent", false)
}

impl<'d> Reader<'d> {
    /// The items of a scope (`flow` or `do`) and its event sub-processes.
    pub(super) fn scope(&mut self, scope: Node<'d>, inside: &str, item: &mut Shrub) {
        let (mut items, mut event_sub_processes) = (Vec::new(), Vec::new());
        for node in scope.children().filter(|node| is_flow_node(*node)) {
            if is_event_sub_process(node) {
                event_sub_processes.push(self.event_sub_process(node));
            } else if !node.is("boundaryEvent") {
                items.push(self.item(node));
            }
        }
        item.put(inside, list(scope.span(), items));
        if !event_sub_processes.is_empty() {
            item.put("eventSubProcesses", list(scope.span(), event_sub_processes));
        }
        for group in scope.all("group") {
            self.left_out(group, "分组框", "a group");
        }
        for store in scope.all("dataStoreReference") {
            self.left_out(store, "数据存储", "a data store");
        }
    }

    fn event_sub_process(&mut self, node: Node<'d>) -> Tree {
        let mut item = self.head(node, "eventSubProcess");
        let starts: Vec<Node<'d>> = node.all("startEvent").collect();
        if starts.len() != 1 {
            let message = crate::text::Text::new(
                format!("事件子流程应当正好有一个开始事件，这里有 {} 个", starts.len()),
                format!("an event sub-process has exactly one start event; this one has {}", starts.len()),
            );
            self.warn("R900", node, message);
        }
        let mut start = Shrub::at(starts.first().map_or(node.span(), |start| start.span()));
        match starts.first() {
            Some(&event) => {
                let id = self.id(event);
                start.text("id", &id);
                start.put_some("name", self.name(event));
                start.merge(self.triggers(event, true));
                start.flag("interrupting", event.flag("isInterrupting", true));
                start.put_some("set", self.caught_data(event));
                start.put("flows", self.flows_of(event));
            }
            None => start.flag("unfinished", true),
        }
        item.put("start", start.tree());
        let first = starts.first().and_then(|start| self.index.outgoing(*start).first().map(|flow| flow.to));
        let inner = node.children().filter(|inner| is_flow_node(*inner) && !inner.is("boundaryEvent"));
        let (mut items, mut nested) = (Vec::new(), Vec::new());
        for inner in inner.filter(|inner| starts.first() != Some(inner)) {
            if is_event_sub_process(inner) {
                nested.push(self.event_sub_process(inner));
            } else if first == Some(inner) {
                // What the start event leads to comes first, as it would be written.
                let tree = self.item(inner);
                items.insert(0, tree);
            } else {
                let tree = self.item(inner);
                items.push(tree);
            }
        }
        item.put("do", list(node.span(), items));
        if !nested.is_empty() {
            item.put("eventSubProcesses", list(node.span(), nested));
        }
        item.tree()
    }
}
