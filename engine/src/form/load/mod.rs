//! From trees to the field standard and forms, with every mistake at its place.

mod field;
mod form;
mod reader;
mod standard;

pub(super) use field::{check_named, check_word};
pub use form::load_form;
pub(crate) use reader::{Reader, Shape};
pub(super) use standard::cyclic;
pub use standard::load_standard;

#[cfg(test)]
mod tests;
