//! What drawing a form is told: data, mistakes, language, rights.

use serde_json::{Map, Value};

use super::FieldError;
use crate::text::Language;

/// Which data names a right covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rights<'a> {
    /// None.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// The named ones: fields and repeating groups by their data name.
    Only(&'a [String]),
}

impl Rights<'_> {
    /// Whether `name` is covered.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Only(names) => names.iter().any(|n| n == name),
        }
    }
}

/// A file that is attached already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// The material's id.
    pub material: String,
    /// The file's name.
    pub name: String,
    /// Where it can be read; None: only its name is shown.
    pub href: Option<String>,
}

/// One choice of a picker of units or people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The id that is stored.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// How a form is drawn. `FormView::default()` draws nothing: give at least `edit` or `show`.
#[derive(Clone, Debug, Default)]
pub struct FormView<'a> {
    /// What is filled in (typed JSON, or text that was not understood, as [`super::from_fields`] keeps it).
    pub data: Option<&'a Map<String, Value>>,
    /// Mistakes, as [`super::check_form`] found them.
    pub errors: &'a [FieldError],
    /// Language of labels.
    pub language: Language,
    /// What is drawn read-only.
    pub show: Rights<'a>,
    /// What is drawn as inputs; beats `show`. Values here are never masked: a mask would be sent back as the value.
    pub edit: Rights<'a>,
    /// Whether read-only values of class P2 and up are masked.
    pub mask: bool,
    /// Whether materials may be attached.
    pub attach: bool,
    /// Files that are attached already.
    pub attached: &'a [Attached],
    /// Units that a `unit` field offers; empty: a text input.
    pub units: &'a [Choice],
    /// People that a `person` field offers; empty: a text input.
    pub people: &'a [Choice],
    /// Level of the groups' headings where a group is only shown; 0 stands for 3.
    pub heading: u8,
    /// The list that one more empty row is drawn for (the value of the pressed `_add` button).
    pub add: Option<&'a str>,
}
