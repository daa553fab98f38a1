//! Marks of a comparison: what came and what changed bears a sign, what went stands below the picture by name.

use super::{geometry::LABEL_SIZE, wrap::pixels};
use crate::text::{Language, Text};
use crate::xml::Element;

/// What became of an element between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// It is new.
    Added,
    /// It went.
    Removed,
    /// It is another.
    Changed,
}

impl Mark {
    /// Its sign; a change is not told by colour alone.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Changed => "~",
            Self::Removed => "−",
        }
    }

    /// What it is called.
    pub fn name(self) -> Text {
        match self {
            Self::Added => Text::new("新增", "added"),
            Self::Changed => Text::new("改动", "changed"),
            Self::Removed => Text::new("删去", "removed"),
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Added => "is-added",
            Self::Changed => "is-changed",
            Self::Removed => "is-removed",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Added => "#1a7f37",
            Self::Changed => "#9a6700",
            Self::Removed => "#b42318",
        }
    }
}

/// Height of the row below the picture.
pub(super) const ROW: i32 = 34;

/// A sign in a disc at the upper left corner of an element.
pub(super) fn badge(mark: Mark, (x, y): (i32, i32)) -> [Element; 2] {
    let disc = Element::new("circle").class("mark").with("cx", x).with("cy", y).with("r", 9).with("fill", mark.colour());
    let sign = Element::new("text")
        .class("mark-sign")
        .with("x", x)
        .with("y", y)
        .with("font-size", 14)
        .with("text-anchor", "middle")
        .with("dominant-baseline", "central")
        .with("fill", "#fff")
        .text(mark.sign());
    [disc, sign]
}

/// What went, side by side in dashed boxes from `top` on; and how wide they are.
pub(super) fn gone(ids: &[String], top: i32, language: Language) -> (Vec<Element>, i32) {
    let title = Mark::Removed.name();
    let (mut x, mut elements) = (12, Vec::new());
    for id in ids {
        let text = format!("{} {id}", Mark::Removed.sign());
        let width = pixels(&text, LABEL_SIZE) + 20;
        let frame = Element::new("rect")
            .with("x", x)
            .with("y", top + 4)
            .with("width", width)
            .with("height", ROW - 10)
            .with("rx", 6)
            .with("fill", "none")
            .with("stroke", Mark::Removed.colour())
            .with("stroke-dasharray", "4 3");
        let name = Element::new("text")
            .class("node-name")
            .with("x", x + 10)
            .with("y", top + ROW / 2)
            .with("font-size", LABEL_SIZE)
            .with("dominant-baseline", "central")
            .with("fill", "currentColor")
            .text(text);
        let told = Element::new("title").text(format!("{id} · {}", title.get(language)));
        elements.push(Element::new("g").class("node is-removed").with("data-node", id).child(told).child(frame).child(name));
        x += width + 10;
    }
    (elements, x)
}
