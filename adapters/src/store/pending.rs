//! Reads and plain rows whose bodies follow.

use serde_json::Value;
use tongban_engine::{
    interpreter::{CaseId, LocalNo},
    time::Moment,
};

use super::*;
use crate::outbox::OutboxItem;

type Done<T> = Result<T, StoreError>;

fn pending<T>() -> Done<T> {
    Err(StoreError::Closed)
}

#[expect(clippy::unused_async, unused_variables, missing_docs, reason = "signatures first; bodies follow")]
impl Store {
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
        const SQL: &str =
            "SELECT seq, at, events, prev, hash, command_key, ask FROM journal WHERE shard = $1 AND case_id = $2 ORDER BY seq";
        let rows = self.inner.readers.fetch("read a journal", SQL, vec![tables::shard_of(case).into(), case.into()]).await?;
        let key = self.key_of(case).await?;
        rows.iter()
            .map(|row| {
                let seq = row.count("seq")?;
                Ok(JournalRow {
                    seq,
                    at: row.moment("at")?,
                    actor: tongban_engine::interpreter::Actor::System,
                    key: row.text("command_key")?,
                    ask: row.text("ask")?,
                    events: sealing::open_events(&key, case, seq, &row.text("events")?)?,
                    prev: row.text("prev")?,
                    hash: row.text("hash")?,
                })
            })
            .collect()
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
}
