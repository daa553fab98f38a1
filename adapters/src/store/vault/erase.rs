//! Crypto-erasure: a subject's data key is destroyed, and with it everything sensitive that is kept of her. The journal stays
//! as it was written, so its hashes still hold; what its ciphertext said nobody can tell any more.

use serde::Serialize;
use tongban_engine::{interpreter::CaseId, time::Moment};

use super::{Store, StoreError, erased_name, is_erased, subject_in};
use crate::store::{Deed, case_reads::key, plain::Statement, sql::Value, tables};

/// Backups are gone so long after they were made (reliability.md §4.4).
const BACKUPS_DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;

const OF_SUBJECT: &str = "SELECT case_id, number, status FROM case_head WHERE subject = $1 ORDER BY started_at, case_id";
const OF_CASE: &str = "SELECT case_id, number, status, subject FROM case_head WHERE shard = $1 AND case_id = $2";
const UNDELIVERED: &str = "SELECT count(*) AS total FROM outbox WHERE shard = $1 AND case_id = $2 AND state <> 'delivered'";
/// Only while no case of it runs; what follows is done only if it was.
const DESTROY: &str = "DELETE FROM data_key WHERE shard = $1 AND case_id = $2 AND NOT EXISTS (SELECT 1 FROM case_head h \
     WHERE h.status = 'running' AND (h.subject = $3 OR (h.subject IS NULL AND h.shard = $1 AND h.case_id = $2)))";
const MARK: &str = "UPDATE case_head SET subject = $3 WHERE shard = $1 AND case_id = $2 \
     AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.shard = $4 AND k.case_id = $5)";
const FILES: &str = "SELECT file, wrapped FROM case_file WHERE shard = $1 AND case_id = $2";
const DROP_FILES: &str = "DELETE FROM case_file WHERE shard = $1 AND case_id = $2 \
     AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.shard = $3 AND k.case_id = $4)";
/// What came in stays known, so that nothing is carried out twice; what it said goes.
const EMPTY_INTAKE: &str = "UPDATE intake SET body = '' WHERE case_id = $1 AND state IN ('accepted', 'done') \
     AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.shard = $2 AND k.case_id = $3)";
const DROP_DRAFTS: &str = "DELETE FROM draft WHERE about LIKE $1 \
     AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.shard = $2 AND k.case_id = $3)";
const DROP_FIELDS: &str = "DELETE FROM field_index WHERE shard = $1 AND case_id = $2 \
     AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.shard = $3 AND k.case_id = $4)";
const NOTE: &str = "INSERT INTO erasure (id, key_id, by_person, reason, at, cases, certificate) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const HOLD: &str = "INSERT INTO legal_hold (subject, by_person, reason, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (subject) DO UPDATE SET by_person = excluded.by_person, reason = excluded.reason, at = excluded.at";
const UNHOLD: &str = "DELETE FROM legal_hold WHERE subject = $1";
const HOLDS: &str = "SELECT subject, by_person, reason, at FROM legal_hold ORDER BY at, subject";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    OF_SUBJECT,
    OF_CASE,
    UNDELIVERED,
    DESTROY,
    MARK,
    FILES,
    DROP_FILES,
    EMPTY_INTAKE,
    DROP_DRAFTS,
    DROP_FIELDS,
    NOTE,
    HOLD,
    UNHOLD,
    HOLDS,
];

/// What is to be destroyed, by whom and why.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// A case of the subject by its number or identifier, or the subject as [`Store::key_stock`] names it.
    pub of: String,
    /// Who answers for it: a person id.
    pub by: String,
    /// Why: the article, the request.
    pub reason: String,
}

/// A subject whose key may not be destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// The subject.
    pub subject: String,
    /// Who ordered it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Moment,
}

/// What was destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The certificate's number; the cases name it as their subject now.
    pub id: String,
    /// The cases whose sensitive values are gone.
    pub cases: Vec<CaseId>,
    /// What is handed to the person concerned and filed.
    pub certificate: String,
}

/// Why nothing was destroyed.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No case and no subject is called so.
    #[error("there is no case and no subject `{0}`")]
    Unknown(String),
    /// It was destroyed before.
    #[error("the key of `{0}` was destroyed before")]
    Gone(String),
    /// The law wants it kept.
    #[error("under legal hold by {} since {}: {}", .0.by, iso(.0.at), .0.reason)]
    Held(Hold),
    /// These cases are still open.
    #[error("cases are still open: {}", .0.join(", "))]
    Open(Vec<String>),
    /// Something of it is still to be delivered.
    #[error("{0} deliveries of its cases are still to be made or mended")]
    Undelivered(u64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn iso(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

/// A case of a subject.
struct Concerned {
    case: CaseId,
    number: Option<String>,
    running: bool,
}

impl Store {
    /// Destroys the key of a subject: of all ended cases about her. Noted in the audit in the same commit.
    ///
    /// # Errors
    /// See [`EraseError`]: then nothing was destroyed.
    pub async fn erase(&self, asked: &Erasure) -> Result<Erased, EraseError> {
        let name = self.key_named(&asked.of).await?;
        let subject = subject_in(&name).to_owned();
        if let Some(hold) = self.holds().await?.into_iter().find(|hold| hold.subject == subject) {
            return Err(EraseError::Held(hold));
        }
        let concerned = self.concerned(&name).await?;
        self.must_have_ended(&concerned).await?;
        let key_id = self.find_key(&name).await?.ok_or_else(|| EraseError::Gone(name.clone()))?.id().to_owned();
        let at = self.inner.clock.now();
        let id = erased_name(at, &name);
        let certificate = self.certificate(asked, &id, &key_id, &concerned, at);
        let files = self.files_of(&concerned).await?;
        let statements = self.destroying(asked, &name, (&id, &key_id), &concerned, &certificate);
        let deed = Deed {
            after: Some(serde_json::json!({ "certificate": id, "key": key_id, "cases": concerned.len() }).to_string()),
            purpose: Some(asked.reason.clone()),
            ..Deed::new(at, &*asked.by, "key.destroyed", "subject", subject)
        };
        let written = self.write_audited(vec![deed.clone()], statements).await?;
        if written.first().is_none_or(|destroyed| destroyed.touched == 0) {
            self.note(Deed { deed: "key.kept".to_owned(), ..deed }).await?;
            return Err(EraseError::Open(self.concerned(&name).await?.into_iter().map(|case| case.case).collect()));
        }
        self.inner.opened.forget(&name);
        for (file, wrapped) in files {
            self.drop_unless_kept(&file, &wrapped).await?;
        }
        Ok(Erased { id, cases: concerned.into_iter().map(|case| case.case).collect(), certificate })
    }

    /// Forbids that a subject's key is destroyed, or allows it again (`reason` None). Noted in the audit.
    ///
    /// # Errors
    /// There is no such subject, or the store failed.
    pub async fn hold(&self, of: &str, by: &str, reason: Option<&str>) -> Result<String, EraseError> {
        let subject = subject_in(&self.key_named(of).await?).to_owned();
        let at = self.inner.clock.now();
        let statement = match reason {
            Some(reason) => Statement::new("hold a subject", HOLD, vec![subject.as_str().into(), by.into(), reason.into(), at.into()]),
            None => Statement::new("hold a subject no longer", UNHOLD, vec![subject.as_str().into()]),
        };
        let word = if reason.is_some() { "hold.set" } else { "hold.lifted" };
        let deed = Deed { purpose: reason.map(str::to_owned), ..Deed::new(at, by, word, "subject", &*subject) };
        self.write_audited(vec![deed], vec![statement]).await?;
        Ok(subject)
    }

    /// Subjects whose keys may not be destroyed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        let rows = self.inner.readers.fetch("list holds", HOLDS, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                Ok(Hold { subject: row.text("subject")?, by: row.text("by_person")?, reason: row.text("reason")?, at: row.moment("at")? })
            })
            .collect()
    }

    /// The key that opens the case or subject called so.
    async fn key_named(&self, of: &str) -> Result<String, EraseError> {
        let case = self.case_by_number(of).await?.unwrap_or_else(|| of.to_owned());
        let name = match self.inner.readers.fetch("find a case", OF_CASE, key(&case)).await?.first() {
            Some(row) => row.opt_text("subject")?.unwrap_or(case),
            None if of.starts_with('@') => match self.find_key(of).await? {
                Some(key) => super::key_name(subject_in(of), &key),
                None => return Err(EraseError::Unknown(of.to_owned())),
            },
            None => return Err(EraseError::Unknown(of.to_owned())),
        };
        if is_erased(&name) { Err(EraseError::Gone(of.to_owned())) } else { Ok(name) }
    }

    async fn concerned(&self, name: &str) -> Result<Vec<Concerned>, StoreError> {
        const DOING: &str = "list a subject's cases";
        let rows = if name.starts_with('@') {
            self.inner.readers.fetch(DOING, OF_SUBJECT, vec![name.into()]).await?
        } else {
            self.inner.readers.fetch(DOING, OF_CASE, key(name)).await?
        };
        rows.iter()
            .map(|row| {
                Ok(Concerned { case: row.text("case_id")?, number: row.opt_text("number")?, running: row.text("status")? == "running" })
            })
            .collect()
    }

    async fn must_have_ended(&self, concerned: &[Concerned]) -> Result<(), EraseError> {
        let open = concerned.iter().filter(|case| case.running);
        let open: Vec<String> = open.map(|case| case.number.clone().unwrap_or_else(|| case.case.clone())).collect();
        if !open.is_empty() {
            return Err(EraseError::Open(open));
        }
        let mut undelivered = 0;
        for case in concerned {
            let rows = self.inner.readers.fetch("look for deliveries", UNDELIVERED, key(&case.case)).await?;
            undelivered += rows.first().map_or(Ok(0), |row| row.count("total"))?;
        }
        if undelivered > 0 { Err(EraseError::Undelivered(undelivered)) } else { Ok(()) }
    }

    /// The destruction itself comes first.
    fn destroying(
        &self,
        asked: &Erasure,
        name: &str,
        (id, key_id): (&str, &str),
        concerned: &[Concerned],
        certificate: &str,
    ) -> Vec<Statement> {
        let subject = subject_in(name);
        let gone: Vec<Value> = vec![tables::shard_of(subject).into(), subject.into()];
        let mut statements = vec![Statement::new("destroy a key", DESTROY, [gone.clone(), vec![name.into()]].concat())];
        for Concerned { case, .. } in concerned {
            let mark = [key(case), vec![id.into()], gone.clone()].concat();
            statements.push(Statement::new("mark a case", MARK, mark));
            statements.push(Statement::new("drop keys of files", DROP_FILES, [key(case), gone.clone()].concat()));
            statements.push(Statement::new("empty messages", EMPTY_INTAKE, [vec![case.as_str().into()], gone.clone()].concat()));
            statements.push(Statement::new("drop what a case is found by", DROP_FIELDS, [key(case), gone.clone()].concat()));
            statements.push(Statement::new("drop drafts", DROP_DRAFTS, [vec![format!("task:{case}:%").into()], gone.clone()].concat()));
        }
        let note = vec![
            id.into(),
            key_id.into(),
            asked.by.as_str().into(),
            asked.reason.as_str().into(),
            self.inner.clock.now().into(),
            (concerned.len() as u64).into(),
            certificate.into(),
        ];
        statements.push(Statement::new("keep a certificate", NOTE, note));
        statements
    }

    async fn files_of(&self, concerned: &[Concerned]) -> Result<Vec<(String, String)>, StoreError> {
        let mut files = Vec::new();
        for case in concerned {
            for row in self.inner.readers.fetch("list a case's files", FILES, key(&case.case)).await? {
                files.push((row.text("file")?, row.text("wrapped")?));
            }
        }
        Ok(files)
    }

    /// Another case may have taken the same file, under the same key.
    async fn drop_unless_kept(&self, file: &str, wrapped: &str) -> Result<(), StoreError> {
        let id = |wrapped: &str| wrapped.split(':').nth(3).unwrap_or_default().to_owned();
        if self.file_forms(file).await?.iter().any(|other| id(other) == id(wrapped)) {
            return Ok(());
        }
        // the key is gone whatever the disk does, and so is what it sealed
        if let Err(error) = self.drop_file(file, wrapped).await {
            tracing::warn!(%error, file, "a file whose key was destroyed could not be removed");
        }
        Ok(())
    }

    fn certificate(&self, asked: &Erasure, id: &str, key_id: &str, concerned: &[Concerned], at: Moment) -> String {
        let numbers: Vec<&str> = concerned.iter().map(|case| case.number.as_deref().unwrap_or(&case.case)).collect();
        let until = iso(at.plus_ms(BACKUPS_DAYS * DAY_MS));
        let text = format!(
            "销毁证明 / Certificate of erasure\n\
             编号 / No.: {id}\n\
             时间 / At: {}\n\
             责任人 / By: {}\n\
             理由 / Reason: {}\n\
             办件 / Cases ({}): {}\n\
             密钥 / Key: {key_id}\n\
             方式 / Method: 数据密钥已从库中删除，以其加密的敏感数据、文书、通知、附件不可恢复；流水的散列链保持不变 / the data key was deleted; \
             sensitive values, documents, notices and files sealed by it cannot be recovered; the hash chain of the journal is unchanged\n\
             备份 / Backups: 此前所作的数据库备份连同密钥文件在 {until} 前可能仍可打开 / copies of database and key file made before may open until {until}\n",
            iso(at),
            asked.by,
            asked.reason,
            concerned.len(),
            numbers.join(", "),
        );
        let signature = self.inner.keys.sign(&[b"certificate of erasure", text.as_bytes()]);
        format!("{text}签章 / Signature (HMAC-SM3): {signature}\n")
    }
}
