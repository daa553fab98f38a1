//! The ledger of a clock: what each day was, and why, so that a lamp can be checked by counting lines.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Calendar, ClockRecord, DayKind, DurationUnit,
    days::{weekday_en, weekday_zh},
    due::Step,
    duration::elapsed_words,
};
use crate::{
    text::{Language, Text},
    time::Moment,
};

/// Days listed after the due date at most; a clock may be overdue for years.
const OVERDUE_LINES_MAX: usize = 400;

/// What one day was for a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The day.
    pub date: Date,
    /// Whether it used up any of the limit.
    pub counted: bool,
    /// Its number within the limit, from 1; None if it was not counted, or counts by time.
    pub day_no: Option<i64>,
    /// For clocks of hours and elapsed time: how much of the day counted, in milliseconds; else 0.
    pub ms: i64,
    /// For days after the due date: the how-manieth day overdue.
    pub overdue_no: Option<i64>,
    /// Why: 计 1, 暂停（听证）, 休（国庆节）, …
    pub why: Text,
}

impl LedgerLine {
    /// `11-24 二` and `Tue 11-24`.
    pub fn day(&self) -> Text {
        let day = self.date.strftime("%m-%d");
        Text::new(format!("{day} {}", weekday_zh(self.date)), format!("{} {day}", weekday_en(self.date)))
    }

    /// The whole line: `11-24 二 暂停（听证）`.
    pub fn line(&self) -> Text {
        let day = self.day();
        let text = |language| format!("{} {}", day.get(language), self.why.get(language));
        Text::new(text(Language::Zh), text(Language::En))
    }
}

impl Calendar {
    /// The clock day by day, from the day it started to the day it is due, or to `now` if it is overdue, or to the day it
    /// stopped. Days after today are as they will be if nothing happens.
    ///
    /// Its sum is the lamp: counted days up to today and [`super::Left::amount`] make the limit with its extensions (for
    /// calendar days, with the days rolled over).
    pub fn ledger(&self, record: &ClockRecord, now: Moment) -> Vec<LedgerLine> {
        let now = record.reading_time(now);
        let mut days: BTreeMap<Date, Step> = BTreeMap::new();
        let due = self.count(record, now, |date, step| {
            // A day has several steps where it was paused in between, or where hours follow days.
            let step = match (days.get(&date), step) {
                (Some(Step::Time(before)), Step::Time(ms)) => Step::Time(before + ms),
                (Some(&before), Step::Free | Step::Time(0)) => before,
                _ => step,
            };
            days.insert(date, step);
        });
        let (first, last, today) = (self.date_of(record.started), self.date_of(due.at), self.date_of(now));
        let mut lines = vec![self.first_line(record, first, days.get(&first))];
        lines.extend(first.series(jiff::Span::new().days(1)).skip(1).take_while(|&date| date <= last).map(|date| {
            // A day without a step lies wholly within a pause of elapsed time, or the term ends at its midnight.
            let step = days.get(&date).copied().unwrap_or(Step::Paused);
            self.line(record, date, step)
        }));
        self.add_overdue_days(&mut lines, record, last, today);
        if record.stopped.is_some() {
            lines.retain(|line| line.date <= today);
        }
        self.add_remarks(&mut lines, record, last);
        lines
    }

    fn first_line(&self, record: &ClockRecord, date: Date, step: Option<&Step>) -> LedgerLine {
        match (step, record.limit.unit) {
            (Some(&step), _) => self.line(record, date, step),
            (None, DurationUnit::WorkingHours | DurationUnit::Milliseconds) => self.line(record, date, Step::Time(0)),
            (None, DurationUnit::Days | DurationUnit::WorkingDays) => {
                let why = Text::new("起算日，不计", "first day, not counted");
                LedgerLine { date, counted: false, day_no: None, ms: 0, overdue_no: None, why }
            }
        }
    }

    fn line(&self, record: &ClockRecord, date: Date, step: Step) -> LedgerLine {
        let (counted, day_no, ms, why) = match step {
            Step::Counted(number) => (true, Some(number), 0, Text::new(format!("计 {number}"), format!("counts as {number}"))),
            Step::Time(ms) => (ms > 0, None, ms, time_words(ms)),
            Step::Paused => (false, None, 0, self.pause_words(record, date)),
            Step::Free => (false, None, 0, self.free_words(date)),
            Step::Rolled => {
                let free = self.free_words(date);
                (false, None, 0, Text::new(format!("{}，顺延", free.zh), format!("{}, rolls on", free.get(Language::En))))
            }
        };
        LedgerLine { date, counted, day_no, ms, overdue_no: None, why }
    }

    fn free_words(&self, date: Date) -> Text {
        match (self.is_working_day(date), self.holiday_of(date)) {
            (DayKind::Holiday, Some(name)) => Text::new(format!("休（{name}）"), format!("free ({name})")),
            _ => Text::new("休", "free"),
        }
    }

    fn pause_words(&self, record: &ClockRecord, date: Date) -> Text {
        let (opens, closes) = (self.opening_time(date), self.closing_time(date));
        let mut reasons: Vec<&str> = Vec::new();
        for pause in &record.pauses {
            if pause.from < closes && pause.to.is_none_or(|to| opens < to) && !reasons.contains(&pause.reason.as_str()) {
                reasons.push(&pause.reason);
            }
        }
        if reasons.is_empty() {
            return Text::new("不计", "not counted");
        }
        Text::new(format!("暂停（{}）", reasons.join("、")), format!("paused ({})", reasons.join(", ")))
    }

    /// Days after the due date up to today: working days for working-day clocks, calendar days for the others.
    fn add_overdue_days(&self, lines: &mut Vec<LedgerLine>, record: &ClockRecord, due: Date, today: Date) {
        let (mut day, mut number) = (due, 0);
        for _ in 0..OVERDUE_LINES_MAX {
            let Ok(next) = day.tomorrow() else { break };
            if next > today {
                break;
            }
            day = next;
            let skipped = matches!(record.limit.unit, DurationUnit::WorkingDays | DurationUnit::WorkingHours) && !self.works_on(day);
            if !skipped {
                number += 1;
            }
            let why = if skipped { self.free_words(day) } else { Text::new(format!("超 {number}"), format!("overdue {number}")) };
            let overdue_no = (!skipped).then_some(number);
            lines.push(LedgerLine { date: day, counted: false, day_no: None, ms: 0, overdue_no, why });
        }
    }

    /// Adds what happened on a day: due, an extension, the stop.
    fn add_remarks(&self, lines: &mut [LedgerLine], record: &ClockRecord, due: Date) {
        let mut remark = |date: Date, zh: &str, en: &str| {
            if let Some(line) = lines.iter_mut().rev().find(|line| line.date == date) {
                let more = Text::new(format!("{}；{zh}", line.why.zh), format!("{}; {en}", line.why.get(Language::En)));
                line.why = more;
            }
        };
        for (at, by, reason) in &record.extensions {
            let words = by.words();
            let en = format!("extended by {} ({reason})", words.get(Language::En));
            remark(self.date_of(*at), &format!("延长 {}（{reason}）", words.zh), &en);
        }
        remark(due, "到期", "due");
        if let Some(stopped) = record.stopped {
            remark(self.date_of(stopped), "停止计时", "stopped");
        }
    }
}

fn time_words(ms: i64) -> Text {
    let words = elapsed_words(ms);
    Text::new(format!("计 {}", words.zh), format!("counts {}", words.get(Language::En)))
}
