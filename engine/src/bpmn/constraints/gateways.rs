//! Gateways: how many ways in and out, what an event-based one leads to (`F902`).

use super::{Checker, Node, definitions, has_definition, refer};

const CODE: &str = "F902";
/// What an event-based gateway may wait for.
const AWAITED: &[&str] = &["messageEventDefinition", "signalEventDefinition", "timerEventDefinition", "conditionalEventDefinition"];

impl<'d> Checker<'d> {
    pub(super) fn gateway(&mut self, node: Node<'d>) {
        if !super::is_flow_node(node) || !node.word().ends_with("Gateway") {
            return;
        }
        let (ins, outs) = (self.incoming(node).len(), self.outgoing(node).len());
        match node.given("gatewayDirection") {
            Some("Converging") if outs > 1 => {
                self.broken(CODE, node, "EXT.017", "汇合网关只能有一个出口", "a converging gateway has more than one way out");
            }
            Some("Diverging") if ins > 1 => {
                self.broken(CODE, node, "EXT.018", "分支网关只能有一个入口", "a diverging gateway has more than one way in");
            }
            Some("Mixed") if ins < 2 || outs < 2 => {
                self.broken(CODE, node, "EXT.019", "混合网关须有多个入口和多个出口", "a mixed gateway has several ways in and several out");
            }
            _ => {}
        }
        if ins < 2 && outs < 2 {
            self.broken(CODE, node, "EXT.135", "网关须有多个入口或多个出口", "a gateway has several ways in or several out");
        }
        if node.is("eventBasedGateway") {
            self.event_based(node);
        }
    }

    fn event_based(&mut self, node: Node<'d>) {
        let flows = self.outgoing(node).to_vec();
        if flows.len() < 2 {
            self.broken(CODE, node, "EXT.136", "事件网关须有两个以上出口", "an event-based gateway has two or more ways out");
        }
        if flows.iter().any(|flow| flow.child("conditionExpression").is_some()) {
            self.broken(CODE, node, "EXT.137", "事件网关的出口不能带条件", "a way out of an event-based gateway has a condition");
        }
        if node.flag("instantiate", false) && self.is_entered(node) {
            self.broken(CODE, node, "EXT.142", "发起流程的事件网关不能有入口", "an instantiating gateway has a way in");
        }
        let targets: Vec<Node<'d>> = flows.iter().filter_map(|flow| refer(*flow, "targetRef")).collect();
        for &target in &targets {
            self.awaited(node, target);
        }
        let by_event = targets.iter().any(|target| has_definition(*target, "messageEventDefinition"));
        if by_event && targets.iter().any(|target| target.is("receiveTask")) {
            let (zh, en) =
                ("事件网关之后不能既有消息事件又有接收任务", "an event-based gateway leads to message events and to receive tasks");
            self.broken(CODE, node, "EXT.139", zh, en);
        }
    }

    fn awaited(&mut self, gateway: Node<'d>, target: Node<'d>) {
        let triggers = definitions(target);
        let catches = target.is("intermediateCatchEvent") && triggers.iter().all(|trigger| AWAITED.contains(&trigger.word()));
        if !target.is("receiveTask") && (!catches || triggers.is_empty()) {
            let (zh, en) = (
                "事件网关只能通往接收任务，或消息、信号、定时、条件事件",
                "an event-based gateway leads to receive tasks and to message, signal, timer and conditional events only",
            );
            self.broken(CODE, target, "EXT.138", zh, en);
        }
        if target.is("receiveTask") && self.boundary.contains_key(&target.number()) {
            let (zh, en) = ("事件网关之后的接收任务不能有边界事件", "a receive task after an event-based gateway has a boundary event");
            self.broken(CODE, target, "EXT.140", zh, en);
        }
        if self.incoming(target).iter().any(|flow| refer(*flow, "sourceRef") != Some(gateway)) {
            let (zh, en) = ("事件网关的目标不能另有入口", "a target of an event-based gateway has another way in");
            self.broken(CODE, target, "EXT.141", zh, en);
        }
    }
}
