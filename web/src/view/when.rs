//! Times as people read them: in the office's zone, with the weekday, digits that line up.

use std::sync::Arc;

use jiff::civil::{DateTime, Weekday};
use tongban_engine::{calendar::Calendar, text::Language, time::Moment};

use super::say;

fn weekday(language: Language, day: Weekday) -> &'static str {
    let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    say(language, "time.weekdays").split(' ').nth(index).unwrap_or_default()
}

/// Says moments in one zone and language.
#[derive(Clone)]
pub struct When {
    calendar: Arc<Calendar>,
    language: Language,
    now: Moment,
}

impl When {
    /// For a visitor who reads `language` now.
    pub fn new(calendar: Arc<Calendar>, language: Language, now: Moment) -> Self {
        Self { calendar, language, now }
    }

    /// `11-23 周一 17:00`; with the year where it is another one.
    pub fn moment(&self, at: Moment) -> String {
        let day = self.calendar.civil(at);
        format!("{} {} {}", self.day_part(&day), weekday(self.language, day.weekday()), day.strftime("%H:%M"))
    }

    /// `11-23 17:00`.
    pub fn short(&self, at: Moment) -> String {
        let day = self.calendar.civil(at);
        format!("{} {}", self.day_part(&day), day.strftime("%H:%M"))
    }

    /// `11-23`.
    pub fn day(&self, at: Moment) -> String {
        self.day_part(&self.calendar.civil(at))
    }

    fn day_part(&self, day: &DateTime) -> String {
        let format = if day.year() == self.calendar.civil(self.now).year() { "%m-%d" } else { "%Y-%m-%d" };
        day.strftime(format).to_string()
    }

    /// `2026-11-23T17:00:00+08:00`, for machines.
    pub fn iso(&self, at: Moment) -> String {
        self.calendar.format_moment(at)
    }

    /// Whole calendar days from `at` until now.
    pub fn days_since(&self, at: Moment) -> i32 {
        let (from, to) = (self.calendar.date_of(at), self.calendar.date_of(self.now));
        from.until(to).map(|span| span.get_days()).unwrap_or_default()
    }

    /// How long something has waited: `已等 3 日`, or 今日.
    pub fn waiting(&self, since: Moment) -> String {
        match self.days_since(since) {
            0 => say(self.language, "inbox.waiting_today").to_owned(),
            days => super::fill(self.language, "inbox.waiting_days", &[("count", &days.to_string())]),
        }
    }

    /// The current moment.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The language that is spoken.
    pub fn language(&self) -> Language {
        self.language
    }
}

#[cfg(test)]
mod tests {
    use tongban_engine::source::{Source, parse};

    use super::*;

    fn when(language: Language) -> When {
        let text = include_str!("../../../forms/calendars/cn.yaml");
        let source = Source { name: "forms/calendars/cn.yaml".into(), text: text.into() };
        let (calendar, _) = Calendar::load(&source, &parse(&source).0.expect("a tree"));
        When::new(Arc::new(calendar.expect("a calendar")), language, Moment(1_795_426_200_000)) // 2026-11-23T17:30+08:00
    }

    #[test]
    fn moments_are_told_in_the_zone_of_the_office() {
        let at = Moment(1_795_424_400_000);
        assert_eq!(when(Language::Zh).moment(at), "11-23 周一 17:00");
        assert_eq!(when(Language::En).moment(at), "11-23 Mon 17:00");
        assert_eq!(when(Language::Zh).iso(at), "2026-11-23T17:00:00+08:00");
    }

    #[test]
    fn another_year_is_told() {
        assert_eq!(when(Language::Zh).short(Moment(1_767_200_400_000)), "2026-01-01 01:00".trim_start_matches("2026-"));
        assert_eq!(when(Language::Zh).short(Moment(1_767_100_000_000)), "2025-12-30 21:06");
    }

    #[test]
    fn waiting_is_counted_in_calendar_days() {
        assert_eq!(when(Language::Zh).waiting(Moment(1_795_424_400_000)), "今日");
        assert_eq!(when(Language::Zh).waiting(Moment(1_795_426_200_000 - 18 * 3_600_000)), "已等 1 日");
    }
}
