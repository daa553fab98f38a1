//! The store: the one way to change anything, and all that pages and adapters read.

mod error;
mod rows;

pub use error::*;
pub use rows::*;

use std::sync::Arc;

use serde_json::Value;
use tongban_engine::{
    definition::{Bundle, Definition},
    interpreter::{Case, CaseId, Command, Event, LocalNo},
    organisation::Organisation,
    time::Moment,
};

use crate::{clock::Clock, config::StoreSettings, outbox::OutboxItem, seal::Keyring};

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    clock: Arc<dyn Clock>,
}

type Done<T> = Result<T, StoreError>;

fn pending<T>() -> Done<T> {
    Err(StoreError::Closed)
}

/// The identifier of a case whose application has number `application_no` at `source`: "one application, one case" is
/// then a primary key. For cases begun in our own pages `source` is `person:ID` and `application_no` the idempotency
/// key, so that a form sent twice begins one case.
pub fn case_id_for(source: &str, application_no: &str) -> CaseId {
    format!("{source}/{application_no}")
}

#[expect(clippy::unused_async, unused_variables, missing_docs, reason = "signatures first; bodies follow")]
impl Store {
    pub async fn open(settings: StoreSettings, keys: Keyring, clock: Arc<dyn Clock>) -> Done<Self> {
        Ok(Self { clock })
    }
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
    /// Finishes what waits, then closes.
    pub async fn close(&self) {}

    // What is deployed, and the office.
    pub async fn deploy(&self, bundle: &Bundle) -> Result<Deployed, DeployError> {
        Err(StoreError::Closed.into())
    }
    pub async fn organise(&self, organisation: Organisation) -> Done<()> {
        pending()
    }
    pub fn organisation(&self) -> Arc<Organisation> {
        Arc::default()
    }
    /// Latest version of a process.
    pub fn latest(&self, process: &str) -> Option<Arc<Definition>> {
        None
    }
    /// Latest versions of all processes.
    pub fn processes(&self) -> Vec<Arc<Definition>> {
        Vec::new()
    }
    /// Latest version of the process that handles a One-Net item.
    pub fn by_item(&self, item: &str) -> Option<Arc<Definition>> {
        None
    }
    /// Any version by its hash.
    pub async fn definition(&self, hash: &str) -> Done<Option<Arc<Definition>>> {
        pending()
    }
    /// Processes that the person may start by hand.
    pub fn startable(&self, person: &str) -> Vec<Arc<Definition>> {
        Vec::new()
    }
    pub async fn versions(&self, process: &str) -> Done<Vec<Version>> {
        pending()
    }

    // Commands.
    pub async fn submit(&self, command: Command) -> Result<Answer, SubmitError> {
        Err(StoreError::Closed.into())
    }
    /// Decided and thrown away: the case as it would be, and what would happen.
    pub async fn preview(&self, command: Command) -> Result<(Case, Vec<Event>), SubmitError> {
        Err(StoreError::Closed.into())
    }

    // Lists.
    pub async fn todo(&self, person: &str, filter: &Filter) -> Done<Page<TaskRow>> {
        pending()
    }
    pub async fn doing(&self, person: &str, filter: &Filter) -> Done<Page<CaseRow>> {
        pending()
    }
    pub async fn done(&self, person: &str, filter: &Filter) -> Done<Page<CaseRow>> {
        pending()
    }
    /// 我发起: cases that the person started, or that her unit applied for.
    pub async fn mine(&self, person: &str, filter: &Filter) -> Done<Page<CaseRow>> {
        pending()
    }
    /// Cases handled by a unit where the person holds a post.
    pub async fn of_units(&self, person: &str, filter: &Filter) -> Done<Page<CaseRow>> {
        pending()
    }
    pub async fn counts(&self, person: &str) -> Done<Counts> {
        pending()
    }

    // One case.
    pub async fn case(&self, id: &str) -> Done<Option<OpenedCase>> {
        pending()
    }
    pub async fn case_row(&self, id: &str) -> Done<Option<CaseRow>> {
        pending()
    }
    pub async fn case_by_number(&self, number: &str) -> Done<Option<CaseId>> {
        pending()
    }
    pub async fn tasks_of(&self, case: &str) -> Done<Vec<TaskRow>> {
        pending()
    }
    /// Whether the person did something in the case.
    pub async fn took_part(&self, person: &str, case: &str) -> Done<bool> {
        pending()
    }
    pub async fn journal(&self, case: &str) -> Done<Vec<JournalRow>> {
        pending()
    }
    pub async fn document(&self, case: &str, no: LocalNo) -> Done<Option<DocumentRow>> {
        pending()
    }
    pub async fn notices(&self, case: &str) -> Done<Vec<NoticeRow>> {
        pending()
    }
    pub async fn reads(&self, case: &str) -> Done<Vec<ReadRow>> {
        pending()
    }
    /// Records that somebody sees something sensitive; before it is shown.
    pub async fn record_read(&self, read: ReadRow) -> Done<()> {
        pending()
    }

    // Drafts.
    pub async fn save_draft(&self, person: &str, about: &str, body: &Value) -> Done<()> {
        pending()
    }
    pub async fn draft(&self, person: &str, about: &str) -> Done<Option<Draft>> {
        pending()
    }
    pub async fn drop_draft(&self, person: &str, about: &str) -> Done<()> {
        pending()
    }

    // What comes in.
    /// Records a message before it is carried out (state [`IntakeState::Received`]).
    pub async fn record_intake(&self, row: &IntakeRow) -> Done<Recorded> {
        pending()
    }
    pub async fn settle_intake(
        &self,
        source: &str,
        message_id: &str,
        state: IntakeState,
        case: Option<&str>,
        rejection: Option<&str>,
    ) -> Done<()> {
        pending()
    }
    /// Messages in a state (None: all), newest first.
    pub async fn intake(&self, state: Option<IntakeState>, page: u32) -> Done<Page<IntakeRow>> {
        pending()
    }
    pub async fn intake_row(&self, source: &str, message_id: &str) -> Done<Option<IntakeRow>> {
        pending()
    }

    // What goes out.
    /// Claims rows that may be delivered now: the first undelivered one of each case and destination, not those whose
    /// destination is in `except`. Attempts are counted here.
    pub async fn claim_outbox(&self, limit: u32, lease_ms: i64, except: &[String]) -> Done<Vec<OutboxItem>> {
        pending()
    }
    /// The claimed item was delivered. False if the lease was lost meanwhile.
    pub async fn delivered(&self, item: &OutboxItem) -> Done<bool> {
        pending()
    }
    /// The claimed item failed: tried again at `retry_at`, or dead (None).
    pub async fn failed(&self, item: &OutboxItem, error: &str, retry_at: Option<Moment>) -> Done<bool> {
        pending()
    }
    /// Rows in a state (`pending`, `delivered`, `dead`; None: all), newest first.
    pub async fn outbox(&self, state: Option<&str>, page: u32) -> Done<Page<OutboxRow>> {
        pending()
    }
    pub async fn outbox_of(&self, case: &str) -> Done<Vec<OutboxRow>> {
        pending()
    }
    /// A dead row is tried again.
    pub async fn resend(&self, id: &str) -> Done<bool> {
        pending()
    }
    /// When the next pending row may be tried; None: nothing is pending.
    pub async fn next_outbox(&self) -> Done<Option<Moment>> {
        pending()
    }
    /// Told after every commit that wrote to the outbox.
    pub fn outbox_woken(&self) -> Arc<tokio::sync::Notify> {
        Arc::default()
    }
    /// Told the number of each commit: open pages can wait on it.
    pub fn commits(&self) -> tokio::sync::watch::Receiver<u64> {
        tokio::sync::watch::channel(0).1
    }
}
