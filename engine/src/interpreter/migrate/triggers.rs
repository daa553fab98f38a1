//! What is waited for: kept where both versions say the same, begun anew where they do not, taken away where it is gone.

use super::{
    super::{Event, LocalNo, ROOT, TimerPurpose, Waiter, apply as record, run::Stop},
    Migration, Reason, reasons,
};
use crate::{
    definition::{Definition, MessageCatch, Node, NodeKind, TimerTrigger, Trigger},
    text::Text,
    time::Moment,
};

/// What an event waits for, in one version.
#[derive(Clone, Copy)]
enum Awaited<'a> {
    Trigger(&'a Trigger),
    Message(&'a MessageCatch),
}

/// An event and what it waits for.
#[derive(Clone, Copy)]
struct Waiting<'a> {
    node: &'a Node,
    what: Awaited<'a>,
    /// Whether it may wait for nothing any more: it does not interrupt, and its time may have come.
    may_be_over: bool,
}

impl<'a> Migration<'a> {
    /// Goes through all that tokens and scopes wait for.
    pub(super) fn triggers(&mut self) {
        for token in self.tokens() {
            let (Some(old), Some(new)) = (self.old_node(token), self.new_node(token)) else { continue };
            let scope = self.run.case.tokens.get(&token).map_or(ROOT, |token| token.scope);
            // Nothing happens at the border of a step that is only done again.
            let detour = self.run.case.tokens.get(&token).is_some_and(|token| token.detour.is_some());
            let whole = !self.run.is_instance(scope, new);
            let border = whole && !detour;
            let before = at_token(self.versions.old, old, whole, border);
            let after = at_token(self.versions.new, new, whole, border);
            let stuck = self.has_incident(token);
            let began = self.began(token);
            let waiter = |node: &Node| Waiter::Token { token, node: node.id.clone() };
            self.take_gone(&waiter, &after, |waiter| matches!(waiter, Waiter::Token { token: of, .. } if *of == token));
            for waiting in after {
                self.wait(&waiter(waiting.node), (&before, waiting), scope, (began, stuck));
            }
        }
        let scopes: Vec<LocalNo> = self.run.case.scopes.keys().copied().collect();
        for scope in scopes {
            self.scope_triggers(scope);
        }
    }

    fn scope_triggers(&mut self, scope: LocalNo) {
        let Some(inside) = self.run.scope_of(scope) else { return };
        let process = &self.versions.new.process;
        let interrupts =
            |id: &str| matches!(process.node(id).map(|node| &node.kind), Some(NodeKind::EventSubProcess(event)) if event.interrupting);
        let interrupted =
            self.run.case.scopes.values().any(|inner| inner.parent == Some(scope) && inner.node.as_deref().is_some_and(interrupts));
        let closing = self.run.case.scopes.get(&scope).is_some_and(|state| state.cancelling || state.compensates.is_some());
        let after =
            if interrupted || closing { Vec::new() } else { in_scope(self.versions.new, &process.scopes[inside].event_sub_processes) };
        let before: Vec<Waiting<'a>> =
            after.iter().filter_map(|waiting| self.versions.old_of(waiting.node)).filter_map(event_sub_process).collect();
        let began = if scope == ROOT { Some(self.found.facts.started_at) } else { None };
        let waiter = |node: &Node| Waiter::Scope { scope, node: node.id.clone() };
        self.take_gone(&waiter, &after, |waiter| matches!(waiter, Waiter::Scope { scope: of, .. } if *of == scope));
        for waiting in after {
            self.wait(&waiter(waiting.node), (&before, waiting), scope, (began, false));
        }
    }

    /// Takes away what nothing of `after` waits for.
    fn take_gone(&mut self, waiter: &impl Fn(&Node) -> Waiter, after: &[Waiting<'_>], mine: impl Fn(&Waiter) -> bool) {
        let there: Vec<Waiter> = after.iter().map(|waiting| waiter(waiting.node)).collect();
        let gone = |waiter: &Waiter| mine(waiter) && !there.contains(waiter);
        self.run.cancel_timers(|purpose| as_waiter(purpose).is_some_and(|waiter| gone(&waiter)));
        self.run.cancel_waits(gone);
    }

    /// One event of the new version, with those of the old one among which it was.
    fn wait(
        &mut self,
        waiter: &Waiter,
        (before, now): (&[Waiting<'a>], Waiting<'a>),
        scope: LocalNo,
        (began, stuck): (Option<Moment>, bool),
    ) {
        let was = before.iter().find(|was| self.versions.mapping.node(&was.node.id) == now.node.id);
        let armed: Vec<Moment> = self.since(waiter);
        let waits = self.run.case.waits.values().any(|wait| wait.waiter == *waiter);
        let is_armed = waits || !armed.is_empty();
        let same = was.is_some_and(|was| signature(self.versions.old, was.what) == signature(self.versions.new, now.what));
        if is_armed && same {
            return self.count_again(waiter);
        }
        if is_armed {
            if was.is_some_and(|was| matches!(was.what, Awaited::Trigger(Trigger::All(_)))) {
                return self.refuse_half(now.node);
            }
            let since = armed.iter().min().copied().or(began);
            self.run.cancel_timers(|purpose| as_waiter(purpose).as_ref() == Some(waiter));
            self.run.cancel_waits(|other| other == waiter);
            return self.arm(waiter, now, scope, since);
        }
        if !stuck && (was.is_none() || !now.may_be_over) {
            self.arm(waiter, now, scope, began);
        }
    }

    /// Timers that count days count them by the calendar of the new version.
    fn count_again(&mut self, waiter: &Waiter) {
        let timers: Vec<_> = self.run.case.timers.iter().map(|(no, timer)| (*no, timer.clone())).collect();
        for (no, timer) in timers {
            let Some(after) = timer.after.filter(|_| as_waiter(&timer.purpose).as_ref() == Some(waiter)) else { continue };
            let (was, is) = (self.versions.old.calendar.due(timer.since, after), self.versions.new.calendar.due(timer.since, after));
            if was != is {
                self.run.emit(Event::TimerMoved { timer: no, due: is.at, provisional: is.provisional });
            }
        }
    }

    /// Begins to wait, as if since `since`.
    fn arm(&mut self, waiter: &Waiter, now: Waiting<'a>, scope: LocalNo, since: Option<Moment>) {
        let first = self.run.events.len();
        let outcome = self.run.attempt(|run| match now.what {
            Awaited::Trigger(trigger) => run.arm(trigger, waiter, scope),
            Awaited::Message(catch) => run.begin_wait(catch, waiter.clone(), scope),
        });
        match (outcome, since) {
            (Ok(()), Some(since)) => self.back_date(first, since),
            (Ok(()), None) => {}
            (Err(Stop::Failed(message)), _) => self.refuse(Reason::refused(reasons::TRIGGER_FAILS, Some(&now.node.id), message)),
            (Err(Stop::Refused(refused)), _) => self.refuse(Reason::refused(reasons::TRIGGER_FAILS, Some(&now.node.id), refused.message)),
        }
    }

    /// Lets the timers that were just set count from when what they belong to began.
    fn back_date(&mut self, first: usize, since: Moment) {
        let (calendar, at) = (&self.versions.new.calendar, self.run.at);
        for event in &mut self.run.events[first..] {
            let Event::TimerSet { timer, purpose, after: Some(after), repeat, .. } = event else { continue };
            let due = calendar.due(since, *after);
            *event = Event::TimerReset {
                timer: *timer,
                purpose: purpose.clone(),
                since,
                due: due.at,
                after: Some(*after),
                provisional: due.provisional,
                repeat: *repeat,
            };
            record(&mut self.run.case, event, at);
        }
    }

    /// Since when the timers of a waiter count.
    fn since(&self, waiter: &Waiter) -> Vec<Moment> {
        let timers = self.run.case.timers.values().filter(|timer| as_waiter(&timer.purpose).as_ref() == Some(waiter));
        timers.map(|timer| timer.since).collect()
    }

    /// When what a token stands in began, if the case remembers: its task was opened, or a timer was set.
    fn began(&self, token: LocalNo) -> Option<Moment> {
        let case = self.found;
        let opened = case.tasks.values().filter(|task| task.token == token).map(|task| task.opened_at).min();
        let of = |purpose: &TimerPurpose| matches!(purpose, TimerPurpose::Token { token: of, .. } if *of == token);
        opened.or_else(|| case.timers.values().filter(|timer| of(&timer.purpose)).map(|timer| timer.since).min())
    }

    fn refuse_half(&mut self, node: &Node) {
        let id = &node.id;
        let message = Text::new(
            format!("“{id}”同时等待多件事，其中有的可能已发生，新版本等待的不同"),
            format!("`{id}` waits for several things, some of which may have happened, and the new version asks for others"),
        );
        self.refuse(Reason::refused(reasons::HALF_HAPPENED, Some(id), message));
    }

    /// Messages that came early are kept under the key that the new version gives them.
    pub(super) fn kept_messages(&mut self) {
        for kept in self.run.case.kept.clone() {
            let key_of = |definition: &Definition| {
                definition.process.messages.get(&kept.message).map(|declared| declared.key.as_ref().map(|key| key.text.clone()))
            };
            if key_of(self.versions.old) == key_of(self.versions.new) {
                continue;
            }
            let Ok(key) = self.run.message_key(&kept.message, ROOT, &kept.data) else { continue };
            self.run.emit(Event::KeptMessageGone { message: kept.message.clone(), key: kept.key.clone() });
            let (message, data, materials, until) = (kept.message.clone(), kept.data.clone(), kept.materials.clone(), kept.until);
            self.run.emit(Event::MessageKept { message, key, data, materials, until });
        }
    }
}

/// What a token that stands at `node` waits for. `whole`: it is not one instance of an activity that repeats; `border`: what
/// is attached to the node can happen to it.
fn at_token<'a>(definition: &'a Definition, node: &'a Node, whole: bool, border: bool) -> Vec<Waiting<'a>> {
    let process = &definition.process;
    let mut all = Vec::new();
    let own = |node: &'a Node| match (&node.kind, &node.awaits) {
        (NodeKind::CatchEvent(trigger), _) => Some(Awaited::Trigger(trigger)),
        (NodeKind::ReceiveTask(catch), _) => Some(Awaited::Message(catch)),
        (kind, Some(catch)) if kind.inside().is_none() => Some(Awaited::Message(catch)),
        _ => None,
    };
    let passes = node.automatic || matches!(node.kind, NodeKind::ScriptTask(_));
    let is_whole = whole && node.repeats();
    if !(is_whole || passes) {
        all.extend(own(node).map(|what| Waiting { node, what, may_be_over: false }));
    }
    if matches!(node.kind, NodeKind::EventBasedGateway(_)) {
        let behind = node.outgoing.iter().map(|&flow| &process.nodes[process.flows[flow].to]);
        all.extend(behind.map(|node| Waiting {
            node,
            what: own(node).unwrap_or(Awaited::Trigger(&Trigger::Unfinished)),
            may_be_over: false,
        }));
    }
    if border && !passes {
        all.extend(node.boundary.iter().filter_map(|&ix| {
            let node = &process.nodes[ix];
            let NodeKind::BoundaryEvent(event) = &node.kind else { return None };
            Some(Waiting { node, what: Awaited::Trigger(&event.trigger), may_be_over: may_be_over(&event.trigger, event.interrupting) })
        }));
    }
    all
}

fn in_scope<'a>(definition: &'a Definition, events: &[usize]) -> Vec<Waiting<'a>> {
    events.iter().filter_map(|&ix| event_sub_process(&definition.process.nodes[ix])).collect()
}

fn event_sub_process(node: &Node) -> Option<Waiting<'_>> {
    let NodeKind::EventSubProcess(event) = &node.kind else { return None };
    Some(Waiting { node, what: Awaited::Trigger(&event.trigger), may_be_over: may_be_over(&event.trigger, event.interrupting) })
}

fn may_be_over(trigger: &Trigger, interrupting: bool) -> bool {
    !interrupting && matches!(trigger, Trigger::Timer(_) | Trigger::Any(_) | Trigger::All(_))
}

fn as_waiter(purpose: &TimerPurpose) -> Option<Waiter> {
    match purpose.clone() {
        TimerPurpose::Token { token, node } => Some(Waiter::Token { token, node }),
        TimerPurpose::Scope { scope, node } => Some(Waiter::Scope { scope, node }),
        TimerPurpose::Clock { .. } => None,
    }
}

/// What is waited for, as text: equal if both versions wait for the same.
fn signature(definition: &Definition, what: Awaited<'_>) -> String {
    match what {
        Awaited::Message(catch) => message_signature(definition, catch),
        Awaited::Trigger(trigger) => trigger_signature(definition, trigger),
    }
}

fn message_signature(definition: &Definition, catch: &MessageCatch) -> String {
    let declared = definition.process.messages.get(&catch.message);
    let key = declared.and_then(|declared| declared.key.as_ref()).map_or("", |key| key.text.as_str());
    format!("message {} by {key}", catch.message)
}

fn trigger_signature(definition: &Definition, trigger: &Trigger) -> String {
    let several = |all: &[Trigger]| all.iter().map(|one| trigger_signature(definition, one)).collect::<Vec<_>>().join(" | ");
    match trigger {
        Trigger::Message(catch) => message_signature(definition, catch),
        Trigger::Timer(TimerTrigger::AfterGiven(expression)) => format!("after {}", expression.text),
        Trigger::Timer(TimerTrigger::EveryGiven(expression, times)) => format!("every {} {times:?}", expression.text),
        Trigger::Timer(TimerTrigger::At(expression)) => format!("at {}", expression.text),
        Trigger::Timer(TimerTrigger::After(after)) => format!("after {after:?}"),
        Trigger::Timer(TimerTrigger::Every(every, times)) => format!("every {every:?} {times:?}"),
        Trigger::Timer(TimerTrigger::Cron(pattern)) => format!("cron {pattern}"),
        Trigger::Signal(name) => format!("signal {}", name.text),
        Trigger::Condition(condition) => format!("condition {}", condition.text),
        Trigger::Any(all) => format!("any {}", several(all)),
        Trigger::All(all) => format!("all {}", several(all)),
        Trigger::Unfinished => "unfinished".to_owned(),
        Trigger::Error(_) | Trigger::Escalation(_) | Trigger::Compensation | Trigger::Cancel | Trigger::Link(_) => "none".to_owned(),
    }
}
