//! The pure engine as a world: cases in memory, series counted, timers read off the cases.

use std::{collections::BTreeMap, sync::Arc};

use super::World;
use crate::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, Command, Context, Event, LocalNo, Rejection, apply, codes, decide, migrated},
    organisation::Organisation,
    text::Text,
    time::Moment,
};

/// Cases of one process in memory.
#[derive(Debug)]
pub struct PureWorld {
    /// Its versions, the latest last.
    versions: Vec<Arc<Definition>>,
    organisation: Organisation,
    cases: BTreeMap<CaseId, (Case, Vec<Event>)>,
    series: BTreeMap<String, u64>,
}

impl PureWorld {
    /// A world in which nothing has happened.
    pub fn new(definition: Arc<Definition>) -> Self {
        Self { versions: vec![definition], organisation: Organisation::default(), cases: BTreeMap::new(), series: BTreeMap::new() }
    }

    /// From now on cases begin on this version; those that run stay on theirs until they are migrated.
    pub fn deploy(&mut self, definition: Arc<Definition>) {
        self.versions.push(definition);
    }

    fn version(&self, hash: &str) -> Option<Arc<Definition>> {
        self.versions.iter().rfind(|version| version.hash == hash).cloned()
    }

    fn decided(&self, known: Option<&Case>, command: &Command) -> Result<Vec<Event>, Rejection> {
        let context = Context { organisation: &self.organisation, series: &self.series, choices: None };
        let unknown = || Rejection::new(codes::VERSION_UNKNOWN, Text::new("没有这个版本", "there is no such version"));
        let on = known.map_or_else(|| self.versions.last().cloned(), |case| self.version(&case.definition)).ok_or_else(unknown)?;
        match (&command.ask, known) {
            (Ask::Migrate { to, .. }, Some(case)) => {
                let to = self.version(to).ok_or_else(unknown)?;
                migrated(&on, &to, case, command, &context).map(|(_, events)| events)
            }
            _ => decide(&on, known, command, &context),
        }
    }
}

impl World for PureWorld {
    fn submit(&mut self, command: Command) -> Result<(), Rejection> {
        let known = self.cases.get(&command.case).map(|(case, _)| case);
        let events = self.decided(known, &command)?;
        let (case, history) =
            self.cases.entry(command.case.clone()).or_insert_with(|| (Case { id: command.case, ..Case::default() }, Vec::new()));
        case.seq += 1;
        for event in events {
            apply(case, &event, command.at);
            if let Event::NumberTaken { series, value, .. } = &event {
                self.series.insert(series.clone(), *value);
            }
            history.push(event);
        }
        Ok(())
    }

    fn case(&mut self, id: &str) -> Option<Case> {
        self.cases.get(id).map(|(case, _)| case.clone())
    }

    fn events(&mut self, id: &str) -> Vec<Event> {
        self.cases.get(id).map(|(_, events)| events.clone()).unwrap_or_default()
    }

    fn next_due(&mut self, until: Moment) -> Option<(Moment, CaseId, LocalNo)> {
        let timers = self.cases.iter().flat_map(|(id, (case, _))| case.timers.iter().map(move |(no, timer)| (timer.due, id, *no)));
        timers.filter(|(due, ..)| *due <= until).min().map(|(due, id, no)| (due, id.clone(), no))
    }

    fn organise(&mut self, organisation: Organisation) {
        self.organisation = organisation;
    }
}
