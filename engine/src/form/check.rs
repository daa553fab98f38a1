//! Checking a filled-in form: what is required, what is unknown, materials, rules across fields.

use serde_json::{Map, Value};

use super::{
    Class, FieldError, FieldStandard, FieldType, Form, FormField, FormRule, Group, Material, MaterialGiven, class_of,
    error::Spot,
    is_absent,
    value::{check_at, unknown},
};
use crate::{
    rules::{Lookup, Rules},
    text::Text,
};

/// Rows that a repeating group may have.
pub const ROWS_MAX: usize = 200;

/// How much of a form is checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Only these data names may be given (a task's `edit`); everything else is refused. None: the whole form, an
    /// application: required materials are asked for, too.
    pub only: Option<&'a [String]>,
    /// Names of data or materials that must be given besides (an action's `require`).
    pub require: &'a [String],
}

impl Scope<'_> {
    fn covers(&self, name: &str) -> bool {
        self.only.is_none_or(|only| only.iter().any(|n| n == name))
    }

    fn demands(&self, name: &str) -> bool {
        self.require.iter().any(|n| n == name)
    }
}

/// Checks `data` and `materials` against `form`; no error means that it may be taken.
///
/// A name counts as given if `data` has it, or, where `data` says nothing, if `names` knows a value (what the case has
/// already). Rules see `data` over `names`; a rule that reads a value which is wrong or not given is not judged, except
/// that lists and booleans which were not given read as empty and false. A rule that fails to run is an error of its
/// field, never a panic.
pub fn check_form(
    form: &Form,
    standard: &FieldStandard,
    rules: &Rules,
    data: &Map<String, Value>,
    materials: &[MaterialGiven],
    names: &dyn Lookup,
    what: Scope<'_>,
) -> Vec<FieldError> {
    let given = Given { form, standard, data, names };
    let mut errors = Vec::new();
    for group in &form.groups {
        match &group.repeat {
            Some(repeat) => given.rows(group, repeat, what, &mut errors),
            None => group.fields.iter().for_each(|field| given.field(field, what, &mut errors)),
        }
    }
    given.names(what, &mut errors);
    check_materials(form, materials, what, &mut errors);
    let wrong: Vec<String> = errors.iter().map(|e| e.path.split('.').next().unwrap_or_default().to_owned()).collect();
    for rule in &form.rules {
        errors.extend(given.rule(rules, rule, what, &wrong));
    }
    errors
}

struct Given<'a> {
    form: &'a Form,
    standard: &'a FieldStandard,
    data: &'a Map<String, Value>,
    names: &'a dyn Lookup,
}

impl Given<'_> {
    fn field(&self, field: &FormField, what: Scope<'_>, errors: &mut Vec<FieldError>) {
        let (name, here) = (&field.field.name, Spot::new(&field.field.name, &field.field.label, field.field.class));
        if !what.covers(name) {
            return;
        }
        if (field.required || what.demands(name)) && self.is_missing(name) {
            errors.push(here.required());
        } else if let Some(value) = self.data.get(name) {
            check_at(self.standard, &here, &field.field, value, errors);
        }
    }

    fn is_missing(&self, name: &str) -> bool {
        match self.data.get(name) {
            Some(value) => is_absent(value),
            None => self.names.value(name).is_none_or(|value| is_absent(&value)),
        }
    }

    fn rows(&self, group: &Group, repeat: &str, what: Scope<'_>, errors: &mut Vec<FieldError>) {
        let here = Spot::new(repeat, &group.name, Class::P0);
        if !what.covers(repeat) {
            return;
        }
        if (group.required || what.demands(repeat)) && self.is_missing(repeat) {
            errors.push(here.error("required", "必填，请至少填写一行", "is required; fill in at least one row"));
            return;
        }
        match self.data.get(repeat) {
            None | Some(Value::Null) => {}
            Some(Value::Array(rows)) if rows.len() > ROWS_MAX => {
                errors.push(here.error("too-many", &format!("最多 {ROWS_MAX} 行"), &format!("has more than {ROWS_MAX} rows")));
            }
            Some(Value::Array(rows)) => {
                rows.iter().enumerate().for_each(|(index, row)| self.row(group, &here.item(index), row, errors));
            }
            Some(_) => errors.push(here.error("wrong-type", "须为列表", "must be a list (a JSON array)")),
        }
    }

    fn row(&self, group: &Group, here: &Spot, row: &Value, errors: &mut Vec<FieldError>) {
        let Some(row) = row.as_object() else {
            errors.push(here.error("wrong-type", "须为一组数据项", "must be a record (a JSON object)"));
            return;
        };
        for FormField { field, required } in &group.fields {
            let here = here.member(&field.name, &field.label, field.class);
            match row.get(&field.name).filter(|value| !is_absent(value)) {
                Some(value) => check_at(self.standard, &here, field, value, errors),
                None if *required => errors.push(here.required()),
                None => {}
            }
        }
        let known = || group.fields.iter().map(|f| f.field.name.as_str());
        for name in row.keys().filter(|name| !known().any(|k| k == *name)) {
            errors.push(unknown(&format!("{}.{name}", here.path), name, known()));
        }
    }

    /// Names that the form does not have, or that may not be written here.
    fn names(&self, what: Scope<'_>, errors: &mut Vec<FieldError>) {
        let types = self.form.types();
        for name in self.data.keys() {
            if !types.contains_key(name) {
                errors.push(unknown(name, name, types.keys().map(String::as_str)));
            } else if !what.covers(name) {
                let label = self.form.label_of(name);
                let here = Spot::new(name, &label, Class::P0);
                errors.push(here.error("not-editable", "在本环节不可修改", "cannot be changed in this step"));
            }
        }
        for name in what.require.iter().filter(|name| !self.form.materials.iter().any(|m| &m.id == *name)) {
            let asked = what.covers(name) && types.contains_key(name);
            if !asked && self.is_missing(name) {
                errors.push(Spot::new(name, &self.form.label_of(name), Class::P0).required());
            }
        }
    }

    fn rule(&self, rules: &Rules, rule: &FormRule, what: Scope<'_>, wrong: &[String]) -> Option<FieldError> {
        let must = rule.must.as_ref()?;
        let concerned = what.covers(&rule.field) || must.variables.iter().any(|name| self.data.contains_key(name));
        if !concerned || must.variables.iter().any(|name| wrong.contains(name)) {
            return None;
        }
        let at = |code, message| Some(FieldError { path: rule.field.clone(), code, message });
        match rules.condition(must, self) {
            Ok(true) => None,
            Ok(false) => at("rule", rule.message.clone()),
            Err(_) if must.variables.iter().any(|name| self.value(name).is_none_or(|value| value.is_null())) => None,
            Err(error) => {
                let (zh, en) = (&error.message.zh, error.message.get(crate::text::Language::En));
                at(
                    "rule-failed",
                    Text::new(
                        format!("规则无法判断（{}）：{zh}", error.place),
                        format!("the rule could not be judged ({}): {en}", error.place),
                    ),
                )
            }
        }
    }
}

/// What the rules of a form read: the given data over what the case knows.
impl Lookup for Given<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let known = self.data.get(name).filter(|value| !value.is_null()).cloned().or_else(|| self.names.value(name));
        known.or_else(|| match self.form.type_of(name)? {
            FieldType::List(_) => Some(Value::Array(Vec::new())),
            FieldType::Boolean => Some(Value::Bool(false)),
            _ => None,
        })
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        self.form.type_of(name).or_else(|| self.names.type_of(name))
    }

    fn is_sensitive(&self, name: &str) -> bool {
        let of_form = self.form.type_of(name).is_some_and(|of| class_of(self.standard, name, &of) >= Class::P3);
        of_form || self.names.is_sensitive(name)
    }
}

fn check_materials(form: &Form, given: &[MaterialGiven], what: Scope<'_>, errors: &mut Vec<FieldError>) {
    for material in &form.materials {
        let asked = (material.required && what.only.is_none()) || what.demands(&material.id);
        if asked && !given.iter().any(|file| file.material == material.id) {
            let here = Spot::new(&format!("materials.{}", material.id), &material.name, Class::P0);
            let kinds = kinds(material);
            errors.push(here.error("material-missing", &format!("未提供，请上传（{kinds}）"), &format!("is missing; attach it ({kinds})")));
        }
    }
    for file in given {
        let path = format!("materials.{}", file.material);
        match form.materials.iter().find(|m| m.id == file.material) {
            None => errors.push(unknown(&path, &file.material, form.materials.iter().map(|m| m.id.as_str()))),
            Some(material) if !accepts(material, &file.name) => {
                let (here, kinds) = (Spot::new(&path, &material.name, Class::P0), kinds(material));
                let (zh, en) = (format!("不接受此格式，请提供 {kinds}"), format!("is not a kind of file that is taken; give {kinds}"));
                errors.push(here.refused("material-kind", &file.name, &zh, &en));
            }
            Some(_) => {}
        }
    }
}

/// Whether a file of this name may be handed in as `material`; an empty list of extensions takes any.
pub fn accepts(material: &Material, file_name: &str) -> bool {
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    material.accept.is_empty() || extension.is_some_and(|extension| material.accept.contains(&extension))
}

fn kinds(material: &Material) -> String {
    if material.accept.is_empty() { "*".to_owned() } else { material.accept.join(", ") }
}

#[cfg(test)]
mod tests;
