//! Scenarios: what must happen, told as a story, with the clock in the teller's hand.
//!
//! A scenario runs against any [`World`]: the pure engine here ([`PureWorld`]), a store elsewhere; the outcome must be
//! the same. The runner turns the clock, fires what is due, and compares what the teller expects.

mod coverage;
mod expect;
mod file;
mod operate;
mod pure;
mod runner;

pub use coverage::{Coverage, Kind, Missing, Share, Story};
pub(crate) use expect::waiting;
pub use file::{
    Act, Described, Expectation, ExpectedClock, Failing, KeepsFrom, Posts, Refused, Scenario, StandsIn, Step, Submission, Throwing,
};
pub use operate::{Operate, To};
pub use pure::PureWorld;
pub(crate) use runner::organisation;
pub use runner::{Failure, Telling, begin, run, tell};

use serde_json::{Map, Value};

use crate::{
    interpreter::{Case, CaseId, Command, Event, LocalNo, Rejection, codes},
    organisation::Organisation,
    text::Text,
    time::Moment,
};

/// Where a scenario runs. Commands carry their own moment, so a world needs no clock.
pub trait World {
    /// Carries a command out.
    ///
    /// # Errors
    /// The refusal.
    fn submit(&mut self, command: Command) -> Result<(), Rejection>;
    /// Every case hears a signal from outside.
    ///
    /// # Errors
    /// The refusal; unless it says otherwise, a world takes no signals from outside.
    fn signal(&mut self, signal: &str, _data: &Map<String, Value>, _at: Moment) -> Result<(), Rejection> {
        let message = Text::new(format!("这里不接收信号“{signal}”"), format!("the signal `{signal}` cannot be sent here"));
        Err(Rejection::new(codes::NOT_PERMITTED, message))
    }
    /// The identifiers of all cases, called ones included, oldest first.
    fn cases(&mut self) -> Vec<CaseId>;
    /// The case as it stands.
    fn case(&mut self, id: &str) -> Option<Case>;
    /// Everything that happened to it, in order.
    fn events(&mut self, id: &str) -> Vec<Event>;
    /// The earliest timer of all cases that is due at `until` or before.
    fn next_due(&mut self, until: Moment) -> Option<(Moment, CaseId, LocalNo)>;
    /// Told once, before the first step: who there is.
    fn organise(&mut self, organisation: Organisation);
}
