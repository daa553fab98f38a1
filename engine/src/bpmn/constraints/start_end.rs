//! Start and end events, and that everything between them is connected (`F903`).

use super::{Checker, Node, definitions, has_definition, is_activity, is_event_sub_process, is_flow_node, kind_of, refer};

const CODE: &str = "F903";

impl<'d> Checker<'d> {
    pub(super) fn start_or_end(&mut self, node: Node<'d>) {
        match node.word() {
            "startEvent" => self.start_event(node),
            "endEvent" => self.end_event(node),
            "process" | "subProcess" | "transaction" => self.level(node),
            "callActivity" => self.called_start(node),
            _ => {}
        }
    }

    fn start_event(&mut self, node: Node<'d>) {
        if self.is_entered(node) {
            self.broken(CODE, node, "EXT.096", "开始事件不能有入口", "a flow leads to a start event");
        }
        if node.child("outgoing").is_none() {
            self.broken(CODE, node, "EXT.101", "开始事件须写明 outgoing", "a start event names no outgoing flow");
        }
        let Some(around) = node.parent() else { return };
        let triggers = definitions(node);
        if around.is("process") {
            let odd = triggers.iter().find(|trigger| !["message", "timer", "conditional", "signal"].contains(&kind_of(**trigger)));
            if let Some(odd) = odd {
                let kind = kind_of(*odd);
                self.broken(CODE, node, "EXT.098", format!("流程不能由 {kind} 开始"), format!("a process cannot begin by {kind}"));
            }
        } else if !is_event_sub_process(around) && !triggers.is_empty() {
            self.broken(CODE, node, "EXT.100", "子流程的开始事件不能有触发条件", "a start event in a sub-process has a trigger");
        }
    }

    fn end_event(&mut self, node: Node<'d>) {
        if self.is_left(node) {
            self.broken(CODE, node, "EXT.104", "结束事件不能有出口", "a flow leads away from an end event");
        }
        if self.incoming(node).is_empty() || node.child("incoming").is_none() {
            self.broken(CODE, node, "EXT.107", "没有顺序流通往结束事件", "no flow leads to the end event");
        }
        let allowed = ["message", "escalation", "error", "cancel", "compensate", "signal", "terminate"];
        if let Some(odd) = definitions(node).into_iter().find(|thrown| !allowed.contains(&kind_of(*thrown))) {
            let kind = kind_of(odd);
            self.broken(CODE, node, "EXT.146", format!("结束事件不能抛出 {kind}"), format!("an end event cannot throw {kind}"));
        }
        if has_definition(node, "cancelEventDefinition") && !node.parent().is_some_and(|around| around.is("transaction")) {
            self.broken(CODE, node, "EXT.106", "取消结束事件只能在事务里", "a cancel end event stands outside a transaction");
        }
    }

    fn level(&mut self, scope: Node<'d>) {
        let nodes: Vec<Node<'d>> = scope.children().filter(|child| is_flow_node(*child)).collect();
        let starts = nodes.iter().any(|node| node.is("startEvent"));
        let ends = nodes.iter().any(|node| node.is("endEvent"));
        let instantiates = nodes.iter().any(|node| node.flag("instantiate", false));
        if ends && !starts && !instantiates {
            self.broken(CODE, scope, "EXT.097", "有结束事件，却没有开始事件", "there is an end event, but no start event");
        }
        if starts && !ends {
            self.broken(CODE, scope, "EXT.105", "有开始事件，却没有结束事件", "there is a start event, but no end event");
        }
        for node in nodes.into_iter().filter(|node| !is_event_sub_process(*node) && !node.flag("isForCompensation", false)) {
            if starts && self.incoming(node).is_empty() && must_be_entered(node) {
                self.broken(CODE, node, "EXT.150", "没有顺序流通往这个环节", "no flow leads to this node");
            }
            if ends && self.outgoing(node).is_empty() && must_be_left(node) {
                self.broken(CODE, node, "EXT.151", "没有顺序流离开这个环节", "no flow leads away from this node");
            }
        }
    }

    fn called_start(&mut self, call: Node<'d>) {
        let Some(called) = refer(call, "calledElement").filter(|called| called.is("process")) else { return };
        if !called.all("startEvent").any(|start| definitions(start).is_empty()) {
            let (zh, en) = ("被调用的流程没有无触发条件的开始事件", "the called process has no start event without a trigger");
            self.broken(CODE, call, "EXT.099", zh, en);
        }
    }
}

fn must_be_entered(node: Node<'_>) -> bool {
    let begins = node.is("startEvent") || node.is("boundaryEvent") || node.flag("instantiate", false);
    let links = node.is("intermediateCatchEvent") && has_definition(node, "linkEventDefinition");
    !(begins || links)
}

fn must_be_left(node: Node<'_>) -> bool {
    let links = node.is("intermediateThrowEvent") && has_definition(node, "linkEventDefinition");
    let compensates = node.is("boundaryEvent") && has_definition(node, "compensateEventDefinition");
    let ends = node.is("endEvent") || links || compensates;
    !ends && (is_activity(node) || node.word().ends_with("Event") || node.word().ends_with("Gateway"))
}
