//! What the shell is told at start: where the store is, and how much it takes at once.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{accounts::Passwords, files::Scanner};

/// Settings of the store.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// `sqlite://PATH`, or `postgres://…`. [`StoreSettings::embedded`] makes the default.
    pub url: String,
    /// Folder for attachments, the log of sealed heads and the key file.
    pub data_dir: PathBuf,
    /// Commands in one commit, at most.
    pub batch_max: usize,
    /// Commands that may wait; more callers wait outside.
    pub queue_max: usize,
    /// Opened cases kept in memory.
    pub cache_max: usize,
    /// Connections for reading.
    pub readers: u32,
    /// What passwords must be like, and whether everybody needs a second factor.
    pub passwords: Passwords,
    /// Looks for malicious software in attachments; without one they are kept unscanned.
    pub scanner: Option<Arc<dyn Scanner>>,
    /// Who hands a file in waits so long for the scanner; then the file waits for it.
    pub scan_patience: Duration,
    /// Files that were not scanned are opened to nobody, even if there is no scanner.
    pub hold_unscanned: bool,
    /// Records the rows of every batch, for benchmarks that write them again.
    pub tape: Option<crate::store::Tape>,
}

impl StoreSettings {
    /// SQLite in `data_dir`.
    pub fn embedded(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        let url = format!("sqlite://{}", data_dir.join("tongban.db").display());
        Self {
            url,
            data_dir,
            batch_max: 128,
            queue_max: 4_096,
            cache_max: 10_000,
            readers: 4,
            passwords: Passwords::Intl,
            scanner: None,
            scan_patience: Duration::from_secs(10),
            hold_unscanned: false,
            tape: None,
        }
    }

    /// A PostgreSQL database, files in `data_dir`.
    pub fn postgres(url: impl Into<String>, data_dir: impl Into<PathBuf>) -> Self {
        Self { url: url.into(), ..Self::embedded(data_dir) }
    }
}
