//! Proved before it runs: whether every case of some processes can end, ends once, and uses all that is drawn.
//!
//! [`verdict`] plays the compiled model in every order in which things can happen (BPMN 2.0, chapter 13), with the rules of
//! the interpreter and every condition unknown, so that what it finds holds whatever data say. Several processes are played
//! together with the messages that they send each other.
//!
//! What is played, where BPMN or data leave a choice:
//! - An exclusive gateway takes any way, an action or an event-based gateway too; out of inclusive and complex gateways and
//!   along conditional flows any choice of at least one, or the default. Of more than eight conditional flows at one node
//!   only each alone and all together are played, and the verdict says that it is not complete.
//! - What comes from outside (time, people, signals, conditions, messages that no other process of those played sends) may
//!   happen at any moment at which it is waited for, or never be needed: it is assumed to come at some time.
//! - A message that one of the processes sends to another is there only once sent; at most four of one name are kept. A
//!   process that begins by such a message begins once.
//! - A boundary event that interrupts may happen for as long as its activity is there. One that does not interrupt, and an
//!   event sub-process that does not, happens at most once in each opening of its scope.
//! - An error or escalation boundary event of a sub-process happens when something inside throws what it catches; if nothing
//!   does, at any moment, since a task or a called case may throw. Nothing caught: an error ends the case.
//! - A multi-instance sub-process or a loop has no rounds (if it may), or one round after another as long as it likes:
//!   instances only meet outside, so that instances at the same time can do nothing that they cannot do in turn.
//! - An inclusive join goes on exactly when no token can still come to one of its empty ways; a complex gateway may be
//!   activated by whatever has come.
//! - A vote can pass and can fail: either way is played, by the action in favour or by any of those against it.
//! - Compensation runs handlers one after another in any order; a handler with an inside must itself come to its end.
//! - The four properties are about the drawing: an activity takes one token and lets one out by each way, whatever
//!   `startQuantity` and `completionQuantity` say (with them, two tokens on a flow are what is wanted). Standstills are
//!   looked for with the quantities, and told as [`Violation::Deadlock`].
//! - A called process is a task that completes or throws.

mod explore;
mod join;
mod judge;
mod landing;
mod marking;
mod net;
mod play;
mod reach;
mod scope;
mod state;
mod throw;

use serde::Serialize;

use crate::{definition::NodeIx, source::Place};

#[doc(hidden)]
pub use judge::verdict_by;

pub use judge::{verdict, verdict_from};

/// The four properties; None: not decided, because there are more states than are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// No sequence flow ever holds two tokens.
    pub safe: Option<bool>,
    /// From every state that can be reached, an end can be reached.
    pub option_to_complete: Option<bool>,
    /// No end event is reached twice in one opening of its scope.
    pub proper_completion: Option<bool>,
    /// Every activity can happen.
    pub no_dead_activities: Option<bool>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Violation {
    /// Nothing can happen any more, but the case has not ended. Rescue from outside does not count: an event at the border
    /// of a sub-process or an event sub-process (such as a withdrawal) that could still end it leaves
    /// [`Verdict::option_to_complete`] true, but what it would have to rescue is a mistake.
    Deadlock,
    /// Something can always happen, but no end can be reached, rescue from outside left aside.
    Livelock,
    /// A flow holds two tokens.
    Unsafe,
    /// An end event is reached twice.
    EndsTwice,
    /// A node that nothing ever reaches, although flows lead to it.
    Dead,
}

/// A node on the way to what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which of the processes.
    pub process: usize,
    /// Its index there.
    pub node: NodeIx,
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub place: Place,
}

/// Something wrong, with a shortest way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What is wrong.
    pub violation: Violation,
    /// Where: the node that waits in vain, that lets two tokens out, the end event, the dead node.
    pub at: Passed,
    /// What happens on the way there, in order; empty for what is dead.
    pub way: Vec<Passed>,
}

/// What was found, and how far it was looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The four properties.
    pub verdict: Verdict,
    /// What is wrong: at most one of each kind, except dead nodes, which are all here in written order.
    pub witnesses: Vec<Witness>,
    /// States that were looked at.
    pub states: usize,
    /// Whether these are all.
    pub complete: bool,
}
