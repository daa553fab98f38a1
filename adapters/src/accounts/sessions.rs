//! Sessions: rows under the hash of their token.

use sm3::{Digest, Sm3};
use tongban_engine::time::Moment;

use super::{LoginError, Session};
use crate::store::{Statement, Store, StoreError};

/// A session ends so long after its last use.
const IDLE_MS: i64 = 15 * 60_000;
/// A session ends so long after it began, however much it is used.
const ABSOLUTE_MS: i64 = 10 * 3_600_000;
/// Use is noted so often at most.
const NOTED_MS: i64 = 60_000;

const BEGIN: &str =
    "INSERT INTO session (token, person, login, csrf, created_at, used_at, must_change) VALUES ($1, $2, $3, $4, $5, $5, $6)";
const ONE: &str = "SELECT person, login, csrf, created_at, used_at, must_change FROM session WHERE token = $1";
const USED: &str = "UPDATE session SET used_at = $2 WHERE token = $1";
const END: &str = "DELETE FROM session WHERE token = $1";
const END_OTHERS: &str = "DELETE FROM session WHERE person = $1 AND token <> $2";
const KEPT: &str = "UPDATE session SET must_change = 0 WHERE token = $1";
const PURGE: &str = "DELETE FROM session WHERE used_at < $1 OR created_at < $2";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[BEGIN, ONE, USED, END, END_OTHERS, KEPT, PURGE];

/// What stands in the database for a token.
fn hashed(token: &str) -> String {
    hex::encode(Sm3::digest(token.as_bytes()))
}

impl Store {
    /// The session of a token, if it is still valid; counts as use.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, StoreError> {
        Ok(self.session_row(token).await?.map(|(_, session)| session))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        self.write_one(Statement::new("end a session", END, vec![hashed(token).into()])).await.map(drop)
    }

    pub(super) async fn begin_session(&self, login: &str, person: &str, must_change: bool) -> Result<(Session, String), LoginError> {
        let random = || self.inner.keys.random::<32>().map(hex::encode).map_err(StoreError::from);
        let (token, csrf, now) = (random()?, random()?, self.inner.clock.now());
        let values = vec![hashed(&token).into(), person.into(), login.into(), csrf.as_str().into(), now.into(), must_change.into()];
        self.write_one(Statement::new("begin a session", BEGIN, values)).await?;
        Ok((Session { person: person.to_owned(), csrf, created_at: now, must_change }, token))
    }

    /// The account and session of a token, if it is still valid; counts as use.
    pub(super) async fn session_row(&self, token: &str) -> Result<Option<(String, Session)>, StoreError> {
        let token = hashed(token);
        let rows = self.inner.readers.fetch("read a session", ONE, vec![token.as_str().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (created_at, used_at, now) = (row.moment("created_at")?, row.moment("used_at")?, self.inner.clock.now());
        if !self.inner.clock.driven() && over(created_at, used_at, now) {
            return Ok(None);
        }
        if now >= used_at.plus_ms(NOTED_MS) {
            self.write_one(Statement::new("note that a session is used", USED, vec![token.into(), now.into()])).await?;
        }
        let session =
            Session { person: row.text("person")?, csrf: row.text("csrf")?, created_at, must_change: row.int("must_change")? != 0 };
        Ok(Some((row.text("login")?, session)))
    }

    /// Ends the person's sessions, that of `but` excepted, which need not change the password any more.
    pub(super) async fn end_sessions(&self, person: &str, but: Option<&str>) -> Result<(), StoreError> {
        let kept = but.map(hashed).unwrap_or_default();
        let ended = Statement::new("end sessions", END_OTHERS, vec![person.into(), kept.as_str().into()]);
        self.write(vec![ended, Statement::new("keep a session", KEPT, vec![kept.into()])]).await.map(drop)
    }

    /// Forgets sessions that are over.
    pub(crate) async fn purge_sessions(&self) -> Result<u64, StoreError> {
        let now = self.inner.clock.now();
        if self.inner.clock.driven() {
            return Ok(0);
        }
        let values = vec![now.plus_ms(-IDLE_MS - NOTED_MS).into(), now.plus_ms(-ABSOLUTE_MS).into()];
        Ok(self.write_one(Statement::new("forget sessions that are over", PURGE, values)).await?.touched)
    }
}

/// Whether a session is over. Use is noted once a minute, so that up to a minute of idling is forgiven.
fn over(created_at: Moment, used_at: Moment, now: Moment) -> bool {
    now >= used_at.plus_ms(IDLE_MS + NOTED_MS) || now >= created_at.plus_ms(ABSOLUTE_MS)
}
