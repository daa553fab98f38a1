//! Time: a promise keeps within the law, and steps within a clock have limits that fit into it.

use std::collections::BTreeSet;

use crate::{
    calendar::{Duration, DurationUnit},
    definition::{ClockDeclaration, Node, NodeIx, NodeKind, Process, TimerTrigger, Trigger, context::Context},
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
        let regions = Regions { process, leader: leader(process, clock), clock };
        steps_inside(cx, &regions, id);
        steps_together(cx, &regions, id);
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

/// The clock whose starts, stops and pauses a clock has: itself, or the one at the end of `follows`.
fn leader<'p>(process: &'p Process, clock: &'p ClockDeclaration) -> &'p ClockDeclaration {
    let follow = |clock: &&'p ClockDeclaration| clock.follows.as_ref().and_then(|id| process.clocks.get(id));
    std::iter::successors(Some(clock), follow).take(process.clocks.len() + 1).last().unwrap_or(clock)
}

/// A clock over its process.
struct Regions<'p> {
    process: &'p Process,
    /// Who says where it runs.
    leader: &'p ClockDeclaration,
    /// Who says how long.
    clock: &'p ClockDeclaration,
}

/// Steps between a clock's start and its stop need a limit, which must not be longer than the clock.
fn steps_inside(cx: &mut Context<'_>, regions: &Regions<'_>, id: &str) {
    let Regions { process, leader, clock } = *regions;
    for &ix in &region(process, leader) {
        let node = &process.nodes[ix];
        let NodeKind::UserTask(task) = &node.kind else { continue };
        if leader.pause_in.contains(&node.id) {
            continue;
        }
        let Some(due) = task.due else {
            // Told once, of the clock that is followed.
            if clock.follows.is_none() {
                without_limit(cx, node, id);
            }
            continue;
        };
        // What is longer than the clock that is followed is told there.
        let told = clock.follows.is_some() && longer(due, leader.limit) == Some(true);
        if longer(due, clock.limit) == Some(true) && !told {
            let limit = clock.limit;
            let message = Text::new(
                format!("办理期限 {due} 长于时限“{id}”的 {limit}"),
                format!("`due` {due} is longer than the clock `{id}`, {limit}"),
            );
            cx.findings.push(Finding::warning("T003", node.place.clone(), message).about(node.id.clone()));
        }
    }
}

fn without_limit(cx: &mut Context<'_>, node: &Node, id: &str) {
    let message = Text::new(
        format!("“{}”处于时限“{id}”之内，却没有办理期限", node.id),
        format!("`{}` lies within the clock `{id}` but has no `due`", node.id),
    );
    let help = Text::new("写明 due，例如 due: 2wd", "give `due`, such as `due: 2wd`");
    cx.findings.push(Finding::warning("T001", node.place.clone(), message).about(node.id.clone()).help(help));
}

/// The limits of the steps on the longest way through the clock must fit into it. A working day counts as one day, which
/// it takes at least, so that what is found is certain. What a called process takes is not known and counts nothing.
fn steps_together(cx: &mut Context<'_>, regions: &Regions<'_>, id: &str) {
    let Regions { process, leader, clock } = *regions;
    if !matches!(clock.limit.unit, DurationUnit::Days | DurationUnit::WorkingDays) {
        return;
    }
    let region = region(process, leader);
    let starts: Vec<NodeIx> = leader.start_at.keys().filter_map(|id| process.by_id.get(id)).copied().collect();
    let mut walk = Walk { regions, region: &region, way: Vec::new(), longest: (0, Vec::new()), steps: 0 };
    starts.iter().for_each(|&start| walk.on(start, 0));
    let (days, way) = walk.longest;
    if days > clock.limit.amount && way.len() > 1 {
        let (limit, way) = (clock.limit, way.join(" → "));
        let message = Text::new(
            format!("时限“{id}”为 {limit}，各环节期限相加至少 {days} 日：{way}"),
            format!("the clock `{id}` is {limit}, but the steps' limits add up to {days} days at least: {way}"),
        );
        cx.findings.push(Finding::warning("T006", clock.place.clone(), message).about(id));
    }
}

/// Ways through a clock that enter no node twice.
struct Walk<'a> {
    regions: &'a Regions<'a>,
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
            self.longest = (days, tasks.map(|&ix| self.regions.process.nodes[ix].id.clone()).collect());
        }
        onwards(self.regions.process, ix).into_iter().for_each(|next| self.on(next, days));
        self.way.pop();
    }

    /// What a node takes at most; a step longer than the whole clock is told by itself.
    fn days(&self, ix: NodeIx) -> i64 {
        let Regions { process, leader, clock } = self.regions;
        let node = &process.nodes[ix];
        let around = std::iter::successors(Some(ix), |&ix| process.scopes[process.nodes[ix].scope].node);
        if around.into_iter().any(|ix| leader.pause_in.contains(&process.nodes[ix].id)) {
            return 0;
        }
        let takes = match &node.kind {
            NodeKind::UserTask(task) => task.due,
            NodeKind::CatchEvent(Trigger::Timer(TimerTrigger::After(wait))) => Some(*wait),
            _ => None,
        };
        match takes {
            Some(Duration { amount, unit: DurationUnit::Days | DurationUnit::WorkingDays }) if amount <= clock.limit.amount => amount,
            _ => 0,
        }
    }
}

/// Where a way goes on: into a sub-process and out of it again, and along what flows lead to.
pub(super) fn onwards(process: &Process, ix: NodeIx) -> Vec<NodeIx> {
    let node = &process.nodes[ix];
    let after = |node: &Node| node.outgoing.iter().map(|&flow| process.flows[flow].to).collect::<Vec<_>>();
    let inside = match &node.kind {
        NodeKind::EventSubProcess(_) => None,
        kind => kind.inside(),
    };
    if let Some(scope) = inside {
        let scope = &process.scopes[scope];
        return scope.starts.iter().chain(&scope.orphans).copied().collect();
    }
    match process.scopes[node.scope].node {
        Some(around) if node.outgoing.is_empty() => after(&process.nodes[around]),
        _ => after(node),
    }
}

/// Nodes that are entered while the clock runs: after a start, before a stop.
fn region(process: &Process, clock: &ClockDeclaration) -> BTreeSet<NodeIx> {
    let stops = |ix: NodeIx| clock.stop_at.contains(&process.nodes[ix].id);
    let interrupts = |ix: &NodeIx| matches!(&process.nodes[*ix].kind, NodeKind::BoundaryEvent(event) if event.interrupting);
    let mut region = BTreeSet::new();
    let mut ahead: Vec<NodeIx> = clock.start_at.keys().filter_map(|id| process.by_id.get(id)).copied().collect();
    while let Some(ix) = ahead.pop() {
        if stops(ix) || !region.insert(ix) {
            continue;
        }
        ahead.extend(onwards(process, ix));
        ahead.extend(process.nodes[ix].boundary.iter().copied().filter(interrupts));
    }
    region
}
