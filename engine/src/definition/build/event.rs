//! Events: what triggers them, what they throw, and the names of messages and signals.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        MessageCatch, Name, Pattern, ScopeIx, StartEvent, Throw, TimerTrigger, Trigger,
        context::{Refers, duration, string},
        names::Besides,
    },
    rules::Expression,
    source::{Span, Tree},
    text::Text,
};

/// Keys that say what triggers an event.
const TRIGGERS: [&str; 12] =
    ["message", "timer", "signal", "error", "escalation", "condition", "compensation", "cancel", "link", "any", "all", "unfinished"];

/// The code that catches every code.
const ANY: &str = "any";

impl Builder<'_, '_> {
    pub(super) fn start_event(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> StartEvent {
        let lane = item.get("lane").and_then(|lane| self.cx.refer(Refers::Lane, lane, id));
        let role = item.get("role").and_then(|role| self.cx.refer(Refers::Role, role, id));
        let trigger = self.trigger(item, id, scope, span);
        if scope != 0 && trigger.is_some() && !self.cx.lenient {
            self.cx.error("Y018", span, Text::new("子流程内的开始事件不能有触发条件", "a start event inside a sub-process has no trigger"));
        }
        // A lane stands for its role: whoever holds it anywhere may start.
        let lane = lane.map(|lane| self.lanes.get(&lane).map_or(lane, |lane| lane.role.clone()));
        StartEvent { trigger, form: item.get("form").and_then(|form| self.cx.refer(Refers::Form, form, id)), lane: lane.or(role) }
    }

    pub(super) fn required_trigger(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> Option<Trigger> {
        let trigger = self.trigger(item, id, scope, span);
        if trigger.is_none() && TRIGGERS.iter().all(|key| item.get(key).is_none()) {
            if self.cx.lenient {
                return Some(Trigger::Unfinished);
            }
            self.cx.error("Y018", span, Text::new(format!("事件“{id}”没有触发条件"), format!("the event `{id}` has no trigger"))).help =
                Some(Text::new("写明 message、timer、signal 等之一", "give `message`, `timer`, `signal` or another"));
        }
        trigger
    }

    /// What triggers an event; at most one.
    pub(super) fn trigger(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> Option<Trigger> {
        let mut given = TRIGGERS.iter().filter_map(|key| Some((*key, item.get(key)?)));
        let (key, tree) = given.next()?;
        if given.next().is_some() {
            let message = Text::new(format!("事件“{id}”只能有一个触发条件"), format!("the event `{id}` may have one trigger only"));
            self.cx.error("Y018", span, message).help =
                Some(Text::new("多个触发条件写在 any 或 all 之下", "put several under `any` or `all`"));
        }
        match key {
            "message" => Some(Trigger::Message(self.message_catch(tree, id)?)),
            "timer" => self.timer(tree, scope).map(Trigger::Timer),
            "signal" => Some(Trigger::Signal(self.signal_name(tree, id)?)),
            "error" => Some(Trigger::Error(self.code(Refers::Error, tree, id)?)),
            "escalation" => Some(Trigger::Escalation(self.code(Refers::Escalation, tree, id)?)),
            "condition" => self.condition(tree, scope, Besides::Nothing).map(Trigger::Condition),
            "compensation" => Some(Trigger::Compensation),
            "cancel" => Some(Trigger::Cancel),
            "link" => Some(Trigger::Link(string(tree)?)),
            "any" => Some(Trigger::Any(self.triggers(tree, id, scope))),
            "all" => Some(Trigger::All(self.triggers(tree, id, scope))),
            _ => {
                self.unfinished(id, span);
                Some(Trigger::Unfinished)
            }
        }
    }

    fn triggers(&mut self, list: &Tree, id: &str, scope: ScopeIx) -> Vec<Trigger> {
        list.list().unwrap_or_default().iter().filter_map(|tree| self.trigger(tree, id, scope, tree.span)).collect()
    }

    fn unfinished(&mut self, id: &str, span: Span) {
        if !self.cx.lenient {
            let message = Text::new(format!("事件“{id}”还没有写完"), format!("the event `{id}` is not finished"));
            self.cx.error("Y018", span, message).help =
                Some(Text::new("写明 message、timer、signal 等之一", "give `message`, `timer`, `signal` or another"));
        }
    }

    fn timer(&mut self, tree: &Tree, scope: ScopeIx) -> Option<TimerTrigger> {
        let given = ["after", "at", "every", "cron"].iter().filter(|key| tree.get(key).is_some()).count();
        if given != 1 && tree.map().is_some() {
            self.cx.error(
                "Y018",
                tree.span,
                Text::new("定时须且只能写 after、at、every、cron 之一", "a timer has one of `after`, `at`, `every`, `cron`"),
            );
            return None;
        }
        if let Some(after) = tree.get("after") {
            return match duration(after) {
                Some(fixed) => Some(TimerTrigger::After(fixed)),
                // What begins like a duration is meant as one, and was told.
                None if begins_like_a_duration(after) => None,
                None => self.expression(after, scope, Besides::Nothing).map(TimerTrigger::AfterGiven),
            };
        }
        if let Some(at) = tree.get("at") {
            return self.expression(at, scope, Besides::Nothing).map(TimerTrigger::At);
        }
        if let Some(every) = tree.get("every") {
            let times = tree.get("times").and_then(Tree::scalar).and_then(|times| times.parse().ok());
            return match duration(every) {
                Some(fixed) => Some(TimerTrigger::Every(fixed, times)),
                None if begins_like_a_duration(every) => None,
                None => self.expression(every, scope, Besides::Nothing).map(|every| TimerTrigger::EveryGiven(every, times)),
            };
        }
        let cron = tree.get("cron")?;
        let pattern = string(cron)?;
        if let Err(problem) = crate::calendar::Calendar::check_cron(&pattern) {
            self.cx.error("T005", cron.span, problem);
        }
        Some(TimerTrigger::Cron(pattern))
    }

    /// What an event throws; nothing if it says nothing.
    pub(super) fn throw(&mut self, item: &Tree, id: &str, scope: ScopeIx) -> Throw {
        if let Some(outcome) = item.get("outcome") {
            let message = Text::new("outcome 只能写在片段里", "`outcome` stands in fragments only");
            self.cx.error("Y018", outcome.span, message);
        }
        if let Some(list) = item.get("throws") {
            return Throw::All(list.list().unwrap_or_default().iter().map(|tree| self.throw(tree, id, scope)).collect());
        }
        if item.get("unfinished").is_some() {
            self.unfinished(id, item.span);
        }
        let mut thrown: Vec<Throw> = self.sent(item, id, scope).into_iter().collect();
        thrown.extend(item.get("error").and_then(|code| self.cx.refer(Refers::Error, code, id)).map(Throw::Error));
        thrown.extend(item.get("escalation").and_then(|code| self.cx.refer(Refers::Escalation, code, id)).map(Throw::Escalation));
        thrown.extend(item.get("link").and_then(string).map(Throw::Link));
        thrown.extend(item.get("compensate").and_then(|tree| self.compensate(tree, id)));
        let says = |key: &str| item.get(key).and_then(Tree::boolean) == Some(true);
        thrown.extend(says("cancel").then_some(Throw::Cancel));
        thrown.extend(says("terminate").then_some(Throw::Terminate));
        match thrown.len() {
            0 => Throw::None,
            1 => thrown.remove(0),
            _ => Throw::All(thrown),
        }
    }

    fn sent(&mut self, item: &Tree, id: &str, scope: ScopeIx) -> Option<Throw> {
        let with: IndexMap<String, Expression> = self.expressions(item.get("with"), scope);
        self.check_payload(item, &with, scope);
        if let Some(message) = item.get("message") {
            return Some(Throw::Message(self.message_name(message, id)?, with));
        }
        Some(Throw::Signal(self.signal_name(item.get("signal")?, id)?, with))
    }

    fn compensate(&mut self, tree: &Tree, id: &str) -> Option<Throw> {
        match tree.boolean() {
            Some(true) => Some(Throw::Compensate(None)),
            Some(false) => None,
            None => Some(Throw::Compensate(Some(self.cx.refer(Refers::Activity, tree, id)?))),
        }
    }

    /// A message that is waited for, by name.
    pub(super) fn message_catch(&mut self, tree: &Tree, id: &str) -> Option<MessageCatch> {
        let Name { text, pattern } = self.message_name(tree, id)?;
        Some(MessageCatch { message: text, pattern })
    }

    /// A message's name, which an office must have declared.
    pub(super) fn message_name(&mut self, tree: &Tree, id: &str) -> Option<Name> {
        let name = self.name_of(tree)?;
        if !self.cx.lenient && name.pattern.is_none() {
            self.cx.refer_at(Refers::Message, &name.text, tree.span, id);
        }
        Some(name)
    }

    /// A signal's name, which must be declared if signals are.
    fn signal_name(&mut self, tree: &Tree, id: &str) -> Option<Name> {
        let name = self.name_of(tree)?;
        if name.pattern.is_none() {
            self.cx.refer_at(Refers::Signal, &name.text, tree.span, id);
        }
        Some(name)
    }

    /// A code that is caught, which must be declared if its kind is; None for any.
    fn code(&mut self, refers: Refers, tree: &Tree, id: &str) -> Option<Option<String>> {
        let code = string(tree)?;
        if code == ANY {
            return Some(None);
        }
        self.cx.refer(refers, tree, id).map(Some)
    }

    /// A name that may hold `{expression}` parts, evaluated where it is used.
    pub(super) fn name_of(&mut self, tree: &Tree) -> Option<Name> {
        let text = string(tree)?;
        let pattern: Option<Pattern> = if text.contains('{') { Some(self.pattern(tree, 0, Besides::Nothing)?) } else { None };
        Some(Name { text, pattern })
    }
}

fn begins_like_a_duration(tree: &Tree) -> bool {
    tree.scalar().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}
