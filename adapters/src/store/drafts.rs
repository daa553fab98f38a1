//! Drafts of forms: one a person and form, sealed, because what is half typed may be as sensitive as what is sent.

use serde_json::Value;

use super::{Draft, Store, StoreError, case_reads, plain::Statement};
use crate::seal::seal_text;

const SAVE: &str = "INSERT INTO draft (person, about, body, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (person, about) DO UPDATE SET body = excluded.body, at = excluded.at";
const READ: &str = "SELECT body, at FROM draft WHERE person = $1 AND about = $2";
const DROP: &str = "DELETE FROM draft WHERE person = $1 AND about = $2";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[SAVE, READ, DROP];

/// Whose key seals drafts.
const SUBJECT: &str = "~drafts";

fn place(person: &str, about: &str) -> String {
    format!("draft|body|{person}|{about}")
}

impl Store {
    /// Keeps what the person has typed into a form so far, in place of what was kept before.
    ///
    /// # Errors
    /// The store failed.
    pub async fn save_draft(&self, person: &str, about: &str, body: &Value) -> Result<(), StoreError> {
        let sealed = seal_text(&self.key_of(SUBJECT).await?, &place(person, about), &body.to_string())?;
        let values = vec![person.into(), about.into(), sealed.into(), self.inner.clock.now().into()];
        self.write_one(Statement::new("save a draft", SAVE, values)).await.map(drop)
    }

    /// What the person had typed.
    ///
    /// # Errors
    /// The store failed, or the draft does not open.
    pub async fn draft(&self, person: &str, about: &str) -> Result<Option<Draft>, StoreError> {
        const DOING: &str = "read a draft";
        let rows = self.inner.readers.fetch(DOING, READ, vec![person.into(), about.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text = case_reads::opened(&self.key_of(SUBJECT).await?, &place(person, about), &row.text("body")?)?;
        Ok(Some(Draft { about: about.to_owned(), body: case_reads::json(DOING, "body", &text)?, at: row.moment("at")? }))
    }

    /// Forgets a draft: it was sent or thrown away.
    ///
    /// # Errors
    /// The store failed.
    pub async fn drop_draft(&self, person: &str, about: &str) -> Result<(), StoreError> {
        self.write_one(Statement::new("drop a draft", DROP, vec![person.into(), about.into()])).await.map(drop)
    }
}
