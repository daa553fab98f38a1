//! Reads what may be done besides actions: `operations` and `return` of a task, `operations` of a process.

use super::{
    CasePolicy, Operation, ResumeWay, ReturnPolicy, ReturnTo,
    context::{Context, Refers, string, strings},
};
use crate::{
    diagnostic::{Finding, Severity},
    source::{Span, Tree},
    text::Text,
};

/// 审批常用操作: what `preset: cn-approval` allows on a task. Operations on a whole case are allowed by name only.
const CN_APPROVAL: [Operation; 9] = [
    Operation::Transfer,
    Operation::Urge,
    Operation::CopyTo,
    Operation::ExtendClock,
    Operation::Return,
    Operation::TakeBack,
    Operation::Delegate,
    Operation::AddSigner,
    Operation::RemoveSigner,
];

/// `operations:` of a task.
pub(super) fn operations(cx: &mut Context<'_>, tree: Option<&Tree>) -> Vec<Operation> {
    let Some(tree) = tree else { return Vec::new() };
    let preset = if tree.get("preset").is_some() { CN_APPROVAL.to_vec() } else { Vec::new() };
    narrowed(cx, tree, preset)
}

/// `operations:` of a process.
pub(super) fn of_case(cx: &mut Context<'_>, tree: Option<&Tree>) -> CasePolicy {
    let Some(tree) = tree else { return CasePolicy::default() };
    let lanes = strings(tree.get("lanes"))
        .map(|(lane, item)| {
            cx.refer_at(Refers::Lane, &lane, item.span, "operations");
            lane
        })
        .collect();
    let pauses = strings(tree.get("pauses"))
        .map(|(clock, item)| {
            cx.refer_at(Refers::Clock, &clock, item.span, "operations");
            clock
        })
        .collect();
    let all = if tree.get("allow").is_some() { Vec::new() } else { Operation::OF_CASE.to_vec() };
    CasePolicy { lanes, allow: narrowed(cx, tree, all), pauses }
}

/// What is allowed at first, and besides, less what is excepted.
fn narrowed(cx: &mut Context<'_>, tree: &Tree, mut allowed: Vec<Operation>) -> Vec<Operation> {
    for (name, item) in strings(tree.get("allow")) {
        if let Some(operation) = operation(cx, &name, item.span)
            && !allowed.contains(&operation)
        {
            allowed.push(operation);
        }
    }
    for (name, item) in strings(tree.get("except")) {
        if let Some(operation) = operation(cx, &name, item.span) {
            allowed.retain(|&other| other != operation);
        }
    }
    allowed
}

/// An operation by its word; one that the engine does not know yet is a note.
fn operation(cx: &mut Context<'_>, name: &str, span: Span) -> Option<Operation> {
    let known = Operation::from_word(name);
    if known.is_none() {
        let message = Text::new(format!("操作“{name}”目前尚不能执行"), format!("the operation `{name}` cannot be carried out yet"));
        let place = cx.place(span);
        cx.findings.push(Finding { severity: Severity::Note, ..Finding::error("Y060", place, message) });
    }
    known
}

/// `return:` of a task.
pub(super) fn returns(cx: &mut Context<'_>, tree: Option<&Tree>, element: &str) -> ReturnPolicy {
    let Some(tree) = tree else { return ReturnPolicy::default() };
    let to = match tree.get("to") {
        None => ReturnTo::Previous,
        Some(to) if to.list().is_some() => ReturnTo::Steps(
            strings(Some(to))
                .map(|(step, item)| {
                    cx.refer_at(Refers::UserTask, &step, item.span, element);
                    step
                })
                .collect(),
        ),
        Some(to) if string(to).as_deref() == Some("any") => ReturnTo::Any,
        Some(_) => ReturnTo::Previous,
    };
    let resume = match tree.get("resume").and_then(string).as_deref() {
        Some("here") => Some(ResumeWay::Here),
        Some("through") => Some(ResumeWay::Through),
        _ => None,
    };
    ReturnPolicy { to, resume }
}
