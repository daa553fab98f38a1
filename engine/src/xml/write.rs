//! Elements of XML as they are written: compact, in the way that is HTML too, or line by line.

use std::{borrow::Cow, fmt};

use quick_xml::escape::{escape, partial_escape};

/// An element: name, attributes, children.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    name: Cow<'static, str>,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
enum Child {
    Element(Element),
    Text(String),
    /// Written as CDATA, lines and all.
    Verbatim(String),
}

/// An attribute's value: a text, whole pixels, or yes and no.
pub(crate) struct Value(String);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<i32> for Value {
    fn from(pixels: i32) -> Self {
        Self(pixels.to_string())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self(flag.to_string())
    }
}

impl Element {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), attributes: Vec::new(), children: Vec::new() }
    }

    /// With an attribute.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into().0));
        self
    }

    /// With an attribute, if there is a value.
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With the attribute `class`.
    pub(crate) fn class(self, value: impl Into<Value>) -> Self {
        self.with("class", value)
    }

    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(Child::Element(child));
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Child::Element));
        self
    }

    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    /// Text whose lines stay as they are.
    pub(crate) fn verbatim(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Verbatim(text.into()));
        self
    }

    /// Whether it may be written as `<name/>`: HTML takes that for SVG's elements only.
    fn closes_itself(&self) -> bool {
        !matches!(&*self.name, "ol" | "li" | "span" | "a" | "g" | "text")
    }

    /// As XML with an element a line, indented; white space in attributes is kept.
    pub(crate) fn in_lines(&self) -> String {
        let mut lines = String::new();
        self.line(&mut lines, 0);
        lines
    }

    fn line(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}<{}", self.name));
        for (name, value) in &self.attributes {
            let value = escape(value.as_str()).replace('\n', "&#10;").replace('\t', "&#9;");
            out.push_str(&format!(" {name}=\"{value}\""));
        }
        if self.children.iter().all(|child| matches!(child, Child::Text(text) if text.is_empty())) {
            out.push_str("/>\n");
            return;
        }
        out.push('>');
        let mut on_lines = false;
        for child in &self.children {
            match child {
                Child::Text(text) => out.push_str(&partial_escape(text.as_str())),
                Child::Verbatim(text) => out.push_str(&format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))),
                Child::Element(element) => {
                    if !on_lines {
                        out.push('\n');
                    }
                    on_lines = true;
                    element.line(out, depth + 1);
                }
            }
        }
        if on_lines {
            out.push_str(&indent);
        }
        out.push_str(&format!("</{}>\n", self.name));
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escape(value.as_str()))?;
        }
        if self.children.is_empty() && self.closes_itself() {
            return f.write_str("/>");
        }
        f.write_str(">")?;
        for child in &self.children {
            match child {
                Child::Element(element) => element.fmt(f)?,
                Child::Text(text) | Child::Verbatim(text) => f.write_str(&escape(text.as_str()))?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}
