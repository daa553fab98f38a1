//! BPMN 2.0 XML and the dialect: reading, writing, and what XML alone can be checked for.
//!
//! Each `<process>` of a file becomes one tree in the keys of the dialect, whose places point into the XML; the same
//! builder that compiles YAML compiles it. Source: OMG BPMN 2.0.2 (formal/2013-12-09), chapters 8 to 10 and 15.

mod constraints;
mod kept;
mod read;
mod shrub;
mod write;

use crate::xml;

pub use constraints::check_constraints;
pub use read::{Ids, Outcome, Read, ReadOptions, ReportLine, read};
pub use write::write;
