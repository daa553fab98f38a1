//! Running a case: [`decide`] says what happens and changes nothing, [`apply`] records it and cannot fail.
//!
//! `decide` works on a copy of the case: each event it emits is applied to that copy at once, so that the next step
//! sees it. What it returns is therefore exactly what `apply` will make of the case again, here or anywhere.

mod apply;
mod case;
mod clock;
mod command;
mod decide;
mod effect;
mod event;
mod form_data;
pub mod invariant;
mod message;
mod names;
mod numbering;
mod operation;
mod permission;
mod rejection;
mod run;
mod step;
pub(crate) mod turns;

pub use apply::apply;
pub use case::*;
pub use command::*;
pub use decide::{decide, decided};
pub use effect::*;
pub use event::*;
pub use names::CaseNames;
pub use operation::*;
pub use permission::{acts_for_applicant, may_complete, offered_actions};
pub use rejection::*;
pub(crate) use run::{STEPS_MAX, too_many_steps};
