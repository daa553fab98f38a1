//! Operations besides a task's actions, as offices know them: one definition of each over tokens, valid in every construct.
//!
//! | operation | what it does to the tokens |
//! |---|---|
//! | 退回 return, through | every token that came after the step, at its level, is taken away with all inside it; the step begins again; joins behind it get back what they had from branches that stay done |
//! | 退回 return, here | no token is taken away: the task is held, a further token does the step again, and the task is free when that is done |
//! | 撤回 take back | as a return through, by who completed the step, while nobody has acted on what followed and nothing has left the house |
//! | 跳转 jump | back: as a return through; on within its branch: only the token moves; past a join: the tokens that would have come there are taken away |
//! | 加签, 委派 | no token moves; the task is held, or completes only once all have signed |
//! | 挂起 suspend | no token moves; people's commands are refused. Messages, timers and jobs go on, and so do legal clocks, except those that the process names in `operations.pauses` |
//! | 终止, 重启, 重新打开 | all tokens are taken away; none, the start, or one step begins |

mod allowed;
mod copy;
mod delegate;
mod govern;
mod hand_over;
mod joins;
mod jump;
mod path;
pub(super) mod record;
mod relocate;
mod returning;
mod signer;
mod state;
mod succeed;
mod suspend;
mod take_back;

pub use allowed::{AllowedOperation, Consequences, allowed, may_act};
pub use state::*;

use super::{
    Actor, Ask, LocalNo, ROOT, Rejection, Task, codes,
    permission::{self, refused},
    run::{Run, Stop},
};
use crate::{
    definition::{NodeKind, Operation},
    organisation::Post,
    text::Text,
};

/// The error that a called case ends by when it is terminated; its caller may catch it.
pub const TERMINATED: &str = "terminated";

impl Run<'_> {
    /// Carries out an operation; false if the command is none.
    pub(super) fn operate(&mut self, ask: &Ask) -> Result<bool, Stop> {
        match ask {
            Ask::Claim { task } => self.claim(*task)?,
            Ask::Release { task } => self.release(*task)?,
            Ask::Transfer { task, to, reason } => self.transfer(*task, to, reason)?,
            Ask::HandOver { task, from, to, by, reason } => self.hand_over(*task, from, to, by, reason)?,
            Ask::Urge { task, note } => self.urge(*task, note)?,
            Ask::Return { task, to, resume, reason } => self.return_task(*task, to.as_deref(), *resume, reason)?,
            Ask::TakeBack { step, reason } => self.take_back(step, reason)?,
            Ask::Delegate { task, to, reason } => self.delegate(*task, to, reason)?,
            Ask::GiveBack { task, note } => self.give_back(*task, note)?,
            Ask::AddSigner { task, to, way, reason } => self.add_signers(*task, to, *way, reason)?,
            Ask::RemoveSigner { task, person, reason } => self.remove_signer(*task, person, reason)?,
            Ask::Sign { task, agrees, opinion } => self.sign(*task, *agrees, opinion)?,
            Ask::CopyTo { task, to, note } => self.copy_to(*task, to, note)?,
            Ask::MarkRead { no } => self.mark_read(*no)?,
            Ask::Suspend { reason } => self.suspend(reason)?,
            Ask::Resume { reason } => self.resume(reason)?,
            Ask::Terminate { reason } => self.terminate_case(reason)?,
            Ask::Reopen { to, reason } => self.reopen(to.as_deref(), reason)?,
            Ask::Jump { token, to, reason } => self.jump(*token, to, reason)?,
            Ask::Restart { reason } => self.restart(reason)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn by(&self) -> Option<String> {
        self.actor.person().map(str::to_owned)
    }

    /// Refuses an operation that the process does not allow on the task.
    fn operation_allowed(&self, no: LocalNo, operation: Operation) -> Result<(), Rejection> {
        let task = permission::open_task(&self.case, no)?;
        let allowed = match self.definition.process.node(&task.node).map(|node| &node.kind) {
            Some(NodeKind::UserTask(declared)) => declared.operations.contains(&operation),
            _ => false,
        };
        if allowed && task.extra.signs.is_none() {
            return Ok(());
        }
        Err(Rejection::new(
            codes::OPERATION_NOT_ALLOWED,
            Text::new("流程没有在这一步允许此操作", "the process does not allow this operation at this step"),
        ))
    }

    /// The task, if the actor may work on it now, and the process allows the operation.
    fn workable(&self, no: LocalNo, operation: Operation) -> Result<Task, Rejection> {
        self.operation_allowed(no, operation)?;
        permission::may_complete(self.definition, &self.case, no, self.actor, self.context.organisation)?;
        self.free(no)?;
        Ok(permission::open_task(&self.case, no)?.clone())
    }

    /// Refuses to touch a task that waits for somebody else: a step that is done again, a signer, a delegate.
    pub(super) fn free(&self, no: LocalNo) -> Result<(), Rejection> {
        let task = permission::open_task(&self.case, no)?;
        if task.extra.signs.is_some() {
            return Err(Rejection::new(
                codes::OPERATION_NOT_ALLOWED,
                Text::new("这是加签任务，只能签署意见", "this is a signer's task; it can only be signed"),
            ));
        }
        if task.extra.delegated.is_some() {
            return Err(Rejection::new(
                codes::TASK_DELEGATED,
                Text::new("任务已委派他人，收回或交还后才能办理", "the task is delegated; it must be given back first"),
            ));
        }
        let detour = self.case.tokens.values().find(|token| token.detour == Some(no));
        if let Some(step) = detour.and_then(|token| self.definition.process.node(&token.node)) {
            let title = step.title();
            return Err(held(
                format!("已退回“{}”重做，直送回来后才能办理", title.zh),
                format!("`{}` is being done again; the task waits for that", title.get(crate::text::Language::En)),
            ));
        }
        let waits = |signer: &&Signer| signer.signed.is_none() && (signer.way == SignerWay::Before || task.extra.chosen.is_some());
        let names: Vec<&str> = task.extra.signers.iter().filter(waits).map(|signer| self.name_of(&signer.person)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let names = names.join("、");
        Err(held(format!("等待加签人签署：{names}"), format!("waits for signers: {names}")))
    }

    fn name_of<'a>(&'a self, person: &'a str) -> &'a str {
        self.context.organisation.people.get(person).map_or(person, |person| &person.name)
    }

    /// Refuses to name somebody whom the organisation does not know, or oneself.
    fn known_other(&self, person: &str) -> Result<(), Rejection> {
        let organisation = self.context.organisation;
        let unsuitable = |zh: String, en: String| Err(Rejection::new(codes::PERSON_NOT_SUITABLE, Text::new(zh, en)));
        if !organisation.people.contains_key(person) || self.actor.person() == Some(person) {
            return unsuitable(format!("“{person}”不是可选的人员"), format!("`{person}` is nobody who can be chosen"));
        }
        if organisation.recusal(person, &self.case.matter()).is_some() {
            let name = self.name_of(person);
            return unsuitable(format!("{name}须回避此办件"), format!("{name} must keep away from this case"));
        }
        Ok(())
    }

    /// Whether `person` could do the task as far as posts do not matter: known, and not barred by four eyes.
    fn could_do(&self, no: LocalNo, person: &str) -> Result<(), Rejection> {
        self.known_other(person)?;
        let mut given = self.case.clone();
        if let Some(task) = given.tasks.get_mut(&no) {
            task.assignee = Some(person.to_owned());
            task.extra.acted_for = None;
        }
        permission::may_complete(self.definition, &given, no, &Actor::Person(person.to_owned()), self.context.organisation).map(drop)
    }

    /// Refuses an operation on the whole case by who may not: the people of the process's lanes for it, or who holds a
    /// task that allows it.
    fn may_govern(&self, operation: Operation) -> Result<(), Rejection> {
        let person = match self.actor {
            Actor::System => return Ok(()),
            Actor::Person(person) => person,
            Actor::Platform(_) => return Err(refused("平台不能这样做", "a platform may not do this")),
        };
        let process = &self.definition.process;
        // Who may suspend may resume.
        let names =
            |allowed: &[Operation]| allowed.contains(&operation) || operation == Operation::Resume && allowed.contains(&Operation::Suspend);
        let by_task = self.case.tasks.values().any(|task| {
            let declared = process.node(&task.node).map(|node| &node.kind);
            matches!(declared, Some(NodeKind::UserTask(declared)) if names(&declared.operations))
                && task.extra.signs.is_none()
                && permission::holds_task(&self.case, task, person, self.context.organisation).is_ok()
        });
        let by_lane = names(&process.operations.allow)
            && process
                .operations
                .lanes
                .iter()
                .filter_map(|lane| process.lanes.get(lane))
                .any(|lane| self.post_of_lane(lane, ROOT).is_ok_and(|post| self.does_work_of(person, &post)));
        if by_task || by_lane {
            return Ok(());
        }
        Err(refused("流程没有授权您对整个办件这样做", "the process does not let you do this with the case"))
    }

    /// Whether `person` does the work of a post in this case, for herself or for somebody who is away.
    pub(super) fn does_work_of(&self, person: &str, post: &Post) -> bool {
        self.context.organisation.standing(person, &post.role, &post.unit, &self.case.matter()).is_some()
    }

    /// A task that a step going back opens is for who did the step before, if she still holds its post.
    pub(super) fn give_to_earlier(&mut self, task: LocalNo, token: LocalNo) {
        let Some(person) = self.given.remove(&token) else { return };
        let Some(open) = self.case.tasks.get(&task) else { return };
        let standing = self.context.organisation.standing(&person, &open.post.role, &open.post.unit, &self.case.matter());
        let Some(standing) = standing else { return };
        let (by, acted_for) = (self.by(), standing.absent().map(str::to_owned));
        self.emit(super::Event::TaskAssigned { task, person: Some(person), by, reason: None, acted_for });
    }
}

fn held(zh: String, en: String) -> Rejection {
    Rejection::new(codes::TASK_HELD, Text::new(zh, en))
}

fn needs_reason(reason: &str) -> Result<(), Rejection> {
    if reason.trim().is_empty() {
        return Err(Rejection::new(codes::REASON_REQUIRED, Text::new("请说明理由", "a reason is needed")));
    }
    Ok(())
}
