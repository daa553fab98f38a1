//! The world as scenarios and simulations see it: commands with an actor and a moment, cases by identifier, timers.

use serde_json::{Map, Value};

use super::{Asked, World, refused};
use crate::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, CaseStatus, Command, Event, LocalNo, Rejection, codes},
    organisation::Organisation,
    text::Text,
    time::Moment,
};

impl World {
    /// Carries out a command at its own moment, and then whatever cases ask of each other because of it.
    ///
    /// # Errors
    /// The refusal, of the command or of something that followed from it, such as a call of a process that does not exist:
    /// nothing happened.
    pub fn submit(&mut self, command: Command) -> Result<(), Rejection> {
        let at = command.at;
        self.whole(at, |world| world.take_command(command))
    }

    /// Lets every case hear a signal at a moment, and begins the processes that begin by it.
    ///
    /// # Errors
    /// A refusal of something that followed from it: nothing happened.
    pub fn hear_signal(&mut self, signal: &str, data: &Map<String, Value>, at: Moment) -> Result<(), Rejection> {
        let asked = Asked::Signal { by: usize::MAX, signal: signal.to_owned(), data: data.clone() };
        self.whole(at, |world| {
            world.queue.push_back(asked);
            Ok(())
        })
    }

    /// Something and all that follows from it, or nothing. Each command is carried out to its end, as a store does it.
    fn whole(&mut self, at: Moment, what: impl FnOnce(&mut Self) -> Result<(), Rejection>) -> Result<(), Rejection> {
        (self.commands, self.moved) = (0, 0);
        let before = self.before();
        self.now = at;
        self.at_once = true;
        let outcome = what(self).and_then(|()| self.settle());
        self.at_once = false;
        if outcome.is_err() {
            self.queue.clear();
            self.turns.clear();
            self.touched.clear();
            self.go_back(before);
        }
        outcome
    }

    fn take_command(&mut self, command: Command) -> Result<(), Rejection> {
        match (command.ask, self.index_of(&command.case)) {
            (Ask::Start(_), Some(_)) => {
                Err(Rejection::new(codes::CASE_EXISTS, Text::new("这件申请已经收到过", "this application has been received already")))
            }
            (Ask::Start(start), None) => {
                let Some(definition) = self.definition_of(&start.process) else {
                    let process = &start.process;
                    return Err(refused(format!("没有流程“{process}”"), format!("there is no process `{process}`")));
                };
                self.open_case(definition, command.case, None, command.actor, *start).map(drop)
            }
            (_, None) => Err(Rejection::new(codes::CASE_UNKNOWN, Text::new("没有这个办件", "there is no such case"))),
            (ask, Some(index)) => self.decide_as(index, command.actor, ask),
        }
    }

    /// The case called `id`, as it stands.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.index_of(id).map(|index| &self.cases[index].case)
    }

    /// Everything that happened to the case called `id`, in order.
    pub fn history(&self, id: &str) -> &[Event] {
        self.index_of(id).map_or(&[], |index| &self.histories[index])
    }

    /// The definition that the case called `id` runs on.
    pub fn definition_of_case(&self, id: &str) -> Option<&Definition> {
        self.index_of(id).map(|index| &*self.cases[index].definition)
    }

    /// The earliest timer of all running cases that is due at `until` or before.
    pub fn next_timer(&self, until: Moment) -> Option<(Moment, CaseId, LocalNo)> {
        let running = self.cases.iter().map(|running| &running.case).filter(|case| case.status == CaseStatus::Running);
        let timers = running.flat_map(|case| case.timers.iter().map(move |(no, timer)| (timer.due, &case.id, *no)));
        timers.filter(|(due, ..)| *due <= until).min().map(|(due, id, no)| (due, id.clone(), no))
    }

    /// Who there is.
    pub fn organise(&mut self, organisation: Organisation) {
        self.organisation = organisation;
    }

    /// Who there is.
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    fn index_of(&self, id: &str) -> Option<usize> {
        self.cases.iter().position(|running| running.case.id == id)
    }
}
