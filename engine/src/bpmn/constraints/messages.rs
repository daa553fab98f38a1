//! Message flows: what they connect (`F907`).

use super::{Checker, Node, has_definition, is_activity, is_event, refer};

const CODE: &str = "F907";
const CONVERSATIONS: &[&str] = &["participant", "conversation", "subConversation", "callConversation"];

impl<'d> Checker<'d> {
    pub(super) fn message_flow(&mut self, flow: Node<'d>) {
        if !flow.is("messageFlow") {
            return;
        }
        let (source, target) = (refer(flow, "sourceRef"), refer(flow, "targetRef"));
        for (end, rule) in [(source, "EXT.009"), (target, "EXT.008")] {
            if let Some(end) = end.filter(|end| !is_activity(*end) && !is_event(*end) && !CONVERSATIONS.contains(&end.word())) {
                let word = end.name();
                self.broken(CODE, flow, rule, format!("消息流不能连接 {word}"), format!("a message flow cannot connect a {word}"));
            }
        }
        if let (Some(source), Some(target)) = (source, target)
            && self.pool(source) == self.pool(target)
        {
            self.broken(CODE, flow, "EXT.031", "消息流的两端在同一泳池", "both ends of the message flow are in one pool");
        }
        if let Some(source) = source {
            self.source(flow, source);
        }
        if let Some(target) = target {
            self.target(flow, target);
        }
    }

    fn source(&mut self, flow: Node<'d>, source: Node<'d>) {
        if source.is("startEvent") {
            self.broken(CODE, flow, "EXT.102", "开始事件不能发出消息流", "a message flow begins at a start event");
        }
        if source.is("endEvent") && !has_definition(source, "messageEventDefinition") {
            self.broken(CODE, flow, "EXT.109", "发出消息流的结束事件须抛出消息", "the end event that it begins at throws no message");
        }
    }

    fn target(&mut self, flow: Node<'d>, target: Node<'d>) {
        match target.word() {
            "startEvent" if !has_definition(target, "messageEventDefinition") => {
                self.broken(CODE, flow, "EXT.103", "接收消息流的开始事件须由消息触发", "the start event that it ends at has no message");
            }
            "endEvent" => self.broken(CODE, flow, "EXT.108", "消息流不能通往结束事件", "a message flow ends at an end event"),
            "intermediateThrowEvent" => {
                self.broken(CODE, flow, "EXT.119", "消息流不能通往抛出事件", "a message flow ends at an event that throws");
            }
            _ => {}
        }
    }

    /// The pool that holds it: the participant, or the process if no participant has it.
    fn pool(&self, node: Node<'d>) -> Option<Node<'d>> {
        if node.is("participant") {
            return Some(node);
        }
        let process = node.ancestors().find(|around| around.is("process"))?;
        Some(self.pools.get(&process.number()).copied().unwrap_or(process))
    }
}
