//! A node: a cache, a queue, and the committer's way through it. What it holds is lost when it crashes.

use std::collections::{BTreeMap, VecDeque};

use tongban_engine::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, Command, Context, Event, Rejection, codes, decided},
    text::Text,
};

use super::{
    defects::{Defect, Lapse},
    disk::{Answer, Disk, Row, Writes, fresh},
    town::Office,
};

/// A ticket's number, and what it asks.
pub(crate) type Asked = (usize, Command);
/// What a ticket is told.
pub(crate) type Told = (usize, Result<Answer, Rejection>);

/// Commands of one batch at most.
const BATCH_MAX: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Node {
    cache: BTreeMap<CaseId, Case>,
    pub(crate) waiting: VecDeque<Asked>,
    pub(crate) prepared: Option<Prepared>,
}

/// A batch that is decided and not yet written.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    asked: Vec<Asked>,
    told: Vec<Told>,
    writes: Writes,
    series: BTreeMap<String, u64>,
}

impl Node {
    /// Forgets everything; tells which tickets will never hear from it.
    pub(crate) fn crash(&mut self) -> Vec<usize> {
        let Self { waiting, prepared, .. } = std::mem::take(self);
        let asked = prepared.into_iter().flat_map(|batch| batch.asked);
        waiting.into_iter().chain(asked).map(|(ticket, _)| ticket).collect()
    }

    /// Takes what waits and decides it, each command on what the ones before it leave.
    pub(crate) fn prepare(&mut self, disk: &Disk, office: &Office, defect: Option<Defect>) {
        if self.prepared.is_some() || self.waiting.is_empty() {
            return;
        }
        let count = self.waiting.len().min(BATCH_MAX);
        let asked: Vec<Asked> = self.waiting.drain(..count).collect();
        let mut batch = Prepared { series: disk.series(), ..Prepared::default() };
        for (ticket, command) in &asked {
            let outcome = self.decide(&mut batch, disk, office, command, defect);
            batch.told.push((*ticket, outcome));
        }
        batch.asked = asked;
        self.prepared = Some(batch);
    }

    /// Where the case stands: as this batch leaves it, as the cache has it if that is still new, as the disk has it.
    fn load(&self, batch: &Prepared, disk: &Disk, id: &str, defect: Option<Defect>) -> Option<Case> {
        if let Some(case) = batch.writes.cases.get(id) {
            return Some(case.clone());
        }
        let stands = |case: &&Case| defect == Some(Defect::CacheKept) || case.seq == disk.seq(id);
        self.cache.get(id).filter(stands).cloned().or_else(|| disk.case(id))
    }

    fn decide(
        &self,
        batch: &mut Prepared,
        disk: &Disk,
        office: &Office,
        command: &Command,
        defect: Option<Defect>,
    ) -> Result<Answer, Rejection> {
        let request = serde_json::to_string(&(&command.actor, &command.ask)).unwrap();
        if let Some(row) = before(batch, disk, command) {
            if row.request == request || defect == Some(Defect::BodyIgnored) {
                return Ok(row.answer.clone());
            }
            return Err(Rejection::new(codes::KEY_REUSED, Text::new("同一个键", "the same key came with another body")));
        }
        let case = self.load(batch, disk, &command.case, defect);
        let process = match (&case, &command.ask) {
            (Some(case), _) => case.process.as_str(),
            (None, Ask::Start(start)) => start.process.as_str(),
            (None, _) => "",
        };
        let unknown = || Rejection::new(codes::CASE_UNKNOWN, Text::new("没有这个办件", "there is no such case"));
        let definition = office.definitions.get(process).ok_or_else(unknown)?;
        let context = Context { organisation: &office.organisation, series: &batch.series, choices: None };
        let (mut after, events) = decide(definition, case.as_ref(), command, &context, defect)?;
        if after.seq.is_multiple_of(4) {
            let steady = defect.filter(|defect| *defect != Defect::Engine(Lapse::Fickle));
            let again = decide(definition, case.as_ref(), command, &context, steady).map(|(_, events)| events);
            assert_eq!(again.as_ref(), Ok(&events), "deciding twice gives the same");
        }
        after.seq += 1;
        for event in &events {
            if let Event::NumberTaken { series, value, .. } = event {
                batch.series.insert(series.clone(), *value);
            }
        }
        let answer = Answer { case: command.case.clone(), seq: after.seq, number: after.facts.number.clone() };
        batch.writes.before.entry(command.case.clone()).or_insert_with(|| case.unwrap_or_else(|| fresh(&command.case)));
        batch.writes.cases.insert(command.case.clone(), after);
        batch.writes.rows.push(Row { key: command.key.clone(), request, answer: answer.clone(), at: command.at, events });
        Ok(answer)
    }

    /// Writes the prepared batch; a lost race sends it back to the front of the queue. Gives what callers are to be told,
    /// and the cases that changed.
    pub(crate) fn commit(&mut self, disk: &mut Disk, defect: Option<Defect>) -> Option<(Vec<Told>, Vec<CaseId>)> {
        let batch = self.prepared.take()?;
        if disk.write(&batch.writes, defect).is_err() {
            if defect != Some(Defect::CacheKept) {
                self.cache.clear();
            }
            for asked in batch.asked.into_iter().rev() {
                self.waiting.push_front(asked);
            }
            return None;
        }
        let changed = batch.writes.cases.keys().cloned().collect();
        self.cache.extend(batch.writes.cases);
        Some((batch.told, changed))
    }

    /// What callers would be told if nobody waited for the commit.
    pub(crate) fn told_early(&self) -> Vec<Told> {
        self.prepared.as_ref().map(|batch| batch.told.clone()).unwrap_or_default()
    }
}

/// What the engine decides, distorted if it has a lapse.
fn decide(
    definition: &Definition,
    case: Option<&Case>,
    command: &Command,
    context: &Context<'_>,
    defect: Option<Defect>,
) -> Result<(Case, Vec<Event>), Rejection> {
    let (after, events) = decided(definition, case, command, context)?;
    let Some(Defect::Engine(lapse)) = defect else { return Ok((after, events)) };
    Ok(lapse.distort(case.unwrap_or(&fresh(&command.case)), events, command.at))
}

/// The command's row, if its key has been used.
fn before<'r>(batch: &'r Prepared, disk: &'r Disk, command: &Command) -> Option<&'r Row> {
    let here = batch.writes.rows.iter().find(|row| row.answer.case == command.case && row.key == command.key);
    let key = (command.case.clone(), command.key.clone());
    here.or_else(|| disk.journal.get(&(command.case.clone(), *disk.keys.get(&key)?)))
}
