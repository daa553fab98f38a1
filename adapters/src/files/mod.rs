//! Attachments: kept under a keyed hash of their content, sealed, and taken only if they are what they say they are.
//!
//! A file is sealed piece by piece while it comes in, and opened piece by piece when it is read: no plain content ever
//! rests on disk, and memory holds one piece. What a scanner has not passed, though there is one, is opened to nobody.
//!
//! A file's key comes wrapped by the house's ([`FREE`]); each case that takes the file wraps it anew by the key of its
//! subject. Any of these forms opens the file; when none is left, it is destroyed.

mod content;
mod picture;
mod quarantine;
mod scan;
mod sealed;

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::Stream;
use tongban_engine::interpreter::MaterialGiven;

use self::{content::Kind, quarantine::Scanned, sealed::Reader};
pub use self::{
    picture::PreviewSize,
    quarantine::{Backlog, FileState},
    scan::{Clamd, Content, ScanError, Scanner, Scanning, Verdict},
    sealed::{Incoming, Received},
};
use crate::{
    seal::parent_of,
    store::{Row, Statement, Store, StoreError, Value},
};

/// Bytes of one file at most.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Files of one case at most, and of one form.
pub const FILES_MAX: usize = 50;
/// Letters of a file's name at most.
const NAME_MAX: usize = 120;

/// Files that are looked into at once.
static LOOKING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// A file that cases have taken has no key of its own any more; what comes in again is kept anew, and is what it was known for.
const KEEP: &str = "INSERT INTO file (id, size, media_type, wrapped, at, state, why) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped WHERE file.wrapped = '' AND file.state <> 'infected'";
const REPLACE: &str = "UPDATE file SET wrapped = $2, state = $3, why = $4, attempts = 0, due = 0 WHERE id = $1 AND state = 'infected'";
const STATES: &str = "SELECT id, state FROM file";
const ONE: &str = "SELECT wrapped, state, size, media_type FROM file WHERE id = $1";
const FORMS: &str = "SELECT wrapped FROM file WHERE id = $1 AND wrapped <> '' UNION ALL SELECT wrapped FROM case_file WHERE file = $1";

/// Whose key wraps the keys of files that no case has taken yet.
pub(crate) const FREE: &str = "~files";

/// Statements of this folder, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&[&str]] = &[&[KEEP, REPLACE, STATES, ONE, FORMS], quarantine::STATEMENTS];

/// For whom a file's key was wrapped: before there were layers all of them for the house, now each for itself.
pub(crate) fn subject_of<'a>(wrapped: &str, file: &'a str) -> &'a str {
    if parent_of(wrapped).is_some_and(|parent| parent.starts_with("root-")) { FREE } else { file }
}

/// Why a file was not taken, or is not opened.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More than [`FILE_BYTES_MAX`].
    #[error("the file is larger than 20 MiB")]
    TooLarge,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than [`FILES_MAX`].
    #[error("there are more than 50 files")]
    TooMany,
    /// Content, extension and declared type do not agree.
    #[error("the file's content is {found}, which does not go with its name")]
    WrongType {
        /// What it is.
        found: String,
    },
    /// A picture of none or more than 50 million pixels.
    #[error("the picture has more than 50 million pixels")]
    TooManyPixels,
    /// A scanner found something in it.
    #[error("the file is infected: {signature}")]
    Infected {
        /// What was found.
        signature: String,
    },
    /// It is kept, but may not be opened.
    #[error("the file is {}", .0.word())]
    Held(FileState),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file as it is handed in.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The material that it is for.
    pub material: &'a str,
    /// Its name; data only.
    pub name: &'a str,
    /// The media type that was declared.
    pub declared: Option<&'a str>,
    /// Extensions that the form takes; empty: all that are known.
    pub accept: &'a [String],
    /// Who hands it in: a person, or a platform.
    pub by: &'a str,
}

/// A kept file that may be opened.
pub struct KeptFile {
    /// Bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    reader: Reader,
}

impl KeptFile {
    /// Its content piece by piece, each known to be unchanged before it is given.
    pub fn stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        self.reader.stream()
    }

    /// Its content at once.
    ///
    /// # Errors
    /// It was changed or cut off, or the disk failed.
    pub async fn bytes(self) -> Result<Vec<u8>, StoreError> {
        self.reader.bytes().await
    }
}

struct FileRow {
    wrapped: String,
    state: FileState,
}

impl FileRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { wrapped: row.text("wrapped")?, state: FileState::of_word(&row.text("state")?)? })
    }
}

impl Store {
    /// A place for a file that is coming in.
    ///
    /// # Errors
    /// The disk does not take it, or the store failed.
    pub async fn incoming(&self) -> Result<Incoming, StoreError> {
        let parent = self.key_of(FREE).await?;
        Incoming::begin(&self.inner.keys, parent, &self.files_folder())
    }

    /// Keeps a file that has come in, checked by its content and scanned. On disk before it returns.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn keep_file(&self, named: &Named<'_>, received: Received) -> Result<MaterialGiven, FileError> {
        let kind =
            Kind::of_name(named.name, named.accept).ok_or_else(|| FileError::WrongType { found: format!("named `{}`", named.name) })?;
        kind.check_declared(named.declared)?;
        kind.check_head(&received.head)?;
        {
            let _turn = LOOKING.acquire().await.map_err(|_| StoreError::Closed)?;
            let reader = received.reader()?;
            tokio::task::spawn_blocking(move || kind.check_inside(reader)).await.map_err(|_| StoreError::Closed)??;
        }
        let scanned = self.scan_received(&received).await?;
        if scanned.state == FileState::Infected {
            let signature = scanned.why.unwrap_or_default();
            self.condemn_known(&received.id, &signature).await?;
            return Err(self.refuse_infected(named, &received.id, &signature).await?);
        }
        let given = MaterialGiven {
            material: named.material.to_owned(),
            file: received.id.clone(),
            name: plain_name(named.name),
            size: received.size,
            media_type: kind.media_type().to_owned(),
        };
        self.keep_sealed(received, kind, scanned).await?;
        Ok(given)
    }

    /// A kept file; None if there is none, or everything that opened it was destroyed.
    ///
    /// # Errors
    /// It may not be opened ([`FileError::Held`]), or the store failed.
    pub async fn file(&self, id: &str) -> Result<Option<KeptFile>, FileError> {
        let Some(row) = self.file_row(id).await? else { return Ok(None) };
        let state = FileRow::read(&row)?.state;
        if !self.opens(state) {
            return Err(FileError::Held(state));
        }
        let Some(reader) = self.kept_reader(id).await? else { return Ok(None) };
        Ok(Some(KeptFile { size: row.count("size")?, media_type: row.text("media_type")?, reader }))
    }

    /// Opens a kept file by any form of its key; None if no form is left.
    async fn kept_reader(&self, id: &str) -> Result<Option<Reader>, StoreError> {
        let mut failed = None;
        for wrapped in self.file_forms(id).await? {
            match self.opened_by(id, &wrapped).await {
                Ok(reader) => return Ok(Some(reader)),
                Err(error) => {
                    // the key of one case that took it may have been destroyed just now; another's still opens it
                    tracing::debug!(%error, file = id, "a form of a file's key does not open it");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(None), Err)
    }

    async fn opened_by(&self, id: &str, wrapped: &str) -> Result<Reader, StoreError> {
        let key = self.unwrapped(subject_of(wrapped, id), wrapped).await?;
        Reader::of_kept(&self.files_folder(), id, (key, wrapped))
    }

    /// The wrapped forms of a file's keys: that of a file no case has taken, and one for each case that has.
    pub(crate) async fn file_forms(&self, id: &str) -> Result<Vec<String>, StoreError> {
        let rows = self.inner.readers.fetch("find the keys of a file", FORMS, vec![id.into()]).await?;
        rows.iter().map(|row| row.text("wrapped")).collect()
    }

    /// Takes away what is left of a file on disk whose key, with this wrapped form, is destroyed, and what is drawn of it.
    pub(crate) async fn drop_file(&self, id: &str, wrapped: &str) -> Result<(), StoreError> {
        if let Ok(mut previews) = self.inner.previews.lock() {
            for size in PreviewSize::ALL {
                previews.pop(&(id.to_owned(), size));
            }
        }
        sealed::destroy(&self.files_folder(), id, wrapped).await
    }

    /// What is known of the content of kept files, by their ids.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_states(&self, ids: impl Iterator<Item = &str>) -> Result<BTreeMap<String, FileState>, StoreError> {
        let keys: Vec<Vec<Value>> = ids.map(|id| vec![id.into()]).collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.inner.readers.fetch_keys("find the states of files", STATES, &["id"], keys).await?;
        rows.iter().map(|row| Ok((row.text("id")?, FileState::of_word(&row.text("state")?)?))).collect()
    }

    async fn file_row(&self, id: &str) -> Result<Option<Row>, StoreError> {
        Ok(self.inner.readers.fetch("find a file", ONE, vec![id.into()]).await?.pop())
    }

    /// The same content was taken before, when nobody knew better.
    async fn condemn_known(&self, id: &str, signature: &str) -> Result<(), StoreError> {
        match self.file_row(id).await?.map(|row| FileRow::read(&row)).transpose()? {
            Some(row) if row.state != FileState::Infected => self.condemn(id, signature).await,
            _ => Ok(()),
        }
    }

    /// Moves the sealed file to its place and writes its row; a file that is kept already stays as it is, but what the
    /// scanner says now counts. One that only cases have is kept once more, so that it opens to who hands it in.
    async fn keep_sealed(&self, received: Received, kind: Kind, scanned: Scanned) -> Result<(), StoreError> {
        let known = self.file_row(&received.id).await?.map(|row| FileRow::read(&row)).transpose()?;
        if let Some(known) = known.as_ref().filter(|known| known.state != FileState::Infected) {
            if scanned.state == FileState::Clean && known.state != FileState::Clean {
                self.judge(&received.id, FileState::Clean).await?;
            }
            if !known.wrapped.is_empty() {
                return Ok(());
            }
        }
        let (id, wrapped) = (received.id.as_str(), received.wrapped.as_str());
        let statement = match known {
            // what was taken for infected, is not, and is handed in again
            Some(known) if known.state == FileState::Infected => {
                let values = vec![id.into(), wrapped.into(), scanned.state.word().into(), scanned.why.into()];
                Statement::new("keep a file again", REPLACE, values)
            }
            _ => {
                let (size, media_type, at) = (received.size.into(), kind.media_type().into(), self.inner.clock.now().into());
                let values = vec![id.into(), size, media_type, wrapped.into(), at, scanned.state.word().into(), scanned.why.into()];
                Statement::new("keep a file", KEEP, values)
            }
        };
        // On disk, under a name of its own, before there is a row that promises it.
        let path = received.settle(&self.files_folder()).await?;
        let written = self.write_one(statement).await?;
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

/// A name without a path, without what turns a line around, and no longer than a name is; its ending stays.
pub(crate) fn plain_name(name: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: Vec<char> = last.chars().filter(|letter| !letter.is_control() && !turns(*letter)).collect();
    let start = plain.len().saturating_sub(NAME_MAX);
    plain[start..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_name_is_not_kept() {
        let cases = [
            ("../../etc/说明.pdf", "说明.pdf"),
            ("C:\\Users\\wang\\说明.pdf", "说明.pdf"),
            ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
            ("exe.\u{202e}fdp.pdf", "exe.fdp.pdf"),
        ];
        for (name, kept) in cases {
            assert_eq!(plain_name(name), kept);
        }
        let long = plain_name(&format!("{}.pdf", "长".repeat(300)));
        assert!(long.chars().count() == NAME_MAX && long.ends_with(".pdf"), "{long}");
    }
}
