//! Who sees what: one place for pages and API, refused by default.
//!
//! What a person may *do* is decided by the engine with every command; this says what she may read.

use indexmap::IndexMap;
use tongban_engine::{
    definition::{Definition, NodeKind, Process, Role},
    interpreter::{Case, acts_for_applicant},
    organisation::{Organisation, Person},
};

/// Kinds of unit whose people are applicants with accounts of their own, and live in the portal pages.
const APPLICANT_KINDS: [&str; 2] = ["body", "venue"];

/// How a person sees a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// As its applicant: what is public of it.
    Applicant,
    /// As one who was asked for one step: what that step shows, and no more.
    Consulted,
    /// As an official: all of it.
    Office,
}

/// Something besides cases that a role may look after: a word of [`tongban_engine::definition::DUTIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Messages that no process accepted.
    Intake,
    /// Deliveries.
    Outbox,
    /// Steps that failed.
    Incidents,
}

impl Duty {
    fn word(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Outbox => "outbox",
            Self::Incidents => "incidents",
        }
    }
}

/// How `person` sees `case`; None: not at all, she is told that there is nothing.
///
/// Who holds a post that the process names, at the unit that handles the case, sees all of it. Who has a step elsewhere
/// (a consulted unit, the office above), or had one, sees that step. An applicant sees what she or her organisation has
/// applied for.
pub fn sight(organisation: &Organisation, person: &str, case: &Case, definition: &Definition) -> Option<Sight> {
    let posts = &organisation.people.get(person)?.posts;
    if posts.iter().any(|post| post.unit == case.facts.unit && names_role(&definition.process, &post.role)) {
        return Some(Sight::Office);
    }
    let touched = case.passed.values().any(|passed| passed.by.contains(person));
    let waits = case.tasks.values().any(|task| posts.contains(&task.post) || task.assignee.as_deref() == Some(person));
    let copied = case.copies.values().any(|copy| copy.person == person);
    if touched || waits || copied {
        return Some(Sight::Consulted);
    }
    let own = case.facts.started_by.as_deref() == Some(person);
    (own || acts_for_applicant(case, person, organisation)).then_some(Sight::Applicant)
}

/// Whether a process gives work to `role`, in a lane or in a task of its own.
fn names_role(process: &Process, role: &str) -> bool {
    let assigned = |task: &tongban_engine::definition::UserTask| task.assign.as_ref().is_some_and(|assign| assign.role == role);
    process.lanes.values().any(|lane| lane.role == role)
        || process.nodes.iter().any(|node| matches!(&node.kind, NodeKind::UserTask(task) if assigned(task)))
}

/// Whether one of the person's roles carries a duty.
pub fn has_duty(roles: &IndexMap<String, Role>, person: &Person, duty: Duty) -> bool {
    person.posts.iter().filter_map(|post| roles.get(&post.role)).any(|role| role.may.iter().any(|word| word == duty.word()))
}

/// Whether units of this kind are applicants.
pub fn is_applicant_kind(kind: &str) -> bool {
    APPLICANT_KINDS.contains(&kind)
}

/// Whether a person acts for an applicant organisation, so that she is shown the portal pages.
pub fn is_applicant(organisation: &Organisation, person: &Person) -> bool {
    applicant_unit(organisation, person).is_some()
}

/// The applicant organisation that a person acts for.
pub fn applicant_unit<'a>(organisation: &Organisation, person: &'a Person) -> Option<&'a str> {
    let kind_of = |unit: &str| organisation.units.get(unit).map(|u| u.kind.as_str());
    let acts = |unit: &&str| kind_of(unit).is_some_and(is_applicant_kind);
    person.posts.iter().map(|post| post.unit.as_str()).find(acts)
}
