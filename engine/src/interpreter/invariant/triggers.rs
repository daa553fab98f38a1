//! What is armed, and which clocks stand still, follows from where the tokens stand.

use super::{Look, count};
use crate::{
    definition::{NodeKind, Trigger},
    interpreter::{CaseStatus, TimerPurpose, Waiter},
};

impl Look<'_> {
    /// Boundary events are armed exactly while their activity waits; event sub-processes exactly while their scope is
    /// open and not interrupted. A timer that does not interrupt may have fired for the last time.
    pub(super) fn triggers(&mut self) {
        let case = self.case;
        let process = &self.definition.process;
        let timers = case.timers.values().filter_map(|timer| match &timer.purpose {
            TimerPurpose::Token { token, node } => Some((*token, node.as_str())),
            _ => None,
        });
        let waits = case.waits.values().filter_map(|wait| match &wait.waiter {
            Waiter::Token { token, node } => Some((*token, node.as_str())),
            Waiter::Scope { .. } => None,
        });
        let armed = count(timers.chain(waits));
        for (no, token) in &case.tokens {
            let Some(node) = self.node(&token.node).filter(|_| !self.has_incident(*no) && token.detour.is_none()) else { continue };
            let whole = !node.repeats() || self.is_whole(token, node);
            let gathers = node.start_quantity > 1 && !armed.keys().any(|(holder, _)| holder == no);
            let whole = whole && !gathers;
            for boundary in node.boundary.iter().filter(|_| whole).map(|&ix| &process.nodes[ix]) {
                let NodeKind::BoundaryEvent(event) = &boundary.kind else { continue };
                let times = armed.get(&(*no, boundary.id.as_str())).copied().unwrap_or(0);
                self.must(fits(&event.trigger, event.interrupting, times), || {
                    format!("the boundary event `{}` of the token {no} is armed {times} times", boundary.id)
                });
            }
        }
        self.event_sub_processes();
    }

    fn event_sub_processes(&mut self) {
        let case = self.case;
        let process = &self.definition.process;
        let timers = case.timers.values().filter_map(|timer| match &timer.purpose {
            TimerPurpose::Scope { scope, node } => Some((*scope, node.as_str())),
            _ => None,
        });
        let waits = case.waits.values().filter_map(|wait| match &wait.waiter {
            Waiter::Scope { scope, node } => Some((*scope, node.as_str())),
            Waiter::Token { .. } => None,
        });
        let armed = count(timers.chain(waits));
        for (no, scope) in &case.scopes {
            let Some(inside) = self.inside(scope) else { continue };
            let interrupts =
                |id: &str| matches!(self.node(id).map(|node| &node.kind), Some(NodeKind::EventSubProcess(e)) if e.interrupting);
            let interrupted = case.scopes.values().any(|inner| inner.parent == Some(*no) && inner.node.as_deref().is_some_and(interrupts));
            for event in process.scopes[inside].event_sub_processes.iter().map(|&ix| &process.nodes[ix]) {
                let NodeKind::EventSubProcess(declared) = &event.kind else { continue };
                let times = armed.get(&(*no, event.id.as_str())).copied().unwrap_or(0);
                let right = if interrupted { times == 0 } else { fits(&declared.trigger, declared.interrupting, times) };
                self.must(right, || format!("the event sub-process `{}` of the scope {no} is armed {times} times", event.id));
            }
        }
    }

    /// A clock that has not stopped stands still exactly while a token stands where it pauses, or while the case is
    /// suspended and the law lets it.
    pub(super) fn clocks(&mut self) {
        let case = self.case;
        let declared = &self.definition.process.clocks;
        for (id, record) in &case.clocks {
            let Some(clock) = declared.get(id) else {
                self.must(false, || format!("the clock `{id}` is not declared"));
                continue;
            };
            let region = clock.follows.as_ref().and_then(|other| declared.get(other)).unwrap_or(clock);
            let stands = case.tokens.values().any(|token| region.pause_in.contains(&token.node));
            let open = record.pauses.iter().filter(|pause| pause.to.is_none()).count();
            let stands = stands || case.suspended.is_some() && self.definition.process.stands_while_suspended(id);
            let right = record.stopped.is_some() || open == usize::from(stands);
            self.must(right, || format!("the clock `{id}` has {open} open pauses, and a token stands where it pauses: {stands}"));
            let ordered = record.pauses.iter().all(|pause| pause.to.is_none_or(|to| pause.from <= to));
            self.must(ordered, || format!("a pause of the clock `{id}` ends before it begins"));
            self.must(case.status == CaseStatus::Running || record.stopped.is_some(), || {
                format!("the case has ended, but its clock `{id}` goes on")
            });
        }
    }
}

/// Whether a trigger that waits may be armed so many times. Nothing is armed for what is propagated from inside.
fn fits(trigger: &Trigger, interrupting: bool, times: usize) -> bool {
    match trigger {
        Trigger::All(_) => (1..=armed(trigger)).contains(&times),
        Trigger::Timer(_) | Trigger::Any(_) if !interrupting => times <= armed(trigger),
        _ => times == armed(trigger),
    }
}

/// How many waits and timers a trigger is armed by; errors and the like find their catchers by themselves.
pub(super) fn armed(trigger: &Trigger) -> usize {
    match trigger {
        Trigger::Message(_) | Trigger::Timer(_) | Trigger::Signal(_) | Trigger::Condition(_) | Trigger::Unfinished => 1,
        Trigger::Any(several) | Trigger::All(several) => several.iter().map(armed).sum(),
        Trigger::Error(_) | Trigger::Escalation(_) | Trigger::Compensation | Trigger::Cancel | Trigger::Link(_) => 0,
    }
}
