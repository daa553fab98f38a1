//! Data that a step's form gives, against the form and the step's rights.

use serde_json::{Map, Value};

use super::{MaterialGiven, Task, run::Run};
use crate::{
    definition::{Action, UserTask},
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
