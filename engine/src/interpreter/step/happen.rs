//! What was waited for happens: messages, signals, conditions and timers reach who waits for them.

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, MaterialGiven, Rejection, TimerPurpose, Token, Wait, WaitKind, Waiter, codes,
    run::{Run, Stop},
};
use crate::{
    definition::{BoundaryEvent, Node, NodeKind, Trigger},
    rules::Expression,
    text::Text,
};

impl<'r> Run<'r> {
    /// What a wait waits for has happened: an applicant's data go into the case, then the waiter goes on.
    pub(in super::super) fn happens(&mut self, no: LocalNo, data: &Map<String, Value>, materials: &[MaterialGiven]) -> Result<(), Stop> {
        let Some(waiting) = self.case.waits.get(&no).cloned() else { return Ok(()) };
        let all = self.needs_all(&waiting.waiter);
        let again = !all && self.waits_on(&waiting.waiter);
        match waiting.kind {
            WaitKind::Message => {
                self.emit(Event::MessageReceived { message: waiting.message.clone(), key: waiting.key.clone(), wait: Some(no) });
            }
            // A condition that goes on being waited for remembers that it holds.
            WaitKind::Condition if again => {}
            _ => self.emit(Event::Happened { wait: no }),
        }
        if again && waiting.kind != WaitKind::Condition {
            let wait = self.number();
            let Wait { kind, message, key, waiter, .. } = waiting.clone();
            self.emit(Event::WaitBegun { wait, kind, message, key, waiter });
        }
        if waiting.kind == WaitKind::Message {
            self.take_in(data, materials);
        }
        if self.waits_for_more(&waiting.waiter) {
            return Ok(());
        }
        self.arm_all_again(&waiting.waiter)?;
        match waiting.waiter {
            Waiter::Token { token, node } => self.triggered(token, &node, data),
            Waiter::Scope { scope, node } => {
                let node = self.node(&node)?;
                self.begin_event_sub_process(node, scope, data)
            }
        }
    }

    /// Whether a waiter that got what it waited for waits for the next one: an event that does not interrupt can happen
    /// again for as long as its activity or scope is there (BPMN 2.0 §13.4.3, §13.4.4).
    fn waits_on(&self, waiter: &Waiter) -> bool {
        let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = waiter;
        match self.definition.process.node(node).map(|node| &node.kind) {
            Some(NodeKind::BoundaryEvent(event)) => !event.interrupting,
            Some(NodeKind::EventSubProcess(event)) => !event.interrupting,
            _ => false,
        }
    }

    /// Whether an event needs several things (parallel multiple).
    fn needs_all(&self, waiter: &Waiter) -> bool {
        let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = waiter;
        let trigger = self.definition.process.node(node).and_then(|node| node.kind.trigger());
        matches!(trigger, Some(Trigger::All(_)))
    }

    /// An event that needs several things, has got them all and does not interrupt waits for all of them anew.
    fn arm_all_again(&mut self, waiter: &Waiter) -> Result<(), Stop> {
        if !self.needs_all(waiter) || !self.waits_on(waiter) {
            return Ok(());
        }
        let (id, scope) = match waiter {
            Waiter::Token { token, node } => (node, self.case.tokens.get(token).map(|token| token.scope)),
            Waiter::Scope { scope, node } => (node, Some(*scope)),
        };
        match (self.node(id)?.kind.trigger(), scope) {
            (Some(trigger), Some(scope)) => self.arm(trigger, waiter, scope),
            _ => Ok(()),
        }
    }

    /// Whether an event that needs several things still waits for others of them.
    fn waits_for_more(&self, waiter: &Waiter) -> bool {
        if !self.needs_all(waiter) {
            return false;
        }
        let timers = self.case.timers.values().filter(|timer| match (&timer.purpose, waiter) {
            (TimerPurpose::Token { token, node }, Waiter::Token { token: of, node: at }) => token == of && node == at,
            (TimerPurpose::Scope { scope, node }, Waiter::Scope { scope: of, node: at }) => scope == of && node == at,
            _ => false,
        });
        timers.count() + self.case.waits.values().filter(|wait| wait.waiter == *waiter).count() > 0
    }

    /// What a token waited for has happened: at its own node, at a boundary event of the activity where it stands, or at an
    /// event behind its event-based gateway.
    pub(in super::super) fn triggered(&mut self, token: LocalNo, id: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let node = self.node(id)?;
        match &node.kind {
            NodeKind::BoundaryEvent(_) => self.boundary_fires(token, node, data),
            _ if self.case.tokens.get(&token).is_some_and(|standing| standing.node != node.id) => self.gateway_event(token, node, data),
            _ => self.leave_with(token, None, data),
        }
    }

    /// A boundary event of the activity where `token` stands happens.
    pub(in super::super) fn boundary_fires(&mut self, token: LocalNo, node: &Node, data: &Map<String, Value>) -> Result<(), Stop> {
        let NodeKind::BoundaryEvent(BoundaryEvent { trigger, interrupting, .. }) = &node.kind else { return Ok(()) };
        let Some(scope) = self.case.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
        if *interrupting {
            self.interrupt_token(token);
        }
        // The clocks that start at this event must see its entry, so it is placed like any other node.
        let fired = self.number();
        self.emit(Event::TokenPlaced { token: fired, node: node.id.clone(), scope, flow: None, compensates: None, detour: None });
        self.clocks_on_entry(node)?;
        let outcome = self.attempt(|run| run.leave_with(fired, None, data));
        match trigger {
            // A message that cannot be taken is refused.
            Trigger::Message(_) => outcome,
            // A time that has come does not come again: the token stands at the event until it is repaired.
            _ => Ok(self.guard(fired, outcome)?),
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
            TimerPurpose::Token { token, node } => {
                let waiter = Waiter::Token { token, node: node.clone() };
                if self.waits_for_more(&waiter) {
                    return Ok(());
                }
                self.arm_all_again(&waiter)?;
                self.attempt(|run| run.triggered(token, &node, &Map::new()))
            }
            TimerPurpose::Scope { scope, node } => {
                let waiter = Waiter::Scope { scope, node: node.clone() };
                if self.waits_for_more(&waiter) {
                    return Ok(());
                }
                self.arm_all_again(&waiter)?;
                let node = self.node(&node)?;
                self.begin_event_sub_process(node, scope, &Map::new())
            }
            TimerPurpose::Clock { clock, warning } => self.warn(&clock, warning),
        }
    }

    /// Looks at every condition that is waited for, the oldest first; the first that has become true happens. False if none
    /// has.
    pub(in super::super) fn look_at_conditions(&mut self) -> Result<bool, Rejection> {
        let waiting: Vec<(LocalNo, Wait)> =
            self.case.waits.iter().filter(|(_, wait)| wait.kind == WaitKind::Condition).map(|(no, wait)| (*no, wait.clone())).collect();
        for (no, wait) in waiting {
            let holds = self.condition_holds(&wait);
            if holds != wait.held {
                self.emit(Event::ConditionSeen { wait: no, holds });
            }
            if !holds || wait.held {
                continue;
            }
            match (&wait.waiter, self.attempt(|run| run.happens(no, &Map::new(), &[]))) {
                (Waiter::Token { token, .. }, outcome) => self.guard(*token, outcome)?,
                (Waiter::Scope { .. }, Err(Stop::Failed(message))) => return Err(Rejection::new(codes::RULE_FAILED, message)),
                (Waiter::Scope { .. }, Err(Stop::Refused(rejection))) => return Err(rejection),
                (Waiter::Scope { .. }, Ok(())) => {}
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether a condition holds now; one that reads what is not there yet does not.
    fn condition_holds(&self, wait: &Wait) -> bool {
        let (id, scope) = match &wait.waiter {
            Waiter::Token { token, node } => (node, self.case.tokens.get(token).map(|token| token.scope)),
            Waiter::Scope { scope, node } => (node, Some(*scope)),
        };
        let trigger = self.definition.process.node(id).and_then(|node| node.kind.trigger());
        let (Some(condition), Some(scope)) = (trigger.and_then(|trigger| condition_of(trigger, &wait.message)), scope) else {
            return false;
        };
        self.definition.rules.condition(condition, &self.names(scope)).unwrap_or(false)
    }

    /// Makes happen what `id` waits for, due or not; of several waits the one that began last.
    pub(in super::super) fn trigger(&mut self, id: &str) -> Result<(), Stop> {
        let node = self.event_node(id)?;
        let at = |waiting: &str| waiting == node.id;
        let timer =
            self.case.timers.iter().rev().find(
                |(_, timer)| matches!(&timer.purpose, TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } if at(node)),
            );
        let wait = self.case.waits.iter().rev().find(|(_, wait)| {
            let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = &wait.waiter;
            at(node)
        });
        match (timer.map(|(no, _)| *no), wait.map(|(no, _)| *no)) {
            (Some(timer), wait) if wait.is_none_or(|wait| timer > wait) => self.fire(timer),
            (_, Some(wait)) => self.happens(wait, &Map::new(), &[]),
            (_, None) => self.trigger_standing(node),
        }
    }

    /// The node that an id means: an event sub-process's start event means the event sub-process.
    fn event_node(&self, id: &str) -> Result<&'r Node, Stop> {
        let process = &self.definition.process;
        let node = process.node(id).ok_or_else(|| nothing_waits(id))?;
        let around = process.scopes[node.scope].node.map(|ix| &process.nodes[ix]);
        Ok(match (&node.kind, around) {
            (NodeKind::StartEvent(_), Some(around)) if matches!(around.kind, NodeKind::EventSubProcess(_)) => around,
            _ => node,
        })
    }

    /// Triggers what waits for nothing that comes from outside: catchers of errors and the like, activities.
    fn trigger_standing(&mut self, node: &Node) -> Result<(), Stop> {
        match &node.kind {
            NodeKind::BoundaryEvent(event) => {
                // The border is the whole activity's, not one instance's.
                let activity = &self.definition.process.nodes[event.attached_to];
                let stands = |token: &Token| token.node == activity.id && !self.is_instance(token.scope, activity);
                let token = self.case.tokens.iter().rev().find(|(_, token)| stands(token)).map(|(no, _)| *no);
                self.boundary_fires(token.ok_or_else(|| nothing_waits(&node.id))?, node, &Map::new())
            }
            NodeKind::EventSubProcess(_) => {
                let open = |&no: &LocalNo| self.scope_of(no) == Some(node.scope) && !self.is_interrupted(no);
                let scope = self.case.scopes.keys().rev().copied().find(open);
                self.begin_event_sub_process(node, scope.ok_or_else(|| nothing_waits(&node.id))?, &Map::new())
            }
            // Gateways wait for tokens, and throwing events for what they have begun to undo.
            _ if !node.is_activity() && !matches!(node.kind, NodeKind::CatchEvent(_)) => Err(nothing_waits(&node.id)),
            _ => {
                let token = self.case.tokens.iter().rev().find(|(_, token)| token.node == node.id).map(|(no, _)| *no);
                let token = token.ok_or_else(|| nothing_waits(&node.id))?;
                let inside: Vec<LocalNo> =
                    self.case.scopes.iter().filter(|(_, state)| state.token == Some(token)).map(|(no, _)| *no).collect();
                inside.into_iter().for_each(|scope| self.interrupt_scope(scope));
                self.leave(token)
            }
        }
    }
}

/// The condition with this text in a trigger.
fn condition_of<'a>(trigger: &'a Trigger, text: &str) -> Option<&'a Expression> {
    match trigger {
        Trigger::Condition(condition) if condition.text == text => Some(condition),
        Trigger::Any(several) | Trigger::All(several) => several.iter().find_map(|one| condition_of(one, text)),
        _ => None,
    }
}

fn nothing_waits(id: &str) -> Stop {
    Rejection::new(codes::GONE, Text::new(format!("“{id}”现在没有在等待"), format!("nothing waits at `{id}` now"))).into()
}
