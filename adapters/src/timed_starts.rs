//! A due timer of a start event begins its cases, then moves on. Two nodes, or one that crashed in between, begin each
//! case once: its identifier and its key are made of process, event, unit and moment.

use tongban_engine::{
    definition::Definition,
    interpreter::{Actor, Applicant, Ask, Command, Start},
    organisation::Organisation,
    text::Language,
    time::Moment,
};

use crate::store::{StartTimer, Store, StoreError, SubmitError, case_id_for};

/// Begins the cases of one due timer; says how many began now. None: one could not begin, and is tried again later.
pub(crate) async fn begin(store: &Store, timer: &StartTimer, now: Moment) -> Result<Option<usize>, StoreError> {
    let Some(definition) = store.latest(&timer.process) else { return Ok(None) };
    let organisation = store.organisation();
    let units = units_of(&definition, &organisation);
    if units.is_empty() {
        tracing::warn!(process = timer.process, event = timer.event, "a timed start has no unit to begin at");
        return Ok(None);
    }
    let (mut begun, mut failed) = (0, false);
    for unit in units {
        match store.submit(command(timer, unit, &organisation, now)).await {
            Ok(answer) => begun += usize::from(!answer.replayed),
            Err(SubmitError::Store(StoreError::Closed)) => return Err(StoreError::Closed),
            Err(error) => {
                tracing::warn!(process = timer.process, event = timer.event, unit, %error, "a timed start did not begin its case");
                failed = true;
            }
        }
    }
    Ok((!failed).then_some(begun))
}

/// A process that handles an item begins at each unit that handles it; any other at the unit above all.
fn units_of<'a>(definition: &Definition, organisation: &'a Organisation) -> Vec<&'a str> {
    let mut units = organisation.units.iter();
    match &definition.process.item {
        Some(item) => units.filter(|(_, unit)| unit.items.contains(item)).map(|(id, _)| id.as_str()).collect(),
        None => units.find(|(_, unit)| unit.parent.is_none()).map(|(id, _)| id.as_str()).into_iter().collect(),
    }
}

fn command(timer: &StartTimer, unit: &str, organisation: &Organisation, now: Moment) -> Command {
    let StartTimer { process, event, due, .. } = timer;
    let name = organisation.units.get(unit).map(|unit| unit.name.get(Language::Zh).to_owned());
    let start = Start {
        process: process.clone(),
        at: Some(event.clone()),
        unit: unit.to_owned(),
        applicant: Applicant { name: name.unwrap_or_default(), unit: Some(unit.to_owned()), ..Applicant::default() },
        source: "office".to_owned(),
        received_at: *due,
        ..Start::default()
    };
    Command {
        case: case_id_for(&format!("timer:{process}"), &format!("{event}:{unit}:{}", due.0)),
        key: format!("start:{process}:{event}:{}", due.0),
        actor: Actor::System,
        at: now,
        ask: Ask::Start(Box::new(start)),
    }
}
