//! Quarantine: what the scanner says of a file, kept with it. A file that waits or is infected is opened to nobody.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tongban_engine::time::Moment;

use super::{
    FileError, Named,
    scan::{Content, ScanError, Verdict},
    sealed::{Reader, Received},
};
use crate::store::{Deed, SYSTEM, Statement, Store, StoreError};

/// Files of one round of scanning later.
const ROUND: u32 = 50;
/// Who scans in the background may take so long over one file.
const LATER_MAX: Duration = Duration::from_secs(120);
/// A file is tried again after so long; one that the scanner cannot judge after twice that, and so on.
const RETRY_MS: i64 = 30_000;
/// Doublings, at most: half a day.
const RETRY_DOUBLINGS: u64 = 10;

/// Files of which something is left to scan: not those whose keys were destroyed with the cases that took them.
const DUE: &str = "SELECT id, attempts FROM file WHERE state IN ('waiting', 'unscanned') AND due <= $1 \
     AND (wrapped <> '' OR EXISTS (SELECT 1 FROM case_file t WHERE t.file = file.id)) ORDER BY due, id LIMIT $2";
const JUDGE: &str = "UPDATE file SET state = $2, why = NULL WHERE id = $1";
const CONDEMN: &str = "UPDATE file SET state = 'infected', why = $2, wrapped = '' WHERE id = $1 AND state <> 'infected'";
const DEFER: &str = "UPDATE file SET state = 'waiting', why = $2, attempts = $4, due = $3 WHERE id = $1";
const TAKE_BACK: &str = "DELETE FROM case_file WHERE file = $1";
const WAITING: &str = "SELECT COUNT(*) AS files, MIN(at) AS since, MAX(why) AS why FROM file WHERE state = 'waiting' \
     AND (wrapped <> '' OR EXISTS (SELECT 1 FROM case_file t WHERE t.file = file.id))";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[DUE, JUDGE, CONDEMN, TAKE_BACK, DEFER, WAITING];

/// What is known of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// There is no scanner, or there was none when it came.
    Unscanned,
    /// The scanner has not said anything yet.
    Waiting,
    /// Scanned; nothing was found.
    Clean,
    /// Scanned; something was found, and the content was destroyed.
    Infected,
}

impl FileState {
    /// Its word, in the database and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unscanned => "unscanned",
            Self::Waiting => "waiting",
            Self::Clean => "clean",
            Self::Infected => "infected",
        }
    }

    pub(super) fn of_word(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Unscanned, Self::Waiting, Self::Clean, Self::Infected].into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| StoreError::corrupt("read the state of a file", format!("`{word}` is no state")))
    }
}

/// Files that wait for the scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// How many.
    pub files: u64,
    /// When the first of them came.
    pub since: Moment,
    /// What the scanner, or the way to it, said last.
    pub why: String,
}

/// A verdict, or why there is none.
pub(super) struct Scanned {
    pub(super) state: FileState,
    /// The signature, or the reason to wait.
    pub(super) why: Option<String>,
}

impl Store {
    /// Scans what has just come in, as long as one may be kept waiting for it.
    pub(super) async fn scan_received(&self, received: &Received) -> Result<Scanned, StoreError> {
        let state = |state| Scanned { state, why: None };
        Ok(match self.scan(received.reader()?, self.inner.settings.scan_patience).await {
            None => state(FileState::Unscanned),
            Some(Ok(Verdict::Clean)) => state(FileState::Clean),
            Some(Ok(Verdict::Infected(signature))) => Scanned { state: FileState::Infected, why: Some(signature) },
            Some(Err(error)) => {
                tracing::warn!(%error, "a file waits to be scanned");
                Scanned { state: FileState::Waiting, why: Some(error.to_string()) }
            }
        })
    }

    /// None if there is no scanner.
    async fn scan(&self, reader: Reader, patience: Duration) -> Option<Result<Verdict, ScanError>> {
        let scanner = self.inner.settings.scanner.as_ref()?;
        let content: Content = Box::pin(reader.stream());
        let answered = tokio::time::timeout(patience, scanner.scan(content)).await;
        Some(answered.unwrap_or(Err(ScanError::Late(patience.as_secs()))))
    }

    /// Scans files that wait for it, and those that came before there was a scanner; says how many were judged.
    ///
    /// # Errors
    /// The store failed. A scanner that is away is no error: the files wait on.
    pub async fn scan_waiting(&self) -> Result<usize, StoreError> {
        let mut judged = 0;
        if self.inner.settings.scanner.is_none() {
            return Ok(judged);
        }
        let due = vec![self.inner.clock.now().into(), ROUND.into()];
        for row in self.inner.readers.fetch("find files to scan", DUE, due).await? {
            let (id, attempts) = (row.text("id")?, row.count("attempts")?);
            let Some(reader) = self.kept_reader(&id).await? else { continue };
            match self.scan(reader, LATER_MAX).await {
                None => break,
                Some(Ok(Verdict::Clean)) => self.judge(&id, FileState::Clean).await?,
                Some(Ok(Verdict::Infected(signature))) => self.condemn(&id, &signature).await?,
                Some(Err(error)) => {
                    // that nobody is there is no fault of the file, and the others would fare no better
                    let away = matches!(error, ScanError::Away(_));
                    self.defer(&id, if away { 0 } else { attempts + 1 }, &error).await?;
                    if away {
                        break;
                    }
                    continue;
                }
            }
            judged += 1;
        }
        Ok(judged)
    }

    /// The scanner found nothing in a kept file.
    pub(super) async fn judge(&self, id: &str, state: FileState) -> Result<(), StoreError> {
        let values = vec![id.into(), state.word().into()];
        self.write_one(Statement::new("note what a scanner said", JUDGE, values)).await.map(drop)
    }

    /// The scanner found something in a kept file: noted, every form of its key forgotten, its content destroyed.
    pub(super) async fn condemn(&self, id: &str, signature: &str) -> Result<(), StoreError> {
        tracing::error!(file = id, signature, "a kept file is infected; its content was destroyed");
        let deed = self.deed(SYSTEM, "file.quarantined", id, signature);
        let forms = self.file_forms(id).await?;
        let statements = vec![
            Statement::new("quarantine a file", CONDEMN, vec![id.into(), signature.into()]),
            Statement::new("take the keys of a file from its cases", TAKE_BACK, vec![id.into()]),
        ];
        self.write_audited(vec![deed], statements).await?;
        for wrapped in forms {
            self.drop_file(id, &wrapped).await?;
        }
        Ok(())
    }

    /// Something was found in a file that was being handed in: noted; nothing of it is kept.
    pub(super) async fn refuse_infected(&self, named: &Named<'_>, id: &str, signature: &str) -> Result<FileError, StoreError> {
        self.note(self.deed(named.by, "file.refused", id, signature)).await?;
        Ok(FileError::Infected { signature: signature.to_owned() })
    }

    fn deed(&self, actor: &str, deed: &str, id: &str, signature: &str) -> Deed {
        let after = Some(serde_json::json!({"signature": signature}).to_string());
        Deed { after, ..Deed::new(self.inner.clock.now(), actor, deed, "file", id) }
    }

    async fn defer(&self, id: &str, attempts: u64, error: &ScanError) -> Result<(), StoreError> {
        tracing::warn!(%error, attempts, "a file still waits to be scanned");
        let again = self.inner.clock.now().plus_ms(RETRY_MS << attempts.saturating_sub(1).min(RETRY_DOUBLINGS));
        let values = vec![id.into(), error.to_string().into(), again.into(), attempts.into()];
        self.write_one(Statement::new("put a scan off", DEFER, values)).await.map(drop)
    }

    /// Files that wait for the scanner; None if none does.
    ///
    /// # Errors
    /// The store failed.
    pub async fn scan_backlog(&self) -> Result<Option<Backlog>, StoreError> {
        let rows = self.inner.readers.fetch("count files to scan", WAITING, Vec::new()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        match row.count("files")? {
            0 => Ok(None),
            files => Ok(Some(Backlog { files, since: row.moment("since")?, why: row.opt_text("why")?.unwrap_or_default() })),
        }
    }

    /// Whether a file in this state may be opened by those who may see it.
    pub fn opens(&self, state: FileState) -> bool {
        let settings = &self.inner.settings;
        match state {
            FileState::Clean => true,
            FileState::Waiting | FileState::Infected => false,
            FileState::Unscanned => settings.scanner.is_none() && !settings.hold_unscanned,
        }
    }
}
