//! Where the case stands, in the new version: nodes, scopes, flows.

use super::{
    super::{Compensable, Event, LocalNo, ROOT, ScopeState, Token},
    Migration, Reason, reasons,
};
use crate::{
    definition::{Node, NodeKind, ScopeIx},
    text::Text,
};

/// Where a scope stands in the new version.
enum Inside {
    /// The part that it is the inside of.
    Part(ScopeIx),
    /// The body of a task that repeats, which is one node.
    Body(String),
}

impl<'a> Migration<'a> {
    /// Takes away the tokens that the mapping drops.
    pub(super) fn drop_tokens(&mut self) {
        let drop = &self.versions.mapping.drop;
        let dropped: Vec<LocalNo> = self.found.tokens.iter().filter(|(_, token)| drop.contains(&token.node)).map(|(no, _)| *no).collect();
        for &token in &dropped {
            if self.run.case.tokens.contains_key(&token) {
                self.run.interrupt_token(token);
            }
        }
        let empty: Vec<(LocalNo, Option<String>)> = self.run.case.scopes.iter().map(|(no, scope)| (*no, scope.node.clone())).collect();
        for (scope, node) in empty {
            let case = &self.run.case;
            let busy =
                case.tokens.values().any(|token| token.scope == scope) || case.scopes.values().any(|inner| inner.parent == Some(scope));
            if !dropped.is_empty() && !busy {
                let about = node.unwrap_or_else(|| self.versions.new.process.id.clone());
                let message = Text::new(
                    format!("“{about}”里的办理全被 migrate.drop 取消，什么也不剩"),
                    format!("migrate.drop takes away all that goes on in `{about}`"),
                );
                self.refuse(Reason::refused(reasons::NOTHING_LEFT, Some(&about), message));
            }
        }
    }

    /// Every token and open scope must find its node: there, of the same kind, repeating alike, in the same part.
    pub(super) fn stand(&mut self) {
        let scopes: Vec<(LocalNo, ScopeState)> = self.run.case.scopes.iter().map(|(no, scope)| (*no, scope.clone())).collect();
        for (no, scope) in &scopes {
            self.stand_scope(*no, scope);
        }
        let tokens: Vec<(LocalNo, Token)> = self.run.case.tokens.iter().map(|(no, token)| (*no, token.clone())).collect();
        for (no, token) in &tokens {
            if let Some((old, new)) = self.pair(self.found.tokens.get(no).map(|found| found.node.clone()), &token.node) {
                self.same_kind(old, new);
                self.same_part(new, token.scope);
            }
            self.undone(&token.compensation);
        }
    }

    fn stand_scope(&mut self, no: LocalNo, scope: &ScopeState) {
        self.undone(&scope.done);
        self.undone(&scope.compensation);
        for node in scope.resetting.keys().chain(&scope.later) {
            self.must_have(node);
        }
        let (Some(node), true) = (&scope.node, no != ROOT) else { return };
        let old = self.found.scopes.get(&no).and_then(|found| found.node.clone());
        let Some((old, new)) = self.pair(old, node) else { return };
        self.same_kind(old, new);
        if let Some(parent) = scope.parent {
            self.same_part(new, parent);
        }
        if let (NodeKind::EventSubProcess(before), NodeKind::EventSubProcess(after)) = (&old.kind, &new.kind)
            && before.interrupting != after.interrupting
        {
            self.refuse_kind(new, "中断方式", "whether it interrupts");
        }
        let needed = new
            .multi_instance
            .iter()
            .filter(|_| scope.index.is_some())
            .flat_map(|multi| multi.variable.iter().chain(multi.collect.values()));
        if let Some(missing) = needed.into_iter().find(|name| !scope.locals.contains_key(*name)) {
            self.refuse_repeats(new, missing);
        }
    }

    /// The nodes, old and new, if both are there.
    fn pair(&mut self, old: Option<String>, new: &str) -> Option<(&'a Node, &'a Node)> {
        let node = self.must_have(new)?;
        let versions = self.versions;
        Some((old.and_then(|old| versions.old.process.node(&old))?, node))
    }

    fn must_have(&mut self, id: &str) -> Option<&'a Node> {
        let versions = self.versions;
        let node = versions.new.process.node(id);
        if node.is_none() {
            let message = Text::new(
                format!("新版本没有环节“{id}”；可在 migrate.nodes 里写明由哪个环节接续，或在 migrate.drop 里取消"),
                format!("the new version has no `{id}`; say in migrate.nodes which node it is now, or drop it in migrate.drop"),
            );
            self.refuse(Reason::undecided(reasons::NODE_GONE, id, message));
        }
        node
    }

    fn same_kind(&mut self, old: &Node, new: &Node) {
        let same = std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind);
        if !same || old.awaits.is_some() != new.awaits.is_some() || old.start_quantity != new.start_quantity {
            let (was, is) = (old.kind.word(), new.kind.word());
            let message = Text::new(
                format!("“{}”原为 {was}，新版本的“{}”是 {is}，不能接续", old.id, new.id),
                format!("`{}` was a {was}; `{}` is a {is} that begins otherwise, and cannot go on from there", old.id, new.id),
            );
            return self.refuse(Reason::refused(reasons::KIND_CHANGED, Some(&new.id), message));
        }
        let sequential = |node: &Node| node.multi_instance.as_ref().map(|multi| multi.sequential);
        if sequential(old) != sequential(new) || old.standard_loop.is_some() != new.standard_loop.is_some() {
            self.refuse_repeats(new, "multiInstance / loop");
        }
    }

    fn refuse_kind(&mut self, node: &Node, zh: &str, en: &str) {
        let id = &node.id;
        let message =
            Text::new(format!("“{id}”正在进行，新版本改变了{zh}"), format!("`{id}` is under way, and the new version changes {en}"));
        self.refuse(Reason::refused(reasons::KIND_CHANGED, Some(id), message));
    }

    fn refuse_repeats(&mut self, node: &Node, what: &str) {
        let id = &node.id;
        let message = Text::new(
            format!("“{id}”正在多次办理，新版本的重复方式不同（{what}）"),
            format!("`{id}` is being repeated, and repeats otherwise in the new version ({what})"),
        );
        self.refuse(Reason::refused(reasons::REPEATS_CHANGED, Some(id), message));
    }

    /// The node must stand in that part of the new version that the open scope is the inside of.
    fn same_part(&mut self, node: &Node, scope: LocalNo) {
        let right = match self.inside(scope) {
            Some(Inside::Part(part)) => node.scope == part,
            Some(Inside::Body(body)) => node.id == body,
            // That its node is gone is told of the scope itself.
            None => true,
        };
        if !right {
            let id = &node.id;
            let message =
                Text::new(format!("“{id}”在新版本里属于另一个子流程"), format!("`{id}` stands in another sub-process in the new version"));
            self.refuse(Reason::refused(reasons::SCOPE_CHANGED, Some(id), message));
        }
    }

    fn inside(&self, scope: LocalNo) -> Option<Inside> {
        let Some(id) = &self.run.case.scopes.get(&scope)?.node else { return Some(Inside::Part(0)) };
        let node = self.versions.new.process.node(id)?;
        Some(node.kind.inside().map_or_else(|| Inside::Body(id.clone()), Inside::Part))
    }

    /// What completed and may have to be undone must be in the new version.
    fn undone(&mut self, done: &[Compensable]) {
        for entry in done {
            if self.versions.new.process.node(&entry.node).is_none() {
                let id = &entry.node;
                let message = Text::new(
                    format!("已办的“{id}”可能须撤销，新版本没有它；可在 migrate.nodes 里对应，或在 migrate.drop 里放弃撤销"),
                    format!(
                        "`{id}` completed and may have to be undone, and the new version has no such node; name its successor in migrate.nodes, or drop it"
                    ),
                );
                self.refuse(Reason::undecided(reasons::UNDO_GONE, id, message));
            }
            self.undone(&entry.done);
        }
    }

    /// A token at a join came by a flow, which must be one of the join's; a join with one way in is none.
    pub(super) fn flows(&mut self) {
        for no in self.tokens() {
            let (Some(node), Some(token)) = (self.new_node(no), self.run.case.tokens.get(&no)) else { continue };
            let joins = matches!(node.kind, NodeKind::ParallelGateway | NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_));
            let Some(flow) = token.flow.clone() else { continue };
            match self.flow(&flow, node) {
                Some(now) if now != flow => self.run.emit(Event::TokenRerouted { token: no, flow: Some(now) }),
                None if joins && node.incoming.len() > 1 => self.refuse_flow(&flow, node),
                _ => {}
            }
            if matches!(node.kind, NodeKind::ParallelGateway) && !self.has_incident(no) {
                self.run.wake(no);
            }
        }
        self.used_flows();
    }

    /// Complex gateways that wait to be reset remember by which flows they were activated.
    fn used_flows(&mut self) {
        let waiting: Vec<(LocalNo, String, Vec<String>)> = self
            .run
            .case
            .scopes
            .iter()
            .flat_map(|(no, scope)| scope.resetting.iter().map(|(node, flows)| (*no, node.clone(), flows.clone())))
            .collect();
        for (scope, id, used) in waiting {
            let Some(node) = self.versions.new.process.node(&id) else { continue };
            let flows: Vec<String> = used.iter().filter_map(|flow| self.flow(flow, node)).collect();
            if flows.len() < used.len() {
                self.refuse_flow(&used.join(", "), node);
            } else if flows != used {
                self.run.emit(Event::GatewayActivated { scope, node: id, flows });
            }
        }
    }

    fn refuse_flow(&mut self, flow: &str, node: &Node) {
        let id = &node.id;
        let message = Text::new(
            format!("到“{id}”等待汇合的流向“{flow}”在新版本里没有"),
            format!("the flow `{flow}`, by which `{id}` was reached, is not in the new version"),
        );
        self.refuse(Reason::refused(reasons::FLOW_GONE, Some(id), message));
    }

    /// The flow into `node` that `old` is now: by its id, by where it comes from, or because there is no other.
    fn flow(&self, old: &str, node: &Node) -> Option<String> {
        let (before, after) = (&self.versions.old.process, &self.versions.new.process);
        let into = || node.incoming.iter().map(|&ix| &after.flows[ix]);
        if into().any(|flow| flow.id == old) {
            return Some(old.to_owned());
        }
        let was = before.flows.iter().find(|flow| flow.id == old)?;
        let from = self.versions.mapping.node(&before.nodes[was.from].id);
        let alike: Vec<_> = into().filter(|flow| after.nodes[flow.from].id == from).collect();
        let by_action = alike.iter().find(|flow| flow.action == was.action);
        let only = || match alike.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        by_action.copied().or_else(only).map(|flow| flow.id.clone())
    }
}
