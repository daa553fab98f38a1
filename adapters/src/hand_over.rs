//! What waits for somebody who leaves, who could receive it, and handing it over.
//!
//! It is found by looking into the open cases of her units and into what she has claimed; each hand-over is an ordinary
//! command with a key of its own, so that it may be asked for again after a crash and happens once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tongban_engine::{
    definition::Definition,
    interpreter::{Actor, Ask, Case, CaseId, Command, Context, LocalNo, Rejection, Task, decide, may_complete},
    organisation::{Organisation, Post, Register},
    text::Text,
    time::Moment,
};

use crate::store::{Store, StoreError, SubmitError};

/// Cases that are looked into at once, at most.
const CASES_MAX: u32 = 20_000;

const CLAIMED: &str = "SELECT DISTINCT case_id FROM task WHERE assignee = $1 ORDER BY case_id LIMIT $2";
const OF_UNIT: &str = "SELECT DISTINCT t.case_id FROM task t JOIN case_head h ON h.shard = t.shard AND h.case_id = t.case_id \
     WHERE t.unit = $1 OR h.unit = $1 ORDER BY t.case_id LIMIT $2";
const DRAFTS: &str = "SELECT about FROM draft WHERE person = $1 ORDER BY about";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CLAIMED, OF_UNIT, DRAFTS];

/// What somebody has to do with an open task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stake {
    /// She has it.
    Has,
    /// Nobody else could do it.
    Alone,
    /// She delegated it and would get it back.
    Delegated,
    /// It was delegated to her; it goes back to who delegated it.
    Delegate,
    /// She is asked to sign it.
    Signs,
}

/// A task that waits for somebody who leaves.
#[derive(Clone, Debug)]
pub struct LeavingTask {
    /// The case.
    pub case: CaseId,
    /// Its number, once it has one.
    pub number: Option<String>,
    /// The process.
    pub process: Text,
    /// The task.
    pub task: LocalNo,
    /// The step.
    pub step: Text,
    /// The post that it belongs to.
    pub post: Post,
    /// When it is due.
    pub due: Option<Moment>,
    /// What she has to do with it.
    pub stake: Stake,
    /// Who may receive it, and who holds the post but may not, and why: by person id.
    pub receivers: BTreeMap<String, Option<Rejection>>,
}

/// What waits for somebody who leaves.
#[derive(Clone, Debug, Default)]
pub struct Leaving {
    /// By post, then case.
    pub tasks: Vec<LeavingTask>,
    /// Names of her drafts.
    pub drafts: Vec<String>,
}

impl LeavingTask {
    /// Who receives it when `wanted` shall: she, if she may; else the first who may.
    pub fn receiver<'a>(&'a self, wanted: Option<&'a str>) -> Option<&'a str> {
        let may = |id: &&str| self.receivers.get(*id).is_some_and(Option::is_none);
        wanted.filter(may).or_else(|| self.receivers.keys().map(String::as_str).find(may))
    }
}

impl Store {
    /// What waits for `person`, with everybody who could receive it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn leaving(&self, person: &str) -> Result<Leaving, StoreError> {
        let (register, organisation, now) = (self.register(), self.organisation(), self.clock().now());
        let mut cases = self.cases_with(CLAIMED, person).await?;
        for unit in units_of(&register, person, now) {
            cases.extend(self.cases_with(OF_UNIT, &unit).await?);
        }
        let mut tasks = Vec::new();
        for id in cases {
            let Some(opened) = self.case(&id).await? else { continue };
            let looked = Looked { case: &opened.case, definition: &opened.definition, organisation: &organisation, person, now };
            tasks.extend(opened.case.tasks.iter().filter_map(|(no, task)| looked.at(*no, task)));
        }
        let place = |task: &LeavingTask| (task.post.unit.clone(), task.post.role.clone(), task.due, task.case.clone(), task.task);
        tasks.sort_by_key(place);
        let drafts = self.inner.readers.fetch("list drafts", DRAFTS, vec![person.into()]).await?;
        let drafts = drafts.iter().map(|row| row.text("about")).collect::<Result<_, _>>()?;
        Ok(Leaving { tasks, drafts })
    }

    async fn cases_with(&self, sql: &'static str, what: &str) -> Result<BTreeSet<CaseId>, StoreError> {
        let rows = self.inner.readers.fetch("find cases to hand over", sql, vec![what.into(), CASES_MAX.into()]).await?;
        rows.iter().map(|row| row.text("case_id")).collect()
    }

    /// Hands one task over on somebody's order. The same again has the effect of once.
    ///
    /// # Errors
    /// Refused, with why; or the store failed.
    pub async fn hand_task_over(&self, task: &LeavingTask, (from, to): (&str, &str), by: &str, reason: &str) -> Result<(), SubmitError> {
        let opened = self.case(&task.case).await?;
        let seq = opened.map_or(0, |opened| opened.case.seq);
        let command = Command {
            case: task.case.clone(),
            key: format!("hand-over:{}:{}:{from}:{to}:{seq}", task.case, task.task),
            actor: Actor::System,
            at: self.clock().now(),
            ask: ask(task.task, from, to, by, reason),
        };
        self.submit(command).await.map(drop)
    }

    /// A draft goes to somebody else, unless she has one of her own there.
    ///
    /// # Errors
    /// The store failed.
    pub async fn hand_draft_over(&self, from: &str, to: &str, about: &str) -> Result<(), StoreError> {
        if self.draft(to, about).await?.is_none()
            && let Some(draft) = self.draft(from, about).await?
        {
            self.save_draft(to, about, &draft.body).await?;
        }
        self.drop_draft(from, about).await
    }
}

fn ask(task: LocalNo, from: &str, to: &str, by: &str, reason: &str) -> Ask {
    let [from, to, by, reason] = [from, to, by, reason].map(str::to_owned);
    Ask::HandOver { task, from, to, by, reason }
}

/// Units where she holds a post, or will.
fn units_of(register: &Register, person: &str, now: Moment) -> BTreeSet<String> {
    let official = register.people.get(person);
    // of somebody who has left: where she was when she left
    let at = official.and_then(|official| official.left).map_or(now, |left| left.min(now));
    let posts = official.into_iter().flat_map(|official| &official.posts);
    posts.filter(|tenure| tenure.term.until.is_none_or(|until| until >= at)).map(|tenure| tenure.post.unit.clone()).collect()
}

/// One case as it is looked at.
struct Looked<'a> {
    case: &'a Case,
    definition: &'a Definition,
    organisation: &'a Organisation,
    person: &'a str,
    now: Moment,
}

impl Looked<'_> {
    fn at(&self, no: LocalNo, task: &Task) -> Option<LeavingTask> {
        let stake = self.stake(no, task)?;
        let step = self.definition.process.node(&task.node).map_or_else(|| Text::zh(&*task.node), tongban_engine::definition::Node::title);
        Some(LeavingTask {
            case: self.case.id.clone(),
            number: self.case.facts.number.clone(),
            process: self.definition.process.name.clone(),
            task: no,
            step,
            post: task.post.clone(),
            due: task.due,
            stake,
            receivers: self.receivers(no, task, stake),
        })
    }

    fn stake(&self, no: LocalNo, task: &Task) -> Option<Stake> {
        let person = self.person;
        let has = task.assignee.as_deref() == Some(person);
        let unsigned = || task.extra.signers.iter().any(|signer| signer.person == person && signer.signed.is_none());
        let own_task = || self.case.tasks.values().any(|own| own.extra.signs == Some(no) && own.assignee.as_deref() == Some(person));
        match &task.extra.delegated {
            _ if has && task.extra.signs.is_some() => Some(Stake::Signs),
            Some(_) if has => Some(Stake::Delegate),
            Some(delegation) if delegation.from == person => Some(Stake::Delegated),
            _ if has => Some(Stake::Has),
            // who signs only later has no task of her own yet
            _ if unsigned() && !own_task() => Some(Stake::Signs),
            None if task.assignee.is_none() && self.alone(no, task) => Some(Stake::Alone),
            _ => None,
        }
    }

    /// Whether she holds the post, and nobody else who does may do the task. Of somebody who has left: nobody may.
    fn alone(&self, no: LocalNo, task: &Task) -> bool {
        let may = |id: &str| may_complete(self.definition, self.case, no, &Actor::Person(id.to_owned()), self.organisation).is_ok();
        let mut holders = self.organisation.holders(&task.post.role, &task.post.unit);
        let held =
            self.organisation.holds(self.person, &task.post.role, &task.post.unit) || !self.organisation.people.contains_key(self.person);
        held && !holders.any(|(id, _)| id != self.person && may(id))
    }

    /// Holders of the post, each with why not; of a signature, also others at the post's unit who may give it.
    fn receivers(&self, no: LocalNo, task: &Task, stake: Stake) -> BTreeMap<String, Option<Rejection>> {
        let series = BTreeMap::new();
        let context = Context { organisation: self.organisation, series: &series, choices: None };
        let principal = task.extra.delegated.as_ref().map(|delegation| delegation.from.as_str());
        let fits = |posts: &[Post]| match stake {
            Stake::Signs => posts.iter().any(|post| post.unit == task.post.unit),
            _ => posts.contains(&task.post),
        };
        let others = self.organisation.people.iter().filter(|(id, other)| match stake {
            Stake::Delegate => Some(id.as_str()) == principal,
            _ => *id != self.person && fits(&other.posts),
        });
        let refused = |to: &str| {
            let ask = ask(no, self.person, to, self.person, "…");
            let command = Command { case: self.case.id.clone(), key: String::new(), actor: Actor::System, at: self.now, ask };
            decide(self.definition, Some(self.case), &command, &context).err()
        };
        others.map(|(id, _)| (id.clone(), refused(id))).collect()
    }
}
