//! Event definitions, and the messages, signals, errors and escalations that they refer to.

use indexmap::IndexSet;

use super::{Writer, items::text};
use crate::{source::Tree, xml::Element};

/// What definitions refer to, by kind and name, in the order of its first use.
#[derive(Debug, Default)]
pub(super) struct Declared {
    all: IndexSet<(&'static str, String)>,
}

impl Declared {
    /// The id of a declaration.
    pub(super) fn id(&mut self, word: &'static str, name: &str) -> String {
        let (index, _) = self.all.insert_full((word, name.to_owned()));
        format!("{word}__{}", index + 1)
    }

    pub(super) fn elements(&self) -> Vec<Element> {
        let element = |(index, (word, name)): (usize, &(&'static str, String))| {
            let element = Element::new(format!("bpmn:{word}")).with("id", format!("{word}__{}", index + 1)).with("name", name);
            match *word {
                "error" => element.with("errorCode", name),
                "escalation" => element.with("escalationCode", name),
                _ => element,
            }
        };
        let mut elements: Vec<Element> = self.all.iter().enumerate().map(element).collect();
        let messages = self.all.iter().enumerate().filter(|(_, (word, _))| *word == "message");
        let operations: Vec<Element> = messages.map(|(index, (_, name))| operation(index + 1, name)).collect();
        if !operations.is_empty() {
            elements.push(Element::new("bpmn:interface").with("id", "messages").with("name", "messages").children(operations));
        }
        elements
    }
}

/// What takes a message in: an executable message event refers to one (BPMN 2.0 §10.5.5).
fn operation(number: usize, name: &str) -> Element {
    let message = Element::new("bpmn:inMessageRef").text(format!("message__{number}"));
    Element::new("bpmn:operation").with("id", format!("operation__{number}")).with("name", name).child(message)
}

/// Keys that say what an event waits for or throws, one at a time.
const KEYS: &[&str] =
    &["message", "timer", "signal", "error", "escalation", "condition", "compensation", "compensate", "cancel", "terminate", "link"];

impl Writer<'_> {
    /// The event definitions of an item; several if it says `any`, `all` or `throws`.
    pub(super) fn event_definitions(&mut self, item: Option<&Tree>) -> Vec<Element> {
        let Some(item) = item else { return Vec::new() };
        let several = ["any", "all", "throws"].iter().find_map(|key| item.get(key)?.list());
        let one = [item.clone()];
        let each: Vec<(&str, Tree)> =
            several.unwrap_or(&one).iter().filter_map(|item| KEYS.iter().find_map(|key| Some((*key, item.get(key)?.clone())))).collect();
        each.iter().map(|(key, value)| self.event_definition(key, value)).collect()
    }

    fn event_definition(&mut self, key: &str, value: &Tree) -> Element {
        let name = value.scalar().unwrap_or_default();
        let referring = |declared: &mut Declared, word: &'static str, definition: &str, key: &'static str| {
            Element::new(format!("bpmn:{definition}EventDefinition")).with(key, declared.id(word, name))
        };
        match key {
            "message" => {
                let message = self.declared.id("message", name);
                let operation = Element::new("bpmn:operationRef").text(message.replacen("message", "operation", 1));
                Element::new("bpmn:messageEventDefinition").with("messageRef", message).child(operation)
            }
            "signal" => referring(&mut self.declared, "signal", "signal", "signalRef"),
            "error" if name == "any" => Element::new("bpmn:errorEventDefinition"),
            "error" => referring(&mut self.declared, "error", "error", "errorRef"),
            "escalation" if name == "any" => Element::new("bpmn:escalationEventDefinition"),
            "escalation" => referring(&mut self.declared, "escalation", "escalation", "escalationRef"),
            "timer" => Element::new("bpmn:timerEventDefinition").children(timer(value)),
            "condition" => Element::new("bpmn:conditionalEventDefinition").child(expression("bpmn:condition", name)),
            "compensate" => {
                Element::new("bpmn:compensateEventDefinition").with_some("activityRef", Some(name).filter(|name| *name != "true"))
            }
            "compensation" => Element::new("bpmn:compensateEventDefinition"),
            "link" => Element::new("bpmn:linkEventDefinition").with("name", name),
            other => Element::new(format!("bpmn:{other}EventDefinition")),
        }
    }
}

/// A rhai expression.
pub(super) fn expression(word: &'static str, text: &str) -> Element {
    Element::new(word).with("xsi:type", "bpmn:tFormalExpression").with("language", "urn:rhai").text(text)
}

fn timer(timer: &Tree) -> Option<Element> {
    let formal = |word: &'static str, text: &str| Element::new(word).with("xsi:type", "bpmn:tFormalExpression").text(text);
    let timer = Some(timer);
    if let Some(after) = text(timer, "after") {
        return Some(formal("bpmn:timeDuration", &duration(after)));
    }
    if let Some(at) = text(timer, "at") {
        let literal = at.strip_prefix('"').and_then(|at| at.strip_suffix('"')).filter(|at| !at.contains('"'));
        return Some(formal("bpmn:timeDate", &literal.map_or_else(|| format!("${{{at}}}"), str::to_owned)));
    }
    if let Some(every) = text(timer, "every") {
        let iso = every.starts_with('P');
        let cycle = if iso { format!("R{}/{every}", text(timer, "times").unwrap_or_default()) } else { duration(every) };
        return Some(formal("bpmn:timeCycle", &cycle));
    }
    Some(formal("bpmn:timeCycle", text(timer, "cron")?))
}

/// A duration of ISO 8601 as it is; our own units (`3wd`) and expressions as an expression, which no tool takes for a time.
fn duration(text: &str) -> String {
    match text.chars().next() {
        Some('P') => text.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("${{\"{text}\"}}"),
        _ => format!("${{{text}}}"),
    }
}
