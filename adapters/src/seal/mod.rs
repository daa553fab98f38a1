//! Sealing: what is sensitive is ciphertext wherever it rests.
//!
//! Three layers of keys: a root key in the key file wraps one key a unit and year, that wraps one data key a subject, and that
//! seals values and wraps the keys of files. Every ciphertext names its cipher, format version and key, and is bound to the
//! place it stands at, so that it opens nowhere else. A destroyed data key is the end of everything below it.

mod cipher;
mod data_key;
mod key_file;
mod keyring;
mod sensitive;
mod value;

pub use cipher::{Algorithm, CryptoProvider, RustCrypto};
pub use data_key::{DataKey, parent_of};
pub use keyring::{KEY_FILE, Keyring, RootKey};
pub use sensitive::Sensitive;
pub(crate) use value::{open_tree, seal_text, seal_value};

/// Why something could not be sealed or opened. Never says what was in it.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file cannot be read or written.
    #[error("key file {path}: {source}")]
    KeyFile {
        /// Its path.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The key file makes no sense.
    #[error("key file {path}: {what}; restore it from its backup, for without it nothing sealed can be read")]
    KeyFileDamaged {
        /// Its path.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// No randomness from the system.
    #[error("the system gives no randomness: {0}")]
    Random(String),
    /// The text is not one that was sealed here.
    #[error("the sealed value at {0} is not of the form ALGORITHM:VERSION:KEY:TEXT")]
    Format(String),
    /// Sealed under a key that is not at hand.
    #[error("the sealed value at {place} needs key {key}, which is not at hand")]
    KeyUnknown {
        /// Where it stands.
        place: String,
        /// The key's id.
        key: String,
    },
    /// Wrong key, wrong place, or changed since.
    #[error("the sealed value at {0} does not open: it was changed, moved, or sealed under another key")]
    DoesNotOpen(String),
}
