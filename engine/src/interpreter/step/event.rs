//! Waiting for messages and timers: catch events, boundary events, event sub-processes.

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, MaterialGiven, TimerPurpose, Waiter,
    run::{Run, Stop},
};
use crate::{
    calendar::{Due, Duration},
    definition::{BoundaryEvent, MessageCatch, Node, NodeKind, TimerTrigger, Trigger},
    text::Text,
};

impl Run<'_> {
    /// An intermediate catch event begins to wait.
    pub(super) fn wait_for(&mut self, token: LocalNo, node: &Node, trigger: &Trigger, scope: LocalNo) -> Result<(), Stop> {
        match trigger {
            Trigger::Message(catch) => self.wait_for_message(token, node, catch, scope),
            Trigger::Timer(timer) => self.set_timer(TimerPurpose::Token { token, node: node.id.clone() }, timer, scope),
        }
    }

    /// A receive task or message catch event begins to wait; a kept message is taken at once.
    pub(super) fn wait_for_message(&mut self, token: LocalNo, node: &Node, catch: &MessageCatch, scope: LocalNo) -> Result<(), Stop> {
        self.begin_wait(catch, Waiter::Token { token, node: node.id.clone() }, scope)
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
            let NodeKind::BoundaryEvent(event) = &boundary.kind else { continue };
            match &event.trigger {
                Trigger::Message(catch) => self.begin_wait(catch, Waiter::Token { token, node: boundary.id.clone() }, scope)?,
                Trigger::Timer(timer) => self.set_timer(TimerPurpose::Token { token, node: boundary.id.clone() }, timer, scope)?,
            }
        }
        Ok(())
    }

    /// Arms the trigger of an event sub-process in an open scope.
    pub(in super::super) fn arm_event_sub_process(&mut self, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let NodeKind::EventSubProcess(event) = &node.kind else { return Ok(()) };
        match &event.trigger {
            Trigger::Message(catch) => self.begin_wait(catch, Waiter::Scope { scope, node: node.id.clone() }, scope),
            Trigger::Timer(timer) => self.set_timer(TimerPurpose::Scope { scope, node: node.id.clone() }, timer, scope),
        }
    }

    fn begin_wait(&mut self, catch: &MessageCatch, waiter: Waiter, scope: LocalNo) -> Result<(), Stop> {
        let key = self.message_key(&catch.message, scope, &Map::new())?;
        let wait = self.number();
        self.emit(Event::WaitBegun { wait, message: catch.message.clone(), key, waiter });
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

    /// A wait gets its message: the applicant's data goes into the case, then the waiter goes on.
    pub(in super::super) fn receive(&mut self, wait: LocalNo, data: &Map<String, Value>, materials: &[MaterialGiven]) -> Result<(), Stop> {
        let Some(waiting) = self.case.waits.get(&wait).cloned() else { return Ok(()) };
        self.emit(Event::MessageReceived { message: waiting.message.clone(), key: waiting.key.clone(), wait: Some(wait) });
        if self.waits_on(&waiting.waiter) {
            let again = self.number();
            let (message, key, waiter) = (waiting.message.clone(), waiting.key.clone(), waiting.waiter.clone());
            self.emit(Event::WaitBegun { wait: again, message, key, waiter });
        }
        self.take_in(data, materials);
        match waiting.waiter {
            Waiter::Token { token, node } => self.triggered(token, &node, data),
            Waiter::Scope { scope, node } => {
                let node = self.node(&node)?;
                self.begin_event_sub_process(node, scope, data)
            }
        }
    }

    /// Whether a waiter that got its message waits for the next one: an event that does not interrupt can happen again for
    /// as long as its activity or scope is there (BPMN 2.0 §13.4.3, §13.4.4).
    fn waits_on(&self, waiter: &Waiter) -> bool {
        let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = waiter;
        match self.definition.process.node(node).map(|node| &node.kind) {
            Some(NodeKind::BoundaryEvent(event)) => !event.interrupting,
            Some(NodeKind::EventSubProcess(event)) => !event.interrupting,
            _ => false,
        }
    }

    /// What a token waited for has happened: at its own node, or at a boundary event of the activity where it stands.
    fn triggered(&mut self, token: LocalNo, id: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let node = self.node(id)?;
        match &node.kind {
            NodeKind::BoundaryEvent(boundary) => self.boundary_fires(token, node, boundary, data),
            _ => self.leave_with(token, None, data),
        }
    }

    fn boundary_fires(&mut self, token: LocalNo, node: &Node, boundary: &BoundaryEvent, data: &Map<String, Value>) -> Result<(), Stop> {
        let Some(scope) = self.case.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        if boundary.interrupting {
            self.interrupt_token(token);
        }
        // The clocks that start at this event must see its entry, so it is placed like any other node.
        let fired = self.number();
        self.emit(Event::TokenPlaced { token: fired, node: node.id.clone(), scope, flow: None });
        self.clocks_on_entry(node)?;
        let outcome = self.attempt(|run| run.leave_with(fired, None, data));
        match boundary.trigger {
            // A time that has come does not come again: the token stands at the event until it is repaired.
            Trigger::Timer(_) => Ok(self.guard(fired, outcome)?),
            // A message that cannot be taken is refused.
            Trigger::Message(_) => outcome,
        }
    }

    /// A due timer fires.
    pub(in super::super) fn fire(&mut self, timer: LocalNo) -> Result<(), Stop> {
        let Some(fired) = self.case.timers.get(&timer).cloned() else { return Ok(()) };
        self.emit(Event::TimerFired { timer });
        if let (Some(after), true) = (fired.after, fired.repeat != Some(0)) {
            self.repeat(&fired, after);
        }
        match fired.purpose {
            TimerPurpose::Token { token, node } => self.attempt(|run| run.triggered(token, &node, &Map::new())),
            TimerPurpose::Scope { scope, node } => {
                let node = self.node(&node)?;
                self.begin_event_sub_process(node, scope, &Map::new())
            }
            TimerPurpose::Clock { clock, warning } => self.warn(&clock, warning),
        }
    }

    /// Sets a cycle's next repetition; a timer that fires once has no cycle.
    fn repeat(&mut self, fired: &super::super::Timer, after: Duration) {
        let (TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. }) = &fired.purpose else { return };
        let trigger = match self.definition.process.node(node).map(|node| &node.kind) {
            Some(NodeKind::BoundaryEvent(event)) => &event.trigger,
            Some(NodeKind::EventSubProcess(event)) => &event.trigger,
            _ => return,
        };
        if !matches!(trigger, Trigger::Timer(TimerTrigger::Every(..))) {
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
            TimerTrigger::At(expression) => {
                let value = self.definition.rules.evaluate(expression, &self.names(scope))?;
                let at = value.as_str().and_then(|text| calendar.parse_moment(text)).ok_or_else(|| {
                    Stop::Failed(Text::new(
                        format!("{}：“{}”应当给出日期或时刻，得到的是 {value}", expression.place, expression.text),
                        format!("{}: `{}` should give a date or a moment, but gave {value}", expression.place, expression.text),
                    ))
                })?;
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
