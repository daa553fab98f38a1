//! Time: a promise keeps within the law, and steps within a clock have limits that fit into it.

use std::collections::BTreeSet;

use crate::{
    calendar::{Duration, DurationUnit},
    definition::{ClockDeclaration, NodeIx, NodeKind, Process, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Adds the findings of group T.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for (id, clock) in &process.clocks {
        if let Some(other) = clock.follows.as_ref().and_then(|id| process.clocks.get(id)) {
            promise(cx, id, clock, other);
        }
        if clock.follows.is_none() {
            steps_inside(cx, process, id, clock);
        }
    }
}

fn promise(cx: &mut Context<'_>, id: &str, clock: &ClockDeclaration, law: &ClockDeclaration) {
    if longer(clock.limit, law.limit) == Some(true) {
        let (promised, limit) = (clock.limit, law.limit);
        let message = Text::new(
            format!("承诺时限 {promised} 长于法定时限 {limit}"),
            format!("the promised limit {promised} is longer than the legal one, {limit}"),
        );
        cx.findings.push(Finding::error("T002", clock.place.clone(), message).about(id));
    }
}

/// Whether one limit is longer than another, where that does not depend on the calendar.
fn longer(one: Duration, other: Duration) -> Option<bool> {
    use DurationUnit::{Days, WorkingDays};
    match (one.unit, other.unit) {
        (a, b) if a == b => Some(one.amount > other.amount),
        // n working days never take less than n calendar days.
        (WorkingDays, Days) if one.amount > other.amount => Some(true),
        _ => None,
    }
}

/// Steps between a clock's start and its stop need a limit; in a straight line their sum must fit.
fn steps_inside(cx: &mut Context<'_>, process: &Process, id: &str, clock: &ClockDeclaration) {
    for &ix in &region(process, clock) {
        let node = &process.nodes[ix];
        let NodeKind::UserTask(task) = &node.kind else { continue };
        if clock.pause_in.contains(&node.id) {
            continue;
        }
        let Some(due) = task.due else {
            let message = Text::new(
                format!("“{}”处于时限“{id}”之内，却没有办理期限", node.id),
                format!("`{}` lies within the clock `{id}` but has no `due`", node.id),
            );
            let help = Text::new("写明 due，例如 due: 2wd", "give `due`, such as `due: 2wd`");
            cx.findings.push(Finding::warning("T001", node.place.clone(), message).about(node.id.clone()).help(help));
            continue;
        };
        if longer(due, clock.limit) == Some(true) {
            let limit = clock.limit;
            let message = Text::new(
                format!("办理期限 {due} 长于时限“{id}”的 {limit}"),
                format!("`due` {due} is longer than the clock `{id}`, {limit}"),
            );
            cx.findings.push(Finding::warning("T003", node.place.clone(), message).about(node.id.clone()));
        }
    }
}

/// Nodes that are entered while the clock runs: after a start, before a stop.
fn region(process: &Process, clock: &ClockDeclaration) -> BTreeSet<NodeIx> {
    let stops = |ix: NodeIx| clock.stop_at.contains(&process.nodes[ix].id);
    let mut region = BTreeSet::new();
    let mut ahead: Vec<NodeIx> = clock.start_at.keys().filter_map(|id| process.by_id.get(id)).copied().collect();
    while let Some(ix) = ahead.pop() {
        if stops(ix) || !region.insert(ix) {
            continue;
        }
        let node = &process.nodes[ix];
        ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to));
        if let NodeKind::SubProcess(scope) = node.kind {
            ahead.extend(&process.scopes[scope].starts);
        }
    }
    region
}
