//! Messages, signals, errors and escalations by the name or code that both sides use.

use super::{Ids, Reader, ids::separated};
use crate::bpmn::xml::{Node, Space, local};

/// The code of an error or escalation that has none: only what catches all catches it.
pub(super) const NO_CODE: &str = "unnamed__code";
/// Signals without a name hear each other.
const NO_SIGNAL: &str = "unnamed__signal";

impl Reader<'_> {
    /// The name of the message that `messageRef` of a task or event definition refers to.
    pub(super) fn message_name(&mut self, node: Node<'_>) -> Option<String> {
        let name = self.referred_name(node, "messageRef", "message")?;
        Some(if self.ids == Ids::Snake { dotted(&name) } else { name })
    }

    /// The correlation key that Zeebe writes at the message.
    pub(super) fn correlation_key(&mut self, node: Node<'_>) -> Option<String> {
        let message = node.given("messageRef").and_then(|id| self.document.by_id(id)).filter(|found| found.is("message"))?;
        let subscription = message.extension(Space::Zeebe, "subscription")?;
        let key = subscription.attribute("correlationKey")?.to_owned();
        Some(self.rhai(subscription, &key))
    }

    /// The name of a signal.
    pub(super) fn signal_name(&mut self, definition: Node<'_>) -> String {
        self.referred_name(definition, "signalRef", "signal").unwrap_or_else(|| NO_SIGNAL.to_owned())
    }

    /// The name of what is referred to; an undeclared reference is its own name.
    fn referred_name(&mut self, node: Node<'_>, key: &str, word: &str) -> Option<String> {
        let reference = node.given(key)?;
        let declared = node.document().by_id(reference).filter(|found| found.is(word));
        match declared {
            None => Some(local(reference).to_owned()),
            Some(found) => match found.given("name") {
                Some(name) => Some(self.template(found, name)),
                None => found.id().map(str::to_owned),
            },
        }
    }

    /// The code of an error or escalation; None if it has none, so that everything is meant.
    pub(super) fn code(&mut self, definition: Node<'_>, key: &str, word: &str) -> Option<String> {
        let reference = definition.given(key)?;
        match definition.document().by_id(reference).filter(|found| found.is(word)) {
            None => Some(local(reference).to_owned()),
            Some(found) => found.given(&format!("{word}Code")).map(|code| self.template(found, code)),
        }
    }
}

/// A message's name in the characters that the dialect's names have; expressions in it stay.
fn dotted(name: &str) -> String {
    let mut result = String::new();
    let mut rest = name;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').map_or(rest.len(), |at| open + at + 1);
        result.push_str(&words(&rest[..open]));
        result.push_str(&rest[open..close]);
        rest = &rest[close..];
    }
    result.push_str(&words(rest));
    if result.is_empty() { "message".to_owned() } else { result }
}

fn words(text: &str) -> String {
    let parts: Vec<String> = text.split('.').filter_map(|part| separated(part, '-')).collect();
    parts.join(".")
}
