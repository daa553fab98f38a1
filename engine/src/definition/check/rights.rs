//! Writes that a step may not make: what it does not show, what the applicant reported, what is not the step's own.
//!
//! | code | about |
//! |---|---|
//! | `D008` | a field that the step may edit and does not show |
//! | `D009` | a machine that writes over what the applicant reported |
//! | `D010` | a write to the element that an instance is for |

use crate::{
    definition::{Node, NodeKind, Process, context::Context},
    diagnostic::Finding,
    source::Place,
    text::Text,
};

/// Who reports a field that the office does not write (`reported_by` of the field standard).
const APPLICANT: &str = "applicant";

/// Adds the findings.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for node in &process.nodes {
        hidden(cx, node);
        for (name, place) in writes(node) {
            reported(cx, process, node, &name, &place);
            element(cx, process, node, &name, place);
        }
    }
}

fn hidden(cx: &mut Context<'_>, node: &Node) {
    let NodeKind::UserTask(task) = &node.kind else { return };
    let Some((form, shown)) = task.form.as_ref().and_then(|form| Some((form, form.show.as_ref()?))) else { return };
    for name in form.edit.iter().filter(|name| !shown.contains(name)) {
        let message = Text::new(
            format!("“{}”可以填写“{name}”，但没有显示它", node.id),
            format!("`{}` may edit `{name}`, but does not show it", node.id),
        );
        let help = Text::new(format!("在 form.show 中加上 {name}"), format!("add {name} to `form.show`"));
        cx.findings.push(Finding::warning("D008", form.place.clone(), message).about(node.id.clone()).help(help));
    }
}

/// What a node writes besides what people fill in, with the places.
fn writes(node: &Node) -> Vec<(String, Place)> {
    let mut writes: Vec<(String, Place)> =
        node.set.iter().map(|assignment| (assignment.name.clone(), assignment.value.place.clone())).collect();
    match &node.kind {
        NodeKind::ScriptTask(script) => writes.extend(script.assigns.iter().map(|name| (name.clone(), script.script.place.clone()))),
        NodeKind::BusinessRuleTask(rule) => writes.extend(rule.output.iter().map(|name| (name.clone(), node.place.clone()))),
        NodeKind::UserTask(task) => {
            writes.extend(task.form.iter().flat_map(|form| form.edit.iter().map(|name| (name.clone(), form.place.clone()))));
        }
        _ => {}
    }
    writes
}

/// Only scripts, tables and assignments are machines; what a message brings is the applicant's own.
fn reported(cx: &mut Context<'_>, process: &Process, node: &Node, name: &str, place: &Place) {
    let brought = matches!(node.kind, NodeKind::ReceiveTask(_) | NodeKind::StartEvent(_) | NodeKind::UserTask(_))
        || matches!(node.kind.trigger(), Some(crate::definition::Trigger::Message(_)));
    let form = process.data.form.as_ref().and_then(|id| cx.around.forms.get(id));
    let theirs = form.and_then(|form| form.field(name)).is_some_and(|field| field.field.reported_by.as_deref() == Some(APPLICANT));
    if brought || !theirs {
        return;
    }
    let message = Text::new(
        format!("“{}”改写了申请人填报的“{name}”", node.id),
        format!("`{}` writes over `{name}`, which the applicant reported", node.id),
    );
    let help = Text::new("另用一个数据项记录本机关的认定", "keep what the office finds under a data name of its own");
    cx.findings.push(Finding::warning("D009", place.clone(), message).about(node.id.clone()).help(help));
}

/// The element is a copy: what is written to it is lost with the instance.
fn element(cx: &mut Context<'_>, process: &Process, node: &Node, name: &str, place: Place) {
    let own = node.multi_instance.as_ref();
    let around = std::iter::successors(Some(node.scope), |&scope| process.scopes[scope].parent);
    let of_scopes = around.filter_map(|scope| process.nodes[process.scopes[scope].node?].multi_instance.as_ref());
    let is_element = own
        .into_iter()
        .chain(of_scopes)
        .any(|multi| multi.variable.as_deref() == Some(name) && !multi.collect.values().any(|inner| inner == name));
    if is_element {
        let message = Text::new(
            format!("“{name}”是多实例的当前元素，写入的内容会随实例消失"),
            format!("`{name}` is the element that the instance is for: what is written to it is lost with the instance"),
        );
        let help = Text::new("写入另一个名称，并用 collect 汇总", "write to another name, and `collect` it");
        cx.findings.push(Finding::error("D010", place, message).about(node.id.clone()).help(help));
    }
}
