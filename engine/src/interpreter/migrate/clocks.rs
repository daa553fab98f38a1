//! Legal clocks under the declarations of the new version.

use super::{
    super::{Event, clock::is_paused},
    Migration, Reason, reasons,
};
use crate::{
    calendar::{ClockRecord, Duration},
    definition::{ClockChoice, ClockDeclaration, ClockStart, Definition},
    text::Text,
    time::Moment,
};

impl Migration<'_> {
    /// Clocks of both versions go on under their new limit, those of the old one only are laid aside, those of the new
    /// one only start if that can be said.
    pub(super) fn clocks(&mut self) {
        let new = self.versions.new;
        let gone: Vec<String> = self.run.case.clocks.keys().filter(|id| !new.process.clocks.contains_key(*id)).cloned().collect();
        for clock in gone {
            self.run.cancel_warnings(&clock);
            self.run.emit(Event::ClockLaidAside { clock });
        }
        for (id, declared) in &new.process.clocks {
            if let Some(record) = self.run.case.laid_aside.get(id) {
                let due = new.calendar.clock_due(record, self.run.at);
                self.run.emit(Event::ClockTakenUp { clock: id.clone(), due: due.at, provisional: due.provisional });
            }
            match self.run.case.clocks.get(id) {
                Some(record) if record.stopped.is_none() => self.goes(id, declared),
                Some(_) => {}
                None => self.may_start(id, declared),
            }
        }
    }

    fn goes(&mut self, id: &str, declared: &ClockDeclaration) {
        let new = self.versions.new;
        if self.has_stopped(id, declared) {
            return;
        }
        let Some(record) = self.run.case.clocks.get(id) else { return };
        if record.limit != declared.limit {
            let due = new.calendar.clock_due(&ClockRecord { limit: declared.limit, ..record.clone() }, self.run.at);
            self.run.emit(Event::ClockLimited { clock: id.to_owned(), limit: declared.limit, due: due.at, provisional: due.provisional });
        }
        self.pause(id, declared);
        let warned = warnings(self.versions.old, self.found.clocks.get(id), id, self.run.at);
        let warns = warnings(new, self.run.case.clocks.get(id), id, self.run.at);
        if warned != warns && self.run.runs(id) {
            self.run.set_warnings(id, declared);
        }
    }

    /// A clock stands still exactly while a token stands where it pauses.
    fn pause(&mut self, id: &str, declared: &ClockDeclaration) {
        let new = self.versions.new;
        let pause_in = &region(new, declared).pause_in;
        let stands = self.run.case.tokens.values().find(|token| pause_in.contains(&token.node)).map(|token| token.node.clone());
        let suspended = self.run.case.suspended.as_ref().filter(|_| new.process.stands_while_suspended(id));
        let stands = stands.or(suspended.map(|suspension| suspension.reason.clone()));
        let Some(record) = self.run.case.clocks.get(id) else { return };
        match (stands, is_paused(record)) {
            (Some(node), false) => {
                let reason = new.process.node(&node).map_or(node, |node| node.title().zh);
                self.run.emit(Event::ClockPaused { clock: id.to_owned(), reason });
                self.run.cancel_warnings(id);
            }
            (None, true) => {
                let mut resumed = record.clone();
                resumed.pauses.iter_mut().filter(|pause| pause.to.is_none()).for_each(|pause| pause.to = Some(self.run.at));
                let due = new.calendar.clock_due(&resumed, self.run.at);
                self.run.emit(Event::ClockResumed { clock: id.to_owned(), due: due.at, provisional: due.provisional });
                self.run.set_warnings(id, declared);
            }
            _ => {}
        }
    }

    /// Whether a clock that runs is stopped because the case has passed where it stops in the new version only.
    fn has_stopped(&mut self, id: &str, declared: &ClockDeclaration) -> bool {
        let Some(node) = region(self.versions.new, declared).stop_at.iter().find(|node| self.is_behind(node)).cloned() else {
            return false;
        };
        let known = self.versions.old.process.clocks.get(id).map(|old| &region(self.versions.old, old).stop_at);
        if known.is_some_and(|known| known.iter().any(|old| self.versions.mapping.node(old) == node)) {
            return false;
        }
        match self.versions.mapping.clocks.get(id) {
            Some(ClockChoice::Stop) => self.run.stop_clock(id),
            Some(ClockChoice::Keep) => return false,
            _ => {
                let message = Text::new(
                    format!("时限“{id}”在新版本里止于“{node}”，办件已经过那里；在 migrate.clocks 里写 keep 或 stop"),
                    format!("clock `{id}` stops at `{node}`, which the case has passed; say keep or stop in migrate.clocks"),
                );
                self.refuse(Reason::undecided(reasons::CLOCK_STOP_BEHIND, id, message));
            }
        }
        true
    }

    /// A clock that has not started although its start lies behind the case: somebody must say what becomes of it.
    fn may_start(&mut self, id: &str, declared: &ClockDeclaration) {
        let (old, new) = (self.versions.old, self.versions.new);
        let own = region(new, declared);
        let Some(node) = own.start_at.keys().find(|node| self.is_behind(node)).cloned() else { return };
        let known = old.process.clocks.get(id).map(|declared| &region(old, declared).start_at);
        let decided_before = known.is_some_and(|known| known.keys().any(|old| self.versions.mapping.node(old) == node));
        if decided_before || own.stop_at.iter().any(|node| self.is_behind(node)) {
            return;
        }
        let from = match self.versions.mapping.clocks.get(id) {
            Some(ClockChoice::Now) => self.run.at,
            Some(ClockChoice::Received) => self.run.case.facts.received_at,
            Some(ClockChoice::Never) => return,
            _ => {
                let would = if own.start_at.get(&node) == Some(&ClockStart::Received) { "received" } else { "now" };
                let message = Text::new(
                    format!(
                        "时限“{id}”在新版本里起算于“{node}”，办件已经过那里；在 migrate.clocks 里写 now、received 或 never（起算点写的是 {would}）"
                    ),
                    format!(
                        "clock `{id}` starts at `{node}` ({would}), which the case has passed; say now, received or never in migrate.clocks"
                    ),
                );
                return self.refuse(Reason::undecided(reasons::CLOCK_START_BEHIND, id, message));
            }
        };
        let due = new.calendar.clock_due(&ClockRecord::new(from, declared.limit), self.run.at);
        self.run.emit(Event::ClockStarted { clock: id.to_owned(), from, limit: declared.limit, due: due.at, provisional: due.provisional });
        self.run.set_warnings(id, declared);
        self.pause(id, declared);
    }

    /// Whether the case has been at a node, or is there.
    fn is_behind(&self, node: &str) -> bool {
        let case = &self.run.case;
        case.passed.contains_key(node) || case.tokens.values().any(|token| token.node == node)
    }
}

/// A clock's own region, or that of the clock it follows.
fn region<'a>(definition: &'a Definition, declared: &'a ClockDeclaration) -> &'a ClockDeclaration {
    declared.follows.as_ref().and_then(|other| definition.process.clocks.get(other)).unwrap_or(declared)
}

/// When a version warns of a clock, and how far before its end.
fn warnings(definition: &Definition, record: Option<&ClockRecord>, id: &str, now: Moment) -> Vec<(Duration, Moment)> {
    let declared = definition.process.clocks.get(id).map(|declared| &declared.warn);
    let (Some(warn), Some(record)) = (declared, record) else { return Vec::new() };
    warn.iter().map(|warning| (warning.left, definition.calendar.clock_warns_at(record, warning.left, now))).collect()
}
