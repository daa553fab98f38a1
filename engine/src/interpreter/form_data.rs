//! Data that a step's form gives, against the form and the step's rights.

use serde_json::{Map, Value};

use super::{MaterialGiven, Task, run::Run};
use crate::{
    definition::{Action, Definition, UserTask},
    form::{self, FieldError, FieldType, Scope},
    text::Text,
};

/// Mistakes in what an action of a task was given; none means that it may be taken.
pub(super) fn errors(run: &Run<'_>, task: &Task, declared: &UserTask, action: &Action, data: &Map<String, Value>) -> Vec<FieldError> {
    let Some(rights) = &declared.form else {
        if run.definition.process.data.open {
            return Vec::new();
        }
        return data.keys().map(|name| not_editable(name)).collect();
    };
    let definition = run.definition;
    let Some(form) = definition.task_form(rights) else { return Vec::new() };
    let require: Vec<String> = rights.require.iter().chain(&action.require).cloned().collect();
    let what = Scope { only: Some(&rights.edit), require: &require };
    form::check_form(form, &definition.standard, &definition.rules, data, &[], &run.names(task.scope), what)
}

/// What an action of a task writes: what it was given, and what the step asked for and was not ticked.
pub(super) fn written(run: &Run<'_>, task: &Task, declared: &UserTask, data: &Map<String, Value>) -> Map<String, Value> {
    let Some(rights) = &declared.form else { return data.clone() };
    let Some(form) = run.definition.task_form(rights) else { return data.clone() };
    form::unticked(form, data.clone(), &run.names(task.scope), Some(&rights.edit))
}

fn not_editable(name: &str) -> FieldError {
    FieldError {
        path: name.to_owned(),
        code: "not-editable",
        message: Text::new(format!("此步骤没有表单，不能填写“{name}”"), format!("this step has no form; `{name}` cannot be given")),
    }
}

/// Mistakes in what a caller gives a process that has parameters.
pub(super) fn parameter_errors(definition: &Definition, data: &Map<String, Value>) -> Vec<FieldError> {
    let declared = definition.process.parameters.iter();
    let typed = declared.filter_map(|(name, parameter)| Some((name, &definition.process.data.fields.get(name)?.of, parameter.required)));
    typed.flat_map(|(name, of, required)| declared_errors(definition, data, name, of, required)).collect()
}

/// Mistakes in what a message brings whose declaration says what that is.
pub(super) fn message_errors(definition: &Definition, message: &str, data: &Map<String, Value>) -> Vec<FieldError> {
    let declared = definition.process.messages.get(message).map(|declared| &declared.data);
    declared.into_iter().flatten().flat_map(|(name, of)| declared_errors(definition, data, name, of, true)).collect()
}

fn declared_errors(definition: &Definition, data: &Map<String, Value>, name: &str, of: &FieldType, required: bool) -> Vec<FieldError> {
    match data.get(name).filter(|value| !form::is_absent(value)) {
        Some(value) => form::check_value(&definition.standard, name, &definition.standard.field_for(name, of), value),
        None if required => vec![FieldError {
            path: name.to_owned(),
            code: "required",
            message: Text::new(format!("须给出“{name}”，流程是这样声明的"), format!("`{name}` must be given: the process declares it so")),
        }],
        None => Vec::new(),
    }
}

/// Attachments as the form checker takes them.
pub(super) fn given(materials: &[MaterialGiven]) -> Vec<form::MaterialGiven> {
    materials
        .iter()
        .map(|given| form::MaterialGiven { material: given.material.clone(), file: given.file.clone(), name: given.name.clone() })
        .collect()
}
