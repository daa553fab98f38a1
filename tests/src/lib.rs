//! What tests across crates share: the office's files, worlds to run scenarios in.

pub mod conformance;
pub mod office;
pub mod stores;
