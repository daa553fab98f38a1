//! What a migration would do to a case, by doing it and throwing it away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    super::{Actor, Case, CaseStatus, Context, Event, TimerPurpose},
    Migration, Reason, Versions,
    told::told,
};
use crate::{
    definition::{Definition, Mapping},
    text::Text,
    time::Moment,
};

/// What becomes of a case; the later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Nothing but its version changes.
    Unchanged,
    /// Something of it is another: a name, a post, a limit, a timer.
    Moved,
    /// Somebody has to decide something first, in the mapping.
    Undecided,
    /// It cannot go on under the new version.
    Refused,
}

impl Sort {
    /// Every sort, the best first.
    pub const ALL: [Self; 4] = [Self::Unchanged, Self::Moved, Self::Undecided, Self::Refused];
}

/// What a migration would do to one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CasePlan {
    /// The case.
    pub case: String,
    /// Content hash of the version that it is on.
    pub from: String,
    /// What becomes of it.
    pub sort: Sort,
    /// Why it does not simply go on; empty if it does.
    pub reasons: Vec<Reason>,
    /// What changes, in words.
    pub changes: Vec<Text>,
    /// What would be overdue at once and is not overdue now.
    pub late: Vec<Late>,
}

/// Something that would be overdue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// `task`, `clock` or `timer`: a timer that is overdue fires at once.
    pub what: String,
    /// Node or clock id.
    pub id: String,
    /// When it would have been due.
    pub due: Moment,
}

/// What would become of `case`, which is on `old`, under `new`: the dry run of [`super::migrated`] at `now`, by the system.
#[must_use]
pub fn plan(old: &Definition, new: &Definition, case: &Case, mapping: &Mapping, context: &Context<'_>, now: Moment) -> CasePlan {
    let (id, from) = (case.id.clone(), old.hash.clone());
    if case.status == CaseStatus::Ended || old.hash == new.hash {
        return CasePlan { case: id, from, sort: Sort::Unchanged, reasons: Vec::new(), changes: Vec::new(), late: Vec::new() };
    }
    let migration = Migration::carried_out(Versions { old, new, mapping }, case, &Actor::System, now, context);
    let worst = migration.reasons.iter().map(|reason| reason.sort).max();
    let (after, events) = (&migration.run.case, &migration.run.events);
    let renamed = case.tokens.iter().any(|(no, token)| after.tokens.get(no).is_none_or(|now| now.node != token.node));
    let sort = worst.unwrap_or(if events.len() > 1 || renamed { Sort::Moved } else { Sort::Unchanged });
    if worst.is_some() {
        return CasePlan { case: id, from, sort, reasons: migration.reasons, changes: Vec::new(), late: Vec::new() };
    }
    let changes = events.iter().flat_map(|event| told(event, case, new)).collect();
    let late = newly_late((old, case), (new, after), events, now);
    CasePlan { case: id, from, sort, reasons: Vec::new(), changes, late }
}

/// What is late after and was not before.
fn newly_late(before: (&Definition, &Case), after: (&Definition, &Case), events: &[Event], now: Moment) -> Vec<Late> {
    let known = dues(before.0, before.1, now);
    let was_late = |key: &(&'static str, String)| known.get(key).is_some_and(|due| *due < now);
    let mut late: Vec<Late> = dues(after.0, after.1, now)
        .into_iter()
        .filter(|(key, due)| *due < now && !was_late(key))
        .map(|((what, number), due)| Late { what: what.to_owned(), id: name(after.1, what, &number), due })
        .collect();
    // A timer that is overdue waits for its worker; one that fired in the dry run itself cannot be.
    late.retain(|late| {
        late.what != "timer"
            || events.iter().any(|event| matches!(event, Event::TimerReset { .. } | Event::TimerMoved { .. } | Event::TimerSet { .. }))
    });
    late
}

/// When each task, running clock and timer is due, by its number or id.
fn dues(definition: &Definition, case: &Case, now: Moment) -> BTreeMap<(&'static str, String), Moment> {
    let tasks = case.tasks.iter().filter_map(|(no, task)| Some((("task", no.to_string()), task.due?)));
    let running = case.clocks.iter().filter(|(_, record)| record.stopped.is_none() && record.pauses.iter().all(|pause| pause.to.is_some()));
    let clocks = running.map(|(id, record)| (("clock", id.clone()), definition.calendar.clock_due(record, now).at));
    let fires = case.timers.iter().filter(|(_, timer)| !matches!(timer.purpose, TimerPurpose::Clock { .. }));
    let timers = fires.map(|(no, timer)| (("timer", no.to_string()), timer.due));
    tasks.chain(clocks).chain(timers).collect()
}

fn name(case: &Case, what: &str, number: &str) -> String {
    let no = number.parse().unwrap_or_default();
    let node = match what {
        "task" => case.tasks.get(&no).map(|task| task.node.clone()),
        "timer" => case.timers.get(&no).and_then(|timer| match &timer.purpose {
            TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } => Some(node.clone()),
            TimerPurpose::Clock { .. } => None,
        }),
        _ => None,
    };
    node.unwrap_or_else(|| number.to_owned())
}
