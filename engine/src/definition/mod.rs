//! Process definitions: from YAML to a compiled, checked model.

mod model;

pub use model::*;
