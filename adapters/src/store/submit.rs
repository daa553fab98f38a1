//! Handing commands in, trying them out, and reading one case.

use tongban_engine::interpreter::{Ask, Case, CaseId, Command, Context, Event, decided, migrated, version_unknown};
use uuid::Uuid;

use super::{Answer, OpenedCase, Store, StoreError, SubmitError, committer::Work, tables};
use crate::store::sealing;

/// The identifier of a case whose application has number `application_no` at `source`: "one application, one case" is
/// then a primary key. For cases begun in our own pages `source` is `person:ID` and `application_no` the idempotency
/// key, so that a form sent twice begins one case.
pub fn case_id_for(source: &str, application_no: &str) -> CaseId {
    use sm3::{Digest, Sm3};
    let mut digest = Sm3::new();
    for part in [source, application_no] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let hash = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    // RFC 9562, version 8: a name-based identifier with a hash of our choice.
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// A fresh identifier, ordered by time (RFC 9562, version 7).
pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

impl Store {
    /// Hands a command in and waits for its commit.
    ///
    /// # Errors
    /// Refused: nothing happened. Otherwise the store failed and the same key may be tried again.
    pub async fn submit(&self, command: Command) -> Result<Answer, SubmitError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.inner.inbox.send(Work::Command { command: Box::new(command), reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets a case that was set aside after a defect go on, once somebody has looked. False if it was not set aside.
    ///
    /// # Errors
    /// The store failed.
    pub async fn release(&self, case: &str) -> Result<bool, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.inner.inbox.send(Work::Release { case: case.to_owned(), reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Decided and thrown away: the case as it would be, and what would happen.
    ///
    /// # Errors
    /// As [`Store::submit`].
    pub async fn preview(&self, command: Command) -> Result<(Case, Vec<Event>), SubmitError> {
        let opened = self.case(&command.case).await?;
        let definition = match (&opened, &command.ask) {
            (Some(opened), _) => opened.definition.clone(),
            (None, Ask::Start(start)) => self.latest(&start.process).ok_or_else(|| tables::process_unknown(&start.process))?,
            (None, _) => return Err(tables::case_unknown().into()),
        };
        let rows = self.inner.readers.fetch("read the number series", tables::SERIES, Vec::new()).await?;
        let series = tables::series_of(&rows)?;
        let organisation = self.organisation();
        let context = Context { organisation: &organisation, series: &series, choices: None };
        if let (Ask::Migrate { to, .. }, Some(opened)) = (&command.ask, &opened) {
            let target = self.definition(to).await?.ok_or_else(|| version_unknown(to))?;
            return Ok(migrated(&definition, &target, &opened.case, &command, &context)?);
        }
        Ok(decided(&definition, opened.as_ref().map(|opened| &opened.case), &command, &context)?)
    }

    /// A case with what it runs on.
    ///
    /// # Errors
    /// The store failed, or what it holds does not open.
    pub async fn case(&self, id: &str) -> Result<Option<OpenedCase>, StoreError> {
        let key = || vec![vec![tables::shard_of(id).into(), id.into()]];
        let readers = &self.inner.readers;
        let heads = readers.fetch_keys("read a case", tables::HEADS, tables::CASE_KEY, key()).await?;
        let Some(head) = heads.first() else { return Ok(None) };
        let data = readers.fetch_keys("read a case's data", tables::DATA, tables::CASE_KEY, key()).await?;
        let data = data.first().map(|row| row.text("data")).transpose()?;
        let data_key = self.key_of_case(id, head.opt_text("subject")?.as_deref()).await?;
        let case = sealing::open_case(data_key.as_ref(), id, &head.text("state")?, data.as_deref())?;
        let definition = self.definition(&case.definition).await?;
        let definition =
            definition.ok_or_else(|| StoreError::corrupt("read a case", format!("its definition {} is gone", case.definition)))?;
        Ok(Some(OpenedCase {
            case,
            definition,
            head: head.text("head")?,
            quarantined: head.opt_text("quarantined")?,
            destroyed: data_key.is_none(),
        }))
    }
}
