//! The store: the one way to change anything, and all that pages and adapters read.
//!
//! What was acknowledged is on disk. A command that was answered is in one durable commit together with its journal row,
//! the rows made of it, its outbox entries and its stored answer; the same key again gets that answer. An unknown outcome
//! (a cut connection, a failed store) is always safe to try again with the same key.

mod append_only;
mod asked;
mod audit;
mod audit_chain;
mod audit_copy;
mod audit_list;
mod batch;
mod blind;
mod case_reads;
mod catalog;
mod committer;
mod database;
mod difference;
mod drafts;
mod emergency;
mod error;
mod extension;
mod head_row;
mod heads;
mod intake;
mod list_query;
mod listening;
mod lists;
mod migration;
mod outbox_rows;
mod plain;
mod proposals;
mod reads;
mod register;
mod reveals;
mod rows;
mod sealer;
mod sealing;
mod sql;
mod start_timers;
mod submit;
mod tables;
mod tape;
mod vault;
mod verify;
mod writing;

pub use audit::{AUDIT, AuditRow, Deed, SYSTEM};
pub use audit_chain::AuditState;
pub use audit_copy::AuditCopy;
pub use audit_list::{AuditAsked, AuditFilter};
pub use emergency::Emergency;
pub use error::*;
pub use heads::{HEADS_LOG, HeadsLog, SealedHeads};
pub use migration::{MigratedCase, MigrationPlan, PlannedCase, VersionUse};
pub(crate) use plain::Statement;
pub use proposals::{Change, Decision, Proposal, ProposalError, Verdict};
pub use reads::CASE_READ;
pub use register::{Meanwhile, RegisterAsked, RegisterError};
pub use reveals::{FIELD_REVEALED, REVEALS_HOUR_MAX, Reveal};
pub use rows::*;
pub(crate) use sql::{Row, Value};
pub use start_timers::StartTimer;
pub use submit::case_id_for;
pub(crate) use tables::shard_of;
pub use tape::{Replay, Tape};
pub use vault::{EraseError, Erased, Erasure, Hold, KeyFault, KeyStock, Progress, Rotation, UnitStock};
pub use verify::{Fault, Verified};

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, RwLock},
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, watch};

use self::{catalog::Catalog, committer::Work, database::Readers};
use crate::{clock::Clock, config::StoreSettings, files::PreviewSize, seal::Keyring};

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) readers: Readers,
    pub(crate) inbox: mpsc::Sender<Work>,
    pub(crate) keys: Keyring,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: StoreSettings,
    pub(crate) catalog: RwLock<Catalog>,
    /// The register is changed by one at a time.
    pub(crate) registering: tokio::sync::Mutex<()>,
    pub(crate) outbox_woken: Arc<Notify>,
    pub(crate) commits: watch::Sender<u64>,
    pub(crate) opened: vault::Opened,
    /// Pictures drawn for previews; in memory only.
    pub(crate) previews: Mutex<lru::LruCache<(String, PreviewSize), Bytes>>,
    /// Who looked at what lately.
    pub(crate) looks: reads::Looks,
    /// What the last check of the audit found.
    pub(crate) audit_state: RwLock<Option<AuditState>>,
}

/// Previews kept: some tens of megabytes.
const PREVIEWS_MAX: NonZeroUsize = NonZeroUsize::new(128).expect("not zero");

impl Store {
    /// Opens the store, brings its tables up to date, and starts the committer.
    ///
    /// # Errors
    /// The database or the key file cannot be opened.
    pub async fn open(settings: StoreSettings, keys: Keyring, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let (writer, readers) = database::open(&settings).await?;
        let (inbox, waiting) = mpsc::channel(settings.queue_max.max(1));
        let inner = Arc::new(Inner {
            readers,
            inbox,
            keys,
            clock,
            settings,
            catalog: RwLock::default(),
            registering: tokio::sync::Mutex::default(),
            outbox_woken: Arc::default(),
            commits: watch::channel(0).0,
            opened: vault::Opened::default(),
            previews: Mutex::new(lru::LruCache::new(PREVIEWS_MAX)),
            looks: reads::Looks::default(),
            audit_state: RwLock::default(),
        });
        let store = Self { inner };
        store.load_catalog().await?;
        let committer = committer::Committer::start(&store, writer).await?;
        tokio::spawn(committer.run(waiting));
        store.check_roots().await?;
        store.know_roles().await?;
        store.take_former_reads().await?;
        Ok(store)
    }

    /// The clock it was given.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Finishes what waits, then closes.
    pub async fn close(&self) {
        let (reply, closed) = tokio::sync::oneshot::channel();
        if self.inner.inbox.send(Work::Close { reply }).await.is_ok() {
            let _ = closed.await;
        }
        self.inner.readers.close().await;
    }

    /// Told after every commit that wrote to the outbox.
    pub fn outbox_woken(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.outbox_woken)
    }

    /// Told the number of each commit: open pages can wait on it.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.inner.commits.subscribe()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
