//! Makes trees of the dialect, scalars plain where YAML would read them as the same text.

use crate::source::{Key, Kind, Span, Tree, is_plain_text};

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

    pub(super) fn remove(&mut self, key: &str) {
        self.entries.retain(|(known, _)| known.text != key);
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
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: is_plain_text(text) } }
}
