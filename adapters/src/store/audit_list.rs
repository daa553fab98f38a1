//! The audit as an auditor asks it: who did what to which thing, latest first, a page at a time.

use std::collections::BTreeMap;

use tongban_engine::{interpreter::CaseId, time::Moment};

use super::{AuditRow, Store, StoreError, audit, sql::Value, tables};

macro_rules! listed {
    ($which:literal) => {
        concat!(
            "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit WHERE no < $1 AND ",
            $which,
            " AND ($4 = '' OR deed = $4) AND ($5 = '' OR kind = $5) AND at >= $6 AND at < $7 ORDER BY no DESC LIMIT $8"
        )
    };
}

const ALL: &str = listed!("($2 = '' OR actor = $2) AND ($3 = '' OR about = $3)");
/// Found by the index of who did it.
const BY: &str = listed!("actor = $2 AND ($3 = '' OR about = $3)");
/// Found by the index of what it was done to.
const ABOUT: &str = listed!("($2 = '' OR actor = $2) AND about = $3 AND kind = $5");
/// Looks at whatever a person has to do with: herself, and cases that she applied for or began.
const LOOKS: &str = listed!(
    "($2 = '' OR actor = $2) AND deed IN ('case.read', 'field.revealed') AND kind = 'case' AND about IN \
     (SELECT case_id FROM case_head WHERE applicant_person = $3 OR started_by = $3 OR case_id = $3 OR number = $3)"
);
const ONE: &str = "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit WHERE no = $1";
const NUMBERS: &str = "SELECT case_id, number FROM case_head";
const WORDS: &str = "SELECT DISTINCT deed FROM audit ORDER BY deed";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[ALL, BY, ABOUT, LOOKS, ONE, NUMBERS, WORDS];

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it: person id; anybody if empty.
    pub actor: String,
    /// What was done; anything if empty.
    pub deed: String,
    /// What kind of thing; any if empty.
    pub kind: String,
    /// Which one: its id; any if empty. A case also by its number, if `looks`.
    pub about: String,
    /// Only who looked: at the case that `about` names, or at cases of the person that it names.
    pub looks: bool,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
}

/// Which part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditAsked {
    /// Only rows before this number.
    pub before: Option<u64>,
    /// So many at most.
    pub rows: u32,
}

impl Store {
    /// Rows of the audit, latest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit_rows(&self, filter: &AuditFilter, asked: AuditAsked) -> Result<Vec<AuditRow>, StoreError> {
        let AuditFilter { actor, deed, kind, about, looks, from, until } = filter;
        let sql = match () {
            () if *looks => LOOKS,
            () if !about.is_empty() && !kind.is_empty() => ABOUT,
            () if !actor.is_empty() => BY,
            () => ALL,
        };
        let values: Vec<Value> = vec![
            asked.before.map_or(i64::MAX, |no| i64::try_from(no).unwrap_or(i64::MAX)).into(),
            actor.as_str().into(),
            about.as_str().into(),
            deed.as_str().into(),
            kind.as_str().into(),
            from.unwrap_or(Moment(i64::MIN)).into(),
            until.unwrap_or(Moment(i64::MAX)).into(),
            asked.rows.into(),
        ];
        self.inner.readers.fetch("search the audit", sql, values).await?.iter().map(audit::row).collect()
    }

    /// One row of the audit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit_row(&self, no: u64) -> Result<Option<AuditRow>, StoreError> {
        self.inner.readers.fetch("read a row of the audit", ONE, vec![no.into()]).await?.first().map(audit::row).transpose()
    }

    /// The numbers of cases that have one: all that an auditor is told of a case.
    ///
    /// # Errors
    /// The store failed.
    pub async fn case_numbers(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, String>, StoreError> {
        let keys = cases.iter().map(|case| vec![tables::shard_of(case).into(), case.as_str().into()]).collect();
        let rows = self.inner.readers.fetch_keys("read the numbers of cases", NUMBERS, &["shard", "case_id"], keys).await?;
        let mut numbers = BTreeMap::new();
        for row in &rows {
            numbers.extend(row.opt_text("number")?.map(|number| row.text("case_id").map(|case| (case, number))).transpose()?);
        }
        Ok(numbers)
    }

    /// Every word that stands in the audit for what was done.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit_words(&self) -> Result<Vec<String>, StoreError> {
        self.inner.readers.fetch("list deeds", WORDS, Vec::new()).await?.iter().map(|row| row.text("deed")).collect()
    }
}
