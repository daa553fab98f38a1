//! What kind of day a date is: the papers of the years that are known, else weekends and the fixed statutory days.

use std::collections::BTreeMap;

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::text::Text;

/// Working time of one office region: zone, office hours, and which days are free or worked. Built by [`Calendar::load`].
#[derive(Clone, Debug)]
pub struct Calendar {
    /// kebab-case id, such as `cn`.
    pub id: String,
    /// Its name.
    pub name: Text,
    pub(super) zone: TimeZone,
    /// Office hours of a working day, in order, never empty, not overlapping.
    pub(super) office_hours: Vec<(Time, Time)>,
    /// When a last day ends: 法定业务时间停止, 民法典 第二百零三条.
    pub(super) closing: Time,
    pub(super) years: BTreeMap<i16, Year>,
    pub(super) listed: BTreeMap<Date, Listed>,
    /// Fixed statutory days, (month, day) → name: used for the years that are not known.
    pub(super) statutory: BTreeMap<(i8, i8), String>,
    /// Statutory holidays that move with the moon or the sun and cannot be derived here.
    pub(super) underivable: Vec<String>,
}

/// A year that the calendar knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The address of the paper that arranges it.
    pub paper: String,
}

/// A day that a paper lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) worked: bool,
    pub(super) holiday: String,
}

/// What kind of day a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// An ordinary working day.
    Working,
    /// 调休上班: a weekend day that is worked instead of another.
    MakeUp,
    /// An ordinary weekend day.
    Weekend,
    /// 放假: free by the year's paper, or by statute in a year that is not known.
    Holiday,
}

impl DayKind {
    /// Whether the office works on it.
    pub const fn is_worked(self) -> bool {
        matches!(self, Self::Working | Self::MakeUp)
    }
}

impl Calendar {
    /// What kind of day `date` is. A day that a paper lists is as listed, else Monday to Friday are worked; in a year
    /// that is not [known](Self::knows) the fixed statutory days are free besides.
    pub fn is_working_day(&self, date: Date) -> DayKind {
        match self.listed.get(&date) {
            Some(listed) if listed.worked => DayKind::MakeUp,
            Some(_) => DayKind::Holiday,
            None if !self.knows(date.year()) && self.statutory.contains_key(&(date.month(), date.day())) => DayKind::Holiday,
            None if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) => DayKind::Weekend,
            None => DayKind::Working,
        }
    }

    /// Whether the office works on `date`.
    pub fn works_on(&self, date: Date) -> bool {
        self.is_working_day(date).is_worked()
    }

    /// Whether the paper that arranges `year` is loaded. What rests on another year's days is provisional (暂定).
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// The years that are known, with their papers, in order.
    pub fn years(&self) -> impl Iterator<Item = (i16, &Year)> {
        self.years.iter().map(|(&year, paper)| (year, paper))
    }

    /// The holiday that makes `date` free or worked, such as 国庆节; None for ordinary days.
    pub fn holiday_of(&self, date: Date) -> Option<&str> {
        match self.listed.get(&date) {
            Some(listed) => Some(&listed.holiday),
            None if self.knows(date.year()) => None,
            None => self.statutory.get(&(date.month(), date.day())).map(String::as_str),
        }
    }

    /// Statutory holidays that a provisional date cannot take into account, because they cannot be derived: 春节, …
    pub fn underivable_holidays(&self) -> &[String] {
        &self.underivable
    }

    /// Working days after `from` up to and including `to`; negative, counted the other way round, if `to` is earlier.
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut day = first;
        let mut count = 0;
        while day < last {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            count += i64::from(self.works_on(day));
        }
        sign * count
    }
}

/// The weekday in one character: 一 … 日.
pub(super) fn weekday_zh(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    }
}

/// The weekday in three letters.
pub(super) fn weekday_en(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}
