//! Makes trees of the dialect, scalars plain where YAML would read them as the same text.

use crate::source::{Key, Kind, Span, Tree};

/// A mapping that grows.
#[derive(Debug)]
pub(super) struct Shrub {
    span: Span,
    entries: Vec<(Key, Tree)>,
}

impl Shrub {
    /// An empty mapping; what is put in without a place of its own stands at `span`.
    pub(super) fn at(span: Span) -> Self {
        Self { span, entries: Vec::new() }
    }

    /// Adds a value; the first of a key stays.
    pub(super) fn put(&mut self, key: &str, value: Tree) {
        if !self.has(key) {
            self.entries.push((Key { text: key.to_owned(), span: value.span }, value));
        }
    }

    /// Adds a value if there is one.
    pub(super) fn put_some(&mut self, key: &str, value: Option<Tree>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.put(key, scalar(self.span, text));
    }

    /// Adds `true` or `false`.
    pub(super) fn flag(&mut self, key: &str, flag: bool) {
        self.put(key, plain(self.span, if flag { "true" } else { "false" }));
    }

    /// Adds what another mapping holds.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, value) in other.entries {
            self.put(&key.text, value);
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(known, _)| known.text == key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn tree(self) -> Tree {
        Tree { span: self.span, kind: Kind::Map(self.entries) }
    }

    /// As a tree, unless nothing is in it.
    pub(super) fn some(self) -> Option<Tree> {
        if self.is_empty() { None } else { Some(self.tree()) }
    }
}

/// A list.
pub(super) fn list(span: Span, items: Vec<Tree>) -> Tree {
    Tree { span, kind: Kind::List(items) }
}

/// A word or number that YAML reads as what it is: `true`, `3`.
pub(super) fn plain(span: Span, text: &str) -> Tree {
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: true } }
}

/// A text: plain where YAML reads it as the same text.
pub(super) fn scalar(span: Span, text: &str) -> Tree {
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: is_plain(text) } }
}

/// Whether a text may stand without quotes in block style and still be that text under YAML 1.2's core schema.
pub(super) fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts = !"-?:,[]{}#&*!|>'\"%@`=".contains(first) && !first.is_whitespace();
    let ends = !text.ends_with(char::is_whitespace) && !text.ends_with(':');
    let inside = !text.contains(": ") && !text.contains(" #") && !text.chars().any(|c| c.is_control() || is_odd(c));
    starts && ends && inside && !is_word(text) && !text.starts_with("---") && !text.starts_with("...")
}

/// Line breaks and marks that YAML does not print.
fn is_odd(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{feff}') || ('\u{fff0}'..='\u{ffff}').contains(&character)
}

/// Whether YAML's core schema, or an older reader of YAML, takes it for something other than text.
fn is_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | ".inf" | ".nan");
    word || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.')) && looks_numeric(text)
}

/// Digits with the signs that numbers, dates and times are made of.
fn looks_numeric(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("0o") || text.chars().all(|c| c.is_ascii_digit() || "+-.:_eETZ".contains(c))
}
