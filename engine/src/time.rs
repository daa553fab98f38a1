//! Moments: UTC milliseconds, handed in by the shell; this crate never asks a clock.

use serde::{Deserialize, Serialize};

/// A moment in UTC milliseconds since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment `ms` milliseconds later (earlier if negative); stops at the ends of the range.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}
