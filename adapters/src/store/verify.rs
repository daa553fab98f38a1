//! Checks what the store holds against itself: the hash chain of the audit and of every journal, and that each case is what
//! its journal makes of it; and all of it against the sealed heads.

use std::collections::HashMap;

use serde::Serialize;
use tongban_engine::{
    interpreter::{Case, CaseId, apply},
    text::Text,
};

use super::{AUDIT, Store, StoreError, case_reads::key, heads, sealing, sql::Value, tables};

/// Cases looked up at once.
const CASES: u32 = 200;

const NEXT_CASES: &str = "SELECT shard, case_id FROM case_head WHERE (shard, case_id) > ($1, $2) ORDER BY shard, case_id LIMIT $3";
const CHAIN: &str = "SELECT seq, at, actor, command_key, ask, events, prev, hash FROM journal \
     WHERE shard = $1 AND case_id = $2 AND seq <= $3 ORDER BY seq";
const HEADLESS: &str = "SELECT DISTINCT j.case_id FROM journal j \
     WHERE NOT EXISTS (SELECT 1 FROM case_head h WHERE h.shard = j.shard AND h.case_id = j.case_id) ORDER BY j.case_id LIMIT 100";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[NEXT_CASES, CHAIN, HEADLESS];

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Cases checked.
    pub cases: u64,
    /// Journal rows checked.
    pub rows: u64,
    /// Rows of the audit checked.
    pub audit: u64,
    /// Sealed heads that were compared.
    pub sealed: u64,
    /// The first fault of each case, of the audit, and of the log of sealed heads.
    pub faults: Vec<Fault>,
}

/// Something does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The case; [`AUDIT`] for the audit, empty for the log of sealed heads.
    pub case: CaseId,
    /// The row of its journal or of the audit, if it is one.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: Text,
}

/// A case's journal, checked so far as it goes.
struct Chain {
    /// Hashes of its rows, from row 1.
    hashes: Vec<String>,
    /// The case as its journal makes it.
    folded: Case,
    fault: Option<(u64, Text)>,
}

impl Store {
    /// Checks the audit and every case. Runs beside everything else.
    ///
    /// # Errors
    /// The store failed; what it holds being wrong is no error but a fault.
    pub async fn verify(&self) -> Result<Verified, StoreError> {
        let mut found = Verified::default();
        let (log, fault) = heads::read_log(self)?;
        found.faults.extend(fault.map(|what| Fault { case: String::new(), seq: None, what }));
        let mut sealed: HashMap<CaseId, Vec<(u64, String)>> = HashMap::new();
        for (case, seq, head) in log.into_iter().flat_map(|line| line.heads) {
            sealed.entry(case).or_default().push((seq, head));
        }
        let audit_heads = sealed.remove(AUDIT).unwrap_or_default();
        found.sealed += audit_heads.len() as u64;
        let (rows, fault) = self.verify_audit(audit_heads).await?;
        found.audit = rows;
        found.faults.extend(fault.map(|(no, what)| Fault { case: AUDIT.to_owned(), seq: Some(no), what }));
        let mut after: (i64, String) = (-1, String::new());
        loop {
            let values: Vec<Value> = vec![after.0.into(), after.1.into(), CASES.into()];
            let rows = self.inner.readers.fetch("list cases to check", NEXT_CASES, values).await?;
            let Some(last) = rows.last() else { break };
            after = (last.int("shard")?, last.text("case_id")?);
            for row in &rows {
                let case = row.text("case_id")?;
                let heads = sealed.remove(&case).unwrap_or_default();
                self.verify_case(&case, &heads, &mut found).await?;
            }
        }
        for row in self.inner.readers.fetch("look for journals without a case", HEADLESS, Vec::new()).await? {
            found.faults.push(Fault {
                case: row.text("case_id")?,
                seq: None,
                what: Text::new("有流水而没有状态", "has a journal but no state"),
            });
        }
        let mut gone: Vec<CaseId> = sealed.into_keys().collect();
        gone.sort();
        found.faults.extend(gone.into_iter().map(|case| Fault { case, seq: None, what: sealed_and_gone() }));
        Ok(found)
    }

    async fn verify_case(&self, id: &str, sealed: &[(u64, String)], found: &mut Verified) -> Result<(), StoreError> {
        found.cases += 1;
        found.sealed += sealed.len() as u64;
        let mut fault = self.fault_of(id, sealed).await;
        if matches!(fault, Ok((_, Some(_))) | Err(StoreError::Corrupt { .. } | StoreError::Seal(_))) {
            // It may have changed between two reads: only what is wrong twice is wrong.
            fault = self.fault_of(id, sealed).await;
        }
        match fault {
            Ok((rows, fault)) => {
                found.rows += rows;
                found.faults.extend(fault);
            }
            Err(error @ (StoreError::Corrupt { .. } | StoreError::Seal(_))) => {
                found.faults.push(Fault { case: id.to_owned(), seq: None, what: Text::zh(error.to_string()) });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// How many rows a case's journal has, and the first thing wrong with it.
    async fn fault_of(&self, id: &str, sealed: &[(u64, String)]) -> Result<(u64, Option<Fault>), StoreError> {
        let fault = |seq: Option<u64>, what: Text| Some(Fault { case: id.to_owned(), seq, what });
        let Some(opened) = self.case(id).await? else { return Ok((0, None)) };
        let chain = self.chain(id, opened.case.seq).await?;
        let rows = chain.hashes.len() as u64;
        let newer = |seq: u64| seq > opened.case.seq;
        let first = if let Some((seq, what)) = chain.fault {
            fault(Some(seq), what)
        } else if rows != opened.case.seq {
            fault(Some(rows + 1), Text::new("缺失", "is missing"))
        } else if chain.hashes.last() != Some(&opened.head) {
            fault(Some(rows), Text::new("与办件链头所指的不符", "is not the one that the case's head names"))
        } else if let Some((seq, _)) = sealed.iter().find(|(seq, head)| !newer(*seq) && chain.hash_of(*seq) != Some(head)) {
            fault(Some(*seq), Text::new("与封存的不符", "is not the one that was sealed"))
        } else if let Some((seq, _)) = sealed.iter().find(|(seq, _)| newer(*seq)) {
            fault(Some(*seq), sealed_and_gone())
        } else if opened.destroyed {
            // what the values were can no longer be told; that the ciphertext is the one that was written can
            None
        } else if chain.folded != opened.case {
            fault(None, Text::new("状态与流水推得的不符", "the state is not what the journal makes of it"))
        } else {
            None
        };
        Ok((rows, first))
    }

    /// The journal of a case up to row `seq`, each row checked until one is wrong.
    async fn chain(&self, id: &str, seq: u64) -> Result<Chain, StoreError> {
        let mut values = key(id);
        values.push(seq.into());
        let rows = self.inner.readers.fetch("check a journal", CHAIN, values).await?;
        let data_key = self.case_key(id).await?;
        let mut chain = Chain { hashes: Vec::new(), folded: Case { id: id.to_owned(), ..Case::default() }, fault: None };
        for row in &rows {
            let (seq, at, prev, hash) = (row.count("seq")?, row.moment("at")?, row.text("prev")?, row.text("hash")?);
            let events = row.text("events")?;
            let (actor, key, ask) = (row.text("actor")?, row.text("command_key")?, row.text("ask")?);
            let expected = chain.hashes.last().cloned().unwrap_or_default();
            let wrong = if seq != chain.hashes.len() as u64 + 1 {
                Some(Text::new("与前一条不相接：有缺失", "does not follow the row before it: rows are missing"))
            } else if prev != expected {
                Some(Text::new("所记的前一条散列不符", "does not name the hash of the row before it"))
            } else if hash != tables::journal_hash(&prev, id, seq, at, [&actor, &key, &ask, &events]) {
                Some(Text::new("被改动：散列不符", "was changed: its hash does not fit"))
            } else {
                None
            };
            if let Some(what) = wrong {
                chain.fault = Some((seq, what));
                break;
            }
            for event in sealing::open_events(data_key.as_ref(), id, seq, &events)? {
                apply(&mut chain.folded, &event, at);
            }
            chain.folded.seq = seq;
            chain.hashes.push(hash);
        }
        Ok(chain)
    }
}

pub(super) fn sealed_and_gone() -> Text {
    Text::new("曾经封存，现已不在", "was sealed, and is gone")
}

impl Chain {
    fn hash_of(&self, seq: u64) -> Option<&String> {
        self.hashes.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }
}
