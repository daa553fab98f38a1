//! A decided batch becomes rows and one commit, while the next one is being decided.

use tongban_engine::interpreter::CaseId;

use super::{
    Deed, StoreError, Tape, audit,
    batch::Outcome,
    database::{Tx, Writer},
    plain::{Statement, Written},
    sealer::SealedRows,
    tables,
};

/// What is to be written. Works are told by their place in the batch.
pub(super) struct Job {
    pub(super) rows: SealedRows,
    pub(super) plain: Vec<(usize, Vec<Statement>, Vec<Deed>)>,
    pub(super) releases: Vec<(usize, CaseId)>,
    pub(super) tape: Option<Tape>,
}

/// What was written.
pub(super) struct WrittenBatch {
    /// Outcomes that only the database knows, by their place in the batch.
    pub(super) outcomes: Vec<(usize, Outcome)>,
    /// There is something to deliver.
    pub(super) delivers: bool,
}

/// Writes a batch: durable when this returns.
pub(super) async fn write(writer: &mut Writer, job: Job) -> Result<WrittenBatch, StoreError> {
    let Job { rows, plain, releases, tape } = job;
    let rows = rows.await.map_err(|_| StoreError::Closed)??;
    let delivers = rows.has_outbox();
    if let Some(tape) = &tape {
        tape.record(&rows);
    }
    let mut outcomes = Vec::with_capacity(plain.len() + releases.len());
    let mut tx = writer.begin().await?;
    for (at, statements, deeds) in plain {
        audit::append(&mut tx, deeds).await?;
        outcomes.push((at, Outcome::Plain(write_plain(&mut tx, statements).await?)));
    }
    for (at, case) in releases {
        let values = vec![tables::shard_of(&case).into(), case.into()];
        let touched = tx.conn().execute("release a case", tables::RELEASE, values).await?;
        outcomes.push((at, Outcome::Released(touched > 0)));
    }
    rows.save(&mut tx.conn()).await?;
    tx.commit().await?;
    Ok(WrittenBatch { outcomes, delivers })
}

async fn write_plain(tx: &mut Tx<'_>, statements: Vec<Statement>) -> Result<Vec<Written>, StoreError> {
    let mut written = Vec::with_capacity(statements.len());
    for Statement { doing, sql, values, returning, needed } in statements {
        let mut conn = tx.conn();
        let done = if returning {
            Written { rows: conn.fetch(doing, sql, values).await?, touched: 0 }
        } else {
            Written { rows: Vec::new(), touched: conn.execute(doing, sql, values).await? }
        };
        if needed && done.rows.is_empty() && done.touched == 0 {
            return Err(StoreError::Untouched { doing });
        }
        written.push(done);
    }
    Ok(written)
}
