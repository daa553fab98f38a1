//! Data that a step's form gives, against the form and the step's rights.

use serde_json::{Map, Value};

use super::{MaterialGiven, Task, run::Run};
use crate::{
    definition::{Action, Definition, Parameter, UserTask},
    form::{self, FieldError, Scope},
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
    let missing = |name: &str| FieldError {
        path: name.to_owned(),
        code: "required",
        message: Text::new(format!("调用者须给出参数“{name}”"), format!("the parameter `{name}` must be given by the caller")),
    };
    let check = |(name, parameter): (&String, &Parameter)| {
        let field = definition.process.data.fields.get(name);
        match (data.get(name).filter(|value| !form::is_absent(value)), field) {
            (Some(value), Some(field)) => {
                form::check_value(&definition.standard, name, &definition.standard.field_for(name, &field.of), value)
            }
            (None, _) if parameter.required => vec![missing(name)],
            _ => Vec::new(),
        }
    };
    definition.process.parameters.iter().flat_map(check).collect()
}

/// Attachments as the form checker takes them.
pub(super) fn given(materials: &[MaterialGiven]) -> Vec<form::MaterialGiven> {
    materials
        .iter()
        .map(|given| form::MaterialGiven { material: given.material.clone(), file: given.file.clone(), name: given.name.clone() })
        .collect()
}
