//! Sealed heads: every few seconds the heads of the journals that grew are written to a log beside the database, under a
//! signed Merkle root. Whoever rewrites a journal, hashes and all, no longer agrees with that log; copied elsewhere (a
//! drive that can only be written once, another office) it is evidence.

use std::{
    collections::BTreeMap,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use tongban_engine::{interpreter::CaseId, text::Text, time::Moment};

use super::{AUDIT, Store, StoreError, audit};

/// The log's name in the data folder.
pub const HEADS_LOG: &str = "heads.log";
/// Looked back so far beyond the last change that was seen.
const OVERLAP_MS: i64 = 60_000;

const CHANGED: &str = "SELECT case_id, seq, head, changed_at FROM case_head WHERE changed_at >= $1 ORDER BY changed_at, case_id";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CHANGED];

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedHeads {
    /// From 1, dense.
    pub no: u64,
    /// When, by the store's clock.
    pub at: Moment,
    /// SM3 of the line before; empty for the first.
    pub prev: String,
    /// Root of the Merkle tree over `heads`.
    pub root: String,
    /// Case, length of its journal, hash of its last row; under [`AUDIT`] the same of the audit.
    pub heads: Vec<(CaseId, u64, String)>,
    /// HMAC-SM3 of everything above.
    pub signature: String,
}

/// Writes the log.
#[derive(Debug)]
pub struct HeadsLog {
    store: Store,
    file: std::fs::File,
    no: u64,
    prev: String,
    /// Nothing changed after this that was not seen.
    watermark: Moment,
    /// What was sealed of the cases that changed lately.
    lately: BTreeMap<CaseId, u64>,
    /// The last number of the audit that was sealed.
    audit: u64,
}

impl HeadsLog {
    /// Opens the log of a store, or begins it. A line that was cut off by a crash is cut away.
    ///
    /// # Errors
    /// The log cannot be read or written, or makes no sense.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let path = path_of(store);
        let mut file = std::fs::OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
            file.seek(SeekFrom::End(0)).map_err(failed)?;
        }
        let last = text[..whole].lines().last();
        let sealed = last.map(|line| line_of(line, &path)).transpose()?;
        let watermark = sealed.as_ref().map_or(Moment(0), |sealed| sealed.at);
        let (no, prev) = (sealed.map_or(0, |sealed| sealed.no), last.map(hash).unwrap_or_default());
        let of_audit = text[..whole].lines().rev().find(|line| line.contains(AUDIT)).map(|line| line_of(line, &path)).transpose()?;
        let audit = of_audit.and_then(|line| line.heads.into_iter().find(|head| head.0 == AUDIT)).map_or(0, |head| head.1);
        Ok(Self { store: store.clone(), file, no, prev, watermark, lately: BTreeMap::new(), audit })
    }

    /// Seals the heads of what grew since, journals and audit; says how many.
    ///
    /// # Errors
    /// The store failed, or the log cannot be written.
    pub async fn seal(&mut self) -> Result<usize, StoreError> {
        let since = self.watermark.plus_ms(-OVERLAP_MS);
        let rows = self.store.inner.readers.fetch("look for heads to seal", CHANGED, vec![since.into()]).await?;
        let mut lately = BTreeMap::new();
        let mut heads = Vec::new();
        for row in &rows {
            let (case, seq) = (row.text("case_id")?, row.count("seq")?);
            if self.lately.get(&case) != Some(&seq) {
                heads.push((case.clone(), seq, row.text("head")?));
            }
            self.watermark = self.watermark.max(row.moment("changed_at")?);
            lately.insert(case, seq);
        }
        self.lately = lately;
        let mut tip = None;
        for row in self.store.inner.readers.fetch("look for the end of the audit", audit::LAST, Vec::new()).await? {
            tip = Some((row.count("no")?, row.text("hash")?)).filter(|(no, _)| *no > self.audit);
        }
        if let Some((no, hash)) = &tip {
            heads.push((AUDIT.to_owned(), *no, hash.clone()));
        }
        let count = heads.len();
        if count > 0 {
            self.append(heads)?;
        }
        self.audit = tip.map_or(self.audit, |(no, _)| no);
        Ok(count)
    }

    fn append(&mut self, heads: Vec<(CaseId, u64, String)>) -> Result<(), StoreError> {
        let root = merkle_root(&heads);
        let (no, at, prev) = (self.no + 1, self.watermark, self.prev.clone());
        let signature = sign(&self.store, no, at, &prev, &root);
        let line = serde_json::to_string(&SealedHeads { no, at, prev, root, heads, signature })
            .map_err(|error| StoreError::corrupt("seal heads", error.to_string()))?;
        self.file.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.file.sync_data()).map_err(failed)?;
        (self.no, self.prev) = (no, hash(&line));
        Ok(())
    }
}

/// The log of a store, each line checked: numbers dense, chain unbroken, root and signature right. The first fault ends it.
pub(super) fn read_log(store: &Store) -> Result<(Vec<SealedHeads>, Option<Text>), StoreError> {
    let path = path_of(store);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), None)),
        Err(error) => return Err(failed(error)),
    };
    let (mut sealed, mut prev) = (Vec::new(), String::new());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let Some(line) = line.strip_suffix('\n') else { break };
        let fault = |zh: &str, en: &str| {
            Some(Text::new(format!("{HEADS_LOG} 第 {} 行：{zh}", index + 1), format!("{HEADS_LOG} line {}: {en}", index + 1)))
        };
        let Ok(each) = line_of(line, &path) else { return Ok((sealed, fault("无法读取", "is not readable"))) };
        if each.no != index as u64 + 1 || each.prev != prev {
            return Ok((sealed, fault("与前一行不相接", "does not follow the line before it")));
        }
        let right = each.root == merkle_root(&each.heads) && each.signature == sign(store, each.no, each.at, &each.prev, &each.root);
        if !right {
            return Ok((sealed, fault("被改动，或用别的密钥封存", "was changed, or was sealed under other keys")));
        }
        prev = hash(line);
        sealed.push(each);
    }
    Ok((sealed, None))
}

fn path_of(store: &Store) -> PathBuf {
    store.inner.settings.data_dir.join(HEADS_LOG)
}

fn line_of(line: &str, path: &Path) -> Result<SealedHeads, StoreError> {
    serde_json::from_str(line).map_err(|error| StoreError::corrupt("read sealed heads", format!("{}: {error}", path.display())))
}

fn failed(source: std::io::Error) -> StoreError {
    StoreError::File { doing: "seal heads", source }
}

fn sign(store: &Store, no: u64, at: Moment, prev: &str, root: &str) -> String {
    store.inner.keys.sign(&[b"heads", &no.to_be_bytes(), &at.0.to_be_bytes(), prev.as_bytes(), root.as_bytes()])
}

fn hash(text: &str) -> String {
    hex::encode(Sm3::digest(text.as_bytes()))
}

/// Root of the Merkle tree over the heads, in order. Leaves and nodes are hashed behind different first bytes (RFC 6962);
/// a node without a neighbour moves up as it is.
fn merkle_root(heads: &[(CaseId, u64, String)]) -> String {
    let leaf = |(case, seq, head): &(CaseId, u64, String)| {
        let mut digest = Sm3::new_with_prefix([0]);
        for part in [case.as_bytes(), &seq.to_be_bytes()[..], head.as_bytes()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize()
    };
    let mut level: Vec<_> = heads.iter().map(leaf).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Sm3::new_with_prefix([1]).chain_update(left).chain_update(right).finalize(),
                alone => alone[0],
            })
            .collect();
    }
    level.first().map(hex::encode).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_changes_with_any_head_and_with_their_order() {
        let head = |case: &str, seq: u64, head: &str| (case.to_owned(), seq, head.to_owned());
        let heads = [head("a", 1, "x"), head("b", 2, "y"), head("c", 3, "z")];
        let root = merkle_root(&heads);
        for other in [
            vec![head("a", 1, "x"), head("b", 2, "y")],
            vec![head("a", 1, "x"), head("c", 3, "z"), head("b", 2, "y")],
            vec![head("a", 1, "x"), head("b", 2, "y"), head("c", 4, "z")],
            vec![head("a", 1, "x"), head("b", 2, "y"), head("c", 3, "z"), head("c", 3, "z")],
        ] {
            assert_ne!(merkle_root(&other), root);
        }
        assert_eq!(merkle_root(&[]), "");
    }
}
