//! The root keys, behind a door: what is below them is wrapped and opened inside, and none of them comes out.
//!
//! Whoever has the database but not the key file has ciphertext. A hardware module behind GM/T 0018 takes the place of the
//! key file by doing what [`Keyring`] does: wrap, unwrap, keyed hash, sign.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use zeroize::Zeroizing;

use super::{
    Algorithm, CryptoProvider, DataKey, RustCrypto, SealError,
    data_key::{Wrapped, parent_of, place},
    key_file::{self, KeyFile},
};

/// The key file's name in the data folder.
pub const KEY_FILE: &str = "keys.json";

/// All keys of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// Read again when a root key is asked for that it does not have: another process may have made one.
    file: RwLock<KeyFile>,
    hash: Zeroizing<Vec<u8>>,
    sign: Zeroizing<Vec<u8>>,
    provider: Arc<dyn CryptoProvider>,
}

/// A root key, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    /// Its id.
    pub id: String,
    /// Its check value: the same key has the same, and nobody finds the key from it.
    pub check: String,
    /// What is made from now on is wrapped by it.
    pub current: bool,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Reads `keys.json` in `folder`, or makes it with fresh keys if there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or makes no sense.
    pub fn open(folder: &Path) -> Result<Self, SealError> {
        let path = folder.join(KEY_FILE);
        let provider: Arc<dyn CryptoProvider> = Arc::new(RustCrypto);
        let file = match KeyFile::read(&path)? {
            Some(file) => file,
            None => {
                let mut made = KeyFile::fresh(provider.as_ref(), Algorithm::default())?;
                made.write(&path)?;
                made
            }
        };
        let (hash, sign) = (file.hash.clone(), file.sign.clone());
        Ok(Self(Arc::new(Inner { path, file: RwLock::new(file), hash, sign, provider })))
    }

    /// The cipher for what is sealed from now on.
    pub fn algorithm(&self) -> Algorithm {
        self.file().algorithm
    }

    /// The root keys, oldest first, each with its check value.
    pub fn roots(&self) -> Vec<RootKey> {
        let file = self.file();
        let root = |(id, key): (&String, &Zeroizing<Vec<u8>>)| {
            let check = hex::encode(&self.0.provider.mac(key, &[b"key check value", id.as_bytes()])[..6]);
            RootKey { id: id.clone(), check, current: *id == file.root }
        };
        file.roots.iter().map(root).collect()
    }

    /// Makes a new root key, and `algorithm` the cipher from now on. Old root keys stay, for opening.
    ///
    /// # Errors
    /// The key file cannot be written, or the system gives no randomness.
    pub fn add_root(&self, algorithm: Algorithm) -> Result<String, SealError> {
        self.refresh()?;
        let mut file = self.file_mut();
        file.add_root(self.0.provider.as_ref(), algorithm)?;
        file.write(&self.0.path)?;
        Ok(file.root.clone())
    }

    /// Takes root keys out of the key file, for good; the one in use stays.
    ///
    /// # Errors
    /// The key file cannot be written.
    pub fn drop_roots(&self, ids: &[String]) -> Result<(), SealError> {
        self.refresh()?;
        let mut file = self.file_mut();
        let current = file.root.clone();
        file.roots.retain(|id, _| *id == current || !ids.contains(id));
        file.write(&self.0.path)
    }

    /// A fresh key of `subject`, and its wrapped form under the root key in use.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn make_key(&self, subject: &str) -> Result<(DataKey, String), SealError> {
        self.refresh()?;
        let key = DataKey::fresh(self.algorithm(), &self.0.provider)?;
        let wrapped = self.wrap(subject, &key)?;
        Ok((key, wrapped))
    }

    /// The wrapped form of `key`, which is `subject`'s, under the root key in use.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn wrap(&self, subject: &str, key: &DataKey) -> Result<String, SealError> {
        let file = self.file();
        let root = file.roots.get(&file.root).ok_or_else(|| unknown(&file.root))?;
        let sealed = self.0.provider.seal(key.own(), &self.key_for(root, key.own()), &place(subject, key.id()), key.bytes())?;
        Ok(key.wrapped(&file.root, &sealed))
    }

    /// The key of `subject` from its wrapped form under a root key.
    ///
    /// # Errors
    /// The text is not one of [`Keyring::make_key`], or not this subject's, or its root key is not in the key file.
    pub fn unwrap_key(&self, subject: &str, text: &str) -> Result<DataKey, SealError> {
        let wrapped = Wrapped::read(subject, text)?;
        if !self.is_root(wrapped.parent) {
            self.refresh()?;
        }
        let file = self.file();
        let root = file.roots.get(wrapped.parent).ok_or_else(|| unknown(wrapped.parent))?;
        let place = wrapped.place(subject);
        let bytes = self.0.provider.open(wrapped.algorithm, &self.key_for(root, wrapped.algorithm), &place, &wrapped.sealed)?;
        Ok(wrapped.key(Zeroizing::new(bytes), file.algorithm, &self.0.provider))
    }

    /// Whether a wrapped key stands directly under a root key.
    pub fn is_under_root(&self, wrapped: &str) -> bool {
        parent_of(wrapped).is_some_and(|parent| parent.starts_with("root-") || self.is_root(parent))
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

    /// A root key as `algorithm` needs it: itself, if it has the length; else one made from it.
    fn key_for(&self, root: &[u8], algorithm: Algorithm) -> Zeroizing<Vec<u8>> {
        if root.len() == algorithm.key_bytes() {
            return Zeroizing::new(root.to_vec());
        }
        let made = Zeroizing::new(self.0.provider.mac(root, &[b"root key", algorithm.word().as_bytes()]));
        Zeroizing::new(made[..algorithm.key_bytes()].to_vec())
    }

    fn is_root(&self, id: &str) -> bool {
        self.file().roots.contains_key(id)
    }

    /// Reads the key file again if it was changed.
    fn refresh(&self) -> Result<(), SealError> {
        if key_file::changed(&self.0.path) == self.file().changed {
            return Ok(());
        }
        if let Some(file) = KeyFile::read(&self.0.path)? {
            *self.file_mut() = file;
        }
        Ok(())
    }

    fn file(&self) -> RwLockReadGuard<'_, KeyFile> {
        self.0.file.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn file_mut(&self) -> RwLockWriteGuard<'_, KeyFile> {
        self.0.file.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn unknown(root: &str) -> SealError {
    SealError::KeyUnknown { place: "root".to_owned(), key: root.to_owned() }
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
        let (key, wrapped) = first.make_key("c1").unwrap();
        let sealed = key.seal("t|c|1", b"secret").unwrap();
        assert_eq!(std::fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode() & 0o777, 0o600);

        let again = Keyring::open(folder.path()).unwrap();
        assert_eq!(again.unwrap_key("c1", &wrapped).unwrap().open("t|c|1", &sealed).unwrap(), b"secret");
        assert!(again.unwrap_key("c2", &wrapped).is_err(), "a key is its subject's own");
        assert_eq!(again.roots(), first.roots());
        assert_eq!(again.keyed_hash(&[b"a", b"b"]), first.keyed_hash(&[b"a", b"b"]));
        assert_ne!(again.keyed_hash(&[b"a", b"b"]), again.keyed_hash(&[b"ab"]));
        let other = Keyring::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert!(other.unwrap_key("c1", &wrapped).is_err(), "another installation cannot open it");
        assert_ne!(other.roots()[0].check, first.roots()[0].check);
    }

    #[test]
    fn keys_of_before_there_were_layers_still_open() {
        let folder = tempfile::tempdir().unwrap();
        let root = [7_u8; 16];
        let own = [9_u8; 16];
        let base64 = |bytes: &[u8]| {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
        };
        let text = format!(r#"{{"algorithm":"sm4gcm","root":"root-1","roots":{{"root-1":"{}"}},"hash":"AA","sign":"AA"}}"#, base64(&root));
        std::fs::write(folder.path().join(KEY_FILE), text).unwrap();
        let wrapped = RustCrypto.seal(Algorithm::Sm4Gcm, &root, "data_key|c1|0a0b", &own).unwrap();
        let sealed = RustCrypto.seal(Algorithm::Sm4Gcm, &own, "t|c|1", b"secret").unwrap();

        let keys = Keyring::open(folder.path()).unwrap();
        let key = keys.unwrap_key("c1", &format!("sm4gcm:1:root-1:0a0b:{}", base64(&wrapped))).unwrap();
        assert_eq!(key.open("t|c|1", &format!("sm4gcm:1:0a0b:{}", base64(&sealed))).unwrap(), b"secret");
        assert_eq!(key.open_bytes("t|c|1", &sealed).unwrap(), b"secret");
        let (parent, _) = keys.make_key("unit").unwrap();
        let again = parent.unwrap("c1", &parent.wrap("unit", "c1", &key).unwrap()).unwrap();
        assert_eq!(again.open_bytes("t|c|1", &sealed).unwrap(), b"secret", "wrapped anew it is the same key");
    }

    #[test]
    fn a_new_root_and_cipher_hold_from_then_on_and_old_ones_still_open() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, running) = (Keyring::open(folder.path()).unwrap(), Keyring::open(folder.path()).unwrap());
        let (parent, wrapped_parent) = keys.make_key("unit").unwrap();
        let (key, wrapped) = parent.make_key("unit", "s").unwrap();
        let old = key.seal("t", b"secret").unwrap();
        assert_eq!(keys.add_root(Algorithm::Aes256Gcm).unwrap(), "root-2");

        let parent = keys.unwrap_key("unit", &wrapped_parent).unwrap();
        let key = parent.unwrap("s", &wrapped).unwrap();
        let new = key.seal("t", b"secret").unwrap();
        assert!(old.starts_with("sm4gcm:") && new.starts_with("aes256gcm:"));
        assert_eq!((key.open("t", &old).unwrap(), key.open("t", &new).unwrap()), (b"secret".to_vec(), b"secret".to_vec()));

        let rewrapped = keys.wrap("unit", &parent).unwrap();
        assert_eq!(parent_of(&rewrapped), Some("root-2"));
        assert!(running.unwrap_key("unit", &rewrapped).is_ok(), "a running process learns of the new root");
        keys.drop_roots(&["root-1".into(), "root-2".into()]).unwrap();
        assert_eq!(keys.roots().len(), 1, "the one in use stays");
        assert!(keys.unwrap_key("unit", &wrapped_parent).is_err());
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
