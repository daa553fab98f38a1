//! Plain rows: what is not about a case's course joins the same batch as statements.

use super::{
    Deed, Store, StoreError,
    committer::Work,
    sql::{Row, Value},
};

/// One statement to carry out in the next commit.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// What is being done, for errors.
    pub(crate) doing: &'static str,
    /// Constant SQL. A conflict must be handled by it (`ON CONFLICT …`), for an error undoes the whole batch.
    pub(crate) sql: &'static str,
    /// Its values.
    pub(crate) values: Vec<Value>,
    /// It has a RETURNING clause.
    pub(crate) returning: bool,
    /// If it touches no row, nothing of what came with it is written: [`StoreError::Untouched`].
    pub(crate) needed: bool,
}

/// What a statement did.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Rows of its RETURNING clause.
    pub(crate) rows: Vec<Row>,
    /// Rows it touched (0 if `returning`: count [`Written::rows`]).
    pub(crate) touched: u64,
}

impl Statement {
    pub(crate) fn new(doing: &'static str, sql: &'static str, values: Vec<Value>) -> Self {
        Self { doing, sql, values, returning: false, needed: false }
    }

    pub(crate) fn returning(doing: &'static str, sql: &'static str, values: Vec<Value>) -> Self {
        Self { returning: true, ..Self::new(doing, sql, values) }
    }

    /// It must touch a row.
    pub(crate) fn needed(self) -> Self {
        Self { needed: true, ..self }
    }
}

impl Store {
    /// Writes plain rows, in order, all or none, durable when this returns.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Written>, StoreError> {
        self.write_plain(statements, Vec::new()).await
    }

    /// The same with what is noted in the audit of it.
    pub(super) async fn write_plain(&self, statements: Vec<Statement>, deeds: Vec<Deed>) -> Result<Vec<Written>, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.inner.inbox.send(Work::Plain { statements, deeds, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes one statement.
    pub(crate) async fn write_one(&self, statement: Statement) -> Result<Written, StoreError> {
        Ok(self.write(vec![statement]).await?.pop().unwrap_or_default())
    }
}
