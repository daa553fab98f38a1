//! Whether an office's people can do what its processes ask: every lane has somebody who is there, and four eyes have two
//! pairs. A substitute counts, and whoever is away does not.
//!
//! | code | about |
//! |---|---|
//! | `P004` | a role that does work and that nobody who is there holds or stands in for |
//! | `P005` | four eyes that no two people can be: whoever can do one step alone holds the other's role, too |

use std::collections::BTreeSet;

use crate::{
    definition::{Lane, NodeKind, Office, Process, UserTask},
    diagnostic::Finding,
    organisation::{Matter, Organisation, Post},
    source::Place,
    text::Text,
};

/// What the organisation cannot staff of an office's processes: warnings, since people come and go without a deployment.
pub fn staffing_findings(office: &Office, organisation: &Organisation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for definition in office.definitions.values() {
        let process = &definition.process;
        for (id, lane) in &process.lanes {
            let held = std::iter::once(&lane.role).chain(&lane.fallback).any(|role| !workers(organisation, &process.id, role, None).is_empty());
            if !held && is_used(process, id) {
                findings.push(nobody(&lane.role, lane.place.clone(), id));
            }
        }
        for node in &process.nodes {
            let NodeKind::UserTask(task) = &node.kind else { continue };
            if let Some(assign) = &task.assign
                && workers(organisation, &process.id, &assign.role, None).is_empty()
            {
                findings.push(nobody(&assign.role, node.place.clone(), &node.id));
            }
            for other in &task.separate_from {
                findings.extend(same_person(organisation, process, (&node.id, task, &node.place), other));
            }
        }
    }
    findings
}

fn nobody(role: &str, place: Place, element: &str) -> Finding {
    let message = Text::new(format!("机构中没有人担任角色“{role}”"), format!("nobody in the organisation holds the role `{role}`"));
    let help = Text::new("给人员加上这个岗位，或写明 fallback", "give somebody the post, or name a `fallback`");
    Finding::warning("P004", place, message).about(element).help(help)
}

/// Whether any task falls to the lane.
fn is_used(process: &Process, lane: &str) -> bool {
    let of = |task: &UserTask| task.assign.is_none() && task.lane.as_deref() == Some(lane);
    process.nodes.iter().any(|node| matches!(&node.kind, NodeKind::UserTask(task) if of(task)))
}

/// Who is there for a role in a process; at one unit, if it is given.
fn workers<'o>(organisation: &'o Organisation, process: &str, role: &str, unit: Option<&str>) -> BTreeSet<&'o str> {
    let matter = Matter { process, ..Matter::default() };
    let fits = |post: &Post| post.role == role && unit.is_none_or(|unit| post.unit == unit);
    let there = |id: &&str| organisation.stands(id, &matter, fits).is_some() && !organisation.is_away(id, process);
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
    let mut people = workers(organisation, process, roles.0, Some(unit));
    people.extend(roles.1.into_iter().flat_map(|role| workers(organisation, process, role, Some(unit))));
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
