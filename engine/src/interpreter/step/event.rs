//! Beginning to wait: catch events, boundary events, event sub-processes; timers and their cycles.

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, Timer, TimerPurpose, WaitKind, Waiter,
    run::{Run, Stop},
};
use crate::{
    calendar::{Due, Duration},
    definition::{MessageCatch, Node, NodeKind, TimerTrigger, Trigger},
    rules::Expression,
    text::Text,
};

impl Run<'_> {
    /// An intermediate catch event begins to wait.
    pub(super) fn wait_for(&mut self, token: LocalNo, node: &Node, trigger: &Trigger, scope: LocalNo) -> Result<(), Stop> {
        self.arm(trigger, &Waiter::Token { token, node: node.id.clone() }, scope)
    }

    /// A receive task begins to wait; a kept message is taken at once.
    pub(super) fn wait_for_message(&mut self, token: LocalNo, node: &Node, catch: &MessageCatch, scope: LocalNo) -> Result<(), Stop> {
        self.begin_wait(catch, Waiter::Token { token, node: node.id.clone() }, scope)
    }

    /// Begins to wait for what triggers an event. Errors, escalations, compensation, cancellation and links find their
    /// catchers by themselves.
    pub(super) fn arm(&mut self, trigger: &Trigger, waiter: &Waiter, scope: LocalNo) -> Result<(), Stop> {
        match trigger {
            Trigger::Message(catch) => self.begin_wait(catch, waiter.clone(), scope),
            Trigger::Timer(timer) => {
                let purpose = match waiter.clone() {
                    Waiter::Token { token, node } => TimerPurpose::Token { token, node },
                    Waiter::Scope { scope, node } => TimerPurpose::Scope { scope, node },
                };
                self.set_timer(purpose, timer, scope)
            }
            Trigger::Signal(name) => {
                let signal = self.name_text(&name.text, name.pattern.as_ref(), scope)?;
                self.wait(WaitKind::Signal, signal, String::new(), waiter.clone());
                Ok(())
            }
            Trigger::Condition(condition) => {
                self.wait(WaitKind::Condition, condition.text.clone(), String::new(), waiter.clone());
                Ok(())
            }
            Trigger::Any(several) | Trigger::All(several) => several.iter().try_for_each(|one| self.arm(one, waiter, scope)),
            Trigger::Unfinished => {
                self.wait(WaitKind::Unfinished, String::new(), String::new(), waiter.clone());
                Ok(())
            }
            Trigger::Error(_) | Trigger::Escalation(_) | Trigger::Compensation | Trigger::Cancel | Trigger::Link(_) => Ok(()),
        }
    }

    fn wait(&mut self, kind: WaitKind, message: String, key: String, waiter: Waiter) {
        let wait = self.number();
        self.emit(Event::WaitBegun { wait, kind, message, key, waiter });
    }

    /// Arms the boundary events of an activity that a token has entered, unless they are from an attempt before.
    pub(super) fn arm_boundary(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let of = |purpose: &TimerPurpose| matches!(purpose, TimerPurpose::Token { token: of, .. } if *of == token);
        let waits = |waiter: &Waiter| matches!(waiter, Waiter::Token { token: of, .. } if *of == token);
        if self.case.timers.values().any(|timer| of(&timer.purpose)) || self.case.waits.values().any(|wait| waits(&wait.waiter)) {
            return Ok(());
        }
        for &ix in &node.boundary {
            let boundary = &self.definition.process.nodes[ix];
            if let NodeKind::BoundaryEvent(event) = &boundary.kind {
                self.arm(&event.trigger, &Waiter::Token { token, node: boundary.id.clone() }, scope)?;
            }
        }
        Ok(())
    }

    /// Arms the trigger of an event sub-process in an open scope.
    pub(in super::super) fn arm_event_sub_process(&mut self, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let NodeKind::EventSubProcess(event) = &node.kind else { return Ok(()) };
        self.arm(&event.trigger, &Waiter::Scope { scope, node: node.id.clone() }, scope)
    }

    pub(super) fn begin_wait(&mut self, catch: &MessageCatch, waiter: Waiter, scope: LocalNo) -> Result<(), Stop> {
        let key = self.message_key(&catch.message, scope, &Map::new())?;
        let message = self.name_text(&catch.message, catch.pattern.as_ref(), scope)?;
        self.wait(WaitKind::Message, message, key, waiter);
        Ok(())
    }

    /// A message's correlation key, evaluated over its data and then the case's.
    pub(in super::super) fn message_key(&self, message: &str, scope: LocalNo, data: &Map<String, Value>) -> Result<String, Stop> {
        let Some(key) = self.definition.process.messages.get(message).and_then(|declared| declared.key.as_ref()) else {
            return Ok(String::new());
        };
        Ok(match self.definition.rules.evaluate(key, &self.names_over(scope, data))? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// Sets a cycle's next repetition; a timer that fires once has no cycle.
    pub(super) fn repeat(&mut self, fired: &Timer, after: Duration) {
        let (TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. }) = &fired.purpose else { return };
        let node = self.definition.process.node(node);
        let again = |trigger: &Trigger| matches!(trigger, Trigger::Timer(TimerTrigger::Every(..) | TimerTrigger::EveryGiven(..)));
        let repeats = node.is_some_and(|node| match &node.kind {
            NodeKind::BoundaryEvent(event) => again(&event.trigger),
            NodeKind::EventSubProcess(event) => again(&event.trigger),
            _ => false,
        });
        if !repeats {
            return;
        }
        let due = self.definition.calendar.due(self.at, after);
        let timer = self.number();
        self.emit(Event::TimerSet {
            timer,
            purpose: fired.purpose.clone(),
            due: due.at,
            after: Some(after),
            provisional: due.provisional,
            repeat: fired.repeat.map(|left| left.saturating_sub(1)),
        });
    }

    fn set_timer(&mut self, purpose: TimerPurpose, trigger: &TimerTrigger, scope: LocalNo) -> Result<(), Stop> {
        let calendar = &self.definition.calendar;
        let (due, after, repeat) = match trigger {
            TimerTrigger::After(after) => (calendar.due(self.at, *after), Some(*after), None),
            TimerTrigger::Every(every, times) => (calendar.due(self.at, *every), Some(*every), times.map(|times| times.saturating_sub(1))),
            TimerTrigger::EveryGiven(expression, times) => {
                let value = self.definition.rules.evaluate(expression, &self.names(scope))?;
                let cycle = value.as_str().and_then(cycle);
                let (every, given) = cycle.ok_or_else(|| not_such(expression, &value, "周期", "a cycle"))?;
                (calendar.due(self.at, every), Some(every), given.or(*times).map(|times| times.saturating_sub(1)))
            }
            TimerTrigger::AfterGiven(expression) => {
                let value = self.definition.rules.evaluate(expression, &self.names(scope))?;
                let after = value.as_str().and_then(|text| Duration::parse(text).ok());
                let after = after.ok_or_else(|| not_such(expression, &value, "时长", "a duration"))?;
                (calendar.due(self.at, after), Some(after), None)
            }
            TimerTrigger::At(expression) => {
                let value = self.definition.rules.evaluate(expression, &self.names(scope))?;
                let at = value.as_str().and_then(|text| calendar.parse_moment(text));
                let at = at.ok_or_else(|| not_such(expression, &value, "日期或时刻", "a date or a moment"))?;
                (Due { at, provisional: false }, None, None)
            }
            TimerTrigger::Cron(pattern) => {
                let at = calendar.next_cron(pattern, self.at).ok_or_else(|| {
                    Stop::Failed(Text::new(format!("cron“{pattern}”没有下一个时刻"), format!("cron `{pattern}` has no next moment")))
                })?;
                (Due { at, provisional: false }, None, None)
            }
        };
        let timer = self.number();
        self.emit(Event::TimerSet { timer, purpose, due: due.at, after, provisional: due.provisional, repeat });
        Ok(())
    }
}

/// `PT10S` or `R3/PT10S`: how far apart, and how often.
fn cycle(text: &str) -> Option<(Duration, Option<u32>)> {
    let text = text.trim();
    match text.strip_prefix('R').and_then(|rest| rest.split_once('/')) {
        Some((times, rest)) => {
            let every = rest.rsplit_once('/').map_or(rest, |(_, every)| every);
            Some((Duration::parse(every).ok()?, times.trim().parse().ok()))
        }
        None => Some((Duration::parse(text).ok()?, None)),
    }
}

fn not_such(expression: &Expression, value: &Value, zh: &str, en: &str) -> Stop {
    let (place, text) = (&expression.place, &expression.text);
    Stop::Failed(Text::new(
        format!("{place}：“{text}”应当给出{zh}，得到的是 {value}"),
        format!("{place}: `{text}` should give {en}, but gave {value}"),
    ))
}
