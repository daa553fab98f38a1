//! Data: what a step requires must be writable there, or have been written before.

use std::collections::BTreeSet;

use crate::{
    definition::{NodeKind, Process, UserTask, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Reports names that an action requires although nobody can have written them.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    start_forms(cx, process);
    let written = written(cx, process);
    for node in &process.nodes {
        let NodeKind::UserTask(task) = &node.kind else { continue };
        let edit: &[String] = task.form.as_ref().map(|form| form.edit.as_slice()).unwrap_or_default();
        for (place, name) in required(task).filter(|(_, name)| !edit.contains(name) && !written.contains(name.as_str())) {
            let message = Text::new(
                format!("“{}”要求“{name}”，但这一步不能填写，也没有别的环节写入", node.id),
                format!("`{}` requires `{name}`, but the step may not edit it and nothing else writes it", node.id),
            );
            let help = Text::new(format!("在 form.edit 中加上 {name}"), format!("add {name} to `form.edit`"));
            cx.findings.push(Finding::error("D002", place.clone(), message).about(node.id.clone()).help(help));
        }
    }
}

/// What is filled in to start a case must be data of the case.
fn start_forms(cx: &mut Context<'_>, process: &Process) {
    for node in &process.nodes {
        let NodeKind::StartEvent(start) = &node.kind else { continue };
        let Some(form) = start.form.as_ref().and_then(|id| cx.around.forms.get(id)) else { continue };
        for name in form.types().into_keys().filter(|name| !cx.names_unsure && !process.data.fields.contains_key(name)) {
            let message = Text::new(
                format!("启动表单“{}”的“{name}”不是办件数据", form.id),
                format!("`{name}` of the start form `{}` is no data of the case", form.id),
            );
            let help = Text::new(
                "用 data.form 指明这张表单，或在 data.extra 中声明",
                "name the form in `data.form`, or declare it under `data.extra`",
            );
            cx.findings.push(Finding::error("D007", node.place.clone(), message).about(node.id.clone()).help(help));
        }
    }
}

fn required(task: &UserTask) -> impl Iterator<Item = (&crate::source::Place, &String)> {
    let by_form = task.form.iter().flat_map(|form| form.require.iter().map(|name| (&form.place, name)));
    let by_action = task.actions.values().flat_map(|action| action.require.iter().map(|name| (&action.place, name)));
    by_form.chain(by_action)
}

/// Every name that something in the process writes: the application, steps, assignments, scripts, collected names.
fn written(cx: &Context<'_>, process: &Process) -> BTreeSet<String> {
    let application = process.data.form.as_ref().and_then(|id| cx.around.forms.get(id));
    let mut written: BTreeSet<String> = application.into_iter().flat_map(|form| form.types().into_keys()).collect();
    written.extend(application.into_iter().flat_map(|form| form.materials.iter().map(|material| material.id.clone())));
    written.extend(process.data.fields.iter().filter(|(_, field)| field.default.is_some()).map(|(name, _)| name.clone()));
    written.extend(process.nodes.iter().filter_map(|node| node.multi_instance.as_ref()?.variable.clone()));
    for node in &process.nodes {
        written.extend(node.set.iter().map(|assignment| assignment.name.clone()));
        written.extend(node.multi_instance.iter().flat_map(|multi| multi.collect.keys().cloned()));
        match &node.kind {
            NodeKind::UserTask(task) => written.extend(task.form.iter().flat_map(|form| form.edit.iter().cloned())),
            NodeKind::BusinessRuleTask(rule) => written.extend(rule.output.clone()),
            NodeKind::ScriptTask(script) => written.extend(script.assigns.iter().cloned()),
            _ => {}
        }
    }
    written
}
