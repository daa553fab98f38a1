//! The small safe subset of HTML: read strictly into a tree; what is not known is refused.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use crate::text::Text;

/// Elements that may stand in a document.
const ELEMENTS: &[&str] = &[
    "h1", "h2", "h3", "p", "table", "tr", "th", "td", "ol", "ul", "li", "strong", "em", "br", "hr", "div", "span", "section", "header",
    "footer", "title",
];
/// Elements within a line; all others are blocks.
const INLINE: &[&str] = &["strong", "em", "br", "span"];
/// Elements without content.
const VOID: &[&str] = &["br", "hr"];
/// Deeper nesting is refused.
pub(super) const DEPTH_MAX: usize = 32;

/// A line break that a person typed into a value (U+2028, the line separator): it splits a paragraph, and is `<br>`
/// anywhere else.
pub(super) const TYPED_BREAK: char = '\u{2028}';

/// A node of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Text, unescaped, runs of white space as one space.
    Text(String),
    /// An element.
    Element(Element),
}

/// An element of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) class: Option<String>,
    pub(super) children: Vec<Node>,
}

/// What is wrong, and at which byte.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    pub(super) offset: usize,
    pub(super) message: Text,
}

/// Whether an element begins a line of its own.
pub(super) fn is_block(name: &str) -> bool {
    !INLINE.contains(&name)
}

/// Reads a fragment.
pub(super) fn parse(html: &str) -> Result<Vec<Node>, Refused> {
    let mut reader = Reader::from_str(html);
    // HTML writes `<br>`; names are checked here.
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut builder = Builder { open: Vec::new(), roots: Vec::new() };
    loop {
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let refuse = |message| Refused { offset, message };
        let event = reader.read_event().map_err(|error| {
            let offset = usize::try_from(reader.error_position()).unwrap_or(offset);
            Refused { offset, message: Text::new(format!("不是合法的 HTML：{error}"), format!("not valid HTML: {error}")) }
        })?;
        match event {
            Event::Eof => return builder.finish(html.len()),
            Event::Start(start) => builder.start(&start, false).map_err(refuse)?,
            Event::Empty(start) => builder.start(&start, true).map_err(refuse)?,
            Event::End(end) => builder.end(end.name().as_ref()).map_err(refuse)?,
            Event::Text(text) => builder.text(&text),
            Event::GeneralRef(reference) => builder.text(&character(&reference).map_err(refuse)?),
            Event::Comment(_) => {}
            Event::CData(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                return Err(refuse(Text::new(
                    "不允许声明、处理指令和 CDATA",
                    "declarations, processing instructions and CDATA are refused",
                )));
            }
        }
    }
}

fn character(reference: &BytesRef<'_>) -> Result<String, Text> {
    let name: &str = reference;
    let named = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "ensp" => Some('\u{2002}'),
        "emsp" => Some('\u{2003}'),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    match named {
        Some(letter) if !is_forbidden(letter) => Ok(letter.to_string()),
        _ => Err(Text::new(format!("不认识的字符引用“&{name};”"), format!("unknown character reference `&{name};`"))),
    }
}

/// Control characters have no place in a document.
fn is_forbidden(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

struct Builder {
    open: Vec<Element>,
    roots: Vec<Node>,
}

impl Builder {
    fn start(&mut self, start: &BytesStart<'_>, closed: bool) -> Result<(), Text> {
        let written = start.name();
        let written: &str = written.as_ref();
        let Some(name) = ELEMENTS.iter().find(|name| **name == written) else {
            return Err(Text::new(format!("文书不允许元素 <{written}>"), format!("<{written}> is not permitted in a document")));
        };
        if self.open.len() >= DEPTH_MAX {
            return Err(Text::new("元素嵌套过深", "elements are nested too deeply"));
        }
        let element = Element { name, class: class(start)?, children: Vec::new() };
        if closed || VOID.contains(name) {
            self.add(Node::Element(element));
        } else {
            self.open.push(element);
        }
        Ok(())
    }

    fn end(&mut self, written: &str) -> Result<(), Text> {
        match self.open.pop() {
            Some(element) if element.name == written => {
                self.add(Node::Element(element));
                Ok(())
            }
            Some(element) => {
                let name = element.name;
                Err(Text::new(format!("</{written}> 之前应有 </{name}>"), format!("</{name}> is missing before </{written}>")))
            }
            None => Err(Text::new(format!("</{written}> 没有对应的开始标签"), format!("</{written}> has no start tag"))),
        }
    }

    fn add(&mut self, node: Node) {
        let siblings = match self.open.last_mut() {
            Some(element) => &mut element.children,
            None => &mut self.roots,
        };
        match (siblings.last_mut(), node) {
            (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
            (_, node) => siblings.push(node),
        }
    }

    fn text(&mut self, text: &str) {
        self.add(Node::Text(text.chars().filter(|letter| !is_forbidden(*letter)).collect()));
    }

    fn finish(mut self, length: usize) -> Result<Vec<Node>, Refused> {
        if let Some(element) = self.open.pop() {
            let name = element.name;
            let message = Text::new(format!("<{name}> 没有结束标签"), format!("<{name}> is not closed"));
            return Err(Refused { offset: length, message });
        }
        Ok(tidy(broken(self.roots)))
    }
}

/// The only attribute: class names of lower-case letters, digits and hyphens.
fn class(start: &BytesStart<'_>) -> Result<Option<String>, Text> {
    let mut class = None;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Text::new(format!("属性写法有误：{error}"), format!("bad attribute: {error}")))?;
        let name: &str = attribute.key.as_ref();
        let letters = attribute.value.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-' | ' '));
        if name != "class" || !letters {
            let value = &attribute.value;
            return Err(Text::new(
                format!("不允许属性 {name}=\"{value}\"；只能用 class"),
                format!("the attribute {name}=\"{value}\" is not permitted; only class is"),
            ));
        }
        class = Some(attribute.value.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|class| !class.is_empty());
    }
    Ok(class)
}

/// Typed line breaks become paragraphs or `<br>`.
fn broken(nodes: Vec<Node>) -> Vec<Node> {
    let mut result = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(text) if text.contains(TYPED_BREAK) => {
                for (index, line) in text.split(TYPED_BREAK).enumerate() {
                    if index > 0 {
                        result.push(Node::Element(Element { name: "br", class: None, children: Vec::new() }));
                    }
                    result.push(Node::Text(line.to_owned()));
                }
            }
            Node::Element(Element { name: "p", class, children }) => result.extend(paragraphs(class.as_ref(), children)),
            Node::Element(element) => result.push(Node::Element(Element { children: broken(element.children), ..element })),
            text @ Node::Text(_) => result.push(text),
        }
    }
    result
}

/// One paragraph for each line that was typed into its text.
fn paragraphs(class: Option<&String>, children: Vec<Node>) -> Vec<Node> {
    let mut lines = vec![Vec::new()];
    for child in children {
        let Node::Text(text) = child else {
            if let Some(line) = lines.last_mut() {
                line.extend(broken(vec![child]));
            }
            continue;
        };
        for (index, part) in text.split(TYPED_BREAK).enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(Node::Text(part.to_owned()));
            }
        }
    }
    let is_blank = |line: &Vec<Node>| line.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()));
    if lines.len() > 1 {
        lines.retain(|line| !is_blank(line));
    }
    lines.into_iter().map(|children| Node::Element(Element { name: "p", class: class.cloned(), children })).collect()
}

/// One space for a run of white space, none where a block begins or ends, none for a line break between Han characters.
fn tidy(nodes: Vec<Node>) -> Vec<Node> {
    let is_edge = |node: Option<&Node>| match node {
        None => true,
        Some(Node::Element(element)) => is_block(element.name) || element.name == "br",
        Some(Node::Text(_)) => false,
    };
    let mut result: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut rest = nodes.into_iter().peekable();
    while let Some(node) = rest.next() {
        let node = match node {
            Node::Element(element) => Node::Element(Element { children: tidy(element.children), ..element }),
            Node::Text(text) => {
                let mut text = collapse(&text);
                if is_edge(result.last()) {
                    text = text.trim_start_matches(' ').to_owned();
                }
                if is_edge(rest.peek()) {
                    text.truncate(text.trim_end_matches(' ').len());
                }
                if text.is_empty() {
                    continue;
                }
                Node::Text(text)
            }
        };
        result.push(node);
    }
    result
}

fn collapse(text: &str) -> String {
    let is_white = |letter: char| matches!(letter, ' ' | '\n' | '\r' | '\t');
    let mut result = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if !is_white(letter) {
            result.push(letter);
            continue;
        }
        let mut broken = letter == '\n';
        while let Some(next) = letters.next_if(|next| is_white(*next)) {
            broken |= next == '\n';
        }
        let wide = |letter: Option<char>| letter.is_some_and(|letter| u32::from(letter) >= 0x2E80);
        if !(broken && wide(result.chars().next_back()) && wide(letters.peek().copied())) {
            result.push(' ');
        }
    }
    result
}
