//! Records what a migration did: every name that the case remembers is called as in its new version.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Case, Compensable, Event, Passed, Timer, TimerPurpose, Trail, Waiter};

/// Records an event of a migration on `case`; total, as [`super::super::apply`].
pub(in super::super) fn apply(case: &mut Case, event: &Event) {
    match event {
        Event::Migrated { to, nodes, dropped, .. } => {
            case.definition.clone_from(to);
            rename(case, nodes, dropped);
        }
        Event::TokenRerouted { token, flow } => {
            if let Some(token) = case.tokens.get_mut(token) {
                token.flow.clone_from(flow);
            }
        }
        Event::TaskMoved { task, post, due, provisional, limit } => {
            if let Some(task) = case.tasks.get_mut(task) {
                task.post = post.clone();
                (task.due, task.provisional, task.limit) = (*due, *provisional, *limit);
            }
        }
        Event::TimerReset { timer, purpose, since, due, after, provisional, repeat } => {
            let purpose = purpose.clone();
            let reset = Timer { purpose, since: *since, due: *due, after: *after, provisional: *provisional, repeat: *repeat };
            case.timers.insert(*timer, reset);
        }
        Event::ClockLimited { clock, limit, .. } => {
            if let Some(record) = case.clocks.get_mut(clock) {
                record.limit = *limit;
            }
        }
        Event::ClockLaidAside { clock } => {
            if let Some(record) = case.clocks.remove(clock) {
                case.laid_aside.insert(clock.clone(), record);
            }
        }
        Event::ClockTakenUp { clock, .. } => {
            if let Some(record) = case.laid_aside.remove(clock) {
                case.clocks.insert(clock.clone(), record);
            }
        }
        _ => {}
    }
}

fn rename(case: &mut Case, nodes: &BTreeMap<String, String>, dropped: &BTreeSet<String>) {
    let call = |node: &mut String| {
        if let Some(new) = nodes.get(node) {
            node.clone_from(new);
        }
    };
    for scope in case.scopes.values_mut() {
        scope.node.iter_mut().for_each(call);
        scope.later.iter_mut().for_each(call);
        forget(&mut scope.done, dropped);
        forget(&mut scope.compensation, dropped);
        rename_done(&mut scope.done, &call);
        rename_done(&mut scope.compensation, &call);
        scope.resetting = renamed_keys(std::mem::take(&mut scope.resetting), &call).collect();
        rename_trail(&mut scope.trail, &call);
    }
    for token in case.tokens.values_mut() {
        call(&mut token.node);
        forget(&mut token.compensation, dropped);
        rename_done(&mut token.compensation, &call);
    }
    case.tasks.values_mut().for_each(|task| call(&mut task.node));
    case.jobs.values_mut().for_each(|job| call(&mut job.node));
    case.calls.values_mut().for_each(|waiting| call(&mut waiting.node));
    case.incidents.values_mut().for_each(|incident| call(&mut incident.node));
    for timer in case.timers.values_mut() {
        if let TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } = &mut timer.purpose {
            call(node);
        }
    }
    for wait in case.waits.values_mut() {
        let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = &mut wait.waiter;
        call(node);
    }
    case.copies.values_mut().for_each(|copy| call(&mut copy.node));
    rename_trail(&mut case.trail, &call);
    let mut passed: BTreeMap<String, Passed> = BTreeMap::new();
    for (node, before) in renamed_keys(std::mem::take(&mut case.passed), &call) {
        let all = passed.entry(node).or_default();
        all.times += before.times;
        all.by.extend(before.by);
    }
    case.passed = passed;
}

/// Of two nodes that are one now, the later pass counts.
fn rename_trail(trail: &mut Trail, call: &impl Fn(&mut String)) {
    let mut renamed = Trail::new();
    for (node, pass) in renamed_keys(std::mem::take(trail), call) {
        let known = renamed.entry(node).or_default();
        if pass.order >= known.order {
            *known = pass;
        }
    }
    *trail = renamed;
}

fn renamed_keys<V>(map: BTreeMap<String, V>, call: &impl Fn(&mut String)) -> impl Iterator<Item = (String, V)> {
    map.into_iter().map(move |(mut node, value)| {
        call(&mut node);
        (node, value)
    })
}

fn rename_done(done: &mut [Compensable], call: &impl Fn(&mut String)) {
    for entry in done {
        call(&mut entry.node);
        rename_done(&mut entry.done, call);
    }
}

fn forget(done: &mut Vec<Compensable>, dropped: &BTreeSet<String>) {
    done.retain(|entry| !dropped.contains(&entry.node));
    done.iter_mut().for_each(|entry| forget(&mut entry.done, dropped));
}
