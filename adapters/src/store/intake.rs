//! What came in from outside: recorded before it is carried out, so that nothing acknowledged is lost and nothing is
//! carried out twice.

use super::{
    IntakeRow, IntakeState, PAGE_ROWS, Page, Recorded, Store, StoreError, case_reads,
    plain::Statement,
    sql::{Row, Value},
};
use crate::seal::{DataKey, seal_text};

const RECORD: &str = "INSERT INTO intake (source, message_id, nonce, kind, application_no, received_at, body, state, case_id, rejection) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
const SETTLE: &str = "UPDATE intake SET state = $3, case_id = $4, rejection = $5 WHERE source = $1 AND message_id = $2";
const ONE: &str = "SELECT source, message_id, nonce, kind, application_no, received_at, body, state, case_id, rejection \
     FROM intake WHERE source = $1 AND message_id = $2";
const ALL: &str = "SELECT source, message_id, nonce, kind, application_no, received_at, body, state, case_id, rejection \
     FROM intake ORDER BY received_at DESC, source, message_id LIMIT $1 OFFSET $2";
const ALL_TOTAL: &str = "SELECT count(*) AS total FROM intake";
const IN_STATE: &str = "SELECT source, message_id, nonce, kind, application_no, received_at, body, state, case_id, rejection \
     FROM intake WHERE state = $3 ORDER BY received_at DESC, source, message_id LIMIT $1 OFFSET $2";
const IN_STATE_TOTAL: &str = "SELECT count(*) AS total FROM intake WHERE state = $1";
/// Only what is settled goes; what waits stays however old.
const PURGE: &str = "DELETE FROM intake WHERE received_at < $1 AND state IN ('accepted', 'done')";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[RECORD, SETTLE, ONE, ALL, ALL_TOTAL, IN_STATE, IN_STATE_TOTAL, PURGE];

/// Whose key seals what came in.
const SUBJECT: &str = "~intake";

fn place(source: &str, message_id: &str) -> String {
    format!("intake|body|{source}|{message_id}")
}

impl Store {
    /// Records a message before it is carried out (state [`IntakeState::Received`]). The same message again, or another
    /// under a nonce that was used, changes nothing.
    ///
    /// # Errors
    /// The store failed: the message is not acknowledged then.
    pub async fn record_intake(&self, row: &IntakeRow) -> Result<Recorded, StoreError> {
        let sealed = seal_text(&self.key_of(SUBJECT).await?, &place(&row.source, &row.message_id), row.body.expose())?;
        let values = vec![
            row.source.as_str().into(),
            row.message_id.as_str().into(),
            row.nonce.as_str().into(),
            row.kind.as_str().into(),
            row.application_no.as_str().into(),
            row.received_at.into(),
            sealed.into(),
            row.state.word().into(),
            row.case.clone().into(),
            row.rejection.clone().into(),
        ];
        if self.write_one(Statement::new("record what came in", RECORD, values)).await?.touched > 0 {
            return Ok(Recorded::New);
        }
        let known = self.intake_row(&row.source, &row.message_id).await?;
        Ok(known.map_or(Recorded::NonceUsed, |row| Recorded::Known(Box::new(row))))
    }

    /// Says what became of a message.
    ///
    /// # Errors
    /// The store failed.
    pub async fn settle_intake(
        &self,
        source: &str,
        message_id: &str,
        state: IntakeState,
        case: Option<&str>,
        rejection: Option<&str>,
    ) -> Result<(), StoreError> {
        let text = |text: Option<&str>| Value::from(text.map(str::to_owned));
        let values = vec![source.into(), message_id.into(), state.word().into(), text(case), text(rejection)];
        self.write_one(Statement::new("settle what came in", SETTLE, values)).await.map(drop)
    }

    /// Messages in a state (None: all), newest first.
    ///
    /// # Errors
    /// The store failed, or a message does not open.
    pub async fn intake(&self, state: Option<IntakeState>, page: u32) -> Result<Page<IntakeRow>, StoreError> {
        const DOING: &str = "list what came in";
        let (rows_sql, total_sql) = if state.is_some() { (IN_STATE, IN_STATE_TOTAL) } else { (ALL, ALL_TOTAL) };
        let of_state: Vec<Value> = state.map(|state| state.word().into()).into_iter().collect();
        let mut values = vec![PAGE_ROWS.into(), (u64::from(page) * u64::from(PAGE_ROWS)).into()];
        values.extend(of_state.clone());
        let rows = self.inner.readers.fetch(DOING, rows_sql, values).await?;
        let totals = self.inner.readers.fetch(DOING, total_sql, of_state).await?;
        let total = totals.first().map_or(Ok(0), |row| row.count("total"))?;
        let key = self.key_of(SUBJECT).await?;
        Ok(Page { rows: rows.iter().map(|row| intake_row(&key, row)).collect::<Result<_, _>>()?, total, page })
    }

    /// One message.
    ///
    /// # Errors
    /// The store failed, or the message does not open.
    pub async fn intake_row(&self, source: &str, message_id: &str) -> Result<Option<IntakeRow>, StoreError> {
        let rows = self.inner.readers.fetch("read what came in", ONE, vec![source.into(), message_id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(intake_row(&self.key_of(SUBJECT).await?, row)?))
    }

    /// Forgets messages received before `before` that were carried out or dealt with; their nonces with them.
    pub(crate) async fn purge_intake(&self, before: tongban_engine::time::Moment) -> Result<u64, StoreError> {
        Ok(self.write_one(Statement::new("forget old messages", PURGE, vec![before.into()])).await?.touched)
    }
}

fn intake_row(key: &DataKey, row: &Row) -> Result<IntakeRow, StoreError> {
    let (source, message_id, state) = (row.text("source")?, row.text("message_id")?, row.text("state")?);
    // what was said about somebody whose key was destroyed is gone
    let sealed = row.text("body")?;
    let key = (!sealed.is_empty()).then_some(key);
    let body = case_reads::opened_if_kept(key, &place(&source, &message_id), &sealed)?;
    let state = IntakeState::from_word(&state)
        .ok_or_else(|| StoreError::corrupt("read what came in", format!("{source}/{message_id}: unknown state `{state}`")))?;
    Ok(IntakeRow {
        source,
        message_id,
        nonce: row.text("nonce")?,
        kind: row.text("kind")?,
        application_no: row.text("application_no")?,
        received_at: row.moment("received_at")?,
        body: body.into(),
        state,
        case: row.opt_text("case_id")?,
        rejection: row.opt_text("rejection")?,
    })
}
