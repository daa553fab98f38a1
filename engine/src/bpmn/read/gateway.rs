//! Gateways: `branches` name where each flow leads.

use super::Reader;
use crate::{
    bpmn::{shrub::plain, xml::Node},
    source::Tree,
};

impl<'d> Reader<'d> {
    pub(super) fn gateway(&mut self, node: Node<'d>) -> Tree {
        let word = match node.word() {
            "exclusiveGateway" => "exclusiveGateway",
            "inclusiveGateway" => "inclusiveGateway",
            "complexGateway" => "complexGateway",
            "eventBasedGateway" => "eventBasedGateway",
            _ => "parallelGateway",
        };
        let mut item = self.head(node, word);
        if let Some(condition) = node.child("activationCondition") {
            let activation = self.expression(condition);
            item.put_some("activation", activation);
        }
        if node.flag("instantiate", false) {
            item.put("instantiate", plain(node.span(), "true"));
            if node.given("eventGatewayType") == Some("Parallel") {
                self.changes(
                    node,
                    "并行的发起网关：第一个事件即发起办件",
                    "a parallel instantiating gateway: its first event begins the case",
                );
            }
        }
        item.put("branches", self.flows_of(node));
        item.tree()
    }
}
