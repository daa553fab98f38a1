//! Elements of DMN, whatever namespace its version has.

use crate::{source::Span, xml::Node};

/// Children of that name.
pub(super) fn all<'d>(node: Node<'d>, name: &str) -> impl Iterator<Item = Node<'d>> {
    node.children().filter(move |child| child.name() == name)
}

/// The first child of that name.
pub(super) fn child<'d>(node: Node<'d>, name: &str) -> Option<Node<'d>> {
    all(node, name).next()
}

/// The text of its `<text>`, and where that stands.
pub(super) fn said(node: Node<'_>) -> Option<(&str, Span)> {
    let text = child(node, "text")?;
    Some((text.text().unwrap_or_default(), text.text_span()))
}
