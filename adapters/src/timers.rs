//! Fires due timers: sleeps until the next one is due, or is driven by [`Timers::tick`].

use crate::store::{Store, StoreError};

/// Fires due timers.
#[derive(Clone, Debug)]
pub struct Timers {
    store: Store,
}

#[expect(clippy::unused_async, reason = "signatures first; bodies follow")]
impl Timers {
    /// Timers of a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Fires what is due by the store's clock, until nothing is; says how many fired.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let _ = self.store.clock();
        Ok(0)
    }

    /// Fires timers until the store closes.
    pub async fn run(self) {}
}
