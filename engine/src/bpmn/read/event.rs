//! Events: what they wait for, what they throw.

use super::{Reader, refer::NO_CODE};
use crate::{
    bpmn::{
        shrub::{Shrub, list},
        xml::{Node, Space},
    },
    source::Tree,
};

/// Whether it is an event.
pub(super) fn is_event(node: Node<'_>) -> bool {
    node.word().ends_with("Event")
}

/// The event definitions of an event: its own and those it refers to.
pub(in crate::bpmn) fn definitions<'d>(event: Node<'d>) -> Vec<Node<'d>> {
    let mut found: Vec<Node<'d>> = event.children().filter(|child| child.word().ends_with("EventDefinition")).collect();
    let referred = event.all("eventDefinitionRef").filter_map(|reference| event.document().by_id(reference.text()?));
    found.extend(referred.filter(|node| node.word().ends_with("EventDefinition")));
    found
}

/// Whether a message flow may give it a message: it waits, and for a message or for nothing that is said.
pub(super) fn can_catch_message(event: Node<'_>) -> bool {
    let definitions = definitions(event);
    match event.word() {
        "startEvent" | "intermediateCatchEvent" | "boundaryEvent" => {
            definitions.is_empty() || definitions.iter().any(|definition| definition.is("messageEventDefinition"))
        }
        _ => false,
    }
}

impl<'d> Reader<'d> {
    /// What triggers a catching event, `must` if it cannot be without; keys of the dialect.
    pub(super) fn triggers(&mut self, event: Node<'d>, must: bool) -> Shrub {
        let definitions = definitions(event);
        let mut all: Vec<Shrub> = definitions.iter().map(|definition| self.trigger(event, *definition)).collect();
        if definitions.is_empty() {
            all.extend(self.variable_listener(event));
            if let Some(name) = self.flows.name(event).map(str::to_owned) {
                all.push(self.message(event, name, None));
            }
        }
        match all.len() {
            0 if must => {
                let mut unfinished = Shrub::at(event.span());
                unfinished.flag("unfinished", true);
                unfinished
            }
            0 => Shrub::at(event.span()),
            1 => all.remove(0),
            _ => {
                let mut several = Shrub::at(event.span());
                let key = if event.flag("parallelMultiple", false) { "all" } else { "any" };
                several.put(key, list(event.span(), all.into_iter().map(Shrub::tree).collect()));
                several
            }
        }
    }

    fn trigger(&mut self, event: Node<'d>, definition: Node<'d>) -> Shrub {
        let mut trigger = Shrub::at(definition.span());
        match definition.word() {
            "messageEventDefinition" => {
                let name = self.message_name(definition).or_else(|| self.flows.name(event).map(str::to_owned));
                if let Some(name) = name {
                    let key = self.correlation_key(definition);
                    return self.message(definition, name, key);
                }
            }
            "timerEventDefinition" => trigger.put_some("timer", self.timer(definition)),
            "signalEventDefinition" => {
                let name = self.signal_name(definition);
                trigger.text("signal", &name);
            }
            "errorEventDefinition" => {
                let code = self.code(definition, "errorRef", "error");
                trigger.text("error", code.as_deref().unwrap_or("any"));
            }
            "escalationEventDefinition" => {
                let code = self.code(definition, "escalationRef", "escalation");
                trigger.text("escalation", code.as_deref().unwrap_or("any"));
            }
            "conditionalEventDefinition" => {
                let condition = definition.child("condition").and_then(|condition| self.expression(condition));
                trigger.put_some("condition", condition);
            }
            "compensateEventDefinition" if !event.is("intermediateCatchEvent") => trigger.flag("compensation", true),
            "cancelEventDefinition" if event.is("boundaryEvent") => trigger.flag("cancel", true),
            "linkEventDefinition" if event.is("intermediateCatchEvent") => trigger.text("link", link_name(definition)),
            _ => {}
        }
        if trigger.is_empty() {
            trigger.flag("unfinished", true);
        }
        trigger
    }

    /// `message: NAME`, noted among the messages of the process.
    pub(super) fn message(&mut self, node: Node<'_>, name: String, key: Option<String>) -> Shrub {
        let mut message = Shrub::at(node.span());
        message.text("message", &name);
        let key = key.map(|key| crate::bpmn::shrub::scalar(node.span(), &key));
        self.uses_message(name, key);
        message
    }

    /// A message that the process uses.
    pub(super) fn uses_message(&mut self, name: String, key: Option<Tree>) {
        let known = self.messages.entry(name).or_default();
        if known.is_none() {
            *known = key;
        }
    }

    /// Flowable's variable listener: happens when the variable has come to be set.
    fn variable_listener(&mut self, event: Node<'d>) -> Option<Shrub> {
        let listener = event.extension(Space::Camunda, "variableListenerEventDefinition")?;
        let variable = listener.given("variableName")?.to_owned();
        self.changes(
            event,
            format!("变量监听变成条件“is_set({variable})”：只在变量第一次有值时发生"),
            format!("the variable listener becomes the condition `is_set({variable})`: it happens when the variable is set first"),
        );
        let mut trigger = Shrub::at(listener.span());
        trigger.text("condition", &format!("is_set({variable})"));
        Some(trigger)
    }

    /// What a throwing event throws; keys of the dialect.
    pub(super) fn throws(&mut self, event: Node<'d>) -> Shrub {
        let definitions = definitions(event);
        let mut all: Vec<Shrub> = definitions.iter().map(|definition| self.throw(event, *definition)).collect();
        if all.len() == 1 {
            return all.remove(0);
        }
        let mut several = Shrub::at(event.span());
        if !all.is_empty() {
            several.put("throws", list(event.span(), all.into_iter().map(Shrub::tree).collect()));
        }
        several
    }

    fn throw(&mut self, event: Node<'d>, definition: Node<'d>) -> Shrub {
        let mut thrown = Shrub::at(definition.span());
        let at_end = event.is("endEvent");
        match definition.word() {
            "messageEventDefinition" => {
                if let Some(name) = self.message_name(definition) {
                    thrown = self.message(definition, name, None);
                    thrown.put_some("with", self.payload(event));
                }
            }
            "signalEventDefinition" => {
                let name = self.signal_name(definition);
                thrown.text("signal", &name);
                thrown.put_some("with", self.payload(event));
            }
            "errorEventDefinition" if at_end => {
                let code = self.code(definition, "errorRef", "error");
                thrown.text("error", code.as_deref().unwrap_or(NO_CODE));
            }
            "escalationEventDefinition" => {
                let code = self.code(definition, "escalationRef", "escalation");
                thrown.text("escalation", code.as_deref().unwrap_or(NO_CODE));
            }
            "compensateEventDefinition" => self.compensate(definition, &mut thrown),
            "cancelEventDefinition" if at_end => thrown.flag("cancel", true),
            "terminateEventDefinition" if at_end => thrown.flag("terminate", true),
            "linkEventDefinition" if !at_end => thrown.text("link", link_name(definition)),
            _ => {}
        }
        if thrown.is_empty() {
            thrown.flag("unfinished", true);
        }
        thrown
    }

    /// What a multi-instance throws as its instances end.
    pub(super) fn thrown_besides(&mut self, definition: Node<'d>) -> crate::source::Tree {
        let mut thrown = Shrub::at(definition.span());
        match definition.word() {
            "messageEventDefinition" => {
                if let Some(name) = self.message_name(definition) {
                    thrown = self.message(definition, name, None);
                }
            }
            "signalEventDefinition" => {
                let name = self.signal_name(definition);
                thrown.text("signal", &name);
            }
            "errorEventDefinition" => {
                let code = self.code(definition, "errorRef", "error");
                thrown.text("error", code.as_deref().unwrap_or(NO_CODE));
            }
            "escalationEventDefinition" => {
                let code = self.code(definition, "escalationRef", "escalation");
                thrown.text("escalation", code.as_deref().unwrap_or(NO_CODE));
            }
            _ => thrown.flag("unfinished", true),
        }
        thrown.tree()
    }

    fn compensate(&mut self, definition: Node<'d>, thrown: &mut Shrub) {
        if !definition.flag("waitForCompletion", true) {
            self.changes(definition, "抛出补偿后会等它做完", "it waits until the compensation is done");
        }
        match definition.given("activityRef").map(|id| (id, self.document.by_id(id))) {
            None => thrown.flag("compensate", true),
            Some((_, Some(activity))) => {
                let id = self.id(activity);
                thrown.text("compensate", &id);
            }
            Some((id, None)) => {
                let message = crate::text::Text::new(format!("没有环节“{id}”"), format!("there is no activity `{id}`"));
                self.warn("R900", definition, message);
                thrown.flag("compensate", true);
            }
        }
    }
}

/// Links without a name match each other.
fn link_name(definition: Node<'_>) -> &str {
    definition.given("name").unwrap_or("unnamed__link")
}
