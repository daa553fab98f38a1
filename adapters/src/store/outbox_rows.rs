//! Rows of the outbox: claimed, delivered, failed, tried again. Order is kept per case and destination, for an item is
//! claimed only when everything before it has been delivered.
//!
//! What fences a lost lease is the count of attempts: each claim raises it, and only the attempt that holds it may say
//! how it ended.

use tongban_engine::time::Moment;

use super::{
    OutboxRow, PAGE_ROWS, Page, Store, StoreError,
    case_reads::{self, key},
    plain::Statement,
    sql::{Row, Value},
    tables,
};
use crate::outbox::OutboxItem;

/// The first undelivered row of each case and destination, if it may be tried; a dead row stops what comes after it.
/// The outer conditions are asked again because another process may have claimed a row meanwhile. `$4` holds the
/// destinations to leave alone, each between two line feeds.
const CLAIM: &str = "UPDATE outbox SET attempts = attempts + 1, lease_until = $2 \
     WHERE state = 'pending' AND lease_until <= $1 AND (shard, case_id, destination, seq, n) IN (\
       SELECT o.shard, o.case_id, o.destination, o.seq, o.n FROM outbox o \
       WHERE o.state = 'pending' AND o.next_at <= $1 AND o.lease_until <= $1 \
         AND replace($4, '\n' || o.destination || '\n', '') = $4 \
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = o.shard AND e.case_id = o.case_id AND e.destination = o.destination \
           AND e.state <> 'delivered' AND (e.seq < o.seq OR (e.seq = o.seq AND e.n < o.n))) \
       ORDER BY o.next_at, o.at, o.case_id, o.seq, o.n LIMIT $3) \
     RETURNING case_id, destination, seq, n, at, attempts, payload";
const DELIVERED: &str = "UPDATE outbox SET state = 'delivered', lease_until = 0, error = NULL \
     WHERE shard = $1 AND case_id = $2 AND destination = $3 AND seq = $4 AND n = $5 AND attempts = $6 AND state = 'pending'";
const FAILED: &str = "UPDATE outbox SET state = $7, next_at = $8, lease_until = 0, error = $9 \
     WHERE shard = $1 AND case_id = $2 AND destination = $3 AND seq = $4 AND n = $5 AND attempts = $6 AND state = 'pending'";
const RESEND: &str = "UPDATE outbox SET state = 'pending', attempts = 0, next_at = $5, lease_until = 0 \
     WHERE shard = $1 AND case_id = $2 AND seq = $3 AND n = $4 AND state = 'dead'";
const NEXT: &str = "SELECT min(CASE WHEN o.lease_until > o.next_at THEN o.lease_until ELSE o.next_at END) AS next_at FROM outbox o \
     WHERE o.state = 'pending' \
       AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.shard = o.shard AND e.case_id = o.case_id AND e.destination = o.destination \
         AND e.state <> 'delivered' AND (e.seq < o.seq OR (e.seq = o.seq AND e.n < o.n)))";
const ALL: &str = "SELECT case_id, destination, seq, n, at, state, attempts, next_at, error FROM outbox \
     ORDER BY at DESC, case_id, seq DESC, n DESC LIMIT $1 OFFSET $2";
const ALL_TOTAL: &str = "SELECT count(*) AS total FROM outbox";
const IN_STATE: &str = "SELECT case_id, destination, seq, n, at, state, attempts, next_at, error FROM outbox WHERE state = $3 \
     ORDER BY at DESC, case_id, seq DESC, n DESC LIMIT $1 OFFSET $2";
const IN_STATE_TOTAL: &str = "SELECT count(*) AS total FROM outbox WHERE state = $1";
const OF_CASE: &str = "SELECT case_id, destination, seq, n, at, state, attempts, next_at, error FROM outbox \
     WHERE shard = $1 AND case_id = $2 ORDER BY seq, n, destination";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CLAIM, DELIVERED, FAILED, RESEND, NEXT, ALL, ALL_TOTAL, IN_STATE, IN_STATE_TOTAL, OF_CASE];

/// A row's identifier, `CASE:SEQ:N`; its idempotency key as well.
fn row_id(case: &str, seq: u64, n: u64) -> String {
    format!("{case}:{seq}:{n}")
}

/// Undoes [`row_id`].
fn parts(id: &str) -> Option<(&str, u64, u64)> {
    let mut parts = id.rsplitn(3, ':');
    let (n, seq, case) = (parts.next()?, parts.next()?, parts.next()?);
    Some((case, seq.parse().ok()?, n.parse().ok()?))
}

/// The row of a claimed item, and the attempt that holds it.
fn held(item: &OutboxItem) -> Vec<Value> {
    let n = parts(&item.id).map_or(0, |(_, _, n)| n);
    let shard = tables::shard_of(&item.case);
    vec![shard.into(), item.case.as_str().into(), item.destination.as_str().into(), item.seq.into(), n.into(), item.attempts.into()]
}

impl Store {
    /// Claims rows that may be delivered now: the first undelivered one of each case and destination, not those whose
    /// destination is in `except`. Attempts are counted here.
    ///
    /// # Errors
    /// The store failed, or what is to be delivered does not open.
    pub async fn claim_outbox(&self, limit: u32, lease_ms: i64, except: &[String]) -> Result<Vec<OutboxItem>, StoreError> {
        let now = self.inner.clock.now();
        let mut left_alone: String = except.iter().map(|destination| format!("\n{destination}\n")).collect();
        left_alone.push('\n');
        let values = vec![now.into(), now.plus_ms(lease_ms).into(), limit.into(), left_alone.into()];
        let written = self.write_one(Statement::returning("claim what goes out", CLAIM, values)).await?;
        let mut items = Vec::with_capacity(written.rows.len());
        for row in &written.rows {
            items.push(self.outbox_item(row).await?);
        }
        // The order of returned rows is the database's own.
        items.sort_by(|a, b| (a.at, &a.case, a.seq, &a.id).cmp(&(b.at, &b.case, b.seq, &b.id)));
        Ok(items)
    }

    /// The claimed item was delivered. False if the lease was lost meanwhile and somebody else has claimed it.
    ///
    /// # Errors
    /// The store failed: the item will be delivered again.
    pub async fn delivered(&self, item: &OutboxItem) -> Result<bool, StoreError> {
        Ok(self.write_one(Statement::new("note a delivery", DELIVERED, held(item))).await?.touched > 0)
    }

    /// The claimed item failed: tried again at `retry_at`, or dead (None). False if the lease was lost meanwhile.
    ///
    /// # Errors
    /// The store failed: the item will be tried again when its lease ends.
    pub async fn failed(&self, item: &OutboxItem, error: &str, retry_at: Option<Moment>) -> Result<bool, StoreError> {
        let mut values = held(item);
        let state = if retry_at.is_some() { "pending" } else { "dead" };
        values.extend([state.into(), retry_at.unwrap_or_else(|| self.inner.clock.now()).into(), error.into()]);
        Ok(self.write_one(Statement::new("note a failed delivery", FAILED, values)).await?.touched > 0)
    }

    /// Rows in a state (`pending`, `delivered`, `dead`; None: all), newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn outbox(&self, state: Option<&str>, page: u32) -> Result<Page<OutboxRow>, StoreError> {
        const DOING: &str = "list the outbox";
        let (rows_sql, total_sql) = if state.is_some() { (IN_STATE, IN_STATE_TOTAL) } else { (ALL, ALL_TOTAL) };
        let of_state: Vec<Value> = state.map(Value::from).into_iter().collect();
        let mut values = vec![PAGE_ROWS.into(), (u64::from(page) * u64::from(PAGE_ROWS)).into()];
        values.extend(of_state.clone());
        let rows = self.inner.readers.fetch(DOING, rows_sql, values).await?;
        let totals = self.inner.readers.fetch(DOING, total_sql, of_state).await?;
        let total = totals.first().map_or(Ok(0), |row| row.count("total"))?;
        Ok(Page { rows: rows.iter().map(outbox_row).collect::<Result<_, _>>()?, total, page })
    }

    /// Everything that a case has sent or will send, in order.
    ///
    /// # Errors
    /// The store failed.
    pub async fn outbox_of(&self, case: &str) -> Result<Vec<OutboxRow>, StoreError> {
        self.inner.readers.fetch("list a case's outbox", OF_CASE, key(case)).await?.iter().map(outbox_row).collect()
    }

    /// A dead row is tried again, with all its attempts before it. False if there is no such dead row.
    ///
    /// # Errors
    /// The store failed.
    pub async fn resend(&self, id: &str) -> Result<bool, StoreError> {
        let Some((case, seq, n)) = parts(id) else { return Ok(false) };
        let mut values = key(case);
        values.extend([seq.into(), n.into(), self.inner.clock.now().into()]);
        let touched = self.write_one(Statement::new("send again", RESEND, values)).await?.touched;
        self.inner.outbox_woken.notify_waiters();
        Ok(touched > 0)
    }

    /// When the next pending row may be tried, those behind a dead one left out; None: nothing is pending.
    ///
    /// # Errors
    /// The store failed.
    pub async fn next_outbox(&self) -> Result<Option<Moment>, StoreError> {
        let rows = self.inner.readers.fetch("look for what goes out next", NEXT, Vec::new()).await?;
        rows.first().map_or(Ok(None), |row| row.opt_moment("next_at"))
    }

    async fn outbox_item(&self, row: &Row) -> Result<OutboxItem, StoreError> {
        const DOING: &str = "claim what goes out";
        let (case, destination, seq, n) = (row.text("case_id")?, row.text("destination")?, row.count("seq")?, row.count("n")?);
        let place = format!("outbox|payload|{case}|{destination}|{seq}|{n}");
        let key = self.case_key(&case).await?.ok_or_else(|| StoreError::corrupt(DOING, format!("the key of {case} was destroyed")))?;
        let payload = case_reads::opened(&key, &place, &row.text("payload")?)?;
        let id = row_id(&case, seq, n);
        Ok(OutboxItem {
            key: id.clone(),
            id,
            case,
            seq,
            destination,
            at: row.moment("at")?,
            effect: case_reads::json(DOING, "payload", &payload)?,
            attempts: row.small("attempts")?,
        })
    }
}

fn outbox_row(row: &Row) -> Result<OutboxRow, StoreError> {
    let case = row.text("case_id")?;
    Ok(OutboxRow {
        id: row_id(&case, row.count("seq")?, row.count("n")?),
        case,
        destination: row.text("destination")?,
        at: row.moment("at")?,
        state: row.text("state")?,
        attempts: row.small("attempts")?,
        next_at: row.moment("next_at")?,
        error: row.opt_text("error")?,
    })
}
