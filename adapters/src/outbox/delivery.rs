//! The delivery loop: claims what is due, delivers, and notes what became of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinSet;
use tongban_engine::{
    interpreter::{Actor, Ask, Command, Effect},
    time::Moment,
};

use super::{Breakers, Deliverer, DeliveryError, OutboxItem, Schedule};
use crate::store::{Store, StoreError, SubmitError};

/// Deliveries under way at once.
const CLAIM_MAX: u32 = 32;
/// A claim is good for so long; longer than any deliverer's time-out.
const LEASE_MS: i64 = 60_000;
/// The loop looks at least so often, in case it was not woken.
const IDLE_MS_MAX: i64 = 5_000;

/// Delivers what the store's outbox holds.
pub struct Outbox {
    store: Store,
    schedule: Schedule,
    deliverers: BTreeMap<String, Arc<dyn Deliverer>>,
    breakers: Mutex<Breakers>,
}

impl Outbox {
    /// An outbox that cannot deliver anything yet.
    pub fn new(store: Store, schedule: Schedule) -> Self {
        Self { store, schedule, deliverers: BTreeMap::new(), breakers: Mutex::default() }
    }

    /// Registers who delivers to `destination`: a whole one (`mail`, `platform:one-net`) or what stands before the colon.
    #[must_use]
    pub fn with(mut self, destination: &str, deliverer: Arc<dyn Deliverer>) -> Self {
        self.deliverers.insert(destination.to_owned(), deliverer);
        self
    }

    fn breakers(&self) -> MutexGuard<'_, Breakers> {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers everything that is due by the store's clock, and what becomes due because of it; how many deliveries went
    /// well.
    ///
    /// # Errors
    /// The store failed; what was claimed is claimed again when its lease is over.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let mut delivered = 0;
        loop {
            let now = self.store.clock().now();
            let closed = self.breakers().closed_to_us(now);
            let claimed = self.store.claim_outbox(CLAIM_MAX, LEASE_MS, &closed).await?;
            if claimed.is_empty() {
                return Ok(delivered);
            }
            // What failed lately is tried one at a time; everything else at once.
            let (probes, rest): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|item| self.breakers().probing(&item.destination));
            delivered += self.deliver_all(rest).await?;
            for item in probes {
                delivered += self.probe(item).await?;
            }
        }
    }

    async fn deliver_all(&self, items: Vec<OutboxItem>) -> Result<usize, StoreError> {
        let mut under_way = JoinSet::new();
        for item in items {
            let deliverer = self.deliverer(&item.destination);
            under_way.spawn(async move {
                let result = match deliverer {
                    Some(deliverer) => deliverer.deliver(&item).await,
                    None => Err(DeliveryError::Never(format!("nobody delivers to `{}`: no such operation", item.destination))),
                };
                (item, result)
            });
        }
        let mut delivered = 0;
        while let Some(joined) = under_way.join_next().await {
            // A deliverer that panicked leaves its claim to run out, and is tried again.
            if let Ok((item, result)) = joined {
                delivered += self.settle(&item, result).await?;
            }
        }
        Ok(delivered)
    }

    /// Tries an item of a destination that failed lately, unless it has failed again meanwhile.
    async fn probe(&self, item: OutboxItem) -> Result<usize, StoreError> {
        let now = self.store.clock().now();
        let open = self.breakers().open_until(&item.destination);
        if let Some(until) = open.filter(|until| now < *until) {
            self.store.failed(&item, "the destination does not answer", Some(until)).await?;
            return Ok(0);
        }
        self.deliver_all(vec![item]).await
    }

    fn deliverer(&self, destination: &str) -> Option<Arc<dyn Deliverer>> {
        let kind = destination.split_once(':').map_or(destination, |(kind, _)| kind);
        self.deliverers.get(destination).or_else(|| self.deliverers.get(kind)).cloned()
    }

    /// Notes what became of a delivery; 1 if it went well.
    async fn settle(&self, item: &OutboxItem, result: Result<(), DeliveryError>) -> Result<usize, StoreError> {
        let now = self.store.clock().now();
        match result {
            Ok(()) => {
                self.breakers().succeeded(&item.destination);
                Ok(usize::from(self.store.delivered(item).await?))
            }
            Err(DeliveryError::Later(error)) if item.attempts < self.schedule.attempts_max => {
                self.breakers().failed(&item.destination, now, &self.schedule, luck());
                let retry_at = now.plus_ms(self.schedule.wait_ms(item.attempts, luck()));
                self.store.failed(item, &error, Some(retry_at)).await?;
                Ok(0)
            }
            Err(DeliveryError::Later(error) | DeliveryError::Never(error)) => {
                tracing::error!(id = item.id, destination = item.destination, error, "a delivery is given up; an operator must look");
                self.give_up(item, &error, now).await?;
                self.store.failed(item, &error, None).await?;
                Ok(0)
            }
        }
    }

    /// A job that nobody can do is an incident of its case.
    async fn give_up(&self, item: &OutboxItem, error: &str, at: Moment) -> Result<(), StoreError> {
        let Effect::Job { job, .. } = &item.effect else { return Ok(()) };
        let ask = Ask::FailJob { job: *job, reason: error.to_owned(), give_up: true };
        let command = Command { case: item.case.clone(), key: format!("{}:failed", item.key), actor: Actor::System, at, ask };
        match self.store.submit(command).await {
            Err(SubmitError::Store(error)) => Err(error),
            // The job is gone, or its case set aside: nothing is left to tell.
            Ok(_) | Err(SubmitError::Rejected(_) | SubmitError::Quarantined { .. }) => Ok(()),
        }
    }

    /// Delivers until the store closes.
    pub async fn run(self) {
        let woken = self.store.outbox_woken();
        loop {
            let wait_ms = match self.tick().await {
                Ok(_) => self.idle_ms().await,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    IDLE_MS_MAX
                }
            };
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            tokio::select! {
                () = woken.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// How long nothing is due.
    async fn idle_ms(&self) -> i64 {
        let next = self.store.next_outbox().await.ok().flatten();
        let wait = next.map_or(IDLE_MS_MAX, |next| next.0 - self.store.clock().now().0);
        // At least a little: what is due but must not be tried yet would otherwise turn the loop.
        wait.clamp(20, IDLE_MS_MAX)
    }
}

fn luck() -> u64 {
    getrandom::u64().unwrap_or(0)
}
