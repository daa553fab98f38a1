//! The pure engine as a world: the cases of an office in memory, which call, signal and write to each other.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::World;
use crate::{
    definition::Definition,
    interpreter::{Case, CaseId, Command, Event, LocalNo, Rejection},
    organisation::Organisation,
    time::Moment,
    world,
};

/// Cases in memory.
#[derive(Clone, Debug)]
pub struct PureWorld {
    world: world::World,
}

impl PureWorld {
    /// A world in which nothing has happened, with the processes that cases may be of.
    pub fn new(definitions: impl IntoIterator<Item = Arc<Definition>>) -> Self {
        Self { world: world::World::new(definitions.into_iter().collect(), Moment(0)) }
    }

    /// From now on cases begin on this version; those that run stay on theirs until they are migrated.
    pub fn deploy(&mut self, definition: Arc<Definition>) {
        self.world.deploy(definition);
    }

    /// The world itself.
    pub fn inside(&self) -> &world::World {
        &self.world
    }
}

impl World for PureWorld {
    fn submit(&mut self, command: Command) -> Result<(), Rejection> {
        self.world.submit(command)
    }

    fn signal(&mut self, signal: &str, data: &Map<String, Value>, at: Moment) -> Result<(), Rejection> {
        self.world.hear_signal(signal, data, at)
    }

    fn case(&mut self, id: &str) -> Option<Case> {
        self.world.case(id).cloned()
    }

    fn cases(&mut self) -> Vec<CaseId> {
        self.world.cases().map(|case| case.id.clone()).collect()
    }

    fn events(&mut self, id: &str) -> Vec<Event> {
        self.world.history(id).to_vec()
    }

    fn next_due(&mut self, until: Moment) -> Option<(Moment, CaseId, LocalNo)> {
        self.world.next_timer(until)
    }

    fn organise(&mut self, organisation: Organisation) {
        self.world.organise(organisation);
    }
}
