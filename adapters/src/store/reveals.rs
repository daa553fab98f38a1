//! Personal data that was looked at in full: noted in the audit before it is shown, counted, and told to whom it concerns.

use serde::{Deserialize, Serialize};
use tongban_engine::time::Moment;

use super::{AuditRow, Deed, Store, StoreError, audit, case_reads};

/// Somebody saw personal data in full.
pub const FIELD_REVEALED: &str = "field.revealed";
/// The deed of having looked too often.
const REFUSED: &str = "field.reveal-refused";
/// Looks in an hour, at most: who needs more does not handle cases but copies them (reliability.md §4.4).
pub const REVEALS_HOUR_MAX: u64 = 30;
const HOUR_MS: i64 = 3_600_000;
/// Between data names.
const BETWEEN: &str = ", ";

const LATELY: &str = "SELECT count(*) AS total FROM audit WHERE deed = 'field.revealed' AND actor = $1 AND at > $2";
const OF_CASE: &str = "SELECT no, at, actor, deed, kind, about, before, after, purpose, prev, hash FROM audit \
     WHERE kind = 'case' AND about = $1 AND deed = 'field.revealed' ORDER BY no DESC LIMIT 200";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[LATELY, OF_CASE];

/// Somebody looks, or looked, at personal data in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// When.
    pub at: Moment,
    /// Person id.
    pub person: String,
    /// The unit that she acts for: the organ.
    pub unit: String,
    /// The case; of a message that no process took, its source and identifier.
    pub about: String,
    /// `case` or `message`.
    pub kind: &'static str,
    /// Data names, never values.
    pub fields: Vec<String>,
    /// Id of the purpose.
    pub purpose: String,
    /// Remark.
    pub remark: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Noted {
    /// Data names, as any deed says what it was done to.
    what: String,
    #[serde(default)]
    unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

impl Store {
    /// Notes that somebody looks at personal data in full; only then may it be shown. False: she looked too often within an
    /// hour, which is noted as well, and nothing may be shown.
    ///
    /// # Errors
    /// The store failed: nothing may be shown then.
    pub async fn reveal(&self, reveal: Reveal) -> Result<bool, StoreError> {
        let Reveal { at, person, unit, about, kind, fields, purpose, remark } = reveal;
        let since = at.plus_ms(-HOUR_MS);
        let rows = self.inner.readers.fetch("count what was looked at", LATELY, vec![person.as_str().into(), since.into()]).await?;
        let allowed = rows.first().map_or(Ok(0), |row| row.count("total"))? < REVEALS_HOUR_MAX;
        let noted = Noted { what: fields.join(BETWEEN), unit, remark };
        let after = serde_json::to_string(&noted).map_err(|error| StoreError::corrupt("note a look", error.to_string()))?;
        let deed = if allowed { FIELD_REVEALED } else { REFUSED }.to_owned();
        let (kind, purpose) = (kind.to_owned(), Some(purpose));
        self.note(Deed { at, actor: person, deed, kind, about, after: Some(after), purpose, ..Deed::default() }).await?;
        Ok(allowed)
    }

    /// Who looked at personal data of the case in full, newest first, the last 200.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reveals(&self, case: &str) -> Result<Vec<Reveal>, StoreError> {
        const DOING: &str = "list who looked";
        let rows = self.inner.readers.fetch(DOING, OF_CASE, vec![case.into()]).await?;
        rows.iter()
            .map(|row| {
                let AuditRow { deed, .. } = audit::row(row)?;
                let noted: Noted = case_reads::json(DOING, "after", deed.after.as_deref().unwrap_or_default())?;
                Ok(Reveal {
                    at: deed.at,
                    person: deed.actor,
                    unit: noted.unit,
                    about: deed.about,
                    kind: "case",
                    fields: noted.what.split(BETWEEN).map(str::to_owned).collect(),
                    purpose: deed.purpose.unwrap_or_default(),
                    remark: noted.remark,
                })
            })
            .collect()
    }
}
