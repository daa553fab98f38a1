//! Which cases wait to hear a signal or a message from another case, oldest first.

use indexmap::IndexSet;
use sm3::{Digest, Sm3};
use tongban_engine::interpreter::{CaseId, WaitKind};

use super::{Store, StoreError};

/// Waits that one signal or message is matched with at most; a signal that more wait for is told to an operator.
const LISTENERS_MAX: i64 = 10_000;

const BY_NAME: &str = "SELECT case_id FROM listening WHERE name = $1 AND kind = $2 ORDER BY since, case_id, wait LIMIT $3";
const BY_KEY: &str = "SELECT case_id FROM listening WHERE name = $1 AND kind = $2 AND key_hash = $3 ORDER BY since, case_id, wait LIMIT $4";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[BY_NAME, BY_KEY];

/// The word for what can come from another case.
pub(crate) fn kind_word(kind: WaitKind) -> Option<&'static str> {
    match kind {
        WaitKind::Message => Some("message"),
        WaitKind::Signal => Some("signal"),
        WaitKind::Condition | WaitKind::Unfinished => None,
    }
}

/// Correlation keys rest hashed: they may be what nobody should read off a table.
pub(crate) fn key_hash(name: &str, key: &str) -> String {
    let mut digest = Sm3::new();
    for part in [name, key] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())
}

impl Store {
    /// Cases that wait for a signal, each once, the one that began first at the front; None: too many to be heard by.
    ///
    /// # Errors
    /// The store failed.
    pub async fn listening_to(&self, signal: &str) -> Result<Option<IndexSet<CaseId>>, StoreError> {
        let values = vec![signal.into(), "signal".into(), (LISTENERS_MAX + 1).into()];
        let rows = self.inner.readers.fetch("find who hears a signal", BY_NAME, values).await?;
        if i64::try_from(rows.len()).is_ok_and(|waits| waits > LISTENERS_MAX) {
            return Ok(None);
        }
        rows.iter().map(|row| row.text("case_id")).collect::<Result<_, _>>().map(Some)
    }

    /// Cases that wait for a message with this correlation key (empty: whatever key), the one that began first at the front.
    ///
    /// # Errors
    /// The store failed.
    pub async fn waiting_for(&self, message: &str, key: &str) -> Result<Vec<CaseId>, StoreError> {
        let (name, kind, limit) = (message.into(), "message".into(), LISTENERS_MAX.into());
        let rows = match key {
            "" => self.inner.readers.fetch("find who waits for a message", BY_NAME, vec![name, kind, limit]).await?,
            _ => {
                let values = vec![name, kind, key_hash(message, key).into(), limit];
                self.inner.readers.fetch("find who waits for a message", BY_KEY, values).await?
            }
        };
        rows.iter().map(|row| row.text("case_id")).collect()
    }
}
