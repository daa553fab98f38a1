//! Inputs for scalars and for lists of them.

use serde_json::Value;

use super::{Drawing, Spot};
use crate::form::{Check, Choice, Class, Field, FieldType, MULTILINE_LENGTH_MAX, TEXT_LENGTH_MAX, scalar::date};

/// Choices up to this many are radio buttons, more are a select.
const RADIOS_MAX: usize = 4;

impl Drawing<'_> {
    /// One scalar, or a list of scalars, as the input that fits its type.
    pub(super) fn input(&mut self, spot: Spot<'_>) {
        match &spot.field.of {
            FieldType::Boolean => self.boolean(spot),
            FieldType::Code(_) | FieldType::Unit | FieldType::Person => match self.choices(&spot.field.of) {
                Some(choices) if choices.len() <= RADIOS_MAX => self.radios(spot, &choices),
                Some(choices) => self.select(spot, &choices),
                None => self.line(spot),
            },
            FieldType::List(item) => match self.choices(item) {
                Some(choices) => self.checkboxes(spot, &choices),
                None if **item == FieldType::File => self.line(spot),
                None => self.area(spot),
            },
            FieldType::Text if spot.field.multiline => self.area(spot),
            _ => self.line(spot),
        }
    }

    /// What can be chosen: the codes of a list, or the units or people that the view offers.
    fn choices(&self, of: &FieldType) -> Option<Vec<Choice>> {
        let offered = match of {
            FieldType::Code(id) => {
                let list = self.standard.codes.get(id)?;
                let choice = |(id, name): (&String, &crate::text::Text)| Choice { id: id.clone(), label: self.text(name).to_owned() };
                list.codes.iter().map(choice).collect()
            }
            FieldType::Unit => self.view.units.to_vec(),
            FieldType::Person => self.view.people.to_vec(),
            _ => Vec::new(),
        };
        (!offered.is_empty()).then_some(offered)
    }

    /// Opens the field and writes label, hints and mistakes; gives the ids that describe the input.
    pub(super) fn labelled(&mut self, spot: Spot<'_>) -> String {
        let id = spot.id();
        self.out.open("div", if self.is_wrong(spot.path) { "field field-wrong" } else { "field" });
        self.out.tag("label").attribute("for", &id).end().say(spot.field.label.get(self.view.language));
        if spot.field.of == FieldType::Money {
            let unit = self.word("（元）", " (CNY)");
            self.out.say(unit);
        }
        self.required(spot.required);
        self.out.close("label");
        let described = self.described(spot);
        self.ids.insert(id);
        described
    }

    /// Hints (of the standard, of rules, of the type) and mistakes.
    pub(super) fn described(&mut self, spot: Spot<'_>) -> String {
        let mut hints = self.hints(spot.field, spot.path);
        match &spot.field.of {
            FieldType::List(item) if **item != FieldType::File && self.choices(item).is_none() => {
                hints.push(self.word("每行一项", "one line an item").to_owned());
            }
            FieldType::Duration => hints.push(self.word("如 15d、5wd、2h", "such as 15d, 5wd, 2h").to_owned()),
            _ => {}
        }
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        self.descriptions(&spot.id(), spot.path, &hints)
    }

    fn area(&mut self, spot: Spot<'_>) {
        let described = self.labelled(spot);
        let wrong = self.is_wrong(spot.path);
        let text = match spot.value {
            Some(Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
            _ => spot.text(),
        };
        let most = match &spot.field.of {
            FieldType::Text => length_max(spot.field).to_string(),
            _ => String::new(),
        };
        let tag = self.out.tag("textarea").attribute("id", &spot.id()).attribute("name", spot.path).attribute("rows", "4");
        let tag = tag.given("maxlength", &most).given("aria-describedby", &described);
        // a line break right after the tag is not part of the text: one more keeps a leading one
        tag.given("aria-required", truth(spot.required)).given("aria-invalid", truth(wrong)).end().say("\n").say(&text).close("textarea");
        self.out.close("div");
    }

    fn line(&mut self, spot: Spot<'_>) {
        let described = self.labelled(spot);
        let wrong = self.is_wrong(spot.path);
        let (field, text) = (spot.field, spot.text());
        let (kind, mode) = kind(field, &text);
        let most = if field.of == FieldType::Text { length_max(field).to_string() } else { String::new() };
        let limit = |value: &Option<Value>| if kind == "date" { value.as_ref().map(plain).unwrap_or_default() } else { String::new() };
        let (least_day, last_day) = (limit(&field.min), limit(&field.max));
        if kind == "file" {
            self.kept(spot);
        }
        let tag = self.out.tag("input").attribute("type", kind).attribute("id", &spot.id()).attribute("name", spot.path);
        let tag = if kind == "file" { tag } else { tag.attribute("value", &text) };
        let tag = tag.given("inputmode", mode).given("maxlength", &most).given("min", &least_day).given("max", &last_day);
        // sensitive values must not stay behind in the browser
        let tag = tag.given("autocomplete", if field.class >= Class::P3 { "off" } else { "" }).given("aria-describedby", &described);
        tag.given("aria-required", truth(spot.required)).given("aria-invalid", truth(wrong)).empty();
        self.out.close("div");
    }

    /// Files that are stored already go along, since a file input never has a value.
    fn kept(&mut self, spot: Spot<'_>) {
        let ids = match spot.value {
            Some(Value::Array(items)) => items.iter().map(plain).collect(),
            Some(Value::String(id)) => vec![id.clone()],
            _ => Vec::new(),
        };
        for id in ids {
            self.out.tag("input").attribute("type", "hidden").attribute("name", spot.path).attribute("value", &id).empty();
        }
    }
}

/// `true`, or nothing so that the attribute is left out.
pub(super) fn truth(set: bool) -> &'static str {
    if set { "true" } else { "" }
}

pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn length_max(field: &Field) -> u64 {
    let most = field.max.as_ref().and_then(Value::as_u64);
    most.unwrap_or(if field.multiline { MULTILINE_LENGTH_MAX } else { TEXT_LENGTH_MAX })
}

/// The input's type and keyboard. A browser drops what does not fit a date or time input, so text that is none stays in
/// a text input, where it can be mended.
fn kind(field: &Field, text: &str) -> (&'static str, &'static str) {
    let fits = |yes: bool, kind: &'static str| if text.is_empty() || yes { kind } else { "text" };
    match (&field.of, field.check) {
        (FieldType::Integer, _) => ("text", "numeric"),
        (FieldType::Decimal | FieldType::Money, _) => ("text", "decimal"),
        (FieldType::Date, _) => (fits(date(text).is_some(), "date"), ""),
        (FieldType::Time, _) => (fits(text.len() == 5 && text.as_bytes()[2] == b':', "time"), ""),
        (FieldType::DateTime, _) => (fits(matches!(text.len(), 16 | 19) && text.as_bytes()[10] == b'T', "datetime-local"), ""),
        (FieldType::File, _) => ("file", ""),
        (FieldType::List(item), _) if **item == FieldType::File => ("file", ""),
        (_, Some(Check::Mobile)) => ("tel", ""),
        (_, Some(Check::Mail)) => ("email", ""),
        _ => ("text", ""),
    }
}
