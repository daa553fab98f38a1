//! The outbox: what a commit asked of the world is delivered at least once, in order per case and destination.

mod delivery;
mod schedule;

use std::{future::Future, pin::Pin};

use tongban_engine::{
    interpreter::{CaseId, Effect},
    time::Moment,
};

pub use delivery::Outbox;
pub use schedule::{Breakers, FAILURES_TO_OPEN, Schedule};

/// One delivery to make.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxItem {
    /// Its row.
    pub id: String,
    /// The case that asked for it.
    pub case: CaseId,
    /// The case's journal entry that asked for it.
    pub seq: u64,
    /// Where to: `mail`, `platform:ID`, `job:OPERATION`, `message:NAME`, `case:` (another case).
    pub destination: String,
    /// Idempotency key: the same for every attempt.
    pub key: String,
    /// When it was asked for.
    pub at: Moment,
    /// What.
    pub effect: Effect,
    /// Attempts, this one included.
    pub attempts: u32,
}

/// Why a delivery failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Another attempt may help.
    #[error("{0}")]
    Later(String),
    /// No further attempt will help: an operator must look.
    #[error("{0}")]
    Never(String),
}

/// A delivery under way.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), DeliveryError>> + Send + 'a>>;

/// Delivers to one kind of destination.
pub trait Deliverer: Send + Sync {
    /// Delivers, once. The receiver must be able to tell a repeated delivery by [`OutboxItem::key`].
    fn deliver<'a>(&'a self, item: &'a OutboxItem) -> Delivery<'a>;
}
