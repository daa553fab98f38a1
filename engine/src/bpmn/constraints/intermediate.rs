//! Intermediate events and links (`F905`).

use super::{Checker, Node, definitions, has_definition, kind_of};

const CODE: &str = "F905";
const CAUGHT: &[&str] = &["message", "timer", "conditional", "link", "signal"];
const THROWN: &[&str] = &["message", "escalation", "compensate", "link", "signal"];

impl<'d> Checker<'d> {
    pub(super) fn intermediate(&mut self, node: Node<'d>) {
        let catches = match node.word() {
            "intermediateCatchEvent" => true,
            "intermediateThrowEvent" => false,
            _ => return,
        };
        let (allowed, rule) = if catches { (CAUGHT, "EXT.122, EXT.148") } else { (THROWN, "EXT.149") };
        if let Some(odd) = definitions(node).into_iter().find(|definition| !allowed.contains(&kind_of(*definition))) {
            let kind = kind_of(odd);
            self.broken(CODE, node, rule, format!("中间事件在此不能是 {kind}"), format!("an intermediate event cannot be {kind} here"));
        }
        let link = has_definition(node, "linkEventDefinition");
        if self.incoming(node).is_empty() && !(link && catches) {
            self.broken(CODE, node, "EXT.115", "没有顺序流通往中间事件", "no flow leads to the intermediate event");
        }
        if self.outgoing(node).is_empty() && (catches || !link) {
            self.broken(CODE, node, "EXT.116", "没有顺序流离开中间事件", "no flow leads away from the intermediate event");
        }
        if link {
            self.link(node, catches);
        }
    }

    fn link(&mut self, event: Node<'d>, catches: bool) {
        if !self.incoming(event).is_empty() && !self.outgoing(event).is_empty() {
            self.broken(CODE, event, "EXT.117", "链接事件不能既有入口又有出口", "a link event has both ways in and ways out");
        }
        for link in definitions(event).into_iter().filter(|definition| definition.is("linkEventDefinition")) {
            if catches {
                if link.child("source").is_none() {
                    self.broken(CODE, event, "EXT.124", "链接的目标须写明 source", "a link that is caught names no source");
                }
                continue;
            }
            if link.all("target").count() != 1 {
                self.broken(CODE, event, "EXT.125", "链接须正好写明一个 target", "a link that is thrown names not exactly one target");
            }
            for target in link.all("target").filter_map(Node::text) {
                self.link_target(event, target);
            }
        }
    }

    fn link_target(&mut self, event: Node<'d>, target: &str) {
        let caught = self.document.by_id(target).and_then(|found| {
            let around = if found.is("linkEventDefinition") { found.parent()? } else { found };
            around.is("intermediateCatchEvent").then_some(around)
        });
        match caught {
            None => self.broken(CODE, event, "EXT.118", "链接没有目标", "the link has no corresponding target"),
            Some(caught) if caught.parent() != event.parent() => {
                self.broken(CODE, event, "EXT.126", "链接的目标在另一层", "the link's target stands on another level");
            }
            Some(_) => {}
        }
    }
}
