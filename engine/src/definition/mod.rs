//! Process definitions: from YAML to a compiled, checked model.
//!
//! [`load_office`] reads every file of an office. A file becomes a tree ([`crate::source`]); `shape` checks it against the
//! table of keys; `declare` and `build` compile it into the model; `check` looks at the whole. Nothing stops at the first
//! mistake: whatever cannot be compiled is left out, and every finding is told.

mod build;
mod bundle;
mod check;
mod context;
mod declare;
mod experiment;
mod fragment;
mod load;
mod migration;
mod model;
mod names;
mod policy;
mod remind;
mod shape;
mod task_form;

pub use bundle::{Bundle, DUTIES, Definition, Office, Role, Sees, THREE};
pub use check::{TwoInOne, soundness_findings, staffing_findings, two_in_one};
pub use experiment::{Automatic, is_xml, load_experiment};
pub use load::{load_office, load_pinned};
pub use model::*;
pub(crate) use remind::all_spelled_out;
pub use shape::{Here, Part, Way, Word, here, json_schema, meaning, vocabulary};
