//! May this actor do this: refused by default, the same answer for pages, API and engine.

use super::{Actor, Case, CaseNames, CaseStatus, LocalNo, Rejection, Task, codes};
use crate::{
    definition::{Action, Definition, NodeKind, StartEvent},
    organisation::{Matter, Organisation, Post, Recusal, Standing},
    text::{Language, Text},
    time::Moment,
};

impl Case {
    /// What people's rights in it depend on.
    pub fn matter(&self) -> Matter<'_> {
        Matter { process: &self.process, case: &self.id, applicant_unit: self.facts.applicant.unit.as_deref() }
    }
}

/// The open task `no`.
pub(super) fn open_task(case: &Case, no: LocalNo) -> Result<&Task, Rejection> {
    case.tasks.get(&no).ok_or_else(|| task_not_open(case, no))
}

pub(super) fn task_not_open(case: &Case, no: LocalNo) -> Rejection {
    let open: Vec<String> = case.tasks.iter().map(|(no, task)| format!("{} ({no})", task.node)).collect();
    let open = if open.is_empty() { "—".to_owned() } else { open.join(", ") };
    Rejection::new(
        codes::TASK_NOT_OPEN,
        Text::new(
            format!("任务 {no} 已办完或已被收回；现有待办：{open}"),
            format!("task {no} is done or was taken away; open tasks: {open}"),
        ),
    )
}

/// Whether `actor` may complete the open task `no`, and on whose behalf.
///
/// # Errors
/// The refusal, with its reason: no such open task, recused, no post, claimed by somebody else, or four eyes. A substitute
/// is barred by what she did and by what the person did for whom she acts.
pub fn may_complete<'o>(
    definition: &Definition,
    case: &Case,
    no: LocalNo,
    actor: &Actor,
    organisation: &'o Organisation,
) -> Result<Standing<'o>, Rejection> {
    let task = open_task(case, no)?;
    if *actor == Actor::System && task.post == Post::default() && task.extra.signs.is_none() {
        return Ok(Standing::Own);
    }
    let Some(person) = actor.person() else {
        return Err(refused("只有工作人员可以办理任务", "only a person may complete a task"));
    };
    not_recused(case, actor, organisation)?;
    let standing = holds_task(case, task, person, organisation)?;
    // What a substitute claimed for somebody is that person's own as well.
    let theirs = |other: &&str| *other == person || standing.absent() == Some(*other) || task.extra.acted_for.as_deref() == Some(person);
    if let Some(other) = task.assignee.as_deref().filter(|other| !theirs(other)) {
        let name = organisation.people.get(other).map_or(other, |person| &person.name);
        return Err(Rejection::new(
            codes::CLAIMED_BY_OTHER,
            Text::new(
                format!("{name} 已领取这个任务；可以请其退回或转办"),
                format!("{name} has claimed this task and may release or transfer it"),
            ),
        ));
    }
    four_eyes(definition, case, task, person, standing, organisation)?;
    Ok(standing)
}

/// Refuses who did a step that this one must be separate from, or acts for who did.
fn four_eyes(
    definition: &Definition,
    case: &Case,
    task: &Task,
    person: &str,
    standing: Standing<'_>,
    organisation: &Organisation,
) -> Result<(), Rejection> {
    let Some(NodeKind::UserTask(declared)) = definition.process.node(&task.node).map(|node| &node.kind) else { return Ok(()) };
    let did = |who: &str| declared.separate_from.iter().find(|id| case.passed.get(*id).is_some_and(|passed| passed.by.contains(who)));
    let title = |step: &String| definition.process.node(step).map(crate::definition::Node::title).unwrap_or_default();
    let message = if let Some(earlier) = did(person) {
        let step = title(earlier);
        Text::new(
            format!("您办理过“{}”，这一步须由他人办理", step.zh),
            format!("you did `{}`; this step must be done by somebody else", step.get(Language::En)),
        )
    } else if let Some((absent, earlier)) = standing.absent().and_then(|absent| Some((absent, did(absent)?))) {
        let (step, name) = (title(earlier), organisation.people.get(absent).map_or(absent, |person| &person.name));
        Text::new(
            format!("您代理的{name}办理过“{}”，这一步须由他人办理", step.zh),
            format!("{name}, for whom you act, did `{}`; this step must be done by somebody else", step.get(Language::En)),
        )
    } else {
        return Ok(());
    };
    Err(Rejection::new(codes::FOUR_EYES, message))
}

/// Refuses who must keep away from the case.
pub(super) fn not_recused(case: &Case, actor: &Actor, organisation: &Organisation) -> Result<(), Rejection> {
    let recusal = actor.person().and_then(|person| organisation.recusal(person, &case.matter()));
    let Some(Recusal { person, reason, .. }) = recusal else { return Ok(()) };
    let name = organisation.people.get(person).map_or(person, |person| &person.name);
    let message = Text::new(format!("{name}须回避此办件：{reason}"), format!("{name} must keep away from this case: {reason}"));
    Err(Rejection::new(codes::RECUSED, message))
}

/// On whose behalf `actor` may do what is `who`'s alone: being that person, or standing in for her.
pub(super) fn is_or_stands_in_for<'o>(case: &Case, actor: &Actor, who: &str, organisation: &'o Organisation) -> Option<Standing<'o>> {
    let person = actor.person()?;
    if person == who {
        return Some(Standing::Own);
    }
    organisation.absent_for(person, &case.matter()).find(|(absent, _)| *absent == who).map(|(absent, _)| Standing::For(absent))
}

/// Whether `person` holds the task's post or was given it, or acts for somebody who does or was.
pub(super) fn holds_task<'o>(case: &Case, task: &Task, person: &str, organisation: &'o Organisation) -> Result<Standing<'o>, Rejection> {
    let (role, unit) = (&task.post.role, &task.post.unit);
    let by_post = || organisation.standing(person, role, unit, &case.matter());
    let stands_in = |who: &str| is_or_stands_in_for(case, &Actor::Person(person.to_owned()), who, organisation);
    let standing = match (task.assignee.as_deref(), task.extra.acted_for.as_deref()) {
        // What she claimed for somebody stays that person's; once she does not act for her any more, it is out of reach.
        (Some(assignee), Some(absent)) if assignee == person => stands_in(absent).or_else(by_post),
        (Some(assignee), _) => stands_in(assignee).or_else(by_post),
        (None, _) => by_post(),
    };
    standing.ok_or_else(|| {
        refused(
            &format!("这个任务属于 {unit} 的 {role} 岗位，您没有该岗位"),
            &format!("this task belongs to the post {role} at {unit}, which you do not hold"),
        )
    })
}

/// Whether `person` acts for the case's applicant: is the applicant, or holds a post at the applicant's unit, or acts for
/// somebody who does.
pub fn acts_for_applicant(case: &Case, person: &str, organisation: &Organisation) -> bool {
    let applicant = &case.facts.applicant;
    let of_unit = || {
        let unit = applicant.unit.as_ref()?;
        organisation.stands(person, &case.matter(), |post| post.unit == *unit)
    };
    applicant.person.as_deref() == Some(person) || of_unit().is_some()
}

/// Whether `actor` may deliver a message to the case: its platform, its applicant, or the system.
pub(super) fn may_deliver(case: &Case, actor: &Actor, organisation: &Organisation) -> Result<(), Rejection> {
    let allowed = match actor {
        Actor::System => true,
        Actor::Platform(platform) => *platform == case.facts.source,
        Actor::Person(person) => acts_for_applicant(case, person, organisation),
    };
    if allowed { Ok(()) } else { Err(refused("只有申请人可以补正或撤回", "only the applicant may supplement or withdraw")) }
}

/// Whether `actor` may start a case by `start` in a matter, to be handled by `unit`.
pub(super) fn may_start(
    start: &StartEvent,
    actor: &Actor,
    matter: &Matter<'_>,
    unit: &str,
    organisation: &Organisation,
) -> Result<(), Rejection> {
    let person = match actor {
        Actor::System | Actor::Platform(_) => return Ok(()),
        Actor::Person(person) => person,
    };
    if start.trigger.is_some() {
        return Err(refused("这个流程由平台的申请发起", "this process is started by a platform's application"));
    }
    let Some(role) = &start.lane else { return Ok(()) };
    let places = [matter.applicant_unit, Some(unit)];
    if places.into_iter().flatten().any(|place| organisation.standing(person, role, place, matter).is_some()) {
        return Ok(());
    }
    Err(refused(&format!("只有 {role} 岗位可以发起这个流程"), &format!("only the post {role} may start this process")))
}

/// The actions of an open task with whether each is offered now (its `when` holds), in written order.
pub fn offered_actions<'a>(
    definition: &'a Definition,
    case: &Case,
    no: LocalNo,
    organisation: &Organisation,
    now: Moment,
) -> Vec<(&'a str, &'a Action, bool)> {
    let Some(task) = case.tasks.get(&no) else { return Vec::new() };
    let Some(NodeKind::UserTask(declared)) = definition.process.node(&task.node).map(|node| &node.kind) else { return Vec::new() };
    let names = CaseNames { definition, case, scope: task.scope, now, organisation, over: None };
    let holds = |action: &Action| action.when.as_ref().is_none_or(|when| definition.rules.condition(when, &names).unwrap_or(false));
    declared.actions.iter().map(|(id, action)| (id.as_str(), action, holds(action))).collect()
}

/// Whether `actor` may urge a task: who handles the case or the task, its applicant, or its platform.
pub(super) fn may_urge(case: &Case, task: &Task, actor: &Actor, organisation: &Organisation) -> Result<(), Rejection> {
    let handles = actor.person().is_some_and(|person| works_at(case, person, &[&case.facts.unit, &task.post.unit], organisation));
    if handles {
        return Ok(());
    }
    may_deliver(case, actor, organisation).map_err(|_| refused("只有办理单位和申请人可以催办", "only its units and its applicant may urge"))
}

/// Whether `actor` may repair an incident: the system, or somebody of the unit that handles the case.
pub(super) fn may_repair(case: &Case, actor: &Actor, organisation: &Organisation) -> Result<(), Rejection> {
    let allowed = match actor {
        Actor::System => true,
        Actor::Person(person) => works_at(case, person, &[&case.facts.unit], organisation),
        Actor::Platform(_) => false,
    };
    if allowed { Ok(()) } else { Err(refused("只有办理单位可以处理故障", "only the unit that handles the case may repair it")) }
}

fn works_at(case: &Case, person: &str, units: &[&String], organisation: &Organisation) -> bool {
    organisation.stands(person, &case.matter(), |post| units.contains(&&post.unit)).is_some()
}

/// Whether `actor` is the system itself: timers fire and jobs are answered by nobody else.
pub(super) fn system(actor: &Actor) -> Result<(), Rejection> {
    match actor {
        Actor::System => Ok(()),
        _ => Err(refused("只有系统自身可以这样做", "only the system itself may do this")),
    }
}

/// Refuses whatever changes a case that has ended.
pub(super) fn running(case: &Case) -> Result<(), Rejection> {
    match case.status {
        CaseStatus::Running => Ok(()),
        CaseStatus::Ended => {
            Err(Rejection::new(codes::CASE_ENDED, Text::new("办件已办结，不能再办理", "the case has ended and takes no more steps")))
        }
    }
}

pub(super) fn refused(zh: &str, en: &str) -> Rejection {
    Rejection::new(codes::NOT_PERMITTED, Text::new(zh, en))
}
