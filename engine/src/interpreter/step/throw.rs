//! Throwing events: messages, signals, errors, escalations, compensation, cancellation, links, termination.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, WaitKind,
    run::{Run, Stop},
};
use crate::{
    definition::{Name, Node, NodeKind, Pattern, PatternPart, Throw, Trigger},
    rules::Expression,
    text::Text,
};

impl Run<'_> {
    /// A token throws what its event throws, then goes on or ends.
    pub(super) fn throw(&mut self, token: LocalNo, node: &Node, throw: &Throw, scope: LocalNo) -> Result<(), Stop> {
        let thrown: Vec<&Throw> = match throw {
            Throw::All(several) => several.iter().collect(),
            one => vec![one],
        };
        for one in thrown {
            match one {
                Throw::None | Throw::All(_) => {}
                Throw::Message(name, with) => self.send_message(node, name, with, scope)?,
                Throw::Signal(name, with) => self.send_signal(node, name, with, scope)?,
                Throw::Escalation(code) => self.escalate(&node.id, code, scope)?,
                Throw::Error(code) => {
                    self.assign(scope, &node.set, &Map::new())?;
                    self.emit(Event::TokenTaken { token, completed: true });
                    self.clocks_on_exit(node);
                    return self.throw_error(&node.id, code, scope);
                }
                Throw::Terminate => return self.terminate(token, node, scope),
                Throw::Cancel => return self.cancel_transaction(token, node, scope),
                Throw::Compensate(activity) => return self.throw_compensation(token, activity.as_deref(), scope),
                Throw::Link(name) => return self.jump_to_link(token, node, name, scope),
            }
            // What was thrown may have taken the thrower away.
            if !self.case.tokens.contains_key(&token) {
                return Ok(());
            }
        }
        // A thrower is done: an end event's token ends, another goes on.
        self.leave(token)
    }

    pub(super) fn send_message(
        &mut self,
        node: &Node,
        name: &Name,
        with: &IndexMap<String, Expression>,
        scope: LocalNo,
    ) -> Result<(), Stop> {
        let data = self.evaluate_all(with, scope)?;
        let message = self.name_text(&name.text, name.pattern.as_ref(), scope)?;
        self.emit_message(node, message, data, scope)
    }

    /// A message leaves with the correlation key that its declaration gives over its data and the case's.
    pub(super) fn emit_message(&mut self, node: &Node, message: String, data: Map<String, Value>, scope: LocalNo) -> Result<(), Stop> {
        let key = self.message_key(&message, scope, &data)?;
        let no = self.number();
        self.emit(Event::MessageSent { no, node: node.id.clone(), message, key, data });
        Ok(())
    }

    /// Messages that a node sends besides when it completes.
    pub(super) fn send_besides(&mut self, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        for name in &node.sends {
            self.send_message(node, name, &IndexMap::new(), scope)?;
        }
        Ok(())
    }

    /// A signal is heard at once by all that waits in this case, and by other cases after the commit.
    pub(super) fn send_signal(
        &mut self,
        node: &Node,
        name: &Name,
        with: &IndexMap<String, Expression>,
        scope: LocalNo,
    ) -> Result<(), Stop> {
        let data = self.evaluate_all(with, scope)?;
        let signal = self.name_text(&name.text, name.pattern.as_ref(), scope)?;
        let no = self.number();
        self.emit(Event::SignalThrown { no, node: node.id.clone(), signal: signal.clone(), data: data.clone() });
        self.hear(&signal, &data)
    }

    /// All that waits for the signal at this moment hears it, in the order in which it began to wait.
    pub(in super::super) fn hear(&mut self, signal: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let hears = |wait: &super::super::Wait| wait.kind == WaitKind::Signal && wait.message == signal;
        let waiting: Vec<LocalNo> = self.case.waits.iter().filter(|(_, wait)| hears(wait)).map(|(no, _)| *no).collect();
        for wait in waiting {
            self.happens(wait, data, &[])?;
        }
        Ok(())
    }

    /// Goes on where the catching link of the same name stands, in the same scope.
    fn jump_to_link(&mut self, token: LocalNo, node: &Node, name: &str, scope: LocalNo) -> Result<(), Stop> {
        let process = &self.definition.process;
        let catches = |other: &&Node| {
            other.scope == node.scope && matches!(&other.kind, NodeKind::CatchEvent(Trigger::Link(caught)) if caught == name)
        };
        let Some(target) = process.nodes.iter().find(catches) else {
            return Err(Stop::Failed(Text::new(
                format!("{}：没有名为“{name}”的链接接收处", node.place),
                format!("{}: no link event catches `{name}`", node.place),
            )));
        };
        self.assign(scope, &node.set, &Map::new())?;
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        self.place(target, scope, None);
        Ok(())
    }

    /// Values of named expressions.
    pub(super) fn evaluate_all(&self, with: &IndexMap<String, Expression>, scope: LocalNo) -> Result<Map<String, Value>, Stop> {
        let names = self.names(scope);
        with.iter().map(|(name, value)| Ok((name.clone(), self.definition.rules.evaluate(value, &names)?))).collect()
    }

    /// A message's or signal's name with its `{expression}` parts filled in.
    pub(in super::super) fn name_text(&self, text: &str, pattern: Option<&Pattern>, scope: LocalNo) -> Result<String, Stop> {
        let Some(pattern) = pattern else { return Ok(text.to_owned()) };
        let mut name = String::new();
        for part in &pattern.parts {
            match part {
                PatternPart::Literal(literal) => name.push_str(literal),
                PatternPart::Expression(expression) => match self.definition.rules.evaluate(expression, &self.names(scope))? {
                    Value::String(value) => name.push_str(&value),
                    other => name.push_str(&other.to_string()),
                },
            }
        }
        Ok(name)
    }
}
