//! A database in memory: unique keys, all or nothing, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::defects::Defect;
use tongban_engine::{
    interpreter::{Case, CaseId, Effect, Event, LocalNo, effect},
    time::Moment,
};

/// What a caller is told of a command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) case: CaseId,
    pub(crate) seq: u64,
    pub(crate) number: Option<String>,
}

/// One command in the journal.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) key: String,
    /// Who asked what.
    pub(crate) request: String,
    pub(crate) answer: Answer,
    pub(crate) at: Moment,
    pub(crate) events: Vec<Event>,
}

/// An entry of the outbox.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) effect: Effect,
    pub(crate) done: bool,
    pub(crate) attempts: u32,
    pub(crate) lease_until: Moment,
    /// Cases that it was sent to; None: not decided yet.
    pub(crate) targets: Option<Vec<CaseId>>,
    /// Cases that refused it.
    pub(crate) refused_by: Vec<CaseId>,
}

/// Case, sequence number, which effect of that command.
pub(crate) type EntryKey = (CaseId, u64, usize);

/// What one batch writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writes {
    pub(crate) rows: Vec<Row>,
    /// Cases as the batch leaves them.
    pub(crate) cases: BTreeMap<CaseId, Case>,
    /// Each row's case after it, from which its effects are told.
    pub(crate) before: BTreeMap<CaseId, Case>,
}

/// Somebody else wrote first.
#[derive(Debug)]
pub(crate) struct Conflict;

/// The tables.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) journal: BTreeMap<(CaseId, u64), Row>,
    pub(crate) states: BTreeMap<CaseId, String>,
    pub(crate) keys: BTreeMap<(CaseId, String), u64>,
    pub(crate) numbers: BTreeSet<(String, u64)>,
    pub(crate) outbox: BTreeMap<EntryKey, Entry>,
    pub(crate) timers: BTreeMap<(CaseId, LocalNo), Moment>,
}

impl Disk {
    /// A case as it is stored.
    pub(crate) fn case(&self, id: &str) -> Option<Case> {
        self.states.get(id).map(|text| serde_json::from_str(text).unwrap())
    }

    /// Where the journal of a case stands.
    pub(crate) fn seq(&self, id: &str) -> u64 {
        self.journal.range((id.to_owned(), 0)..=(id.to_owned(), u64::MAX)).next_back().map_or(0, |((_, seq), _)| *seq)
    }

    /// The last number of each series.
    pub(crate) fn series(&self) -> BTreeMap<String, u64> {
        self.numbers.iter().cloned().collect()
    }

    /// Writes a batch wholly or not at all.
    pub(crate) fn write(&mut self, writes: &Writes, defect: Option<Defect>) -> Result<(), Conflict> {
        let taken = |row: &Row| self.journal.contains_key(&(row.answer.case.clone(), row.answer.seq));
        let numbers = numbers_of(&writes.rows);
        let raced = writes.rows.iter().any(taken) && defect != Some(Defect::RaceIgnored);
        let doubled = numbers.iter().any(|number| self.numbers.contains(number)) && defect != Some(Defect::NumberTwice);
        if raced || doubled {
            return Err(Conflict);
        }
        self.numbers.extend(numbers);
        let mut cases = writes.before.clone();
        for row in &writes.rows {
            let case = cases.entry(row.answer.case.clone()).or_insert_with(|| fresh(&row.answer.case));
            self.write_row(row, case, defect);
        }
        for (id, case) in &writes.cases {
            let old = writes.before.get(id).filter(|_| defect == Some(Defect::StateLate));
            self.states.insert(id.clone(), serde_json::to_string(old.unwrap_or(case)).unwrap());
            if defect != Some(Defect::TimerStays) {
                self.timers.retain(|(of, _), _| of != id);
            }
            self.timers.extend(case.timers.iter().map(|(no, timer)| ((id.clone(), *no), timer.due)));
        }
        Ok(())
    }

    fn write_row(&mut self, row: &Row, case: &mut Case, defect: Option<Defect>) {
        let (id, seq) = (row.answer.case.clone(), row.answer.seq);
        let mut effects = effects_of(row, case);
        if defect == Some(Defect::EffectLost) {
            effects.pop();
        }
        for (no, effect) in effects.into_iter().enumerate() {
            let entry = Entry { effect, done: false, attempts: 0, lease_until: Moment(i64::MIN), targets: None, refused_by: Vec::new() };
            self.outbox.insert((id.clone(), seq, no), entry);
        }
        if defect != Some(Defect::KeysForgotten) {
            self.keys.insert((id.clone(), row.key.clone()), seq);
        }
        self.journal.insert((id, seq), row.clone());
    }
}

/// Records a row on its case and says what it asks of the world.
pub(crate) fn effects_of(row: &Row, case: &mut Case) -> Vec<Effect> {
    let mut effects = Vec::new();
    for event in &row.events {
        tongban_engine::interpreter::apply(case, event, row.at);
        effects.extend(effect(case, event));
    }
    case.seq = row.answer.seq;
    effects
}

pub(crate) fn fresh(id: &str) -> Case {
    Case { id: id.to_owned(), ..Case::default() }
}

fn numbers_of(rows: &[Row]) -> Vec<(String, u64)> {
    let events = rows.iter().flat_map(|row| &row.events);
    events
        .filter_map(|event| match event {
            Event::NumberTaken { series, value, .. } => Some((series.clone(), *value)),
            _ => None,
        })
        .collect()
}
