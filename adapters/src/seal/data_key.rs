//! Keys that seal values, and keys that wrap other keys: of a unit and a year, of a subject, of a file.
//!
//! A key is 32 random bytes; each cipher gets a key of its own made from them, so that one key goes on through a change of
//! cipher. Wrapped it is `CIPHER:VERSION:PARENT:ID:BASE64`. Version 1 is from before there were layers: the bytes are the
//! key of that cipher itself.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use zeroize::Zeroizing;

use super::{Algorithm, CryptoProvider, SealError};

/// Format of sealed texts.
const SEALED: &str = "1";
/// Format of wrapped keys whose bytes are the cipher's own key.
const RAW: &str = "1";
/// Format of wrapped keys from which each cipher's key is made.
const DERIVED: &str = "2";
/// Bytes of a key.
const BYTES: usize = 32;

/// A key for values of one subject, for one file, or for other keys.
#[derive(Clone)]
pub struct DataKey {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
    raw: bool,
    /// What its own wrapped form names, and what its bytes without a name are sealed with.
    own: Algorithm,
    /// What texts are sealed with from now on, and the key for it.
    now: Algorithm,
    key: Zeroizing<Vec<u8>>,
    provider: Arc<dyn CryptoProvider>,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A wrapped key, taken apart.
pub(super) struct Wrapped<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) parent: &'a str,
    version: &'a str,
    id: &'a str,
    pub(super) sealed: Vec<u8>,
}

/// Where a wrapped key stands: under its subject's name, so that it opens for no other.
pub(super) fn place(subject: &str, id: &str) -> String {
    format!("data_key|{subject}|{id}")
}

impl<'a> Wrapped<'a> {
    pub(super) fn read(subject: &str, text: &'a str) -> Result<Self, SealError> {
        let odd = || SealError::Format(format!("data_key|{subject}"));
        let mut parts = text.splitn(5, ':');
        let mut part = || parts.next().ok_or_else(odd);
        let algorithm = Algorithm::from_word(part()?).ok_or_else(odd)?;
        let (version, parent, id) = (part()?, part()?, part()?);
        if ![RAW, DERIVED].contains(&version) {
            return Err(odd());
        }
        Ok(Self { algorithm, parent, version, id, sealed: BASE64.decode(part()?).map_err(|_| odd())? })
    }

    pub(super) fn place(&self, subject: &str) -> String {
        place(subject, self.id)
    }

    /// The key, once its bytes are opened.
    pub(super) fn key(&self, bytes: Zeroizing<Vec<u8>>, now: Algorithm, provider: &Arc<dyn CryptoProvider>) -> DataKey {
        DataKey::made(self.id.to_owned(), bytes, self.version == RAW, (self.algorithm, now), provider)
    }
}

/// What wraps a key: the name under which it is found again.
pub fn parent_of(wrapped: &str) -> Option<&str> {
    wrapped.split(':').nth(2)
}

impl DataKey {
    fn made(
        id: String,
        bytes: Zeroizing<Vec<u8>>,
        raw: bool,
        (own, now): (Algorithm, Algorithm),
        provider: &Arc<dyn CryptoProvider>,
    ) -> Self {
        let mut key = Self { id, bytes, raw, own, now, key: Zeroizing::default(), provider: Arc::clone(provider) };
        key.key = key.of(now);
        key
    }

    /// A fresh key.
    pub(super) fn fresh(algorithm: Algorithm, provider: &Arc<dyn CryptoProvider>) -> Result<Self, SealError> {
        let mut id = [0; 6];
        provider.random(&mut id)?;
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        provider.random(&mut bytes)?;
        Ok(Self::made(hex::encode(id), bytes, false, (algorithm, algorithm), provider))
    }

    /// The key of one cipher.
    fn of(&self, algorithm: Algorithm) -> Zeroizing<Vec<u8>> {
        if self.raw && algorithm == self.own {
            return self.bytes.clone();
        }
        let made = Zeroizing::new(self.provider.mac(&self.bytes, &[b"data key", algorithm.word().as_bytes()]));
        Zeroizing::new(made[..algorithm.key_bytes()].to_vec())
    }

    /// Its wrapped form, once `sealed` holds its bytes.
    pub(super) fn wrapped(&self, parent: &str, sealed: &[u8]) -> String {
        let version = if self.raw { RAW } else { DERIVED };
        format!("{}:{version}:{parent}:{}:{}", self.own.word(), self.id, BASE64.encode(sealed))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn own(&self) -> Algorithm {
        self.own
    }

    /// Its id, which every text that it sealed names.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A fresh key of `subject` below this one, which is called `name`; and its wrapped form.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn make_key(&self, name: &str, subject: &str) -> Result<(Self, String), SealError> {
        let key = Self::fresh(self.now, &self.provider)?;
        let wrapped = self.wrap(name, subject, &key)?;
        Ok((key, wrapped))
    }

    /// The wrapped form of `key`, which is `subject`'s, under this one, which is called `name`.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn wrap(&self, name: &str, subject: &str, key: &Self) -> Result<String, SealError> {
        let sealed = self.provider.seal(key.own, &self.of(key.own), &place(subject, &key.id), &key.bytes)?;
        Ok(key.wrapped(name, &sealed))
    }

    /// The key of `subject` from its wrapped form under this one.
    ///
    /// # Errors
    /// Not such a text, another subject's, or wrapped under another key.
    pub fn unwrap(&self, subject: &str, text: &str) -> Result<Self, SealError> {
        let wrapped = Wrapped::read(subject, text)?;
        let place = wrapped.place(subject);
        let bytes = Zeroizing::new(self.provider.open(wrapped.algorithm, &self.of(wrapped.algorithm), &place, &wrapped.sealed)?);
        Ok(wrapped.key(bytes, self.now, &self.provider))
    }

    /// Seals `plain` at `place`: `CIPHER:VERSION:KEY:BASE64`.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<String, SealError> {
        let sealed = self.provider.seal(self.now, &self.key, place, plain)?;
        Ok(format!("{}:{SEALED}:{}:{}", self.now.word(), self.id, BASE64.encode(sealed)))
    }

    /// Opens what [`DataKey::seal`] made at the same place, with whichever cipher.
    ///
    /// # Errors
    /// Not of that form, another key's, moved or changed.
    pub fn open(&self, place: &str, text: &str) -> Result<Vec<u8>, SealError> {
        let odd = || SealError::Format(place.to_owned());
        let mut parts = text.splitn(4, ':');
        let mut part = || parts.next().ok_or_else(odd);
        let algorithm = Algorithm::from_word(part()?).ok_or_else(odd)?;
        let _version = part()?;
        let key = part()?;
        if key != self.id {
            return Err(SealError::KeyUnknown { place: place.to_owned(), key: key.to_owned() });
        }
        let sealed = BASE64.decode(part()?).map_err(|_| odd())?;
        if algorithm == self.now {
            return self.provider.open(algorithm, &self.key, place, &sealed);
        }
        self.provider.open(algorithm, &self.of(algorithm), place, &sealed)
    }

    /// Seals bytes without naming cipher and key, for files: with the cipher that its wrapped form names.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal_bytes(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.provider.seal(self.own, &self.of(self.own), place, plain)
    }

    /// Opens what [`DataKey::seal_bytes`] made at the same place.
    ///
    /// # Errors
    /// Another key's, moved or changed.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.provider.open(self.own, &self.of(self.own), place, sealed)
    }
}
