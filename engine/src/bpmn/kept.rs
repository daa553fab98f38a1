//! What is kept of a definition inside BPMN XML, and whether the XML around it is still what was written.

use sm3::{Digest, Sm3};

use super::{
    read::is_flow_node,
    xml::{Node, Space},
};
use crate::source::{Key, Kind, Source, Span, Tree, parse};

/// Keys of items that BPMN has no word for; they stand at the node.
pub(super) const OWN_KEYS: &[&str] = &[
    "public",
    "lane",
    "assign",
    "form",
    "due",
    "priority",
    "procedure",
    "separateFrom",
    "operations",
    "return",
    "operation",
    "register",
    "settings",
    "retry",
    "with",
    "set",
    "withAll",
    "setAll",
    "portal",
    "notify",
    "document",
    "decision",
    "output",
    "multiInstance",
    "sends",
    "awaits",
    "role",
];

/// What the graph of a process says, whatever the order of elements and the ids of what is no node: SM3, in hex.
pub(super) fn fingerprint(process: Node<'_>) -> String {
    let mut lines = Vec::new();
    describe(process, "", &mut lines);
    lines.sort_unstable();
    let mut hash = Sm3::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

fn describe(node: Node<'_>, around: &str, lines: &mut Vec<String>) {
    let known = is_flow_node(node) || node.is("sequenceFlow") || node.is("process");
    let mut attributes: Vec<String> = node
        .attributes()
        .iter()
        .filter(|attribute| attribute.space == Space::Bpmn && (known || attribute.name != "id"))
        .map(|attribute| format!("{}={}", attribute.name, meant(node, &attribute.name, &attribute.value)))
        .collect();
    attributes.sort_unstable();
    let own = format!("{around}/{}{{{}}}", node.name(), attributes.join(","));
    lines.push(format!("{own}{}", node.text().unwrap_or_default()));
    for child in node.children().filter(|child| !matches!(child.word(), "" | "extensionElements" | "incoming" | "outgoing" | "laneSet")) {
        describe(child, if known { node.id().unwrap_or_default() } else { &own }, lines);
    }
}

/// A reference to a declaration by the name that it has, so that a changed name shows.
fn meant(node: Node<'_>, key: &str, value: &str) -> String {
    if !matches!(key, "messageRef" | "signalRef" | "errorRef" | "escalationRef") {
        return value.to_owned();
    }
    node.document().by_id(value).and_then(|found| found.given("name")).unwrap_or(value).to_owned()
}

/// The definition that a process keeps, if nobody has changed the graph around it; its places point into the XML.
pub(super) fn definition(process: Node<'_>) -> Option<Tree> {
    let kept = process.extension(Space::Tongban, "definition")?;
    if kept.attribute("fingerprint") != Some(fingerprint(process).as_str()) {
        return None;
    }
    yaml(kept)
}

/// The keys that a node keeps.
pub(super) fn keys(node: Node<'_>) -> Option<Tree> {
    yaml(node.extension(Space::Tongban, "keys")?)
}

fn yaml(kept: Node<'_>) -> Option<Tree> {
    let text = kept.text()?;
    let (tree, findings) = parse(&Source { name: kept.place().file, text: text.into() });
    let lines = kept.text_span().line.saturating_sub(1);
    tree.filter(|_| findings.is_empty()).map(|tree| moved(tree, lines))
}

/// The same, so many lines further down.
fn moved(tree: Tree, lines: u32) -> Tree {
    let span = |span: Span| Span { line: span.line + lines, end_line: span.end_line + lines, ..span };
    let kind = match tree.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(|item| moved(item, lines)).collect()),
        Kind::Map(entries) => {
            Kind::Map(entries.into_iter().map(|(key, value)| (Key { span: span(key.span), text: key.text }, moved(value, lines))).collect())
        }
        scalar @ Kind::Scalar { .. } => scalar,
    };
    Tree { span: span(tree.span), kind }
}
