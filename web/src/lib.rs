//! Tongban's edge: pages, JSON API, and the `tongban` command line.

pub mod assets;
pub mod cli;
pub mod error;
pub mod headers;
pub mod random;
pub mod view;
