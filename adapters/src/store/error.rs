//! What can go wrong in the store, each with what was being done.

use tongban_engine::{diagnostic::Finding, interpreter::Rejection};

use crate::seal::SealError;

/// What is being done when a transaction is committed.
pub(crate) const COMMIT: &str = "commit";

/// The store could not do something: our fault or the world's, never the asker's.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("could not {doing}: {source}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the driver says.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// What was read makes no sense.
    #[error("could not {doing}: {what}")]
    Corrupt {
        /// What was being done.
        doing: &'static str,
        /// What is wrong, and where.
        what: String,
    },
    /// A file could not be read or written.
    #[error("could not {doing}: {source}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// What the work stands on was taken away meanwhile.
    #[error("could not {0}: somebody else was first")]
    Overtaken(&'static str),
    /// A value could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The address of the store is of no known kind.
    #[error("the store's address must begin with sqlite:// or postgres://, not `{0}`")]
    Address(String),
    /// The SQLite library is too old.
    #[error("SQLite {found} has a known fault in its write-ahead log; at least {least} is needed")]
    SqliteTooOld {
        /// The version found.
        found: String,
        /// The least version.
        least: &'static str,
    },
    /// The key file is another than the one that the store was used with.
    #[error("root key `{0}` in the key file is not the one that this store was sealed under: restore the key file that belongs to it")]
    WrongKeys(String),
    /// What was to be changed is not there any more as it was: somebody else was first, and nothing was written.
    #[error("could not {doing}: somebody else was first")]
    Untouched {
        /// What was being done.
        doing: &'static str,
    },
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn corrupt(doing: &'static str, what: impl Into<String>) -> Self {
        Self::Corrupt { doing, what: what.into() }
    }

    /// A lost race: what was read has changed since, so that the same work may succeed when it is done again.
    pub(crate) fn lost_race(&self) -> bool {
        let source = match self {
            Self::Database { source, .. } => source,
            other => return matches!(other, Self::Overtaken(_)),
        };
        let sqlx::Error::Database(error) = source.as_ref() else { return false };
        // 40001 serialization failure, 40P01 deadlock (PostgreSQL).
        error.is_unique_violation() || matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether it was the commit that failed, which may have taken effect all the same.
    pub(crate) fn is_of_commit(&self) -> bool {
        matches!(self, Self::Database { doing: COMMIT, .. })
    }

    /// The connection itself is gone.
    pub(crate) fn connection_lost(&self) -> bool {
        let Self::Database { source, .. } = self else { return false };
        match source.as_ref() {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_) => true,
            // 57P01 to 57P03: the server is shutting down or not yet up.
            sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
            _ => false,
        }
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Refused: nothing happened, and why.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault in the program met this case; it is set aside until somebody has looked, everything else goes on.
    #[error("case {case} is set aside: {message}")]
    Quarantined {
        /// The case.
        case: String,
        /// What happened.
        message: String,
    },
    /// The store failed; it is safe to try again with the same key.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// What was written has mistakes; all findings, warnings too.
    #[error("{} finding(s), nothing deployed", .0.len())]
    Findings(Vec<Finding>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
