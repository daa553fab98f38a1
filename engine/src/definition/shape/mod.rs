//! The dialect's shape as one table: which keys an element has and what they hold. It checks trees and writes the JSON Schema.

mod check;
mod elements;
mod person;
mod process;
mod repeat;
mod schema;
mod vocabulary;

pub(super) use check::{check, check_flow, suggestion};
pub(super) use elements::element;
pub(super) use process::{FRAGMENT, PROCESS, PURPOSES, ROLES};
pub use schema::json_schema;
pub use vocabulary::{Here, Part, Way, Word, here, meaning, vocabulary};

/// A sentence for people in Chinese and English.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doc {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
}

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// What it is called in findings and in the schema.
    pub(super) name: &'static str,
    pub(super) doc: Doc,
    /// Its keys, in groups that elements share.
    pub(super) keys: &'static [&'static [KeyShape]],
}

/// One key of a [`Shape`].
#[derive(Debug)]
pub(super) struct KeyShape {
    pub(super) key: &'static str,
    pub(super) need: Need,
    pub(super) of: Of,
    pub(super) doc: Doc,
}

/// Whether a key must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    Required,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// Any scalar.
    Text,
    /// A text, or `{zh, en}`.
    LocalText,
    /// `snake_case`.
    Snake,
    /// `kebab-case`.
    Kebab,
    /// A dotted name such as `one-net.application`.
    Name,
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0 up.
    Integer,
    /// `5wd`, `15d`, `PT10S`.
    Duration,
    /// The same, or a rhai expression that gives such a text.
    DurationOrExpression,
    /// A rhai expression.
    Expression,
    /// A text with `{expression}` in it.
    Pattern,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// The same, or a rhai expression that gives such a word.
    WordOrExpression(&'static [&'static str]),
    /// Whatever YAML holds.
    Any,
    /// Each element so.
    List(&'static Of),
    /// Keys of the first kind, values of the second.
    Map(&'static Of, &'static Of),
    /// A mapping with known keys.
    Shape(&'static Shape),
    /// One of two, told apart by scalar, list or mapping.
    Either(&'static Of, &'static Of),
    /// A list of elements.
    Flow,
    /// A list of boundary events.
    Boundary,
    /// A list of event sub-processes.
    EventSubProcesses,
}

/// An optional key.
const fn key(key: &'static str, of: Of, zh: &'static str, en: &'static str) -> KeyShape {
    KeyShape { key, need: Need::Optional, of, doc: Doc { zh, en } }
}

/// A required key.
const fn must(key: &'static str, of: Of, zh: &'static str, en: &'static str) -> KeyShape {
    KeyShape { key, need: Need::Required, of, doc: Doc { zh, en } }
}

impl Shape {
    /// All keys of all groups.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static KeyShape> + use<> {
        self.keys.iter().flat_map(|group| group.iter())
    }
}
