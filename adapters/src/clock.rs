//! The clock that the shell hands to everything: the system's, or one that a test or a demonstration drives.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use tongban_engine::time::Moment;

/// Says what time it is.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now, UTC.
    fn now(&self) -> Moment;

    /// Whether it is driven by hand (tests, `--now`): pages show a banner then.
    fn driven(&self) -> bool {
        false
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        // The one place that reads the machine's clock; before 1970 counts as 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until somebody sets it.
#[derive(Debug)]
pub struct DrivenClock(AtomicI64);

impl DrivenClock {
    /// Stands at `at`.
    pub fn at(at: Moment) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Sets it.
    pub fn set(&self, at: Moment) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Moves it on by `ms` milliseconds and says what it shows then.
    pub fn advance(&self, ms: i64) -> Moment {
        Moment(self.0.fetch_add(ms, Ordering::SeqCst).saturating_add(ms))
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }

    fn driven(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driven_clock_moves_only_when_told() {
        let clock = DrivenClock::at(Moment(1_000));
        assert_eq!((clock.now(), clock.now()), (Moment(1_000), Moment(1_000)));
        assert_eq!(clock.advance(500), Moment(1_500));
        clock.set(Moment(7));
        assert!(clock.now() == Moment(7) && clock.driven() && !SystemClock.driven());
    }
}
