//! When a clock stood still: its pauses as intervals that neither overlap nor touch.

use jiff::civil::Date;

use super::{Calendar, clock::ClockRecord};
use crate::time::Moment;

/// Merged pauses, in order; an open one ends at `until`.
#[derive(Clone, Debug)]
pub(super) struct Pauses(Vec<(Moment, Moment)>);

impl Pauses {
    /// The pauses of `record`, an open one as if it ended at `until`.
    pub(super) fn of(record: &ClockRecord, until: Moment) -> Self {
        let ends = |to: Option<Moment>| to.unwrap_or(until).min(record.stopped.unwrap_or(Moment(i64::MAX)));
        let mut all: Vec<_> = record.pauses.iter().map(|p| (p.from, ends(p.to))).filter(|(from, to)| from < to).collect();
        all.sort_unstable();
        let mut merged: Vec<(Moment, Moment)> = Vec::new();
        for (from, to) in all {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// Whether any of the time from `from` to `to` was paused.
    pub(super) fn touch(&self, from: Moment, to: Moment) -> bool {
        self.0.iter().any(|&(pause_from, pause_to)| pause_from < to && from < pause_to)
    }

    /// Whether `date` is not counted: paused at any time between opening and closing. A pause that begins after closing
    /// time, or ends before opening, takes nothing from the day.
    pub(super) fn cover(&self, calendar: &Calendar, date: Date) -> bool {
        !self.0.is_empty() && self.touch(calendar.opening_time(date), calendar.closing_time(date))
    }

    /// The pieces of the time from `from` to `to` in which the clock ran.
    pub(super) fn running(&self, from: Moment, to: Moment) -> Vec<(Moment, Moment)> {
        let mut pieces = Vec::new();
        let mut at = from;
        for &(pause_from, pause_to) in &self.0 {
            if pause_to <= at {
                continue;
            }
            if pause_from >= to {
                break;
            }
            if at < pause_from {
                pieces.push((at, pause_from));
            }
            at = pause_to;
        }
        if at < to {
            pieces.push((at, to));
        }
        pieces
    }
}
