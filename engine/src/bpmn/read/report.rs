//! What an import means, line by line, in two languages.

use super::Reader;
use crate::{bpmn::xml::Node, source::Place, text::Text};

/// What became of something in the XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It means the same.
    Maps,
    /// It is there, but means something else, or an office has to complete it.
    Changes,
    /// It has no counterpart and is left out.
    LeftOut,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// What became of it.
    pub outcome: Outcome,
    /// Where it stands in the XML.
    pub place: Place,
    /// The element it is about, by its id in the dialect.
    pub element: Option<String>,
    /// A sentence for people.
    pub text: Text,
}

impl Reader<'_> {
    /// Something maps.
    pub(super) fn maps(&mut self, node: Node<'_>, text: Text) {
        self.line(Outcome::Maps, node, text);
    }

    /// Something changes its meaning.
    pub(super) fn changes(&mut self, node: Node<'_>, zh: impl Into<String>, en: impl Into<String>) {
        self.line(Outcome::Changes, node, Text::new(zh, en));
    }

    /// Something is left out.
    pub(super) fn left_out(&mut self, node: Node<'_>, zh: impl Into<String>, en: impl Into<String>) {
        self.line(Outcome::LeftOut, node, Text::new(zh, en));
    }

    fn line(&mut self, outcome: Outcome, node: Node<'_>, text: Text) {
        let element = self.names.about(node);
        self.report.push(ReportLine { outcome, place: node.place(), element, text });
    }
}
