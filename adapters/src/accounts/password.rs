//! Password hashes: argon2id over a keyed hash of the password, so that the database alone is not enough to guess with.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use tokio::sync::Semaphore;

use super::LoginError;
use crate::{seal::Keyring, store::StoreError};

/// Memory of one hash, KiB. With it and two passes a guess costs tens of milliseconds (OWASP, ASVS appendix C).
const MEMORY_KIB: u32 = 46 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How hashes begin that were made with today's parameters.
const CURRENT: &str = "$argon2id$v=19$m=47104,t=2,p=1$";

/// Hashes at once: each takes 46 MiB.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Hashes under way and waiting; more are turned away.
static PLACES: Semaphore = Semaphore::const_new(34);

/// Whether a stored hash was made with today's parameters.
pub(super) fn is_current(stored: &str) -> bool {
    stored.starts_with(CURRENT)
}

/// The hash to keep of `password`.
pub(super) async fn hash(keys: &Keyring, password: &str) -> Result<String, LoginError> {
    let peppered = peppered(keys, password);
    let salt: [u8; 16] = keys.random().map_err(StoreError::from)?;
    heavy(move || {
        let hash = argon2()?.hash_password_with_salt(peppered.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| StoreError::corrupt("hash a password", error.to_string()))
    })
    .await
}

/// Whether `password` is the one of `stored`. With nothing stored the same work is done for nothing.
pub(super) async fn verify(keys: &Keyring, password: &str, stored: Option<String>) -> Result<bool, LoginError> {
    let Some(stored) = stored else { return hash(keys, password).await.map(|_| false) };
    let peppered = peppered(keys, password);
    heavy(move || Ok(argon2()?.verify_password(peppered.as_bytes(), stored.as_str()).is_ok())).await
}

fn peppered(keys: &Keyring, password: &str) -> String {
    keys.keyed_hash(&[b"password", password.as_bytes()])
}

fn argon2() -> Result<Argon2<'static>, StoreError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| StoreError::corrupt("hash a password", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Does hashing work aside, so many at once as there is memory for.
async fn heavy<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Result<T, LoginError> {
    let _place = PLACES.try_acquire().map_err(|_| LoginError::Busy)?;
    let _turn = HASHING.acquire().await.map_err(|_| StoreError::Closed)?;
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)??)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_under_the_same_keys_only() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (keys, others) = (Keyring::open(folder.path()).unwrap(), Keyring::open(other.path()).unwrap());
        let stored = hash(&keys, "垂杨-2026").await.unwrap();
        assert!(is_current(&stored), "{stored}");
        assert!(verify(&keys, "垂杨-2026", Some(stored.clone())).await.unwrap());
        assert!(!verify(&keys, "垂杨-2027", Some(stored.clone())).await.unwrap());
        assert!(!verify(&others, "垂杨-2026", Some(stored)).await.unwrap(), "without the key file nobody can guess");
        assert!(!verify(&keys, "垂杨-2026", None).await.unwrap());
    }
}
