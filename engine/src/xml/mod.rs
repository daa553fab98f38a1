//! XML: read as one flat tree that keeps places, hostile XML refused; and written from elements.

mod lines;
mod parse;
mod space;
mod write;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use parse::parse;
pub(crate) use space::{Space, TONGBAN};
pub(crate) use write::Element;

use crate::source::{Place, Span};

/// A file's elements; the root is the first.
#[derive(Debug)]
pub(crate) struct Document {
    file: Arc<str>,
    elements: Vec<Found>,
    by_id: BTreeMap<String, usize>,
}

/// One element as it was read.
#[derive(Debug)]
struct Found {
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
pub(crate) struct Attribute {
    pub(crate) space: Space,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// An element with the document it stands in; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'d> {
    document: &'d Document,
    ix: usize,
}

impl Document {
    /// The outermost element.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { document: self, ix: 0 }
    }

    /// The first BPMN element with this id; a prefix (`ns:`) of the reference counts for nothing.
    pub(crate) fn by_id(&self, reference: &str) -> Option<Node<'_>> {
        let ix = self.by_id.get(reference).or_else(|| self.by_id.get(local(reference)))?;
        Some(Node { document: self, ix: *ix })
    }

    /// Every element in written order.
    pub(crate) fn all(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.elements.len()).map(|ix| Node { document: self, ix })
    }

    /// Every BPMN element called `name`, in written order.
    pub(crate) fn named<'d>(&'d self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.all().filter(move |node| node.is(name))
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.ix == other.ix
    }
}

impl<'d> Node<'d> {
    fn element(self) -> &'d Found {
        &self.document.elements[self.ix]
    }

    /// The document around it.
    pub(crate) fn document(self) -> &'d Document {
        self.document
    }

    /// A number that no other element of the document has.
    pub(crate) fn number(self) -> usize {
        self.ix
    }

    /// The name without prefix.
    pub(crate) fn name(self) -> &'d str {
        &self.element().name
    }

    /// Whose element it is.
    pub(crate) fn space(self) -> Space {
        self.element().space
    }

    /// Whether it is BPMN's element of that name.
    pub(crate) fn is(self, name: &str) -> bool {
        self.space() == Space::Bpmn && self.name() == name
    }

    /// BPMN's name if it is one of BPMN's elements, else nothing.
    pub(crate) fn word(self) -> &'d str {
        if self.space() == Space::Bpmn { self.name() } else { "" }
    }

    /// An attribute of BPMN's own, without prefix.
    pub(crate) fn attribute(self, name: &str) -> Option<&'d str> {
        let element = self.element();
        let own = |attribute: &&Attribute| attribute.name == name && (attribute.space == element.space || attribute.space == Space::Bpmn);
        element.attributes.iter().find(own).map(|attribute| attribute.value.as_str())
    }

    /// An attribute that says something: not only white space.
    pub(crate) fn given(self, name: &str) -> Option<&'d str> {
        self.attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A boolean attribute, `absent` if it is not there.
    pub(crate) fn flag(self, name: &str, absent: bool) -> bool {
        self.given(name).map_or(absent, |value| matches!(value, "true" | "1"))
    }

    /// An attribute that a vendor's namespace adds.
    pub(crate) fn vendor(self, space: Space, name: &str) -> Option<&'d str> {
        let own = |attribute: &&Attribute| attribute.space == space && attribute.name == name;
        self.element().attributes.iter().find(own).map(|attribute| attribute.value.trim()).filter(|value| !value.is_empty())
    }

    /// All attributes.
    pub(crate) fn attributes(self) -> &'d [Attribute] {
        &self.element().attributes
    }

    /// Its id, if it has one.
    pub(crate) fn id(self) -> Option<&'d str> {
        self.given("id")
    }

    /// Its children in written order.
    pub(crate) fn children(self) -> impl Iterator<Item = Node<'d>> {
        self.element().children.iter().map(move |&ix| Node { document: self.document, ix })
    }

    /// BPMN's children of that name.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.children().filter(move |child| child.is(name))
    }

    /// BPMN's first child of that name.
    pub(crate) fn child(self, name: &str) -> Option<Node<'d>> {
        self.all(name).next()
    }

    /// What stands in `extensionElements`.
    pub(crate) fn extensions(self) -> impl Iterator<Item = Node<'d>> {
        self.all("extensionElements").flat_map(Node::children)
    }

    /// The first of a vendor's extension elements of that name.
    pub(crate) fn extension(self, space: Space, name: &str) -> Option<Node<'d>> {
        self.extensions().find(|child| child.space() == space && child.name() == name)
    }

    /// The element around it.
    pub(crate) fn parent(self) -> Option<Node<'d>> {
        self.element().parent.map(|ix| Node { document: self.document, ix })
    }

    /// The elements around it, from the inside out.
    pub(crate) fn ancestors(self) -> impl Iterator<Item = Node<'d>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// Its own character data, trimmed; None if that is empty.
    pub(crate) fn text(self) -> Option<&'d str> {
        Some(self.element().text.trim()).filter(|text| !text.is_empty())
    }

    /// Where its start tag stands.
    pub(crate) fn span(self) -> Span {
        self.element().span
    }

    /// Where its text stands, or its start tag if it has none.
    pub(crate) fn text_span(self) -> Span {
        if self.text().is_some() { self.element().text_span } else { self.span() }
    }

    /// Where its start tag stands, with the file.
    pub(crate) fn place(self) -> Place {
        Place { file: self.document.file.clone(), span: self.span() }
    }

    /// `place` of its text.
    pub(crate) fn text_place(self) -> Place {
        Place { file: self.document.file.clone(), span: self.text_span() }
    }
}

/// A QName without its prefix.
pub(crate) fn local(name: &str) -> &str {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
