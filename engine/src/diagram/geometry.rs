//! Sizes of shapes, in pixels, before they have a place.

use super::{
    Overlay, words,
    wrap::{pixels, wrap},
};
use crate::definition::{Node, NodeIx, NodeKind, Process};

/// Columns of a wrapped name: seven Chinese characters.
pub(super) const NAME_COLUMNS: usize = 14;
/// Lines of a wrapped name.
pub(super) const NAME_LINES: usize = 2;
/// Font sizes, as the style sheet has them.
pub(super) const NAME_SIZE: i32 = 13;
pub(super) const LABEL_SIZE: i32 = 11;
/// Distance between edges that leave one item.
pub(super) const PORT: i32 = 16;
/// Radius of a boundary event.
pub(super) const BOUNDARY_RADIUS: i32 = 13;
/// Width that a boundary event and its name take.
pub(super) const BOUNDARY_WIDTH: i32 = 92;
/// Height of a sub-process's title bar.
pub(super) const TITLE_BAR: i32 = 26;
const BOUNDARY_BELOW: i32 = 44;
const TASK: (i32, i32) = (120, 64);
const EVENT: i32 = 36;
const GATEWAY: i32 = 44;

/// A shape's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Width with the name beneath.
    pub(super) cell_width: i32,
    /// What hangs below: the name, or boundary events and theirs.
    pub(super) below: i32,
}

/// What a shape is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Circle,
    Diamond,
    Task,
    Frame,
}

pub(super) fn form(kind: &NodeKind) -> Form {
    match kind {
        NodeKind::StartEvent(_)
        | NodeKind::EndEvent(_)
        | NodeKind::CatchEvent(_)
        | NodeKind::ThrowEvent(_)
        | NodeKind::BoundaryEvent(_) => Form::Circle,
        NodeKind::ExclusiveGateway
        | NodeKind::ParallelGateway
        | NodeKind::InclusiveGateway
        | NodeKind::ComplexGateway(_)
        | NodeKind::EventBasedGateway(_) => Form::Diamond,
        NodeKind::SubProcess(_) | NodeKind::Transaction(_) | NodeKind::AdHocSubProcess(_) | NodeKind::EventSubProcess(_) => Form::Frame,
        NodeKind::UserTask(_)
        | NodeKind::ServiceTask(_)
        | NodeKind::ScriptTask(_)
        | NodeKind::BusinessRuleTask(_)
        | NodeKind::SendTask(_)
        | NodeKind::ReceiveTask(_)
        | NodeKind::CallActivity(_) => Form::Task,
    }
}

/// The name written beneath a circle or a diamond: only one that the designer gave.
pub(super) fn name_beneath(node: &Node, overlay: &Overlay) -> Vec<String> {
    node.name.as_ref().map(|name| wrap(name.get(overlay.language), NAME_COLUMNS, NAME_LINES)).unwrap_or_default()
}

/// The name beside a boundary event: its own, else what triggers it.
pub(super) fn boundary_name(process: &Process, ix: NodeIx, overlay: &Overlay) -> Vec<String> {
    let node = &process.nodes[ix];
    let trigger = match &node.kind {
        NodeKind::BoundaryEvent(event) => words::trigger(&event.trigger),
        _ => node.title(),
    };
    let name = node.name.clone().unwrap_or(trigger);
    wrap(name.get(overlay.language), NAME_COLUMNS, NAME_LINES)
}

/// Size of `node`. `inside`: the size of its inside, if it has one; `reach`: how far its edges leave from its middle.
pub(super) fn size(node: &Node, overlay: &Overlay, inside: Option<(i32, i32)>, reach: i32) -> Size {
    let boundaries = i32::try_from(node.boundary.len()).unwrap_or(0);
    let least_height = 2 * reach + PORT;
    let (mut width, mut height) = match (form(&node.kind), inside) {
        (Form::Circle, _) => (EVENT, EVENT),
        (Form::Diamond, _) => (GATEWAY, GATEWAY),
        (Form::Frame, Some((width, height))) => (width.max(title_width(node, overlay)), height + TITLE_BAR),
        (Form::Frame, None) | (Form::Task, _) => (TASK.0, TASK.1.max(least_height)),
    };
    width = width.max(boundaries * BOUNDARY_WIDTH);
    height = height.max(if form(&node.kind) == Form::Frame { least_height } else { height });
    let beneath = match form(&node.kind) {
        Form::Circle | Form::Diamond => name_beneath(node, overlay),
        Form::Task | Form::Frame => Vec::new(),
    };
    let cell_width = beneath.iter().map(|line| pixels(line, LABEL_SIZE)).fold(width, i32::max);
    let lines = i32::try_from(beneath.len()).unwrap_or(0);
    let below = if boundaries > 0 { BOUNDARY_BELOW } else { lines * 14 + lines.min(1) * 4 };
    // The ports of a small shape fan out beside it, so its row must have room for them.
    let below = below.max(least_height / 2 - height / 2);
    Size { width, height, cell_width, below }
}

fn title_width(node: &Node, overlay: &Overlay) -> i32 {
    pixels(node.title().get(overlay.language), NAME_SIZE) + 60
}
