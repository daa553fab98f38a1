//! For benchmarks: the rows of every batch, to be written again in the same batches without deciding anything. What that
//! takes is the raw rate that the store is measured against.

use std::sync::{Arc, Mutex};

use super::{StoreError, database, tables::Rows};
use crate::config::StoreSettings;

/// A recording of batches. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Mutex<Vec<Rows>>>);

impl Tape {
    /// How many batches were recorded.
    pub fn batches(&self) -> usize {
        self.0.lock().map_or(0, |batches| batches.len())
    }

    pub(super) fn record(&self, rows: &Rows) {
        if let Ok(mut batches) = self.0.lock() {
            batches.push(rows.clone());
        }
    }

    /// Writes the recorded batches into a fresh database, each in a transaction of its own, as durably as the store does.
    ///
    /// # Errors
    /// The database cannot be opened, or holds these rows already.
    pub async fn replay(&self, settings: &StoreSettings) -> Result<Replay, StoreError> {
        let (writer, readers) = database::open(settings).await?;
        readers.close().await;
        let batches = self.0.lock().map(|batches| batches.clone()).unwrap_or_default();
        Ok(Replay { writer, batches })
    }
}

/// Batches about to be written, with the database open: only [`Replay::run`] is worth timing.
#[derive(Debug)]
pub struct Replay {
    writer: database::Writer,
    batches: Vec<Rows>,
}

impl Replay {
    /// Writes them.
    ///
    /// # Errors
    /// The database said no.
    pub async fn run(mut self) -> Result<(), StoreError> {
        for rows in self.batches {
            let mut tx = self.writer.begin().await?;
            rows.save(&mut tx.conn()).await?;
            tx.commit().await?;
        }
        self.writer.fold_and_close().await;
        Ok(())
    }
}
