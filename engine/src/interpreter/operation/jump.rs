//! 跳转: a token goes to another activity, of its own scope or of one around it, whatever the flows say.

use std::collections::BTreeSet;

use super::{
    super::{Event, LocalNo, Rejection, codes, run::Run, step::join::behind},
    needs_reason,
    path::Level,
};
use crate::{
    definition::{NodeIx, NodeKind, Operation, Process},
    text::Text,
};

impl Run<'_> {
    /// Lets a token jump. Back to where it came from is a return through; within its branch only the token moves; past a
    /// join, all that would come to the target is taken away, and begins there as one.
    pub(super) fn jump(&mut self, token: LocalNo, to: &str, reason: &str) -> Result<(), Rejection> {
        self.may_govern(Operation::Jump)?;
        needs_reason(reason)?;
        let standing =
            self.case.tokens.get(&token).ok_or_else(|| {
                Rejection::new(codes::GONE, Text::new(format!("令牌 {token} 已不在"), format!("the token {token} is gone")))
            })?;
        let from = standing.node.clone();
        self.off_detour(token)?;
        let process = &self.definition.process;
        let targets = self.jumpable(token);
        let (level, target) = targets.into_iter().find(|&(_, ix)| process.nodes[ix].id == to).ok_or_else(|| {
            Rejection::new(
                codes::JUMP_TARGET_NOT_ALLOWED,
                Text::new(
                    format!("不能从“{from}”跳到“{to}”：只能跳到同一层或外层的其他活动"),
                    format!("no jump from `{from}` to `{to}`: only to another activity of its scope or of one around it"),
                ),
            )
        })?;
        let back = self.past_of(level.token).contains_key(&target);
        let within = !back && within_branch(process, level.node, target);
        let (mut gone, mut undone) = (Vec::new(), BTreeSet::new());
        if !within {
            gone = self.came_from(level.scope, target);
            undone = if gone.is_empty() { undone } else { self.passed_since(level.scope, target) };
        }
        if !within && !back {
            gone.extend(self.coming_to(level.scope, target));
        }
        gone.push(level.token);
        self.not_undoing(&gone)?;
        let by = self.by();
        self.emit(Event::TokenJumped { token, from, to: to.to_owned(), by, reason: reason.to_owned() });
        self.relocate(level.scope, target, &gone, &undone);
        Ok(())
    }

    /// Every activity that a token may jump to, with the level it would jump at, the innermost first.
    pub(super) fn jumpable(&self, token: LocalNo) -> Vec<(Level, NodeIx)> {
        let process = &self.definition.process;
        let mut targets = Vec::new();
        for level in self.levels(token) {
            let inside = process.nodes[level.node].scope;
            let fits = |&ix: &NodeIx| {
                let node = &process.nodes[ix];
                node.scope == inside && ix != level.node && node.is_activity() && !node.for_compensation && !node.id.contains("__")
            };
            targets.extend((0..process.nodes.len()).filter(fits).map(|ix| (level, ix)));
        }
        targets
    }

    /// Tokens of a scope that can still come to `target`.
    fn coming_to(&self, scope: LocalNo, target: NodeIx) -> Vec<LocalNo> {
        let process = &self.definition.process;
        let mut before = behind(process, target, &process.nodes[target].incoming);
        before.insert(target);
        let comes = |token: &LocalNo| process.by_id.get(&self.case.tokens[token].node).is_some_and(|at| before.contains(at));
        self.movers(scope).into_iter().filter(comes).collect()
    }
}

/// Whether a way leads from one node to another that passes no join of several tokens.
fn within_branch(process: &Process, from: NodeIx, to: NodeIx) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(ix) = ahead.pop() {
        if ix == to {
            return true;
        }
        let node = &process.nodes[ix];
        let joins = matches!(node.kind, NodeKind::ParallelGateway | NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_));
        if joins && node.incoming.len() > 1 || !seen.insert(ix) {
            continue;
        }
        ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to));
    }
    false
}
