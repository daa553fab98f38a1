//! Accounts, passwords and log-in sessions.

use tongban_engine::time::Moment;

use crate::store::{Store, StoreError};

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

#[expect(clippy::unused_async, unused_variables, reason = "signatures first; bodies follow")]
impl Store {
    /// Makes an account, or gives it a new password. Its owner must change it at the first log-in if `must_change`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_account(&self, login: &str, person: &str, password: &str, must_change: bool) -> Result<(), LoginError> {
        Err(StoreError::Closed.into())
    }

    /// Whether there is an account with this name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn has_account(&self, login: &str) -> Result<bool, StoreError> {
        Err(StoreError::Closed)
    }

    /// Logs in: the session and its token, which only the browser keeps.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(&self, login: &str, password: &str) -> Result<(Session, String), LoginError> {
        Err(LoginError::Refused)
    }

    /// The session of a token, if it is still valid; counts as use.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        Err(StoreError::Closed)
    }

    /// Changes the password of the session's person and ends all other sessions of hers.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn change_password(&self, token: &str, old: &str, new: &str) -> Result<(), LoginError> {
        Err(LoginError::Refused)
    }
}
