//! Who saw what that is sensitive, and what for; written before it is shown.

use super::{ReadRow, Store, StoreError, case_reads::key, plain::Statement, submit, tables};

const READS: &str = "SELECT at, person, what, purpose FROM read_log WHERE shard = $1 AND case_id = $2 ORDER BY at, id";
const RECORD: &str = "INSERT INTO read_log (shard, case_id, id, at, person, what, purpose) VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[READS, RECORD];

impl Store {
    /// Who saw what of the case, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reads(&self, case: &str) -> Result<Vec<ReadRow>, StoreError> {
        let rows = self.inner.readers.fetch("list who saw a case", READS, key(case)).await?;
        rows.iter()
            .map(|row| {
                Ok(ReadRow {
                    at: row.moment("at")?,
                    person: row.text("person")?,
                    case: case.to_owned(),
                    what: row.text("what")?,
                    purpose: row.text("purpose")?,
                })
            })
            .collect()
    }

    /// Records that somebody sees something sensitive; before it is shown.
    ///
    /// # Errors
    /// The store failed: then it must not be shown.
    pub async fn record_read(&self, read: ReadRow) -> Result<(), StoreError> {
        let ReadRow { at, person, case, what, purpose } = read;
        // The identifier is fresh and ordered by time: no two rows conflict.
        let id = submit::fresh_id();
        let values = vec![tables::shard_of(&case).into(), case.into(), id.into(), at.into(), person.into(), what.into(), purpose.into()];
        self.write_one(Statement::new("record who sees a case", RECORD, values)).await.map(drop)
    }
}
