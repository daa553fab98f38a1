//! The next time of a cron pattern, on the calendar's wall clock.
//!
//! croner searches civil time and asks for a zone through its trait; its own jiff support is for another major version
//! of jiff, so the trait is implemented here.

use std::{cmp::Ordering, str::FromStr};

use croner::{
    Cron,
    errors::CronError,
    time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday},
};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::AmbiguousOffset, tz::TimeZone};

use super::Calendar;
use crate::{text::Text, time::Moment};

impl Calendar {
    /// The first time after `after` that `pattern` names on the calendar's wall clock.
    ///
    /// None if the pattern is wrong (see [`Self::check_cron`]) or never comes true.
    pub fn next_cron(&self, pattern: &str, after: Moment) -> Option<Moment> {
        let cron = Cron::from_str(pattern).ok()?;
        let after = Timestamp::from_millisecond(after.0).ok()?;
        let start = Wall { at: after, zone: &self.zone };
        let next = cron.find_next_occurrence(&start, false).ok()?;
        Some(Moment(next.at.as_millisecond()))
    }

    /// Whether `pattern` is a cron pattern: minute, hour, day of month, month, day of week.
    ///
    /// # Errors
    /// What is wrong with it, in both languages.
    pub fn check_cron(pattern: &str) -> Result<(), Text> {
        Cron::from_str(pattern).map(|_| ()).map_err(|error| {
            Text::new(
                format!("“{pattern}”不是 cron 表达式（分 时 日 月 星期，如 0 9 * * 1）：{error}"),
                format!("`{pattern}` is not a cron pattern (minute hour day month weekday, such as 0 9 * * 1): {error}"),
            )
        })
    }
}

/// A moment on a wall clock.
#[derive(Clone)]
struct Wall<'a> {
    at: Timestamp,
    zone: &'a TimeZone,
}

impl CronDateTime for Wall<'_> {
    fn to_civil(&self) -> CivilDateTime {
        let civil = self.zone.to_datetime(self.at);
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(i32::from(civil.year()), part(civil.month()), part(civil.day())),
            CivilTime::from_parts_unchecked(part(civil.hour()), part(civil.minute()), part(civil.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(part(self.zone.to_datetime(self.at).weekday().to_sunday_zero_offset()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let civil = from_croner(civil).ok_or(CronError::InvalidDate)?;
        let ambiguous = self.zone.to_ambiguous_timestamp(civil);
        let wall = |at: Result<Timestamp, jiff::Error>| at.map(|at| Wall { at, ..self.clone() }).map_err(|_| CronError::InvalidTime);
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(wall(ambiguous.compatible())?),
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(wall(ambiguous.earlier())?, wall(ambiguous.later())?),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let at = self.at.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        Some(Wall { at, ..self.clone() })
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

/// A part of a civil time, which jiff keeps within its range, never below zero after the year 0.
fn part(value: i8) -> u32 {
    u32::from(value.unsigned_abs())
}

fn from_croner(civil: CivilDateTime) -> Option<DateTime> {
    let small = |value: u32| i8::try_from(value).ok();
    let year = i16::try_from(civil.year()).ok()?;
    let (month, day) = (small(civil.month())?, small(civil.day())?);
    let (hour, minute, second) = (small(civil.hour())?, small(civil.minute())?, small(civil.second())?);
    DateTime::new(year, month, day, hour, minute, second, 0).ok()
}
