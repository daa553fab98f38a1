//! What an editor asks about an office that is being written: findings, completion, explanation, definition.

mod cursor;
mod names;

use std::collections::BTreeMap;

use cursor::{Cursor, cursor};
use names::{Kind, Known, kind_at, names};

use crate::{
    definition::{Bundle, Here, Office, Way, Word, here, load_office, meaning},
    diagnostic::Finding,
    rules,
    source::{Place, Source, Tree, parse},
    text::Text,
};

/// An office on a desk: its files as they are being written, and what was last made of them.
#[derive(Debug, Default)]
pub struct Desk {
    bundle: Bundle,
    office: Office,
    findings: Vec<Finding>,
    /// The last tree of each YAML file that could be read: half a line must not make names unknown.
    trees: BTreeMap<String, Tree>,
}

/// What an editor may insert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown and inserted.
    pub word: String,
    /// Whether it is a key of the dialect, to be followed by a colon.
    pub is_key: bool,
    /// What it is.
    pub text: Text,
}

impl Desk {
    /// An office as its files say.
    pub fn new(bundle: Bundle) -> Self {
        let mut desk = Self::default();
        for (path, text) in bundle.files {
            desk.change(&path, Some(text));
        }
        desk.load();
        desk
    }

    /// A file has another text, or is gone. What is found about it changes only by [`Desk::load`].
    pub fn change(&mut self, path: &str, text: Option<String>) {
        let Some(text) = text else {
            self.bundle.files.remove(path);
            self.trees.remove(path);
            return;
        };
        if path.ends_with(".yaml") {
            let (tree, findings) = parse(&Source { name: path.into(), text: text.as_str().into() });
            if let Some(tree) = tree.filter(|_| findings.is_empty()) {
                self.trees.insert(path.to_owned(), tree);
            }
        }
        self.bundle.files.insert(path.to_owned(), text);
    }

    /// Loads and checks the whole office again: the findings of `tongban check`.
    pub fn load(&mut self) -> &[Finding] {
        (self.office, self.findings) = load_office(&self.bundle);
        &self.findings
    }

    /// What was found when it was last loaded.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// A file's text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.bundle.files.get(path).map(String::as_str)
    }

    fn office(&self) -> &Office {
        &self.office
    }

    fn files(&self) -> impl Iterator<Item = &str> {
        self.bundle.files.keys().map(String::as_str)
    }

    fn trees(&self) -> impl Iterator<Item = (&str, &Tree)> {
        self.trees.iter().map(|(path, tree)| (path.as_str(), tree))
    }

    fn tree(&self, path: &str) -> Option<&Tree> {
        self.trees.get(path)
    }

    /// What may be written at a line and column of a file, both from 0, the column in characters.
    pub fn complete(&self, path: &str, line: usize, column: usize) -> Vec<Completion> {
        let Some(text) = self.text(path) else { return Vec::new() };
        let cursor = cursor(text, line, column);
        let mut found = Vec::new();
        if path.ends_with("/process.yaml") {
            found.extend(words(&cursor));
        }
        let known = names(self, path);
        let wanted = kind_at(&cursor.way, cursor.at_key);
        let of_kind = wanted.and_then(|kind| known.get(&kind)).into_iter().flatten();
        found.extend(of_kind.map(|(name, known)| Completion { word: name.clone(), is_key: cursor.at_key, text: known.text.clone() }));
        if here(&cursor.way).is_some_and(|here| here.is_expression) && !cursor.at_key {
            let fields = known.get(&Kind::Field).into_iter().flatten();
            found.extend(fields.map(|(name, known)| Completion { word: name.clone(), is_key: false, text: known.text.clone() }));
            let function = |name: &&str| Completion { word: (*name).to_owned(), is_key: false, text: Text::new("函数", "function") };
            found.extend(rules::own_functions().iter().map(function));
        }
        found.retain(|completion| completion.word.starts_with(&cursor.before));
        found
    }

    /// What the word at a place is, as Markdown.
    pub fn hover(&self, path: &str, line: usize, column: usize) -> Option<Text> {
        let cursor = cursor(self.text(path)?, line, column);
        if cursor.word.is_empty() {
            return None;
        }
        if let Some(word) = key_under(path, &cursor) {
            return Some(explained(&word));
        }
        self.known(path, &cursor).map(|known| {
            let word = &cursor.word;
            Text::new(format!("**{word}** {}", known.text.zh), format!("**{word}** {}", known.text.get(crate::text::Language::En)))
        })
    }

    /// Where the name at a place is declared.
    pub fn definition(&self, path: &str, line: usize, column: usize) -> Option<Place> {
        let cursor = cursor(self.text(path)?, line, column);
        if key_under(path, &cursor).is_some() {
            return None;
        }
        self.known(path, &cursor)?.place
    }

    /// The name under the cursor: of the kind that belongs there, else a field in an expression.
    fn known(&self, path: &str, cursor: &Cursor) -> Option<Known> {
        let names = names(self, path);
        let of = |kind: Kind, name: &str| names.get(&kind)?.get(name).cloned();
        if let Some(kind) = kind_at(&cursor.way, cursor.at_key) {
            // `code<kind>` is written with brackets; the word under the cursor is without them.
            let whole = format!("code<{}>", cursor.word);
            return of(kind, &cursor.word).or_else(|| of(kind, &whole)).or_else(|| of(kind, &cursor.value));
        }
        if cursor.at_key {
            // A name where it is declared explains itself.
            return [Kind::Lane, Kind::Message, Kind::Clock, Kind::Field].into_iter().find_map(|kind| of(kind, &cursor.word));
        }
        let name = cursor.word.split('.').next().unwrap_or_default();
        let head = matches!(cursor.way.last(), Some(Way::Key(_)))
            && cursor.way.iter().rev().nth(1).is_some_and(|step| matches!(step, Way::Item(Some(_))));
        of(Kind::Field, name).or_else(|| head.then(|| of(Kind::Node, &cursor.word)).flatten())
    }
}

/// Keys, elements and fixed words that may stand at a cursor.
fn words(cursor: &Cursor) -> Vec<Completion> {
    let Here { keys, words, .. } = here(&cursor.way).unwrap_or_default();
    let key = |word: Word| {
        let text = explained(&word);
        Completion { word: word.word.to_owned(), is_key: true, text }
    };
    if !cursor.at_key {
        let fixed = words.into_iter().map(|word| Completion { word: word.to_owned(), is_key: false, text: Text::default() });
        return fixed.collect();
    }
    if keys.is_empty() {
        // Below a key whose value is a list, an item begins.
        let mut way = cursor.way.clone();
        way.push(Way::Item(None));
        let heads = here(&way).unwrap_or_default().keys.into_iter();
        return heads.map(|head| Completion { word: format!("- {}", head.word), ..key(head) }).collect();
    }
    keys.into_iter().map(key).collect()
}

/// The key of the dialect under a cursor.
fn key_under(path: &str, cursor: &Cursor) -> Option<Word> {
    (cursor.at_key && path.ends_with("/process.yaml")).then(|| meaning(&cursor.way, &cursor.word)).flatten().or_else(|| head(path, cursor))
}

/// The element's own word, which is the first key of its item.
fn head(path: &str, cursor: &Cursor) -> Option<Word> {
    let Some((Way::Item(_), outer)) = cursor.way.split_last() else { return None };
    let mut way = outer.to_vec();
    way.push(Way::Item(None));
    (cursor.at_key && path.ends_with("/process.yaml")).then(|| meaning(&way, &cursor.word)).flatten()
}

fn explained(word: &Word) -> Text {
    let must = if word.required { (" · 必须写", " · required") } else { ("", "") };
    Text::new(
        format!("**{}** {} · {}{}", word.word, word.doc.zh, word.of.zh, must.0),
        format!("**{}** {} · {}{}", word.word, word.doc.get(crate::text::Language::En), word.of.get(crate::text::Language::En), must.1),
    )
}
