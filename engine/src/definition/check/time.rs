//! Time: a promise keeps within the law, and steps within a clock have limits that fit into it.

use std::collections::BTreeSet;

use crate::{
    calendar::{Duration, DurationUnit},
    definition::{ClockDeclaration, NodeIx, NodeKind, Process, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Steps looked at while adding up limits.
const STEPS_MAX: usize = 20_000;

/// Nodes on one way at most: the walk goes as deep as the way is long.
const WAY_MAX: usize = 500;

/// Adds the findings of group T.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for (id, clock) in &process.clocks {
        if let Some(other) = clock.follows.as_ref().and_then(|id| process.clocks.get(id)) {
            promise(cx, id, clock, other);
        }
        if clock.follows.is_none() {
            steps_inside(cx, process, id, clock);
            steps_together(cx, process, id, clock);
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

/// The limits of the steps on the longest way through the clock must fit into it. A working day counts as one day, which
/// it takes at least, so that what is found is certain.
fn steps_together(cx: &mut Context<'_>, process: &Process, id: &str, clock: &ClockDeclaration) {
    if !matches!(clock.limit.unit, DurationUnit::Days | DurationUnit::WorkingDays) {
        return;
    }
    let region = region(process, clock);
    let starts: Vec<NodeIx> = clock.start_at.keys().filter_map(|id| process.by_id.get(id)).copied().collect();
    let (days, way) = longest(process, clock, &region, &starts);
    if days > clock.limit.amount && way.len() > 1 {
        let (limit, way) = (clock.limit, way.join(" → "));
        let message = Text::new(
            format!("时限“{id}”为 {limit}，各环节期限相加至少 {days} 日：{way}"),
            format!("the clock `{id}` is {limit}, but the steps' limits add up to {days} days at least: {way}"),
        );
        cx.findings.push(Finding::warning("T006", clock.place.clone(), message).about(id));
    }
}

/// The longest way from one of `starts`, in days, with its tasks.
fn longest(process: &Process, clock: &ClockDeclaration, region: &BTreeSet<NodeIx>, starts: &[NodeIx]) -> (i64, Vec<String>) {
    let mut walk = Walk { process, clock, region, way: Vec::new(), longest: (0, Vec::new()), steps: 0 };
    starts.iter().for_each(|&start| walk.on(start, 0));
    walk.longest
}

/// Ways through a clock that enter no node twice.
struct Walk<'a> {
    process: &'a Process,
    clock: &'a ClockDeclaration,
    region: &'a BTreeSet<NodeIx>,
    way: Vec<NodeIx>,
    longest: (i64, Vec<String>),
    steps: usize,
}

impl Walk<'_> {
    fn on(&mut self, ix: NodeIx, days: i64) {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.way.len() > WAY_MAX || self.way.contains(&ix) || !self.region.contains(&ix) {
            return;
        }
        self.way.push(ix);
        let days = days + self.days(ix);
        if days > self.longest.0 {
            let tasks = self.way.iter().filter(|&&ix| self.days(ix) > 0);
            self.longest = (days, tasks.map(|&ix| self.process.nodes[ix].id.clone()).collect());
        }
        for &flow in &self.process.nodes[ix].outgoing {
            self.on(self.process.flows[flow].to, days);
        }
        self.way.pop();
    }

    /// What a node takes at most; a step longer than the whole clock is told by itself.
    fn days(&self, ix: NodeIx) -> i64 {
        let node = &self.process.nodes[ix];
        if self.clock.pause_in.contains(&node.id) {
            return 0;
        }
        match &node.kind {
            NodeKind::UserTask(task) => match task.due {
                Some(Duration { amount, unit: DurationUnit::Days | DurationUnit::WorkingDays }) if amount <= self.clock.limit.amount => {
                    amount
                }
                _ => 0,
            },
            NodeKind::SubProcess(scope) => longest(self.process, self.clock, self.region, &self.process.scopes[*scope].starts).0,
            _ => 0,
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
