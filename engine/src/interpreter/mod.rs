//! Running a case: `decide` says what happens and changes nothing, [`apply`] records it and cannot fail.
//!
//! `decide` works on a copy of the case: each event it emits is applied to that copy at once, so that the next step
//! sees it. What it returns is therefore exactly what `apply` will make of the case again, here or anywhere.

mod apply;
mod case;
mod command;
mod effect;
mod event;
mod rejection;

pub use apply::apply;
pub use case::*;
pub use command::*;
pub use effect::*;
pub use event::*;
pub use rejection::*;
