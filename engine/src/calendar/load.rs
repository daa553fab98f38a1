//! Reads a calendar file (`forms/calendars/<id>.yaml`) from its tree, with every mistake as a finding.

use std::collections::BTreeMap;

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{
    Calendar,
    days::{Listed, Year},
};
use crate::{
    diagnostic::Finding,
    source::{Place, Source, Span, Tree},
    text::Text,
};

/// Keys of a calendar file; another is a finding.
const KEYS: [&str; 7] = ["calendar", "name", "zone", "officeHours", "closingTime", "statutory", "years"];
const STATUTORY_KEYS: [&str; 3] = ["basis", "fixed", "underivable"];
const YEAR_KEYS: [&str; 3] = ["paper", "off", "worked"];
/// Days of a `from..to` range at most.
const RANGE_DAYS_MAX: usize = 60;

impl Calendar {
    /// Reads one calendar file.
    ///
    /// Findings: `T101` shape (missing, unknown or malformed key), `T102` a zone that does not exist, `T103` office hours,
    /// `T104` a day that is no date or is listed twice.
    pub fn load(source: &Source, tree: &Tree) -> (Option<Self>, Vec<Finding>) {
        let mut reader = Reader { source, findings: Vec::new() };
        let calendar = reader.calendar(tree);
        (calendar, reader.findings)
    }
}

struct Reader<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn calendar(&mut self, tree: &Tree) -> Option<Calendar> {
        self.check_keys(tree, &KEYS);
        let id = self.required(tree, "calendar").and_then(|id| self.scalar(id));
        let zone = self.required(tree, "zone").and_then(|zone| self.zone(zone));
        let office_hours = self.required(tree, "officeHours").map(|hours| self.office_hours(hours));
        let years = self.required(tree, "years");
        let statutory = tree.get("statutory");
        let office_hours = office_hours.filter(|hours| !hours.is_empty())?;
        let closing = match tree.get("closingTime") {
            Some(time) => self.time(time, time.scalar().unwrap_or_default())?,
            None => office_hours.last()?.1,
        };
        let mut calendar = Calendar {
            id: id?.to_owned(),
            name: tree.get("name").map(|name| self.text(name)).unwrap_or_default(),
            zone: zone?,
            closing,
            office_hours,
            years: BTreeMap::new(),
            listed: BTreeMap::new(),
            statutory: statutory.map(|tree| self.statutory(tree)).unwrap_or_default(),
            underivable: statutory.and_then(|tree| tree.get("underivable")).map(|tree| self.names(tree)).unwrap_or_default(),
        };
        for (key, year) in years?.map().unwrap_or_default() {
            match key.text.parse() {
                Ok(number) => self.year(number, year, &mut calendar),
                Err(_) => {
                    let message = Text::new(format!("“{}”不是年份", key.text), format!("`{}` is not a year", key.text));
                    self.report("T101", key.span, message);
                }
            }
        }
        Some(calendar)
    }

    fn zone(&mut self, tree: &Tree) -> Option<TimeZone> {
        let name = self.scalar(tree)?;
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            let message = Text::new(format!("没有时区“{name}”"), format!("there is no time zone `{name}`"));
            self.report("T102", tree.span, message);
        }
        zone
    }

    /// `["09:00-12:00", "13:30-17:30"]`, in order.
    fn office_hours(&mut self, tree: &Tree) -> Vec<(Time, Time)> {
        let mut hours: Vec<(Time, Time)> = Vec::new();
        for item in tree.list().unwrap_or_default() {
            let text = item.scalar().unwrap_or_default();
            let (opens, closes) = text.split_once('-').unwrap_or((text, ""));
            let (Some(opens), Some(closes)) = (self.time(item, opens), self.time(item, closes)) else { continue };
            if opens >= closes || hours.last().is_some_and(|last| last.1 > opens) {
                let message = Text::new(
                    format!("办公时间“{text}”倒置，或与前一段重叠"),
                    format!("the office hours `{text}` end before they begin, or overlap those before"),
                );
                self.report("T103", item.span, message);
                continue;
            }
            hours.push((opens, closes));
        }
        if hours.is_empty() {
            let message = Text::new("没有办公时间，如 [\"09:00-17:30\"]", "there are no office hours, such as [\"09:00-17:30\"]");
            self.report("T103", tree.span, message);
        }
        hours
    }

    fn time(&mut self, tree: &Tree, text: &str) -> Option<Time> {
        let time = text.trim().parse().ok();
        if time.is_none() {
            let message = Text::new(format!("“{text}”不是时刻，如 09:00"), format!("`{text}` is not a time of day, such as 09:00"));
            self.report("T103", tree.span, message);
        }
        time
    }

    fn statutory(&mut self, tree: &Tree) -> BTreeMap<(i8, i8), String> {
        self.check_keys(tree, &STATUTORY_KEYS);
        let mut days = BTreeMap::new();
        for (key, name) in tree.get("fixed").and_then(Tree::map).unwrap_or_default() {
            // A leap year, so that 02-29 would be a day.
            match self.date(key.span, &format!("2024-{}", key.text)) {
                Some(date) => days.insert((date.month(), date.day()), self.scalar(name).unwrap_or_default().to_owned()),
                None => continue,
            };
        }
        days
    }

    fn names(&mut self, tree: &Tree) -> Vec<String> {
        tree.list().unwrap_or_default().iter().filter_map(|name| self.scalar(name).map(str::to_owned)).collect()
    }

    fn year(&mut self, number: i16, tree: &Tree, calendar: &mut Calendar) {
        self.check_keys(tree, &YEAR_KEYS);
        let paper = self.required(tree, "paper").and_then(|paper| self.scalar(paper)).unwrap_or_default().to_owned();
        calendar.years.insert(number, Year { paper });
        for (key, worked) in [("off", false), ("worked", true)] {
            for (days, name) in tree.get(key).and_then(Tree::map).unwrap_or_default() {
                let holiday = self.scalar(name).unwrap_or_default().to_owned();
                for date in self.range(days.span, &days.text) {
                    let listed = Listed { worked, holiday: holiday.clone() };
                    if calendar.listed.insert(date, listed).is_some() {
                        let message = Text::new(format!("{date} 列了两次"), format!("{date} is listed twice"));
                        self.report("T104", days.span, message);
                    }
                }
            }
        }
    }

    /// `2026-01-04` or `2026-01-01..2026-01-03`, both ends included.
    fn range(&mut self, span: Span, text: &str) -> Vec<Date> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (Some(first), Some(last)) = (self.date(span, first), self.date(span, last)) else { return Vec::new() };
        let days: Vec<_> = first.series(jiff::Span::new().days(1)).take_while(|&day| day <= last).take(RANGE_DAYS_MAX).collect();
        if days.is_empty() || days.last() != Some(&last) {
            let message = Text::new(
                format!("“{text}”倒置，或超过 {RANGE_DAYS_MAX} 天"),
                format!("`{text}` ends before it begins, or is longer than {RANGE_DAYS_MAX} days"),
            );
            self.report("T104", span, message);
        }
        days
    }

    fn date(&mut self, span: Span, text: &str) -> Option<Date> {
        let date = text.trim().parse().ok();
        if date.is_none() {
            let message = Text::new(format!("“{text}”不是日期，如 2026-10-01"), format!("`{text}` is not a date, such as 2026-10-01"));
            self.report("T104", span, message);
        }
        date
    }

    fn text(&mut self, tree: &Tree) -> Text {
        match tree.map() {
            None => Text::zh(self.scalar(tree).unwrap_or_default()),
            Some(_) => Text {
                zh: tree.get("zh").and_then(Tree::scalar).unwrap_or_default().to_owned(),
                en: tree.get("en").and_then(Tree::scalar).map(str::to_owned),
            },
        }
    }

    fn scalar<'t>(&mut self, tree: &'t Tree) -> Option<&'t str> {
        let text = tree.scalar();
        if text.is_none() {
            self.report("T101", tree.span, Text::new("这里应是一个文本", "a text is expected here"));
        }
        text
    }

    fn required<'t>(&mut self, tree: &'t Tree, key: &str) -> Option<&'t Tree> {
        let value = tree.get(key);
        if value.is_none() {
            self.report("T101", tree.span, Text::new(format!("缺少“{key}”"), format!("`{key}` is missing")));
        }
        value
    }

    fn check_keys(&mut self, tree: &Tree, keys: &[&str]) {
        for (key, _) in tree.map().unwrap_or_default() {
            if !keys.contains(&key.text.as_str()) {
                let message = Text::new(format!("日历中没有“{}”这一项", key.text), format!("a calendar has no key `{}`", key.text));
                let known = keys.join(", ");
                let help = Text::new(format!("可用：{known}"), format!("known keys: {known}"));
                let place = Place { file: self.source.name.clone(), span: key.span };
                self.findings.push(Finding::error("T101", place, message).help(help));
            }
        }
    }

    fn report(&mut self, code: &'static str, span: Span, message: Text) {
        let place = Place { file: self.source.name.clone(), span };
        self.findings.push(Finding::error(code, place, message));
    }
}
