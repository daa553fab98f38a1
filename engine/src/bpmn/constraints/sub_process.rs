//! What sub-processes may and must hold (`F906`).

use super::{Checker, Node, SUB_PROCESSES, definitions, is_activity, is_event_sub_process, kind_of};

const CODE: &str = "F906";
const CHOREOGRAPHIES: &[&str] = &["choreographyTask", "subChoreography", "callChoreography", "choreographyActivity"];
/// What an ad-hoc sub-process cannot hold.
const NOT_AD_HOC: &[&str] = &["startEvent", "endEvent", "conversation", "subConversation", "callConversation", "conversationLink"];
/// What may start an event sub-process, in the words of the specification (10.3.5).
const STARTS: &[&str] = &["message", "error", "escalation", "compensate", "conditional", "signal"];

impl<'d> Checker<'d> {
    pub(super) fn sub_process(&mut self, node: Node<'d>) {
        let inner = SUB_PROCESSES.contains(&node.word());
        if !inner && !node.is("process") {
            return;
        }
        if let Some(odd) = node.children().find(|child| CHOREOGRAPHIES.contains(&child.word())) {
            let rule = if inner { "EXT.056" } else { "EXT.036" };
            self.broken(CODE, odd, rule, "流程里不能有编排活动", "a choreography activity stands in a process");
        }
        if inner && node.child("ioSpecification").is_some() {
            self.broken(CODE, node, "EXT.079", "子流程不能有 ioSpecification", "a sub-process has an ioSpecification");
        }
        if is_event_sub_process(node) {
            self.event_sub_process(node);
        }
        if node.is("adHocSubProcess") {
            self.ad_hoc(node);
        }
    }

    fn event_sub_process(&mut self, node: Node<'d>) {
        if self.is_entered(node) || self.is_left(node) {
            self.broken(CODE, node, "EXT.057", "事件子流程不能有入口或出口", "a flow leads to or from an event sub-process");
        }
        let starts: Vec<Node<'d>> = node.all("startEvent").collect();
        if starts.len() != 1 {
            self.broken(CODE, node, "EXT.058", "事件子流程须正好有一个开始事件", "an event sub-process has not exactly one start event");
        }
        for start in starts {
            if !definitions(start).iter().any(|trigger| STARTS.contains(&kind_of(*trigger))) {
                let (zh, en) = (
                    "事件子流程须由消息、错误、升级、补偿、条件或信号开始",
                    "an event sub-process starts by message, error, escalation, compensation, condition or signal",
                );
                self.broken(CODE, start, "EXT.059", zh, en);
            }
        }
    }

    fn ad_hoc(&mut self, node: Node<'d>) {
        if !node.children().any(is_activity) {
            self.broken(CODE, node, "EXT.061", "自由子流程里没有活动", "an ad-hoc sub-process holds no activity");
        }
        for odd in node.children().filter(|child| NOT_AD_HOC.contains(&child.word()) || CHOREOGRAPHIES.contains(&child.word())) {
            let word = odd.name();
            self.broken(CODE, odd, "EXT.062", format!("自由子流程里不能有 {word}"), format!("a {word} stands in an ad-hoc sub-process"));
        }
    }
}
