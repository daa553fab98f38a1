//! Durations as designers write them: `15d`, `5wd`, `4wh`, `30min`, `PT10S`.

use serde::{Deserialize, Serialize};

/// What a duration counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// An amount of time in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Duration {
    /// How many.
    pub amount: i64,
    /// Of what.
    pub unit: DurationUnit,
}
