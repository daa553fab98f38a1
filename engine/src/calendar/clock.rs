//! Legal clocks: what happened to one, when it is due and how much is left.

use serde::{Deserialize, Serialize};

use super::{
    Calendar, Due, Duration, DurationUnit,
    due::{HOUR_MS, Step, Term},
    pauses::Pauses,
};
use crate::time::Moment;

/// What happened to a clock: all that its due date, lamp and ledger follow from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRecord {
    /// The moment it counts from; that day is not counted.
    pub started: Moment,
    /// The limit.
    pub limit: Duration,
    /// Extensions in the order they were granted: when, by how much, why. Each counts on from where the term ended
    /// before it, without rolling in between.
    #[serde(default)]
    pub extensions: Vec<(Moment, Duration, String)>,
    /// Pauses; they may overlap.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// When it stopped, if it has.
    #[serde(default)]
    pub stopped: Option<Moment>,
}

/// Time in which a clock stood still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began.
    pub from: Moment,
    /// When it ended; None: it is still paused.
    pub to: Option<Moment>,
    /// Why, such as 听证（第 12 号通知）.
    pub reason: String,
}

/// How much of a clock is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// In the clock's own unit, today not counted; negative: overdue by so much. Calendar days reach to the due date;
    /// hours and milliseconds are rounded towards zero.
    pub amount: i64,
    /// The clock's own unit.
    pub unit: DurationUnit,
    /// Exact milliseconds until it is due: working time for working hours, else elapsed time. Negative: overdue.
    pub ms: i64,
    /// Whether the due date is provisional.
    pub provisional: bool,
}

impl ClockRecord {
    /// A clock that has just started.
    pub fn new(started: Moment, limit: Duration) -> Self {
        Self { started, limit, extensions: Vec::new(), pauses: Vec::new(), stopped: None }
    }

    /// The pause that it stands in at `now`, if any: the one that began last.
    pub fn pause_at(&self, now: Moment) -> Option<&Pause> {
        let holds = |pause: &&Pause| pause.from <= now && pause.to.is_none_or(|to| now < to);
        self.pauses.iter().filter(holds).max_by_key(|pause| pause.from)
    }

    /// The limit and the extensions, each to be counted on from the one before; neighbours of one unit are one term.
    pub(super) fn terms(&self) -> Vec<Duration> {
        let mut terms = vec![self.limit];
        for (_, by, _) in &self.extensions {
            match terms.last_mut() {
                Some(last) if last.unit == by.unit => last.amount = last.amount.saturating_add(by.amount),
                _ => terms.push(*by),
            }
        }
        terms
    }

    /// `now`, or when the clock stopped if that was earlier.
    pub(super) fn reading_time(&self, now: Moment) -> Moment {
        self.stopped.map_or(now, |stopped| stopped.min(now))
    }
}

impl Calendar {
    /// When the clock is due, as it looks at `now`: an open pause is taken to last through today.
    ///
    /// Days paused between opening and closing, even in part, are not counted; hours and elapsed time stop to the
    /// millisecond. After a pause the days that were left go on.
    pub fn clock_due(&self, record: &ClockRecord, now: Moment) -> Due {
        self.count(record, now, |_, _| {})
    }

    /// Counts the clock to its end and tells `step` of every day after the first.
    pub(super) fn count(&self, record: &ClockRecord, now: Moment, step: impl FnMut(jiff::civil::Date, Step)) -> Due {
        let now = record.reading_time(now);
        let tonight = self.date_of(now).tomorrow().map_or(now, |tomorrow| self.start_of(tomorrow));
        let (days_paused, time_paused) = (Pauses::of(record, tonight), Pauses::of(record, now));
        let mut term = Term {
            calendar: self,
            days_paused: &days_paused,
            time_paused: &time_paused,
            at: record.started,
            counted: 0,
            provisional: false,
            step,
        };
        let terms = record.terms();
        for (index, &duration) in terms.iter().enumerate() {
            term.count(duration, index + 1 == terms.len());
        }
        Due { at: term.at, provisional: term.provisional }
    }

    /// How much is left at `now`, or was left when the clock stopped.
    pub fn clock_left(&self, record: &ClockRecord, now: Moment) -> Left {
        let due = self.clock_due(record, now);
        self.left_until(due, record.limit.unit, record.reading_time(now))
    }

    /// The moment at which no more than `left` remains, as it looks at `now`: when a warning is due.
    pub fn clock_warns_at(&self, record: &ClockRecord, left: Duration, now: Moment) -> Moment {
        self.before(self.clock_due(record, now).at, left)
    }

    pub(super) fn left_until(&self, due: Due, unit: DurationUnit, now: Moment) -> Left {
        let (today, last) = (self.date_of(now), self.date_of(due.at));
        let elapsed = due.at.0.saturating_sub(now.0);
        let (amount, ms) = match unit {
            DurationUnit::Days => (last.duration_since(today).as_hours() / 24, elapsed),
            DurationUnit::WorkingDays => (self.working_days_between(today, last), elapsed),
            DurationUnit::WorkingHours => {
                let ms = self.working_ms_between(now, due.at);
                (ms / HOUR_MS, ms)
            }
            DurationUnit::Milliseconds => (elapsed, elapsed),
        };
        Left { amount, unit, ms, provisional: due.provisional }
    }
}
