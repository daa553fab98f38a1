//! What is checked once the whole process is read.

mod absent;
mod administrators;
mod calls;
mod choices;
mod data;
mod decisions;
mod effects;
mod law;
mod messages;
mod people;
mod procedure;
mod reach;
mod resolve;
mod rights;
mod shared;
mod sound;
mod staffing;
mod starts;
mod templates;
mod time;
mod way;
mod written;

pub(super) use administrators::roles as administrators;
pub use administrators::{TwoInOne, two_in_one};
pub(super) use calls::check as calls;
pub(super) use shared::check as shared;
pub use sound::soundness_findings;
pub use staffing::staffing_findings;

use super::{
    Node, Process,
    context::Context,
    names::{Besides, NO_INSTANCE, Names},
};

/// Adds every finding on the compiled process; `broken` says that its graph has holes which were told already.
pub(super) fn check(cx: &mut Context<'_>, process: &Process, broken: bool) {
    resolve::check(cx, process);
    templates::check(cx, process);
    messages::check(cx, process);
    starts::check(cx, process);
    data::check(cx, process);
    rights::check(cx, process);
    people::check(cx, process);
    administrators::check(cx, process);
    if broken {
        choices::check(cx, process, None);
        decisions::check(cx, process, None);
        return;
    }
    let written = written::Written::of(cx, process);
    choices::check(cx, process, Some(&written));
    absent::check(cx, process, &written);
    decisions::check(cx, process, Some(&written));
    reach::check(cx, process);
    sound::check(cx, process);
    law::check(cx, process);
    procedure::check(cx, process);
    time::check(cx, process);
}

/// The names that can be read at a node.
fn names_at<'a>(process: &'a Process, node: &'a Node, besides: Besides) -> Names<'a> {
    let inside = node.kind.inside().is_some();
    let instance = node.multi_instance.as_ref().filter(|_| !inside).map_or(&*NO_INSTANCE, |multi| &multi.types);
    Names { data: &process.data.fields, scopes: &process.scopes, scope: node.scope, instance, brought: &NO_INSTANCE, besides }
}
