//! What ties a person to a case: the relations that a right can rest on.

use super::{Authority, Dossier, Sight};
use crate::{
    definition::{NodeKind, Process, Sees},
    interpreter::{LocalNo, Task, acts_for_applicant},
    organisation::{Organisation, Standing},
    text::Text,
};

/// A relation to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// Holds a post at the unit that handles it, of a role that the process gives work to.
    Handler,
    /// Holds a post above whose role sees what is below it.
    Observer,
    /// Holds the post of an open task.
    Candidate,
    /// Has an open task.
    Assignee,
    /// Did, signed or was delegated a step.
    TookPart,
    /// Was sent a copy.
    Copied,
    /// Applied, or acts for the organisation that did.
    Applicant,
}

impl Relation {
    /// Every relation, that which shows most first.
    pub const ALL: [Self; 7] =
        [Self::Handler, Self::Observer, Self::Candidate, Self::Assignee, Self::TookPart, Self::Copied, Self::Applicant];

    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Observer => "observer",
            Self::Candidate => "candidate",
            Self::Assignee => "assignee",
            Self::TookPart => "took-part",
            Self::Copied => "copied",
            Self::Applicant => "applicant",
        }
    }

    /// What it is, shown.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::Handler => ("在承办单位担任流程中的岗位", "holds one of the process's posts at the unit that handles it"),
            Self::Observer => ("在上级单位担任可查看下级办件的岗位", "holds a post above that sees what is below it"),
            Self::Candidate => ("有待办任务属于其岗位", "an open task falls to a post of hers"),
            Self::Assignee => ("有待办任务由其领取或交给其办理", "has an open task"),
            Self::TookPart => ("办理、签署或受托办理过其中的环节", "did, signed or was delegated a step"),
            Self::Copied => ("是抄送对象", "was sent a copy"),
            Self::Applicant => ("是申请人，或代表申请单位", "applied, or acts for the organisation that did"),
        };
        Text::new(zh, en)
    }

    /// What of the case it lets see.
    pub fn sight(self) -> Sight {
        match self {
            Self::Handler => Sight::Office,
            Self::Observer => Sight::Observer,
            Self::Candidate | Self::Assignee | Self::TookPart | Self::Copied => Sight::Consulted,
            Self::Applicant => Sight::Applicant,
        }
    }

    /// Whether it lets use operations; which ones is said by each.
    pub fn works(self) -> bool {
        !matches!(self, Self::Observer | Self::Applicant)
    }
}

impl<'a> Authority<'a> {
    /// On whose behalf `person` has a relation to a case; None: she has not.
    pub fn tie(&self, person: &str, of: Dossier<'_>, relation: Relation) -> Option<Standing<'a>> {
        let (organisation, case) = (self.organisation, of.case);
        let matter = case.matter();
        // Whoever must keep away has no relation, and whoever is not there any more neither.
        if !organisation.people.contains_key(person) || organisation.recusal(person, &matter).is_some() {
            return None;
        }
        let own = |holds: bool| holds.then_some(Standing::Own);
        match relation {
            Relation::Handler => {
                organisation.stands(person, &matter, |post| post.unit == case.facts.unit && names_role(&of.definition.process, &post.role))
            }
            Relation::Observer => {
                let sees = |role: &str| self.roles.get(role).is_some_and(|role| role.sees == Sees::Below);
                organisation.stands(person, &matter, |post| sees(&post.role) && is_below(organisation, &case.facts.unit, &post.unit))
            }
            Relation::Candidate => case.tasks.values().find_map(|task| organisation.stands(person, &matter, |post| *post == task.post)),
            Relation::Assignee => case.tasks.values().find_map(|task| self.has(person, of, task)),
            Relation::TookPart => own(case.passed.values().any(|passed| passed.by.contains(person))),
            Relation::Copied => own(case.copies.values().any(|copy| copy.person == person)),
            Relation::Applicant => own(case.facts.started_by.as_deref() == Some(person) || acts_for_applicant(case, person, organisation)),
        }
    }

    /// On whose behalf `person` has a task: it is hers, or that of one who is away and for whom she acts.
    fn has(&self, person: &str, of: Dossier<'_>, task: &Task) -> Option<Standing<'a>> {
        let assignee = task.assignee.as_deref()?;
        if assignee == person {
            return Some(Standing::Own);
        }
        let matter = of.case.matter();
        let mut absent = self.organisation.absent_for(person, &matter);
        absent.find(|(id, _)| *id == assignee).map(|(id, _)| Standing::For(id))
    }

    /// The relation by which `person` may look at one open task, if she sees no more of the case than her own steps.
    pub(super) fn tie_to_task(&self, person: &str, of: Dossier<'_>, no: LocalNo) -> Option<(Relation, Standing<'a>)> {
        let task = of.case.tasks.get(&no)?;
        let matter = of.case.matter();
        let copied = of.case.copies.values().any(|copy| copy.person == person && copy.node == task.node);
        let delegated = task.extra.delegated.as_ref().is_some_and(|delegation| delegation.from == person);
        None.or_else(|| Some((Relation::Candidate, self.organisation.stands(person, &matter, |post| *post == task.post)?)))
            .or_else(|| Some((Relation::Assignee, self.has(person, of, task)?)))
            .or_else(|| delegated.then_some((Relation::Assignee, Standing::Own)))
            .or_else(|| copied.then_some((Relation::Copied, Standing::Own)))
    }
}

/// Roles that a process gives work to, in a lane or in a task of its own.
pub fn roles_of(process: &Process) -> impl Iterator<Item = &str> {
    let lanes = process.lanes.values().map(|lane| lane.role.as_str());
    let tasks = process.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::UserTask(task) => task.assign.as_ref().map(|assign| assign.role.as_str()),
        _ => None,
    });
    lanes.chain(tasks)
}

fn names_role(process: &Process, role: &str) -> bool {
    roles_of(process).any(|named| named == role)
}

/// Whether `unit` is `top` or below it.
pub(super) fn is_below(organisation: &Organisation, unit: &str, top: &str) -> bool {
    let units = &organisation.units;
    // A ring of parents is no tree: each unit is looked at once at most.
    std::iter::successors(Some(unit), |unit| units.get(*unit)?.parent.as_deref()).take(units.len() + 1).any(|unit| unit == top)
}
