//! Which nodes can be reached, and which can reach an end.

use std::collections::BTreeSet;

use crate::{
    definition::{NodeIx, NodeKind, Process, ScopeIx, Throw, Trigger, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Reports dead nodes and nodes without a way to an end.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let reached = reached(process);
    for ix in first_dead(process, &reached) {
        let node = &process.nodes[ix];
        let message = Text::new(format!("没有路径到达“{}”", node.id), format!("nothing leads to `{}`", node.id));
        cx.findings.push(Finding::warning("F004", node.place.clone(), message).about(node.id.clone()));
    }
    for scope in 0..process.scopes.len() {
        if let Some((first, stuck)) = stuck(process, scope, &reached) {
            let names = stuck.join(", ");
            let message = Text::new(format!("从这里到不了任何结束：{names}"), format!("no end can be reached from here: {names}"));
            cx.findings.push(Finding::error("F005", process.nodes[first].place.clone(), message).about(process.nodes[first].id.clone()));
        }
    }
}

/// Every node that some path enters.
pub(super) fn reached(process: &Process) -> BTreeSet<NodeIx> {
    let mut reached = BTreeSet::new();
    let mut ahead = inside(process, 0);
    while let Some(ix) = ahead.pop() {
        if !reached.insert(ix) {
            continue;
        }
        let node = &process.nodes[ix];
        ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to));
        ahead.extend(&node.boundary);
        ahead.extend(node.kind.inside().map(|scope| inside(process, scope)).unwrap_or_default());
        ahead.extend(linked(process, ix));
    }
    reached
}

/// The catching links that a throwing one goes on at.
fn linked(process: &Process, ix: NodeIx) -> Vec<NodeIx> {
    let NodeKind::ThrowEvent(Throw::Link(name)) = &process.nodes[ix].kind else { return Vec::new() };
    let catches = |node: &NodeIx| matches!(&process.nodes[*node].kind, NodeKind::CatchEvent(Trigger::Link(other)) if other == name);
    (0..process.nodes.len()).filter(catches).collect()
}

fn inside(process: &Process, scope: ScopeIx) -> Vec<NodeIx> {
    let scope = &process.scopes[scope];
    scope.starts.iter().chain(&scope.orphans).chain(&scope.event_sub_processes).copied().collect()
}

/// Dead nodes that no other dead node leads to: what follows from them needs no finding of its own.
fn first_dead(process: &Process, reached: &BTreeSet<NodeIx>) -> Vec<NodeIx> {
    let dead: Vec<NodeIx> = (0..process.nodes.len()).filter(|ix| !reached.contains(ix)).collect();
    let led_to = |ix: &NodeIx| {
        let node = &process.nodes[*ix];
        let attached = matches!(node.kind, NodeKind::BoundaryEvent(_) | NodeKind::StartEvent(_));
        let around = process.scopes[node.scope].node.is_some_and(|node| !reached.contains(&node));
        attached || around || node.incoming.iter().any(|&flow| process.flows[flow].from < *ix)
    };
    dead.into_iter().filter(|ix| !led_to(ix)).collect()
}

/// The reached nodes of a scope that cannot reach an end: the first of them, and all their ids.
fn stuck(process: &Process, scope: ScopeIx, reached: &BTreeSet<NodeIx>) -> Option<(NodeIx, Vec<String>)> {
    let here = |ix: &NodeIx| process.nodes[*ix].scope == scope;
    let mut can_end: BTreeSet<NodeIx> = BTreeSet::new();
    let mut ahead: Vec<NodeIx> = (0..process.nodes.len()).filter(here).filter(|&ix| is_end(&process.nodes[ix].kind)).collect();
    while let Some(ix) = ahead.pop() {
        if !can_end.insert(ix) {
            continue;
        }
        let node = &process.nodes[ix];
        ahead.extend(node.incoming.iter().map(|&flow| process.flows[flow].from));
        if let NodeKind::BoundaryEvent(boundary) = &node.kind
            && boundary.interrupting
        {
            ahead.push(boundary.attached_to);
        }
    }
    let counts = |ix: &NodeIx| reached.contains(ix) && !matches!(process.nodes[*ix].kind, NodeKind::EventSubProcess(_));
    let stuck: Vec<NodeIx> = (0..process.nodes.len()).filter(here).filter(counts).filter(|ix| !can_end.contains(ix)).collect();
    let by_place = |&ix: &NodeIx| process.nodes[ix].place.span;
    let looping = stuck.iter().copied().filter(|&ix| leads_to_itself(process, ix)).min_by_key(by_place);
    let first = looping.or_else(|| stuck.iter().copied().min_by_key(by_place))?;
    Some((first, stuck.iter().map(|&ix| process.nodes[ix].id.clone()).collect()))
}

fn leads_to_itself(process: &Process, from: NodeIx) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(ix) = ahead.pop() {
        let targets = process.nodes[ix].outgoing.iter().map(|&flow| process.flows[flow].to);
        ahead.extend(targets.filter(|&to| seen.insert(to)));
    }
    seen.contains(&from)
}

fn is_end(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::EndEvent(_))
}
