//! Elements of XML as they are written.

use std::fmt;

use quick_xml::escape::{escape, partial_escape};

/// An element; text comes before children.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: String,
    attributes: Vec<(&'static str, String)>,
    text: String,
    /// Whether the text is written as CDATA, lines and all.
    verbatim: bool,
    children: Vec<Element>,
}

/// An attribute's value: a text, whole pixels, or yes and no.
pub(super) struct Value(String);

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
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), attributes: Vec::new(), text: String::new(), verbatim: false, children: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into().0));
        self
    }

    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(super) fn verbatim(mut self, text: impl Into<String>) -> Self {
        self.verbatim = true;
        self.text(text)
    }

    pub(super) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        write!(f, "{:1$}<{2}", "", depth * 2, self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escape(value.as_str()).replace('\n', "&#10;").replace('\t', "&#9;"))?;
        }
        if self.text.is_empty() && self.children.is_empty() {
            return f.write_str("/>\n");
        }
        f.write_str(">")?;
        if self.verbatim {
            write!(f, "<![CDATA[{}]]>", self.text.replace("]]>", "]]]]><![CDATA[>"))?;
        } else {
            f.write_str(&partial_escape(self.text.as_str()))?;
        }
        if !self.children.is_empty() {
            f.write_str("\n")?;
            for child in &self.children {
                child.write(f, depth + 1)?;
            }
            write!(f, "{:1$}", "", depth * 2)?;
        }
        writeln!(f, "</{}>", self.name)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
