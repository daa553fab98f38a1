//! Who somebody is at an identity platform: issuer and subject together, never a name or an address that may change hands.

use serde_json::json;
use tongban_engine::time::Moment;

use super::{
    Awaited, LoginError, Origin, Session,
    deeds::{NOBODY, done, from},
    sessions::Beginning,
};
use crate::{
    seal::seal_text,
    store::{Statement, Store, StoreError},
};

const WHO: &str = "SELECT person FROM identity WHERE issuer = $1 AND subject = $2";
const OF_PERSON: &str = "SELECT issuer, subject, at FROM identity WHERE person = $1 ORDER BY issuer, subject";
const BIND: &str = "INSERT INTO identity (issuer, subject, person, at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING";
const UNBIND: &str = "DELETE FROM identity WHERE issuer = $1 AND subject = $2 AND person = $3";
const ID_TOKEN: &str = "SELECT id, id_token FROM session WHERE person = $1 AND id = $2";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[WHO, OF_PERSON, BIND, UNBIND, ID_TOKEN];

/// Whose key seals what the platform says of people.
const SUBJECT: &str = "~identities";

/// Somebody at an identity platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The platform's address.
    pub issuer: String,
    /// What it calls her, for ever.
    pub subject: String,
    /// When she was bound to a person here.
    pub at: Moment,
}

/// Somebody whom the platform sent.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Who she is here.
    pub person: &'a str,
    /// The platform has asked for a second factor.
    pub strong: bool,
    /// When she showed the platform who she is, if it says so.
    pub shown_at: Option<Moment>,
    /// What the platform says of her.
    pub id_token: &'a str,
}

impl Store {
    /// The person whom an identity belongs to.
    ///
    /// # Errors
    /// The store failed.
    pub async fn person_of(&self, issuer: &str, subject: &str) -> Result<Option<String>, StoreError> {
        let rows = self.inner.readers.fetch("read an identity", WHO, vec![issuer.into(), subject.into()]).await?;
        rows.first().map(|row| row.text("person")).transpose()
    }

    /// Identities of a person.
    ///
    /// # Errors
    /// The store failed.
    pub async fn identities_of(&self, person: &str) -> Result<Vec<Identity>, StoreError> {
        let rows = self.inner.readers.fetch("list identities", OF_PERSON, vec![person.into()]).await?;
        rows.iter().map(|row| Ok(Identity { issuer: row.text("issuer")?, subject: row.text("subject")?, at: row.moment("at")? })).collect()
    }

    /// Says whom an identity belongs to; false: it belongs to somebody already.
    ///
    /// # Errors
    /// The store failed.
    pub async fn bind_identity(&self, issuer: &str, subject: &str, person: &str, by: &str) -> Result<bool, StoreError> {
        if self.person_of(issuer, subject).await?.is_some() {
            return Ok(false);
        }
        let deed = done(self, by, "identity.bound", "person", person, Some(&json!({"issuer": issuer, "subject": subject})));
        let values = vec![issuer.into(), subject.into(), person.into(), self.inner.clock.now().into()];
        self.write_audited(vec![deed], vec![Statement::new("bind an identity", BIND, values)]).await?;
        Ok(self.person_of(issuer, subject).await?.as_deref() == Some(person))
    }

    /// Takes an identity from a person, and ends her sessions.
    ///
    /// # Errors
    /// The store failed.
    pub async fn unbind_identity(&self, issuer: &str, subject: &str, person: &str, by: &str) -> Result<(), StoreError> {
        let deed = done(self, by, "identity.unbound", "person", person, Some(&json!({"issuer": issuer, "subject": subject})));
        let values = vec![issuer.into(), subject.into(), person.into()];
        self.write_audited(vec![deed], vec![Statement::new("unbind an identity", UNBIND, values)]).await?;
        self.end_sessions(person, None, by).await
    }

    /// Begins a session of somebody whom the identity platform sent.
    ///
    /// # Errors
    /// [`LoginError::Refused`]: she is not here any more, or her account is closed.
    pub async fn log_in_from_platform(&self, arrival: &Arrival<'_>, origin: &Origin) -> Result<(Session, String), LoginError> {
        let Arrival { person, strong, shown_at, id_token } = *arrival;
        let closed = self.account_of(person).await?.is_some_and(|account| account.disabled);
        if closed || !self.is_here(person) {
            self.refuse_from_platform(origin).await?;
            return Err(LoginError::Refused);
        }
        let awaits = match () {
            () if strong => None,
            () if self.has_factor(person).await? => Some(Awaited::SecondFactor),
            () => self.inner.settings.passwords.second_factor().then_some(Awaited::Enrolment),
        };
        let sealed = seal_text(&self.key_of(SUBJECT).await?, &place(person), id_token).map_err(StoreError::from)?;
        let how = if strong { "platform-strong" } else { "platform" };
        // who does not say when may have shown it this morning
        let fresh_at = shown_at.unwrap_or_default().min(self.inner.clock.now());
        self.begin_session(&Beginning { login: "", person, awaits, how, fresh_at, id_token: Some(sealed) }, origin).await
    }

    /// Notes that the platform sent somebody who is nobody here.
    ///
    /// # Errors
    /// The store failed.
    pub async fn refuse_from_platform(&self, origin: &Origin) -> Result<(), StoreError> {
        self.note(done(self, NOBODY, "session.refused", "account", "", Some(&from(origin, "platform")))).await
    }

    /// What the platform said of the session's person, for telling it that she logs out.
    ///
    /// # Errors
    /// The store failed.
    pub async fn id_token(&self, session: &Session) -> Result<Option<String>, StoreError> {
        let values = vec![session.person.as_str().into(), session.id.as_str().into()];
        let rows = self.inner.readers.fetch("read an identity token", ID_TOKEN, values).await?;
        let Some(sealed) = rows.first().map(|row| row.opt_text("id_token")).transpose()?.flatten() else { return Ok(None) };
        let plain = self.key_of(SUBJECT).await?.open(&place(&session.person), &sealed)?;
        Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
    }
}

fn place(person: &str) -> String {
    format!("session|id_token|{person}")
}
