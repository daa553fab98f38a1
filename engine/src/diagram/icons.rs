//! Symbols inside shapes: what BPMN draws in a task's corner, an event's middle, a gateway's diamond.

use crate::definition::{Node, NodeKind, TaskWord, Throw, Trigger};
use crate::xml::Element;

/// A path of 16 by 16 pixels around its centre.
fn path(d: &'static str) -> Element {
    Element::new("path").class("node-icon").with("d", d).with("fill", "none").with("stroke", "currentColor")
}

const ENVELOPE: &str = "M-7,-5H7V5H-7ZM-7,-5L0,1L7,-5";
const CLOCK: &str = "M-7,0A7,7 0 1 1 7,0A7,7 0 1 1 -7,0M0,-5V0L4,2";
const PERSON: &str = "M-3,-3A3,3 0 1 1 3,-3A3,3 0 1 1 -3,-3M-6,7C-6,0 6,0 6,7Z";
const GEAR: &str = "M-3,0A3,3 0 1 1 3,0A3,3 0 1 1 -3,0M0,-7V-4M0,4V7M-7,0H-4M4,0H7M-5,-5L-3,-3M3,3L5,5M5,-5L3,-3M-3,3L-5,5";
const SCRIPT: &str = "M-5,-7H5V7H-5ZM-3,-4H3M-3,-1H3M-3,2H1";
const ARROW: &str = "M-7,-5H7V5H-7ZM-3,0H4M1,-3L4,0L1,3";
const CROSS: &str = "M-7,-7L7,7M7,-7L-7,7";
const PLUS: &str = "M-9,0H9M0,-9V9";
const PLUS_SMALL: &str = "M-6,0H6M0,-6V6";
const RING: &str = "M-8,0A8,8 0 1 1 8,0A8,8 0 1 1 -8,0";
const STAR: &str = "M-9,0H9M0,-9V9M-6,-6L6,6M6,-6L-6,6";
const PENTAGON: &str = "M0,-6L6,-1L4,6H-4L-6,-1Z";
const TRIANGLE: &str = "M0,-6L6,5H-6Z";
const LIGHTNING: &str = "M-6,6L-2,-6L2,2L6,-6L2,6L-2,-1Z";
const ARROWHEAD: &str = "M0,-6L5,6L0,1L-5,6Z";
const REWIND: &str = "M0,-5L-6,0L0,5ZM6,-5L0,0L6,5Z";
const LINK: &str = "M-6,-2H1V-5L6,0L1,5V2H-6Z";
const TABLE: &str = "M-7,-6H7V6H-7ZM-7,-2H7M-2,-6V6";
const TILDE: &str = "M-7,2C-4,-5 0,5 3,0C5,-3 7,-2 7,-2";
const HAND: &str = "M-7,-2H2M-7,-2V6H4L7,2V-1H0";
const DOT: &str = "M-6,0A6,6 0 1 1 6,0A6,6 0 1 1 -6,0Z";

fn of_trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Message(_) => ENVELOPE,
        Trigger::Timer(_) => CLOCK,
        Trigger::Signal(_) => TRIANGLE,
        Trigger::Error(_) => LIGHTNING,
        Trigger::Escalation(_) => ARROWHEAD,
        Trigger::Condition(_) => SCRIPT,
        Trigger::Compensation => REWIND,
        Trigger::Cancel => CROSS,
        Trigger::Link(_) => LINK,
        Trigger::Any(_) | Trigger::Unfinished => PENTAGON,
        Trigger::All(_) => PLUS_SMALL,
    }
}

fn of_throw(throw: &Throw) -> Option<&'static str> {
    Some(match throw {
        Throw::None => return None,
        Throw::Message(..) => ENVELOPE,
        Throw::Signal(..) => TRIANGLE,
        Throw::Error(_) => LIGHTNING,
        Throw::Escalation(_) => ARROWHEAD,
        Throw::Compensate(_) => REWIND,
        Throw::Cancel => CROSS,
        Throw::Terminate => DOT,
        Throw::Link(_) => LINK,
        Throw::All(_) => PENTAGON,
    })
}

/// The symbol of a node, around (0, 0); None for plain events and sub-processes.
pub(super) fn icon(kind: &NodeKind) -> Option<Element> {
    let d = match kind {
        NodeKind::UserTask(task) => match task.word {
            TaskWord::User => PERSON,
            TaskWord::Manual => HAND,
            TaskWord::Plain => return None,
        },
        NodeKind::ServiceTask(_) => GEAR,
        NodeKind::ScriptTask(_) => SCRIPT,
        NodeKind::SendTask(_) => ARROW,
        NodeKind::ReceiveTask(_) => ENVELOPE,
        NodeKind::ExclusiveGateway => CROSS,
        NodeKind::ParallelGateway => PLUS,
        NodeKind::InclusiveGateway => RING,
        NodeKind::ComplexGateway(_) => STAR,
        NodeKind::EventBasedGateway(_) => PENTAGON,
        NodeKind::BusinessRuleTask(_) => TABLE,
        NodeKind::AdHocSubProcess(_) => TILDE,
        NodeKind::EndEvent(Throw::Terminate) => return Some(path(DOT).with("fill-rule", "nonzero")),
        // What throws is drawn filled.
        NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => return Some(path(of_throw(throw)?).with("fill", "currentColor")),
        NodeKind::StartEvent(_) | NodeKind::CatchEvent(_) | NodeKind::BoundaryEvent(_) | NodeKind::EventSubProcess(_) => {
            of_trigger(kind.trigger()?)
        }
        NodeKind::CallActivity(_) | NodeKind::SubProcess(_) | NodeKind::Transaction(_) => return None,
    };
    Some(path(d))
}

/// The mark of a multi-instance or loop, around (0, 0): three strokes upright in parallel, lying in sequence, or a turn.
pub(super) fn repetition(node: &Node) -> Option<Element> {
    match (&node.multi_instance, &node.standard_loop) {
        (Some(multi), _) if multi.sequential => Some(path("M-5,-4H5M-5,0H5M-5,4H5")),
        (Some(_), _) => Some(path("M-4,-5V5M0,-5V5M4,-5V5")),
        (None, Some(_)) => Some(path("M-3,4A5,5 0 1 1 3,4M-3,4H-6M-3,4V1")),
        (None, None) => None,
    }
}

/// The tick of a node that was passed, around (0, 0).
pub(super) fn tick() -> Element {
    Element::new("path")
        .class("node-mark")
        .with("d", "M-5,0L-1,4L6,-5")
        .with("fill", "none")
        .with("stroke", "currentColor")
        .with("stroke-width", 2)
}
