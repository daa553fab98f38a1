//! Durations as designers write them: `15d`, `5wd`, `4wh`, `30min`, `PT10S`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// Longest duration that is taken, in days: about a hundred years. Every search through days ends because of it.
const DAYS_MAX: i64 = 36_525;
/// Milliseconds of a day of 24 hours.
const DAY_MS: i64 = 86_400_000;

/// What a duration counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DurationUnit {
    /// `d`: calendar days; the last one rolls on to a working day.
    Days,
    /// `wd`: working days.
    WorkingDays,
    /// `wh`: working hours.
    WorkingHours,
    /// Elapsed milliseconds (`s`, `min`, `h`, ISO 8601): never working time.
    Milliseconds,
}

/// An amount of time in one unit, never negative. Serialised as it is displayed, such as `"5wd"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration {
    /// How many.
    pub amount: i64,
    /// Of what.
    pub unit: DurationUnit,
}

impl Duration {
    /// `amount` calendar days.
    pub const fn days(amount: i64) -> Self {
        Self { amount, unit: DurationUnit::Days }
    }

    /// `amount` working days.
    pub const fn working_days(amount: i64) -> Self {
        Self { amount, unit: DurationUnit::WorkingDays }
    }

    /// `amount` working hours.
    pub const fn working_hours(amount: i64) -> Self {
        Self { amount, unit: DurationUnit::WorkingHours }
    }

    /// `amount` elapsed milliseconds.
    pub const fn milliseconds(amount: i64) -> Self {
        Self { amount, unit: DurationUnit::Milliseconds }
    }

    /// Reads `15d`, `5wd`, `4wh`, `30min`, `2h`, `10s`, or ISO 8601 without years and months (`PT10S`, `P3D`).
    ///
    /// ISO 8601 is elapsed time: `P3D` is 72 hours, `3d` is three days of the calendar.
    ///
    /// # Errors
    /// What is wrong with the text and what would be right, in both languages.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let duration = if text.starts_with(['P', 'p']) { iso(text) } else { short(text) }?;
        let days = match duration.unit {
            DurationUnit::Days | DurationUnit::WorkingDays => duration.amount,
            DurationUnit::WorkingHours => duration.amount / 24,
            DurationUnit::Milliseconds => duration.amount / DAY_MS,
        };
        if days > DAYS_MAX {
            return Err(Text::new(format!("时长“{text}”超过一百年"), format!("the duration `{text}` is longer than a hundred years")));
        }
        Ok(duration)
    }

    /// The words for people: 5 个工作日, 15 日, 4 工作小时, 30 分钟.
    pub fn words(self) -> Text {
        amount_words(self.amount, self.unit)
    }
}

/// `amount` of `unit` in words; elapsed time in the largest unit that divides it.
pub(super) fn amount_words(amount: i64, unit: DurationUnit) -> Text {
    let s = if amount == 1 { "" } else { "s" };
    match unit {
        DurationUnit::Days => Text::new(format!("{amount} 日"), format!("{amount} day{s}")),
        DurationUnit::WorkingDays => Text::new(format!("{amount} 个工作日"), format!("{amount} working day{s}")),
        DurationUnit::WorkingHours => Text::new(format!("{amount} 个工作小时"), format!("{amount} working hour{s}")),
        DurationUnit::Milliseconds => elapsed_words(amount),
    }
}

/// Elapsed time, rounded down to the minute, or to the second below a minute: 3 小时 20 分钟.
pub(super) fn elapsed_words(ms: i64) -> Text {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    match (hours, minutes) {
        (0, 0) => Text::new(format!("{seconds} 秒"), format!("{seconds} s")),
        (0, _) => Text::new(format!("{minutes} 分钟"), format!("{minutes} min")),
        (_, 0) => Text::new(format!("{hours} 小时"), format!("{hours} h")),
        _ => Text::new(format!("{hours} 小时 {minutes} 分钟"), format!("{hours} h {minutes} min")),
    }
}

fn short(text: &str) -> Result<Duration, Text> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let amount: i64 = number.parse().map_err(|_| wrong(text))?;
    let (unit, factor) = match unit {
        "d" => (DurationUnit::Days, 1),
        "wd" => (DurationUnit::WorkingDays, 1),
        "wh" => (DurationUnit::WorkingHours, 1),
        "s" => (DurationUnit::Milliseconds, 1000),
        "min" => (DurationUnit::Milliseconds, 60_000),
        "h" => (DurationUnit::Milliseconds, 3_600_000),
        _ => return Err(wrong(text)),
    };
    amount.checked_mul(factor).map(|amount| Duration { amount, unit }).ok_or_else(|| wrong(text))
}

/// ISO 8601 through jiff. Years and months have no fixed length, so they are refused; a week is 7 × 24 hours.
fn iso(text: &str) -> Result<Duration, Text> {
    let span: jiff::Span = text.parse().map_err(|_| wrong(text))?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(Text::new(
            format!("“{text}”中的年、月长短不定；请改用日，如 30d"),
            format!("years and months in `{text}` have no fixed length; write days, such as 30d"),
        ));
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let hours = days * 24 + i64::from(span.get_hours());
    let seconds = (hours * 60).checked_add(span.get_minutes()).and_then(|m| m.checked_mul(60)?.checked_add(span.get_seconds()));
    let ms = seconds.and_then(|s| s.checked_mul(1000)?.checked_add(span.get_milliseconds()));
    match ms {
        Some(amount) if amount >= 0 => Ok(Duration::milliseconds(amount)),
        _ => Err(wrong(text)),
    }
}

fn wrong(text: &str) -> Text {
    Text::new(
        format!("“{text}”不是时长；可写 15d（日）、5wd（工作日）、4wh（工作小时）、30min、2h、10s，或 ISO 8601，如 PT10S"),
        format!(
            "`{text}` is not a duration; write 15d (days), 5wd (working days), 4wh (working hours), 30min, 2h, 10s, or ISO 8601 such as PT10S"
        ),
    )
}

/// The canonical text, which reads back to the same duration: elapsed time in the largest of `h`, `min` and `s` that
/// divides it, below a second in ISO 8601.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount;
        match self.unit {
            DurationUnit::Days => write!(f, "{amount}d"),
            DurationUnit::WorkingDays => write!(f, "{amount}wd"),
            DurationUnit::WorkingHours => write!(f, "{amount}wh"),
            DurationUnit::Milliseconds if amount == 0 => f.write_str("0s"),
            DurationUnit::Milliseconds if amount % 3_600_000 == 0 => write!(f, "{}h", amount / 3_600_000),
            DurationUnit::Milliseconds if amount % 60_000 == 0 => write!(f, "{}min", amount / 60_000),
            DurationUnit::Milliseconds if amount % 1000 == 0 => write!(f, "{}s", amount / 1000),
            DurationUnit::Milliseconds => write!(f, "PT{}.{:03}S", amount / 1000, amount % 1000),
        }
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

impl TryFrom<String> for Duration {
    type Error = Text;

    fn try_from(text: String) -> Result<Self, Text> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_designers_write() {
        let table = [
            ("15d", Duration::days(15)),
            ("5wd", Duration::working_days(5)),
            ("4wh", Duration::working_hours(4)),
            ("30min", Duration::milliseconds(1_800_000)),
            ("2h", Duration::milliseconds(7_200_000)),
            ("10s", Duration::milliseconds(10_000)),
            ("PT10S", Duration::milliseconds(10_000)),
            ("P3D", Duration::milliseconds(3 * DAY_MS)),
            ("P1W", Duration::milliseconds(7 * DAY_MS)),
            ("PT0.5S", Duration::milliseconds(500)),
        ];
        for (text, expected) in table {
            assert_eq!(Duration::parse(text), Ok(expected), "{text}");
            assert_eq!(Duration::parse(&expected.to_string()), Ok(expected), "{expected} reads back");
        }
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in [
            "",
            "d",
            "5",
            "-5d",
            "5 d",
            "5m",
            "1.5d",
            "5工作日",
            "P",
            "P1M",
            "P1Y",
            "-PT5S",
            "40000d",
            "9999999999999999999s",
            "99999999999999999h",
        ] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn short_forms_display_as_written() {
        for text in ["15d", "5wd", "4wh", "30min", "2h", "10s", "PT0.500S"] {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
    }
}
