//! Calls between the processes of an office: the called process is there, takes what it is given and gives what is read,
//! and calls do not go round for ever.
//!
//! | code | about |
//! |---|---|
//! | `R013` | a process that is called and not there |
//! | `R019` | data that the called process does not have, given to it or read of its result |
//! | `D054` | data that the called process asks for when it begins, and that it is not given |
//! | `D004` | data of another type than the called process has it |
//! | `F014` | processes that call each other on every way: no case of them can end |

use std::collections::{BTreeMap, BTreeSet};

use super::names_at;
use crate::{
    definition::{CallActivity, Node, NodeIx, NodeKind, Office, Process, ScopeIx, names::Besides, shape::suggestion},
    diagnostic::Finding,
    form::Form,
    source::Place,
    text::Text,
};

/// What is wrong with the calls in an office; `written` are the ids of all its processes, loaded or not.
pub(in crate::definition) fn check(office: &Office, written: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for definition in office.definitions.values() {
        for node in &definition.process.nodes {
            let NodeKind::CallActivity(call) = &node.kind else { continue };
            match office.definitions.get(&call.process) {
                Some(called) => {
                    findings.extend(fits(office, node, call, &called.process, &definition.rules));
                    let names = names_at(&definition.process, node, Besides::Nothing);
                    let typed = call.with.iter().filter_map(|(name, value)| Some((value, &called.process.data.fields.get(name)?.of)));
                    findings.extend(typed.filter_map(|(value, of)| names.check_assignment(&definition.rules, value, of)));
                }
                // What could not be loaded is told in its own file.
                None if written.contains(&call.process) => {}
                None => findings.push(missing(node, call, written)),
            }
        }
    }
    findings.extend(endless(office));
    findings
}

fn missing(node: &Node, call: &CallActivity, written: &BTreeSet<String>) -> Finding {
    let id = &call.process;
    let known: Vec<&str> = written.iter().map(String::as_str).collect();
    let message = Text::new(format!("没有流程“{id}”可调用"), format!("there is no process `{id}` to call"));
    Finding::error("R013", node.place.clone(), message).about(node.id.clone()).help(suggestion(id, &known))
}

fn fits(office: &Office, node: &Node, call: &CallActivity, called: &Process, rules: &crate::rules::Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    if called.data.open {
        return findings;
    }
    let given = call.with.iter().map(|(name, value)| (name.clone(), value.place.clone()));
    let read = node.set.iter().flat_map(|assignment| rules.members(&assignment.value, "result"));
    for (name, place) in given.chain(read).filter(|(name, _)| !called.data.fields.contains_key(name)) {
        findings.push(unknown(node, called, &name, place));
    }
    let asked: Vec<String> = start_form(office, called).map(asked).unwrap_or_default();
    let parameters = called.parameters.iter().filter(|(_, parameter)| parameter.required).map(|(name, _)| name.clone());
    for name in asked.into_iter().chain(parameters).filter(|name| !call.with_all && !call.with.contains_key(name)) {
        let id = &called.id;
        let message = Text::new(
            format!("流程“{id}”启动时须有“{name}”，这里没有给出"),
            format!("the process `{id}` asks for `{name}` when it begins, and it is not given here"),
        );
        let help = Text::new(format!("在 with 中加上 {name}"), format!("add {name} to `with`"));
        findings.push(Finding::error("D054", node.place.clone(), message).about(node.id.clone()).help(help));
    }
    findings
}

fn unknown(node: &Node, called: &Process, name: &str, place: Place) -> Finding {
    let (id, known) = (&called.id, called.data.fields.keys().map(String::as_str).collect::<Vec<_>>());
    let message = Text::new(format!("流程“{id}”没有数据项“{name}”"), format!("the process `{id}` has no data name `{name}`"));
    Finding::error("R019", place, message).about(node.id.clone()).help(suggestion(name, &known))
}

/// The form that a called case is begun with: of its start event without a trigger, else its application.
fn start_form<'o>(office: &'o Office, called: &'o Process) -> Option<&'o Form> {
    let starts = called.scopes[0].starts.iter().filter_map(|&ix| match &called.nodes[ix].kind {
        NodeKind::StartEvent(start) => Some(start),
        _ => None,
    });
    let starts: Vec<_> = starts.collect();
    let start = starts.iter().find(|start| start.trigger.is_none()).or(starts.first())?;
    office.forms.get(start.form.as_ref().or(called.data.form.as_ref())?)
}

fn asked(form: &Form) -> Vec<String> {
    let fields = form.groups.iter().filter(|group| group.repeat.is_none()).flat_map(|group| &group.fields);
    let rows = form.groups.iter().filter(|group| group.required).filter_map(|group| group.repeat.clone());
    fields.filter(|field| field.required).map(|field| field.field.name.clone()).chain(rows).collect()
}

/// Processes that surely call each other in a circle.
fn endless(office: &Office) -> Vec<Finding> {
    let surely: BTreeMap<&str, Vec<(&str, NodeIx)>> =
        office.definitions.values().map(|definition| (definition.process.id.as_str(), sure_calls(&definition.process))).collect();
    let mut findings = Vec::new();
    for definition in office.definitions.values() {
        let process = &definition.process;
        for (called, node) in surely.get(process.id.as_str()).into_iter().flatten() {
            if let Some(circle) = back(&surely, called, &process.id) {
                let way = std::iter::once(process.id.as_str()).chain(circle).collect::<Vec<_>>().join(" → ");
                let message =
                    Text::new(format!("流程互相调用，没有尽头：{way}"), format!("processes call each other without an end: {way}"));
                let help = Text::new("给其中一个流程留一条不再调用的路", "leave one of them a way that does not call");
                let node = &process.nodes[*node];
                findings.push(Finding::warning("F014", node.place.clone(), message).about(node.id.clone()).help(help));
            }
        }
    }
    findings
}

/// The way from one process back to another over sure calls.
fn back<'o>(surely: &BTreeMap<&'o str, Vec<(&'o str, NodeIx)>>, from: &'o str, to: &str) -> Option<Vec<&'o str>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while let Some(way) = ways.pop() {
        let last = way.last().copied()?;
        if last == to {
            return Some(way);
        }
        for (called, _) in surely.get(last).into_iter().flatten() {
            if seen.insert(called) {
                ways.insert(0, way.iter().copied().chain([*called]).collect());
            }
        }
    }
    None
}

/// The calls that no case of the process can end without.
fn sure_calls(process: &Process) -> Vec<(&str, NodeIx)> {
    let calls = process.nodes.iter().enumerate().filter_map(|(ix, node)| match &node.kind {
        NodeKind::CallActivity(call) if node.boundary.is_empty() => Some((call.process.as_str(), ix)),
        _ => None,
    });
    calls.filter(|&(_, ix)| !ends_without(process, 0, ix)).collect()
}

/// Whether a scope can end without passing `avoided`.
fn ends_without(process: &Process, scope: ScopeIx, avoided: NodeIx) -> bool {
    let inside = &process.scopes[scope];
    if !inside.event_sub_processes.is_empty() {
        return true;
    }
    let mut seen = BTreeSet::new();
    let mut ahead: Vec<NodeIx> = inside.starts.iter().chain(&inside.orphans).copied().collect();
    while let Some(ix) = ahead.pop() {
        let node = &process.nodes[ix];
        if ix == avoided || !seen.insert(ix) {
            continue;
        }
        ahead.extend(&node.boundary);
        if node.kind.inside().is_some_and(|inner| node.multi_instance.is_none() && !ends_without(process, inner, avoided)) {
            continue;
        }
        if node.outgoing.is_empty() {
            return true;
        }
        ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to));
    }
    false
}
