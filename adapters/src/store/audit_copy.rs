//! The audit once more, a line of JSON each row, in a file that belongs on another machine or on a drive that only grows:
//! what it holds outlives whoever has the database in her hands (ASVS 5.0 16.4.3).

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
};

use super::{AuditRow, Store, StoreError};

/// Rows copied at once.
const ROWS: u32 = 1_000;

/// The copy. It follows the audit, and writes nothing twice.
#[derive(Debug)]
pub struct AuditCopy {
    store: Store,
    file: std::fs::File,
    /// The last row that it holds.
    no: u64,
}

impl AuditCopy {
    /// Opens the copy, or begins it.
    ///
    /// # Errors
    /// The file cannot be read or written, or its last line is no row of an audit.
    pub fn open(store: &Store, path: &Path) -> Result<Self, StoreError> {
        let file = std::fs::OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let mut no = 0;
        for line in BufReader::new(&file).lines() {
            let line: serde_json::Value = serde_json::from_str(&line.map_err(failed)?).unwrap_or_default();
            no = line["no"].as_u64().ok_or_else(|| StoreError::corrupt("copy the audit", format!("{}: after row {no}", path.display())))?;
        }
        Ok(Self { store: store.clone(), file, no })
    }

    /// Appends what the audit has grown by; says how many rows.
    ///
    /// # Errors
    /// The store failed, or the file cannot be written.
    pub async fn follow(&mut self) -> Result<u64, StoreError> {
        let mut copied = 0;
        loop {
            let rows = self.store.audit_after(self.no, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(copied) };
            let lines = rows.iter().map(line).collect::<Result<String, _>>()?;
            self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data()).map_err(failed)?;
            copied += rows.len() as u64;
            self.no = last.no;
        }
    }
}

/// A row as a line.
fn line(row: &AuditRow) -> Result<String, StoreError> {
    serde_json::to_string(row).map(|line| line + "\n").map_err(|error| StoreError::corrupt("copy the audit", error.to_string()))
}

fn failed(source: std::io::Error) -> StoreError {
    StoreError::File { doing: "copy the audit", source }
}
