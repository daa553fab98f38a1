//! Writing HTML: every text and attribute is escaped here, and the result is well-formed XML besides.

use std::fmt::Write as _;

/// HTML under construction.
#[derive(Default)]
pub(super) struct Html {
    text: String,
}

/// A start tag under construction; nothing else can be written before it ends.
pub(super) struct Tag<'a> {
    html: &'a mut Html,
}

impl Html {
    /// Begins a start tag.
    pub(super) fn tag(&mut self, name: &str) -> Tag<'_> {
        self.text.push('<');
        self.text.push_str(name);
        Tag { html: self }
    }

    /// A start tag with a class and nothing else.
    pub(super) fn open(&mut self, name: &str, class: &str) -> &mut Self {
        self.tag(name).class(class).end()
    }

    pub(super) fn close(&mut self, name: &str) -> &mut Self {
        let _infallible = write!(self.text, "</{name}>");
        self
    }

    /// Text, escaped.
    pub(super) fn say(&mut self, text: &str) -> &mut Self {
        escape(&mut self.text, text);
        self
    }

    /// An element that holds text only.
    pub(super) fn element(&mut self, name: &str, class: &str, text: &str) -> &mut Self {
        self.open(name, class).say(text).close(name)
    }

    /// What another writer wrote, as it is.
    pub(super) fn append(&mut self, other: &Html) -> &mut Self {
        self.text.push_str(&other.text);
        self
    }

    pub(super) fn into_string(self) -> String {
        self.text
    }
}

impl<'a> Tag<'a> {
    pub(super) fn attribute(self, name: &str, value: &str) -> Self {
        let _infallible = write!(self.html.text, " {name}=\"");
        escape(&mut self.html.text, value);
        self.html.text.push('"');
        self
    }

    /// A class, unless it is empty.
    pub(super) fn class(self, class: &str) -> Self {
        self.given("class", class)
    }

    /// An attribute that is left out when its value is empty.
    pub(super) fn given(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.attribute(name, value) }
    }

    /// A boolean attribute.
    pub(super) fn flag(self, name: &str, set: bool) -> Self {
        if set { self.attribute(name, name) } else { self }
    }

    /// Ends the start tag.
    pub(super) fn end(self) -> &'a mut Html {
        self.html.text.push('>');
        self.html
    }

    /// Ends the tag of an element that has no content.
    pub(super) fn empty(self) -> &'a mut Html {
        self.html.text.push_str("/>");
        self.html
    }
}

/// Escapes for text and quoted attributes alike; control characters that HTML does not know are dropped.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}
