//! Handing over the work of somebody who leaves, for pages and API alike: what goes to whom, then her leaving.

use std::collections::BTreeMap;

use tongban_adapters::{
    hand_over::{Leaving, LeavingTask, Stake},
    store::{Deed, SubmitError},
};
use tongban_engine::organisation::RegisterChange;

use crate::{desk::Desk, error::Problem, people, state::App, view::messages::both};
use tongban_engine::authority::Action;

/// Tasks that one button press hands over; the page shows how far it has come.
const TASKS_MAX: usize = 300;
/// How often what came to her meanwhile is handed over too.
const ROUNDS_MAX: usize = 3;

/// Who shall receive what: for everything, or for a post by `role@unit`.
#[derive(Clone, Debug, Default)]
pub struct Receivers {
    /// For what no post of `by_post` says.
    pub all: Option<String>,
    /// By post.
    pub by_post: BTreeMap<String, String>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Tasks that are in other hands now.
    pub moved: usize,
    /// Tasks that stayed, with those that could not be moved.
    pub stayed: usize,
    /// She has left.
    pub left: bool,
    /// The proposal that she leaves, if that takes a second administrator.
    pub proposal: Option<String>,
}

impl Receivers {
    /// Who is to receive a task, if she may.
    pub fn wanted(&self, task: &LeavingTask) -> Option<&str> {
        let by_post = self.by_post.get(&post_key(task)).map(String::as_str);
        by_post.or(self.all.as_deref()).filter(|id| !id.is_empty())
    }

    /// One person for all, by default: who could receive most.
    pub fn proposed(leaving: &Leaving) -> Option<String> {
        let mut could: BTreeMap<&str, usize> = BTreeMap::new();
        for task in &leaving.tasks {
            for (id, _) in task.receivers.iter().filter(|(_, refused)| refused.is_none()) {
                *could.entry(id).or_default() += 1;
            }
        }
        could.into_iter().max_by_key(|(id, count)| (*count, std::cmp::Reverse(*id))).map(|(id, _)| id.to_owned())
    }
}

/// A post as a form names it.
pub fn post_key(task: &LeavingTask) -> String {
    format!("{}@{}", task.post.role, task.post.unit)
}

/// Hands everything over that can be; then, if nothing is left and `leaves`, ends her posts, substitutions and sessions.
/// What was done before a crash is not done twice when it is asked for again.
///
/// # Errors
/// 403, 404, 409 as the change of the register; what a task refuses is counted, not an error.
pub async fn carry_out(
    app: &App,
    desk: &Desk,
    person: &str,
    receivers: &Receivers,
    (reason, leaves): (&str, bool),
) -> Result<HandedOver, Problem> {
    desk.must_have(Action::People)?;
    let register = app.store.register();
    let official = register.people.get(person).ok_or_else(Problem::not_found)?;
    if person == desk.id {
        return Err(Problem::refused(both("hand_over.not_oneself")));
    }
    let mut done = HandedOver { left: official.left.is_some(), ..HandedOver::default() };
    for _ in 0..ROUNDS_MAX {
        let leaving = app.store.leaving(person).await?;
        done.stayed = leaving.tasks.len();
        let before = done.moved;
        for task in leaving.tasks.iter().take(TASKS_MAX) {
            if move_one(app, desk, person, receivers, (task, reason)).await? {
                done.moved += 1;
                done.stayed -= 1;
            }
        }
        if done.stayed == 0 && leaves && !done.left {
            done.proposal = leave(app, desk, person, reason).await?;
            if done.proposal.is_some() {
                break;
            }
            done.left = true;
            // somebody may have claimed, or the process opened, something just now: it is looked at once more
            continue;
        }
        if done.moved == before || done.stayed == 0 {
            break;
        }
    }
    if done.moved > 0 {
        let after = Some(serde_json::json!({ "moved": done.moved, "stayed": done.stayed }).to_string());
        let deed = Deed::new(app.now(), &*desk.id, "person.handed_over", "person", person);
        app.store.note(Deed { after, purpose: Some(reason.to_owned()), ..deed }).await?;
    }
    Ok(done)
}

async fn move_one(
    app: &App,
    desk: &Desk,
    person: &str,
    receivers: &Receivers,
    (task, reason): (&LeavingTask, &str),
) -> Result<bool, Problem> {
    let Some(to) = task.receiver(receivers.wanted(task)) else { return Ok(false) };
    match app.store.hand_task_over(task, (person, to), &desk.id, reason).await {
        Ok(()) => {
            // what she had begun to write is there for who goes on
            if task.stake != Stake::Signs {
                app.store.hand_draft_over(person, to, &crate::page::OpenTask::draft_name(&task.case, task.task)).await?;
            }
            Ok(true)
        }
        Err(SubmitError::Rejected(_) | SubmitError::Quarantined { .. }) => Ok(false),
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

async fn leave(app: &App, desk: &Desk, person: &str, reason: &str) -> Result<Option<String>, Problem> {
    let seen = app.store.registered().0;
    let change = RegisterChange::Leave { person: person.to_owned(), at: app.now() };
    Ok(people::change(app, desk, seen, &[change], reason).await?.proposal)
}
