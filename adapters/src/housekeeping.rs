//! What has to be done from time to time: heads are sealed, and the audit is copied off the box, every ten seconds; files
//! that wait for the scanner are scanned; the audit is checked; sessions that are over and messages that were settled long
//! ago are forgotten, and proposals expire.

use std::{path::Path, sync::Arc};

use tokio::sync::Mutex;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::store::{AuditCopy, HeadsLog, Store, StoreError};

/// Messages are kept so long after they came: a replayed one is known by its nonce until then.
const INTAKE_MS: i64 = 90 * 86_400_000;
/// Seconds, minutes, hours, days, months, weekdays; UTC.
const SEAL: &str = "*/10 * * * * *";
const SCAN: &str = "5/20 * * * * *";
const FORGET: &str = "0 17 * * * *";
const CHECK: &str = "0 47 * * * *";

/// Why housekeeping does not begin.
#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    /// The log of sealed heads does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scheduler does not start.
    #[error("the scheduler of housekeeping does not start: {0}")]
    Scheduler(#[from] JobSchedulerError),
}

/// The chores. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Housekeeping {
    store: Store,
    heads: Arc<Mutex<HeadsLog>>,
    scanning: Arc<Mutex<()>>,
    copy: Option<Arc<Mutex<AuditCopy>>>,
}

impl Housekeeping {
    /// The chores of a store.
    ///
    /// # Errors
    /// The log of sealed heads does not open.
    pub fn new(store: Store) -> Result<Self, StoreError> {
        let heads = Arc::new(Mutex::new(HeadsLog::open(&store)?));
        Ok(Self { store, heads, scanning: Arc::default(), copy: None })
    }

    /// The same with a copy of the audit in a file of its own, best on another machine's append-only drive.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no such copy.
    pub fn with_audit_copy(self, path: &Path) -> Result<Self, StoreError> {
        Ok(Self { copy: Some(Arc::new(Mutex::new(AuditCopy::open(&self.store, path)?))), ..self })
    }

    /// Copies what the audit has grown by; says how many rows.
    ///
    /// # Errors
    /// The store failed, or the file cannot be written.
    pub async fn copy_audit(&self) -> Result<u64, StoreError> {
        match &self.copy {
            Some(copy) => copy.lock().await.follow().await,
            None => Ok(0),
        }
    }

    /// Seals the heads of journals and audit that grew; says how many.
    ///
    /// # Errors
    /// The store failed, or the log cannot be written.
    pub async fn seal(&self) -> Result<usize, StoreError> {
        self.heads.lock().await.seal().await
    }

    /// Scans files that wait for it; says how many were judged. A round that is still at work is not joined by another.
    ///
    /// # Errors
    /// The store failed.
    pub async fn scan(&self) -> Result<usize, StoreError> {
        let Ok(_round) = self.scanning.try_lock() else { return Ok(0) };
        self.store.scan_waiting().await
    }

    /// Forgets sessions that are over, failed log-ins of long ago and messages settled long ago, closes proposals that
    /// nobody decided on; says how many rows it was.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget(&self) -> Result<u64, StoreError> {
        let before = self.store.clock().now().plus_ms(-INTAKE_MS);
        let forgotten = self.store.purge_sessions().await? + self.store.purge_attempts().await? + self.store.purge_intake(before).await?;
        Ok(forgotten + self.store.expire_proposals().await?)
    }

    /// Does the chores at their times, as long as it is polled.
    pub async fn run(self) {
        match self.start().await {
            // The scheduler must live as long as its jobs.
            Ok(_scheduler) => std::future::pending().await,
            Err(error) => tracing::error!(%error, "there is no housekeeping: heads are not sealed"),
        }
    }

    /// Does the chores at their times, until what it gives is shut down.
    ///
    /// # Errors
    /// The scheduler does not start.
    pub async fn start(self) -> Result<JobScheduler, HousekeepingError> {
        let scheduler = JobScheduler::new().await?;
        let chores = self.clone();
        let seal = Job::new_async(SEAL, move |_, _| {
            let chores = chores.clone();
            Box::pin(async move {
                tell("seal heads", chores.seal().await.map(drop));
                tell("copy the audit", chores.copy_audit().await.map(drop));
            })
        })?;
        let chores = self.clone();
        let check = Job::new_async(CHECK, move |_, _| {
            let chores = chores.clone();
            Box::pin(async move { tell("check the audit", chores.store.check_audit().await.map(drop)) })
        })?;
        let chores = self.clone();
        let scan = Job::new_async(SCAN, move |_, _| {
            let chores = chores.clone();
            Box::pin(async move { tell("scan files", chores.scan().await.map(drop)) })
        })?;
        let forget = Job::new_async(FORGET, move |_, _| {
            let chores = self.clone();
            Box::pin(async move { tell("forget what is over", chores.forget().await.map(drop)) })
        })?;
        scheduler.add(seal).await?;
        scheduler.add(scan).await?;
        scheduler.add(check).await?;
        scheduler.add(forget).await?;
        scheduler.start().await?;
        Ok(scheduler)
    }
}

fn tell(chore: &'static str, done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::error!(chore, %error, "housekeeping failed; it is tried again at its next time");
    }
}
