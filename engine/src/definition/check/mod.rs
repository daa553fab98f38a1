//! What is checked once the whole process is read.

mod data;
mod law;
mod messages;
mod people;
mod reach;
mod resolve;
mod sound;
mod templates;
mod time;

pub use sound::soundness_findings;

use super::{Process, context::Context};

/// Adds every finding on the compiled process; `broken` says that its graph has holes which were told already.
pub(super) fn check(cx: &mut Context<'_>, process: &Process, broken: bool) {
    resolve::check(cx, process);
    templates::check(cx, process);
    messages::check(cx, process);
    data::check(cx, process);
    people::check(cx, process);
    if broken {
        return;
    }
    reach::check(cx, process);
    sound::check(cx, process);
    law::check(cx, process);
    time::check(cx, process);
}
