//! Journal rows, case rows and their seals are made on a thread of their own, while the next commands are being decided.
//!
//! Lots come in the order in which they were decided, so a row's hash finds the one before it.

use std::sync::{Arc, OnceLock, mpsc};

use tokio::sync::oneshot;
use tongban_engine::{
    definition::Definition,
    interpreter::{Actor, Case, Event},
    time::Moment,
};

use super::{
    Answer, StoreError,
    batch::Held,
    tables::Rows,
    vault::{NewKey, TakenFile},
};
use crate::seal::{DataKey, Keyring};

/// The hash of a case's last journal row, as soon as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Head(Arc<OnceLock<String>>);

impl Head {
    /// A head that is known: of a case that was read, or the empty one of a case that begins.
    pub(super) fn known(hash: String) -> Self {
        Self(Arc::new(OnceLock::from(hash)))
    }

    fn hash(&self) -> Result<&str, StoreError> {
        self.0.get().map(String::as_str).ok_or_else(|| StoreError::corrupt("write a journal row", "the row before it has no hash"))
    }
}

/// One command that was decided, as the journal tells it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) definition: Arc<Definition>,
    pub(super) case: Arc<Case>,
    pub(super) key: DataKey,
    /// Whose key it is, if not the case's own.
    pub(super) subject: Option<String>,
    /// Keys that were made for it.
    pub(super) new_keys: Vec<NewKey>,
    /// Files that it takes.
    pub(super) files: Vec<TakenFile>,
    pub(super) at: Moment,
    pub(super) actor: Actor,
    pub(super) command_key: String,
    pub(super) ask: &'static str,
    pub(super) events: Vec<Event>,
    pub(super) request: String,
    pub(super) answer: Answer,
    pub(super) prev: Head,
    pub(super) head: Head,
}

/// A case that the batch changed, as it leaves it and as it found it.
#[derive(Debug)]
pub(super) struct ChangedCase {
    pub(super) held: Held,
    pub(super) before: Option<Arc<Case>>,
}

/// Rows of a batch, once they are sealed.
pub(super) type SealedRows = oneshot::Receiver<Result<Rows, StoreError>>;

/// A part of a batch. A new batch number leaves behind what was not closed.
enum Lot {
    Entries { batch: u64, entries: Vec<Entry> },
    Close { batch: u64, cases: Vec<ChangedCase>, now: Moment, reply: oneshot::Sender<Result<Rows, StoreError>> },
}

/// The sealing thread. It ends with its handle.
#[derive(Debug)]
pub(super) struct Sealer(mpsc::Sender<Lot>);

impl Sealer {
    /// Starts the thread.
    pub(super) fn start(keys: Keyring) -> Result<Self, StoreError> {
        let (sender, lots) = mpsc::channel();
        let thread = std::thread::Builder::new().name("sealer".to_owned()).spawn(move || run(&keys, &lots));
        thread.map_err(|source| StoreError::File { doing: "start the sealing thread", source })?;
        Ok(Self(sender))
    }

    /// More entries of a batch. If the thread is gone, closing the batch says so.
    pub(super) fn add(&self, batch: u64, entries: Vec<Entry>) {
        let _ = self.0.send(Lot::Entries { batch, entries });
    }

    /// The end of a batch: its rows come when they are sealed.
    pub(super) fn close(&self, batch: u64, cases: Vec<ChangedCase>, now: Moment) -> SealedRows {
        let (reply, rows) = oneshot::channel();
        let _ = self.0.send(Lot::Close { batch, cases, now, reply });
        rows
    }
}

fn run(keys: &Keyring, lots: &mpsc::Receiver<Lot>) {
    let (mut current, mut rows) = (0, Ok(Rows::default()));
    for lot in lots {
        let (Lot::Entries { batch, .. } | Lot::Close { batch, .. }) = &lot;
        if *batch != current {
            (current, rows) = (*batch, Ok(Rows::default()));
        }
        match lot {
            Lot::Entries { entries, .. } => rows = rows.and_then(|rows| with_entries(rows, &entries)),
            Lot::Close { cases, now, reply, .. } => {
                let closed = std::mem::replace(&mut rows, Ok(Rows::default())).and_then(|rows| with_cases(keys, rows, &cases, now));
                drop(reply.send(closed));
            }
        }
    }
}

fn with_entries(mut rows: Rows, entries: &[Entry]) -> Result<Rows, StoreError> {
    for entry in entries {
        let hash = rows.add_entry(entry, entry.prev.hash()?)?;
        let _ = entry.head.0.set(hash);
    }
    Ok(rows)
}

fn with_cases(keys: &Keyring, mut rows: Rows, cases: &[ChangedCase], now: Moment) -> Result<Rows, StoreError> {
    for ChangedCase { held, before } in cases {
        let Held { case, definition, head, key, subject, quarantined } = held;
        // what cannot be opened any more is not changed any more
        let Some(key) = key else { continue };
        rows.add_case((keys, definition), (key, subject.as_deref()), before.as_deref(), case, (head.hash()?, quarantined.as_deref()), now)?;
    }
    Ok(rows)
}
