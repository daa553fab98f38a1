//! What data looks like: the field standard, code lists and forms; validating and drawing them.

mod model;

pub use model::*;
