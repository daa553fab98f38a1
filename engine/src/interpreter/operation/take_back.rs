//! 撤回: who completed a step takes it back, while nobody has acted on what followed and nothing has left the house.

use super::{
    super::{Event, LocalNo, Rejection, codes, run::Run},
    path::{is_step, trail},
};
use crate::{
    definition::{NodeIx, NodeKind, Operation, Throw},
    text::Text,
};

impl Run<'_> {
    /// Takes a step back that the actor was the last to complete.
    pub(super) fn take_back(&mut self, step: &str, reason: &str) -> Result<(), Rejection> {
        let (scope, ix) = self.own_step(step)?;
        let gone = self.came_from(scope, ix);
        let undone = self.passed_since(scope, ix);
        self.not_undoing(&gone)?;
        for &passed in undone.iter().filter(|&&passed| passed != ix) {
            self.leaves_no_trace(passed)?;
        }
        let sends = !self.definition.process.nodes[ix].sends.is_empty();
        if sends {
            return Err(self.has_left(ix));
        }
        gone.iter().try_for_each(|&token| self.untouched(token))?;
        let by = self.by();
        self.emit(Event::TaskTakenBack { node: step.to_owned(), by, reason: reason.to_owned() });
        self.relocate(scope, ix, &gone, &undone);
        Ok(())
    }

    /// Steps in open scopes that the actor was the last to complete, the last one first.
    pub(super) fn own_steps(&self) -> Vec<(LocalNo, NodeIx)> {
        let process = &self.definition.process;
        let Some(person) = self.actor.person() else { return Vec::new() };
        let mut own: Vec<(u32, LocalNo, NodeIx)> = Vec::new();
        for &scope in self.case.scopes.keys() {
            for (id, pass) in trail(&self.case, scope).into_iter().flatten() {
                if let (Some(&ix), Some(by)) = (process.by_id.get(id), &pass.by)
                    && by == person
                    && pass.order > 0
                    && is_step(&process.nodes[ix])
                {
                    own.push((pass.order, scope, ix));
                }
            }
        }
        own.sort_unstable_by(|a, b| b.cmp(a));
        own.into_iter().map(|(_, scope, ix)| (scope, ix)).collect()
    }

    fn own_step(&self, step: &str) -> Result<(LocalNo, NodeIx), Rejection> {
        let process = &self.definition.process;
        let allowed = matches!(process.node(step).map(|node| &node.kind), Some(NodeKind::UserTask(task)) if task.operations.contains(&Operation::TakeBack));
        if !allowed {
            return Err(Rejection::new(
                codes::OPERATION_NOT_ALLOWED,
                Text::new(format!("流程不允许撤回“{step}”"), format!("the process does not allow `{step}` to be taken back")),
            ));
        }
        let own = self.own_steps().into_iter().find(|&(_, ix)| process.nodes[ix].id == step);
        let (scope, ix) = own.ok_or_else(|| {
            cannot(
                "您不是最后办理这一步的人，或其所在的子流程已经结束",
                "you did not do this step last, or the sub-process around it is over",
            )
        })?;
        if process.nodes[ix].repeats() {
            return Err(cannot("多人办理的环节不能由一人撤回", "a step that several did cannot be taken back by one of them"));
        }
        Ok((scope, ix))
    }

    /// Refuses to undo what others have seen or done.
    fn leaves_no_trace(&self, ix: NodeIx) -> Result<(), Rejection> {
        let node = &self.definition.process.nodes[ix];
        let within = match &node.kind {
            NodeKind::ScriptTask(_) | NodeKind::BusinessRuleTask(_) | NodeKind::StartEvent(_) => true,
            NodeKind::ThrowEvent(Throw::None | Throw::Link(_)) | NodeKind::EndEvent(Throw::None) => true,
            _ => node.is_gateway(),
        };
        if within && node.sends.is_empty() { Ok(()) } else { Err(self.has_left(ix)) }
    }

    fn has_left(&self, ix: NodeIx) -> Rejection {
        let title = self.definition.process.nodes[ix].title();
        cannot(
            &format!("“{}”已经办过，不能再撤回", title.zh),
            &format!("`{}` has happened since, so it cannot be taken back", title.get(crate::text::Language::En)),
        )
    }

    /// Refuses if somebody or something has begun to act at a token, or inside it.
    fn untouched(&self, token: LocalNo) -> Result<(), Rejection> {
        let at = self.case.tokens.get(&token).and_then(|token| self.definition.process.by_id.get(&token.node).copied()).unwrap_or_default();
        let jobs = self.case.jobs.values().any(|job| job.token == token) || self.case.calls.values().any(|call| call.token == token);
        let acted = self.case.tasks.values().any(|task| task.token == token && (task.assignee.is_some() || !task.extra.signers.is_empty()));
        let counted = self.case.tokens.get(&token).and_then(|token| token.instances.as_ref()).is_some_and(|counts| counts.completed > 0);
        if jobs || acted || counted {
            return Err(self.has_left(at));
        }
        for (&scope, state) in self.case.scopes.iter().filter(|(_, state)| state.token == Some(token)) {
            for id in state.trail.iter().filter(|(_, pass)| pass.order > 0).map(|(id, _)| id) {
                self.definition.process.by_id.get(id).map_or(Ok(()), |&ix| self.leaves_no_trace(ix))?;
            }
            let inside: Vec<LocalNo> = self.case.tokens.iter().filter(|(_, token)| token.scope == scope).map(|(no, _)| *no).collect();
            inside.into_iter().try_for_each(|token| self.untouched(token))?;
        }
        Ok(())
    }
}

fn cannot(zh: &str, en: &str) -> Rejection {
    Rejection::new(codes::CANNOT_TAKE_BACK, Text::new(zh, en))
}
