//! The only writer: takes what waits, decides it, writes everything with one commit, and only then answers.
//!
//! While one batch is being written the next is decided, on what the one before it leaves behind. If that one cannot be
//! committed as it was decided, the next is decided again: decisions are pure. At most one batch is ahead of the disk.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use lru::LruCache;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tongban_engine::interpreter::{CaseId, CaseStatus, Command};

use super::{
    Answer, Deed, Store, StoreError, SubmitError,
    batch::{Batch, Decided, Held, Outcome},
    database::{self, Writer},
    plain::{Statement, Written},
    sealer::Sealer,
    tables,
    writing::{self, WrittenBatch},
};

/// How often a batch is done again after a lost race before its callers are told.
const RACES_MAX: u32 = 20;

/// Something that waits for the committer.
#[derive(Debug)]
pub(crate) enum Work {
    /// A command.
    Command { command: Box<Command>, reply: oneshot::Sender<Result<Answer, SubmitError>> },
    /// Plain rows, and what the audit notes of them.
    Plain { statements: Vec<Statement>, deeds: Vec<Deed>, reply: oneshot::Sender<Result<Vec<Written>, StoreError>> },
    /// A case that was set aside may go on.
    Release { case: CaseId, reply: oneshot::Sender<Result<bool, StoreError>> },
    /// No more.
    Close { reply: oneshot::Sender<()> },
}

/// The committer.
#[derive(Debug)]
pub(crate) struct Committer {
    pub(super) store: Store,
    /// Cases as the database has them. What is set aside is not among them: it is looked at again each time.
    pub(super) cache: LruCache<CaseId, Held>,
    pub(super) series: Arc<tables::Series>,
    /// Reads what a batch needs while the one before it is written.
    pub(super) loader: Writer,
    pub(super) sealer: Sealer,
    /// Batches so far.
    pub(super) batches: u64,
    /// None while a batch is being written.
    writer: Option<Writer>,
    /// The connection is gone; the next batch connects again first.
    lost: bool,
}

/// A batch that is being written.
struct UnderWay {
    works: Vec<Work>,
    decided: Decided,
    task: JoinHandle<(Writer, Result<WrittenBatch, StoreError>)>,
}

/// A batch that is being decided.
#[derive(Default)]
struct Open {
    works: Vec<Work>,
    batch: Batch,
}

/// What comes next.
enum Next {
    Works(usize),
    Written(Writer, Result<WrittenBatch, StoreError>),
    /// The writing task is gone.
    Broken,
}

impl Committer {
    /// A committer with an empty cache.
    pub(crate) async fn start(store: &Store, writer: Writer) -> Result<Self, StoreError> {
        let settings = &store.inner.settings;
        let size = NonZeroUsize::new(settings.cache_max).unwrap_or(NonZeroUsize::MIN);
        let loader = database::loader(settings).await?;
        let (cache, series) = (LruCache::new(size), Arc::default());
        let mut committer = Self {
            store: store.clone(),
            cache,
            series,
            loader,
            sealer: Sealer::start(store.inner.keys.clone())?,
            batches: 0,
            writer: Some(writer),
            lost: false,
        };
        committer.load_series().await?;
        Ok(committer)
    }

    /// Commits batches until it is told to close, or nobody can ask any more.
    pub(crate) async fn run(mut self, mut waiting: mpsc::Receiver<Work>) {
        let batch_max = self.store.inner.settings.batch_max.max(1);
        let (mut open, mut under_way, mut closing) = (Open::default(), None::<UnderWay>, Vec::new());
        loop {
            if under_way.is_none() {
                if self.writer.is_none() {
                    return;
                } else if !open.works.is_empty() {
                    under_way = self.begin(&mut open);
                } else if !closing.is_empty() {
                    break;
                }
            }
            let room = if closing.is_empty() { batch_max.saturating_sub(open.works.len()) } else { 0 };
            let mut works = Vec::with_capacity(room);
            let next = match &mut under_way {
                Some(batch) if room == 0 => written(&mut batch.task).await,
                Some(batch) => tokio::select! {
                    biased;
                    next = written(&mut batch.task) => next,
                    count = waiting.recv_many(&mut works, room) => Next::Works(count),
                },
                None => Next::Works(waiting.recv_many(&mut works, room).await),
            };
            match (next, under_way.take()) {
                (Next::Broken, _) => return,
                (Next::Works(0), None) => break,
                // Nobody can ask any more: what is under way is still finished.
                (Next::Works(0), batch) => {
                    under_way = batch;
                    closing.push(None);
                }
                (Next::Works(_), batch) => {
                    if let Some(at) = works.iter().position(|work| matches!(work, Work::Close { .. })) {
                        closing.extend(works.split_off(at).into_iter().map(Some));
                        waiting.close();
                    }
                    under_way = self.take(&mut open, works, batch).await;
                }
                (Next::Written(writer, done), Some(batch)) => {
                    self.writer = Some(writer);
                    self.finish(batch, done, &mut open).await;
                }
                (Next::Written(..), None) => return,
            }
        }
        self.close(closing).await;
    }

    async fn close(mut self, last: Vec<Option<Work>>) {
        self.loader.close().await;
        if let Some(writer) = self.writer.take() {
            writer.fold_and_close().await;
        }
        for work in last.into_iter().flatten() {
            match work {
                Work::Close { reply } => drop(reply.send(())),
                late => fail(late, StoreError::Closed),
            }
        }
    }

    /// Decides more works into the open batch; gives back what is still being written.
    async fn take(&mut self, open: &mut Open, works: Vec<Work>, mut under_way: Option<UnderWay>) -> Option<UnderWay> {
        if let Err(error) = self.connected().await {
            fail_all(works, &error);
            return under_way;
        }
        let ahead = under_way.as_ref().map(|batch| &batch.decided);
        let taken = self.decide_all(&mut open.batch, ahead, &works).await;
        open.works.extend(works);
        if let Err(error) = taken {
            if let Some(UnderWay { works, decided, task }) = under_way.take() {
                let (writer, done) = task.await.ok()?;
                self.writer = Some(writer);
                self.settle(works, decided, done).await;
            }
            let Open { works, .. } = std::mem::take(open);
            self.again(works, error).await;
        }
        under_way
    }

    /// Hands the open batch to a task that writes it.
    fn begin(&mut self, open: &mut Open) -> Option<UnderWay> {
        let mut writer = self.writer.take()?;
        let Open { works, batch } = std::mem::take(open);
        let (decided, job) = batch.close(&self.store, &self.sealer, &self.series);
        let task = tokio::spawn(async move {
            let done = writing::write(&mut writer, job).await;
            (writer, done)
        });
        Some(UnderWay { works, decided, task })
    }

    /// A batch was written, or not; then what was decided on top of it is decided again.
    async fn finish(&mut self, batch: UnderWay, done: Result<WrittenBatch, StoreError>, open: &mut Open) {
        if self.settle(batch.works, batch.decided, done).await || open.works.is_empty() {
            return;
        }
        let Open { works, .. } = std::mem::take(open);
        self.take(open, works, None).await;
    }

    /// Answers a batch that was committed, does one again that was not; says whether it was committed as decided.
    async fn settle(&mut self, works: Vec<Work>, decided: Decided, done: Result<WrittenBatch, StoreError>) -> bool {
        match done {
            Ok(written) => {
                let outcomes = self.committed(decided, written);
                answer(works, outcomes);
                true
            }
            Err(error) => {
                self.again(works, error).await;
                false
            }
        }
    }

    /// A batch that met `error` is done again; if it fails as a whole for a reason of one of its parts, each part alone.
    ///
    /// While the server cannot be reached, callers are told at once: whether an earlier commit still took effect they
    /// learn by asking again with the same key.
    async fn again(&mut self, works: Vec<Work>, error: StoreError) {
        match self.commit_after(Some(error), &works).await {
            Ok(outcomes) => answer(works, outcomes),
            Err(error) if works.len() > 1 && !error.connection_lost() => {
                for work in works {
                    match self.commit_after(None, std::slice::from_ref(&work)).await {
                        Ok(outcomes) => answer(vec![work], outcomes),
                        Err(error) => {
                            self.lost |= error.connection_lost();
                            fail(work, error);
                        }
                    }
                }
            }
            // a refusal of this one work is told as it is
            Err(StoreError::Untouched { doing }) => works.into_iter().for_each(|work| fail(work, StoreError::Untouched { doing })),
            Err(error) => {
                self.lost = error.connection_lost();
                fail_all(works, &error);
            }
        }
    }

    async fn connected(&mut self) -> Result<(), StoreError> {
        if !self.lost {
            return Ok(());
        }
        if let Some(writer) = &mut self.writer {
            writer.reconnect(&self.store.inner.settings).await?;
        }
        self.loader.reconnect(&self.store.inner.settings).await?;
        self.load_series().await?;
        self.lost = false;
        tracing::info!("connected to the database again");
        Ok(())
    }

    /// Decides and commits, again from the start after each lost race: decisions are pure. `met` is how it failed before.
    async fn commit_after(&mut self, met: Option<StoreError>, works: &[Work]) -> Result<Vec<Outcome>, StoreError> {
        let (mut races, mut connected_again) = (0, false);
        let mut outcome = match met {
            Some(error) => Err(error),
            None => self.commit_once(works).await,
        };
        loop {
            match outcome {
                Err(error) if error.connection_lost() && !error.is_of_commit() && !connected_again => {
                    // Nothing of it can have taken effect.
                    connected_again = true;
                    self.cache.clear();
                    self.lost = true;
                    self.connected().await?;
                }
                Err(error) if error.lost_race() && races < RACES_MAX => {
                    races += 1;
                    self.cache.clear();
                    tokio::time::sleep(Duration::from_millis(u64::from(races))).await;
                    self.load_series().await?;
                }
                Err(error) => {
                    self.cache.clear();
                    return Err(error);
                }
                done => return done,
            }
            outcome = self.commit_once(works).await;
        }
    }

    async fn commit_once(&mut self, works: &[Work]) -> Result<Vec<Outcome>, StoreError> {
        let mut batch = Batch::default();
        self.decide_all(&mut batch, None, works).await?;
        let (decided, job) = batch.close(&self.store, &self.sealer, &self.series);
        let writer = self.writer.as_mut().ok_or(StoreError::Closed)?;
        let written = writing::write(writer, job).await?;
        Ok(self.committed(decided, written))
    }

    /// What was decided is on disk: it is real from now on.
    fn committed(&mut self, decided: Decided, written: WrittenBatch) -> Vec<Outcome> {
        let Decided { held, series, keys, mut outcomes, .. } = decided;
        keys.remember(&self.store);
        self.series = series;
        for (id, held) in held {
            match held {
                // The key of one that has ended may be destroyed by another process: it is looked at again each time.
                Some(held) if held.quarantined.is_none() && held.case.status == CaseStatus::Running => drop(self.cache.put(id, held)),
                _ => drop(self.cache.pop(&id)),
            }
        }
        for (at, outcome) in written.outcomes {
            if let Some(place) = outcomes.get_mut(at) {
                *place = outcome;
            }
        }
        self.store.inner.commits.send_modify(|number| *number += 1);
        if written.delivers {
            self.store.inner.outbox_woken.notify_waiters();
        }
        outcomes
    }

    async fn load_series(&mut self) -> Result<(), StoreError> {
        let rows = self.loader.conn().fetch("read the number series", tables::SERIES, Vec::new()).await?;
        self.series = Arc::new(tables::series_of(&rows)?);
        Ok(())
    }
}

async fn written(task: &mut JoinHandle<(Writer, Result<WrittenBatch, StoreError>)>) -> Next {
    match task.await {
        Ok((writer, done)) => Next::Written(writer, done),
        Err(error) => {
            tracing::error!(%error, "the writing task is gone; the store closes");
            Next::Broken
        }
    }
}

fn answer(works: Vec<Work>, outcomes: Vec<Outcome>) {
    for (work, outcome) in works.into_iter().zip(outcomes) {
        match (work, outcome) {
            (Work::Command { reply, .. }, Outcome::Command(result)) => drop(reply.send(result)),
            (Work::Plain { reply, .. }, Outcome::Plain(written)) => drop(reply.send(Ok(written))),
            (Work::Release { reply, .. }, Outcome::Released(was)) => drop(reply.send(Ok(was))),
            _ => {}
        }
    }
}

fn fail_all(works: Vec<Work>, error: &StoreError) {
    tracing::error!(%error, "a batch could not be committed");
    let text = error.to_string();
    for work in works {
        fail(work, StoreError::corrupt("commit a batch", text.clone()));
    }
}

fn fail(work: Work, error: StoreError) {
    match work {
        Work::Command { reply, .. } => drop(reply.send(Err(error.into()))),
        Work::Plain { reply, .. } => drop(reply.send(Err(error))),
        Work::Release { reply, .. } => drop(reply.send(Err(error))),
        Work::Close { reply } => drop(reply.send(())),
    }
}
