//! Who looked at what of a case: deeds of the audit, noted before anything is shown.
//!
//! Opening is noted once per person, thing and quarter of an hour: whoever works on a case opens its pages every minute, and
//! a record of each would hide who else looked. What was noted lately is remembered by each process, so several nodes, or one
//! that was started again, may note it again: more, never less.

use std::{num::NonZeroUsize, sync::Mutex};

use lru::LruCache;
use serde_json::json;
use tongban_engine::{interpreter::CaseId, time::Moment};

use super::{AuditRow, Deed, FIELD_REVEALED, ReadRow, Store, StoreError, audit, plain::Statement};

/// A second look within this time after a noted one is the same look.
const SAME_LOOK_MS: i64 = 15 * 60_000;
/// Looks remembered.
const LOOKS_MAX: NonZeroUsize = NonZeroUsize::new(50_000).expect("more than none");
/// Looks at a case that are listed.
const LISTED_MAX: u32 = 100;

/// Somebody opened the case, a task, a document or a file of it.
pub const CASE_READ: &str = "case.read";

const OF_CASE: &str = "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit \
     WHERE kind = 'case' AND about = $1 AND deed = 'case.read' ORDER BY no DESC LIMIT $2";
const FORMER: &str = "SELECT case_id, at, person, what, purpose FROM read_log ORDER BY at, id";
const FORMER_GONE: &str = "DELETE FROM read_log";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[OF_CASE, FORMER, FORMER_GONE];

/// Looks that were noted lately.
#[derive(Debug)]
pub(crate) struct Looks(Mutex<LruCache<(String, CaseId, String), Moment>>);

impl Default for Looks {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(LOOKS_MAX)))
    }
}

impl Looks {
    fn lately(&self, look: &(String, CaseId, String), now: Moment) -> bool {
        let noted = self.0.lock().ok().and_then(|mut looks| looks.get(look).copied());
        noted.is_some_and(|noted| noted <= now && now < noted.plus_ms(SAME_LOOK_MS))
    }

    fn remember(&self, look: (String, CaseId, String), now: Moment) {
        if let Ok(mut looks) = self.0.lock() {
            looks.put(look, now);
        }
    }
}

impl Store {
    /// Notes that somebody opens something of a case: `what` is `case`, `document:3`, `file:…`; before it is shown.
    ///
    /// # Errors
    /// The store failed: then it must not be shown.
    pub async fn note_read(&self, person: &str, case: &str, what: &str) -> Result<(), StoreError> {
        let (look, now) = ((person.to_owned(), case.to_owned(), what.to_owned()), self.inner.clock.now());
        if self.inner.looks.lately(&look, now) {
            return Ok(());
        }
        self.note(Deed { after: told(what), ..Deed::new(now, person, CASE_READ, "case", case) }).await?;
        self.inner.looks.remember(look, now);
        Ok(())
    }

    /// Who looked at the case, latest first; a hundred at most.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reads(&self, case: &str) -> Result<Vec<ReadRow>, StoreError> {
        let rows = self.inner.readers.fetch("list who saw a case", OF_CASE, vec![case.into(), LISTED_MAX.into()]).await?;
        rows.iter().map(|row| audit::row(row).map(seen)).collect()
    }

    /// Takes what an earlier version kept of reads into the audit.
    pub(crate) async fn take_former_reads(&self) -> Result<(), StoreError> {
        let rows = self.inner.readers.fetch("read former records of reads", FORMER, Vec::new()).await?;
        let former = |row: &super::sql::Row| {
            let deed = Deed::new(row.moment("at")?, row.text("person")?, FIELD_REVEALED, "case", row.text("case_id")?);
            Ok(Deed { after: told(&row.text("what")?), purpose: Some(row.text("purpose")?), ..deed })
        };
        let deeds = rows.iter().map(former).collect::<Result<Vec<_>, StoreError>>()?;
        if !deeds.is_empty() {
            self.write_audited(deeds, vec![Statement::new("drop former records of reads", FORMER_GONE, Vec::new())]).await?;
        }
        Ok(())
    }
}

fn told(what: &str) -> Option<String> {
    Some(json!({ "what": what }).to_string())
}

fn seen(row: AuditRow) -> ReadRow {
    let Deed { at, actor, after, .. } = row.deed;
    let told = after.and_then(|after| serde_json::from_str::<serde_json::Value>(&after).ok());
    let what = told.and_then(|told| told["what"].as_str().map(str::to_owned)).unwrap_or_default();
    ReadRow { at, person: actor, what }
}
