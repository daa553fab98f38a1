//! When a term ends: the one loop that counts days and hours, whose steps are also the ledger.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Calendar, ClockRecord, Duration, DurationUnit, pauses::Pauses};
use crate::time::Moment;

/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 3_600_000;
/// Most days that a search for working time walks through: longer than any duration needs.
const DAYS_WALKED_MAX: u32 = 200_000;

/// When a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// The moment: closing time of the last day, or the exact moment for hours and elapsed time.
    pub at: Moment,
    /// 暂定: it rests on a day of a year that the calendar does not know, so it is computed again when that year is
    /// loaded, and silence has no effect until then.
    pub provisional: bool,
}

/// What one day was for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It counts, as the day with this number.
    Counted(i64),
    /// So much of it counts, in milliseconds.
    Time(i64),
    /// The clock was paused.
    Paused,
    /// Free, and skipped.
    Free,
    /// Free, and would have been the last: the term rolls on.
    Rolled,
}

impl Calendar {
    /// When a term of `duration` that begins at `from` ends.
    pub fn due(&self, from: Moment, duration: Duration) -> Due {
        self.clock_due(&ClockRecord::new(from, duration), from)
    }

    /// The moment at which no more than `left` is left before `due`: for days, the opening time of that day.
    pub fn before(&self, due: Moment, left: Duration) -> Moment {
        let last = self.date_of(due);
        match left.unit {
            DurationUnit::Milliseconds => due.plus_ms(-left.amount),
            DurationUnit::Days => self.opening_time(last.saturating_sub(jiff::SignedDuration::from_hours(24 * left.amount))),
            DurationUnit::WorkingDays => self.opening_time(self.working_day_before(last, left.amount)),
            DurationUnit::WorkingHours => self.working_time_before(due, left.amount.saturating_mul(HOUR_MS)),
        }
    }

    /// The first date after which no more than `count` working days come up to and including `last`.
    fn working_day_before(&self, last: Date, count: i64) -> Date {
        let mut day = last;
        let mut left = 0;
        for _ in 0..DAYS_WALKED_MAX {
            let passed = i64::from(self.works_on(day));
            if left + passed > count {
                break;
            }
            left += passed;
            let Ok(previous) = day.yesterday() else { break };
            day = previous;
        }
        day
    }

    fn working_time_before(&self, due: Moment, ms: i64) -> Moment {
        let mut day = self.date_of(due);
        let mut left = ms;
        for _ in 0..DAYS_WALKED_MAX {
            for (opens, closes) in self.office_times(day).into_iter().rev() {
                let closes = closes.min(due);
                let length = closes.0 - opens.0;
                if length >= left && length > 0 {
                    return closes.plus_ms(-left);
                }
                left -= length.max(0);
            }
            let Ok(previous) = day.yesterday() else { break };
            day = previous;
        }
        self.start_of(day)
    }

    /// Working time between two moments, in milliseconds; negative if `to` is earlier.
    pub fn working_ms_between(&self, from: Moment, to: Moment) -> i64 {
        if to < from {
            return -self.working_ms_between(to, from);
        }
        let (mut day, last) = (self.date_of(from), self.date_of(to));
        let mut ms = 0;
        while day <= last {
            let parts = self.office_times(day);
            ms += parts.iter().map(|&(opens, closes)| (closes.min(to).0 - opens.max(from).0).max(0)).sum::<i64>();
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        ms
    }

    /// Office hours of `date` as moments, in order; none on a free day.
    pub(super) fn office_times(&self, date: Date) -> Vec<(Moment, Moment)> {
        if !self.works_on(date) {
            return Vec::new();
        }
        let at = |time| self.moment(date.to_datetime(time));
        self.office_hours.iter().map(|&(opens, closes)| (at(opens), at(closes))).collect()
    }
}

/// A term while it is counted: where it stands, and whether that is certain.
pub(super) struct Term<'a, S: FnMut(Date, Step)> {
    pub(super) calendar: &'a Calendar,
    /// Pauses that keep days from being counted.
    pub(super) days_paused: &'a Pauses,
    /// Pauses that keep time from being counted.
    pub(super) time_paused: &'a Pauses,
    /// End of what has been counted so far.
    pub(super) at: Moment,
    pub(super) counted: i64,
    pub(super) provisional: bool,
    /// Told of each day.
    pub(super) step: S,
}

impl<S: FnMut(Date, Step)> Term<'_, S> {
    /// Counts on; `last` says that nothing comes after it, so that calendar days roll on to a working day.
    pub(super) fn count(&mut self, duration: Duration, last: bool) {
        match duration.unit {
            DurationUnit::Days | DurationUnit::WorkingDays => self.count_days(duration, last),
            DurationUnit::WorkingHours => self.count_hours(duration.amount.saturating_mul(HOUR_MS)),
            DurationUnit::Milliseconds => self.count_elapsed(duration.amount),
        }
    }

    /// The day that it begins on is not counted. A day that was paused in part is not counted either: counting it would
    /// shorten the term by time that the law takes out (行政许可法 第四十五条), and end it, with the effects of silence,
    /// too early.
    fn count_days(&mut self, duration: Duration, last: bool) {
        if duration.amount == 0 {
            return;
        }
        let rolls = last && duration.unit == DurationUnit::Days;
        let mut day = self.calendar.date_of(self.at);
        let mut left = duration.amount;
        for _ in 0..DAYS_WALKED_MAX {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            let step = self.judge(day, duration.unit, rolls && left == 1);
            if matches!(step, Step::Counted(_)) {
                self.counted += 1;
                left -= 1;
            }
            (self.step)(day, step);
            if left == 0 {
                break;
            }
        }
        self.at = self.calendar.closing_time(day).max(self.at);
    }

    fn judge(&mut self, day: Date, unit: DurationUnit, may_roll: bool) -> Step {
        if self.days_paused.cover(self.calendar, day) {
            return Step::Paused;
        }
        if (unit == DurationUnit::WorkingDays || may_roll) && !self.works_on(day) {
            return if may_roll { Step::Rolled } else { Step::Free };
        }
        Step::Counted(self.counted + 1)
    }

    fn works_on(&mut self, day: Date) -> bool {
        self.provisional |= !self.calendar.knows(day.year());
        self.calendar.works_on(day)
    }

    fn count_hours(&mut self, ms: i64) {
        let (mut left, mut day) = (ms, self.calendar.date_of(self.at));
        for _ in 0..DAYS_WALKED_MAX {
            if left == 0 {
                break;
            }
            let mut today = 0;
            let free = !self.works_on(day);
            for (opens, closes) in self.calendar.office_times(day) {
                for (from, to) in self.time_paused.running(opens.max(self.at), closes) {
                    let take = left.min(to.0 - from.0);
                    if take > 0 {
                        (left, today, self.at) = (left - take, today + take, from.plus_ms(take));
                    }
                }
            }
            let step = if free { Step::Free } else { self.time_step(day, today) };
            (self.step)(day, step);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
    }

    fn count_elapsed(&mut self, ms: i64) {
        let mut left = ms;
        for (from, to) in self.time_paused.running(self.at, Moment(i64::MAX)) {
            let take = left.min(to.0.saturating_sub(from.0));
            self.record_elapsed(from, from.plus_ms(take));
            (left, self.at) = (left - take, from.plus_ms(take));
            if left == 0 {
                break;
            }
        }
    }

    /// Tells of each day between two moments.
    fn record_elapsed(&mut self, from: Moment, to: Moment) {
        let (mut day, mut at) = (self.calendar.date_of(from), from);
        while at < to {
            let Ok(next) = day.tomorrow() else { break };
            let until = self.calendar.start_of(next).min(to);
            (self.step)(day, Step::Time(until.0 - at.0));
            (day, at) = (next, until);
        }
    }

    fn time_step(&self, day: Date, ms: i64) -> Step {
        if ms == 0 && self.time_paused.cover(self.calendar, day) { Step::Paused } else { Step::Time(ms) }
    }
}
