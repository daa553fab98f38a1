//! The calendar against an oracle that counts day by day and minute by minute, without jiff and without any of its code.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{CN, at, cn};
use crate::{
    calendar::{Calendar, ClockRecord, Duration, DurationUnit, Pause},
    time::Moment,
};

const MINUTE: i64 = 60_000;
const DAY_MINUTES: i64 = 1440;
/// China keeps UTC+8 all the year.
const OFFSET_MINUTES: i64 = 480;
const OPENS: i64 = 9 * 60;
const CLOSES: i64 = 17 * 60 + 30;

/// Free and worked days as day numbers since 1970-01-01, read from the lines of the file.
struct Papers {
    off: BTreeSet<i64>,
    worked: BTreeSet<i64>,
}

impl Papers {
    fn read() -> Self {
        let mut papers = Self { off: BTreeSet::new(), worked: BTreeSet::new() };
        let mut worked = false;
        for line in CN.lines().map(str::trim) {
            match line {
                "off:" => worked = false,
                "worked:" => worked = true,
                _ if line.starts_with("202") && line.len() > 12 => {
                    let days = line.split(": ").next().unwrap();
                    let (first, last) = days.split_once("..").unwrap_or((days, days));
                    let set = if worked { &mut papers.worked } else { &mut papers.off };
                    set.extend(day_number(first)..=day_number(last));
                }
                _ => {}
            }
        }
        papers
    }

    fn works(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
        self.worked.contains(&day) || !weekend && !self.off.contains(&day)
    }
}

fn day_number(date: &str) -> i64 {
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let leap = |year: i64| year % 4 == 0; // true from 1970 to 2099
    let months = [31, if leap(parts[0]) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..parts[0]).map(|year| if leap(year) { 366 } else { 365 }).sum();
    years + months.iter().take(usize::try_from(parts[1] - 1).unwrap()).sum::<i64>() + parts[2] - 1
}

fn local_minutes(at: Moment) -> i64 {
    at.0 / MINUTE + OFFSET_MINUTES
}

/// Due minute (local, since 1970) of a record whose pauses are all closed.
fn due(papers: &Papers, record: &ClockRecord) -> i64 {
    let pauses: Vec<_> = record.pauses.iter().map(|p| (local_minutes(p.from), local_minutes(p.to.unwrap()))).collect();
    let paused = |from: i64, to: i64| pauses.iter().any(|&(a, b)| (from..to).any(|minute| a <= minute && minute < b));
    let mut minute = local_minutes(record.started);
    let amount = record.limit.amount + record.extensions.iter().map(|e| e.1.amount).sum::<i64>();
    match record.limit.unit {
        DurationUnit::WorkingDays | DurationUnit::Days => {
            let calendar_days = record.limit.unit == DurationUnit::Days;
            let (mut day, mut left) = (minute.div_euclid(DAY_MINUTES), amount);
            while left > 0 {
                day += 1;
                let touched = paused(day * DAY_MINUTES + OPENS, day * DAY_MINUTES + CLOSES);
                let free = !papers.works(day);
                if !touched && (!free || calendar_days && left > 1) {
                    left -= 1;
                }
            }
            day * DAY_MINUTES + CLOSES
        }
        DurationUnit::WorkingHours => {
            let mut left = amount * 60;
            while left > 0 {
                let (day, time) = (minute.div_euclid(DAY_MINUTES), minute.rem_euclid(DAY_MINUTES));
                let open = (OPENS..12 * 60).contains(&time) || (13 * 60 + 30..CLOSES).contains(&time);
                left -= i64::from(open && papers.works(day) && !paused(minute, minute + 1));
                minute += 1;
            }
            minute
        }
        DurationUnit::Milliseconds => {
            let mut left = amount / MINUTE;
            while left > 0 {
                left -= i64::from(!paused(minute, minute + 1));
                minute += 1;
            }
            minute
        }
    }
}

prop_compose! {
    /// Clocks that start in the known years and end before they do.
    fn clocks()(
        start in 0..960 * DAY_MINUTES,
        unit in prop_oneof![Just(DurationUnit::WorkingDays), Just(DurationUnit::Days), Just(DurationUnit::WorkingHours), Just(DurationUnit::Milliseconds)],
        amount in 1i64..30,
        extensions in prop::collection::vec(1i64..10, 0..3),
        pauses in prop::collection::vec((0..20 * DAY_MINUTES, 1..4 * DAY_MINUTES), 0..4),
    ) -> ClockRecord {
        let started = at("2024-01-01T00:00").plus_ms(start * MINUTE);
        let scale = if unit == DurationUnit::Milliseconds { 7 * MINUTE } else { 1 };
        let of = |amount| Duration { amount: amount * scale, unit };
        let pause = |(from, length): (i64, i64)| {
            let from = started.plus_ms(from * MINUTE);
            Pause { from, to: Some(from.plus_ms(length * MINUTE)), reason: "听证".into() }
        };
        ClockRecord {
            started,
            limit: of(amount),
            extensions: extensions.into_iter().map(|amount| (started, of(amount), "案情复杂".into())).collect(),
            pauses: pauses.into_iter().map(pause).collect(),
            stopped: None,
        }
    }
}

/// Limit with extensions, in the unit of the clock.
fn whole(record: &ClockRecord) -> i64 {
    record.limit.amount + record.extensions.iter().map(|extension| extension.1.amount).sum::<i64>()
}

fn check_sums(calendar: &Calendar, record: &ClockRecord, now: Moment) -> Result<(), TestCaseError> {
    let (left, lines) = (calendar.clock_left(record, now), calendar.ledger(record, now));
    let (today, due) = (calendar.date_of(now), calendar.date_of(calendar.clock_due(record, now).at));
    prop_assert!(lines.windows(2).all(|pair| pair[0].date.tomorrow().unwrap() == pair[1].date), "one line for each day");
    prop_assert_eq!(lines.last().unwrap().date, due.max(today));
    match record.limit.unit {
        DurationUnit::WorkingDays | DurationUnit::Days => {
            prop_assert_eq!(lines.iter().filter(|line| line.counted).count() as i64, whole(record));
            prop_assert_eq!(lines.iter().filter_map(|line| line.day_no).max(), Some(whole(record)));
        }
        unit => {
            let factor = if unit == DurationUnit::WorkingHours { 60 * MINUTE } else { 1 };
            prop_assert_eq!(lines.iter().map(|line| line.ms).sum::<i64>(), whole(record) * factor);
        }
    }
    let (future, overdue) = (lines.iter().filter(|line| line.date > today), lines.iter().filter(|line| line.overdue_no.is_some()));
    match record.limit.unit {
        DurationUnit::WorkingDays if due >= today => prop_assert_eq!(future.filter(|line| line.counted).count() as i64, left.amount),
        DurationUnit::Days if due >= today => prop_assert_eq!(future.count() as i64, left.amount),
        DurationUnit::WorkingDays | DurationUnit::Days => prop_assert_eq!(overdue.count() as i64, -left.amount),
        _ => {}
    }
    Ok(())
}

proptest! {
    #[test]
    fn due_dates_equal_the_oracles(record in clocks()) {
        let calendar = cn();
        let late = Moment(i64::MAX / 2);
        let found = calendar.clock_due(&record, late);
        prop_assert_eq!(local_minutes(found.at), due(&Papers::read(), &record));
        prop_assert!(!found.provisional);
    }

    #[test]
    fn the_ledger_sums_to_the_light(mut record in clocks(), minutes in 0..90 * DAY_MINUTES) {
        let now = record.started.plus_ms(minutes * MINUTE);
        record.pauses.retain(|pause| pause.from <= now);
        for pause in &mut record.pauses {
            pause.to = pause.to.filter(|&to| to <= now);
        }
        let calendar = cn();
        check_sums(&calendar, &record, now)?;
    }

    #[test]
    fn a_term_never_ends_before_it_begins_nor_shrinks(record in clocks(), more in 1i64..20) {
        let calendar = cn();
        let late = Moment(i64::MAX / 2);
        let first = calendar.clock_due(&record, late);
        prop_assert!(first.at >= record.started);
        let mut longer = record;
        longer.limit.amount += more;
        prop_assert!(calendar.clock_due(&longer, late).at >= first.at);
    }
}
