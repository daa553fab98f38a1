//! The only writer: takes what waits, loads, decides, writes everything with one commit, and only then answers.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use lru::LruCache;
use tokio::sync::{mpsc, oneshot};
use tongban_engine::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, Command, Context, Event, Rejection, Start, codes, decided},
    text::Text,
    time::Moment,
};

use super::{
    Answer, Store, StoreError, SubmitError,
    database::{Tx, Writer},
    plain::{Statement, Written},
    sealing,
    sql::Conn,
    tables::{self, Entry, Rows},
};
use crate::seal::DataKey;

/// How often a batch is done again after a lost race before its callers are told.
const RACES_MAX: u32 = 20;

/// Something that waits for the committer.
#[derive(Debug)]
pub(crate) enum Work {
    /// A command.
    Command { command: Box<Command>, reply: oneshot::Sender<Result<Answer, SubmitError>> },
    /// Plain rows.
    Plain { statements: Vec<Statement>, reply: oneshot::Sender<Result<Vec<Written>, StoreError>> },
    /// A case that was set aside may go on.
    Release { case: CaseId, reply: oneshot::Sender<Result<bool, StoreError>> },
    /// No more.
    Close { reply: oneshot::Sender<()> },
}

/// A case as the committer holds it.
#[derive(Clone, Debug)]
struct Held {
    case: Arc<Case>,
    definition: Arc<Definition>,
    head: String,
    key: DataKey,
    quarantined: Option<String>,
}

/// What the batch makes of one piece of work.
enum Outcome {
    Command(Result<Answer, SubmitError>),
    Plain(Vec<Written>),
    Released(bool),
    Nothing,
}

/// The committer.
#[derive(Debug)]
pub(crate) struct Committer {
    store: Store,
    cache: LruCache<CaseId, Held>,
    series: BTreeMap<String, u64>,
    /// The connection is gone; the next batch connects again first.
    lost: bool,
}

/// A batch while it is being decided: nothing of it is real before its commit.
struct Batch {
    held: HashMap<CaseId, Option<Held>>,
    before: HashMap<CaseId, Option<Arc<Case>>>,
    answers: HashMap<(CaseId, String), (String, Answer)>,
    series: BTreeMap<String, u64>,
    changed: BTreeSet<CaseId>,
    rows: Rows,
}

impl Committer {
    /// A committer with an empty cache.
    pub(crate) async fn start(store: &Store, writer: &mut Writer) -> Result<Self, StoreError> {
        let size = NonZeroUsize::new(store.inner.settings.cache_max).unwrap_or(NonZeroUsize::MIN);
        let mut committer = Self { store: store.clone(), cache: LruCache::new(size), series: BTreeMap::new(), lost: false };
        let mut tx = writer.begin().await?;
        committer.load_series(&mut tx.conn()).await?;
        Ok(committer)
    }

    /// Commits batches until it is told to close, or nobody can ask any more.
    pub(crate) async fn run(mut self, mut writer: Writer, mut waiting: mpsc::Receiver<Work>) {
        let batch_max = self.store.inner.settings.batch_max.max(1);
        let mut works = Vec::with_capacity(batch_max);
        loop {
            if waiting.recv_many(&mut works, batch_max).await == 0 {
                break;
            }
            let closing = works.iter().position(|work| matches!(work, Work::Close { .. }));
            let last = closing.map(|at| works.split_off(at));
            if !works.is_empty() {
                self.commit_all(&mut writer, std::mem::take(&mut works)).await;
            }
            if let Some(last) = last {
                waiting.close();
                writer.close().await;
                for work in last {
                    if let Work::Close { reply } = work {
                        let _ = reply.send(());
                    }
                }
                return;
            }
        }
    }

    /// Commits a batch; if it fails as a whole for a reason of one of its parts, each part alone.
    ///
    /// While the server cannot be reached, callers are told at once: whether an earlier commit still took effect they
    /// learn by asking again with the same key.
    async fn commit_all(&mut self, writer: &mut Writer, works: Vec<Work>) {
        if let Err(error) = self.connected(writer).await {
            return fail_all(works, &error);
        }
        match self.commit_batch(writer, &works).await {
            Ok(outcomes) => answer(works, outcomes),
            Err(error) if works.len() > 1 && !error.connection_lost() => {
                for work in works {
                    let alone = std::slice::from_ref(&work);
                    let outcome = self.commit_batch(writer, alone).await;
                    match outcome {
                        Ok(outcomes) => answer(vec![work], outcomes),
                        Err(error) => {
                            self.lost |= error.connection_lost();
                            fail(work, error);
                        }
                    }
                }
            }
            Err(error) => {
                self.lost = error.connection_lost();
                fail_all(works, &error);
            }
        }
    }

    async fn connected(&mut self, writer: &mut Writer) -> Result<(), StoreError> {
        if !self.lost {
            return Ok(());
        }
        writer.reconnect(&self.store.inner.settings).await?;
        let mut tx = writer.begin().await?;
        self.load_series(&mut tx.conn()).await?;
        self.lost = false;
        tracing::info!("connected to the database again");
        Ok(())
    }

    /// Decides and commits, again from the start after each lost race: decisions are pure.
    async fn commit_batch(&mut self, writer: &mut Writer, works: &[Work]) -> Result<Vec<Outcome>, StoreError> {
        let (mut races, mut connected_again) = (0, false);
        loop {
            match self.try_batch(writer, works).await {
                Err(error) if error.connection_lost() && !error.is_of_commit() && !connected_again => {
                    // Nothing of it can have taken effect.
                    connected_again = true;
                    self.cache.clear();
                    self.lost = true;
                    self.connected(writer).await?;
                }
                Err(error) if error.lost_race() && races < RACES_MAX => {
                    races += 1;
                    self.cache.clear();
                    tokio::time::sleep(Duration::from_millis(u64::from(races))).await;
                    let mut tx = writer.begin().await?;
                    self.load_series(&mut tx.conn()).await?;
                }
                Err(error) => {
                    self.cache.clear();
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    async fn try_batch(&mut self, writer: &mut Writer, works: &[Work]) -> Result<Vec<Outcome>, StoreError> {
        let shared = writer.is_shared();
        let mut tx = writer.begin().await?;
        let mut batch = self.load(&mut tx.conn(), works, shared).await?;
        let mut outcomes = Vec::with_capacity(works.len());
        for work in works {
            outcomes.push(match work {
                Work::Command { command, .. } => Outcome::Command(self.decide(&mut batch, command)),
                Work::Plain { statements, .. } => Outcome::Plain(write_plain(&mut tx, statements).await?),
                Work::Release { case, .. } => {
                    let values = vec![tables::shard_of(case).into(), case.as_str().into()];
                    Outcome::Released(tx.conn().execute("release a case", tables::RELEASE, values).await? > 0)
                }
                Work::Close { .. } => Outcome::Nothing,
            });
        }
        let Batch { held, before, series, changed, mut rows, .. } = batch;
        let now = self.store.inner.clock.now();
        for id in &changed {
            let Some(Some(held)) = held.get(id) else { continue };
            let before = before.get(id).and_then(Option::as_deref);
            rows.add_case(&held.definition, &held.key, before, &held.case, (&held.head, held.quarantined.as_deref()), now)?;
        }
        let delivers = rows.has_outbox();
        if let Some(tape) = &self.store.inner.settings.tape {
            tape.record(&rows);
        }
        rows.save(&mut tx.conn()).await?;
        tx.commit().await?;
        self.series = series;
        for (id, held) in held {
            if let Some(held) = held {
                self.cache.put(id, held);
            }
        }
        for work in works {
            if let Work::Release { case, .. } = work {
                self.cache.pop(case);
            }
        }
        self.store.inner.commits.send_modify(|number| *number += 1);
        if delivers {
            self.store.inner.outbox_woken.notify_waiters();
        }
        Ok(outcomes)
    }

    /// Loads the batch's cases and answers, with one query a table.
    async fn load(&mut self, conn: &mut Conn<'_>, works: &[Work], shared: bool) -> Result<Batch, StoreError> {
        let commands = || {
            works.iter().filter_map(|work| match work {
                Work::Command { command, .. } => Some(command.as_ref()),
                _ => None,
            })
        };
        let ids: BTreeSet<&str> = commands().map(|command| command.case.as_str()).collect();
        let key = |id: &str| vec![tables::shard_of(id).into(), id.into()];
        let mut held: HashMap<CaseId, Option<Held>> = HashMap::new();
        let mut known: BTreeMap<&str, u64> = BTreeMap::new();
        if shared {
            let cached: Vec<_> = ids.iter().filter(|id| self.cache.contains(**id)).map(|id| key(id)).collect();
            for row in conn.fetch_keys("check cached cases", tables::SEQS, tables::CASE_KEY, cached).await? {
                let id = row.text("case_id")?;
                if let Some(id) = ids.get(id.as_str()) {
                    known.insert(id, row.count("seq")?);
                }
            }
        }
        let mut missing = Vec::new();
        for id in &ids {
            match self.cache.get(*id) {
                Some(cached) if !shared || known.get(id) == Some(&cached.case.seq) => {
                    held.insert((*id).to_owned(), Some(cached.clone()));
                }
                _ => missing.push(*id),
            }
        }
        self.load_cases(conn, &missing, &mut held).await?;
        let mut answers = HashMap::new();
        let keys = commands().map(|c| vec![tables::shard_of(&c.case).into(), c.case.as_str().into(), c.key.as_str().into()]).collect();
        for row in conn.fetch_keys("look for answers", tables::ANSWERS, tables::COMMAND_KEY, keys).await? {
            let answer: Answer =
                serde_json::from_str(&row.text("answer")?).map_err(|error| StoreError::corrupt("read an answer", error.to_string()))?;
            answers.insert((row.text("case_id")?, row.text("command_key")?), (row.text("request")?, answer));
        }
        let before = held.iter().map(|(id, held)| (id.clone(), held.as_ref().map(|held| held.case.clone()))).collect();
        Ok(Batch { held, before, answers, series: self.series.clone(), changed: BTreeSet::new(), rows: Rows::default() })
    }

    async fn load_cases(&self, conn: &mut Conn<'_>, ids: &[&str], held: &mut HashMap<CaseId, Option<Held>>) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let keys = || ids.iter().map(|id| vec![tables::shard_of(id).into(), (*id).into()]).collect();
        let heads = conn.fetch_keys("load cases", tables::HEADS, tables::CASE_KEY, keys()).await?;
        held.extend(ids.iter().map(|id| ((*id).to_owned(), None)));
        if heads.is_empty() {
            return Ok(());
        }
        let mut data = HashMap::new();
        for row in conn.fetch_keys("load case data", tables::DATA, tables::CASE_KEY, keys()).await? {
            data.insert(row.text("case_id")?, row.text("data")?);
        }
        let mut wrapped = HashMap::new();
        for row in conn.fetch_keys("load data keys", tables::DATA_KEYS, tables::CASE_KEY, keys()).await? {
            wrapped.insert(row.text("case_id")?, row.text("wrapped")?);
        }
        for row in heads {
            let id = row.text("case_id")?;
            if held.get(&id).is_some_and(Option::is_some) {
                continue;
            }
            let text = wrapped.get(&id).ok_or_else(|| StoreError::corrupt("load cases", format!("case {id} has no data key")))?;
            let key = self.store.inner.keys.unwrap_key(&id, text)?;
            let case = sealing::open_case(&key, &id, &row.text("state")?, data.get(&id).map(String::as_str))?;
            let definition = self.store.definition(&case.definition).await?;
            let definition =
                definition.ok_or_else(|| StoreError::corrupt("load cases", format!("definition {} is gone", case.definition)))?;
            let (head, quarantined) = (row.text("head")?, row.opt_text("quarantined")?);
            held.insert(id, Some(Held { case: Arc::new(case), definition, head, key, quarantined }));
        }
        Ok(())
    }

    async fn load_series(&mut self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        self.series = tables::series_of(&conn.fetch("read the number series", tables::SERIES, Vec::new()).await?)?;
        Ok(())
    }

    /// Decides one command on the batch as it stands, and adds its rows.
    fn decide(&self, batch: &mut Batch, command: &Command) -> Result<Answer, SubmitError> {
        let request = self.request(command)?;
        let answered = batch.answers.get(&(command.case.clone(), command.key.clone()));
        if let Some((before, answer)) = answered {
            if *before == request {
                return Ok(Answer { replayed: true, ..answer.clone() });
            }
            let message = Text::new("同一个幂等键用在了不同的内容上", "the same idempotency key came with another body");
            return Err(Rejection::new(codes::KEY_REUSED, message).into());
        }
        let held = batch.held.get(&command.case).and_then(Option::as_ref);
        if let Some(message) = held.and_then(|held| held.quarantined.clone()) {
            return Err(SubmitError::Quarantined { case: command.case.clone(), message });
        }
        let definition = match (held, &command.ask) {
            (Some(held), _) => held.definition.clone(),
            (None, Ask::Start(start)) => self.store.latest(&start.process).ok_or_else(|| tables::process_unknown(&start.process))?,
            (None, _) => return Err(tables::case_unknown().into()),
        };
        let organisation = self.store.organisation();
        let context = Context { organisation: &organisation, series: &batch.series, choices: None };
        let case = held.map(|held| held.case.as_ref());
        let outcome = catch_unwind(AssertUnwindSafe(|| decided(&definition, case, command, &context)));
        let (case, events) = match outcome {
            Ok(outcome) => outcome?,
            Err(panic) => return Err(quarantine(batch, command, &panic)),
        };
        Ok(self.record(batch, command, &request, definition, case, &events)?)
    }

    /// The rows of a decided command, and its answer.
    fn record(
        &self,
        batch: &mut Batch,
        command: &Command,
        request: &str,
        definition: Arc<Definition>,
        mut case: Case,
        events: &[Event],
    ) -> Result<Answer, StoreError> {
        let id = command.case.clone();
        let (key, prev) = match batch.held.get(&id).and_then(Option::as_ref) {
            Some(held) => (held.key.clone(), held.head.clone()),
            None => {
                let (key, wrapped) = self.store.inner.keys.data_key(&id)?;
                batch.rows.add_key(&id, wrapped);
                (key, String::new())
            }
        };
        case.seq += 1;
        let entry = Entry {
            definition: &definition,
            case: &case,
            key: &key,
            at: command.at,
            actor: &command.actor,
            command_key: &command.key,
            ask: tables::ask_word(&command.ask),
            events,
            prev: &prev,
        };
        let head = batch.rows.add_entry(&entry)?;
        for event in events {
            if let Event::NumberTaken { series, value, .. } = event {
                batch.series.insert(series.clone(), *value);
            }
        }
        let answer = Answer { case: id.clone(), seq: case.seq, number: case.facts.number.clone(), replayed: false };
        let text = serde_json::to_string(&answer).map_err(|error| StoreError::corrupt("write an answer", error.to_string()))?;
        batch.rows.add_answer(&id, &command.key, request, text, command.at);
        batch.answers.insert((id.clone(), command.key.clone()), (request.to_owned(), answer.clone()));
        batch.changed.insert(id.clone());
        batch.held.insert(id, Some(Held { case: Arc::new(case), definition, head, key, quarantined: None }));
        Ok(answer)
    }

    /// Keyed hash of who asks what: equal for a repeat, whenever it comes.
    fn request(&self, command: &Command) -> Result<String, StoreError> {
        let ask = match &command.ask {
            Ask::Start(start) => {
                let timeless = Start { received_at: Moment(0), ..start.as_ref().clone() };
                Cow::Owned(Ask::Start(Box::new(timeless)))
            }
            ask => Cow::Borrowed(ask),
        };
        let text = serde_json::to_vec(&(&command.actor, ask.as_ref()))
            .map_err(|error| StoreError::corrupt("read a command", error.to_string()))?;
        Ok(self.store.inner.keys.keyed_hash(&[&text]))
    }
}

/// A defect met this case: it is set aside, the rest of the batch goes on.
fn quarantine(batch: &mut Batch, command: &Command, panic: &(dyn std::any::Any + Send)) -> SubmitError {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let message = said.unwrap_or("a defect in the program").to_owned();
    tracing::error!(case = %command.case, ask = tables::ask_word(&command.ask), %message, "a case was set aside");
    if let Some(Some(held)) = batch.held.get_mut(&command.case) {
        held.quarantined = Some(message.clone());
        batch.changed.insert(command.case.clone());
    }
    SubmitError::Quarantined { case: command.case.clone(), message }
}

async fn write_plain(tx: &mut Tx<'_>, statements: &[Statement]) -> Result<Vec<Written>, StoreError> {
    let mut written = Vec::with_capacity(statements.len());
    for Statement { doing, sql, values, returning } in statements {
        let mut conn = tx.conn();
        written.push(if *returning {
            Written { rows: conn.fetch(doing, sql, values.clone()).await?, touched: 0 }
        } else {
            Written { rows: Vec::new(), touched: conn.execute(doing, sql, values.clone()).await? }
        });
    }
    Ok(written)
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
