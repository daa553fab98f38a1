//! The ciphers: SM4-GCM (RFC 8998) by default, AES-256-GCM where the office wants it. Another provider (a hardware
//! module behind GM/T 0018) implements the same trait.

use aes_gcm::{
    Aes256Gcm, AesGcm,
    aead::{Aead, KeyInit, Payload, consts::U12},
};
use hmac::{Hmac, Mac};
use sm3::Sm3;
use sm4::Sm4;

use super::SealError;

/// Bytes of a nonce.
const NONCE: usize = 12;

/// An authenticated cipher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// SM4-GCM, RFC 8998, 128-bit key.
    #[default]
    Sm4Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
}

impl Algorithm {
    /// Its word in sealed values.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sm4Gcm => "sm4gcm",
            Self::Aes256Gcm => "aes256gcm",
        }
    }

    /// The algorithm called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Sm4Gcm, Self::Aes256Gcm].into_iter().find(|algorithm| algorithm.word() == word)
    }

    /// Bytes of a key.
    pub fn key_bytes(self) -> usize {
        match self {
            Self::Sm4Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }
}

/// What is needed of cryptography; everything else goes through it.
pub trait CryptoProvider: Send + Sync + std::fmt::Debug {
    /// Encrypts and authenticates `plain`, bound to `place`. Gives nonce, ciphertext and tag in one.
    ///
    /// # Errors
    /// No randomness, or a key of the wrong length.
    fn seal(&self, algorithm: Algorithm, key: &[u8], place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Undoes [`CryptoProvider::seal`].
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`]: wrong key, wrong place, or changed.
    fn open(&self, algorithm: Algorithm, key: &[u8], place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError>;

    /// HMAC-SM3.
    fn mac(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32];

    /// Fills `bytes` with randomness.
    ///
    /// # Errors
    /// The system gives none.
    fn random(&self, bytes: &mut [u8]) -> Result<(), SealError>;
}

/// The pure Rust implementation.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

type Sm4Gcm = AesGcm<Sm4, U12>;

impl CryptoProvider for RustCrypto {
    fn seal(&self, algorithm: Algorithm, key: &[u8], place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        self.random(&mut nonce)?;
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let refused = || SealError::DoesNotOpen(place.to_owned());
        let sealed = match algorithm {
            Algorithm::Sm4Gcm => Sm4Gcm::new_from_slice(key).map_err(|_| refused())?.encrypt(&nonce.into(), payload),
            Algorithm::Aes256Gcm => Aes256Gcm::new_from_slice(key).map_err(|_| refused())?.encrypt(&nonce.into(), payload),
        };
        let mut out = nonce.to_vec();
        out.extend(sealed.map_err(|_| refused())?);
        Ok(out)
    }

    fn open(&self, algorithm: Algorithm, key: &[u8], place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let refused = || SealError::DoesNotOpen(place.to_owned());
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or_else(refused)?;
        let payload = Payload { msg: rest, aad: place.as_bytes() };
        let plain = match algorithm {
            Algorithm::Sm4Gcm => Sm4Gcm::new_from_slice(key).map_err(|_| refused())?.decrypt(&(*nonce).into(), payload),
            Algorithm::Aes256Gcm => Aes256Gcm::new_from_slice(key).map_err(|_| refused())?.decrypt(&(*nonce).into(), payload),
        };
        plain.map_err(|_| refused())
    }

    fn mac(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sm3> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), SealError> {
        getrandom::fill(bytes).map_err(|error| SealError::Random(error.to_string()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn sm4_gcm_is_that_of_rfc_8998() {
        // RFC 8998, appendix A.1.
        let hex = |text: &str| hex::decode(text.replace(' ', "")).unwrap();
        let key = hex("0123456789ABCDEFFEDCBA9876543210");
        let aad = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        let plain = hex(
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
        );
        let expected = hex(
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC",
        );
        let nonce: [u8; NONCE] = hex("00001234567800000000ABCD").try_into().unwrap();
        let sealed = Sm4Gcm::new_from_slice(&key).unwrap().encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).unwrap();
        assert_eq!(sealed, expected);
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_stands() {
        for algorithm in [Algorithm::Sm4Gcm, Algorithm::Aes256Gcm] {
            let key = vec![7; algorithm.key_bytes()];
            let sealed = RustCrypto.seal(algorithm, &key, "journal|c1|events", "机密".as_bytes()).unwrap();
            assert_eq!(RustCrypto.open(algorithm, &key, "journal|c1|events", &sealed).unwrap(), "机密".as_bytes());
            assert!(RustCrypto.open(algorithm, &key, "journal|c2|events", &sealed).is_err());
            assert!(RustCrypto.open(algorithm, &vec![8; algorithm.key_bytes()], "journal|c1|events", &sealed).is_err());
            let mut bent = sealed.clone();
            *bent.last_mut().unwrap() ^= 1;
            assert!(RustCrypto.open(algorithm, &key, "journal|c1|events", &bent).is_err());
            assert_ne!(RustCrypto.seal(algorithm, &key, "journal|c1|events", "机密".as_bytes()).unwrap(), sealed);
        }
    }
}
