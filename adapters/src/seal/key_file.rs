//! The key file: root keys, and secrets for keyed hashes and for signing. Readable by its owner only.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path, time::SystemTime};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Algorithm, CryptoProvider, SealError};

/// The key file as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The cipher for what is sealed from now on.
    algorithm: Algorithm,
    /// Id of the root key in use.
    root: String,
    /// Root keys by id, base64. Old ones stay, for opening.
    roots: IndexMap<String, Secret>,
    /// For keyed hashes (file ids, request hashes).
    hash: Secret,
    /// For signing sealed heads.
    sign: Secret,
}

#[derive(Clone, Serialize, Deserialize)]
struct Secret(Zeroizing<String>);

impl Secret {
    fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(BASE64.encode(bytes)))
    }

    fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        BASE64.decode(self.0.as_bytes()).map(Zeroizing::new).map_err(|error| format!("key `{name}`: {error}"))
    }
}

/// The key file, read.
pub(super) struct KeyFile {
    pub(super) algorithm: Algorithm,
    pub(super) root: String,
    pub(super) roots: IndexMap<String, Zeroizing<Vec<u8>>>,
    pub(super) hash: Zeroizing<Vec<u8>>,
    pub(super) sign: Zeroizing<Vec<u8>>,
    /// When the file was changed that this was read from.
    pub(super) changed: Option<SystemTime>,
}

/// When the file at `path` was changed last.
pub(super) fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|about| about.modified()).ok()
}

fn random(provider: &dyn CryptoProvider, bytes: usize) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut key = Zeroizing::new(vec![0; bytes]);
    provider.random(&mut key)?;
    Ok(key)
}

impl KeyFile {
    /// With fresh keys.
    pub(super) fn fresh(provider: &dyn CryptoProvider, algorithm: Algorithm) -> Result<Self, SealError> {
        let (hash, sign) = (random(provider, 32)?, random(provider, 32)?);
        let mut file = Self { algorithm, root: String::new(), roots: IndexMap::new(), hash, sign, changed: None };
        file.add_root(provider, algorithm)?;
        Ok(file)
    }

    /// A fresh root key, of the length that `algorithm` needs, in use from now on together with that cipher.
    pub(super) fn add_root(&mut self, provider: &dyn CryptoProvider, algorithm: Algorithm) -> Result<(), SealError> {
        let last = self.roots.keys().filter_map(|id| id.strip_prefix("root-")?.parse::<u32>().ok()).max().unwrap_or(0);
        self.root = format!("root-{}", last + 1);
        self.algorithm = algorithm;
        self.roots.insert(self.root.clone(), random(provider, algorithm.key_bytes())?);
        Ok(())
    }

    /// Reads the file at `path`; None if there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, SealError> {
        let shown = || path.display().to_string();
        let changed = changed(path);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SealError::KeyFile { path: shown(), source }),
        };
        let damaged = |what: String| SealError::KeyFileDamaged { path: shown(), what };
        let written: Written = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        let file = Self::of(&written).map_err(damaged)?;
        Ok(Some(Self { changed, ..file }))
    }

    fn of(written: &Written) -> Result<Self, String> {
        let mut roots = IndexMap::new();
        for (id, secret) in &written.roots {
            roots.insert(id.clone(), secret.bytes(id)?);
        }
        match roots.get(&written.root) {
            Some(key) if key.len() == written.algorithm.key_bytes() => {}
            Some(_) => return Err(format!("key `{}` does not have the length that its cipher needs", written.root)),
            None => return Err(format!("there is no key `{}`", written.root)),
        }
        let (hash, sign) = (written.hash.bytes("hash")?, written.sign.bytes("sign")?);
        Ok(Self { algorithm: written.algorithm, root: written.root.clone(), roots, hash, sign, changed: None })
    }

    /// Written beside, flushed, then renamed: there is never half a key file.
    pub(super) fn write(&mut self, path: &Path) -> Result<(), SealError> {
        let written = Written {
            algorithm: self.algorithm,
            root: self.root.clone(),
            roots: self.roots.iter().map(|(id, key)| (id.clone(), Secret::of(key))).collect(),
            hash: Secret::of(&self.hash),
            sign: Secret::of(&self.sign),
        };
        let write = || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let beside = path.with_extension("json.new");
            let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&Zeroizing::new(serde_json::to_vec_pretty(&written)?))?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        };
        write().map_err(|source| SealError::KeyFile { path: path.display().to_string(), source })?;
        self.changed = changed(path);
        Ok(())
    }
}
