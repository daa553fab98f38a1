//! Attachments: kept under a keyed hash of their content, sealed, and taken only if they are what they say they are.

use tongban_engine::interpreter::MaterialGiven;

use crate::store::{Store, StoreError};

/// Bytes of one file at most.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More than [`FILE_BYTES_MAX`].
    #[error("the file is larger than 20 MiB")]
    TooLarge,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Content, extension and declared type do not agree.
    #[error("the file's content is {found}, which does not go with its name")]
    WrongType {
        /// What it is.
        found: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[expect(clippy::unused_async, unused_variables, reason = "signatures first; bodies follow")]
impl Store {
    /// Keeps a file that was read from `bytes`, given as `name` for `material`, whose form takes the extensions `accept`
    /// (empty: any known type). On disk before it returns.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn keep_file(
        &self,
        material: &str,
        name: &str,
        declared: Option<&str>,
        accept: &[String],
        bytes: impl tokio::io::AsyncRead + Unpin + Send,
    ) -> Result<MaterialGiven, FileError> {
        Err(FileError::Empty)
    }

    /// The bytes of a kept file.
    ///
    /// # Errors
    /// The store failed, or the file was changed.
    pub async fn file(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Err(StoreError::Closed)
    }
}
