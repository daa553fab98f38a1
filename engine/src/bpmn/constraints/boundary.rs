//! Boundary events and the compensation that they lead to (`F904`).

use super::{Checker, Node, definitions, has_definition, is_activity, kind_of, refer};

const CODE: &str = "F904";

impl<'d> Checker<'d> {
    pub(super) fn boundary_event(&mut self, node: Node<'d>) {
        if !node.is("boundaryEvent") {
            return;
        }
        let triggers = definitions(node);
        if triggers.is_empty() {
            self.broken(CODE, node, "EXT.110, EXT.147", "边界事件没有触发条件", "a boundary event without a trigger");
        }
        for trigger in triggers {
            let kind = kind_of(trigger);
            if matches!(kind, "link" | "terminate") {
                self.broken(CODE, node, "EXT.110, EXT.147", format!("边界事件不能是 {kind}"), format!("a boundary event cannot be {kind}"));
            } else if matches!(kind, "error" | "cancel") && !node.flag("cancelActivity", true) {
                let (zh, en) = (format!("{kind} 边界事件总是中断"), format!("a boundary event of {kind} always interrupts"));
                self.broken(CODE, node, "EXT.147", zh, en);
            }
        }
        let host = refer(node, "attachedToRef");
        if has_definition(node, "cancelEventDefinition") && host.is_some_and(|host| !host.is("transaction")) {
            self.broken(CODE, node, "EXT.111", "取消边界事件只能附着在事务上", "a cancel boundary event is attached to no transaction");
        }
        if self.is_entered(node) {
            self.broken(CODE, node, "EXT.112", "边界事件不能有入口", "a flow leads to a boundary event");
        }
        if has_definition(node, "compensateEventDefinition") {
            self.compensation(node);
        } else if self.outgoing(node).is_empty() {
            self.broken(CODE, node, "EXT.113", "边界事件须有出口", "no flow leads away from the boundary event");
        }
    }

    fn compensation(&mut self, node: Node<'d>) {
        if self.is_left(node) {
            self.broken(CODE, node, "EXT.114", "补偿边界事件不能有顺序流", "a sequence flow leads away from a compensation event");
        }
        let associated = self.associated.get(&node.number()).cloned().unwrap_or_default();
        let handlers: Vec<Node<'d>> = associated.into_iter().filter(|handler| !handler.is("textAnnotation")).collect();
        if handlers.is_empty() {
            self.broken(CODE, node, "EXT.143", "补偿事件没有连到处理环节", "no association leads to a compensation activity");
        }
        for handler in handlers {
            if !is_activity(handler) || !handler.flag("isForCompensation", false) {
                let (zh, en) = ("补偿的处理环节须标明 isForCompensation", "the associated activity is not marked isForCompensation");
                self.broken(CODE, node, "EXT.144", zh, en);
            }
        }
    }
}
