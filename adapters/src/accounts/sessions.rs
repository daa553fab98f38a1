//! Sessions: rows under the hash of their token.
//!
//! A session is a random token that only the browser keeps; the database holds its hash. It ends 15 minutes after its
//! last use (10 for administrators) and 10 hours after it began. While the clock is driven by hand (demonstration, tests)
//! sessions do not end by themselves: turning the clock on by a month is not a month in which nobody worked.

use serde_json::json;
use sm3::{Digest, Sm3};
use tongban_engine::time::Moment;

use super::{
    Awaited, LoginError, Origin, Session,
    deeds::{done, from},
};
use crate::store::{Deed, Statement, Store, StoreError};

/// Whoever showed who she is so long ago or less, in milliseconds, need not show it again.
pub const FRESH_MS: i64 = 5 * 60_000;
/// A session ends so long after its last use.
const IDLE_MS: i64 = 15 * 60_000;
/// The same for who looks after people, rights or the audit.
const IDLE_ADMINISTRATION_MS: i64 = 10 * 60_000;
/// A session ends so long after it began, however much it is used.
const ABSOLUTE_MS: i64 = 10 * 3_600_000;
/// The second factor must be given so long after the password at the latest.
const HALF_MS: i64 = 5 * 60_000;
/// Use is noted so often at most.
const NOTED_MS: i64 = 60_000;
/// Sessions forgotten in one commit, at most.
const PURGE_MAX: u32 = 500;

const BEGIN: &str = "INSERT INTO session (token, id, person, login, csrf, created_at, used_at, fresh_at, awaits, address, browser, id_token) \
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11)";
const ONE: &str = "SELECT id, person, login, csrf, created_at, used_at, fresh_at, awaits FROM session WHERE token = $1";
const OF_PERSON: &str = "SELECT token, id, created_at, used_at, address, browser FROM session WHERE person = $1 AND awaits <> 'second-factor' \
     ORDER BY used_at DESC, id";
const USED: &str = "UPDATE session SET used_at = $2 WHERE token = $1";
const RENEW: &str = "UPDATE session SET token = $2, awaits = $3, fresh_at = $4, used_at = $5 WHERE token = $1";
const END: &str = "DELETE FROM session WHERE token = $1";
const END_ONE: &str = "DELETE FROM session WHERE person = $1 AND id = $2";
const END_OTHERS: &str = "DELETE FROM session WHERE person = $1 AND token <> $2";
const OVER: &str = "SELECT id, person, token FROM session WHERE used_at < $1 OR created_at < $2 ORDER BY token LIMIT $3";
const PEOPLE: &str = "SELECT DISTINCT person FROM session ORDER BY person";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[BEGIN, ONE, OF_PERSON, USED, RENEW, END, END_ONE, END_OTHERS, OVER, PEOPLE];

/// A session as its owner sees it in the list of hers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its name; not its token.
    pub id: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub used_at: Moment,
    /// Network address; empty if it is not known.
    pub address: String,
    /// Family of browsers; empty for a program.
    pub browser: String,
}

/// What a session begins with.
pub(super) struct Beginning<'a> {
    /// Account; empty for who came from the identity platform.
    pub(super) login: &'a str,
    pub(super) person: &'a str,
    pub(super) awaits: Option<Awaited>,
    /// How she showed who she is, for the audit.
    pub(super) how: &'a str,
    /// When she showed it.
    pub(super) fresh_at: Moment,
    /// Sealed.
    pub(super) id_token: Option<String>,
}

impl Awaited {
    fn word(awaits: Option<Self>) -> &'static str {
        match awaits {
            None => "",
            Some(Self::SecondFactor) => "second-factor",
            Some(Self::NewPassword) => "new-password",
            Some(Self::Enrolment) => "enrolment",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::SecondFactor, Self::NewPassword, Self::Enrolment].into_iter().find(|awaited| Self::word(Some(*awaited)) == word)
    }
}

/// What stands in the database for a token.
fn hashed(token: &str) -> String {
    hex::encode(Sm3::digest(token.as_bytes()))
}

impl Store {
    /// The session of a token, if it is still valid; counts as use. Whoever left has none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, StoreError> {
        let token = hashed(token);
        let rows = self.inner.readers.fetch("read a session", ONE, vec![token.as_str().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (used_at, now) = (row.moment("used_at")?, self.inner.clock.now());
        let session = Session {
            id: row.text("id")?,
            person: row.text("person")?,
            login: row.text("login")?,
            csrf: row.text("csrf")?,
            created_at: row.moment("created_at")?,
            fresh_at: row.moment("fresh_at")?,
            awaits: Awaited::of(&row.text("awaits")?),
        };
        let organisation = self.organisation();
        let Some(person) = organisation.people.get(&session.person) else {
            self.end_sessions(&session.person, None, "system").await?;
            return Ok(None);
        };
        let idle = if self.administers(person) { IDLE_ADMINISTRATION_MS } else { IDLE_MS };
        if !self.inner.clock.driven() && over(&session, used_at, idle, now) {
            return Ok(None);
        }
        if now >= used_at.plus_ms(NOTED_MS) {
            self.write_one(Statement::new("note that a session is used", USED, vec![token.into(), now.into()])).await?;
        }
        Ok(Some(session))
    }

    /// Sessions of a person that are not over, last used first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sessions_of(&self, person: &str) -> Result<Vec<SessionRow>, StoreError> {
        let rows = self.inner.readers.fetch("list sessions", OF_PERSON, vec![person.into()]).await?;
        let (now, driven) = (self.inner.clock.now(), self.inner.clock.driven());
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let (created_at, used_at) = (row.moment("created_at")?, row.moment("used_at")?);
            if driven || (now < used_at.plus_ms(IDLE_MS) && now < created_at.plus_ms(ABSOLUTE_MS)) {
                let (address, browser) = (row.text("address")?, row.text("browser")?);
                found.push(SessionRow { id: row.text("id")?, created_at, used_at, address, browser });
            }
        }
        Ok(found)
    }

    /// Ends a session at its owner's wish.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        let Some(session) = self.session(token).await? else { return Ok(()) };
        let deed = ended(self, &session.person, &session.id, "log-out");
        let statement = Statement::new("end a session", END, vec![hashed(token).into()]);
        self.write_audited(vec![deed], vec![statement]).await.map(drop)
    }

    /// Ends one session of a person; says whether there was one of that name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_session(&self, person: &str, id: &str, by: &str) -> Result<bool, StoreError> {
        if !self.sessions_of(person).await?.iter().any(|session| session.id == id) {
            return Ok(false);
        }
        let statement = Statement::new("end one session", END_ONE, vec![person.into(), id.into()]);
        self.write_audited(vec![ended(self, by, id, "ended")], vec![statement]).await?;
        Ok(true)
    }

    /// Ends a person's sessions, that of the token `but` excepted.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_sessions(&self, person: &str, but: Option<&str>, by: &str) -> Result<(), StoreError> {
        let kept = but.map(hashed).unwrap_or_default();
        let mut deeds = Vec::new();
        for row in &self.inner.readers.fetch("list sessions", OF_PERSON, vec![person.into()]).await? {
            if row.text("token")? != kept {
                deeds.push(ended(self, by, &row.text("id")?, "ended"));
            }
        }
        let statement = Statement::new("end sessions", END_OTHERS, vec![person.into(), kept.into()]);
        self.write_audited(deeds, vec![statement]).await.map(drop)
    }

    /// Begins a session under a new token.
    pub(super) async fn begin_session(&self, with: &Beginning<'_>, origin: &Origin) -> Result<(Session, String), LoginError> {
        let random = || self.inner.keys.random::<32>().map(hex::encode).map_err(StoreError::from);
        let (token, csrf, now) = (random()?, random()?, self.inner.clock.now());
        let session = Session {
            id: hex::encode(self.inner.keys.random::<8>().map_err(StoreError::from)?),
            person: with.person.to_owned(),
            login: with.login.to_owned(),
            csrf,
            created_at: now,
            fresh_at: with.fresh_at,
            awaits: with.awaits,
        };
        let values = vec![
            hashed(&token).into(),
            session.id.as_str().into(),
            with.person.into(),
            with.login.into(),
            session.csrf.as_str().into(),
            now.into(),
            with.fresh_at.into(),
            Awaited::word(with.awaits).into(),
            origin.address().into(),
            origin.browser().into(),
            with.id_token.clone().into(),
        ];
        // half a log-in is none yet
        let word = if with.awaits == Some(Awaited::SecondFactor) { "session.asked" } else { "session.begun" };
        let deed = done(self, with.person, word, "session", &session.id, Some(&from(origin, with.how)));
        self.write_audited(vec![deed], vec![Statement::new("begin a session", BEGIN, values)]).await?;
        Ok((session, token))
    }

    /// Gives a session a new token, because it is good for more than before; `fresh` if she has just shown who she is.
    pub(super) async fn renew_session(&self, token: &str, awaits: Option<Awaited>, fresh: bool) -> Result<(Session, String), LoginError> {
        let mut session = self.session(token).await?.ok_or(LoginError::Refused)?;
        let new = self.inner.keys.random::<32>().map(hex::encode).map_err(StoreError::from)?;
        let now = self.inner.clock.now();
        session.awaits = awaits;
        if fresh {
            session.fresh_at = now;
        }
        let values = vec![hashed(token).into(), hashed(&new).into(), Awaited::word(awaits).into(), session.fresh_at.into(), now.into()];
        match self.write_one(Statement::new("renew a session", RENEW, values)).await?.touched {
            0 => Err(LoginError::Refused),
            _ => Ok((session, new)),
        }
    }

    /// Forgets sessions that are over, and those of people who left.
    pub(crate) async fn purge_sessions(&self) -> Result<u64, StoreError> {
        for row in &self.inner.readers.fetch("list who is logged in", PEOPLE, Vec::new()).await? {
            let person = row.text("person")?;
            if !self.is_here(&person) {
                self.end_sessions(&person, None, "system").await?;
            }
        }
        let now = self.inner.clock.now();
        if self.inner.clock.driven() {
            return Ok(0);
        }
        let values = vec![now.plus_ms(-IDLE_MS - NOTED_MS).into(), now.plus_ms(-ABSOLUTE_MS).into(), PURGE_MAX.into()];
        let rows = self.inner.readers.fetch("list sessions that are over", OVER, values).await?;
        let (mut deeds, mut statements) = (Vec::new(), Vec::new());
        for row in &rows {
            deeds.push(ended(self, "system", &row.text("id")?, "over"));
            statements.push(Statement::new("forget a session that is over", END, vec![row.text("token")?.into()]));
        }
        self.write_audited(deeds, statements).await?;
        Ok(rows.len() as u64)
    }
}

fn ended(store: &Store, by: &str, id: &str, how: &str) -> Deed {
    done(store, by, "session.ended", "session", id, Some(&json!({"by": how})))
}

/// Whether a session is over. Use is noted once a minute, so that up to a minute of idling is forgiven.
fn over(session: &Session, used_at: Moment, idle_ms: i64, now: Moment) -> bool {
    let half = session.awaits == Some(Awaited::SecondFactor) && now >= session.created_at.plus_ms(HALF_MS);
    half || now >= used_at.plus_ms(idle_ms + NOTED_MS) || now >= session.created_at.plus_ms(ABSOLUTE_MS)
}
