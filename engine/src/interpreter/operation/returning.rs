//! 退回: a task goes back to a step that was passed on the way to it.

use super::{
    super::{Event, LocalNo, Rejection, codes, run::Run},
    needs_reason,
    path::Level,
};
use crate::{
    definition::{NodeIx, NodeKind, Operation, ResumeWay, ReturnPolicy, ReturnTo},
    text::Text,
};

impl Run<'_> {
    /// Returns a task to the previous step, or to the one named, as far as its `return` allows.
    pub(super) fn return_task(&mut self, no: LocalNo, to: Option<&str>, resume: Option<ResumeWay>, reason: &str) -> Result<(), Rejection> {
        let task = self.workable(no, Operation::Return)?;
        needs_reason(reason)?;
        self.off_detour(task.token)?;
        let (level, step) = self.return_target(no, task.token, to)?;
        let resume = self.resume_way(&task.node, resume)?;
        let mut gone = match resume {
            ResumeWay::Through => self.came_from(level.scope, step),
            ResumeWay::Here => Vec::new(),
        };
        if resume == ResumeWay::Through && !gone.contains(&level.token) {
            gone.push(level.token);
        }
        self.not_undoing(&gone)?;
        let process = &self.definition.process;
        let target = process.nodes[step].id.clone();
        let (node, by, reason) = (task.node, self.by(), reason.to_owned());
        self.emit(Event::TaskReturned { task: no, node, to: target, resume, by, reason });
        match resume {
            ResumeWay::Through => {
                let undone = self.passed_since(level.scope, step);
                self.relocate(level.scope, step, &gone, &undone);
            }
            ResumeWay::Here => self.place_detour(no, step, level.scope),
        }
        Ok(())
    }

    /// A further token does a passed step again for a task.
    fn place_detour(&mut self, task: LocalNo, step: NodeIx, scope: LocalNo) {
        let node = self.definition.process.nodes[step].id.clone();
        let earlier = super::path::trail(&self.case, scope).and_then(|trail| trail.get(&node)).and_then(|pass| pass.by.clone());
        let token = self.number();
        self.emit(Event::TokenPlaced { token, node, scope, flow: None, compensates: None, detour: Some(task) });
        if let Some(person) = earlier {
            self.given.insert(token, person);
        }
        self.wake(token);
    }

    /// Refuses to move a step that is being done again for another one.
    pub(super) fn off_detour(&self, token: LocalNo) -> Result<(), Rejection> {
        let process = &self.definition.process;
        let mut at = Some(token);
        while let Some(standing) = at.and_then(|no| self.case.tokens.get(&no)) {
            if standing.detour.is_some() {
                return Err(Rejection::new(
                    codes::ON_DETOUR,
                    Text::new(
                        "这一步是退回重做的，办完即直送回去",
                        "this step is done again for another one, and goes back there when done",
                    ),
                ));
            }
            let instance = process.node(&standing.node).is_some_and(|node| self.is_instance(standing.scope, node));
            at = self.case.scopes.get(&standing.scope).filter(|_| instance).and_then(|scope| scope.token);
        }
        Ok(())
    }

    fn return_policy(&self, node: &str) -> ReturnPolicy {
        match self.definition.process.node(node).map(|node| &node.kind) {
            Some(NodeKind::UserTask(declared)) => declared.returns.clone(),
            _ => ReturnPolicy::default(),
        }
    }

    fn resume_way(&self, node: &str, asked: Option<ResumeWay>) -> Result<ResumeWay, Rejection> {
        match (self.return_policy(node).resume, asked) {
            (Some(fixed), Some(asked)) if fixed != asked => Err(Rejection::new(
                codes::RETURN_NOT_ALLOWED,
                Text::new("流程规定了退回之后怎样走，不能另选", "the process says how the case goes on after a return"),
            )),
            (Some(fixed), _) => Ok(fixed),
            (None, asked) => Ok(asked.unwrap_or_default()),
        }
    }

    /// The step that a return goes to, with its level.
    fn return_target(&self, no: LocalNo, token: LocalNo, to: Option<&str>) -> Result<(Level, NodeIx), Rejection> {
        let steps = self.steps_before(token);
        let process = &self.definition.process;
        let Some(id) = to else {
            return self.returnable(no).into_iter().next().ok_or_else(|| {
                not_passed("这一步之前没有可以退回的环节", "no step was passed before this one that it could be returned to")
            });
        };
        let found = steps.into_iter().find(|&(_, ix)| process.nodes[ix].id == id).ok_or_else(|| {
            not_passed(&format!("到这一步的途中没有经过“{id}”"), &format!("`{id}` was not passed on the way to this step"))
        })?;
        if self.returnable(no).contains(&found) {
            return Ok(found);
        }
        Err(Rejection::new(
            codes::RETURN_NOT_ALLOWED,
            Text::new(format!("流程不允许退回到“{id}”"), format!("the process does not allow a return to `{id}`")),
        ))
    }

    /// Every step that a task may be returned to, the nearest first.
    pub(super) fn returnable(&self, no: LocalNo) -> Vec<(Level, NodeIx)> {
        let Some(task) = self.case.tasks.get(&no) else { return Vec::new() };
        let steps = self.steps_before(task.token);
        let process = &self.definition.process;
        match self.return_policy(&task.node).to {
            ReturnTo::Any => steps,
            ReturnTo::Previous => steps.into_iter().take(1).collect(),
            ReturnTo::Steps(named) => steps.into_iter().filter(|&(_, ix)| named.contains(&process.nodes[ix].id)).collect(),
        }
    }
}

fn not_passed(zh: &str, en: &str) -> Rejection {
    Rejection::new(codes::RETURN_TARGET_NOT_PASSED, Text::new(zh, en))
}
