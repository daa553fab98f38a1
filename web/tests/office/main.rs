//! The office over HTTP, as a browser without script and as a program: on SQLite, with the clock in the test's hand.

#![expect(clippy::unwrap_used, reason = "tests")]

mod administration;
mod api;
mod matrix;
mod operations;
mod pages;
mod rig;
mod rights;
