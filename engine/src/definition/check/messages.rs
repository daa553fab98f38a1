//! Messages: what a running case waits for must be found by a key.

use crate::{
    definition::{Node, NodeKind, Process, Trigger, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Reports messages that are waited for although they have no correlation key.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for node in &process.nodes {
        let Some(message) = waits_for(node) else { continue };
        if process.messages.get(message).is_some_and(|declared| declared.key.is_none()) {
            let text = Text::new(
                format!("“{}”等待消息“{message}”，但它没有关联键", node.id),
                format!("`{}` waits for the message `{message}`, which has no key", node.id),
            );
            let help = Text::new(
                "在 messages 中写明 key，例如 key: application_no",
                "give its `key` under `messages`, such as `key: application_no`",
            );
            cx.findings.push(Finding::error("R016", node.place.clone(), text).about(node.id.clone()).help(help));
        }
    }
}

fn waits_for(node: &Node) -> Option<&str> {
    match (&node.kind, node.kind.trigger()) {
        (NodeKind::ReceiveTask(catch), _) => Some(&catch.message),
        (NodeKind::StartEvent(_), _) => None,
        (_, Some(Trigger::Message(catch))) => Some(&catch.message),
        _ => None,
    }
}
