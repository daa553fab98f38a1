//! Stepping a case by hand: what can be done next, doing it, going back and forth, and keeping the story.
//!
//! A simulation is a scenario that is being written: each step is one of [`crate::scenario`], told at once, and each state is
//! kept, so that going back is looking at an earlier one. What comes out is a scenario that goes as it went here.

mod ask;
mod choice;
mod sample;
mod story;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

pub use ask::Asked;
pub use choice::Choice;

use crate::{
    definition::Definition,
    form::FieldType,
    interpreter::{Actor, Case, LocalNo, may_complete},
    organisation::{Organisation, Post},
    scenario::{Posts, PureWorld, Scenario, Step, Telling, World, begin, organisation, tell},
    time::Moment,
};

/// States that are kept at most; a story of more steps is no story.
const STATES_MAX: usize = 1_000;

/// A case, and whatever other cases it causes, stepped by hand.
#[derive(Debug)]
pub struct Simulation {
    definitions: IndexMap<String, Arc<Definition>>,
    /// The head of the story; its steps are those of `states`.
    scenario: Scenario,
    /// The unit that handles what is begun here.
    unit: String,
    /// The first is before the first step.
    states: Vec<State>,
    /// Which of them is looked at.
    at: usize,
}

/// Where things stood after a step.
#[derive(Clone, Debug)]
struct State {
    /// What led here; None for the first.
    step: Option<Step>,
    world: PureWorld,
    telling: Telling,
}

impl Simulation {
    /// A story of `process` that begins at a moment (RFC 3339) and is handled by `unit`.
    ///
    /// # Errors
    /// If there is no such process, or the moment cannot be read.
    pub fn new(definitions: IndexMap<String, Arc<Definition>>, process: &str, at: &str, unit: &str) -> Result<Self, String> {
        let scenario = Scenario {
            scenario: String::new(),
            process: process.to_owned(),
            at: at.to_owned(),
            people: IndexMap::new(),
            steps: Vec::new(),
        };
        let mut simulation = Self { definitions, scenario, unit: unit.to_owned(), states: Vec::new(), at: 0 };
        simulation.states = vec![simulation.first()?];
        Ok(simulation)
    }

    fn first(&self) -> Result<State, String> {
        let mut world = PureWorld::new(self.definitions.values().cloned());
        let telling = begin(&self.scenario, &self.definitions, &mut world)?;
        Ok(State { step: None, world, telling })
    }

    /// Does a step from where one stands. What had been done after that point is forgotten.
    ///
    /// # Errors
    /// Why it is refused; then nothing has changed.
    pub fn take(&mut self, step: Step) -> Result<(), String> {
        if self.at + 1 >= STATES_MAX {
            return Err(format!("a story has at most {STATES_MAX} steps"));
        }
        let mut next = self.state().clone();
        next.world.organise(self.people_and_units(Some(&step))?);
        tell(&self.scenario, &self.definitions, &mut next.world, &mut next.telling, &step)?;
        next.step = Some(step);
        self.states.truncate(self.at + 1);
        self.states.push(next);
        self.at += 1;
        Ok(())
    }

    /// Does what a choice offers, with the data that its fields were given.
    ///
    /// # Errors
    /// Why it is refused; then nothing has changed.
    pub fn choose(&mut self, choice: &Choice, data: Map<String, Value>) -> Result<(), String> {
        for unit in units_in(choice, &data) {
            self.somebody_at(&unit)?;
        }
        let step = self.step_of(choice, data)?;
        self.take(step)
    }

    /// A unit exists in a story if somebody works there.
    fn somebody_at(&mut self, unit: &str) -> Result<(), String> {
        let known = unit == self.unit || self.scenario.people.values().any(|posts| posts.iter().any(|(_, at)| at == unit));
        let role = self.definition().roles.keys().next().cloned();
        match role.filter(|_| !known) {
            Some(role) => self.new_person(&Post { role, unit: unit.to_owned() }).map(drop),
            None => Ok(()),
        }
    }

    /// Goes to the state after so many steps; 0 is the beginning. Returns whether there is such a state.
    pub fn go(&mut self, steps: usize) -> bool {
        let there = steps < self.states.len();
        if there {
            self.at = steps;
        }
        there
    }

    /// How many steps led here, and how many there are.
    pub fn position(&self) -> (usize, usize) {
        (self.at, self.states.len() - 1)
    }

    /// The time.
    pub fn now(&self) -> Moment {
        self.state().telling.now
    }

    /// The process's own definition.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.definitions[&self.scenario.process]
    }

    /// The definition of a case.
    pub fn definition_of(&self, case: &Case) -> &Arc<Definition> {
        self.definitions.get(&case.process).unwrap_or_else(|| self.definition())
    }

    /// Every case, oldest first, with what the story calls it: its application number, or the id of its process.
    pub fn cases(&self) -> Vec<(String, &Case)> {
        self.state().world.inside().cases().map(|case| (self.called(&case.id, &case.process), case)).collect()
    }

    fn called(&self, id: &str, process: &str) -> String {
        let numbered = self.state().telling.cases.iter().find(|(_, case)| *case == id);
        numbered.map_or_else(|| process.to_owned(), |(no, _)| no.clone())
    }

    fn state(&self) -> &State {
        &self.states[self.at]
    }

    /// Somebody who may complete a task: of the story's people, or a new person with its post.
    fn person_for(&mut self, case: &Case, no: LocalNo) -> Result<String, String> {
        let Some(task) = case.tasks.get(&no) else { return Err("the task is not open".to_owned()) };
        if let Some(assignee) = &task.assignee {
            return Ok(assignee.clone());
        }
        let post = task.post.clone();
        let definition = self.definition_of(case).clone();
        let organisation = self.state().world.inside().organisation();
        let may = |person: &&String| may_complete(&definition, case, no, &Actor::Person((*person).clone()), organisation).is_ok();
        if let Some(person) = self.scenario.people.keys().find(may) {
            return Ok(person.clone());
        }
        self.new_person(&post)
    }

    /// A person of the story with a post: one that there is, or a new one.
    fn person_at(&mut self, post: &Post) -> Result<String, String> {
        let holds = |posts: &Posts| posts.iter().any(|own| own == (post.role.as_str(), post.unit.as_str()));
        match self.scenario.people.iter().find(|(_, posts)| holds(posts)) {
            Some((person, _)) => Ok(person.clone()),
            None => self.new_person(post),
        }
    }

    /// People are there from the beginning of a story, so a new one means telling it again.
    fn new_person(&mut self, post: &Post) -> Result<String, String> {
        let base = if post.unit == self.unit { post.role.clone() } else { format!("{}-{}", post.role, post.unit) };
        let mut id = base.clone();
        let mut nth = 1;
        while self.scenario.people.contains_key(&id) {
            nth += 1;
            id = format!("{base}-{nth}");
        }
        self.scenario.people.insert(id.clone(), Posts::One(format!("{}@{}", post.role, post.unit)));
        let told = self.tell_again();
        if told.is_err() {
            self.scenario.people.shift_remove(&id);
        }
        told.map(|()| id)
    }

    /// Who there is, and every unit that the story names, up to and with a step.
    fn people_and_units(&self, step: Option<&Step>) -> Result<Organisation, String> {
        let so_far = self.states.iter().filter_map(|state| state.step.clone());
        let steps: Vec<Step> = so_far.chain(step.cloned()).collect();
        organisation(&self.scenario.people, &steps)
    }

    fn tell_again(&mut self) -> Result<(), String> {
        let mut state = self.first()?;
        state.world.organise(self.people_and_units(None)?);
        let mut states = vec![state.clone()];
        for step in self.states.iter().filter_map(|state| state.step.clone()) {
            tell(&self.scenario, &self.definitions, &mut state.world, &mut state.telling, &step)?;
            state.step = Some(step);
            states.push(state.clone());
        }
        self.states = states;
        Ok(())
    }
}

/// Units that the data of a step name.
fn units_in(choice: &Choice, data: &Map<String, Value>) -> Vec<String> {
    let named = choice.fields.iter().filter_map(|field| Some((&field.of, data.get(&field.name)?)));
    let units = named.flat_map(|(of, value)| match (of, value) {
        (FieldType::Unit, Value::String(unit)) => vec![unit.clone()],
        (FieldType::List(each), Value::Array(units)) if **each == FieldType::Unit => {
            units.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    });
    units.collect()
}

impl State {
    fn case(&mut self, id: &str) -> Option<Case> {
        self.world.case(id)
    }
}
