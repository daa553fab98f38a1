//! One SQL text on two databases: an enum over sqlx's native connections, with four verbs.
//!
//! Every statement is a constant, `$1` style, TEXT and BIGINT only. Rows are read through getters that refuse NULL where
//! none may be, because SQLite's driver would give 0 or "".

use sqlx::{AssertSqlSafe, Encode, PgConnection, Postgres, QueryBuilder, Row as _, Sqlite, SqliteConnection, Type};

use super::StoreError;

/// A value to bind; NULL is typed because PostgreSQL insists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl From<tongban_engine::time::Moment> for Value {
    fn from(value: tongban_engine::time::Moment) -> Self {
        Self::Int(Some(value.0))
    }
}
impl From<Option<tongban_engine::time::Moment>> for Value {
    fn from(value: Option<tongban_engine::time::Moment>) -> Self {
        Self::Int(value.map(|at| at.0))
    }
}

/// A row of either database.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

impl Row {
    /// A column that may be NULL.
    pub(crate) fn opt_int(&self, name: &'static str) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(row) => row.try_get(name),
            Self::Postgres(row) => row.try_get(name),
        }
        .map_err(failed("read a column"))
    }

    /// A column that may be NULL.
    pub(crate) fn opt_text(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        match self {
            Self::Sqlite(row) => row.try_get(name),
            Self::Postgres(row) => row.try_get(name),
        }
        .map_err(failed("read a column"))
    }

    /// A column that is never NULL.
    pub(crate) fn int(&self, name: &'static str) -> Result<i64, StoreError> {
        self.opt_int(name)?.ok_or_else(|| StoreError::corrupt("read a column", format!("{name} is NULL")))
    }

    /// A column that is never NULL.
    pub(crate) fn text(&self, name: &'static str) -> Result<String, StoreError> {
        self.opt_text(name)?.ok_or_else(|| StoreError::corrupt("read a column", format!("{name} is NULL")))
    }

    /// A count or number that is never NULL nor negative.
    pub(crate) fn count(&self, name: &'static str) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.int(name)?).unwrap_or(0))
    }

    /// A small number that is never NULL nor negative.
    pub(crate) fn small(&self, name: &'static str) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.int(name)?).unwrap_or(0))
    }

    /// A moment that is never NULL.
    pub(crate) fn moment(&self, name: &'static str) -> Result<tongban_engine::time::Moment, StoreError> {
        Ok(tongban_engine::time::Moment(self.int(name)?))
    }

    /// A moment that may be NULL.
    pub(crate) fn opt_moment(&self, name: &'static str) -> Result<Option<tongban_engine::time::Moment>, StoreError> {
        Ok(self.opt_int(name)?.map(tongban_engine::time::Moment))
    }
}

/// A connection of either database.
#[derive(Debug)]
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Rows that one INSERT takes at most: wider statements were slower again.
const ROWS_MAX: usize = 64;

pub(crate) fn failed(doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Database { doing, source: Box::new(source) }
}

macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Conn<'_> {
    /// Rows of a query.
    pub(crate) async fn fetch(&mut self, doing: &'static str, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.to_owned();
        match self {
            Self::Sqlite(conn) => {
                let rows = bound!(sql, values).fetch_all(&mut **conn).await.map_err(failed(doing))?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres(conn) => {
                let rows = bound!(sql, values).fetch_all(&mut **conn).await.map_err(failed(doing))?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Carries a statement out; says how many rows it touched.
    pub(crate) async fn execute(&mut self, doing: &'static str, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.to_owned();
        match self {
            Self::Sqlite(conn) => bound!(sql, values).execute(&mut **conn).await.map(|done| done.rows_affected()).map_err(failed(doing)),
            Self::Postgres(conn) => bound!(sql, values).execute(&mut **conn).await.map(|done| done.rows_affected()).map_err(failed(doing)),
        }
    }

    /// `head` VALUES rows `tail`, in as few statements as fit.
    pub(crate) async fn insert_many(
        &mut self,
        doing: &'static str,
        head: &str,
        rows: Vec<Vec<Value>>,
        tail: &str,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<Vec<Value>> = rows.by_ref().take(ROWS_MAX).collect();
            match self {
                Self::Sqlite(conn) => insert_chunk::<Sqlite>(head, chunk, tail).build().execute(&mut **conn).await.map(drop),
                Self::Postgres(conn) => insert_chunk::<Postgres>(head, chunk, tail).build().execute(&mut **conn).await.map(drop),
            }
            .map_err(failed(doing))?;
        }
        Ok(())
    }

    /// A query or statement over many keys: `head` WHERE (key) OR (key) … `tail`, in chunks; `columns` name the key.
    pub(crate) async fn fetch_keys(
        &mut self,
        doing: &'static str,
        head: &str,
        columns: &[&str],
        keys: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for chunk in padded(keys) {
            let sql = format!("{head} WHERE {}", any_of(columns, chunk.len()));
            rows.extend(self.fetch(doing, &sql, chunk.into_iter().flatten().collect()).await?);
        }
        Ok(rows)
    }

    /// Deletes many keys.
    pub(crate) async fn delete_keys(
        &mut self,
        doing: &'static str,
        head: &str,
        columns: &[&str],
        keys: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        for chunk in padded(keys) {
            let sql = format!("{head} WHERE {}", any_of(columns, chunk.len()));
            self.execute(doing, &sql, chunk.into_iter().flatten().collect()).await?;
        }
        Ok(())
    }

    /// Asks the database to prepare a statement: unknown tables and columns show without running it.
    #[cfg(test)]
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        match self {
            Self::Sqlite(conn) => conn.prepare(sql).await.map(drop),
            Self::Postgres(conn) => conn.prepare(sql).await.map(drop),
        }
        .map_err(failed("prepare a statement"))
    }
}

fn insert_chunk<DB>(head: &str, rows: Vec<Vec<Value>>, tail: &str) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    Option<i64>: Type<DB> + for<'q> Encode<'q, DB>,
    Option<String>: Type<DB> + for<'q> Encode<'q, DB>,
{
    let mut builder = QueryBuilder::new(head);
    builder.push_values(rows, |mut row, values| {
        for value in values {
            match value {
                Value::Int(value) => row.push_bind(value),
                Value::Text(value) => row.push_bind(value),
            };
        }
    });
    builder.push(tail);
    builder
}

/// Sizes that key lists are padded to (by repeating the last key), so that few statement texts are prepared.
const SIZES: [usize; 4] = [1, 4, 16, ROWS_MAX];

fn padded(mut keys: Vec<Vec<Value>>) -> Vec<Vec<Vec<Value>>> {
    let mut chunks = Vec::new();
    while !keys.is_empty() {
        let rest = keys.split_off(keys.len().min(ROWS_MAX));
        let size = SIZES.into_iter().find(|size| *size >= keys.len()).unwrap_or(ROWS_MAX);
        if let Some(last) = keys.last().cloned() {
            keys.resize(size, last);
        }
        chunks.push(keys);
        keys = rest;
    }
    chunks
}

/// `(a = $1 AND b = $2) OR (a = $3 AND b = $4) …`, for `count` keys.
pub(crate) fn any_of(columns: &[&str], count: usize) -> String {
    let mut text = String::new();
    for key in 0..count {
        if key > 0 {
            text.push_str(" OR ");
        }
        let parts: Vec<String> =
            columns.iter().enumerate().map(|(at, column)| format!("{column} = ${}", key * columns.len() + at + 1)).collect();
        text.push('(');
        text.push_str(&parts.join(" AND "));
        text.push(')');
    }
    text
}
