//! Values as a column sees them: read from a literal or from data, ordered, and shown again.

use std::str::FromStr;

use jiff::{
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::Value;

use crate::form::FieldType;

/// One value of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    /// Nothing was given.
    Absent,
    /// A boolean.
    Flag(bool),
    /// A text, a code, an id.
    Word(String),
    /// A number; days since 1970 for a date; seconds of the day for a time, and since 1970 on the zone's own clocks for a
    /// date and time.
    Number(Decimal),
}

/// How the values of a type lie beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Flag,
    Word,
    Whole,
    /// Two decimals at most.
    Cents,
    /// Between two numbers there is always another.
    Exact,
    Day,
    /// Of a day.
    Minute,
    Second,
    /// Lists and records, into which only expressions look.
    Closed,
}

impl Scale {
    pub(super) fn of(of: &FieldType) -> Self {
        match of {
            FieldType::Boolean => Self::Flag,
            FieldType::Integer => Self::Whole,
            FieldType::Money => Self::Cents,
            FieldType::Decimal => Self::Exact,
            FieldType::Date => Self::Day,
            FieldType::Time => Self::Minute,
            FieldType::DateTime => Self::Second,
            FieldType::List(_) | FieldType::Record(_) => Self::Closed,
            _ => Self::Word,
        }
    }

    /// Whether values have an order that rules may use.
    pub(super) fn is_ordered(self) -> bool {
        !matches!(self, Self::Flag | Self::Word | Self::Closed)
    }

    /// The distance of neighbours; None if there are none.
    pub(super) fn step(self) -> Option<Decimal> {
        match self {
            Self::Whole | Self::Day | Self::Second => Some(Decimal::ONE),
            Self::Cents => Some(Decimal::new(1, 2)),
            Self::Minute => Some(Decimal::from(60)),
            _ => None,
        }
    }

    /// The value that a literal says: `5`, `true`, `high`, `"high"`, `2026-01-01`, `date("2026-01-01")`, `@"2026-01-01"`.
    pub(super) fn literal(self, text: &str, zone: &TimeZone) -> Option<Point> {
        let text = text.trim();
        match self {
            Self::Flag => text.parse().ok().map(Point::Flag),
            Self::Word => Some(Point::Word(unquoted(text).map_or_else(|| text.to_owned(), str::to_owned))),
            Self::Whole | Self::Cents | Self::Exact => Decimal::from_str(text).ok().map(Point::Number),
            Self::Closed => None,
            Self::Day => self.temporal(bare(text, &["date"]), zone),
            Self::Minute => self.temporal(bare(text, &["time"]), zone),
            Self::Second => self.temporal(bare(text, &["date and time", "datetime", "date"]), zone),
        }
    }

    /// The value of a piece of data; None if it is of another kind.
    pub(super) fn point(self, value: &Value, zone: &TimeZone) -> Option<Point> {
        match (self, value) {
            (_, Value::Null) => Some(Point::Absent),
            (Self::Flag, Value::Bool(flag)) => Some(Point::Flag(*flag)),
            (Self::Word, Value::String(text)) => Some(Point::Word(text.clone())),
            (Self::Whole | Self::Cents | Self::Exact, Value::Number(number)) => {
                let text = number.to_string();
                Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok().map(Point::Number)
            }
            (Self::Whole | Self::Cents | Self::Exact, Value::String(text)) => Decimal::from_str(text).ok().map(Point::Number),
            (Self::Day | Self::Minute | Self::Second, Value::String(text)) => self.temporal(text, zone),
            // Only expressions look into it.
            (Self::Closed, Value::Array(_) | Value::Object(_)) => Some(Point::Word(String::new())),
            _ => None,
        }
    }

    fn temporal(self, text: &str, zone: &TimeZone) -> Option<Point> {
        let number = match self {
            Self::Minute => seconds(text.parse::<Time>().ok()?),
            Self::Day => days(crate::rules::date_in(text, zone)?),
            _ => {
                let at = match text.parse::<jiff::Timestamp>() {
                    Ok(moment) => zone.to_datetime(moment),
                    Err(_) => text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0))).ok()?,
                };
                days(at.date()) * 86_400 + seconds(at.time())
            }
        };
        Some(Point::Number(Decimal::from(number)))
    }

    /// The value as people write it.
    pub(super) fn show(self, point: &Point) -> String {
        match point {
            Point::Absent => "null".to_owned(),
            Point::Flag(flag) => flag.to_string(),
            Point::Word(word) => word.clone(),
            Point::Number(number) => self.show_number(*number),
        }
    }

    fn show_number(self, number: Decimal) -> String {
        let whole = number.floor().to_i64().unwrap_or_default();
        let day = |days: i64| {
            let away = jiff::Span::new().try_days(days).ok();
            away.and_then(|away| EPOCH.checked_add(away).ok()).map_or_else(|| number.to_string(), |day| day.to_string())
        };
        let clock = |seconds: i64| format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60);
        match self {
            Self::Day => day(whole),
            Self::Minute => clock(whole),
            Self::Second => {
                let rest = whole.rem_euclid(86_400);
                format!("{}T{}:{:02}", day(whole.div_euclid(86_400)), clock(rest), rest % 60)
            }
            _ => number.normalize().to_string(),
        }
    }

    /// What is expected, for messages.
    pub(super) fn sample(self) -> (&'static str, &'static str) {
        match self {
            Self::Flag => ("true 或 false", "true or false"),
            Self::Word => ("一个词", "a word"),
            Self::Whole => ("整数，如 5", "a whole number such as 5"),
            Self::Cents | Self::Exact => ("数，如 5.20", "a number such as 5.20"),
            Self::Day => ("日期，如 2026-01-01", "a date such as 2026-01-01"),
            Self::Minute => ("时刻，如 09:30", "a time such as 09:30"),
            Self::Second => ("日期与时刻，如 2026-01-01T09:30", "a date and time such as 2026-01-01T09:30"),
            Self::Closed => ("“-”或含 ? 的表达式", "`-`, or an expression with `?`"),
        }
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn days(date: Date) -> i64 {
    EPOCH.until(date).map_or(0, |span| i64::from(span.get_days()))
}

fn seconds(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// What stands between quotes, if nothing else does.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(inner)
}

/// The ISO text in `date("…")`, `@"…"`, `"…"`, or as it stands.
fn bare<'a>(text: &'a str, calls: &[&str]) -> &'a str {
    let called = calls.iter().find_map(|call| text.strip_prefix(call)?.trim_start().strip_prefix('(')?.strip_suffix(')'));
    let inner = called.unwrap_or_else(|| text.strip_prefix('@').unwrap_or(text)).trim();
    unquoted(inner).unwrap_or(inner)
}
