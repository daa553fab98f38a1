//! Accounts, passwords and log-in sessions.
//!
//! A session is a random token that only the browser keeps; the database holds its hash. It ends 15 minutes after its
//! last use and 10 hours after it began. While the clock is driven by hand (demonstration, tests) sessions do not end
//! by themselves: turning the clock on by a month is not a month in which nobody worked.

mod password;
mod sessions;

use tongban_engine::time::Moment;

use crate::store::{Deed, SYSTEM, Statement, Store, StoreError};

/// Letters of a new password, at least.
pub const PASSWORD_LETTERS_MIN: usize = 8;
/// Failures in a row after which log-ins to the account have to wait.
const FAILURES_FREE: i64 = 5;
/// The first such wait; each further failure doubles it.
const DELAY_MS: i64 = 15_000;
/// The longest wait. There is no lock for good: it would let anybody lock anybody out.
const DELAY_MS_MAX: i64 = 15 * 60_000;

const SET: &str = "INSERT INTO account (login, person, password, must_change, failures, delayed_until) VALUES ($1, $2, $3, $4, 0, 0) \
     ON CONFLICT (login) DO UPDATE SET person = excluded.person, password = excluded.password, must_change = excluded.must_change, \
     failures = 0, delayed_until = 0";
const ACCOUNT: &str = "SELECT person, password, must_change, failures, delayed_until FROM account WHERE login = $1";
const FAILED: &str = "UPDATE account SET failures = failures + 1, delayed_until = $2 WHERE login = $1";
const SUCCEEDED: &str = "UPDATE account SET failures = 0, delayed_until = 0 WHERE login = $1";
const REHASHED: &str = "UPDATE account SET password = $2 WHERE login = $1 AND password = $3";
const CHANGED: &str = "UPDATE account SET password = $2, must_change = 0, failures = 0, delayed_until = 0 WHERE login = $1";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&[&str]] = &[&[SET, ACCOUNT, FAILED, SUCCEEDED, REHASHED, CHANGED], sessions::STATEMENTS];

/// A log-in session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Person id.
    pub person: String,
    /// Must come back with every form.
    pub csrf: String,
    /// When it began.
    pub created_at: Moment,
    /// The password must be changed before anything else.
    pub must_change: bool,
}

/// Why a log-in failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown name or wrong password; which of them is not said.
    #[error("name or password is wrong")]
    Refused,
    /// Too many failures: try again at this moment.
    #[error("too many failed attempts")]
    Delayed(Moment),
    /// Too many log-ins at once.
    #[error("too many log-ins at once")]
    Busy,
    /// The new password is too short, or the old one again.
    #[error("{0}")]
    Password(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account as it rests.
struct Account {
    person: String,
    password: String,
    must_change: bool,
    failures: i64,
    delayed_until: Moment,
}

impl Store {
    /// Makes an account, or gives it a new password. Its owner must change it at the first log-in if `must_change`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_account(&self, login: &str, person: &str, password: &str, must_change: bool) -> Result<(), LoginError> {
        let hash = password::hash(&self.inner.keys, password).await?;
        let values = vec![login.into(), person.into(), hash.into(), must_change.into()];
        let deed = Deed::new(self.inner.clock.now(), SYSTEM, "account.set", "person", person);
        self.write_audited(vec![deed], vec![Statement::new("set an account", SET, values)]).await?;
        self.end_sessions(person, None).await?;
        Ok(())
    }

    /// Whether there is an account with this name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn has_account(&self, login: &str) -> Result<bool, StoreError> {
        Ok(self.account(login).await?.is_some())
    }

    /// Logs in: the session and its token, which only the browser keeps. An unknown name takes as long as a known one.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(&self, login: &str, password: &str) -> Result<(Session, String), LoginError> {
        let account = self.checked(login, password).await?;
        self.begin_session(login, &account.person, account.must_change).await
    }

    /// Changes the password of the session's person and ends all other sessions of hers.
    ///
    /// # Errors
    /// See [`LoginError`]; [`LoginError::Refused`] also if the session is over.
    pub async fn change_password(&self, token: &str, old: &str, new: &str) -> Result<(), LoginError> {
        let Some((login, session)) = self.session_row(token).await? else { return Err(LoginError::Refused) };
        if new.chars().count() < PASSWORD_LETTERS_MIN {
            return Err(LoginError::Password("the new password needs 8 characters at least"));
        }
        if new == old {
            return Err(LoginError::Password("the new password is the old one"));
        }
        self.checked(&login, old).await?;
        let hash = password::hash(&self.inner.keys, new).await?;
        let deed = Deed::new(self.inner.clock.now(), &*session.person, "password.changed", "person", &*session.person);
        self.write_audited(vec![deed], vec![Statement::new("change a password", CHANGED, vec![login.into(), hash.into()])]).await?;
        self.end_sessions(&session.person, Some(token)).await?;
        Ok(())
    }

    async fn account(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let rows = self.inner.readers.fetch("read an account", ACCOUNT, vec![login.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Account {
            person: row.text("person")?,
            password: row.text("password")?,
            must_change: row.int("must_change")? != 0,
            failures: row.int("failures")?,
            delayed_until: row.moment("delayed_until")?,
        }))
    }

    /// The account, if `password` is its own; counts failures.
    async fn checked(&self, login: &str, password: &str) -> Result<Account, LoginError> {
        let account = self.account(login).await?;
        let now = self.inner.clock.now();
        if let Some(until) = account.as_ref().map(|account| account.delayed_until).filter(|until| now < *until) {
            return Err(LoginError::Delayed(until));
        }
        let stored = account.as_ref().map(|account| account.password.clone());
        let right = password::verify(&self.inner.keys, password, stored).await?;
        match account {
            Some(account) if right => {
                self.note_success(login, password, &account).await?;
                Ok(account)
            }
            Some(account) => {
                let until = now.plus_ms(delay_ms(account.failures + 1));
                self.write_one(Statement::new("count a failed log-in", FAILED, vec![login.into(), until.into()])).await?;
                Err(LoginError::Refused)
            }
            None => Err(LoginError::Refused),
        }
    }

    async fn note_success(&self, login: &str, password: &str, account: &Account) -> Result<(), LoginError> {
        if account.failures > 0 {
            self.write_one(Statement::new("forget failed log-ins", SUCCEEDED, vec![login.into()])).await?;
        }
        if !password::is_current(&account.password) {
            let hash = password::hash(&self.inner.keys, password).await?;
            let values = vec![login.into(), hash.into(), account.password.as_str().into()];
            self.write_one(Statement::new("hash a password anew", REHASHED, values)).await?;
        }
        Ok(())
    }
}

/// How long log-ins wait after so many failures in a row.
fn delay_ms(failures: i64) -> i64 {
    let beyond = failures - FAILURES_FREE;
    if beyond < 0 {
        return 0;
    }
    DELAY_MS.saturating_mul(1_i64 << beyond.min(20)).min(DELAY_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_makes_wait_and_no_wait_is_for_good() {
        let waits: Vec<i64> = [1, 4, 5, 6, 7, 11, 500].map(delay_ms).to_vec();
        assert_eq!(waits, [0, 0, 15_000, 30_000, 60_000, 900_000, 900_000]);
    }
}
