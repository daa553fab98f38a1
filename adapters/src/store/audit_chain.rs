//! Checks the chain of the audit from its first row: numbers dense, each row naming the hash before it, each hash fitting
//! all columns, and what was sealed still there.

use std::collections::BTreeMap;

use tongban_engine::{text::Text, time::Moment};

use super::{AUDIT, Store, StoreError, audit, heads, sql::Row, verify::sealed_and_gone};

/// Rows looked at at once.
const ROWS: u32 = 5_000;

/// What a check of the audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditState {
    /// When it was checked, by the store's clock.
    pub at: Moment,
    /// Whole up to this number.
    pub no: u64,
    /// The first row that does not fit, and why.
    pub fault: Option<(u64, Text)>,
}

/// The chain, checked so far as it goes.
struct Chain {
    no: u64,
    hash: String,
    sealed: BTreeMap<u64, String>,
    fault: Option<(u64, Text)>,
}

impl Chain {
    /// Takes more rows, until one does not fit.
    fn follow(mut self, rows: &[Row]) -> Self {
        for row in rows {
            match self.wrong(row) {
                Ok(hash) => {
                    self.no += 1;
                    self.hash = hash;
                }
                Err(what) => {
                    self.fault = Some((self.no + 1, what));
                    break;
                }
            }
        }
        self
    }

    /// The row's hash, or what is wrong with it.
    fn wrong(&mut self, row: &Row) -> Result<String, Text> {
        let next = self.no + 1;
        let row = audit::row(row).map_err(|error| Text::new(format!("无法读取：{error}"), format!("is not readable: {error}")))?;
        if row.no != next {
            return Err(Text::new("缺失", "is missing"));
        }
        if row.prev != self.hash {
            return Err(Text::new("所记的前一条散列不符", "does not name the hash of the row before it"));
        }
        if row.hash != audit::hash(&row.prev, row.no, &row.deed) {
            return Err(Text::new("被改动：散列不符", "was changed: its hash does not fit"));
        }
        match self.sealed.remove(&next) {
            Some(sealed) if sealed != row.hash => Err(Text::new("与封存的不符", "is not the one that was sealed")),
            _ => Ok(row.hash),
        }
    }
}

impl Store {
    /// Checks the audit: how many rows are whole, and the first that is not.
    ///
    /// # Errors
    /// The store failed; a row being wrong is no error.
    pub async fn check_audit(&self) -> Result<AuditState, StoreError> {
        let (log, _) = heads::read_log(self)?;
        let of_audit = log.into_iter().flat_map(|line| line.heads).filter(|(subject, ..)| subject == AUDIT);
        let at = self.inner.clock.now();
        let (no, fault) = self.verify_audit(of_audit.map(|(_, no, hash)| (no, hash)).collect()).await?;
        let state = AuditState { at, no, fault };
        if let Some((no, what)) = &state.fault {
            tracing::error!(no, what = what.get(tongban_engine::text::Language::En), "the audit does not fit its hashes");
        }
        if let Ok(mut kept) = self.inner.audit_state.write() {
            *kept = Some(state.clone());
        }
        Ok(state)
    }

    /// What the last check of this process found.
    pub fn audit_state(&self) -> Option<AuditState> {
        self.inner.audit_state.read().ok().and_then(|state| state.clone())
    }

    /// Rows that are whole, and the first that is not. The next rows are read while those before them are hashed.
    pub(super) async fn verify_audit(&self, sealed: Vec<(u64, String)>) -> Result<(u64, Option<(u64, Text)>), StoreError> {
        const DOING: &str = "check the audit";
        let read = |no: u64| self.inner.readers.fetch(DOING, audit::AFTER, vec![no.into(), ROWS.into()]);
        let mut chain = Chain { no: 0, hash: String::new(), sealed: sealed.into_iter().collect(), fault: None };
        let mut rows = read(0).await?;
        while let Some(last) = rows.last() {
            // a number that is not readable is found by who follows the rows
            let last = last.count("no").unwrap_or(u64::MAX);
            let following = tokio::task::spawn_blocking(move || chain.follow(&rows));
            let next = read(last).await;
            chain = following.await.map_err(|error| StoreError::corrupt(DOING, error.to_string()))?;
            if chain.fault.is_some() {
                break;
            }
            rows = next?;
        }
        if chain.fault.is_none()
            && let Some((no, _)) = chain.sealed.pop_first()
        {
            chain.fault = Some((no, sealed_and_gone()));
        }
        Ok((chain.no, chain.fault))
    }
}
