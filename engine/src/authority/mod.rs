//! Who may see and do what, decided in one place for pages, API, search and files alike, and refused by default.
//!
//! A right to a case rests on a [`Relation`] to it: a post at its unit, a post above, an open task, a step that was done, a
//! copy, the application. A substitute has the relations that posts of the one she acts for give. Who must keep away has
//! none. Which relation it is decides the [`Sight`]; the state of the case and its duties (four eyes, a claimed task) decide
//! with the very functions that the interpreter refuses by. What does not touch cases is a duty of a role.
//!
//! [`Authority::authorize`] gives one answer, [`Authority::why`] all that it rests on, and [`Authority::reach`] the same rule
//! for lists, which the store turns into SQL.

mod action;
mod reach;
mod relation;
mod sight;
mod why;

use indexmap::IndexMap;

pub use self::{
    action::{Action, Dossier, Resource},
    reach::{Lent, Reach},
    relation::{Relation, roles_of},
    sight::{Sight, masked, masked_event},
    why::{Check, Explained},
};
use crate::{
    definition::{NodeKind, Role},
    interpreter::{Actor, CaseStatus, LocalNo, Rejection, codes, may_act},
    organisation::{Matter, Organisation, Standing},
    text::Text,
    time::Moment,
};

/// What rights are decided on: who there is, what roles mean, and when.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// Units, people, substitutes and recusals as they stand at `now`.
    pub organisation: &'a Organisation,
    /// Roles of the office.
    pub roles: &'a IndexMap<String, Role>,
    /// The moment.
    pub now: Moment,
}

/// What somebody was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// By which rule: a relation's or a duty's word, or `own`, `holds-post`.
    pub rule: &'static str,
    /// How she sees the case, if it is about one.
    pub sight: Option<Sight>,
    /// On whose behalf.
    pub standing: Standing<'a>,
}

/// Why somebody was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// By which rule: its stable word.
    pub rule: &'static str,
    /// Code and reason, as the interpreter would refuse it.
    pub rejection: Rejection,
    /// Whether she may not even know that it is there.
    pub hidden: bool,
}

/// The answer.
pub type Decision<'a> = Result<Grant<'a>, Refusal>;

impl<'a> Authority<'a> {
    /// Whether `person` may do `action` to `resource`, by which rule, and what she then sees; or by which rule not, and why.
    ///
    /// # Errors
    /// The refusal. What no rule allows is refused.
    pub fn authorize(&self, person: &str, action: Action, resource: Resource<'_>) -> Decision<'a> {
        if !self.organisation.people.contains_key(person) {
            return Err(hidden("known", "没有这个人员，或其已离职", "there is no such person, or she has left"));
        }
        match (action.duty(), resource) {
            (Some(duty), Resource::Office) => self.by_duty(person, duty),
            (None, Resource::Office) => self.by_account(person, action),
            (None, Resource::Process(definition)) if action == Action::Start => self.may_start(person, definition),
            _ => match resource.dossier() {
                Some(of) => self.on_case(person, action, resource, of),
                None => Err(not_of_this(action)),
            },
        }
    }

    fn by_duty(&self, person: &str, duty: &'static str) -> Decision<'a> {
        if self.has_duty(person, duty) {
            return Ok(Grant { rule: duty, sight: None, standing: Standing::Own });
        }
        Err(open("duty", "您的岗位没有这项职责", "none of your posts has this duty"))
    }

    /// Whether one of the person's own posts has a duty: duties are not lent to substitutes.
    pub fn has_duty(&self, person: &str, duty: &str) -> bool {
        let roles = self.organisation.people.get(person).into_iter().flat_map(|person| &person.posts);
        roles.filter_map(|post| self.roles.get(&post.role)).any(|role| role.may.iter().any(|word| word == duty))
    }

    fn by_account(&self, person: &str, action: Action) -> Decision<'a> {
        let explains = ["people", "grants"].into_iter().find(|duty| self.has_duty(person, duty));
        match (action, explains) {
            (Action::Own, _) => Ok(Grant { rule: "own", sight: None, standing: Standing::Own }),
            (Action::Explain, Some(duty)) => Ok(Grant { rule: duty, sight: None, standing: Standing::Own }),
            _ => Err(open("duty", "您的岗位没有这项职责", "none of your posts has this duty")),
        }
    }

    /// Whether a process has a start by hand for one of her roles; where exactly, the command says.
    fn may_start(&self, person: &str, definition: &crate::definition::Definition) -> Decision<'a> {
        let process = &definition.process;
        let matter = Matter { process: &process.id, ..Matter::default() };
        let by_hand = process.scopes[0].starts.iter().filter_map(|&ix| match &process.nodes[ix].kind {
            NodeKind::StartEvent(start) if start.trigger.is_none() => Some(start),
            _ => None,
        });
        let standing = by_hand.into_iter().find_map(|start| match &start.lane {
            None => Some(Standing::Own),
            Some(role) => self.organisation.stands(person, &matter, |post| post.role == *role),
        });
        let granted = standing.map(|standing| Grant { rule: "holds-post", sight: None, standing });
        granted.ok_or_else(|| hidden("holds-post", "您的岗位不能发起这个流程", "none of your posts may start this process"))
    }

    fn on_case(&self, person: &str, action: Action, resource: Resource<'_>, of: Dossier<'_>) -> Decision<'a> {
        if let Some(recusal) = self.organisation.recusal(person, &of.case.matter()) {
            let reason = &recusal.reason;
            let message = Text::new(format!("您须回避此办件：{reason}"), format!("you must keep away from this case: {reason}"));
            return Err(Refusal { rule: "recusal", rejection: Rejection::new(codes::RECUSED, message), hidden: false });
        }
        let ties: Vec<(Relation, Standing<'a>)> =
            Relation::ALL.into_iter().filter_map(|relation| Some((relation, self.tie(person, of, relation)?))).collect();
        let by = |fits: &dyn Fn(Relation) -> bool| ties.iter().copied().find(|(relation, _)| fits(*relation));
        let Some(best) = ties.first().copied() else {
            return self.explains_without_seeing(person, action).ok_or_else(no_relation);
        };
        let sight = ties.iter().map(|(relation, _)| relation.sight()).max();
        let granted = |(relation, standing): (Relation, Standing<'a>)| Grant { rule: relation.word(), sight, standing };
        let whole = by(&|relation| relation.sight().is_whole()).map(granted);
        let works = by(&Relation::works).map(granted);
        let applicant = by(&|relation| relation == Relation::Applicant).map(granted);
        let as_applicant = || open("applicant", "只有申请人可以补正或撤回", "only the applicant may supplement or withdraw");
        match action {
            Action::SeeCase => Ok(granted(best)),
            Action::SeeJournal => whole.ok_or_else(no_relation),
            Action::SeeTask => self.see_task(person, resource, of, whole),
            Action::SeeDocument => match resource {
                Resource::Document { no, .. } if !of.case.documents.iter().any(|document| document.no == no) => Err(no_relation()),
                Resource::Document { sent, .. } => whole.or(applicant.filter(|_| sent)).ok_or_else(no_relation),
                _ => Err(not_of_this(action)),
            },
            Action::OpenFile => match resource {
                Resource::File(_, file) if !of.case.materials.iter().any(|given| given.file == file) => Err(no_relation()),
                // A file cannot be masked.
                Resource::File(..) => {
                    let handles = by(&|relation| relation == Relation::Handler).map(granted);
                    handles.or(applicant).ok_or_else(if whole.is_some() { only_looks } else { no_relation })
                }
                _ => Err(not_of_this(action)),
            },
            Action::Reveal if matches!(resource, Resource::Case(_)) => {
                let office = by(&|relation| relation.sight() == Sight::Office).map(granted);
                office.ok_or_else(if whole.is_some() { only_looks } else { no_relation })
            }
            Action::Reveal | Action::Draft => {
                self.see_task(person, resource, of, whole)?;
                works.ok_or_else(only_looks)
            }
            Action::Act => {
                let seen = self.see_task(person, resource, of, whole)?;
                let Resource::Task(_, no) = resource else { return Err(not_of_this(action)) };
                let standing = self.may_act(person, of, no)?;
                Ok(Grant { standing, ..seen })
            }
            Action::Operate => works.ok_or_else(if applicant.is_some() && whole.is_none() { no_relation } else { only_looks }),
            Action::Supplement | Action::Withdraw => applicant.ok_or_else(as_applicant),
            Action::Repair => by(&|relation| relation == Relation::Handler)
                .map(granted)
                .ok_or_else(|| open("handler", "只有办理单位可以处理故障", "only the unit that handles the case may repair it")),
            Action::Explain => match sight {
                Some(Sight::Office) => Ok(granted(best)),
                _ => self.explains_without_seeing(person, action).ok_or_else(no_relation),
            },
            _ => Err(not_of_this(action)),
        }
    }

    /// Whoever keeps people or roles may ask about rights in a case that she does not see.
    fn explains_without_seeing(&self, person: &str, action: Action) -> Option<Grant<'a>> {
        if action == Action::Explain { self.by_account(person, action).ok() } else { None }
    }

    /// All see every task who see the whole case; others see their own.
    fn see_task(&self, person: &str, resource: Resource<'_>, of: Dossier<'_>, whole: Option<Grant<'a>>) -> Decision<'a> {
        let Resource::Task(_, no) = resource else { return Err(not_of_this(Action::SeeTask)) };
        if !of.case.tasks.contains_key(&no) {
            return Err(no_relation());
        }
        let own = || self.tie_to_task(person, of, no);
        let own = || own().map(|(relation, standing)| Grant { rule: relation.word(), sight: Some(Sight::Consulted), standing });
        whole.or_else(own).ok_or_else(no_relation)
    }

    /// Whether the interpreter would take an action of the task from her, and on whose behalf.
    fn may_act(&self, person: &str, of: Dossier<'_>, no: LocalNo) -> Result<Standing<'a>, Refusal> {
        let actor = Actor::Person(person.to_owned());
        let told = match of.case.status {
            CaseStatus::Ended => Err(Rejection::new(codes::CASE_ENDED, Text::new("办件已办结", "the case has ended"))),
            CaseStatus::Running => may_act(of.definition, of.case, no, &actor, self.organisation, self.now),
        };
        told.map_err(|rejection| {
            let rule = match rejection.code.as_str() {
                codes::RECUSED => "recusal",
                codes::FOUR_EYES => "four-eyes",
                codes::NOT_PERMITTED => "holds-post",
                _ => "state",
            };
            Refusal { rule, rejection, hidden: false }
        })
    }
}

fn refusal(rule: &'static str, zh: &str, en: &str, hidden: bool) -> Refusal {
    Refusal { rule, rejection: Rejection::new(codes::NOT_PERMITTED, Text::new(zh, en)), hidden }
}

/// Refused, and told so.
fn open(rule: &'static str, zh: &str, en: &str) -> Refusal {
    refusal(rule, zh, en, false)
}

/// Refused, and told that there is nothing.
fn hidden(rule: &'static str, zh: &str, en: &str) -> Refusal {
    refusal(rule, zh, en, true)
}

fn no_relation() -> Refusal {
    hidden("relation", "与此办件没有关系，看不到它", "has nothing to do with it and does not see it")
}

fn only_looks() -> Refusal {
    open("observer", "只能查看，不能办理", "may look only")
}

fn not_of_this(action: Action) -> Refusal {
    let word = action.word();
    refusal("action", &format!("此处没有“{word}”这种操作"), &format!("there is no `{word}` here"), true)
}
