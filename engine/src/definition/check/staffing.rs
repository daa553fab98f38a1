//! Whether an office's people can do what its processes ask: every lane has somebody who is there, and four eyes have two
//! pairs. A substitute counts, and whoever is away does not.
//!
//! | code | about |
//! |---|---|
//! | `P004` | a role that does work and that nobody who is there holds or stands in for |
//! | `P005` | four eyes that no two people can be: whoever can do one step alone holds the other's role, too |
//! | `P012` | a person who is two of the three administrators |

use std::{collections::BTreeSet, sync::Arc};

use super::administrators;
use crate::{
    definition::{Definition, Lane, NodeKind, Process, UserTask},
    diagnostic::Finding,
    organisation::{Concern, Matter, Organisation, Post},
    source::Place,
    text::Text,
};

/// What the organisation cannot staff of some processes: warnings, since people come and go without a deployment; and who
/// must not be what she is: errors.
pub fn staffing_findings<'d>(definitions: impl IntoIterator<Item = &'d Arc<Definition>>, organisation: &Organisation) -> Vec<Finding> {
    let (mut findings, mut roles) = (Vec::new(), None);
    for definition in definitions {
        roles = Some(&definition.roles);
        let process = &definition.process;
        for (id, lane) in &process.lanes {
            let roles: Vec<&str> = std::iter::once(&lane.role).chain(&lane.fallback).map(String::as_str).collect();
            if let Some(gap) = gap(organisation, &process.id, &roles).filter(|_| is_used(process, id)) {
                findings.push(nobody(&lane.role, gap, lane.place.clone(), id));
            }
        }
        for node in &process.nodes {
            let NodeKind::UserTask(task) = &node.kind else { continue };
            if let Some(assign) = &task.assign
                && let Some(gap) = gap(organisation, &process.id, &[&assign.role])
            {
                findings.push(nobody(&assign.role, gap, node.place.clone(), &node.id));
            }
            for other in &task.separate_from {
                findings.extend(same_person(organisation, process, (&node.id, task, &node.place), other));
            }
        }
    }
    if let Some(roles) = roles {
        findings.extend(administrators::people(&organisation.clone().into(), roles));
    }
    findings
}

/// For whom nobody is there who has one of the roles.
#[derive(Clone, Copy)]
enum Gap<'o> {
    /// For anybody.
    Everybody,
    /// For what this unit applies for: all who would be there must keep away from it.
    Applicant(&'o str),
}

fn gap<'o>(organisation: &'o Organisation, process: &str, roles: &[&str]) -> Option<Gap<'o>> {
    let nobody = |applicant_unit: Option<&str>| {
        let matter = Matter { process, applicant_unit, ..Matter::default() };
        roles.iter().all(|role| workers(organisation, &matter, role, None).is_empty())
    };
    let mut applicants = organisation.recusals.iter().filter_map(|recusal| match &recusal.about {
        Concern::Unit(unit) => Some(unit.as_str()),
        Concern::Case(_) => None,
    });
    if nobody(None) { Some(Gap::Everybody) } else { applicants.find(|unit| nobody(Some(unit))).map(Gap::Applicant) }
}

fn nobody(role: &str, gap: Gap<'_>, place: Place, element: &str) -> Finding {
    let message = match gap {
        Gap::Everybody => Text::new(format!("机构中没有人担任角色“{role}”"), format!("nobody in the organisation holds the role `{role}`")),
        Gap::Applicant(unit) => Text::new(
            format!("“{unit}”申请的事项，角色“{role}”的人都须回避"),
            format!("for what `{unit}` applies for, everybody who holds the role `{role}` must keep away"),
        ),
    };
    let help = Text::new("给人员加上这个岗位，或写明 fallback", "give somebody the post, or name a `fallback`");
    Finding::warning("P004", place, message).about(element).help(help)
}

/// Whether any task falls to the lane.
fn is_used(process: &Process, lane: &str) -> bool {
    let of = |task: &UserTask| task.assign.is_none() && task.lane.as_deref() == Some(lane);
    process.nodes.iter().any(|node| matches!(&node.kind, NodeKind::UserTask(task) if of(task)))
}

/// Who is there for a role in a matter; at one unit, if it is given.
fn workers<'o>(organisation: &'o Organisation, matter: &Matter<'_>, role: &str, unit: Option<&str>) -> BTreeSet<&'o str> {
    let fits = |post: &Post| post.role == role && unit.is_none_or(|unit| post.unit == unit);
    let there = |id: &&str| organisation.stands(id, matter, fits).is_some() && !organisation.is_away(id, matter.process);
    organisation.people.keys().map(String::as_str).filter(there).collect()
}

/// A unit where both steps are done and where one and the same person alone can do either.
fn same_person(
    organisation: &Organisation,
    process: &Process,
    (id, task, place): (&str, &UserTask, &Place),
    other: &str,
) -> Option<Finding> {
    let NodeKind::UserTask(before) = &process.node(other)?.kind else { return None };
    let ((role, fallback, here), (other_role, other_fallback, there)) = (work(process, task)?, work(process, before)?);
    // Only of steps at the same unit can it be said who is who.
    if here != there {
        return None;
    }
    let units = organisation.units.keys().filter(|unit| {
        let people = either(organisation, &process.id, (role, fallback), unit);
        people.len() == 1 && people == either(organisation, &process.id, (other_role, other_fallback), unit)
    });
    let unit = units.into_iter().next()?;
    let person = either(organisation, &process.id, (role, fallback), unit).into_iter().next().unwrap_or_default();
    let message = Text::new(
        format!("“{id}”与“{other}”须由不同的人办理，但在“{unit}”只有“{person}”一人能办这两步"),
        format!("`{id}` and `{other}` must be done by different people, but at `{unit}` only `{person}` can do either"),
    );
    let help = Text::new("给另一个人加上其中一个岗位，或写明 fallback", "give somebody else one of the posts, or name a `fallback`");
    Some(Finding::warning("P005", place.clone(), message).about(id).help(help))
}

/// Who is there for a role, or for the one that takes over.
fn either<'o>(organisation: &'o Organisation, process: &str, roles: (&str, Option<&str>), unit: &str) -> BTreeSet<&'o str> {
    let matter = Matter { process, ..Matter::default() };
    let mut people = workers(organisation, &matter, roles.0, Some(unit));
    people.extend(roles.1.into_iter().flat_map(|role| workers(organisation, &matter, role, Some(unit))));
    people
}

/// The role that a task falls to, the one that takes over, and the unit as it is written.
fn work<'p>(process: &'p Process, task: &'p UserTask) -> Option<(&'p str, Option<&'p str>, Option<&'p str>)> {
    match (&task.assign, &task.lane) {
        (Some(assign), _) => Some((&assign.role, None, assign.unit.as_ref().map(|unit| unit.text.as_str()))),
        (None, Some(lane)) => {
            let Lane { role, fallback, unit, .. } = process.lanes.get(lane)?;
            Some((role, fallback.as_deref(), unit.as_ref().map(|unit| unit.text.as_str())))
        }
        (None, None) => None,
    }
}
