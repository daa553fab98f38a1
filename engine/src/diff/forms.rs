//! Forms with their fields, and the other files of a version, compared.

use indexmap::IndexMap;

use super::{Change, words::en};
use crate::{
    definition::Definition,
    diagram::Mark,
    form::{Field, Form},
    source::Place,
    text::Text,
};

pub(super) fn compare(old: &Definition, new: &Definition) -> Vec<Change> {
    let mut changes = Vec::new();
    for (id, after) in &new.forms {
        match old.forms.get(id) {
            Some(before) => form(before, after, &mut changes),
            None => changes.push(told(Mark::Added, "form", id, &after.place, ("用到表单", "form"), "：新增", ": added")),
        }
    }
    for (id, before) in old.forms.iter().filter(|(id, _)| !new.forms.contains_key(*id)) {
        changes.push(told(Mark::Removed, "form", id, &before.place, ("表单", "form"), "：不再用到", ": no longer used"));
    }
    changes
}

fn told(mark: Mark, what: &'static str, id: &str, place: &Place, words: (&str, &str), zh: &str, english: &str) -> Change {
    let text = Text::new(format!("{} {id}{zh}", words.0), format!("{} {id}{english}", words.1));
    Change { mark, what, id: id.to_owned(), element: None, place: place.clone(), text }
}

/// A field of a form, by name: the field and whether it must be given.
fn fields(form: &Form) -> IndexMap<String, (&Field, bool)> {
    let rows = form.groups.iter().flat_map(|group| group.fields.iter().map(move |field| (group, field)));
    let named = rows.map(|(group, field)| {
        let name = &field.field.name;
        (group.repeat.as_ref().map_or_else(|| name.clone(), |rows| format!("{rows}.{name}")), (&field.field, field.required))
    });
    named.collect()
}

fn form(old: &Form, new: &Form, changes: &mut Vec<Change>) {
    let (before, after) = (fields(old), fields(new));
    let words = (format!("表单 {} 的字段", new.id), format!("form {}, field", new.id));
    let words = (words.0.as_str(), words.1.as_str());
    for (name, (field, required)) in &after {
        let Some((was, was_required)) = before.get(name) else {
            let need = if *required { ("必填", "required") } else { ("可空", "optional") };
            let (zh, english) = (format!("：新增（{}，{}）", field.of, need.0), format!(": added ({}, {})", field.of, need.1));
            changes.push(told(Mark::Added, "field", name, &new.place, words, &zh, &english));
            continue;
        };
        for (what, was, is) in field_differences((was, *was_required), (field, *required)) {
            let (zh, english) = (format!(" {}：{was} → {is}", what.zh), format!(", {}: {was} → {is}", en(&what)));
            changes.push(told(Mark::Changed, "field", name, &field.place, words, &zh, &english));
        }
    }
    for (name, _) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        changes.push(told(Mark::Removed, "field", name, &old.place, words, "：删去", ": removed"));
    }
    let rules = |form: &Form| form.rules.iter().filter_map(|rule| rule.must.as_ref().map(|must| must.text.clone())).collect::<Vec<_>>();
    let (was, is) = (rules(old), rules(new));
    let words = ("表单的规则", "form rule");
    for rule in is.iter().filter(|rule| !was.contains(rule)) {
        changes.push(told(Mark::Added, "rule", rule, &new.place, words, "：新增", ": added"));
    }
    for rule in was.iter().filter(|rule| !is.contains(rule)) {
        changes.push(told(Mark::Removed, "rule", rule, &old.place, words, "：删去", ": removed"));
    }
    let materials = |form: &Form| form.materials.iter().map(|m| (m.id.clone(), m.required)).collect::<IndexMap<_, _>>();
    let (was, is) = (materials(old), materials(new));
    let words = ("材料", "material");
    for (id, required) in is.iter().filter(|(id, required)| was.get(*id) != Some(*required)) {
        let mark = if was.contains_key(id) { Mark::Changed } else { Mark::Added };
        let need = if *required { ("：必交", ": required") } else { ("：可不交", ": optional") };
        changes.push(told(mark, "material", id, &new.place, words, need.0, need.1));
    }
    for (id, _) in was.iter().filter(|(id, _)| !is.contains_key(*id)) {
        changes.push(told(Mark::Removed, "material", id, &old.place, words, "：删去", ": removed"));
    }
}

/// What is different about one field, with what it was and is.
fn field_differences((old, was_required): (&Field, bool), (new, required): (&Field, bool)) -> Vec<(Text, String, String)> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "—".to_owned());
    let json = |value: &Option<serde_json::Value>| text(value.as_ref().map(ToString::to_string));
    let basis = |field: &Field| text(field.basis.as_ref().map(|basis| basis.text.clone()));
    let facts = [
        (Text::new("名称", "name"), old.label.zh.clone(), new.label.zh.clone()),
        (Text::new("类型", "type"), old.of.to_string(), new.of.to_string()),
        (Text::new("必填", "required"), was_required.to_string(), required.to_string()),
        (Text::new("最小", "min"), json(&old.min), json(&new.min)),
        (Text::new("最大", "max"), json(&old.max), json(&new.max)),
        (Text::new("级别", "class"), format!("{:?}", old.class), format!("{:?}", new.class)),
        (Text::new("用途", "purpose"), text(old.purpose.clone()), text(new.purpose.clone())),
        (Text::new("依据", "basis"), basis(old), basis(new)),
    ];
    facts.into_iter().filter(|(_, was, is)| was != is).collect()
}

/// Decision tables row by row, and templates and rules as whole files.
pub(super) fn files(old: &Definition, new: &Definition) -> Vec<Change> {
    let mut changes = Vec::new();
    let rows = |definition: &Definition| -> IndexMap<String, (String, Place)> {
        let tables = definition.decisions.values().flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
        let row = |(table, rule): (&crate::decision::DecisionTable, &crate::decision::Rule)| {
            let cells: Vec<&str> = rule.when.iter().map(|cell| cell.text.as_str()).collect();
            let gives: Vec<String> = rule.then.iter().map(entry).collect();
            (format!("{}: {} ⇒ {}", table.id, cells.join(" | "), gives.join(" | ")), (table.id.clone(), rule.place.clone()))
        };
        tables.map(row).collect()
    };
    let (was, is) = (rows(old), rows(new));
    let words = ("决策行", "decision row");
    for (row, (_, place)) in is.iter().filter(|(row, _)| !was.contains_key(*row)) {
        changes.push(told(Mark::Added, "decision", row, place, words, "：新增", ": added"));
    }
    for (row, (_, place)) in was.iter().filter(|(row, _)| !is.contains_key(*row)) {
        changes.push(told(Mark::Removed, "decision", row, place, words, "：删去", ": removed"));
    }
    // Folders may be called otherwise on either side; what counts is the file's own name beside the process.
    let whole = |definition: &Definition| -> IndexMap<String, (String, String)> {
        let kept = definition.files.iter().filter(|(path, _)| path.ends_with(".hbs") || path.ends_with(".rhai"));
        kept.map(|(path, text)| (path.rsplit('/').next().unwrap_or(path).to_owned(), (path.clone(), text.clone()))).collect()
    };
    let (was, is) = (whole(old), whole(new));
    let place = |path: &str| Place { file: path.into(), span: crate::source::Span { line: 1, column: 1, end_line: 1, end_column: 1 } };
    for (name, (path, text)) in &is {
        match was.get(name) {
            None => changes.push(told(Mark::Added, "file", name, &place(path), ("文件", "file"), "：新增", ": added")),
            Some((_, before)) if before != text => {
                changes.push(told(Mark::Changed, "file", name, &place(path), ("文件", "file"), "：内容有改动", ": its text changed"));
            }
            Some(_) => {}
        }
    }
    for (name, (path, _)) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
        changes.push(told(Mark::Removed, "file", name, &place(path), ("文件", "file"), "：删去", ": removed"));
    }
    changes
}

fn entry(entry: &crate::decision::Entry) -> String {
    match entry {
        crate::decision::Entry::Value(value) => value.to_string(),
        crate::decision::Entry::Expression(expression) => expression.text.clone(),
    }
}
