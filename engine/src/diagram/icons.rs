//! Symbols inside shapes: what BPMN draws in a task's corner, an event's middle, a gateway's diamond.

use super::xml::Element;
use crate::definition::{NodeKind, TimerTrigger, Trigger};

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
const DOT: &str = "M-6,0A6,6 0 1 1 6,0A6,6 0 1 1 -6,0Z";

fn of_trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Message(_) => ENVELOPE,
        Trigger::Timer(TimerTrigger::After(_) | TimerTrigger::At(_) | TimerTrigger::Every(..) | TimerTrigger::Cron(_)) => CLOCK,
    }
}

/// The symbol of a node, around (0, 0); None for plain events and sub-processes.
pub(super) fn icon(kind: &NodeKind) -> Option<Element> {
    let d = match kind {
        NodeKind::UserTask(_) => PERSON,
        NodeKind::ServiceTask(_) => GEAR,
        NodeKind::ScriptTask(_) => SCRIPT,
        NodeKind::SendTask(_) => ARROW,
        NodeKind::ReceiveTask(_) => ENVELOPE,
        NodeKind::ExclusiveGateway => CROSS,
        NodeKind::ParallelGateway => PLUS,
        NodeKind::TerminateEndEvent => return Some(path(DOT).with("fill-rule", "nonzero")),
        NodeKind::StartEvent(start) => of_trigger(start.trigger.as_ref()?),
        NodeKind::CatchEvent(trigger) => of_trigger(trigger),
        NodeKind::BoundaryEvent(event) => of_trigger(&event.trigger),
        NodeKind::EventSubProcess(event) => of_trigger(&event.trigger),
        NodeKind::EndEvent | NodeKind::SubProcess(_) => return None,
    };
    Some(path(d))
}

/// The three strokes of a parallel multi-instance, around (0, 0).
pub(super) fn multi_instance() -> Element {
    path("M-4,-5V5M0,-5V5M4,-5V5")
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
