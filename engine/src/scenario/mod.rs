//! Scenarios: what must happen, told as a story, with the clock in the teller's hand.
//!
//! A scenario runs against any [`World`]: the pure engine here ([`PureWorld`]), a store elsewhere; the outcome must be
//! the same. The runner turns the clock, fires what is due, and compares what the teller expects.

mod file;
mod operate;
mod pure;
mod runner;

pub use file::{Act, Expectation, ExpectedClock, Failing, Posts, Refused, Scenario, Step, Submission};
pub use operate::{Operate, To};
pub use pure::PureWorld;
pub use runner::{Failure, Story, run};

use crate::{
    interpreter::{Case, CaseId, Command, Event, LocalNo, Rejection},
    organisation::Organisation,
    time::Moment,
};

/// Where a scenario runs. Commands carry their own moment, so a world needs no clock.
pub trait World {
    /// Carries a command out.
    ///
    /// # Errors
    /// The refusal.
    fn submit(&mut self, command: Command) -> Result<(), Rejection>;
    /// The case as it stands.
    fn case(&mut self, id: &str) -> Option<Case>;
    /// Everything that happened to it, in order.
    fn events(&mut self, id: &str) -> Vec<Event>;
    /// The earliest timer of all cases that is due at `until` or before.
    fn next_due(&mut self, until: Moment) -> Option<(Moment, CaseId, LocalNo)>;
    /// Told once, before the first step: who there is.
    fn organise(&mut self, organisation: Organisation);
}
