//! The row of a case's head: what lists and pages show of it without opening it.

use tongban_engine::{
    calendar::Calendar,
    definition::Definition,
    interpreter::{Case, CaseStatus},
    text::Text,
    time::Moment,
};

use super::{
    StoreError,
    sql::Value,
    tables::{json, shard_of},
};

/// The law's limits of a case: the soonest of its running clocks, and whether one is paused.
fn law_of(calendar: &Calendar, case: &Case, now: Moment) -> (Option<Moment>, bool) {
    let open = case.clocks.values().filter(|record| record.stopped.is_none());
    let due = open.clone().map(|record| calendar.clock_due(record, now).at).min();
    (due, open.clone().any(|record| record.pause_at(now).is_some()))
}

/// The row of a case as it stands at `now`, its columns in the order of the table's insert: what everybody sees who may see
/// the case, its sealed state, and whose key opens that.
pub(super) fn of(
    definition: &Definition,
    case: &Case,
    (head, quarantined): (&str, Option<&str>),
    (state, subject): (String, Option<&str>),
    now: Moment,
) -> Result<Vec<Value>, StoreError> {
    let facts = &case.facts;
    let (law_due, law_paused) = law_of(&definition.calendar, case, now);
    let steps = case.tasks.values().filter_map(|task| task.due).min();
    let due = [steps, law_due].into_iter().flatten().min();
    let standing: Vec<Text> = case.tasks.values().filter_map(|task| Some(definition.process.node(&task.node)?.title())).collect();
    let ended = case.status == CaseStatus::Ended;
    Ok(vec![
        shard_of(&case.id).into(),
        case.id.as_str().into(),
        case.seq.into(),
        head.into(),
        if ended { "ended" } else { "running" }.into(),
        case.process.as_str().into(),
        case.definition.as_str().into(),
        facts.unit.as_str().into(),
        facts.applicant.name.as_str().into(),
        facts.applicant.unit.clone().into(),
        facts.applicant.person.clone().into(),
        facts.source.as_str().into(),
        facts.application_no.as_str().into(),
        facts.number.clone().into(),
        facts.title.as_str().into(),
        facts.started_by.clone().into(),
        facts.started_at.into(),
        facts.received_at.into(),
        ended.then_some(now).into(),
        now.into(),
        case.portal.map(|status| status.code().to_owned()).into(),
        json(&standing)?.into(),
        due.into(),
        law_due.into(),
        law_paused.into(),
        (case.incidents.len() as u64).into(),
        quarantined.map(str::to_owned).into(),
        state.into(),
        subject.map(str::to_owned).into(),
    ])
}
