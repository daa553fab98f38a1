//! Reading what belongs to one case: its journal, documents and notices.

use serde::de::DeserializeOwned;
use tongban_engine::{
    form::DESTROYED,
    interpreter::{Actor, CaseId, LocalNo},
};

use super::{DocumentRow, JournalRow, NoticeRow, Store, StoreError, sealing, sql::Value, tables};

const BY_NUMBER: &str = "SELECT case_id FROM case_head WHERE number = $1 ORDER BY started_at, case_id LIMIT 1";
const TOOK_PART: &str = "SELECT case_id FROM did WHERE shard = $1 AND case_id = $2 AND person = $3 \
     UNION ALL SELECT case_id FROM case_head WHERE shard = $1 AND case_id = $2 AND started_by = $3";
const JOURNAL: &str =
    "SELECT seq, at, actor, command_key, ask, events, prev, hash FROM journal WHERE shard = $1 AND case_id = $2 ORDER BY seq";
const DOCUMENT: &str = "SELECT no, title, number, html, hash, made_at FROM document WHERE shard = $1 AND case_id = $2 AND no = $3";
const NOTICES: &str = "SELECT no, at, body FROM notice WHERE shard = $1 AND case_id = $2 ORDER BY no";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[BY_NUMBER, TOOK_PART, JOURNAL, DOCUMENT, NOTICES];

/// Key of a case in every table.
pub(super) fn key(case: &str) -> Vec<Value> {
    vec![tables::shard_of(case).into(), case.into()]
}

/// JSON of a column.
pub(super) fn json<T: DeserializeOwned>(doing: &'static str, column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(doing, format!("column {column}: {error}")))
}

/// A word of a column that stands for a value of a closed list.
pub(super) fn word<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|error| StoreError::corrupt("read a row", format!("column {column}: {error}")))
}

/// Who asks, as one text.
pub(super) fn actor_text(actor: &Actor) -> String {
    match actor {
        Actor::Person(person) => format!("person:{person}"),
        Actor::Platform(platform) => format!("platform:{platform}"),
        Actor::System => "system".to_owned(),
    }
}

/// Who asked, from the text that the journal keeps.
fn actor_of(text: &str) -> Result<Actor, StoreError> {
    match text.split_once(':') {
        Some(("person", id)) => Ok(Actor::Person(id.to_owned())),
        Some(("platform", id)) => Ok(Actor::Platform(id.to_owned())),
        _ if text == "system" => Ok(Actor::System),
        _ => Err(StoreError::corrupt("read a journal", format!("`{text}` is no actor"))),
    }
}

/// A sealed text column of a case, opened; [`DESTROYED`] without a key, because it was destroyed.
pub(super) fn opened_if_kept(key: Option<&crate::seal::DataKey>, place: &str, sealed: &str) -> Result<String, StoreError> {
    key.map_or_else(|| Ok(DESTROYED.to_owned()), |key| opened(key, place, sealed))
}

/// A sealed text column, opened.
pub(super) fn opened(key: &crate::seal::DataKey, place: &str, sealed: &str) -> Result<String, StoreError> {
    let plain = key.open(place, sealed)?;
    String::from_utf8(plain).map_err(|_| StoreError::corrupt("open a sealed column", format!("{place} is not text")))
}

impl Store {
    /// The case with this number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<CaseId>, StoreError> {
        let rows = self.inner.readers.fetch("find a case by number", BY_NUMBER, vec![number.into()]).await?;
        rows.first().map(|row| row.text("case_id")).transpose()
    }

    /// Whether the person did something in the case, its start included.
    ///
    /// # Errors
    /// The store failed.
    pub async fn took_part(&self, person: &str, case: &str) -> Result<bool, StoreError> {
        let mut values = key(case);
        values.push(person.into());
        Ok(!self.inner.readers.fetch("ask who took part", TOOK_PART, values).await?.is_empty())
    }

    /// The case's journal from its first row. Texts of documents and notices are not in it, see [`Store::document`] and
    /// [`Store::notices`].
    ///
    /// # Errors
    /// The store failed, or what it holds does not open.
    pub async fn journal(&self, case: &str) -> Result<Vec<JournalRow>, StoreError> {
        const DOING: &str = "read a journal";
        let rows = self.inner.readers.fetch(DOING, JOURNAL, key(case)).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let data_key = self.case_key(case).await?;
        rows.iter()
            .map(|row| {
                let seq = row.count("seq")?;
                Ok(JournalRow {
                    seq,
                    at: row.moment("at")?,
                    actor: actor_of(&row.text("actor")?)?,
                    key: row.text("command_key")?,
                    ask: row.text("ask")?,
                    events: sealing::open_events(data_key.as_ref(), case, seq, &row.text("events")?)?,
                    prev: row.text("prev")?,
                    hash: row.text("hash")?,
                })
            })
            .collect()
    }

    /// A document of the case, opened.
    ///
    /// # Errors
    /// The store failed, or the document does not open.
    pub async fn document(&self, case: &str, no: LocalNo) -> Result<Option<DocumentRow>, StoreError> {
        let mut values = key(case);
        values.push(no.into());
        let rows = self.inner.readers.fetch("read a document", DOCUMENT, values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let data_key = self.case_key(case).await?;
        Ok(Some(DocumentRow {
            no,
            title: row.text("title")?,
            number: row.opt_text("number")?,
            html: opened_if_kept(data_key.as_ref(), &format!("document|html|{case}|{no}"), &row.text("html")?)?,
            hash: row.text("hash")?,
            made_at: row.moment("made_at")?,
        }))
    }

    /// The notices that the case sent, opened, in order.
    ///
    /// # Errors
    /// The store failed, or a notice does not open.
    pub async fn notices(&self, case: &str) -> Result<Vec<NoticeRow>, StoreError> {
        const DOING: &str = "read notices";
        let rows = self.inner.readers.fetch(DOING, NOTICES, key(case)).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let data_key = self.case_key(case).await?;
        rows.iter()
            .map(|row| {
                let Some(key) = &data_key else {
                    let (no, at) = (row.small("no")?, row.moment("at")?);
                    return Ok(NoticeRow { no, at, to: Vec::new(), subject: DESTROYED.to_owned(), html: DESTROYED.to_owned() });
                };
                let place = format!("notice|body|{case}|{}", row.int("no")?);
                json(DOING, "body", &opened(key, &place, &row.text("body")?)?)
            })
            .collect()
    }
}
