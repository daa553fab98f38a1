//! A document's tree as canonical HTML, and as plain text.

use super::markup::{Element, Node, is_block};

/// Canonical HTML: the same tree gives the same bytes, each block on a line of its own.
pub(super) fn html(nodes: &[Node]) -> String {
    let mut out = String::new();
    nodes.iter().for_each(|node| write(node, &mut out));
    out.trim_end().to_owned()
}

fn write(node: &Node, out: &mut String) {
    match node {
        Node::Text(text) => escape(text, out),
        Node::Element(element) => {
            out.push('<');
            out.push_str(element.name);
            if let Some(class) = &element.class {
                out.push_str(" class=\"");
                out.push_str(class);
                out.push('"');
            }
            out.push('>');
            if !matches!(element.name, "br" | "hr") {
                element.children.iter().for_each(|child| write(child, out));
                out.push_str("</");
                out.push_str(element.name);
                out.push('>');
            }
            if is_block(element.name) {
                out.push('\n');
            }
        }
    }
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&#160;"),
            other => out.push(other),
        }
    }
}

/// Plain text: one line a paragraph, row or item.
pub(super) fn text(nodes: &[Node]) -> String {
    let mut plain = Plain { lines: vec![String::new()] };
    plain.nodes(nodes);
    plain.lines.retain(|line| !line.trim().is_empty());
    plain.lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The text of an element on one line, for subjects.
pub(super) fn line(element: &Element) -> String {
    text(&element.children).split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Plain {
    lines: Vec<String>,
}

impl Plain {
    fn nodes(&mut self, nodes: &[Node]) {
        nodes.iter().for_each(|node| self.node(node));
    }

    fn add(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn break_line(&mut self) {
        if self.lines.last().is_none_or(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn node(&mut self, node: &Node) {
        let element = match node {
            Node::Text(text) => return self.add(text),
            Node::Element(element) => element,
        };
        match element.name {
            "br" | "hr" => self.break_line(),
            "ol" | "ul" => self.items(element),
            "th" | "td" => {
                if self.lines.last().is_some_and(|line| !line.is_empty()) {
                    self.add("　");
                }
                self.nodes(&element.children);
            }
            name if is_block(name) => {
                self.break_line();
                self.nodes(&element.children);
                self.break_line();
            }
            _ => self.nodes(&element.children),
        }
    }

    fn items(&mut self, list: &Element) {
        let mut number = 0;
        for node in &list.children {
            self.break_line();
            if matches!(node, Node::Element(item) if item.name == "li") {
                number += 1;
                let mark = if list.name == "ol" { format!("{number}. ") } else { "· ".to_owned() };
                self.add(&mark);
            }
            match node {
                Node::Element(item) if item.name == "li" => self.nodes(&item.children),
                other => self.node(other),
            }
        }
        self.break_line();
    }
}
