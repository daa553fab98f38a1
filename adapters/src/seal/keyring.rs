//! The key file and the keys made from it.
//!
//! `keys.json` holds a root key for wrapping data keys, and secrets for keyed hashes and for signing sealed heads. It is
//! readable by its owner only. Whoever has the database but not this file has ciphertext.

use std::{path::Path, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Algorithm, CryptoProvider, RustCrypto, SealError};

/// The key file's name in the data folder.
pub const KEY_FILE: &str = "keys.json";
/// Format of sealed texts.
pub(super) const VERSION: &str = "1";

/// The key file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// The cipher for what is sealed from now on.
    algorithm: Algorithm,
    /// Id of the root key in use.
    root: String,
    /// Root keys by id, base64. Old ones stay, for opening.
    roots: indexmap::IndexMap<String, Secret>,
    /// For keyed hashes (file ids, request hashes).
    hash: Secret,
    /// For signing sealed heads.
    sign: Secret,
}

#[derive(Clone, Serialize, Deserialize)]
struct Secret(Zeroizing<String>);

/// All keys of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

struct Keys {
    algorithm: Algorithm,
    root: String,
    roots: indexmap::IndexMap<String, Zeroizing<Vec<u8>>>,
    hash: Zeroizing<Vec<u8>>,
    sign: Zeroizing<Vec<u8>>,
    provider: Arc<dyn CryptoProvider>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("algorithm", &self.0.algorithm).field("root", &self.0.root).finish_non_exhaustive()
    }
}

/// A key for one subject's values.
#[derive(Clone)]
pub struct DataKey {
    id: String,
    algorithm: Algorithm,
    key: Zeroizing<Vec<u8>>,
    provider: Arc<dyn CryptoProvider>,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Reads `keys.json` in `folder`, or makes it with fresh keys if there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or makes no sense.
    pub fn open(folder: &Path) -> Result<Self, SealError> {
        let path = folder.join(KEY_FILE);
        let shown = path.display().to_string();
        let provider: Arc<dyn CryptoProvider> = Arc::new(RustCrypto);
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&Zeroizing::new(text))
                .map_err(|error| SealError::KeyFileDamaged { path: shown.clone(), what: error.to_string() })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = KeyFile::fresh(provider.as_ref(), Algorithm::default())?;
                made.write(&path).map_err(|source| SealError::KeyFile { path: shown.clone(), source })?;
                made
            }
            Err(source) => return Err(SealError::KeyFile { path: shown, source }),
        };
        file.keys(provider).map_err(|what| SealError::KeyFileDamaged { path: shown, what })
    }

    /// A fresh key for one subject, and its wrapped form for the key table. `subject` is what it belongs to.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn data_key(&self, subject: &str) -> Result<(DataKey, String), SealError> {
        let Keys { algorithm, provider, root, .. } = self.0.as_ref();
        let mut id = [0; 6];
        provider.random(&mut id)?;
        let mut key = Zeroizing::new(vec![0; algorithm.key_bytes()]);
        provider.random(&mut key)?;
        let id = hex::encode(id);
        let wrapped = provider.seal(*algorithm, self.root_key(root)?, &wrap_place(subject, &id), &key)?;
        let text = format!("{}:{VERSION}:{root}:{id}:{}", algorithm.word(), BASE64.encode(wrapped));
        Ok((DataKey { id, algorithm: *algorithm, key, provider: Arc::clone(provider) }, text))
    }

    /// The key of `subject` from its wrapped form.
    ///
    /// # Errors
    /// The text is not one of [`Keyring::data_key`], or not this subject's, or its root key is not in the key file.
    pub fn unwrap_key(&self, subject: &str, wrapped: &str) -> Result<DataKey, SealError> {
        let place = || format!("data_key|{subject}");
        let mut parts = wrapped.splitn(5, ':');
        let mut part = || parts.next().ok_or_else(|| SealError::Format(place()));
        let algorithm = Algorithm::from_word(part()?).ok_or_else(|| SealError::Format(place()))?;
        let (_version, root, id) = (part()?, part()?, part()?.to_owned());
        let sealed = BASE64.decode(part()?).map_err(|_| SealError::Format(place()))?;
        let key = self.0.provider.open(algorithm, self.root_key(root)?, &wrap_place(subject, &id), &sealed)?;
        Ok(DataKey { id, algorithm, key: Zeroizing::new(key), provider: Arc::clone(&self.0.provider) })
    }

    /// Keyed hash (HMAC-SM3) of parts; nobody without the key file can tell equal values by it.
    pub fn keyed_hash(&self, parts: &[&[u8]]) -> String {
        hex::encode(self.0.provider.mac(&self.0.hash, parts))
    }

    /// A running keyed hash, for what does not fit into memory at once.
    pub(crate) fn hash_key(&self) -> &[u8] {
        &self.0.hash
    }

    /// Signature (HMAC-SM3 for now) of parts.
    pub fn sign(&self, parts: &[&[u8]]) -> String {
        hex::encode(self.0.provider.mac(&self.0.sign, parts))
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// The system gives none.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], SealError> {
        let mut bytes = [0; N];
        self.0.provider.random(&mut bytes)?;
        Ok(bytes)
    }

    fn root_key(&self, id: &str) -> Result<&[u8], SealError> {
        let unknown = || SealError::KeyUnknown { place: "root".to_owned(), key: id.to_owned() };
        self.0.roots.get(id).map(|key| key.as_slice()).ok_or_else(unknown)
    }
}

fn wrap_place(subject: &str, id: &str) -> String {
    format!("data_key|{subject}|{id}")
}

impl DataKey {
    /// Seals `plain` at `place`: `ALGORITHM:VERSION:KEY:BASE64`.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<String, SealError> {
        let sealed = self.seal_bytes(place, plain)?;
        Ok(format!("{}:{VERSION}:{}:{}", self.algorithm.word(), self.id, BASE64.encode(sealed)))
    }

    /// Opens what [`DataKey::seal`] made at the same place.
    ///
    /// # Errors
    /// Not of that form, another key's, moved or changed.
    pub fn open(&self, place: &str, text: &str) -> Result<Vec<u8>, SealError> {
        let mut parts = text.splitn(4, ':');
        let mut part = || parts.next().ok_or_else(|| SealError::Format(place.to_owned()));
        let algorithm = Algorithm::from_word(part()?).ok_or_else(|| SealError::Format(place.to_owned()))?;
        let _version = part()?;
        let key = part()?;
        if key != self.id {
            return Err(SealError::KeyUnknown { place: place.to_owned(), key: key.to_owned() });
        }
        let sealed = BASE64.decode(part()?).map_err(|_| SealError::Format(place.to_owned()))?;
        self.provider.open(algorithm, &self.key, place, &sealed)
    }

    /// Seals bytes without naming the key, for files.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal_bytes(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.provider.seal(self.algorithm, &self.key, place, plain)
    }

    /// Opens what [`DataKey::seal_bytes`] made at the same place.
    ///
    /// # Errors
    /// Another key's, moved or changed.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.provider.open(self.algorithm, &self.key, place, sealed)
    }
}

impl KeyFile {
    fn fresh(provider: &dyn CryptoProvider, algorithm: Algorithm) -> Result<Self, SealError> {
        let secret = |bytes: usize| {
            let mut key = Zeroizing::new(vec![0; bytes]);
            provider.random(&mut key)?;
            Ok::<_, SealError>(Secret(Zeroizing::new(BASE64.encode(&*key))))
        };
        let root = "root-1".to_owned();
        let roots = [(root.clone(), secret(algorithm.key_bytes())?)].into_iter().collect();
        Ok(Self { algorithm, root, roots, hash: secret(32)?, sign: secret(32)? })
    }

    /// Written beside, flushed, then renamed: there is never half a key file.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("json.new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&Zeroizing::new(serde_json::to_vec_pretty(self)?))?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    }

    fn keys(self, provider: Arc<dyn CryptoProvider>) -> Result<Keyring, String> {
        let bytes = |name: &str, secret: &Secret| {
            let key = BASE64.decode(secret.0.as_bytes()).map_err(|error| format!("key `{name}`: {error}"))?;
            Ok::<_, String>(Zeroizing::new(key))
        };
        let mut roots = indexmap::IndexMap::new();
        for (id, secret) in &self.roots {
            roots.insert(id.clone(), bytes(id, secret)?);
        }
        match roots.get(&self.root) {
            Some(key) if key.len() == self.algorithm.key_bytes() => {}
            Some(_) => return Err(format!("key `{}` does not have the length that its cipher needs", self.root)),
            None => return Err(format!("there is no key `{}`", self.root)),
        }
        let (hash, sign) = (bytes("hash", &self.hash)?, bytes("sign", &self.sign)?);
        Ok(Keyring(Arc::new(Keys { algorithm: self.algorithm, root: self.root, roots, hash, sign, provider })))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keyring::open(folder.path()).unwrap();
        let (key, wrapped) = first.data_key("c1").unwrap();
        let sealed = key.seal("t|c|1", b"secret").unwrap();
        assert_eq!(std::fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode() & 0o777, 0o600);

        let again = Keyring::open(folder.path()).unwrap();
        assert_eq!(again.unwrap_key("c1", &wrapped).unwrap().open("t|c|1", &sealed).unwrap(), b"secret");
        assert!(again.unwrap_key("c2", &wrapped).is_err(), "a key is its subject's own");
        assert_eq!(again.keyed_hash(&[b"a", b"b"]), first.keyed_hash(&[b"a", b"b"]));
        assert_ne!(again.keyed_hash(&[b"a", b"b"]), again.keyed_hash(&[b"ab"]));
        let other = Keyring::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(other.unwrap_key("c1", &wrapped).is_err(), "another installation cannot open it");
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{}", r#"{"algorithm":"sm4gcm","root":"x","roots":{},"hash":"AA","sign":"AA"}"#] {
            std::fs::write(folder.path().join(KEY_FILE), text).unwrap();
            assert!(matches!(Keyring::open(folder.path()), Err(SealError::KeyFileDamaged { .. })), "{text}");
            assert_eq!(std::fs::read_to_string(folder.path().join(KEY_FILE)).unwrap(), text);
        }
    }
}
