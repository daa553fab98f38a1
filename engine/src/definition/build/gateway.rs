//! Gateways in two styles: branches with `do` become a block with a generated join, branches with `to` a free flow.

use super::Builder;
use crate::{
    definition::{FlowIx, NodeIx, NodeKind, names::Besides},
    source::{Span, Tree},
    text::Text,
};

impl Builder<'_, '_> {
    pub(super) fn gateway(&mut self, item: &Tree, id: &str, node: NodeIx, kind: NodeKind) -> Vec<FlowIx> {
        let exclusive = matches!(kind, NodeKind::ExclusiveGateway);
        self.nodes[node].kind = kind;
        let (span, scope) = (self.nodes[node].place.span, self.nodes[node].scope);
        let Some(branches) = item.get("branches").and_then(Tree::list) else {
            return vec![self.flow(node, span)];
        };
        let mut open = Vec::new();
        for (number, branch) in (1..).zip(branches) {
            let flows = self.branch(branch, node, exclusive);
            // Several ways out of one branch (actions, boundary events) are alternatives: a join must see one flow of them.
            if exclusive || flows.len() < 2 {
                open.extend(flows);
            } else {
                let merge = self.node(format!("{id}__merge{number}"), span, scope, NodeKind::ExclusiveGateway);
                self.connect(&flows, merge);
                open.push(self.flow(merge, span));
            }
        }
        if exclusive {
            self.check_otherwise(branches, id, span);
        }
        let block = branches.iter().any(|branch| branch.get("do").is_some());
        if !block || open.is_empty() {
            return open;
        }
        let join_kind = if exclusive { NodeKind::ExclusiveGateway } else { NodeKind::ParallelGateway };
        let join = self.node(format!("{id}__join"), span, scope, join_kind);
        self.connect(&open, join);
        vec![self.flow(join, span)]
    }

    /// One branch; the flows that go on from it to the join.
    fn branch(&mut self, branch: &Tree, node: NodeIx, exclusive: bool) -> Vec<FlowIx> {
        let scope = self.nodes[node].scope;
        let flow = self.flow(node, head_span(branch));
        match (branch.get("when"), branch.get("otherwise"), exclusive) {
            (Some(when), None, true) => self.flows[flow].condition = self.condition(when, scope, Besides::Nothing),
            (None, Some(_), true) => self.flows[flow].is_default = true,
            (Some(_), Some(_), true) | (None, None, true) => {
                self.cx.error(
                    "Y018",
                    head_span(branch),
                    Text::new("分支须写 when 或 otherwise 之一", "a branch has either `when` or `otherwise`"),
                );
            }
            (Some(condition), _, false) | (None, Some(condition), false) => {
                self.cx
                    .error(
                        "F007",
                        condition.span,
                        Text::new("并行网关的分支不能有条件", "a branch of a parallel gateway takes no condition"),
                    )
                    .help = Some(Text::new("去掉条件，或改用 exclusiveGateway", "drop the condition, or use an exclusiveGateway"));
            }
            (None, None, false) => {}
        }
        let mut open = vec![flow];
        if let Some(items) = branch.get("do") {
            let list = self.list(items, scope);
            if let Some(entry) = list.entry {
                self.connect(&open, entry);
                open = list.open;
            }
        }
        match branch.get("to") {
            Some(to) if open.is_empty() => {
                self.cx.error("F011", to.span, Text::new("分支已结束，to 不起作用", "the branch has ended; `to` has no effect"));
                open
            }
            Some(to) => {
                self.jump(&open, to);
                Vec::new()
            }
            None => open,
        }
    }

    fn check_otherwise(&mut self, branches: &[Tree], id: &str, span: Span) {
        let mut others = branches.iter().filter_map(|branch| branch.get("otherwise"));
        let (first, second) = (others.next(), others.next());
        if let Some(second) = second {
            self.cx.error(
                "F010",
                second.span,
                Text::new(format!("“{id}”有多个 otherwise"), format!("`{id}` has more than one `otherwise`")),
            );
        }
        if first.is_none() {
            self.cx
                .error(
                    "F006",
                    span,
                    Text::new(format!("排他网关“{id}”没有 otherwise"), format!("the exclusive gateway `{id}` has no `otherwise`")),
                )
                .help = Some(Text::new("加上 - otherwise: true", "add `- otherwise: true`"));
        }
    }
}

fn head_span(branch: &Tree) -> Span {
    branch.map().and_then(<[_]>::first).map_or(branch.span, |(_, value)| value.span)
}
