//! Data that a step's form gives, against the form and the step's rights.

use serde_json::{Map, Value};

use super::{Case, CaseNames, Context, LocalNo, MaterialGiven, Rejection, Task, codes, run::Run};
use crate::{
    definition::{Action, Definition, NodeKind, UserTask},
    form::{self, FieldError, Scope},
    rules::RuleError,
    text::{Language, Text},
    time::Moment,
};

/// Mistakes in what an action of a task was given; none means that it may be taken.
pub(super) fn errors(run: &Run<'_>, task: &Task, definition: &UserTask, action: &Action, data: &Map<String, Value>) -> Vec<FieldError> {
    check(run.definition, &run.names(task.scope), definition, Some(action), data)
}

/// Mistakes in what was typed so far into an open task's form, for pages that check while typing.
/// `action` adds what that action requires. An unknown task has none.
pub fn task_data_errors(
    definition: &Definition,
    case: &Case,
    task: LocalNo,
    action: Option<&str>,
    data: &Map<String, Value>,
    context: &Context<'_>,
    now: Moment,
) -> Vec<FieldError> {
    let Some(open) = case.tasks.get(&task) else { return Vec::new() };
    let Some(NodeKind::UserTask(of)) = definition.process.node(&open.node).map(|node| &node.kind) else { return Vec::new() };
    let names = CaseNames { definition, case, scope: open.scope, now, organisation: context.organisation, over: None };
    check(definition, &names, of, action.and_then(|id| of.actions.get(id)), data)
}

fn check(
    definition: &Definition,
    names: &CaseNames<'_>,
    task: &UserTask,
    action: Option<&Action>,
    data: &Map<String, Value>,
) -> Vec<FieldError> {
    let Some(rights) = &task.form else {
        return data.keys().map(|name| not_editable(name)).collect();
    };
    let Some(form) = definition.task_form(rights) else { return Vec::new() };
    let mut require = rights.require.clone();
    require.extend(action.into_iter().flat_map(|action| action.require.iter().cloned()));
    let what = Scope { only: Some(&rights.edit), require: &require };
    form::check_form(&form, &definition.standard, &definition.rules, data, &[], names, what)
}

fn not_editable(name: &str) -> FieldError {
    FieldError {
        path: name.to_owned(),
        code: "not-editable",
        message: Text::new(format!("此步骤没有表单，不能填写“{name}”"), format!("this step has no form; `{name}` cannot be given")),
    }
}

/// Attachments as the form checker takes them.
pub(super) fn given(materials: &[MaterialGiven]) -> Vec<form::MaterialGiven> {
    materials
        .iter()
        .map(|given| form::MaterialGiven { material: given.material.clone(), file: given.file.clone(), name: given.name.clone() })
        .collect()
}

/// A rule that failed while a person waits for an answer: a refusal, not an incident.
pub(super) fn rule_failed(error: &RuleError) -> Rejection {
    let place = &error.place;
    let (zh, en) = (error.message.get(Language::Zh), error.message.get(Language::En));
    Rejection::new(codes::RULE_FAILED, Text::new(format!("{place}：{zh}"), format!("{place}: {en}")))
}
