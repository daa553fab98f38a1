//! XML as one flat tree that keeps places: what the reader and the static checks look at.

mod lines;
mod parse;
mod space;

use std::{collections::BTreeMap, sync::Arc};

pub(super) use parse::parse;
pub(super) use space::{Space, TONGBAN};

use crate::source::{Place, Span};

/// A file's elements; the root is the first.
#[derive(Debug)]
pub(super) struct Document {
    file: Arc<str>,
    elements: Vec<Element>,
    by_id: BTreeMap<String, usize>,
}

/// One element as it was read.
#[derive(Debug)]
struct Element {
    space: Space,
    name: String,
    attributes: Vec<Attribute>,
    children: Vec<usize>,
    parent: Option<usize>,
    /// All character data of its own, as it stands.
    text: String,
    span: Span,
    /// From the first to the last character of `text` that is not white space.
    text_span: Span,
}

/// One attribute; unprefixed ones belong to their element's own namespace.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) space: Space,
    pub(super) name: String,
    pub(super) value: String,
}

/// An element with the document it stands in; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'d> {
    document: &'d Document,
    ix: usize,
}

impl Document {
    /// The outermost element.
    pub(super) fn root(&self) -> Node<'_> {
        Node { document: self, ix: 0 }
    }

    /// The first BPMN element with this id; a prefix (`ns:`) of the reference counts for nothing.
    pub(super) fn by_id(&self, reference: &str) -> Option<Node<'_>> {
        let ix = self.by_id.get(reference).or_else(|| self.by_id.get(local(reference)))?;
        Some(Node { document: self, ix: *ix })
    }

    /// Every element in written order.
    pub(super) fn all(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.elements.len()).map(|ix| Node { document: self, ix })
    }

    /// Every BPMN element called `name`, in written order.
    pub(super) fn named<'d>(&'d self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.all().filter(move |node| node.is(name))
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ix == other.ix
    }
}

impl<'d> Node<'d> {
    fn element(self) -> &'d Element {
        &self.document.elements[self.ix]
    }

    /// The document around it.
    pub(super) fn document(self) -> &'d Document {
        self.document
    }

    /// A number that no other element of the document has.
    pub(super) fn number(self) -> usize {
        self.ix
    }

    /// The name without prefix.
    pub(super) fn name(self) -> &'d str {
        &self.element().name
    }

    /// Whose element it is.
    pub(super) fn space(self) -> Space {
        self.element().space
    }

    /// Whether it is BPMN's element of that name.
    pub(super) fn is(self, name: &str) -> bool {
        self.space() == Space::Bpmn && self.name() == name
    }

    /// BPMN's name if it is one of BPMN's elements, else nothing.
    pub(super) fn word(self) -> &'d str {
        if self.space() == Space::Bpmn { self.name() } else { "" }
    }

    /// An attribute of BPMN's own, without prefix.
    pub(super) fn attribute(self, name: &str) -> Option<&'d str> {
        let element = self.element();
        let own = |attribute: &&Attribute| attribute.name == name && (attribute.space == element.space || attribute.space == Space::Bpmn);
        element.attributes.iter().find(own).map(|attribute| attribute.value.as_str())
    }

    /// An attribute that says something: not only white space.
    pub(super) fn given(self, name: &str) -> Option<&'d str> {
        self.attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A boolean attribute, `absent` if it is not there.
    pub(super) fn flag(self, name: &str, absent: bool) -> bool {
        self.given(name).map_or(absent, |value| matches!(value, "true" | "1"))
    }

    /// An attribute that a vendor's namespace adds.
    pub(super) fn vendor(self, space: Space, name: &str) -> Option<&'d str> {
        let own = |attribute: &&Attribute| attribute.space == space && attribute.name == name;
        self.element().attributes.iter().find(own).map(|attribute| attribute.value.trim()).filter(|value| !value.is_empty())
    }

    /// All attributes.
    pub(super) fn attributes(self) -> &'d [Attribute] {
        &self.element().attributes
    }

    /// Its id, if it has one.
    pub(super) fn id(self) -> Option<&'d str> {
        self.given("id")
    }

    /// Its children in written order.
    pub(super) fn children(self) -> impl Iterator<Item = Node<'d>> {
        self.element().children.iter().map(move |&ix| Node { document: self.document, ix })
    }

    /// BPMN's children of that name.
    pub(super) fn all(self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.children().filter(move |child| child.is(name))
    }

    /// BPMN's first child of that name.
    pub(super) fn child(self, name: &str) -> Option<Node<'d>> {
        self.all(name).next()
    }

    /// What stands in `extensionElements`.
    pub(super) fn extensions(self) -> impl Iterator<Item = Node<'d>> {
        self.all("extensionElements").flat_map(Node::children)
    }

    /// The first of a vendor's extension elements of that name.
    pub(super) fn extension(self, space: Space, name: &str) -> Option<Node<'d>> {
        self.extensions().find(|child| child.space() == space && child.name() == name)
    }

    /// The element around it.
    pub(super) fn parent(self) -> Option<Node<'d>> {
        self.element().parent.map(|ix| Node { document: self.document, ix })
    }

    /// The elements around it, from the inside out.
    pub(super) fn ancestors(self) -> impl Iterator<Item = Node<'d>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// Its own character data, trimmed; None if that is empty.
    pub(super) fn text(self) -> Option<&'d str> {
        Some(self.element().text.trim()).filter(|text| !text.is_empty())
    }

    /// Where its start tag stands.
    pub(super) fn span(self) -> Span {
        self.element().span
    }

    /// Where its text stands, or its start tag if it has none.
    pub(super) fn text_span(self) -> Span {
        if self.text().is_some() { self.element().text_span } else { self.span() }
    }

    /// Where its start tag stands, with the file.
    pub(super) fn place(self) -> Place {
        Place { file: self.document.file.clone(), span: self.span() }
    }

    /// `place` of its text.
    pub(super) fn text_place(self) -> Place {
        Place { file: self.document.file.clone(), span: self.text_span() }
    }
}

/// A QName without its prefix.
pub(super) fn local(name: &str) -> &str {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
