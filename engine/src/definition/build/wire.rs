//! Named targets become nodes; flows get ids and are entered at both ends.

use std::collections::BTreeSet;

use super::{Builder, UNSET};
use crate::{
    definition::{NodeIx, NodeKind, shape},
    source::Span,
    text::Text,
};

impl Builder<'_, '_> {
    pub(super) fn wire(&mut self) {
        for jump in std::mem::take(&mut self.jumps) {
            if let Some(target) = self.target(jump.flow, &jump.target, jump.place.span) {
                self.flows[jump.flow].to = target;
                self.accidental_falls(target, jump.place.span);
            }
        }
        self.broken |= self.flows.iter().any(|flow| flow.to == UNSET);
        self.name_flows();
        for (ix, flow) in self.flows.iter().enumerate().filter(|(_, flow)| flow.to != UNSET) {
            self.nodes[flow.from].outgoing.push(ix);
            self.nodes[flow.to].incoming.push(ix);
        }
    }

    /// The node that a flow names as its target.
    fn target(&mut self, flow: usize, name: &str, span: Span) -> Option<NodeIx> {
        let scope = self.nodes[self.flows[flow].from].scope;
        let Some(&target) = self.by_id.get(name) else {
            let known: Vec<&str> =
                self.nodes.iter().filter(|node| node.scope == scope && !node.id.contains("__")).map(|node| node.id.as_str()).collect();
            let help = shape::suggestion(name, &known);
            self.cx.error("R007", span, Text::new(format!("没有环节“{name}”"), format!("there is no element `{name}`"))).help = Some(help);
            return None;
        };
        let node = &self.nodes[target];
        if node.scope != scope {
            self.cx
                .error(
                    "F002",
                    span,
                    Text::new(
                        format!("“{name}”在另一个子流程范围内，不能直接进入"),
                        format!("`{name}` stands in another scope and cannot be entered from here"),
                    ),
                )
                .help = Some(Text::new("只能去往同一范围内的环节", "only elements of the same scope can be entered"));
            return None;
        }
        let unenterable = matches!(node.kind, NodeKind::StartEvent(_) | NodeKind::BoundaryEvent(_) | NodeKind::EventSubProcess(_));
        if unenterable && !self.cx.lenient {
            let word = node.kind.word();
            self.cx.error(
                "F009",
                span,
                Text::new(format!("流程不能进入“{name}”（{word}）"), format!("the flow cannot enter `{name}`, a {word}")),
            );
            return None;
        }
        Some(target)
    }

    /// An item must not fall into what an earlier item names as its target, unless it says so.
    fn accidental_falls(&mut self, target: NodeIx, named_at: Span) {
        let Some(at) = self.falls.iter().position(|fall| fall.into == target && named_at < fall.from) else { return };
        let fall = self.falls.swap_remove(at);
        let (id, line) = (self.nodes[target].id.clone(), named_at.line);
        self.cx
            .error(
                "F001",
                fall.from,
                Text::new(
                    format!("这一项会顺着落入“{id}”，而第 {line} 行也指向它，可能并非本意"),
                    format!("this item falls into `{id}`, which line {line} names as its target: that may be an accident"),
                ),
            )
            .help = Some(Text::new(format!("若本意如此，写明 next: {id}"), format!("if it is meant, say `next: {id}`")));
    }

    /// `from__action` or `from__to`, made unique.
    fn name_flows(&mut self) {
        let mut taken: BTreeSet<String> = self.flows.iter().filter(|flow| !flow.id.is_empty()).map(|flow| flow.id.clone()).collect();
        for flow in self.flows.iter_mut().filter(|flow| flow.to != UNSET && flow.id.is_empty()) {
            let end = flow.action.as_deref().unwrap_or(&self.nodes[flow.to].id);
            let base = format!("{}__{end}", self.nodes[flow.from].id);
            let mut id = base.clone();
            let mut again = 2;
            while !taken.insert(id.clone()) {
                id = format!("{base}__{again}");
                again += 1;
            }
            flow.id = id;
        }
    }
}
