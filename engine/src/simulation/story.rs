//! The story so far as a scenario, with what is to be expected after each step.

use indexmap::IndexMap;

use super::{Simulation, State};
use crate::{
    interpreter::CaseStatus,
    scenario::{Expectation, Failure, PureWorld, Scenario, Step, run, waiting},
};

impl Simulation {
    /// The story up to where one stands: each step, and after it where the case stands; only people who take part.
    pub fn story(&self, title: &str) -> Scenario {
        let mut steps = Vec::new();
        for state in &self.states[..=self.at] {
            let Some(step) = &state.step else { continue };
            steps.push(step.clone());
            steps.extend(self.expected(state));
        }
        Scenario { scenario: title.to_owned(), steps, ..self.scenario.clone() }
    }

    /// Tells the story again from its beginning.
    ///
    /// # Errors
    /// The first step that does not go as it went here.
    pub fn check(&self, story: &Scenario) -> Result<(), Failure> {
        run(story, &self.definitions, &mut PureWorld::new(self.definitions.values().cloned())).map(drop)
    }

    /// Where the case of the last step stands now.
    fn expected(&self, state: &State) -> Option<Step> {
        let world = state.world.inside();
        let case = world.case(state.telling.last.as_ref()?)?;
        let definition = self.definition_of(case);
        let at: Vec<String> = waiting(definition, case).into_iter().map(str::to_owned).collect();
        let ended = case.status == CaseStatus::Ended;
        let number = state.telling.cases.iter().find(|(_, id)| **id == case.id).map(|(no, _)| no.clone());
        let several = world.cases().count() > 1;
        let expectation = Expectation {
            case: several.then(|| number.unwrap_or_else(|| case.process.clone())),
            at: (!ended).then_some(at),
            portal: case.portal.map(|portal| portal.code().to_owned()),
            clock: IndexMap::new(),
            ended: ended.then_some(true),
            incident: (!case.incidents.is_empty()).then_some(true),
            ..Expectation::default()
        };
        Some(Step { expect: Some(expectation), ..Step::default() })
    }
}
