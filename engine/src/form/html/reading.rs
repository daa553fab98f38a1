//! Values for reading: description lists, masked where asked.

use serde_json::Value;

use super::{Drawing, group::lone_record};
use crate::form::{Class, DESTROYED, Field, FieldType, FormField, Group, display, is_absent, masked, value::item_field};

impl<'a> Drawing<'a> {
    fn heading(&self) -> &'static str {
        match self.view.heading {
            1 => "h1",
            2 => "h2",
            4 => "h4",
            5 => "h5",
            6 => "h6",
            _ => "h3",
        }
    }

    /// A group of which nothing can be edited.
    pub(super) fn section(&mut self, group: &Group, fields: &[&FormField]) {
        let heading = self.heading();
        self.out.open("section", "form-group").element(heading, "", group.name.get(self.view.language));
        match (lone_record(group), fields) {
            (Some(only), [_]) if self.data.get(&only.field.name).is_some_and(Value::is_object) => {
                self.content(&only.field, &self.data[&only.field.name]);
            }
            _ => self.values(fields),
        }
        self.out.close("section");
    }

    /// A repeating group for reading.
    pub(super) fn shown_rows(&mut self, group: &'a Group, repeat: &str) {
        let heading = self.heading();
        self.out.open("section", "form-group").element(heading, "", group.name.get(self.view.language));
        let fields: Vec<&Field> = group.fields.iter().map(|f| &f.field).collect();
        match self.data.get(repeat).and_then(Value::as_array).filter(|rows| !rows.is_empty()) {
            Some(rows) => self.list_of(rows, &fields),
            None => self.absent("p"),
        }
        self.out.close("section");
    }

    /// Fields for reading, as one description list; nothing if there are none.
    pub(super) fn values(&mut self, fields: &[&FormField]) {
        if fields.is_empty() {
            return;
        }
        self.out.open("dl", "values");
        for FormField { field, .. } in fields {
            self.value(field, self.data.get(&field.name));
        }
        self.out.close("dl");
    }

    fn list_of(&mut self, rows: &[Value], fields: &[&Field]) {
        self.out.open("ol", "rows");
        for row in rows {
            self.out.open("li", "row").open("dl", "values");
            for field in fields {
                self.value(field, row.get(&field.name));
            }
            self.out.close("dl").close("li");
        }
        self.out.close("ol");
    }

    /// One term and its description.
    fn value(&mut self, field: &Field, value: Option<&Value>) {
        self.out.open("div", "").element("dt", "", field.label.get(self.view.language));
        match value.filter(|value| !is_absent(value)) {
            None => self.absent("dd"),
            Some(value) => {
                self.out.open("dd", if field.multiline { "lines" } else { "" });
                self.content(field, value);
                self.out.close("dd");
            }
        }
        self.out.close("div");
    }

    fn absent(&mut self, element: &str) {
        let words = self.word("未填写", "not given");
        self.out.element(element, "absent", words);
    }

    fn content(&mut self, field: &Field, value: &Value) {
        match (&field.of, value) {
            (FieldType::Record(_), Value::Object(_)) => {
                let members = self.members_of(&field.of);
                self.out.open("dl", "values");
                for member in members {
                    self.value(member, value.get(&member.name));
                }
                self.out.close("dl");
            }
            (FieldType::List(item), Value::Array(items)) => match item.as_ref() {
                FieldType::Record(_) => self.list_of(items, &self.members_of(item)),
                _ => {
                    let each = item_field(field, item);
                    self.out.open("ul", "");
                    for value in items {
                        let text = self.readable(&each, value);
                        self.out.element("li", "", &text);
                    }
                    self.out.close("ul");
                }
            },
            _ => {
                let text = self.readable(field, value);
                self.out.say(&text);
            }
        }
    }

    fn members_of(&self, of: &FieldType) -> Vec<&'a Field> {
        match of {
            FieldType::Record(name) => {
                self.standard.records.get(name).map_or_else(Vec::new, |record| record.members.values().map(|m| &m.field).collect())
            }
            _ => Vec::new(),
        }
    }

    fn readable(&self, field: &Field, value: &Value) -> String {
        if self.view.mask && field.class >= Class::P2 && value != DESTROYED {
            return masked(field, value);
        }
        let choices = match &field.of {
            FieldType::Person => self.view.people,
            _ => self.view.units,
        };
        display(self.standard, field, value, self.view.language, choices)
    }
}
