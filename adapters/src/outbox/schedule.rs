//! When to try again, and when to leave a destination alone for a while. Pure: time and luck are handed in.

use std::collections::BTreeMap;

use tongban_engine::time::Moment;

/// Waits between attempts.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Wait after the first failed attempt, the second, …; the last one repeats. Milliseconds.
    pub waits_ms: Vec<i64>,
    /// Up to this share of a wait is added at random, in hundredths, so that what failed together does not come back together.
    pub jitter_percent: i64,
    /// After so many attempts an item is dead, and waits for an operator.
    pub attempts_max: u32,
}

impl Default for Schedule {
    /// 5 s, 30 s, 2 min, 10 min, 30 min, then every 2 h: about nine days until an item is given up.
    fn default() -> Self {
        Self { waits_ms: vec![5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000], jitter_percent: 20, attempts_max: 110 }
    }
}

impl Schedule {
    /// Wait after failed attempt number `attempt` (1 = the first), milliseconds; `luck` is any number.
    pub fn wait_ms(&self, attempt: u32, luck: u64) -> i64 {
        let step = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = self.waits_ms.get(step).or(self.waits_ms.last()).copied().unwrap_or(0);
        let room = wait / 100 * self.jitter_percent;
        wait + i64::try_from(luck % (u64::try_from(room).unwrap_or(0) + 1)).unwrap_or(0)
    }
}

/// A circuit breaker for each destination: after some failures in a row it opens, and nothing is tried until it is time
/// to try once more.
#[derive(Debug, Default)]
pub struct Breakers {
    by_destination: BTreeMap<String, Breaker>,
}

#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    open_until: Option<Moment>,
}

/// Failures in a row that open a breaker.
pub const FAILURES_TO_OPEN: u32 = 5;
/// How long it stays open at most: an outage of days must not delay the first delivery after it by hours.
const OPEN_MS_MAX: i64 = 120_000;

impl Breakers {
    /// Destinations that are not to be tried at `now`.
    pub fn closed_to_us(&self, now: Moment) -> Vec<String> {
        self.by_destination
            .iter()
            .filter(|(_, breaker)| breaker.open_until.is_some_and(|until| now < until))
            .map(|(destination, _)| destination.clone())
            .collect()
    }

    /// Whether `destination` has failed so often that one item at a time is tried.
    pub fn probing(&self, destination: &str) -> bool {
        self.by_destination.get(destination).is_some_and(|breaker| breaker.open_until.is_some())
    }

    /// Until when `destination` is left alone, if it failed too often.
    pub fn open_until(&self, destination: &str) -> Option<Moment> {
        self.by_destination.get(destination)?.open_until
    }

    /// A delivery went well.
    pub fn succeeded(&mut self, destination: &str) {
        self.by_destination.remove(destination);
    }

    /// The destination did not answer, or not as it should. Says when it may be tried again, if the breaker is open now.
    pub fn failed(&mut self, destination: &str, now: Moment, schedule: &Schedule, luck: u64) -> Option<Moment> {
        let breaker = self.by_destination.entry(destination.to_owned()).or_default();
        breaker.failures = breaker.failures.saturating_add(1);
        if breaker.failures >= FAILURES_TO_OPEN {
            let wait = schedule.wait_ms(breaker.failures - FAILURES_TO_OPEN + 1, luck).min(OPEN_MS_MAX);
            breaker.open_until = Some(now.plus_ms(wait));
        }
        breaker.open_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_then_stay() {
        let schedule = Schedule { jitter_percent: 0, ..Schedule::default() };
        let waits: Vec<i64> = (1..=8).map(|attempt| schedule.wait_ms(attempt, 99)).collect();
        assert_eq!(waits, [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 7_200_000, 7_200_000]);
        let total: i64 = (1..schedule.attempts_max).map(|attempt| schedule.wait_ms(attempt, 0)).sum();
        assert!(total > 3 * 86_400_000, "an outage of three days is survived");
    }

    #[test]
    fn jitter_adds_at_most_its_share() {
        let schedule = Schedule::default();
        for luck in [0, 1, 999, 1_000, u64::MAX] {
            let wait = schedule.wait_ms(1, luck);
            assert!((5_000..=6_000).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn a_breaker_opens_probes_and_closes() {
        let (schedule, mut breakers) = (Schedule { jitter_percent: 0, ..Schedule::default() }, Breakers::default());
        for _ in 1..FAILURES_TO_OPEN {
            assert_eq!(breakers.failed("platform:p", Moment(0), &schedule, 0), None);
        }
        assert_eq!(breakers.failed("platform:p", Moment(0), &schedule, 0), Some(Moment(5_000)));
        assert_eq!(breakers.closed_to_us(Moment(4_999)), ["platform:p"]);
        assert!(breakers.closed_to_us(Moment(5_000)).is_empty() && breakers.probing("platform:p"));
        assert_eq!(breakers.failed("platform:p", Moment(5_000), &schedule, 0), Some(Moment(35_000)));
        breakers.succeeded("platform:p");
        assert!(breakers.closed_to_us(Moment(6_000)).is_empty() && !breakers.probing("platform:p"));
    }
}
