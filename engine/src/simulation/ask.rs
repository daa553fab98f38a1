//! What a step asks to be filled in, and reading what was typed.

use serde_json::{Map, Value};

use super::{Simulation, sample};
use crate::{
    definition::{Action, Definition, UserTask},
    form::{FieldType, Form, Material, MaterialGiven, Scope, check_form},
    interpreter::{Case, CaseNames, Facts, ROOT},
    source::{Source, parse},
    text::Text,
    time::Moment,
};

/// Rounds in which samples are mended.
const ATTEMPTS: usize = 4;
/// Where dates are looked for, in days from now.
const ELSEWHERE: [i64; 4] = [-30, 15, 90, 0];
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// One field that a step asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its data name.
    pub name: String,
    /// Its label.
    pub label: Text,
    /// Its type.
    pub of: FieldType,
    /// Whether the step is refused without it.
    pub required: bool,
    /// What is taken if nothing is typed; None for what may stay empty.
    pub sample: Option<Value>,
}

impl Asked {
    /// Reads what was typed: the sample for nothing, else a value of the field's type. None: nothing is given.
    pub fn read(&self, typed: &str) -> Option<Value> {
        let typed = typed.trim();
        if typed.is_empty() {
            return self.sample.clone();
        }
        Some(match &self.of {
            FieldType::Integer => typed.parse::<i64>().map_or_else(|_| Value::from(typed), Value::from),
            FieldType::Boolean => match typed {
                "true" | "y" | "yes" | "是" => Value::Bool(true),
                "false" | "n" | "no" | "否" => Value::Bool(false),
                other => Value::from(other),
            },
            FieldType::Record(_) | FieldType::List(_) => yaml(typed).unwrap_or_else(|| Value::from(typed)),
            _ => Value::from(typed),
        })
    }
}

/// Data typed at once, such as `{amount: 3}`. None if it is no mapping.
pub(super) fn mapping(typed: &str) -> Option<Map<String, Value>> {
    match yaml(typed)? {
        Value::Object(data) => Some(data),
        _ => None,
    }
}

fn yaml(typed: &str) -> Option<Value> {
    let (tree, findings) = parse(&Source { name: "typed".into(), text: typed.into() });
    tree.filter(|_| findings.is_empty()).map(|tree| tree.to_json())
}

impl Simulation {
    /// Reads data typed at once, such as `{amount: 3}`; None if it is no mapping.
    pub fn read_data(typed: &str) -> Option<Map<String, Value>> {
        mapping(typed)
    }

    /// The fields of a whole form, in its order.
    pub(super) fn form_fields(&self, definition: &Definition, form: &Form) -> Vec<Asked> {
        let asked = form.groups.iter().flat_map(|group| match &group.repeat {
            Some(rows) => vec![(rows.clone(), group.required)],
            None => group.fields.iter().map(|field| (field.field.name.clone(), field.required)).collect(),
        });
        let mut asked: Vec<Asked> = asked.filter_map(|(name, required)| self.asked(definition, form, &name, required)).collect();
        self.mend(definition, form, &mut asked);
        asked
    }

    /// Changes samples that the form's rules refuse: dates, times, numbers and answers go elsewhere, what was optional is sampled. Some rules
    /// want more than that; then who steps is told, and types.
    fn mend(&self, definition: &Definition, form: &Form, asked: &mut [Asked]) {
        let fresh = Case { facts: Facts { received_at: self.now(), unit: self.unit.clone(), ..Facts::default() }, ..Case::default() };
        let organisation = self.state().world.inside().organisation();
        let names = CaseNames { definition, case: &fresh, scope: ROOT, now: self.now(), organisation, over: None };
        for attempt in 0..ATTEMPTS {
            let data = asked.iter().filter_map(|field| Some((field.name.clone(), field.sample.clone()?))).collect();
            let materials: Vec<MaterialGiven> = form.materials.iter().map(given).collect();
            let wrong = check_form(form, &definition.standard, &definition.rules, &data, &materials, &names, Scope::default());
            if wrong.is_empty() {
                return;
            }
            for field in asked.iter_mut().filter(|field| wrong.iter().any(|error| error.path == field.name)) {
                let other = match &field.of {
                    FieldType::Date => Some(Value::from(self.setting(ELSEWHERE[attempt % ELSEWHERE.len()]).date)),
                    FieldType::Boolean => field.sample.as_ref().and_then(Value::as_bool).map(|holds| Value::Bool(!holds)),
                    FieldType::Integer => {
                        field.sample.as_ref().and_then(Value::as_i64).map(|number| Value::from(number.saturating_mul(50)))
                    }
                    FieldType::Time => Some(Value::from(format!("{:02}:00", 10 + attempt))),
                    _ => None,
                };
                let first = || {
                    sample::sample(
                        &definition.standard,
                        &field.name,
                        &field.of,
                        form.field(&field.name).map(|field| &field.field),
                        &self.setting(sample::AHEAD_DAYS),
                    )
                };
                field.sample = other.or_else(|| field.sample.clone()).or_else(|| Some(first()));
            }
        }
    }

    /// What an action of a task may write, and what it requires.
    pub(super) fn task_fields(&self, definition: &Definition, task: &UserTask, action: &Action) -> Vec<Asked> {
        let Some(rights) = &task.form else { return Vec::new() };
        let Some(form) = definition.task_form(rights) else { return Vec::new() };
        let required = |name: &String| rights.require.contains(name) || action.require.contains(name);
        rights.edit.iter().filter_map(|name| self.asked(definition, form, name, required(name))).collect()
    }

    fn asked(&self, definition: &Definition, form: &Form, name: &str, required: bool) -> Option<Asked> {
        let of = form.type_of(name)?;
        let field = form.field(name).map(|field| &field.field);
        let sample = required.then(|| sample::sample(&definition.standard, name, &of, field, &self.setting(sample::AHEAD_DAYS)));
        Some(Asked { name: name.to_owned(), label: form.label_of(name), of, required, sample })
    }

    fn setting(&self, days: i64) -> sample::Setting {
        let calendar = &self.definition().calendar;
        let at = Moment(self.now().0 + days * DAY_MS);
        sample::Setting { date: calendar.date_of(at).to_string(), unit: self.unit.clone() }
    }
}

/// A material that stands for a real one.
fn given(material: &Material) -> MaterialGiven {
    let extension = material.accept.first().map_or("pdf", String::as_str);
    MaterialGiven { material: material.id.clone(), file: "file".to_owned(), name: format!("{}.{extension}", material.id) }
}
