//! Beginning a step again, or another one: what stands in its way is taken away, and joins behind it are set right.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    super::{Event, LocalNo, Rejection, codes, run::Run, step::join::behind},
    path::{past, trail},
};
use crate::{
    definition::{NodeIx, NodeKind},
    text::Text,
};

impl Run<'_> {
    /// Tokens of a scope that came from `step`, whatever ways they went.
    pub(super) fn came_from(&self, scope: LocalNo, step: NodeIx) -> Vec<LocalNo> {
        self.movers(scope).into_iter().filter(|&token| self.past_of(token).contains_key(&step)).collect()
    }

    /// Nodes of a scope that were passed on the way from `step`, itself among them.
    pub(super) fn passed_since(&self, scope: LocalNo, step: NodeIx) -> BTreeSet<NodeIx> {
        let process = &self.definition.process;
        let Some(trail) = trail(&self.case, scope) else { return BTreeSet::new() };
        let since = trail.iter().filter(|(_, pass)| pass.order > 0).filter_map(|(id, pass)| {
            let &ix = process.by_id.get(id)?;
            (ix == step || past(process, trail, ix, None, pass.order).contains_key(&step)).then_some(ix)
        });
        since.collect()
    }

    /// Refuses to take tokens away while something at or inside them is being undone: that is finished first.
    pub(super) fn not_undoing(&self, gone: &[LocalNo]) -> Result<(), Rejection> {
        if gone.iter().any(|&token| self.undoes(token)) {
            return Err(Rejection::new(
                codes::COMPENSATING,
                Text::new("正在撤销已办的环节，撤销完才能这样做", "steps are being undone; that must be finished first"),
            ));
        }
        Ok(())
    }

    fn undoes(&self, token: LocalNo) -> bool {
        let for_it = |compensates: Option<LocalNo>| compensates == Some(token);
        if self.case.tokens.values().any(|other| for_it(other.compensates))
            || self.case.scopes.values().any(|scope| for_it(scope.compensates))
        {
            return true;
        }
        let inside = self.case.scopes.iter().filter(|(_, state)| state.token == Some(token));
        inside.into_iter().any(|(&scope, state)| {
            let tokens = self.case.tokens.iter().filter(|(_, inner)| inner.scope == scope);
            state.cancelling || tokens.into_iter().any(|(&inner, standing)| standing.compensates.is_some() || self.undoes(inner))
        })
    }

    /// Takes `gone` away and begins `target` in their scope. `undone` are passes that do not count any more.
    pub(super) fn relocate(&mut self, scope: LocalNo, target: NodeIx, gone: &[LocalNo], undone: &BTreeSet<NodeIx>) {
        let process = &self.definition.process;
        let earlier = trail(&self.case, scope).and_then(|trail| trail.get(&process.nodes[target].id)).and_then(|pass| pass.by.clone());
        let mut begun_again: BTreeSet<NodeIx> = undone.clone();
        for token in gone {
            let node = self.case.tokens.get(token).and_then(|token| process.by_id.get(&token.node));
            begun_again.extend(node);
            self.interrupt_token(*token);
        }
        self.reset_gateways(scope, undone);
        self.forget_collected(scope, &begun_again);
        if !undone.is_empty() {
            let nodes = undone.iter().map(|&ix| process.nodes[ix].id.clone()).collect();
            self.emit(Event::PathUndone { scope, nodes });
        }
        let token = self.number();
        self.place(&process.nodes[target], scope, None);
        if let Some(person) = earlier {
            self.given.insert(token, person);
        }
        self.restore_joins(scope, target);
    }

    /// A complex gateway that was activated on a way that is undone waits to start again.
    pub(super) fn reset_gateways(&mut self, scope: LocalNo, undone: &BTreeSet<NodeIx>) {
        let waiting = self.case.scopes.get(&scope).map(|state| state.resetting.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        for node in waiting {
            if self.definition.process.by_id.get(&node).is_some_and(|ix| undone.contains(ix)) {
                self.emit(Event::GatewayReset { scope, node });
            }
        }
    }

    /// What multi-instances collected is collected again.
    pub(super) fn forget_collected(&mut self, scope: LocalNo, nodes: &BTreeSet<NodeIx>) {
        let multi = nodes.iter().filter_map(|&ix| self.definition.process.nodes[ix].multi_instance.as_ref());
        let outer: Map<String, Value> =
            multi.flat_map(|multi| multi.collect.keys()).map(|outer| (outer.clone(), Value::Array(Vec::new()))).collect();
        let names = self.names(scope);
        let outer: Map<String, Value> = outer
            .into_iter()
            .filter(|(name, _)| matches!(crate::rules::Lookup::value(&names, name), Some(Value::Array(list)) if !list.is_empty()))
            .collect();
        if !outer.is_empty() {
            self.write(scope, outer);
        }
    }

    /// A join that the target leads to, and that nothing will come to any more by one of its flows, has that flow's token:
    /// what was done in another branch stays done, and a branch that was jumped over counts as done.
    fn restore_joins(&mut self, scope: LocalNo, target: NodeIx) {
        let process = &self.definition.process;
        let inside = process.nodes[target].scope;
        for (ix, join) in process.nodes.iter().enumerate() {
            let joins = matches!(join.kind, NodeKind::ParallelGateway | NodeKind::ComplexGateway(_));
            if !joins || join.scope != inside || join.incoming.len() < 2 || ix == target {
                continue;
            }
            let stand: Vec<NodeIx> = self
                .movers(scope)
                .iter()
                .filter_map(|token| process.by_id.get(&self.case.tokens[token].node).copied())
                .filter(|&at| at != ix)
                .collect();
            let ways: Vec<BTreeSet<NodeIx>> = join.incoming.iter().map(|&flow| behind(process, ix, &[flow])).collect();
            if !ways.iter().any(|way| way.contains(&target)) {
                continue;
            }
            for (&flow, way) in join.incoming.iter().zip(&ways) {
                let id = process.flows[flow].id.as_str();
                let here = self.movers(scope).iter().any(|token| {
                    let token = &self.case.tokens[token];
                    token.node == join.id && token.flow.as_deref() == Some(id)
                });
                if !here && !stand.iter().any(|at| way.contains(at)) {
                    self.place(join, scope, Some(id));
                }
            }
        }
    }
}
