//! Sequence flows: where they begin and end, their conditions (`F901`).

use super::{Checker, Node, is_activity, is_event_sub_process, is_flow_node, refer};

const CODE: &str = "F901";
/// Where sequence flows connect other things than in a process.
const CHOREOGRAPHY: &[&str] = &["choreography", "subChoreography", "globalChoreographyTask"];

impl<'d> Checker<'d> {
    pub(super) fn flow(&mut self, node: Node<'d>) {
        if node.is("sequenceFlow") && !node.parent().is_some_and(|parent| CHOREOGRAPHY.contains(&parent.word())) {
            self.ends(node);
            self.levels(node);
            if self.in_executable(node) && !node.flag("isImmediate", true) {
                self.broken(
                    CODE,
                    node,
                    "EXT.024",
                    "可执行流程里 isImmediate 不能为 false",
                    "isImmediate is false in an executable process",
                );
            }
        }
        if is_activity(node)
            && let [only] = self.outgoing(node)
            && only.child("conditionExpression").is_some()
        {
            self.broken(CODE, node, "EXT.025", "唯一的出口不能带条件", "the only way out of an activity has a condition");
        }
        if let Some(flow) = refer(node, "default")
            && flow.is("sequenceFlow")
            && refer(flow, "sourceRef") != Some(node)
        {
            self.broken(CODE, node, "EXT.026", "缺省流不是从这个环节出发的", "the default flow does not begin at this node");
        }
    }

    fn ends(&mut self, flow: Node<'d>) {
        for (key, rule) in [("sourceRef", "EXT.007, EXT.021"), ("targetRef", "EXT.006, EXT.022")] {
            let Some(end) = refer(flow, key) else { continue };
            if !is_flow_node(end) || is_event_sub_process(end) {
                let word = end.name();
                let (zh, en) = (format!("顺序流的 {key} 不能是 {word}"), format!("{key} of a sequence flow cannot be a {word}"));
                self.broken(CODE, flow, rule, zh, en);
            } else if key == "targetRef" && !lists(end, "incoming", flow) {
                let (zh, en) = ("目标环节没有在 incoming 中写明这条顺序流", "the target does not name the sequence flow as incoming");
                self.broken(CODE, flow, "EXT.023", zh, en);
            } else if key == "sourceRef" && !lists(end, "outgoing", flow) {
                let (zh, en) = ("起点环节没有在 outgoing 中写明这条顺序流", "the source does not name the sequence flow as outgoing");
                self.broken(CODE, flow, "EXT.101, EXT.113, EXT.116, EXT.151", zh, en);
            }
        }
    }

    fn levels(&mut self, flow: Node<'d>) {
        let (Some(from), Some(to)) = (refer(flow, "sourceRef"), refer(flow, "targetRef")) else { return };
        if is_flow_node(from) && is_flow_node(to) && from.parent() != to.parent() {
            let (zh, en) = ("顺序流不能越过流程或子流程的边界", "a sequence flow cannot cross the border of a pool or sub-process");
            self.broken(CODE, flow, "EXT.152", zh, en);
        }
    }
}

/// Whether a node names the flow among its `incoming` or `outgoing`; a flow without an id cannot be named.
fn lists(node: Node<'_>, word: &str, flow: Node<'_>) -> bool {
    flow.id().is_none() || node.all(word).any(|child| child.text().and_then(|id| node.document().by_id(id)) == Some(flow))
}
