//! Between moments (UTC) and the calendar's own clock on the wall.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::Calendar;
use crate::time::Moment;

impl Calendar {
    /// Its time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The date in the calendar's zone.
    pub fn date_of(&self, at: Moment) -> Date {
        self.civil(at).date()
    }

    /// Date and time of day in the calendar's zone. Moments beyond the years −9999 to 9999 are brought back to their ends.
    pub fn civil(&self, at: Moment) -> DateTime {
        let (first, last) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        let timestamp = Timestamp::from_millisecond(at.0.clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(timestamp)
    }

    /// The moment when the wall shows `civil`; in a gap or a fold of summer time, as jiff's "compatible" rule has it.
    pub fn moment(&self, civil: DateTime) -> Moment {
        Moment(self.zone.to_timestamp(civil).unwrap_or(Timestamp::MAX).as_millisecond())
    }

    /// When `date` begins.
    pub fn start_of(&self, date: Date) -> Moment {
        self.moment(date.to_datetime(Time::midnight()))
    }

    /// When the office opens, on `date` if it works then.
    pub fn opening_time(&self, date: Date) -> Moment {
        let opens = self.office_hours.first().map_or(Time::midnight(), |&(opens, _)| opens);
        self.moment(date.to_datetime(opens))
    }

    /// When a last day ends, on `date` if the office works then.
    pub fn closing_time(&self, date: Date) -> Moment {
        self.moment(date.to_datetime(self.closing))
    }

    /// Reads RFC 3339 (`2026-09-28T10:00+08:00`), a local date (its start), or a local date and time, in the zone.
    pub fn parse_moment(&self, text: &str) -> Option<Moment> {
        let text = text.trim();
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Moment(timestamp.as_millisecond()));
        }
        text.parse::<DateTime>().ok().map(|civil| self.moment(civil))
    }

    /// RFC 3339 in the calendar's zone, to the second: `2026-09-28T10:00:00+08:00`.
    pub fn format_moment(&self, at: Moment) -> String {
        let civil = self.civil(at);
        let timestamp = self.zone.to_timestamp(civil).unwrap_or(Timestamp::MAX);
        let offset = self.zone.to_offset(timestamp);
        timestamp.display_with_offset(offset).to_string()
    }
}
