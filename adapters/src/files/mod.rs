//! Attachments: kept under a keyed hash of their content, sealed, and taken only if they are what they say they are.
//!
//! A file is sealed piece by piece while it comes in: no plain content ever rests on disk, and memory holds one piece.

mod content;
mod sealed;

use tongban_engine::interpreter::MaterialGiven;

use self::{
    content::Kind,
    sealed::{Pieces, SealedFile},
};
use crate::{
    seal::parent_of,
    store::{Statement, Store, StoreError},
};

/// Bytes of one file at most.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Archives that are looked into at once: each is opened in memory.
static LOOKING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// A file that cases have taken has no key of its own any more; what comes in again is kept anew.
const KEEP: &str = "INSERT INTO file (id, size, media_type, wrapped, at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped WHERE file.wrapped = ''";
const ONE: &str = "SELECT wrapped FROM file WHERE id = $1";
const TAKEN: &str = "SELECT wrapped FROM case_file WHERE file = $1 ORDER BY shard, case_id";

/// Whose key wraps the keys of files that no case has taken yet.
pub(crate) const FREE: &str = "~files";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[KEEP, ONE, TAKEN];

/// For whom a file's key was wrapped: before there were layers all of them for the house, now each for itself.
pub(crate) fn subject_of<'a>(wrapped: &str, file: &'a str) -> &'a str {
    if parent_of(wrapped).is_some_and(|parent| parent.starts_with("root-")) { FREE } else { file }
}

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
        let kind = Kind::of_name(name, accept).ok_or_else(|| FileError::WrongType { found: format!("named `{name}`") })?;
        kind.check_declared(declared)?;
        let parent = self.key_of(FREE).await?;
        let sealed = sealed::receive(&self.inner.keys, &parent, &self.files_folder(), bytes).await?;
        kind.check_head(&sealed.head)?;
        if kind.is_archive() {
            let _turn = LOOKING.acquire().await.map_err(|_| StoreError::Closed)?;
            let plain = sealed.plain().await?;
            tokio::task::spawn_blocking(move || kind.check_archive(&plain)).await.map_err(|_| StoreError::Closed)??;
        }
        let given = MaterialGiven {
            material: material.to_owned(),
            file: sealed.id.clone(),
            name: name.to_owned(),
            size: sealed.size,
            media_type: kind.media_type().to_owned(),
        };
        self.keep_sealed(sealed, kind).await?;
        Ok(given)
    }

    /// The bytes of a kept file.
    ///
    /// # Errors
    /// The store failed, or the file was changed.
    pub async fn file(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        for sql in [ONE, TAKEN] {
            for row in self.inner.readers.fetch("find a file", sql, vec![id.into()]).await? {
                let wrapped = row.text("wrapped")?;
                if wrapped.is_empty() {
                    continue;
                }
                let key = self.unwrapped(subject_of(&wrapped, id), &wrapped).await?;
                let pieces = Pieces::of_kept(&self.inner.keys, &self.files_folder(), id, (key, &wrapped));
                return pieces.plain(Some(id.to_owned())).await.map(Some);
            }
        }
        Ok(None)
    }

    /// Takes away what is left of a file on disk whose key, with this wrapped form, is destroyed.
    pub(crate) fn drop_file(&self, id: &str, wrapped: &str) {
        let path = sealed::path_of(&self.files_folder(), id, wrapped);
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "a file whose key was destroyed could not be removed");
        }
    }

    /// Moves the sealed file to its place and writes its row; a file that is kept already stays as it is.
    async fn keep_sealed(&self, sealed: SealedFile, kind: Kind) -> Result<(), StoreError> {
        let known = self.inner.readers.fetch("find a file", ONE, vec![sealed.id.as_str().into()]).await?;
        if known.first().map(|row| row.text("wrapped")).transpose()?.is_some_and(|wrapped| !wrapped.is_empty()) {
            return Ok(());
        }
        let values = vec![
            sealed.id.as_str().into(),
            sealed.size.into(),
            kind.media_type().into(),
            sealed.wrapped.as_str().into(),
            self.inner.clock.now().into(),
        ];
        // On disk, under a name of its own, before there is a row that promises it.
        let path = sealed.settle(&self.files_folder()).await?;
        let written = self.write_one(Statement::new("keep a file", KEEP, values)).await?;
        if written.touched == 0 {
            // The same content came twice at once, and the other row was first.
            let _ = tokio::fs::remove_file(path).await;
        }
        Ok(())
    }

    fn files_folder(&self) -> std::path::PathBuf {
        self.inner.settings.data_dir.join("files")
    }
}
