//! Message flows between pools: who sends what, and who waits for it.

use std::collections::BTreeMap;

use super::{Ids, Reader, event, ids::is_flow_node};
use crate::bpmn::xml::Node;

/// What message flows add, by element number.
#[derive(Debug, Default)]
pub(super) struct MessageFlows {
    /// The name under which an element's own message event or receive task waits, if the model gives it none.
    named: BTreeMap<usize, String>,
    /// The message that completes an activity.
    awaited: BTreeMap<usize, String>,
    /// Messages that an element sends when it completes.
    sent: BTreeMap<usize, Vec<String>>,
}

impl MessageFlows {
    pub(super) fn of(reader: &mut Reader<'_>) -> Self {
        let mut flows = Self::default();
        let document = reader.document;
        for flow in document.named("messageFlow") {
            let end = |key| flow.given(key).and_then(|id| document.by_id(id));
            let target = end("targetRef");
            match target {
                Some(node) if is_flow_node(node) => flows.lead_to(reader, node),
                Some(pool) if pool.is("participant") => {
                    reader.left_out(
                        flow,
                        "消息流止于泳池边界，没有环节接收",
                        "the message flow ends at a pool's border: nothing receives it",
                    );
                }
                _ => reader.warn("R900", flow, missing("targetRef")),
            }
            match end("sourceRef") {
                Some(node) if is_flow_node(node) => {
                    if let Some(target) = target.filter(|target| is_flow_node(*target)) {
                        flows.come_from(reader, node, target);
                    }
                }
                Some(pool) if pool.is("participant") => {
                    reader.changes(
                        flow,
                        "消息流来自泳池：消息由外部发来",
                        "the message flow comes from a pool: the message comes from outside",
                    );
                }
                _ => reader.warn("R900", flow, missing("sourceRef")),
            }
        }
        flows
    }

    fn lead_to(&mut self, reader: &mut Reader<'_>, node: Node<'_>) {
        let name = flow_name(reader, node);
        if node.is("receiveTask") {
            if own_name(reader, node).is_none() {
                self.named.insert(node.number(), name);
            }
        } else if event::is_event(node) {
            if event::can_catch_message(node) && own_name(reader, node).is_none() {
                self.named.insert(node.number(), name);
            }
        } else {
            self.awaited.insert(node.number(), name);
        }
    }

    fn come_from(&mut self, reader: &mut Reader<'_>, source: Node<'_>, target: Node<'_>) {
        let waits = own_name(reader, target).unwrap_or_else(|| flow_name(reader, target));
        if own_name(reader, source).is_some_and(|own| own == waits) {
            return;
        }
        let sent = self.sent.entry(source.number()).or_default();
        if !sent.contains(&waits) {
            sent.push(waits);
        }
    }

    /// The message that a message flow gives to an event or receive task without one.
    pub(super) fn name(&self, node: Node<'_>) -> Option<&str> {
        self.named.get(&node.number()).map(String::as_str)
    }

    /// The message that completes an activity.
    pub(super) fn awaited(&self, node: Node<'_>) -> Option<&str> {
        self.awaited.get(&node.number()).map(String::as_str)
    }

    /// What it sends besides.
    pub(super) fn sent(&self, node: Node<'_>) -> &[String] {
        self.sent.get(&node.number()).map_or(&[], Vec::as_slice)
    }
}

/// The message of the element's own: of its message event definition, or of the task.
fn own_name(reader: &mut Reader<'_>, node: Node<'_>) -> Option<String> {
    if event::is_event(node) {
        let definition = event::definitions(node).into_iter().find(|definition| definition.is("messageEventDefinition"))?;
        return reader.message_name(definition);
    }
    reader.message_name(node)
}

fn flow_name(reader: &Reader<'_>, target: Node<'_>) -> String {
    let separator = if reader.ids == Ids::Keep { ':' } else { '.' };
    format!("flow{separator}{}", reader.id(target))
}

fn missing(key: &str) -> crate::text::Text {
    crate::text::Text::new(format!("消息流的 {key} 不存在"), format!("{key} of the message flow does not exist"))
}
