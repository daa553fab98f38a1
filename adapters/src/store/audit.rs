//! The audit: who did, saw, revealed or changed what, in one chain of hashes, in the same commit as what it tells of.
//!
//! What happens to a case is told by its journal; here is all the rest: people, rights, keys, settings, reveals, reads.

use serde::Serialize;
use sm3::{Digest, Sm3};
use tongban_engine::time::Moment;

use super::{
    Store, StoreError,
    database::Tx,
    plain::{Statement, Written},
    sql::{Row, Value},
};

pub(super) const AFTER: &str =
    "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit WHERE no > $1 ORDER BY no LIMIT $2";
const ABOUT: &str = "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit WHERE kind = $1 AND about = $2 ORDER BY no DESC LIMIT $3";
pub(super) const LAST: &str = "SELECT no, hash FROM audit ORDER BY no DESC LIMIT 1";
const APPEND: &str = "INSERT INTO audit (no, at, actor, deed, kind, about, before, after, purpose, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[AFTER, ABOUT, LAST, APPEND];

/// Something that somebody did, to be noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// When, by the store's clock.
    pub at: Moment,
    /// Person id; `system` for the system itself.
    pub actor: String,
    /// What was done: a stable word, `people.changed`, `field.revealed`, `session.begun`.
    pub deed: String,
    /// What kind of thing it was done to: `person`, `unit`, `case`, `session`, `file`.
    pub kind: String,
    /// Which one: its id.
    pub about: String,
    /// What was there before, as JSON without anything of class P3 and up.
    pub before: Option<String>,
    /// What is there now, likewise.
    pub after: Option<String>,
    /// What for, where a purpose must be stated.
    pub purpose: Option<String>,
}

/// Who acts when nobody does: the system itself.
pub const SYSTEM: &str = "system";
/// The subject under which sealed heads and faults speak of the audit; no case is called so.
pub const AUDIT: &str = "~audit";

/// A noted deed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// From 1, dense.
    pub no: u64,
    /// What was done.
    #[serde(flatten)]
    pub deed: Deed,
    /// Hash of the row before it; empty for the first.
    pub prev: String,
    /// SM3 over `prev` and all columns.
    pub hash: String,
}

impl Deed {
    /// Something that was done to one thing, with nothing more to be told.
    pub fn new(at: Moment, actor: impl Into<String>, deed: &str, kind: &str, about: impl Into<String>) -> Self {
        Self { at, actor: actor.into(), deed: deed.to_owned(), kind: kind.to_owned(), about: about.into(), ..Self::default() }
    }
}

impl Store {
    /// Notes deeds and writes plain rows, all or none, durable when this returns.
    pub(crate) async fn write_audited(&self, deeds: Vec<Deed>, statements: Vec<Statement>) -> Result<Vec<Written>, StoreError> {
        self.write_plain(statements, deeds).await
    }

    /// Notes one deed that changes no rows; before its result is shown.
    ///
    /// # Errors
    /// The store failed: then what was to be noted must not happen.
    pub async fn note(&self, deed: Deed) -> Result<(), StoreError> {
        self.write_audited(vec![deed], Vec::new()).await.map(drop)
    }
}

impl Store {
    /// So many rows of the audit after number `no`, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit_after(&self, no: u64, rows: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.inner.readers.fetch("read the audit", AFTER, vec![no.into(), rows.into()]).await?.iter().map(row).collect()
    }

    /// What was done to one thing, latest first, so many at most.
    ///
    /// # Errors
    /// The store failed.
    pub async fn deeds_about(&self, kind: &str, about: &str, rows: u32) -> Result<Vec<Deed>, StoreError> {
        let found = self.inner.readers.fetch("read the audit", ABOUT, vec![kind.into(), about.into(), rows.into()]).await?;
        found.iter().map(|found| Ok(row(found)?.deed)).collect()
    }
}

/// Appends deeds to the chain, within the transaction of what they tell of. The number is the lock: of two nodes that
/// append at once one loses the race.
pub(super) async fn append(tx: &mut Tx<'_>, deeds: Vec<Deed>) -> Result<(), StoreError> {
    if deeds.is_empty() {
        return Ok(());
    }
    let last = tx.conn().fetch("read the end of the audit", LAST, Vec::new()).await?;
    let (mut no, mut prev) =
        last.first().map_or(Ok((0, String::new())), |row| Ok::<_, StoreError>((row.count("no")?, row.text("hash")?)))?;
    for deed in deeds {
        no += 1;
        let hash = hash(&prev, no, &deed);
        let Deed { at, actor, deed, kind, about, before, after, purpose } = deed;
        let values: Vec<Value> = vec![
            no.into(),
            at.into(),
            actor.into(),
            deed.into(),
            kind.into(),
            about.into(),
            before.into(),
            after.into(),
            purpose.into(),
            prev.into(),
            hash.as_str().into(),
        ];
        tx.conn().execute("append to the audit", APPEND, values).await?;
        prev = hash;
    }
    Ok(())
}

/// A row of the audit as the database has it.
pub(super) fn row(row: &Row) -> Result<AuditRow, StoreError> {
    let deed = Deed {
        at: row.moment("at")?,
        actor: row.text("actor")?,
        deed: row.text("deed")?,
        kind: row.text("kind")?,
        about: row.text("about")?,
        before: row.opt_text("before")?,
        after: row.opt_text("after")?,
        purpose: row.opt_text("purpose")?,
    };
    Ok(AuditRow { no: row.count("no")?, deed, prev: row.text("prev")?, hash: row.text("hash")? })
}

/// SM3 over the hash before, the number and all columns, each with its length.
pub(super) fn hash(prev: &str, no: u64, deed: &Deed) -> String {
    let mut digest = Sm3::new();
    digest.update(no.to_be_bytes());
    digest.update(deed.at.0.to_be_bytes());
    let optional = [&deed.before, &deed.after, &deed.purpose].map(|text| text.as_deref());
    let always = [prev, &deed.actor, &deed.deed, &deed.kind, &deed.about].map(Some);
    for text in always.into_iter().chain(optional) {
        // an absent text is none, not an empty one
        digest.update(text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
    hex::encode(digest.finalize())
}
