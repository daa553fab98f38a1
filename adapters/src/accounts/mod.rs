//! Accounts, passwords, second factors and log-in sessions.
//!
//! Whoever logs in shows a password, or comes from the office's identity platform; then, if she has one or must have one,
//! a second factor. What is kept of secrets are hashes under a key that is not in the database, and sealed seeds. Every
//! log-in, failed or not, and every change of what one logs in with is noted in the audit.

mod attempts;
mod deeds;
mod factor;
mod identity;
mod log_in;
mod origin;
mod password;
mod profile;
mod sessions;

pub use factor::Offer;
pub use identity::{Arrival, Identity};
pub use origin::Origin;
pub use profile::{PASSWORD_LETTERS_MAX, PASSWORD_LETTERS_MIN, PasswordFault, Passwords};
pub use sessions::{FRESH_MS, SessionRow};

use serde_json::json;
use tongban_engine::{organisation::Person, time::Moment};

use self::deeds::done;
use crate::store::{SYSTEM, Statement, Store, StoreError};

const SET: &str = "INSERT INTO account (login, person, password, must_change, changed_at, disabled) VALUES ($1, $2, $3, $4, $5, 0) \
     ON CONFLICT (login) DO UPDATE SET person = excluded.person, password = excluded.password, must_change = excluded.must_change, \
     changed_at = excluded.changed_at";
const ACCOUNT: &str = "SELECT login, person, password, must_change, changed_at, disabled FROM account WHERE login = $1";
const OF_PERSON: &str = "SELECT login, person, password, must_change, changed_at, disabled FROM account WHERE person = $1 ORDER BY login";
const ALL: &str = "SELECT a.login, a.person, a.must_change, a.changed_at, a.disabled, f.since FROM account a \
     LEFT JOIN second_factor f ON f.person = a.person AND f.secret IS NOT NULL ORDER BY a.login";
const DISABLE: &str = "UPDATE account SET disabled = $2 WHERE person = $1";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&[&str]] = &[
    &[SET, ACCOUNT, OF_PERSON, ALL, DISABLE],
    attempts::STATEMENTS,
    factor::STATEMENTS,
    identity::STATEMENTS,
    log_in::STATEMENTS,
    sessions::STATEMENTS,
];

/// Duties whose holders' sessions end sooner when they are not used.
const ADMINISTRATION: [&str; 3] = ["people", "grants", "audit"];

/// A log-in session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name in lists; not its token.
    pub id: String,
    /// Person id.
    pub person: String,
    /// The account she logged in with; empty if she came from the identity platform.
    pub login: String,
    /// Must come back with every form.
    pub csrf: String,
    /// When it began.
    pub created_at: Moment,
    /// When she last showed who she is.
    pub fresh_at: Moment,
    /// What must be done before anything else.
    pub awaits: Option<Awaited>,
}

/// What a session waits for before it is good for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The second factor: until then nobody is logged in.
    SecondFactor,
    /// A password of her own choice.
    NewPassword,
    /// A second factor, which everybody must have here.
    Enrolment,
}

/// An account as it is told to who administers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its name.
    pub login: String,
    /// Whose it is.
    pub person: String,
    /// When its password was set.
    pub changed_at: Moment,
    /// The password was given by somebody else.
    pub must_change: bool,
    /// Nobody can log in with it.
    pub disabled: bool,
    /// Since when its owner has a second factor.
    pub factor_since: Option<Moment>,
}

/// Why a log-in failed, or a change of what one logs in with.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown name or wrong password or code; which of them is not said. Or the session is over.
    #[error("name or password is wrong")]
    Refused,
    /// Too many failures: try again at this moment.
    #[error("too many failed attempts")]
    Delayed(Moment),
    /// Too many log-ins at once.
    #[error("too many log-ins at once")]
    Busy,
    /// The new password will not do.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account as it rests.
struct Account {
    login: String,
    person: String,
    password: String,
    must_change: bool,
    changed_at: Moment,
    disabled: bool,
}

impl Store {
    /// Makes an account, or gives it a new password. Its owner must change it at the first log-in if `must_change`. What
    /// the password is like is not looked at: whoever gives one makes it at random.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_account(&self, login: &str, person: &str, password: &str, must_change: bool) -> Result<(), LoginError> {
        self.give_password(login, person, password, must_change, SYSTEM).await
    }

    /// The same, by somebody.
    ///
    /// # Errors
    /// The store failed.
    pub async fn give_password(&self, login: &str, person: &str, password: &str, must_change: bool, by: &str) -> Result<(), LoginError> {
        let hash = password::hash(&self.inner.keys, password).await?;
        let values = vec![login.into(), person.into(), hash.into(), must_change.into(), self.inner.clock.now().into()];
        let deed = done(self, by, "password.given", "person", person, Some(&json!({ "login": login })));
        self.write_audited(vec![deed], vec![Statement::new("set an account", SET, values)]).await?;
        self.end_sessions(person, None, by).await?;
        Ok(())
    }

    /// Whether there is an account with this name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn has_account(&self, login: &str) -> Result<bool, StoreError> {
        Ok(self.account(login).await?.is_some())
    }

    /// The person's account with a password here, if she has one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn account_of(&self, person: &str) -> Result<Option<AccountRow>, StoreError> {
        let Some(Account { login, person, must_change, changed_at, disabled, .. }) = self.account_by(OF_PERSON, person).await? else {
            return Ok(None);
        };
        let factor_since = self.factor_since(&person).await?;
        Ok(Some(AccountRow { login, person, changed_at, must_change, disabled, factor_since }))
    }

    /// All accounts with a password here, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let rows = self.inner.readers.fetch("list accounts", ALL, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                Ok(AccountRow {
                    login: row.text("login")?,
                    person: row.text("person")?,
                    changed_at: row.moment("changed_at")?,
                    must_change: row.int("must_change")? != 0,
                    disabled: row.int("disabled")? != 0,
                    factor_since: row.opt_int("since")?.map(Moment),
                })
            })
            .collect()
    }

    /// The profile for passwords and what belongs to them.
    pub fn passwords(&self) -> Passwords {
        self.inner.settings.passwords
    }

    /// Closes the person's account, or opens it again; closing ends her sessions.
    ///
    /// # Errors
    /// The store failed.
    pub async fn disable_account(&self, person: &str, disabled: bool, by: &str) -> Result<(), StoreError> {
        let word = if disabled { "account.disabled" } else { "account.enabled" };
        let statement = Statement::new("disable an account", DISABLE, vec![person.into(), disabled.into()]);
        self.write_audited(vec![done(self, by, word, "person", person, None)], vec![statement]).await?;
        if disabled { self.end_sessions(person, None, by).await } else { Ok(()) }
    }

    async fn account(&self, login: &str) -> Result<Option<Account>, StoreError> {
        self.account_by(ACCOUNT, login).await
    }

    async fn account_by(&self, sql: &'static str, name: &str) -> Result<Option<Account>, StoreError> {
        let rows = self.inner.readers.fetch("read an account", sql, vec![name.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Account {
            login: row.text("login")?,
            person: row.text("person")?,
            password: row.text("password")?,
            must_change: row.int("must_change")? != 0,
            changed_at: row.moment("changed_at")?,
            disabled: row.int("disabled")? != 0,
        }))
    }

    /// Whether somebody is with the office now: whoever left cannot log in.
    fn is_here(&self, person: &str) -> bool {
        self.organisation().people.contains_key(person)
    }

    /// Whether somebody looks after people, rights or the audit.
    fn administers(&self, person: &Person) -> bool {
        let roles = self.roles();
        let mut held = person.posts.iter().filter_map(|post| roles.get(&post.role));
        held.any(|role| role.may.iter().any(|duty| ADMINISTRATION.contains(&duty.as_str())))
    }
}
