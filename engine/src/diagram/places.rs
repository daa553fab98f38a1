//! Where everything of a picture stands, for other ways to draw it.

use super::{bands::Band, geometry::BOUNDARY_RADIUS};
use crate::definition::{FlowIx, NodeIx};

/// A rectangle in whole pixels, from the picture's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// Places of nodes, flows and lanes.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Each node's outline.
    pub nodes: Vec<(NodeIx, Bounds)>,
    /// The corners of each flow's line.
    pub flows: Vec<(FlowIx, Vec<(i32, i32)>)>,
    /// Lanes of the process itself, from top to bottom; none if it has no lanes.
    pub lanes: Vec<LanePlace>,
}

/// A lane with what stands in it.
#[derive(Clone, Debug)]
pub struct LanePlace {
    /// Lane id, `role:ID`, or `system` for what the machine does.
    pub id: String,
    /// Its shown name.
    pub name: crate::text::Text,
    /// Its outline.
    pub bounds: Bounds,
    /// Nodes in it.
    pub nodes: Vec<NodeIx>,
}

impl Places {
    /// A node by its middle.
    pub(super) fn node(&mut self, node: NodeIx, centre: (i32, i32), (width, height): (i32, i32)) {
        self.nodes.push((node, Bounds { x: centre.0 - width / 2, y: centre.1 - height / 2, width, height }));
    }

    /// A boundary event by its middle.
    pub(super) fn boundary(&mut self, node: NodeIx, centre: (i32, i32)) {
        self.node(node, centre, (BOUNDARY_RADIUS * 2, BOUNDARY_RADIUS * 2));
    }

    /// A lane with its top and height.
    pub(super) fn lane(&mut self, band: &Band, (y, height): (i32, i32), width: i32, nodes: Vec<NodeIx>) {
        let bounds = Bounds { x: 0, y, width, height };
        self.lanes.push(LanePlace { id: band.id.clone(), name: band.name.clone(), bounds, nodes });
    }

    /// What stands inside a node, moved to its place; lanes inside are not lanes of the process.
    pub(super) fn add_inside(&mut self, inside: Self, (x, y): (i32, i32)) {
        let moved = |bounds: Bounds| Bounds { x: bounds.x + x, y: bounds.y + y, ..bounds };
        self.nodes.extend(inside.nodes.into_iter().map(|(node, bounds)| (node, moved(bounds))));
        let line = |line: Vec<(i32, i32)>| line.into_iter().map(|(left, top)| (left + x, top + y)).collect();
        self.flows.extend(inside.flows.into_iter().map(|(flow, corners)| (flow, line(corners))));
    }
}
