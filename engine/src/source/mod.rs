//! YAML text as one tree that keeps each scalar's text, style and place; and back to text.
//!
//! Derived deserialisation stops at the first mistake and forgets places; untyped reading turns `01` into a
//! number. So definitions are read from parser events into this tree, and everything later is checked on it.

mod parse;
mod write;

use std::sync::Arc;

pub use parse::parse;
pub(crate) use write::is_plain_text;
pub use write::to_yaml;

/// One file as it was read: its name (relative to the office's root) and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path relative to the office's root, with forward slashes.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// A range in a file; lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// A place: a file and a range in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file's name, as in [`Source::name`].
    pub file: Arc<str>,
    /// Where in it.
    pub span: Span,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.span.line, self.span.column)
    }
}

/// A YAML value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a [`Tree`] node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A scalar: its text as written (unquoted), and whether it was plain (no quotes, no block).
    Scalar {
        /// The text after unescaping.
        text: String,
        /// No quotes: `true` and `12` mean a boolean and a number only if plain.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Tree>),
    /// A mapping in written order. Duplicate keys are kept and reported by [`parse`].
    Map(Vec<(Key, Tree)>),
}

/// A mapping's key with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Tree {
    /// The scalar's text, if it is a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is an absent value: a plain empty scalar, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// A boolean, if it is a plain `true` or `false`.
    pub fn boolean(&self) -> Option<bool> {
        match &self.kind {
            Kind::Scalar { text, plain: true } if text == "true" => Some(true),
            Kind::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn list(&self) -> Option<&[Tree]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub fn map(&self) -> Option<&[(Key, Tree)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.map()?.iter().find(|(k, _)| k.text == key).map(|(_, value)| value)
    }

    /// As JSON: plain scalars become numbers, booleans and null where they read so; all else is text.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Scalar { text, plain: false } => Value::String(text.clone()),
            Kind::Scalar { text, plain: true } => {
                if self.is_null() {
                    return Value::Null;
                }
                if let Some(flag) = self.boolean() {
                    return Value::Bool(flag);
                }
                match text.parse::<i64>() {
                    Ok(number) if number.to_string() == *text => Value::from(number),
                    _ => Value::String(text.clone()),
                }
            }
            Kind::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => Value::Object(entries.iter().map(|(k, v)| (k.text.clone(), v.to_json())).collect()),
        }
    }
}
