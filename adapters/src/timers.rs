//! Fires due timers: sleeps until the next one is due, or is driven by [`Timers::tick`].

use std::time::Duration;

use tokio::task::JoinSet;
use tongban_engine::{
    interpreter::{Actor, Ask, CaseId, Command, LocalNo, codes},
    time::Moment,
};

use crate::{
    store::{Statement, Store, StoreError, SubmitError, shard_of},
    timed_starts,
};

/// Timers fired at once: enough to fill several commits.
const TIMERS_MAX: u32 = 500;
/// The loop looks at least so often: another process may have set a timer.
const IDLE_MS_MAX: i64 = 60_000;
/// The same while the clock is driven by hand, for then nobody can tell how long to sleep.
const IDLE_DRIVEN_MS: i64 = 500;
/// A timer that could not be fired is left alone so long, then twice as long, and so on.
const BACK_OFF_MS: i64 = 5_000;
/// The longest of those waits.
const BACK_OFF_MS_MAX: i64 = 3_600_000;

const DUE: &str =
    "SELECT case_id, timer, due, attempts FROM timer WHERE due <= $1 AND lease_until <= $1 ORDER BY due, case_id, timer LIMIT $2";
const NEXT: &str = "SELECT CAST(min(next_at) AS BIGINT) AS next_at FROM (\
     SELECT min(CASE WHEN lease_until > due THEN lease_until ELSE due END) AS next_at FROM timer UNION ALL \
     SELECT min(CASE WHEN lease_until > due THEN lease_until ELSE due END) AS next_at FROM start_timer WHERE done = 0) AS each_table";
const STALE: &str = "DELETE FROM timer WHERE shard = $1 AND case_id = $2 AND timer = $3 AND due = $4";
const LEAVE: &str =
    "UPDATE timer SET lease_until = $5, attempts = attempts + 1 WHERE shard = $1 AND case_id = $2 AND timer = $3 AND due = $4";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[DUE, NEXT, STALE, LEAVE];

/// Fires due timers.
#[derive(Clone, Debug)]
pub struct Timers {
    store: Store,
}

/// A timer whose time has come.
#[derive(Debug)]
struct DueTimer {
    case: CaseId,
    timer: LocalNo,
    due: Moment,
    attempts: i64,
}

impl Timers {
    /// Timers of a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Fires what is due by the store's clock, until nothing is; says how many fired.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let mut fired = self.begin_cases().await?;
        loop {
            let due = self.due().await?;
            if due.is_empty() {
                return Ok(fired);
            }
            let mut under_way = JoinSet::new();
            for timer in due {
                let store = self.store.clone();
                under_way.spawn(async move { fire(&store, timer).await });
            }
            while let Some(done) = under_way.join_next().await {
                fired += usize::from(done.map_err(|error| StoreError::corrupt("fire a timer", error.to_string()))??);
            }
        }
    }

    /// Begins the cases of start events whose moment has come; says how many began.
    async fn begin_cases(&self) -> Result<usize, StoreError> {
        let mut begun = 0;
        loop {
            let now = self.store.clock().now();
            let due = self.store.due_starts(now, TIMERS_MAX).await?;
            if due.is_empty() {
                return Ok(begun);
            }
            for timer in due {
                match timed_starts::begin(&self.store, &timer, now).await? {
                    Some(now_begun) => {
                        begun += now_begun;
                        self.store.move_start(&timer, now).await?;
                    }
                    None => self.store.leave_start(&timer, now.plus_ms(back_off_ms(timer.attempts))).await?,
                }
            }
        }
    }

    /// Fires timers until the store closes.
    pub async fn run(self) {
        let mut commits = self.store.commits();
        loop {
            let mut sleep_ms = IDLE_MS_MAX;
            match self.tick().await {
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "timers could not be fired; tried again soon");
                    sleep_ms = BACK_OFF_MS;
                }
                Ok(_) => sleep_ms = self.idle_ms().await.unwrap_or(sleep_ms),
            }
            let sleep = Duration::from_millis(u64::try_from(sleep_ms).unwrap_or(0));
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                changed = commits.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn due(&self) -> Result<Vec<DueTimer>, StoreError> {
        let values = vec![self.store.clock().now().into(), TIMERS_MAX.into()];
        let rows = self.store.inner.readers.fetch("look for due timers", DUE, values).await?;
        rows.iter()
            .map(|row| {
                Ok(DueTimer {
                    case: row.text("case_id")?,
                    timer: row.small("timer")?,
                    due: row.moment("due")?,
                    attempts: row.int("attempts")?,
                })
            })
            .collect()
    }

    /// How long there is nothing to do.
    async fn idle_ms(&self) -> Result<i64, StoreError> {
        if self.store.clock().driven() {
            return Ok(IDLE_DRIVEN_MS);
        }
        let rows = self.store.inner.readers.fetch("look for the next timer", NEXT, Vec::new()).await?;
        let next = rows.first().map_or(Ok(None), |row| row.opt_moment("next_at"))?;
        let wait = next.map_or(IDLE_MS_MAX, |next| next.0.saturating_sub(self.store.clock().now().0));
        Ok(wait.clamp(0, IDLE_MS_MAX))
    }
}

/// Fires one timer; says whether it fired. What stands in its way is dealt with: a row that the case knows nothing of goes,
/// anything else is left alone for a while, so that it does not hold up the others.
async fn fire(store: &Store, timer: DueTimer) -> Result<bool, StoreError> {
    let DueTimer { case, timer, due, attempts } = timer;
    let now = store.clock().now();
    let key = format!("timer:{case}:{timer}:{}", due.0);
    let command = Command { case: case.clone(), key, actor: Actor::System, at: now, ask: Ask::FireTimer { timer } };
    let mut row = vec![shard_of(&case).into(), case.as_str().into(), timer.into(), due.into()];
    match store.submit(command).await {
        // A replayed answer: it fired before, and its row should have gone with it.
        Ok(answer) if answer.replayed => store.write_one(Statement::new("drop a stale timer", STALE, row)).await.map(|_| false),
        Ok(_) => Ok(true),
        Err(SubmitError::Rejected(refused)) if gone(&refused.code) => {
            store.write_one(Statement::new("drop a stale timer", STALE, row)).await.map(|_| false)
        }
        Err(SubmitError::Store(StoreError::Closed)) => Err(StoreError::Closed),
        Err(error) => {
            tracing::warn!(case, timer, %error, "a timer could not be fired; it is tried again later");
            row.push(now.plus_ms(back_off_ms(attempts)).into());
            store.write_one(Statement::new("leave a timer alone", LEAVE, row)).await.map(|_| false)
        }
    }
}

/// Whether a refusal says that there is no such timer any more.
fn gone(code: &str) -> bool {
    [codes::GONE, codes::CASE_ENDED, codes::CASE_UNKNOWN].contains(&code)
}

/// How long a timer is left alone after so many failures before this one.
fn back_off_ms(attempts: i64) -> i64 {
    BACK_OFF_MS.saturating_mul(1_i64 << attempts.clamp(0, 20)).min(BACK_OFF_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fire_is_left_alone_ever_longer() {
        assert_eq!([0, 1, 2, 40].map(back_off_ms), [5_000, 10_000, 20_000, 3_600_000]);
    }
}
