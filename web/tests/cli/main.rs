//! The designer's commands, given to the built binary as a designer would.

#![expect(clippy::unwrap_used, reason = "tests")]

mod check;
mod diff;
mod lsp;
mod reference;
mod rig;
mod simulate;
mod test;
