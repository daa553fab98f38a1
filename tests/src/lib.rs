//! What tests across crates share: the office's files, worlds to run scenarios in.

pub mod conformance;
/// What the fuzz targets do with their bytes.
#[path = "../fuzz/src/lib.rs"]
pub mod fuzz;
pub mod office;
pub mod stores;
