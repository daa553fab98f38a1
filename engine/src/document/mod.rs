//! Notices and documents: handlebars templates, rendered to a small safe subset of HTML.
//!
//! # Writing a template
//!
//! `templates/NAME.hbs` beside `process.yaml` is known as NAME. It is plain HTML of these elements: `h1`–`h3`, `p`,
//! `table`, `tr`, `th`, `td`, `ol`, `ul`, `li`, `strong`, `em`, `br`, `hr`, `div`, `span`, `section`, `header`,
//! `footer`, and `title`; the only attribute is `class`. Each block (`{{#if}}…{{/if}}`, each branch of it) holds whole
//! elements. The subject of a notice is its `<title>`, which is not shown, or else its first `<h1>`.
//!
//! `{{name}}` writes a value, escaped; `{{{name}}}` is refused. A value that is absent is an error; a list that is
//! absent is an empty one for `{{#each}}`, and anything absent is false for `{{#if}}`. Lines that a person typed
//! become paragraphs within a `<p>`, and `<br>` elsewhere. Further:
//!
//! | write | to get |
//! |---|---|
//! | `{{date x}}` | 2026年11月24日, from a date or a moment, in the office's zone |
//! | `{{date x "short"}}`, `{{date x "time"}}` | 2026-11-24, and 2026年11月24日 14:30 |
//! | `{{money x}}` | 12,345.60 |
//! | `{{label "field" value}}` | the label of a code: from the field standard, or from `labels.field.value` of the data |
//! | `{{> remedy}}` | another template of the process, by its name |
//! | `{{#if (eq a "b")}}` | comparisons: `eq`, `ne`, `gt`, `lt`, `and`, `or`, `not` |
//!
//! # An official document (GB/T 9704-2012)
//!
//! One `<section class="doc">` with, in this order: `doc-head` (issuing organ), `doc-number`, `doc-title`,
//! `doc-addressee`, `doc-body` (paragraphs, lists, `doc-table`), `doc-sign` (issuing unit), `doc-date`, `doc-note`
//! (notes below). [`page`] makes it a page for print on A4.

mod check;
mod markup;
mod page;
mod render;
mod words;
mod write;

use std::collections::BTreeMap;

use handlebars::Handlebars;
use serde_json::Value;

pub use page::{PRINT_CSS, PageKind, page};

use crate::{
    diagnostic::Finding,
    form::{FieldStandard, FieldType},
    rules::RuleError,
    source::{Place, Source},
};

/// A rendered document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: the template's `<title>`, else its first `<h1>`; one line.
    pub subject: Option<String>,
    /// The body: a small safe subset of HTML, written canonically.
    pub html: String,
    /// SM3 of `html`, in lower-case hex (GB/T 32905-2016).
    pub hash: String,
}

impl Rendered {
    /// The same in plain text, for mail: one line a paragraph, row or item.
    pub fn text(&self) -> String {
        markup::parse(&self.html).map(|tree| write::text(&tree)).unwrap_or_default()
    }
}

/// The compiled templates of one process.
#[derive(Debug)]
pub struct Templates {
    registry: Handlebars<'static>,
    /// The file of each template.
    files: BTreeMap<String, Source>,
    /// What each template reads.
    reads: BTreeMap<String, Vec<Read>>,
}

/// A value that a template reads from its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The path from the data's root, such as `organizer.name`.
    pub path: String,
    /// Where it stands.
    pub place: Place,
}

impl Default for Templates {
    fn default() -> Self {
        Self::compile(&[]).0
    }
}

impl Templates {
    /// Compiles the files of `templates/`; a template is known by its file's name without `.hbs`.
    ///
    /// Findings: `Y050` it does not parse, `Y051` raw output, `Y052` a partial that does not exist or calls itself,
    /// `Y053` HTML that is not permitted, `Y054` too large or nested too deeply, `Y055` no such helper.
    pub fn compile(files: &[Source]) -> (Self, Vec<Finding>) {
        check::compile(files)
    }

    /// With the labels of the standard's coded fields and of the coded names in `besides`, for `{{label}}`.
    #[must_use]
    pub fn with_labels<'a>(mut self, standard: &'a FieldStandard, besides: impl IntoIterator<Item = (&'a str, &'a FieldType)>) -> Self {
        words::register_labels(&mut self.registry, words::labels(standard, besides));
        self
    }

    /// With moments shown in `zone` instead of the one of all China.
    #[must_use]
    pub fn in_zone(mut self, zone: &jiff::tz::TimeZone) -> Self {
        words::register_zone(&mut self.registry, zone);
        self
    }

    /// Whether there is a template of that name.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// What a template, with the ones that it includes, reads from the data's root: for checking that it exists.
    pub fn reads(&self, name: &str) -> Vec<Read> {
        self.reads.get(name).cloned().unwrap_or_default()
    }

    /// Whether a template, or a partial that it uses, says one of `words` outside its comments.
    pub fn says(&self, name: &str, words: &[&str]) -> bool {
        let mut seen: Vec<String> = Vec::new();
        let mut ahead = vec![name.to_owned()];
        while let Some(name) = ahead.pop() {
            let Some(source) = self.files.get(&name).filter(|_| !seen.contains(&name)) else { continue };
            let text = without_comments(&source.text);
            if words.iter().any(|word| text.contains(word)) {
                return true;
            }
            let partial = |after: &str| after.trim_start().split(|c: char| c.is_whitespace() || c == '}').next().map(str::to_owned);
            ahead.extend(text.split("{{>").skip(1).filter_map(partial));
            seen.push(name);
        }
        false
    }

    /// Renders a template.
    ///
    /// # Errors
    /// A [`RuleError`] at the template's line, if there is no such template, a value is missing, or what comes out is
    /// too large or no permitted HTML.
    pub fn render(&self, name: &str, data: &Value) -> Result<Rendered, RuleError> {
        render::render(self, name, data)
    }
}

/// The place of a line and column (from 1) in a file.
fn at(file: &str, line: usize, column: usize) -> Place {
    let (line, column) = (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
    Place { file: file.into(), span: crate::source::Span { line, column, end_line: line, end_column: column.saturating_add(1) } }
}

/// A template without `{{!-- … --}}`.
fn without_comments(text: &str) -> String {
    let mut parts = text.split("{{!--");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("--}}").map_or("", |(_, rest)| rest))
}

#[cfg(test)]
#[cfg(test)]
mod tests;
