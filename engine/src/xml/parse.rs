//! From XML text to a [`Document`]; whatever could be used against the reader is refused.

use std::collections::BTreeMap;

use quick_xml::{
    Reader as XmlReader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

use super::{Attribute, Document, Found, Space, lines::Lines};
use crate::{
    diagnostic::Finding,
    source::{Place, Source, Span},
    text::Text,
};

/// A file longer than this many bytes is refused.
const BYTES_MAX: usize = 4 << 20;
/// Elements in elements deeper than this are refused: the YAML that they become would be too deep as well.
const DEPTH_MAX: usize = 30;
/// More elements than this are refused.
const ELEMENTS_MAX: usize = 50_000;
/// More attributes of one element than this are refused.
const ATTRIBUTES_MAX: usize = 128;

/// Reads XML.
///
/// # Errors
/// One finding (`Y900`): the text is not well-formed, declares a document type or an entity, or goes over a limit.
pub(crate) fn parse(source: &Source) -> Result<Document, Box<Finding>> {
    let lines = Lines::of(&source.text);
    let refuse = |refusal: Refusal| {
        let span = lines.span(refusal.from, refusal.to.max(refusal.from + 1));
        let place = Place { file: source.name.clone(), span };
        Box::new(Finding::error("Y900", place, refusal.message))
    };
    if source.text.len() > BYTES_MAX {
        return Err(refuse(Refusal::at(0, "文件超过 4 MiB", "the file is larger than 4 MiB")));
    }
    let mut parser = Parser { lines: &lines, elements: Vec::new(), open: Vec::new(), prefixes: Vec::new(), ended: false };
    parser.read(&source.text).map_err(refuse)?;
    if parser.elements.is_empty() {
        return Err(refuse(Refusal::at(0, "没有任何元素", "there is no element")));
    }
    let by_id = index(&parser.elements);
    Ok(Document { file: source.name.clone(), elements: parser.elements, by_id })
}

/// The first element of each id; BPMN's own only, since pictures have ids of their own.
fn index(elements: &[Found]) -> BTreeMap<String, usize> {
    let mut by_id = BTreeMap::new();
    for (ix, element) in elements.iter().enumerate().filter(|(_, element)| element.space == Space::Bpmn) {
        if let Some(id) = element.attributes.iter().find(|attribute| attribute.name == "id") {
            by_id.entry(id.value.trim().to_owned()).or_insert(ix);
        }
    }
    by_id
}

/// Why a text is not taken, with the bytes concerned.
struct Refusal {
    from: usize,
    to: usize,
    message: Text,
}

impl Refusal {
    fn at(byte: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { from: byte, to: byte + 1, message: Text::new(zh, en) }
    }

    fn malformed(byte: usize, problem: impl std::fmt::Display) -> Self {
        Self::at(byte, format!("不是合法的 XML：{problem}"), format!("not well-formed XML: {problem}"))
    }
}

struct Parser<'t> {
    lines: &'t Lines<'t>,
    elements: Vec<Found>,
    /// The elements that are open, with how many prefixes were declared before each.
    open: Vec<(usize, usize)>,
    prefixes: Vec<(String, Space)>,
    ended: bool,
}

impl Parser<'_> {
    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        let mut reader = XmlReader::from_str(text);
        loop {
            let from = position(reader.buffer_position());
            let event = reader.read_event().map_err(|problem| Refusal::malformed(position(reader.error_position()), problem))?;
            let to = position(reader.buffer_position());
            match event {
                Event::Start(tag) => self.start(&tag, from, to)?,
                Event::Empty(tag) => {
                    self.start(&tag, from, to)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&text.xml10_content(), from, to)?,
                Event::CData(text) => self.text(&text.xml10_content(), from + "<![CDATA[".len(), to - "]]>".len())?,
                Event::GeneralRef(reference) => {
                    let known = reference.resolve_char_ref().map_err(|problem| Refusal::malformed(from, problem))?.map(String::from);
                    let Some(text) = known.or_else(|| resolve_predefined_entity(&reference).map(str::to_owned)) else {
                        return Err(entity(from));
                    };
                    self.text(&text, from, to)?;
                }
                Event::DocType(_) => {
                    return Err(Refusal::at(from, "不接受 DOCTYPE 与实体声明", "document types and entities are not taken"));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof if self.open.is_empty() => return Ok(()),
                Event::Eof => return Err(Refusal::malformed(from, "an element is not closed")),
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, from: usize, to: usize) -> Result<(), Refusal> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Refusal::at(from, format!("嵌套超过 {DEPTH_MAX} 层"), format!("nested deeper than {DEPTH_MAX}")));
        }
        if self.elements.len() >= ELEMENTS_MAX {
            return Err(Refusal::at(from, format!("元素超过 {ELEMENTS_MAX} 个"), format!("more than {ELEMENTS_MAX} elements")));
        }
        if self.ended {
            return Err(Refusal::malformed(from, "a second root element"));
        }
        let declared = self.prefixes.len();
        let raw = self.attributes(tag, from)?;
        let space_of = |name: &str, prefixes: &[(String, Space)]| {
            let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
            let found = prefixes.iter().rev().find(|(known, _)| known == prefix);
            found.map_or_else(|| Space::of_prefix(prefix), |(_, space)| *space)
        };
        let space = space_of(tag.name().into_inner(), &self.prefixes);
        let attributes = raw
            .into_iter()
            .map(|(name, value)| Attribute {
                space: match name.as_str() {
                    "xmlns" => Space::Declaration,
                    _ if name.starts_with("xmlns:") => Space::Declaration,
                    _ if !name.contains(':') => space,
                    _ => space_of(&name, &self.prefixes),
                },
                name: super::local(&name).to_owned(),
                value,
            })
            .collect();
        let (ix, span) = (self.elements.len(), self.lines.span(from, to));
        let parent = self.open.last().map(|(parent, _)| *parent);
        if let Some(parent) = parent {
            self.elements[parent].children.push(ix);
        }
        let name = super::local(tag.name().into_inner()).to_owned();
        let (children, text) = (Vec::new(), String::new());
        self.elements.push(Found { space, name, attributes, children, parent, text, span, text_span: span });
        self.open.push((ix, declared));
        Ok(())
    }

    /// Names and values; namespace declarations are taken note of.
    fn attributes(&mut self, tag: &BytesStart<'_>, from: usize) -> Result<Vec<(String, String)>, Refusal> {
        let mut found: Vec<(String, String)> = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|problem| Refusal::malformed(from, problem))?;
            let name = attribute.key.into_inner().to_owned();
            if found.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::malformed(from, format!("attribute `{name}` stands twice")));
            }
            if found.len() >= ATTRIBUTES_MAX {
                return Err(Refusal::at(from, format!("属性超过 {ATTRIBUTES_MAX} 个"), format!("more than {ATTRIBUTES_MAX} attributes")));
            }
            let value = attribute
                .normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_predefined_entity)
                .map_err(|problem| Refusal::malformed(from, problem))?
                .into_owned();
            if let Some(prefix) = name.strip_prefix("xmlns").filter(|rest| rest.is_empty() || rest.starts_with(':')) {
                self.prefixes.push((prefix.trim_start_matches(':').to_owned(), Space::of_address(value.trim())));
            }
            found.push((name, value));
        }
        Ok(found)
    }

    fn end(&mut self) {
        if let Some((_, declared)) = self.open.pop() {
            self.prefixes.truncate(declared);
        }
        self.ended = self.open.is_empty();
    }

    fn text(&mut self, text: &str, from: usize, to: usize) -> Result<(), Refusal> {
        let blank = text.trim().is_empty();
        let Some((ix, _)) = self.open.last() else {
            let mark = text.trim_start_matches('\u{feff}').trim().is_empty();
            return if mark { Ok(()) } else { Err(Refusal::malformed(from, "text outside the root element")) };
        };
        let element = &mut self.elements[*ix];
        let first = element.text.trim().is_empty();
        element.text.push_str(text);
        if !blank {
            let (lead, tail) = (text.len() - text.trim_start().len(), text.len() - text.trim_end().len());
            let span: Span = self.lines.span((from + lead).min(to), to.saturating_sub(tail).max(from + lead));
            if first {
                element.text_span = span;
            } else {
                (element.text_span.end_line, element.text_span.end_column) = (span.end_line, span.end_column);
            }
        }
        Ok(())
    }
}

fn entity(from: usize) -> Refusal {
    Refusal::at(from, "不接受自定义实体", "entities other than the predefined ones are not taken")
}

fn position(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}
