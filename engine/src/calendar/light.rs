//! The lamp of a step, a promise or a legal clock: state, shape and words.

use serde::{Deserialize, Serialize};

use super::{
    Calendar, ClockRecord, Due, Duration, DurationUnit, Left,
    duration::{amount_words, elapsed_words},
};
use crate::{text::Text, time::Moment};

/// What a lamp shows. Ordered by urgency, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LightState {
    /// 超期: the only red one.
    Overdue,
    /// 今日到期.
    DueToday,
    /// 临期.
    Warning,
    /// 正常.
    Normal,
    /// 计时暂停.
    Paused,
    /// 无时限, or the clock has stopped in time.
    None,
}

impl LightState {
    /// Its kebab-case code, fit for a class name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueToday => "due-today",
            Self::Warning => "warning",
            Self::Normal => "normal",
            Self::Paused => "paused",
            Self::None => "none",
        }
    }

    /// Its shape, so that it is not told by colour alone.
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Overdue => "✕",
            Self::DueToday => "◆",
            Self::Warning => "▲",
            Self::Normal => "●",
            Self::Paused => "Ⅱ",
            Self::None => "–",
        }
    }
}

/// A lamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Light {
    /// What it shows.
    pub state: LightState,
    /// In words, without the shape: 剩 6 个工作日.
    pub text: Text,
    /// When it is due; None without a limit.
    pub due: Option<Due>,
    /// What is left; None without a limit.
    pub left: Option<Left>,
}

impl Light {
    /// The lamp of what has no limit.
    pub fn none() -> Self {
        Self { state: LightState::None, text: Text::new("无时限", "no time limit"), due: None, left: None }
    }
}

impl Calendar {
    /// The lamp of a clock at `now`.
    ///
    /// `warn`: it warns when no more than any of these is left; empty: when no more than two working days and a fifth of
    /// the limit are left. A clock that stopped too late stays overdue.
    pub fn light(&self, record: &ClockRecord, warn: &[Duration], now: Moment) -> Light {
        let now = record.reading_time(now);
        let due = self.clock_due(record, now);
        let left = self.left_until(due, record.limit.unit, now);
        let mut lamp = Lamp { calendar: self, due, left, now };
        let (state, text) = if now > due.at {
            (LightState::Overdue, lamp.overdue())
        } else if record.stopped.is_some() {
            (LightState::None, lamp.stopped())
        } else if let Some(pause) = record.pause_at(now) {
            let days = self.date_of(now).duration_since(self.date_of(pause.from)).as_hours() / 24 + 1;
            let reason = &pause.reason;
            let text = Text::new(format!("计时暂停·{reason}（第 {days} 日）"), format!("paused: {reason} (day {days})"));
            (LightState::Paused, text)
        } else if self.date_of(due.at) == self.date_of(now) {
            (LightState::DueToday, lamp.today())
        } else if lamp.warns(record.limit, warn) {
            (LightState::Warning, lamp.running())
        } else {
            (LightState::Normal, lamp.running())
        };
        lamp.left.provisional = due.provisional;
        Light { state, text: lamp.mark(text), due: Some(due), left: Some(lamp.left) }
    }

    /// The lamp of a step that began at `started` and has `limit`, if any.
    pub fn step_light(&self, started: Moment, limit: Option<Duration>, now: Moment) -> Light {
        limit.map_or_else(Light::none, |limit| self.light(&ClockRecord::new(started, limit), &[], now))
    }
}

/// What the words are made of.
struct Lamp<'a> {
    calendar: &'a Calendar,
    due: Due,
    left: Left,
    now: Moment,
}

impl Lamp<'_> {
    fn amount(&self) -> Text {
        match self.left.unit {
            DurationUnit::Milliseconds => elapsed_words(self.left.ms.abs()),
            DurationUnit::WorkingHours if self.left.amount == 0 => elapsed_words(self.left.ms.abs()),
            unit => amount_words(self.left.amount.abs(), unit),
        }
    }

    fn running(&self) -> Text {
        let amount = self.amount();
        Text::new(format!("剩 {}", amount.zh), format!("{} left", en(&amount)))
    }

    fn today(&self) -> Text {
        let time = self.calendar.civil(self.due.at).strftime("%H:%M").to_string();
        Text::new(format!("今日 {time} 到期"), format!("due today at {time}"))
    }

    fn overdue(&self) -> Text {
        if self.left.amount == 0 && self.left.unit != DurationUnit::Milliseconds {
            let at = self.calendar.civil(self.due.at).strftime("%m-%d %H:%M").to_string();
            return Text::new(format!("已超期（{at} 到期）"), format!("overdue since {at}"));
        }
        let amount = self.amount();
        Text::new(format!("已超 {}", amount.zh), format!("overdue by {}", en(&amount)))
    }

    fn stopped(&self) -> Text {
        let amount = self.amount();
        Text::new(format!("按期完成，余 {}", amount.zh), format!("done in time, {} left", en(&amount)))
    }

    fn warns(&self, limit: Duration, warn: &[Duration]) -> bool {
        if warn.is_empty() {
            let fifth = Duration { amount: limit.amount / 5, unit: limit.unit };
            return self.reached(fifth) && self.reached(Duration::working_days(2));
        }
        warn.iter().any(|&left| self.reached(left))
    }

    /// Whether no more than `left` is left; days are told by the date, so that a lamp does not change within a day.
    fn reached(&self, left: Duration) -> bool {
        let at = self.calendar.before(self.due.at, left);
        match left.unit {
            DurationUnit::Days | DurationUnit::WorkingDays => self.calendar.date_of(at) <= self.calendar.date_of(self.now),
            DurationUnit::WorkingHours | DurationUnit::Milliseconds => at <= self.now,
        }
    }

    fn mark(&self, text: Text) -> Text {
        if !self.due.provisional {
            return text;
        }
        Text::new(format!("{}（暂定）", text.zh), format!("{} (provisional)", en(&text)))
    }
}

fn en(text: &Text) -> &str {
    text.get(crate::text::Language::En)
}
