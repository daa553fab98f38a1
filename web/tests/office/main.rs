//! The office over HTTP, as a browser without script and as a program: on SQLite, with the clock in the test's hand.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod administration;
mod api;
mod files;
mod matrix;
mod operations;
mod pages;
mod people;
mod reveal;
mod rig;
mod rights;
