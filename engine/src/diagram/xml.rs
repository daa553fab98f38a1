//! A small tree of elements, written as XML that is also HTML.

use std::fmt;

use quick_xml::escape::escape;

/// An element: name, attributes, children.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
enum Child {
    Element(Element),
    Text(String),
}

/// An attribute's value: a text or whole pixels.
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

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    /// With an attribute.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.push((name, value.into().0));
        self
    }

    /// With the attribute `class`.
    pub(super) fn class(self, value: impl Into<Value>) -> Self {
        self.with("class", value)
    }

    pub(super) fn child(mut self, child: Element) -> Self {
        self.children.push(Child::Element(child));
        self
    }

    pub(super) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Child::Element));
        self
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    /// Whether it may be written as `<name/>`: HTML takes that for SVG's elements only.
    fn closes_itself(&self) -> bool {
        !matches!(self.name, "ol" | "li" | "span" | "a" | "g" | "text")
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
                Child::Text(text) => f.write_str(&escape(text.as_str()))?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}
