//! Drawing a form as accessible HTML: the same in the office and on the platform's simulator, with or without script.
//!
//! The result goes inside the page's own `<form method="post">` (`enctype="multipart/form-data"` if materials may be
//! attached), which adds the token and the submitting buttons. It holds no style and no script. Names are paths
//! (`stewards.0.mobile`), ids are `f-` and the path with dashes for dots. Buttons `name="_add"` ask for one more row
//! and work without script: the page is drawn again with [`super::FormView::add`].
//!
//! Classes: `form-errors` the summary · `form-group` a group · `field`, `field-wrong` · `required`, `hint`,
//! `field-error` · `choices`, `choice` radios and checkboxes · `rows`, `row` · `secondary` the add button · `values`,
//! `lines`, `absent` read-only values · `attached` files · `basis` why it is asked.

mod choice;
mod group;
mod input;
mod material;
mod reading;
mod writer;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use self::writer::Html;
use super::{Field, FieldError, FieldStandard, Form, FormView};
use crate::text::{Language, Text};

/// Draws `form` as `view` says. A name that neither right covers is left out, and so is a group of only such.
pub fn html(form: &Form, standard: &FieldStandard, view: &FormView<'_>) -> String {
    let empty = Map::new();
    let mut drawing = Drawing { form, standard, view, data: view.data.unwrap_or(&empty), out: Html::default(), ids: BTreeSet::new() };
    for (index, group) in form.groups.iter().enumerate() {
        drawing.group(index, group);
    }
    drawing.materials();
    let mut page = Html::default();
    drawing.summary(&mut page);
    page.append(&drawing.out);
    page.into_string()
}

/// One drawing under way.
struct Drawing<'a> {
    form: &'a Form,
    standard: &'a FieldStandard,
    view: &'a FormView<'a>,
    data: &'a Map<String, Value>,
    out: Html,
    /// Ids that can be linked to.
    ids: BTreeSet<String>,
}

/// One input: its field, where it stands, and what is filled in.
#[derive(Clone, Copy)]
struct Spot<'s> {
    field: &'s Field,
    path: &'s str,
    value: Option<&'s Value>,
    required: bool,
}

impl Spot<'_> {
    fn id(&self) -> String {
        id_of(self.path)
    }

    /// What is filled in as text, typed or not.
    fn text(&self) -> String {
        match self.value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

fn id_of(path: &str) -> String {
    format!("f-{}", path.replace('.', "-"))
}

impl<'a> Drawing<'a> {
    fn word(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.view.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.view.language)
    }

    fn errors_at(&self, path: &str) -> impl Iterator<Item = &'a FieldError> {
        let (errors, path) = (self.view.errors, path.to_owned());
        errors.iter().filter(move |error| error.path == path)
    }

    /// "（必填）" or "(required)", since colour and stars say nothing to many.
    fn required(&mut self, required: bool) {
        if required {
            let words = self.word("（必填）", " (required)");
            self.out.element("span", "required", words);
        }
    }

    /// Hints and mistakes under a label; the ids that describe the input.
    fn descriptions(&mut self, id: &str, path: &str, hints: &[&str]) -> String {
        let mut described = Vec::new();
        if !hints.is_empty() {
            described.push(format!("{id}-hint"));
            self.out.tag("p").class("hint").attribute("id", &format!("{id}-hint")).end();
            self.out.say(&hints.join(self.word("；", "; "))).close("p");
        }
        let errors: Vec<_> = self.errors_at(path).collect();
        if !errors.is_empty() {
            described.push(format!("{id}-error"));
            self.out.tag("p").class("field-error").attribute("id", &format!("{id}-error")).end();
            let messages: Vec<&str> = errors.iter().map(|error| self.text(&error.message)).collect();
            self.out.say(&messages.join(self.word("；", "; "))).close("p");
        }
        described.join(" ")
    }

    fn is_wrong(&self, path: &str) -> bool {
        self.errors_at(path).next().is_some()
    }

    /// The list of all mistakes, first on the page, each a link to its input (or to what holds it).
    fn summary(&self, page: &mut Html) {
        let errors = self.view.errors;
        if errors.is_empty() {
            return;
        }
        let title = match self.view.language {
            Language::Zh => format!("有 {} 处需要修改", errors.len()),
            Language::En => format!("{} to correct", errors.len()),
        };
        page.tag("div").class("form-errors").attribute("id", "form-errors").attribute("role", "alert").attribute("tabindex", "-1").end();
        page.element("h2", "", &title).open("ul", "");
        for error in errors {
            page.open("li", "");
            match self.target(&error.path) {
                Some(id) => page.tag("a").attribute("href", &format!("#{id}")).end().say(self.text(&error.message)).close("a"),
                None => page.say(self.text(&error.message)),
            };
            page.close("li");
        }
        page.close("ul").close("div");
    }

    /// The id of what stands at `path`, or of the nearest thing around it that was drawn.
    fn target(&self, path: &str) -> Option<String> {
        let mut path = path;
        loop {
            let id = id_of(path);
            if self.ids.contains(&id) {
                return Some(id);
            }
            path = path.rsplit_once('.')?.0;
        }
    }
}

#[cfg(test)]
mod tests;
