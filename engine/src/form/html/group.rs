//! Groups, records and rows: what stands around the inputs.

use serde_json::Value;

use super::{Drawing, Spot, id_of};
use crate::{
    form::{Field, FieldType, FormField, Group},
    text::Text,
};

/// One member of a record or row: the field and whether it must be given.
pub(super) type Member<'m> = (&'m Field, bool);

impl<'a> Drawing<'a> {
    /// One group: a fieldset if anything of it can be edited, else a section of values.
    pub(super) fn group(&mut self, index: usize, group: &'a Group) {
        match &group.repeat {
            Some(repeat) if self.view.edit.covers(repeat) => self.repeating(group, repeat),
            Some(repeat) if self.view.show.covers(repeat) => self.shown_rows(group, repeat),
            Some(_) => {}
            None => self.plain(index, group),
        }
    }

    fn plain(&mut self, index: usize, group: &'a Group) {
        let edited = |f: &&FormField| self.view.edit.covers(&f.field.name);
        let shown = |f: &&FormField| self.view.show.covers(&f.field.name) || edited(f);
        let fields: Vec<&FormField> = group.fields.iter().filter(shown).collect();
        if fields.is_empty() {
            return;
        }
        if !fields.iter().any(edited) {
            self.section(group, &fields);
            return;
        }
        if let Some(only) = lone_record(group) {
            let value = self.data.get(&only.field.name);
            self.field(Spot { field: &only.field, path: &only.field.name, value, required: only.required });
            self.why(index, &fields);
            return;
        }
        self.out.open("fieldset", "form-group").element("legend", "", group.name.get(self.view.language));
        let mut run: Vec<&FormField> = Vec::new();
        for field in &fields {
            if self.view.edit.covers(&field.field.name) {
                self.values(&std::mem::take(&mut run));
                let value = self.data.get(&field.field.name);
                self.field(Spot { field: &field.field, path: &field.field.name, value, required: field.required });
            } else {
                run.push(field);
            }
        }
        self.values(&run);
        self.why(index, &fields);
        self.out.close("fieldset");
    }

    /// One field as inputs: a scalar, a record's members, or rows of records.
    pub(super) fn field(&mut self, spot: Spot<'_>) {
        match &spot.field.of {
            FieldType::Record(name) => {
                let Some(record) = self.standard.records.get(name) else { return };
                let members: Vec<Member<'_>> = record.members.values().map(|m| (&m.field, m.required)).collect();
                let legend = self.text(&spot.field.label).to_owned();
                self.fieldset("form-group record", spot, &legend);
                self.members(spot.path, spot.value, &members);
                self.out.close("fieldset");
            }
            FieldType::List(item) if matches!(item.as_ref(), FieldType::Record(_)) => {
                let FieldType::Record(name) = item.as_ref() else { return };
                let Some(record) = self.standard.records.get(name) else { return };
                let members: Vec<Member<'_>> = record.members.values().map(|m| (&m.field, m.required)).collect();
                let legend = self.text(&spot.field.label).to_owned();
                self.fieldset("form-group rows", spot, &legend);
                self.rows(spot, &legend, &members);
                self.out.close("fieldset");
            }
            _ => self.input(spot),
        }
    }

    fn repeating(&mut self, group: &'a Group, repeat: &str) {
        let of = FieldType::List(Box::new(FieldType::Text));
        let field = Field { label: group.name.clone(), ..Field::bare(repeat, of) };
        let members: Vec<Member<'_>> = group.fields.iter().map(|f| (&f.field, f.required)).collect();
        let legend = self.text(&group.name).to_owned();
        let spot = Spot { field: &field, path: repeat, value: self.data.get(repeat), required: group.required };
        self.fieldset("form-group rows", spot, &legend);
        self.rows(spot, &legend, &members);
        self.out.close("fieldset");
    }

    /// Opens a fieldset that mistakes can be linked to, with its hint and mistakes.
    fn fieldset(&mut self, class: &str, spot: Spot<'_>, legend: &str) {
        let id = spot.id();
        self.out.tag("fieldset").class(class).attribute("id", &id).attribute("tabindex", "-1").end().open("legend", "").say(legend);
        self.required(spot.required);
        self.out.close("legend");
        let hints = self.hints(spot.field, spot.path);
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        self.descriptions(&id, spot.path, &hints);
        self.ids.insert(id);
    }

    /// The inputs of a record's members under `path`.
    fn members(&mut self, path: &str, value: Option<&Value>, members: &[Member<'_>]) {
        for (field, required) in members {
            let (path, value) = (format!("{path}.{}", field.name), value.and_then(|value| value.get(&field.name)));
            self.field(Spot { field, path: &path, value, required: *required });
        }
    }

    /// The rows that there are, an empty one, another if asked for, and the button that asks.
    fn rows(&mut self, spot: Spot<'_>, legend: &str, members: &[Member<'_>]) {
        let given = spot.value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let asked = usize::from(self.view.add == Some(spot.path));
        // the page comes back from "add" with what was filled in, and empty rows fall away: one empty row is the new one
        let empty = if given.is_empty() { 1 + asked } else { asked };
        if given.is_empty() && !spot.required {
            let words = self.word("没有要填写的，整行留空即可。", "Leave the row empty if there is nothing to say.");
            self.out.element("p", "hint", words);
        }
        for index in 0..given.len() + empty {
            let path = format!("{}.{index}", spot.path);
            let (id, number) = (id_of(&path), (index + 1).to_string());
            let (before, after) = (self.word("第 ", "No. "), self.word(" 行", ""));
            self.out.tag("fieldset").class("row").attribute("id", &id).attribute("tabindex", "-1").end();
            self.out.element("legend", "", &format!("{before}{number}{after}"));
            self.descriptions(&id, &path, &[]);
            self.ids.insert(id);
            self.members(&path, given.get(index), members);
            if index < given.len() {
                let words = format!("{}{before}{number}{after}", self.word("删除", "Remove "));
                self.checkbox(&format!("{path}._remove"), &words, false);
            }
            self.out.close("fieldset");
        }
        let words = format!("{}{legend}", self.word("添加一行：", "Add one more: "));
        let button = self.out.tag("button").attribute("type", "submit").class("secondary").attribute("name", "_add");
        button.attribute("value", spot.path).flag("formnovalidate", true).end().say(&words).close("button");
    }

    /// What is told at `path` before a mistake is made: the field's own hint, or else what the rules at it demand and what is
    /// not said as a mistake already.
    pub(super) fn hints(&self, field: &Field, path: &str) -> Vec<String> {
        if let Some(hint) = &field.hint {
            return vec![hint.get(self.view.language).to_owned()];
        }
        let said = |message: &Text| self.view.errors.iter().any(|error| error.path == path && error.message == *message);
        let rules = self.form.rules.iter().filter(|rule| rule.field == path && !said(&rule.message));
        rules.map(|rule| rule.message.get(self.view.language).to_owned()).collect()
    }

    /// Why the group's data are asked for: purpose and basis, 待核 where the basis is not certain.
    fn why(&mut self, index: usize, fields: &[&FormField]) {
        let stated: Vec<&Field> = fields
            .iter()
            .map(|f| &f.field)
            .filter(|f| self.view.edit.covers(&f.name) && (f.purpose.is_some() || f.basis.is_some()))
            .collect();
        if stated.is_empty() {
            return;
        }
        self.out.tag("details").class("basis").attribute("id", &format!("basis-{index}")).end();
        let summary = self.word("为什么填写：用途与依据", "Why this is asked: purpose and basis");
        self.out.element("summary", "", summary).open("dl", "");
        for field in stated {
            self.out.element("dt", "", field.label.get(self.view.language)).open("dd", "");
            let purpose = field.purpose.clone().unwrap_or_default();
            let basis = field.basis.as_ref().map(|basis| self.basis(basis)).unwrap_or_default();
            let between = if purpose.is_empty() || basis.is_empty() { "" } else { self.word("；", "; ") };
            self.out.say(&format!("{purpose}{between}{basis}")).close("dd");
        }
        self.out.close("dl").close("details");
    }

    /// An article, marked 待核 with the reason where it is not certain.
    pub(super) fn basis(&self, basis: &crate::definition::Basis) -> String {
        match &basis.unverified {
            Some(doubt) => format!("{}{}{doubt}{}", basis.text, self.word("（待核：", " (unverified: "), self.word("）", ")")),
            None => basis.text.clone(),
        }
    }
}

/// The record that a group is nothing but, under the same name: one heading says it once.
pub(super) fn lone_record(group: &Group) -> Option<&FormField> {
    match group.fields.as_slice() {
        [only] if only.field.label == group.name && matches!(only.field.of, FieldType::Record(_)) => Some(only),
        _ => None,
    }
}
