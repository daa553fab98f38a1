//! The platform's own ledger: every message it received or sent, one JSON line each, on disk before anybody is answered.
//!
//! It is what a test compares the office's database with, so nothing is ever changed in it, only added.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A message of the office, for the first time.
    Received {
        /// When, UTC milliseconds.
        at: i64,
        /// `item` or `status`.
        kind: String,
        /// Its id.
        message_id: String,
        /// SM3 of its body.
        body_hash: String,
        /// The application it is about.
        application_no: Option<String>,
        /// Its number within the application, as the office counts.
        seq: Option<u64>,
        /// What it says, in our words.
        values: Value,
    },
    /// The same message once more.
    Repeated {
        /// When.
        at: i64,
        /// Its id.
        message_id: String,
        /// SM3 of its body; another one than before is the office's mistake.
        body_hash: String,
    },
    /// A message that was not believed or not understood.
    Refused {
        /// When.
        at: i64,
        /// The path it came to.
        path: String,
        /// Why.
        reason: String,
    },
    /// The platform was told to misbehave, and did.
    Misbehaved {
        /// When.
        at: i64,
        /// To which kind of message.
        kind: String,
        /// How.
        how: String,
    },
    /// A citizen filed an application.
    Filed {
        /// When.
        at: i64,
        /// Its number.
        application_no: String,
        /// Who.
        citizen: String,
        /// `ITEM@UNIT`.
        task: String,
        /// What was filled in.
        data: Value,
    },
    /// Something is to be sent to the office.
    Queued {
        /// When.
        at: i64,
        /// What.
        sending: Sending,
    },
    /// It was sent.
    Attempted {
        /// When.
        at: i64,
        /// Its id.
        message_id: String,
        /// SM3 of the body.
        body_hash: String,
        /// HTTP status of the answer; None: no answer.
        status: Option<u16>,
        /// The answer in our words, or what went wrong.
        answer: Value,
    },
}

/// A message to the office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sending {
    /// The same for every attempt.
    pub message_id: String,
    /// `file`, `application`, `supplement`, `withdrawal`, `rating`.
    pub kind: String,
    /// Messages about one application are sent in order.
    pub application_no: String,
    /// What it says, in our words.
    pub values: Value,
    /// The file, for an upload: its name in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// The ledger's file, or memory for tests that need no restart.
pub struct Ledger {
    file: Option<File>,
    entries: Vec<Entry>,
}

/// What is wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Reading or writing failed.
    #[error("ledger {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A line is not an entry.
    #[error("ledger {0}, line {1}: {2}")]
    Line(PathBuf, usize, serde_json::Error),
}

impl Ledger {
    /// A ledger that is gone with the process.
    pub fn in_memory() -> Self {
        Self { file: None, entries: Vec::new() }
    }

    /// Opens `folder/ledger.jsonl`. A last line without its end, cut by a crash before anybody was answered, is dropped.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join("ledger.jsonl");
        let wrong = |error| LedgerError::File(path.clone(), error);
        std::fs::create_dir_all(folder).map_err(wrong)?;
        let file = std::fs::OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(wrong)?;
        let (mut entries, mut whole) = (Vec::new(), 0_u64);
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(wrong)? > 0 && line.ends_with('\n') {
            let entry = serde_json::from_str(&line).map_err(|error| LedgerError::Line(path.clone(), entries.len() + 1, error))?;
            entries.push(entry);
            whole += line.len() as u64;
            line.clear();
        }
        drop(reader);
        file.set_len(whole).map_err(wrong)?;
        Ok(Self { file: Some(file), entries })
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds entries; they are on disk when this returns.
    ///
    /// # Errors
    /// If the disk refuses; nothing counts as added then.
    pub fn add(&mut self, entries: &[Entry]) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut lines = Vec::new();
            for entry in entries {
                serde_json::to_writer(&mut lines, entry)?;
                lines.push(b'\n');
            }
            file.write_all(&lines)?;
            file.sync_data()?;
        }
        self.entries.extend_from_slice(entries);
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_outlives_its_process_and_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |at| Entry::Refused { at, path: "/api/office/status".into(), reason: "签名无效".into() };
        Ledger::open(folder.path()).unwrap().add(&[entry(1), entry(2)]).unwrap();
        let path = folder.path().join("ledger.jsonl");
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"entry\":\"refu").unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.entries(), [entry(1), entry(2)]);
        ledger.add(&[entry(3)]).unwrap();
        assert_eq!(Ledger::open(folder.path()).unwrap().entries(), [entry(1), entry(2), entry(3)]);
    }
}
