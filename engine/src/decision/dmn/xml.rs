//! XML as a small tree with places; hostile XML is refused.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{
    diagnostic::Finding,
    source::{Place, Source, Span},
    text::Text,
};

/// A file longer than this many bytes is refused.
const BYTES_MAX: usize = 4 << 20;
/// Deeper nesting is refused.
const DEPTH_MAX: usize = 64;

/// An element; prefixes of names are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// All text directly in it.
    text: String,
    pub(super) span: Span,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of its `<text>`, and where that stands.
    pub(super) fn said(&self) -> Option<(&str, Span)> {
        let text = self.child("text")?;
        Some((text.text.trim(), text.span))
    }

    /// The text directly in it.
    pub(super) fn own_text(&self) -> &str {
        self.text.trim()
    }
}

/// Reads a file.
///
/// # Errors
/// `Y950`, if it is not well-formed, declares a document type or entities, or is too large or too deep.
pub(super) fn read(source: &Source) -> Result<Element, Box<Finding>> {
    let refuse = |offset: u64, zh: String, en: String| {
        let place = Place { file: source.name.clone(), span: Cursor::new(&source.text).span(offset, offset) };
        Box::new(Finding::error("Y950", place, Text::new(zh, en)))
    };
    if source.text.len() > BYTES_MAX {
        return Err(refuse(0, "文件超过 4 MiB".to_owned(), "the file is larger than 4 MiB".to_owned()));
    }
    let mut reader = Reader::from_str(&source.text);
    let mut cursor = Cursor::new(&source.text);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        let before = reader.buffer_position();
        let malformed =
            |error: &dyn std::fmt::Display| refuse(before, format!("不是合法的 XML：{error}"), format!("not valid XML: {error}"));
        let event = reader.read_event().map_err(|error| malformed(&error))?;
        let at = cursor.span(before, reader.buffer_position());
        match event {
            Event::Eof => break,
            Event::Start(start) => open.push(element(&start, at).map_err(|error| malformed(&error))?),
            Event::Empty(start) => close(&mut open, element(&start, at).map_err(|error| malformed(&error))?),
            Event::End(_) => {
                let done = open.pop().unwrap_or_default();
                close(&mut open, done);
            }
            Event::Text(text) => push(&mut open, &text.xml10_content(), at),
            Event::CData(text) => push(&mut open, &text.xml10_content(), at),
            Event::GeneralRef(reference) => match character(&reference) {
                Some(letter) => push(&mut open, letter.encode_utf8(&mut [0; 4]), at),
                None => return Err(refuse(before, "不认识的实体".to_owned(), "an entity that is not known".to_owned())),
            },
            Event::DocType(_) => {
                return Err(refuse(before, "不接受 DOCTYPE 声明".to_owned(), "a DOCTYPE declaration is refused".to_owned()));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if open.len() > DEPTH_MAX {
            return Err(refuse(before, "嵌套过深".to_owned(), "nested too deeply".to_owned()));
        }
    }
    match (open.len(), open.pop().and_then(|mut document| document.children.pop())) {
        (1, Some(root)) => Ok(root),
        _ => Err(refuse(source.text.len() as u64, "文件不完整".to_owned(), "the file is incomplete".to_owned())),
    }
}

fn element(start: &BytesStart<'_>, span: Span) -> Result<Element, quick_xml::Error> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        attributes.push((local(attribute.key.as_ref()).to_owned(), attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned()));
    }
    Ok(Element { name: local(start.name().as_ref()).to_owned(), attributes, span, ..Element::default() })
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Adds a finished element to the one around it.
fn close(open: &mut [Element], done: Element) {
    if let Some(around) = open.last_mut() {
        around.children.push(done);
    }
}

/// Adds text; an element with text stands where its text begins.
fn push(open: &mut [Element], text: &str, at: Span) {
    if let Some(around) = open.last_mut() {
        if around.text.trim().is_empty() && !text.trim().is_empty() && around.children.is_empty() {
            around.span = at;
        }
        around.text.push_str(text);
    }
}

fn character(reference: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    let name: &str = reference;
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

/// Lines and columns of places that are asked for in order, so that the text is gone through once.
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offset: 0, line: 1, column: 1 }
    }

    fn at(&mut self, offset: u64) -> (u32, u32) {
        let to = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        for letter in self.text.get(self.offset..to).unwrap_or_default().chars() {
            (self.line, self.column) = if letter == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.offset = self.offset.max(to);
        (self.line, self.column)
    }

    fn span(&mut self, from: u64, to: u64) -> Span {
        let ((line, column), (end_line, end_column)) = (self.at(from), self.at(to));
        Span { line, column, end_line, end_column }
    }
}
