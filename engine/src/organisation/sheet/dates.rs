//! Dates in cells, in the office's zone. A last day counts in full: the register keeps the moment after it.

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
};

use super::Cell;
use crate::{calendar::Calendar, time::Moment};

/// What a date column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The first moment.
    First,
    /// The last day, if it is one; else the first moment after.
    Last,
}

/// The moment of a date as people write it, in a form or a cell; None if it is none.
pub fn moment_of(text: &str, bound: Bound, calendar: &Calendar) -> Option<Moment> {
    moment(&Cell::Text(text.to_owned()), bound, calendar)
}

/// The moment of a cell; None if it is no date.
pub(super) fn moment(cell: &Cell, bound: Bound, calendar: &Calendar) -> Option<Moment> {
    let (date, time) = match cell {
        Cell::Date(civil) => (civil.date(), (civil.time() != Time::midnight()).then(|| civil.time())),
        Cell::Text(text) => parsed(text)?,
        _ => return None,
    };
    let sensible = (1900..2300).contains(&date.year());
    match (time, bound) {
        _ if !sensible => None,
        (Some(time), _) => Some(calendar.moment(date.to_datetime(time))),
        (None, Bound::First) => Some(calendar.start_of(date)),
        (None, Bound::Last) => Some(calendar.start_of(date.checked_add(1.day()).ok()?)),
    }
}

/// `2026-12-01`, `2026/12/1`, `2026.12.1`, `2026年12月1日`; a time of day may follow.
fn parsed(text: &str) -> Option<(Date, Option<Time>)> {
    let text = text.trim();
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, Some(time.trim().parse::<Time>().ok()?)),
        None => (text, None),
    };
    let parts: Vec<&str> = day.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let digits = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if year.len() != 4 || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    Some((Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?, time))
}

/// A moment as people write it: a day, with the time of day where it is not the day's edge.
pub fn day_of(at: Moment, bound: Bound, calendar: &Calendar) -> String {
    let civil: DateTime = calendar.civil(at);
    if civil.time() != Time::midnight() {
        return format!("{} {}", civil.date(), civil.time());
    }
    match bound {
        Bound::First => civil.date().to_string(),
        Bound::Last => civil.date().yesterday().unwrap_or(civil.date()).to_string(),
    }
}
