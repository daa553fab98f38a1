//! A process as a picture and as an outline: SVG drawn by us, and a text twin that says the same.
//!
//! The layout is layered from left to right (Sugiyama): cycles are broken, nodes layered by their longest path, rows chosen
//! within lanes so that few edges cross, edges routed orthogonally through channels between columns and rows, so that
//! no edge runs through a node. A sub-process is an expanded box with a layout of its own.
//!
//! The SVG has no style attribute and no style element (strict CSP): it is legible in one colour (`currentColor`), and the
//! page's style sheet colours these classes:
//!
//! | class | on |
//! |---|---|
//! | `diagram` | the `svg` |
//! | `band`, `band-body`, `band-head`, `band-name`; `band-system` | a lane's `g` (`data-lane`), its rectangles and name; the lane of what the machine does |
//! | `node` and one of `user-task`, `service-task`, `script-task`, `send-task`, `receive-task`, `start-event`, `end-event`, `catch-event`, `boundary-event`, `exclusive-gateway`, `parallel-gateway`, `sub-process`, `event-sub-process` | a node's `a` (`data-node`) |
//! | `implied` | besides, on a node that the designer did not write |
//! | `is-active`, `is-done` | besides, on nodes with a token, on nodes and flows passed |
//! | `is-added`, `is-changed`, `is-removed` | besides, on nodes that came, changed or went since another version |
//! | `mark`, `mark-sign` | inside such a node: a disc with `+` or `~` |
//! | `node-shape`, `node-icon`, `node-name`, `node-mark`, `token` | inside a node: outline, symbol, name, tick of a passed node, dot of a token |
//! | `flow`, `flow-line`, `flow-label`, `flow-head` | a sequence flow's `g` (`data-flow`), its line, label and arrow head |
//!
//! Each node links to its line of the twin, `#twin-<node id>`.

mod bands;
mod geometry;
mod graph;
mod icons;
mod layers;
mod marks;
mod paint;
mod place;
mod places;
mod ports;
mod route;
mod rows;
mod shapes;
mod tracks;
mod twin;
mod twin_text;
mod words;
mod wrap;

use std::collections::{BTreeMap, BTreeSet};

pub use marks::Mark;
pub use places::{Bounds, LanePlace, Places};
pub use twin::{Taken, Twin, TwinFlow, TwinLine};

use crate::{
    definition::Process,
    text::{Language, Text},
};

/// What is drawn over the process.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Ids of nodes with a token.
    pub active: BTreeSet<String>,
    /// Ids of nodes passed.
    pub done: BTreeSet<String>,
    /// Language of the names.
    pub language: Language,
    /// Names of roles by id, for tasks that are assigned to a role without a lane; a role that is missing shows its id.
    pub roles: BTreeMap<String, Text>,
    /// Nodes that are new or changed since another version, by id.
    pub marks: BTreeMap<String, Mark>,
    /// Ids of nodes that went since another version.
    pub gone: Vec<String>,
}

/// A process drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The picture: a complete `svg` element.
    pub svg: String,
    /// The same as an outline.
    pub twin: Twin,
}

/// Where [`draw`] puts everything, for other ways to draw it.
pub fn places(process: &Process, overlay: &Overlay) -> Places {
    paint::Painter { process, overlay }.scope(0).places
}

/// Draws `process` with `overlay` over it. The picture and the twin hold the same nodes and flows.
pub fn draw(process: &Process, overlay: &Overlay) -> Drawing {
    let painter = paint::Painter { process, overlay };
    Drawing { svg: painter.svg().to_string(), twin: Twin::of(process, overlay) }
}
