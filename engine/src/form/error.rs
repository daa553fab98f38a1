//! What is wrong with a value that somebody filled in.

use serde::Serialize;

use super::Class;
use crate::text::Text;

/// The longest part of a refused value that a message repeats, in characters.
const QUOTE_MAX: usize = 40;

/// One mistake in filled-in data. Serialises as it stands in problem documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where: data name, then row numbers (from 0) and members, as in `stewards.0.mobile`. A material's is
    /// `materials.<id>`.
    pub path: String,
    /// Stable kebab-case code.
    pub code: &'static str,
    /// Names the field, the value (never one of class P3 and up) and what would work.
    pub message: Text,
}

/// Where a value stands while it is checked: its path, what people call it, and how sensitive it is.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: String,
    pub(super) label: Text,
    pub(super) class: Class,
}

impl Spot {
    pub(super) fn new(path: &str, label: &Text, class: Class) -> Self {
        Self { path: path.to_owned(), label: label.clone(), class }
    }

    /// A member of the record that stands here.
    pub(super) fn member(&self, name: &str, label: &Text, class: Class) -> Self {
        let (zh, en) = (format!("{}：{}", self.label.zh, label.zh), format!("{}: {}", english(&self.label), english(label)));
        Self { path: format!("{}.{name}", self.path), label: Text::new(zh, en), class: class.max(self.class) }
    }

    /// Row or item `index` (from 0) of the list that stands here; people count from 1.
    pub(super) fn item(&self, index: usize) -> Self {
        let number = index + 1;
        let (zh, en) = (format!("{}第 {number} 项", self.label.zh), format!("{} no. {number}", english(&self.label)));
        Self { path: format!("{}.{index}", self.path), label: Text::new(zh, en), class: self.class }
    }

    /// An error here: "label" followed by what is wrong.
    pub(super) fn error(&self, code: &'static str, zh: &str, en: &str) -> FieldError {
        let message = Text::new(format!("“{}”{zh}", self.label.zh), format!("{}: {en}", english(&self.label)));
        FieldError { path: self.path.clone(), code, message }
    }

    /// An error here that repeats the refused value, unless it is too sensitive for that.
    pub(super) fn refused(&self, code: &'static str, value: &str, zh: &str, en: &str) -> FieldError {
        if self.class >= Class::P3 {
            return self.error(code, &format!("的内容{zh}"), &format!("what was given {en}"));
        }
        let mut shown: String = value.chars().filter(|c| !c.is_control()).take(QUOTE_MAX).collect();
        if value.chars().count() > QUOTE_MAX {
            shown.push('…');
        }
        self.error(code, &format!("填写的“{shown}”{zh}"), &format!("“{shown}” {en}"))
    }

    pub(super) fn required(&self) -> FieldError {
        self.error("required", "必填，请填写", "is required; please fill it in")
    }
}

fn english(text: &Text) -> &str {
    text.get(crate::text::Language::En)
}
