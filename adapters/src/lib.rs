//! The shell of Tongban: everything that touches the world, except what comes in over HTTP.
//!
//! [`store`] is the only way to change anything: commands go to its committer and come back as answers after a commit.
//! Everything sensitive rests [`seal`]ed; time comes from a [`clock`] that is handed in.

pub mod accounts;
pub mod between;
pub mod clock;
pub mod config;
pub mod files;
pub mod hand_over;
pub mod housekeeping;
pub mod http;
pub mod identity_platform;
pub mod mail;
pub mod office;
pub mod one_net;
pub mod outbox;
pub mod seal;
pub mod spreadsheet;
pub mod store;
mod timed_starts;
pub mod timers;
pub mod yaml;
