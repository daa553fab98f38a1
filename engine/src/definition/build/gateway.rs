//! Gateways in two styles: branches with `do` become a block with a generated join, branches with `to` a free flow.

use super::Builder;
use crate::{
    definition::{
        EventBasedGateway, FlowIx, NodeIx, NodeKind, ScopeIx,
        context::{string, text},
        names::Besides,
    },
    source::{Span, Tree},
    text::Text,
};

/// Whether the branches of a gateway take conditions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conditions {
    /// Each needs one, or is the other way.
    Needed,
    Allowed,
    Refused,
}

impl Conditions {
    fn of(kind: &NodeKind) -> Self {
        match kind {
            NodeKind::ExclusiveGateway | NodeKind::InclusiveGateway => Self::Needed,
            NodeKind::ComplexGateway(_) => Self::Allowed,
            _ => Self::Refused,
        }
    }
}

impl Builder<'_, '_> {
    /// The gateway that `word` names.
    pub(super) fn gateway_kind(&mut self, item: &Tree, word: &str, scope: ScopeIx) -> Option<NodeKind> {
        Some(match word {
            "exclusiveGateway" => NodeKind::ExclusiveGateway,
            "parallelGateway" => NodeKind::ParallelGateway,
            "inclusiveGateway" => NodeKind::InclusiveGateway,
            "complexGateway" => {
                NodeKind::ComplexGateway(item.get("activation").and_then(|tree| self.condition(tree, scope, Besides::Arrivals)))
            }
            "eventBasedGateway" => {
                let instantiate = item.get("instantiate").and_then(Tree::boolean).unwrap_or_default();
                NodeKind::EventBasedGateway(EventBasedGateway { instantiate })
            }
            _ => return None,
        })
    }

    pub(super) fn gateway(&mut self, item: &Tree, id: &str, node: NodeIx, kind: NodeKind) -> Vec<FlowIx> {
        let alternatives = matches!(kind, NodeKind::ExclusiveGateway | NodeKind::EventBasedGateway(_));
        let join = match kind {
            NodeKind::InclusiveGateway => NodeKind::InclusiveGateway,
            NodeKind::ComplexGateway(_) => NodeKind::InclusiveGateway,
            NodeKind::ParallelGateway => NodeKind::ParallelGateway,
            _ => NodeKind::ExclusiveGateway,
        };
        let conditions = Conditions::of(&kind);
        self.nodes[node].kind = kind;
        let (span, scope) = (self.nodes[node].place.span, self.nodes[node].scope);
        let Some(branches) = item.get("branches").and_then(Tree::list) else {
            return self.ways_out(item, node, span);
        };
        let mut open = Vec::new();
        for (number, branch) in (1..).zip(branches) {
            let flows = self.branch(branch, node, conditions);
            // Several ways out of one branch (actions, boundary events) are alternatives: a join must see one flow of them.
            if alternatives || flows.len() < 2 {
                open.extend(flows);
            } else {
                let merge = self.node(format!("{id}__merge{number}"), span, scope, NodeKind::ExclusiveGateway);
                self.connect(&flows, merge);
                open.push(self.flow(merge, span));
            }
        }
        if !self.cx.lenient && conditions == Conditions::Needed {
            self.check_otherwise(branches, id);
        }
        let block = branches.iter().any(|branch| branch.get("do").is_some());
        if !block || open.is_empty() {
            return open;
        }
        let join = self.node(format!("{id}__join"), span, scope, join);
        self.connect(&open, join);
        vec![self.flow(join, span)]
    }

    /// One branch; the flows that go on from it to the join.
    fn branch(&mut self, branch: &Tree, node: NodeIx, conditions: Conditions) -> Vec<FlowIx> {
        let scope = self.nodes[node].scope;
        let flow = self.flow(node, head_span(branch));
        if !self.cx.lenient {
            self.check_conditions(branch, conditions);
        }
        self.describe_flow(branch, flow, scope);
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

    /// Flows that are spelled out on an activity or event.
    pub(super) fn spelled_out(&mut self, flows: &Tree, node: NodeIx) {
        let scope = self.nodes[node].scope;
        for tree in flows.list().unwrap_or_default() {
            let flow = self.flow(node, head_span(tree));
            self.describe_flow(tree, flow, scope);
            match tree.get("to") {
                Some(to) => self.jump(&[flow], to),
                None => self.broken = true,
            }
        }
    }

    /// Takes id, name and condition of a flow from its tree.
    fn describe_flow(&mut self, tree: &Tree, flow: FlowIx, scope: ScopeIx) {
        let condition = tree.get("when").and_then(|when| self.condition(when, scope, Besides::Nothing));
        let flow = &mut self.flows[flow];
        flow.condition = condition;
        flow.is_default = tree.get("otherwise").and_then(Tree::boolean).unwrap_or_default();
        flow.id = tree.get("id").and_then(string).unwrap_or_default();
        flow.name = tree.get("name").and_then(text);
    }

    fn check_conditions(&mut self, branch: &Tree, conditions: Conditions) {
        let (when, otherwise) = (branch.get("when"), branch.get("otherwise"));
        match (when.or(otherwise), conditions) {
            (None, Conditions::Needed) => {
                self.cx.error(
                    "Y018",
                    head_span(branch),
                    Text::new("分支须写 when 或 otherwise 之一", "a branch has either `when` or `otherwise`"),
                );
            }
            (Some(_), Conditions::Needed | Conditions::Allowed) if when.is_some() && otherwise.is_some() => {
                self.cx.error(
                    "Y018",
                    head_span(branch),
                    Text::new("分支须写 when 或 otherwise 之一", "a branch has either `when` or `otherwise`"),
                );
            }
            (Some(condition), Conditions::Refused) => {
                self.cx
                    .error(
                        "F007",
                        condition.span,
                        Text::new("并行网关与事件网关的分支不能有条件", "a branch of a parallel or event-based gateway takes no condition"),
                    )
                    .help = Some(Text::new("去掉条件，或改用 exclusiveGateway", "drop the condition, or use an exclusiveGateway"));
            }
            _ => {}
        }
    }

    fn check_otherwise(&mut self, branches: &[Tree], id: &str) {
        let mut others = branches.iter().filter_map(|branch| branch.get("otherwise"));
        let second = others.nth(1);
        if let Some(second) = second {
            self.cx.error(
                "F010",
                second.span,
                Text::new(format!("“{id}”有多个 otherwise"), format!("`{id}` has more than one `otherwise`")),
            );
        }
    }
}

fn head_span(branch: &Tree) -> Span {
    branch.map().and_then(<[_]>::first).map_or(branch.span, |(_, value)| value.span)
}
