//! Signed messages: what is signed, by which algorithm, under which key, and how a signature is checked before anything is parsed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use subtle::ConstantTimeEq;
use tongban_engine::time::Moment;
use zeroize::Zeroizing;

pub use super::keys::{Key, KeyError, Keys, random_hex};

/// A nonce that is longer is refused: it would have to be kept for months.
const NONCE_CHARS_MAX: usize = 128;

/// A way of hashing a body and signing a text with a shared secret. SM2 would be a third one.
pub trait Signer: Send + Sync {
    /// Its name on the wire and in the mapping.
    fn name(&self) -> &'static str;
    /// The body's hash.
    fn hash(&self, body: &[u8]) -> Vec<u8>;
    /// The signature of `text` under `secret`.
    fn sign(&self, secret: &[u8], text: &[u8]) -> Vec<u8>;
}

/// HMAC-SM3 (GB/T 32905 with HMAC of RFC 2104; never `SM3(secret, text)`, which can be extended).
pub struct HmacSm3;
/// HMAC-SHA256.
pub struct HmacSha256;

impl Signer for HmacSm3 {
    fn name(&self) -> &'static str {
        "hmac-sm3"
    }
    fn hash(&self, body: &[u8]) -> Vec<u8> {
        Sm3::digest(body).to_vec()
    }
    fn sign(&self, secret: &[u8], text: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sm3>::new_from_slice(secret).expect("HMAC takes a key of any length");
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    }
}

impl Signer for HmacSha256 {
    fn name(&self) -> &'static str {
        "hmac-sha256"
    }
    fn hash(&self, body: &[u8]) -> Vec<u8> {
        Sha256::digest(body).to_vec()
    }
    fn sign(&self, secret: &[u8], text: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    }
}

/// The signer called `name`.
pub fn signer(name: &str) -> Option<&'static dyn Signer> {
    match name {
        "hmac-sm3" => Some(&HmacSm3),
        "hmac-sha256" => Some(&HmacSha256),
        _ => None,
    }
}

/// How one platform signs: part of its mapping.
#[derive(Clone)]
pub struct Policy {
    /// The algorithm.
    pub signer: &'static dyn Signer,
    /// Header names, lower case.
    pub headers: HeaderNames,
    /// How far a message's time may be off, milliseconds.
    pub window_ms: i64,
    /// How long a nonce is kept, milliseconds.
    pub keep_ms: i64,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("signer", &self.signer.name()).field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// Names of the four headers.
#[derive(Clone, Debug)]
pub struct HeaderNames {
    /// Key id.
    pub key: String,
    /// Time, Unix seconds.
    pub timestamp: String,
    /// Nonce.
    pub nonce: String,
    /// Signature, hexadecimal.
    pub signature: String,
}

/// What is signed besides time and nonce.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Path, starting with `/`.
    pub path: &'a str,
    /// Query as sent, without `?`; empty if there is none.
    pub query: &'a str,
    /// The raw body.
    pub body: &'a [u8],
}

/// A message whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key that signed it.
    pub key: String,
    /// Its nonce: to be remembered, and refused a second time.
    pub nonce: String,
}

/// Why a message is not believed. Told to the log; the sender hears only that it was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// A header is missing or malformed.
    #[error("header `{0}` is missing or malformed")]
    Header(String),
    /// Nobody has this key, or not any more.
    #[error("key `{0}` is not accepted")]
    Key(String),
    /// Too old, or from the future.
    #[error("the message is {0} ms away from our clock")]
    Stale(i64),
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Forged,
}

/// The text that is signed.
fn canonical(signer: &dyn Signer, signed: Signed<'_>, timestamp: &str, nonce: &str) -> String {
    let Signed { method, path, query, body } = signed;
    format!("{method}\n{path}\n{query}\n{timestamp}\n{nonce}\n{}", hex::encode(signer.hash(body)))
}

impl Policy {
    /// The headers to send with a message. None if no key has begun.
    pub fn sign(&self, keys: &Keys, signed: Signed<'_>, now: Moment, nonce: &str) -> Option<Vec<(String, String)>> {
        let key = keys.signing(now)?;
        let secret = Zeroizing::new(hex::decode(key.secret.as_bytes()).ok()?);
        let timestamp = now.0.div_euclid(1000).to_string();
        let signature = self.signer.sign(&secret, canonical(self.signer, signed, &timestamp, nonce).as_bytes());
        let names = &self.headers;
        Some(vec![
            (names.key.clone(), key.id.clone()),
            (names.timestamp.clone(), timestamp),
            (names.nonce.clone(), nonce.to_owned()),
            (names.signature.clone(), hex::encode(signature)),
        ])
    }

    /// Checks key, time and signature, in constant time where a secret is compared; looks at no byte of the body but its hash.
    ///
    /// # Errors
    /// [`Disbelief`].
    pub fn verify(&self, keys: &Keys, signed: Signed<'_>, headers: &[(String, String)], now: Moment) -> Result<Verified, Disbelief> {
        let header = |name: &str| {
            let mut found = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
            match (found.next(), found.next()) {
                (Some((_, value)), None) if !value.is_empty() => Ok(value.as_str()),
                _ => Err(Disbelief::Header(name.to_owned())),
            }
        };
        let names = &self.headers;
        let (id, timestamp, nonce) = (header(&names.key)?, header(&names.timestamp)?, header(&names.nonce)?);
        let given = hex::decode(header(&names.signature)?).map_err(|_| Disbelief::Header(names.signature.clone()))?;
        if nonce.len() > NONCE_CHARS_MAX || !nonce.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Disbelief::Header(names.nonce.clone()));
        }
        let key = keys.accepted(id, now).ok_or_else(|| Disbelief::Key(id.to_owned()))?;
        let secret = Zeroizing::new(hex::decode(key.secret.as_bytes()).map_err(|_| Disbelief::Key(id.to_owned()))?);
        let wanted = self.signer.sign(&secret, canonical(self.signer, signed, timestamp, nonce).as_bytes());
        if !bool::from(wanted.ct_eq(&given)) {
            return Err(Disbelief::Forged);
        }
        let at: i64 = timestamp.parse().map_err(|_| Disbelief::Header(names.timestamp.clone()))?;
        let away = now.0.saturating_sub(at.saturating_mul(1000));
        if away.saturating_abs() > self.window_ms {
            return Err(Disbelief::Stale(away));
        }
        Ok(Verified { key: id.to_owned(), nonce: nonce.to_owned() })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_790_000_000_000);

    fn policy() -> Policy {
        let names = HeaderNames { key: "x-key".into(), timestamp: "x-time".into(), nonce: "x-nonce".into(), signature: "x-sign".into() };
        Policy { signer: &HmacSm3, headers: names, window_ms: 300_000, keep_ms: 1 }
    }

    fn keys() -> Keys {
        let key = |id: &str, secret: &str, from, until| Key { id: id.into(), secret: Zeroizing::new(secret.into()), from, until };
        Keys {
            keys: vec![
                key("old", "aa11", 0, Some(NOW.0 + 1000)),
                key("new", "bb22", NOW.0 - 5, None),
                key("next", "cc33", NOW.0 + 500, None),
            ],
        }
    }

    fn signed(body: &[u8]) -> Signed<'_> {
        Signed { method: "POST", path: "/one-net/x", query: "a=1", body }
    }

    #[test]
    fn standard_vectors() {
        assert_eq!(hex::encode(HmacSm3.hash(b"abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        // RFC 4231, case 2.
        let sha = HmacSha256.sign(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex::encode(sha), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn what_is_signed_is_believed_and_nothing_else() {
        let (policy, keys) = (policy(), keys());
        let headers = policy.sign(&keys, signed(b"body"), NOW, "n1").unwrap();
        let verified = policy.verify(&keys, signed(b"body"), &headers, NOW.plus_ms(300_000)).unwrap();
        assert_eq!(verified, Verified { key: "new".into(), nonce: "n1".into() });

        let check = |request: Signed<'_>, headers: &[(String, String)], now| policy.verify(&keys, request, headers, now).unwrap_err();
        assert_eq!(check(signed(b"bodY"), &headers, NOW), Disbelief::Forged);
        assert_eq!(check(Signed { path: "/one-net/y", ..signed(b"body") }, &headers, NOW), Disbelief::Forged);
        assert_eq!(check(Signed { query: "a=2", ..signed(b"body") }, &headers, NOW), Disbelief::Forged);
        assert_eq!(check(Signed { method: "PUT", ..signed(b"body") }, &headers, NOW), Disbelief::Forged);
        assert_eq!(check(signed(b"body"), &headers, NOW.plus_ms(300_001)), Disbelief::Stale(300_001));
        assert_eq!(check(signed(b"body"), &headers, NOW.plus_ms(-300_001)), Disbelief::Stale(-300_001));
        for at in 0..headers.len() {
            let mut changed = headers.clone();
            changed[at].1 = if at == 1 { (NOW.0 / 1000 + 1).to_string() } else { "00".into() };
            policy.verify(&keys, signed(b"body"), &changed, NOW).unwrap_err();
            let name = changed.remove(at).0;
            assert_eq!(check(signed(b"body"), &changed, NOW), Disbelief::Header(name));
        }
        let mut twice = headers.clone();
        twice.push(headers[2].clone());
        assert_eq!(check(signed(b"body"), &twice, NOW), Disbelief::Header("x-nonce".into()));
    }

    #[test]
    fn keys_overlap_while_they_change() {
        let (policy, keys) = (policy(), keys());
        let old = Keys { keys: keys.keys[..1].to_vec() };
        let headers = policy.sign(&old, signed(b""), NOW, "n").unwrap();
        assert_eq!(policy.verify(&keys, signed(b""), &headers, NOW).unwrap().key, "old");
        assert_eq!(policy.verify(&keys, signed(b""), &headers, NOW.plus_ms(1000)), Err(Disbelief::Key("old".into())));
        assert_eq!(policy.sign(&keys, signed(b""), NOW.plus_ms(500), "n").unwrap()[0].1, "next");
    }
}
