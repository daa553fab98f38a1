//! Tongban's edge: pages, JSON API, and the `tongban` command line.

pub mod api;
pub mod app;
pub mod assets;
pub mod cli;
pub mod desk;
pub mod error;
pub mod fields;
pub mod hand_over;
pub mod headers;
pub mod operation;
pub mod origin;
pub mod page;
pub mod people;
pub mod platform;
pub mod random;
pub mod reveal;
pub mod serve;
pub mod session;
pub mod state;
pub mod test_clock;
pub mod upload;
pub mod view;
pub mod why;
