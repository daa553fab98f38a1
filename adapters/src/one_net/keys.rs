//! The secrets shared with a platform: a file that its owner alone can read, and keys that overlap while they change.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tongban_engine::time::Moment;
use zeroize::Zeroizing;

/// Bytes of a new secret.
const SECRET_BYTES: usize = 32;

/// One shared secret and when it is good for. Overlapping keys let both sides change over without a gap.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its id on the wire.
    pub id: String,
    /// The secret, hexadecimal.
    pub secret: Zeroizing<String>,
    /// Signs from here on (UTC milliseconds). The newest that has begun signs.
    #[serde(default)]
    pub from: i64,
    /// Is accepted until here (UTC milliseconds); absent: for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("from", &self.from).field("until", &self.until).finish_non_exhaustive()
    }
}

/// The keys shared with one platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// In any order.
    pub keys: Vec<Key>,
}

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Reading or writing failed.
    #[error("key file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What happened.
        source: std::io::Error,
    },
    /// Not what a key file holds.
    #[error("key file {path}: {reason}; expected keys: [{{id, secret (hexadecimal), from, until}}]")]
    Shape {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The system gave no randomness.
    #[error("no randomness for a new key: {0}")]
    Randomness(getrandom::Error),
}

impl Keys {
    /// Reads a key file; makes one with a fresh key, readable by its owner only, if there is none.
    ///
    /// # Errors
    /// [`KeyError`] if the file cannot be read or written, holds something else, or names no key.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let file = |source| KeyError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&Zeroizing::new(text), path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keys = Self::fresh()?;
                let text = Zeroizing::new(serde_json::to_string_pretty(&keys).expect("keys are plain data"));
                match write_private(path, text.as_bytes()) {
                    Ok(()) => Ok(keys),
                    // The other process was faster: its key counts.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(file)?);
                        Self::parse(&text, path)
                    }
                    Err(error) => Err(file(error)),
                }
            }
            Err(error) => Err(file(error)),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, KeyError> {
        let shape = |reason: String| KeyError::Shape { path: path.display().to_string(), reason };
        let keys: Self = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
        if keys.keys.is_empty() {
            return Err(shape("it names no key".to_owned()));
        }
        match keys.keys.iter().find(|key| hex::decode(key.secret.as_bytes()).is_err()) {
            Some(key) => Err(shape(format!("the secret of key `{}` is not hexadecimal", key.id))),
            None => Ok(keys),
        }
    }

    /// One fresh key.
    ///
    /// # Errors
    /// [`KeyError::Randomness`] if the system gives none.
    pub fn fresh() -> Result<Self, KeyError> {
        let secret = random_hex(SECRET_BYTES).map_err(KeyError::Randomness)?;
        let id = format!("k-{}", random_hex(4).map_err(KeyError::Randomness)?);
        Ok(Self { keys: vec![Key { id, secret: Zeroizing::new(secret), from: 0, until: None }] })
    }

    /// The key that signs at `now`: the one that began last.
    pub(super) fn signing(&self, now: Moment) -> Option<&Key> {
        self.keys.iter().filter(|key| key.from <= now.0 && key.until.is_none_or(|until| now.0 < until)).max_by_key(|key| key.from)
    }

    /// The key called `id`, if it is accepted at `now`. One that has not begun here may have begun there: clocks differ.
    pub(super) fn accepted(&self, id: &str, now: Moment) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id && key.until.is_none_or(|until| now.0 < until))
    }
}

/// `bytes` random bytes in hexadecimal.
///
/// # Errors
/// If the system gives no randomness.
pub fn random_hex(bytes: usize) -> Result<String, getrandom::Error> {
    let mut buffer = Zeroizing::new(vec![0_u8; bytes]);
    getrandom::fill(&mut buffer)?;
    Ok(hex::encode(buffer.as_slice()))
}

/// Writes a new file that only its owner can read; an existing one is left alone (`AlreadyExists`).
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    // Linked into place when complete, so that a second process never reads half a key.
    let partial = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial)?;
    linked
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_read_by_both_sides() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one-net.key");
        let (one, two) = (Keys::open(&path).unwrap(), Keys::open(&path).unwrap());
        assert_eq!((&one.keys[0].id, &one.keys[0].secret), (&two.keys[0].id, &two.keys[0].secret));
        std::fs::write(&path, "{\"keys\": [{\"id\": \"k\", \"secret\": \"not hex\"}]}").unwrap();
        assert!(Keys::open(&path).unwrap_err().to_string().contains("key `k` is not hexadecimal"));
    }
}
