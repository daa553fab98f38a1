//! A form as it is published to the platform: all that is needed to draw it and to check values elsewhere.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Class, CodeList, Field, FieldStandard, FieldType, Form, FormField, FormRule, Group, Material, Record, RecordMember,
    load::{check_named, check_word, cyclic},
    parse_type, row_record,
};
use crate::{definition::Basis, rules::Rules, source::Place, text::Text};

/// Format of what is published. A reader refuses a number that it does not know.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct PublishedForm {
    version: u32,
    form: String,
    name: Text,
    groups: Vec<PublishedGroup>,
    #[serde(default)]
    materials: Vec<PublishedMaterial>,
    #[serde(default)]
    rules: Vec<PublishedRule>,
    #[serde(default)]
    records: IndexMap<String, PublishedRecord>,
    #[serde(default)]
    codes: IndexMap<String, PublishedCodes>,
}

#[derive(Serialize, Deserialize)]
struct PublishedGroup {
    name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(default)]
    required: bool,
    fields: Vec<PublishedField>,
}

#[derive(Serialize, Deserialize)]
struct PublishedField {
    field: String,
    name: Text,
    #[serde(rename = "type")]
    of: String,
    required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    multiline: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<Text>,
    class: Class,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(flatten)]
    basis: PublishedBasis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PublishedBasis {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unverified: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PublishedMaterial {
    material: String,
    name: Text,
    required: bool,
    accept: Vec<String>,
    #[serde(flatten)]
    basis: PublishedBasis,
}

#[derive(Serialize, Deserialize)]
struct PublishedRule {
    /// As written. Readers that cannot judge it leave it to the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    must: Option<String>,
    field: String,
    message: Text,
}

#[derive(Serialize, Deserialize)]
struct PublishedRecord {
    name: Text,
    members: Vec<PublishedField>,
}

#[derive(Serialize, Deserialize)]
struct PublishedCodes {
    name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    codes: IndexMap<String, Text>,
}

/// The self-contained description of `form`: groups with fields (type, label, limits, purpose, basis, retention),
/// materials, rules across fields (as written, with what they say), and the records and code lists in use. Types are
/// written as in YAML: `list<material_check>`.
pub fn published(form: &Form, standard: &FieldStandard) -> Value {
    let (records, codes) = reachable(form, standard);
    let group = |group: &Group| PublishedGroup {
        name: group.name.clone(),
        repeat: group.repeat.clone(),
        required: group.required,
        fields: group.fields.iter().map(|f| publish_field(&f.field, f.required)).collect(),
    };
    let material = |material: &Material| PublishedMaterial {
        material: material.id.clone(),
        name: material.name.clone(),
        required: material.required,
        accept: material.accept.clone(),
        basis: publish_basis(material.basis.as_ref()),
    };
    let record = |record: &&Record| {
        let members = record.members.values().map(|m| publish_field(&m.field, m.required)).collect();
        (record.name.clone(), PublishedRecord { name: record.label.clone(), members })
    };
    let list = |list: &&CodeList| {
        (list.id.clone(), PublishedCodes { name: list.name.clone(), source: list.source.clone(), codes: list.codes.clone() })
    };
    let whole = PublishedForm {
        version: VERSION,
        form: form.id.clone(),
        name: form.name.clone(),
        groups: form.groups.iter().map(group).collect(),
        materials: form.materials.iter().map(material).collect(),
        rules: form.rules.iter().map(publish_rule).collect(),
        records: records.iter().map(record).collect(),
        codes: codes.iter().map(list).collect(),
    };
    serde_json::to_value(whole).expect("text keys and plain values only")
}

/// The form that was published, and a standard with just what it uses. A rule that does not compile here (a newer office
/// knows a function that this reader does not) has no expression: only the office judges it.
///
/// # Errors
/// What is wrong, in English for the log of who received it: not the shape of [`published`], or an unknown version.
pub fn from_published(value: &Value) -> Result<(Form, FieldStandard), String> {
    let whole = PublishedForm::deserialize(value).map_err(|error| format!("not a published form: {error}"))?;
    if whole.version != VERSION {
        return Err(format!("published form of version {}, this reads version {VERSION}", whole.version));
    }
    let mut standard = FieldStandard::default();
    for (id, list) in whole.codes {
        let list = CodeList { id: id.clone(), name: list.name, source: list.source, codes: list.codes, place: Place::default() };
        standard.codes.insert(id, list);
    }
    for (name, record) in whole.records {
        let members = record
            .members
            .into_iter()
            .map(read_field)
            .map(|read| read.map(|(f, required)| (f.name.clone(), RecordMember { field: f, required })));
        let record =
            Record { name: name.clone(), label: record.name, members: members.collect::<Result<_, _>>()?, place: Place::default() };
        standard.records.insert(name, record);
    }
    if let Some(name) = cyclic(&standard).first() {
        return Err(format!("record `{name}` holds itself"));
    }
    let mut form =
        Form { id: whole.form, name: whole.name, groups: Vec::new(), materials: Vec::new(), rules: Vec::new(), place: Place::default() };
    for group in whole.groups {
        let fields = group.fields.into_iter().map(read_field).map(|read| read.map(|(field, required)| FormField { field, required }));
        let group = Group {
            name: group.name,
            repeat: group.repeat,
            required: group.required,
            fields: fields.collect::<Result<_, _>>()?,
            place: Place::default(),
        };
        declare(&form.id, &group, &mut standard);
        form.groups.push(group);
    }
    form.materials = whole.materials.into_iter().map(read_material).collect();
    let (rules, _) = Rules::new(None, Arc::new(standard.clone()));
    form.rules = whole.rules.into_iter().map(|rule| read_rule(rule, &rules, &form.id)).collect();
    Ok((form, standard))
}

fn publish_rule(rule: &FormRule) -> PublishedRule {
    PublishedRule { must: rule.must.as_ref().map(|must| must.text.clone()), field: rule.field.clone(), message: rule.message.clone() }
}

fn read_rule(given: PublishedRule, rules: &Rules, form: &str) -> FormRule {
    let place = Place { file: format!("{form} (published)").into(), ..Place::default() };
    let must = given.must.and_then(|must| rules.expression(&must, place).ok());
    FormRule { must, field: given.field, message: given.message }
}

/// Fields by name, and rows as records, as `load_standard` has them.
fn declare(form: &str, group: &Group, standard: &mut FieldStandard) {
    standard.fields.extend(group.fields.iter().map(|f| (f.field.name.clone(), f.field.clone())));
    if let Some(repeat) = &group.repeat {
        let name = row_record(form, repeat);
        let member = |f: &FormField| (f.field.name.clone(), RecordMember { field: f.field.clone(), required: f.required });
        let members = group.fields.iter().map(member).collect();
        standard.records.insert(name.clone(), Record { name, label: group.name.clone(), members, place: Place::default() });
    }
}

fn publish_field(field: &Field, required: bool) -> PublishedField {
    PublishedField {
        field: field.name.clone(),
        name: field.label.clone(),
        of: field.of.to_string(),
        required,
        min: field.min.clone(),
        max: field.max.clone(),
        check: field.check.map(|check| check_word(check).to_owned()),
        multiline: field.multiline,
        hint: field.hint.clone(),
        class: field.class,
        purpose: field.purpose.clone(),
        basis: publish_basis(field.basis.as_ref()),
        retention: field.retention.clone(),
    }
}

fn publish_basis(basis: Option<&Basis>) -> PublishedBasis {
    PublishedBasis { basis: basis.map(|b| b.text.clone()), unverified: basis.and_then(|b| b.unverified.clone()) }
}

fn read_basis(basis: PublishedBasis) -> Option<Basis> {
    Some(Basis { text: basis.basis?, unverified: basis.unverified })
}

fn read_field(given: PublishedField) -> Result<(Field, bool), String> {
    let check = match &given.check {
        Some(word) => Some(check_named(word).ok_or_else(|| format!("field `{}` has the unknown check `{word}`", given.field))?),
        None => None,
    };
    let field = Field {
        label: given.name,
        min: given.min,
        max: given.max,
        check,
        multiline: given.multiline,
        hint: given.hint,
        class: given.class,
        purpose: given.purpose,
        basis: read_basis(given.basis),
        retention: given.retention,
        ..Field::bare(&given.field, parse_type(&given.of)?)
    };
    Ok((field, given.required))
}

fn read_material(given: PublishedMaterial) -> Material {
    Material {
        id: given.material,
        name: given.name,
        required: given.required,
        accept: given.accept,
        basis: read_basis(given.basis),
        place: Place::default(),
    }
}

/// The records and code lists that the fields of `form` use, directly or through records, each once.
pub(super) fn reachable<'s>(form: &Form, standard: &'s FieldStandard) -> (Vec<&'s Record>, Vec<&'s CodeList>) {
    let (mut records, mut codes): (IndexMap<&str, &Record>, IndexMap<&str, &CodeList>) = (IndexMap::new(), IndexMap::new());
    let mut waiting: Vec<FieldType> = form.groups.iter().rev().flat_map(|g| g.fields.iter().rev()).map(|f| f.field.of.clone()).collect();
    while let Some(of) = waiting.pop() {
        match of {
            FieldType::List(item) => waiting.push(*item),
            FieldType::Code(id) => codes.extend(standard.codes.get(&id).map(|list| (list.id.as_str(), list))),
            FieldType::Record(name) => {
                let Some(record) = standard.records.get(&name) else { continue };
                if records.insert(&record.name, record).is_none() {
                    waiting.extend(record.members.values().rev().map(|m| m.field.of.clone()));
                }
            }
            _ => {}
        }
    }
    (records.into_values().collect(), codes.into_values().collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::{
        form::{
            FieldError, FormView, Rights, check_form, html,
            sample::{filled, sample},
        },
        rules::Lookup,
        text::Language,
    };

    struct Nothing;

    impl Lookup for Nothing {
        fn value(&self, _name: &str) -> Option<Value> {
            None
        }

        fn type_of(&self, _name: &str) -> Option<FieldType> {
            None
        }
    }

    fn through_text(value: &Value) -> Value {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn what_was_published_draws_the_same() {
        let (form, standard, _) = sample();
        let (copy, copied) = from_published(&through_text(&published(&form, &standard))).unwrap();
        let data = filled();
        let errors = [FieldError { path: "stewards.0.mobile".into(), code: "x", message: Text::new("错", "wrong") }];
        for language in [Language::Zh, Language::En] {
            for (show, edit, mask) in [(Rights::Nothing, Rights::Everything, false), (Rights::Everything, Rights::Nothing, true)] {
                for data in [None, Some(&data)] {
                    let view = FormView { data, errors: &errors, language, show, edit, mask, attach: true, ..FormView::default() };
                    assert_eq!(html(&copy, &copied, &view), html(&form, &standard, &view));
                }
            }
        }
        assert_eq!(published(&copy, &copied), published(&form, &standard), "publishing the copy gives the same");
        assert_eq!(copy.types(), form.types());
    }

    fn judged(value: &Value, data: &Map<String, Value>) -> Vec<(String, &'static str)> {
        let (_, _, rules) = sample();
        let (copy, copied) = from_published(value).unwrap();
        let names = ["title", "day", "kind", "outdoor"].map(str::to_owned);
        let part = data.iter().filter(|(name, _)| names.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        let what = crate::form::Scope { only: Some(&names), require: &[] };
        check_form(&copy, &copied, &rules, &part, &[], &Nothing, what).into_iter().map(|e| (e.path, e.code)).collect()
    }

    #[test]
    fn the_copy_checks_values_and_rules() {
        let (form, standard, _) = sample();
        let published = published(&form, &standard);
        let mut data = filled();
        data.insert("kind".into(), json!("a"));
        assert_eq!(judged(&published, &data), [], "a rule over what is not known here is not judged");
        data.insert("kind".into(), json!("b"));
        data.insert("outdoor".into(), json!(false));
        assert!(judged(&published, &data).contains(&("kind".to_owned(), "rule")), "kind b must be outdoors");
        data.insert("day".into(), json!("2026-02-30"));
        assert!(judged(&published, &data).contains(&("day".to_owned(), "not-a-date")));
    }

    #[test]
    fn a_rule_that_the_reader_cannot_compile_is_left_to_the_office() {
        let (form, standard, _) = sample();
        let mut value = published(&form, &standard);
        let mut data = filled();
        data.insert("outdoor".into(), json!(false));
        for rule in value["rules"].as_array_mut().unwrap() {
            rule["must"] = json!("kind !!");
        }
        assert_eq!(judged(&value, &data), []);
        for rule in value["rules"].as_array_mut().unwrap() {
            rule.as_object_mut().unwrap().remove("must");
        }
        assert_eq!(judged(&value, &data), [], "nor is one that was published without its expression");
    }

    #[test]
    fn what_is_no_published_form_is_refused() {
        let (form, standard, _) = sample();
        let good = published(&form, &standard);
        let with = |pointer: &str, value: Value| {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            from_published(&bad).err()
        };
        assert!(from_published(&json!({})).is_err() && from_published(&json!("x")).is_err());
        assert!(with("/version", json!(2)).is_some_and(|e| e.contains("version 2")));
        assert!(with("/groups/0/fields/0/type", json!("set<x>")).is_some());
        assert!(with("/groups/1/fields/0/class", json!("P9")).is_some());
        assert!(with("/records/body/members/0/type", json!("list<body>")).is_some_and(|e| e.contains("holds itself")));
        assert!(with("/records/body/members/1/check", json!("none")).is_some_and(|e| e.contains("none")));
    }
}
