//! Logging in: the password, then what else is awaited; and changing the password.

use super::{
    Account, Awaited, LoginError, Origin, PasswordFault, Session,
    deeds::{NOBODY, done, from},
    password,
    sessions::Beginning,
};
use crate::store::{Statement, Store, StoreError};

/// Former passwords kept of an account.
const FORMER_MAX: i64 = 5;

const REHASHED: &str = "UPDATE account SET password = $2 WHERE login = $1 AND password = $3";
const CHANGED: &str = "UPDATE account SET password = $2, must_change = 0, changed_at = $3 WHERE login = $1";
const FORMER: &str = "SELECT password FROM former_password WHERE login = $1 ORDER BY at DESC LIMIT $2";
const KEEP_FORMER: &str = "INSERT INTO former_password (login, at, password) VALUES ($1, $2, $3) ON CONFLICT (login, at) DO NOTHING";
const DROP_FORMER: &str = "DELETE FROM former_password WHERE login = $1 AND at NOT IN \
     (SELECT at FROM former_password WHERE login = $1 ORDER BY at DESC LIMIT $2)";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[REHASHED, CHANGED, FORMER, KEEP_FORMER, DROP_FORMER];

impl Store {
    /// Logs in with a password: the session and its token, which only the browser keeps. An unknown name takes as long
    /// as a known one. What the session awaits is to be asked next.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(&self, login: &str, password: &str, origin: &Origin) -> Result<(Session, String), LoginError> {
        let account = self.checked(login, password, origin).await?;
        let awaits = self.awaited_of(&account).await?;
        let beginning =
            Beginning { login, person: &account.person, awaits, how: "password", fresh_at: self.inner.clock.now(), id_token: None };
        self.begin_session(&beginning, origin).await
    }

    /// Changes the password of the session's person, ends all other sessions of hers, and gives this one a new token.
    ///
    /// # Errors
    /// See [`LoginError`]; [`LoginError::Refused`] also if the session is over or has no password.
    pub async fn change_password(&self, token: &str, old: &str, new: &str, origin: &Origin) -> Result<String, LoginError> {
        let Some(session) = self.session(token).await?.filter(|session| session.awaits != Some(Awaited::SecondFactor)) else {
            return Err(LoginError::Refused);
        };
        let login = session.login.as_str();
        let organisation = self.organisation();
        let name = organisation.people.get(&session.person).map_or("", |person| person.name.as_str());
        let profile = self.inner.settings.passwords;
        if new == old {
            return Err(PasswordFault::Same.into());
        }
        profile.check(new, &[login, name])?;
        let account = self.checked(login, old, origin).await?;
        self.must_be_new(&account, new).await?;
        let hash = password::hash(&self.inner.keys, new).await?;
        let now = self.inner.clock.now();
        let statements = vec![
            Statement::new("keep a former password", KEEP_FORMER, vec![login.into(), now.into(), account.password.into()]),
            Statement::new("forget older passwords", DROP_FORMER, vec![login.into(), FORMER_MAX.into()]),
            Statement::new("change a password", CHANGED, vec![login.into(), hash.into(), now.into()]),
        ];
        let deed = done(self, &session.person, "password.changed", "account", login, Some(&from(origin, "password")));
        self.write_audited(vec![deed], statements).await?;
        self.end_sessions(&session.person, Some(token), &session.person).await?;
        let enrolled = self.has_factor(&session.person).await?;
        let awaits = (profile.second_factor() && !enrolled).then_some(Awaited::Enrolment);
        Ok(self.renew_session(token, awaits, true).await?.1)
    }

    /// What an account's owner is asked for after her password.
    async fn awaited_of(&self, account: &Account) -> Result<Option<Awaited>, StoreError> {
        if self.has_factor(&account.person).await? {
            return Ok(Some(Awaited::SecondFactor));
        }
        Ok(self.awaited_besides_factor(account).or_else(|| self.inner.settings.passwords.second_factor().then_some(Awaited::Enrolment)))
    }

    /// The same once the second factor is settled.
    pub(super) fn awaited_besides_factor(&self, account: &Account) -> Option<Awaited> {
        let now = self.inner.clock.now();
        let old = self.inner.settings.passwords.age_ms_max().is_some_and(|age| now >= account.changed_at.plus_ms(age));
        (account.must_change || old).then_some(Awaited::NewPassword)
    }

    /// The account, if `password` is its own and it is open; counts and notes failures.
    pub(super) async fn checked(&self, login: &str, password: &str, origin: &Origin) -> Result<Account, LoginError> {
        self.count_attempt(login, origin).await?;
        let account = self.account(login).await?;
        let stored = account.as_ref().map(|account| account.password.clone());
        let right = password::verify(&self.inner.keys, password, stored).await?;
        match account {
            Some(account) if right && !account.disabled && self.is_here(&account.person) => {
                self.forget_attempts(login, origin).await?;
                self.rehash(&account, password).await?;
                Ok(account)
            }
            // a name that is not known may be a mistyped password: it is not noted
            account => {
                self.refuse(account.as_ref().map_or("", |account| account.login.as_str()), origin, "password", None).await?;
                Err(LoginError::Refused)
            }
        }
    }

    /// Notes a failed log-in to an account, and what else counts it.
    pub(super) async fn refuse(&self, login: &str, origin: &Origin, how: &str, more: Option<Statement>) -> Result<(), StoreError> {
        let deed = done(self, NOBODY, "session.refused", "account", login, Some(&from(origin, how)));
        let statements = more.into_iter().chain([self.failed_from(origin)]).collect();
        self.write_audited(vec![deed], statements).await.map(drop)
    }

    async fn must_be_new(&self, account: &Account, new: &str) -> Result<(), LoginError> {
        let former = i64::try_from(self.inner.settings.passwords.remembered() - 1).unwrap_or_default();
        let rows = self.inner.readers.fetch("read former passwords", FORMER, vec![account.login.as_str().into(), former.into()]).await?;
        for row in &rows {
            if password::verify(&self.inner.keys, new, Some(row.text("password")?)).await? {
                return Err(PasswordFault::Used.into());
            }
        }
        Ok(())
    }

    async fn rehash(&self, account: &Account, password: &str) -> Result<(), LoginError> {
        if password::is_current(&account.password) {
            return Ok(());
        }
        let hash = password::hash(&self.inner.keys, password).await?;
        let values = vec![account.login.as_str().into(), hash.into(), account.password.as_str().into()];
        self.write_one(Statement::new("hash a password anew", REHASHED, values)).await?;
        Ok(())
    }
}
