//! Guessing has to wait: failures are counted for an account and an address together, for an address alone, and wrong
//! codes for a person alone, because whoever tries them knows her password already and may have many addresses.
//!
//! An attempt is counted before the password is looked at, so that many at once are not more than many in a row.

use tongban_engine::time::Moment;

use super::{LoginError, Origin};
use crate::store::{Statement, Store, StoreError};

/// Failures from one address within a minute, at most.
const MINUTE_MAX: i64 = 20;
const MINUTE_MS: i64 = 60_000;
/// Wrong codes of a person within an hour, at most, wherever they come from.
const CODES_MAX: i64 = 30;
const HOUR_MS: i64 = 3_600_000;
/// Stands for all addresses together.
const ANYWHERE: &str = "*";
/// Failures are forgotten after so long.
const FORGOTTEN_MS: i64 = 86_400_000;
/// Attempts at one account from one address at once, at most.
const RACES_MAX: usize = 8;

const READ: &str = "SELECT failures, delayed_until, at FROM attempt WHERE who = $1 AND address = $2";
const FIRST: &str = "INSERT INTO attempt (who, address, failures, delayed_until, at) VALUES ($1, $2, 1, 0, $3) \
     ON CONFLICT (who, address) DO NOTHING";
const AGAIN: &str = "UPDATE attempt SET failures = $3, delayed_until = $4, at = $5 \
     WHERE who = $1 AND address = $2 AND failures = $6 AND at = $7";
const FORGET: &str = "DELETE FROM attempt WHERE who = $1 AND address = $2";
const WITHIN: &str = "INSERT INTO attempt (who, address, failures, delayed_until, at) VALUES ($1, $2, 1, 0, $3) \
     ON CONFLICT (who, address) DO UPDATE SET failures = CASE WHEN attempt.at = excluded.at THEN attempt.failures + 1 ELSE 1 END, \
     at = excluded.at";
const PURGE: &str = "DELETE FROM attempt WHERE at < $1";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[READ, FIRST, AGAIN, FORGET, WITHIN, PURGE];

/// What was counted so far.
struct Counted {
    failures: i64,
    delayed_until: Moment,
    at: Moment,
}

impl Store {
    /// Counts an attempt at `login` as a failure until it is forgotten.
    pub(super) async fn count_attempt(&self, login: &str, origin: &Origin) -> Result<(), LoginError> {
        let (who, network) = (self.attempt_key(login), origin.network());
        self.must_be_below(MINUTE_MAX, "", &network, MINUTE_MS).await?;
        let now = self.inner.clock.now();
        for _ in 0..RACES_MAX {
            let won = match self.counted(&who, &network).await? {
                None => {
                    let values = vec![who.as_str().into(), network.as_str().into(), now.into()];
                    self.write_one(Statement::new("count an attempt", FIRST, values)).await?.touched
                }
                Some(counted) if now < counted.delayed_until => return Err(LoginError::Delayed(counted.delayed_until)),
                Some(counted) => {
                    let failures = if now >= counted.at.plus_ms(FORGOTTEN_MS) { 1 } else { counted.failures + 1 };
                    let until = now.plus_ms(self.inner.settings.passwords.delay_ms(failures));
                    let key = [who.as_str().into(), network.as_str().into()];
                    let rest = [failures.into(), until.into(), now.into(), counted.failures.into(), counted.at.into()];
                    let values = key.into_iter().chain(rest).collect();
                    self.write_one(Statement::new("count another attempt", AGAIN, values)).await?.touched
                }
            };
            if won > 0 {
                return Ok(());
            }
        }
        Err(LoginError::Busy)
    }

    /// It succeeded.
    pub(super) async fn forget_attempts(&self, login: &str, origin: &Origin) -> Result<(), StoreError> {
        let values = vec![self.attempt_key(login).into(), origin.network().into()];
        self.write_one(Statement::new("forget failed attempts", FORGET, values)).await.map(drop)
    }

    /// Refuses further codes for a person when too many were wrong within this hour.
    pub(super) async fn may_try_codes(&self, person: &str) -> Result<(), LoginError> {
        self.must_be_below(CODES_MAX, &self.attempt_key(person), ANYWHERE, HOUR_MS).await
    }

    /// It failed: the address has one attempt less this minute.
    pub(super) fn failed_from(&self, origin: &Origin) -> Statement {
        self.failed_within(String::new(), origin.network(), MINUTE_MS)
    }

    /// A code was wrong: the person has one less this hour.
    pub(super) fn failed_code(&self, person: &str) -> Statement {
        self.failed_within(self.attempt_key(person), ANYWHERE.to_owned(), HOUR_MS)
    }

    fn failed_within(&self, who: String, address: String, window_ms: i64) -> Statement {
        let begun = window(self.inner.clock.now(), window_ms);
        Statement::new("count a failure of a window", WITHIN, vec![who.into(), address.into(), begun.into()])
    }

    async fn must_be_below(&self, max: i64, who: &str, address: &str, window_ms: i64) -> Result<(), LoginError> {
        let begun = window(self.inner.clock.now(), window_ms);
        match self.counted(who, address).await? {
            Some(counted) if counted.at == begun && counted.failures >= max => Err(LoginError::Delayed(begun.plus_ms(window_ms))),
            _ => Ok(()),
        }
    }

    /// Forgets failures of long ago.
    pub(crate) async fn purge_attempts(&self) -> Result<u64, StoreError> {
        let before = self.inner.clock.now().plus_ms(-FORGOTTEN_MS);
        Ok(self.write_one(Statement::new("forget old attempts", PURGE, vec![before.into()])).await?.touched)
    }

    async fn counted(&self, who: &str, network: &str) -> Result<Option<Counted>, StoreError> {
        let rows = self.inner.readers.fetch("read failed attempts", READ, vec![who.into(), network.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Counted { failures: row.int("failures")?, delayed_until: row.moment("delayed_until")?, at: row.moment("at")? }))
    }

    /// What was typed as a name may be a password: it is not kept as it is.
    fn attempt_key(&self, login: &str) -> String {
        self.inner.keys.keyed_hash(&[b"attempt", login.as_bytes()])
    }
}

/// When the window of that length began in which `at` lies.
fn window(at: Moment, length_ms: i64) -> Moment {
    Moment(at.0 - at.0.rem_euclid(length_ms))
}
