//! What operations left fits together: signers, delegates, detours, the trail.

use super::Look;
use crate::interpreter::{CaseStatus, LocalNo, ROOT, Trail};

impl Look<'_> {
    pub(super) fn operations(&mut self) {
        self.signers();
        self.detours();
        self.trails();
        let ended = self.case.status == CaseStatus::Ended;
        self.must(!ended || self.case.suspended.is_none(), || "the case has ended, but is suspended".to_owned());
        self.must(ended || self.case.ended_at.is_empty(), || "the case runs, but has ended somewhere".to_owned());
    }

    /// Every signer's task is for an open task at the same token and for a signer who has not signed; an action that was
    /// chosen waits for somebody; a delegated task is with somebody.
    fn signers(&mut self) {
        let case = self.case;
        for (no, task) in &case.tasks {
            if let Some(of) = task.extra.signs {
                let signed = case.tasks.get(&of).filter(|signed| signed.token == task.token && signed.extra.signs.is_none());
                let waits = signed.is_some_and(|signed| {
                    let waiting =
                        |person: &str| signed.extra.signers.iter().any(|signer| signer.person == person && signer.signed.is_none());
                    task.assignee.as_deref().is_some_and(waiting)
                });
                self.must(waits, || format!("nothing is to be signed by the signer's task {no}"));
            }
            let waiting = task.extra.signers.iter().any(|signer| signer.signed.is_none());
            self.must(task.extra.chosen.is_none() || waiting, || format!("the task {no} waits for signers, but has none"));
            self.must(task.extra.delegated.is_none() || task.assignee.is_some(), || format!("the task {no} is delegated to nobody"));
        }
    }

    /// Who does a step again does it for an open task, in the scope of that task or in one around it, and nothing on its
    /// border waits.
    fn detours(&mut self) {
        let case = self.case;
        for (no, token) in case.tokens.iter().filter(|(_, token)| token.detour.is_some()) {
            let task = token.detour.and_then(|task| case.tasks.get(&task));
            let mut around = task.map(|task| task.scope);
            while around.is_some_and(|scope| scope != token.scope) {
                around = around.and_then(|scope| case.scopes.get(&scope)).and_then(|scope| scope.parent);
            }
            self.must(around.is_some(), || format!("the token {no} at `{}` does a step again for no task", token.node));
        }
    }

    /// Passes are counted one by one, in open scopes only.
    fn trails(&mut self) {
        let case = self.case;
        let inner = case.scopes.iter().filter(|(no, _)| **no != ROOT).map(|(no, scope)| (*no, &scope.trail));
        for (no, trail) in std::iter::once((ROOT, &case.trail)).chain(inner) {
            self.trail(no, trail);
        }
    }

    fn trail(&mut self, no: LocalNo, trail: &Trail) {
        let passes = self.case.passes;
        let mut orders: Vec<u32> = trail.values().map(|pass| pass.order).filter(|order| *order > 0).collect();
        let count = orders.len();
        orders.sort_unstable();
        orders.dedup();
        self.must(orders.len() == count, || format!("two passes in the scope {no} have one number"));
        self.must(orders.last().is_none_or(|last| *last <= passes), || format!("a pass in the scope {no} is later than the last"));
    }
}
