//! A batch while it is being decided: nothing of it is real before its commit.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tongban_engine::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, Command, Context, Event, Rejection, Start, codes, decided, migrated, version_unknown},
    text::Text,
    time::Moment,
};

use super::{
    Answer, Deed, Store, StoreError, SubmitError,
    committer::{Committer, Work},
    plain::{Statement, Written},
    sealer::{ChangedCase, Entry, Head, Sealer},
    sealing,
    tables::{self, Series},
    vault::BatchKeys,
    writing::Job,
};
use crate::seal::DataKey;

/// A case as the committer holds it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) case: Arc<Case>,
    pub(super) definition: Arc<Definition>,
    pub(super) head: Head,
    /// None: it was destroyed.
    pub(super) key: Option<DataKey>,
    /// Whose key it is, if not the case's own.
    pub(super) subject: Option<String>,
    pub(super) quarantined: Option<String>,
}

/// What the batch makes of one piece of work.
pub(super) enum Outcome {
    Command(Result<Answer, SubmitError>),
    Plain(Vec<Written>),
    Released(bool),
    Nothing,
}

type Answers = HashMap<(CaseId, String), (String, Answer)>;

/// What works so far make of what they found.
#[derive(Default)]
pub(super) struct Batch {
    /// Cases as the batch leaves them; None: there is none of this name.
    held: HashMap<CaseId, Option<Held>>,
    /// Cases as the batch found them.
    before: HashMap<CaseId, Option<Arc<Case>>>,
    answers: Answers,
    /// Numbers as the batch leaves them, once it looked.
    series: Option<Arc<Series>>,
    changed: BTreeSet<CaseId>,
    keys: BatchKeys,
    /// Its number among all batches of this committer.
    no: u64,
    /// Decided, and not yet given to the sealer.
    entries: Vec<Entry>,
    outcomes: Vec<Outcome>,
    plain: Vec<(usize, Vec<Statement>, Vec<Deed>)>,
    releases: Vec<(usize, CaseId)>,
}

/// A batch that is decided and not yet committed: what the next one stands on.
pub(super) struct Decided {
    pub(super) held: HashMap<CaseId, Option<Held>>,
    answers: Answers,
    pub(super) keys: BatchKeys,
    pub(super) series: Arc<Series>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Batch {
    /// No more works: what it leaves behind, and what is to be written.
    pub(super) fn close(self, store: &Store, sealer: &Sealer, series: &Arc<Series>) -> (Decided, Job) {
        let Self { held, mut before, answers, changed, keys, no, outcomes, plain, releases, series: own, .. } = self;
        let case = |id: &CaseId| Some(ChangedCase { held: held.get(id)?.clone()?, before: before.remove(id).flatten() });
        let cases: Vec<ChangedCase> = changed.iter().filter_map(case).collect();
        let rows = sealer.close(no, cases, store.inner.clock.now());
        let job = Job { rows, plain, releases, tape: store.inner.settings.tape.clone() };
        (Decided { held, answers, keys, series: own.unwrap_or_else(|| Arc::clone(series)), outcomes }, job)
    }

    fn holds(&mut self, id: &str, held: Option<Held>) {
        self.before.insert(id.to_owned(), held.as_ref().map(|held| held.case.clone()));
        self.held.insert(id.to_owned(), held);
    }
}

impl Committer {
    /// Loads what `works` need and decides them, each on what the ones before it leave. `ahead` is being written.
    pub(super) async fn decide_all(&mut self, batch: &mut Batch, ahead: Option<&Decided>, works: &[Work]) -> Result<(), StoreError> {
        let before = ahead.map_or(&self.series, |ahead| &ahead.series);
        if batch.series.is_none() {
            self.batches += 1;
            batch.no = self.batches;
            batch.series = Some(Arc::clone(before));
        }
        self.load(batch, ahead, works).await?;
        for work in works {
            let at = batch.outcomes.len();
            let outcome = match work {
                Work::Command { command, .. } => Outcome::Command(self.decide(batch, command)),
                Work::Plain { statements, deeds, .. } => {
                    batch.plain.push((at, statements.clone(), deeds.clone()));
                    Outcome::Nothing
                }
                Work::Release { case, .. } => {
                    batch.releases.push((at, case.clone()));
                    Outcome::Nothing
                }
                Work::Close { .. } => Outcome::Nothing,
            };
            batch.outcomes.push(outcome);
        }
        self.sealer.add(batch.no, std::mem::take(&mut batch.entries));
        Ok(())
    }

    /// Loads cases and answers, with one query a table.
    async fn load(&mut self, batch: &mut Batch, ahead: Option<&Decided>, works: &[Work]) -> Result<(), StoreError> {
        let commands = || {
            works.iter().filter_map(|work| match work {
                Work::Command { command, .. } => Some(command.as_ref()),
                _ => None,
            })
        };
        let ids: BTreeSet<&str> = commands().map(|command| command.case.as_str()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        batch.keys.load(&self.store, ahead.map(|ahead| &ahead.keys), commands()).await?;
        let known = self.known_seqs(batch, ahead, &ids).await?;
        for command in commands() {
            if let Ask::Migrate { to, .. } = &command.ask {
                // What does not load is refused when it is decided on.
                drop(self.store.definition(to).await);
            }
        }
        let missing: Vec<&str> = ids.iter().copied().filter(|id| !self.at_hand(batch, ahead, id, known.as_ref())).collect();
        self.load_cases(batch, &missing).await?;
        let asked = commands().filter_map(|command| {
            let (case, key) = (command.case.clone(), command.key.clone());
            // A case that does not exist has answered nothing.
            batch.held.get(&case)?.as_ref().map(|_| (case, key))
        });
        let asked: Vec<(CaseId, String)> = asked.filter(|key| !batch.answers.contains_key(key)).collect();
        let mut keys = Vec::with_capacity(asked.len());
        for key in asked {
            match ahead.and_then(|ahead| ahead.answers.get(&key)) {
                Some(answer) => drop(batch.answers.insert(key, answer.clone())),
                None => keys.push(vec![tables::shard_of(&key.0).into(), key.0.into(), key.1.into()]),
            }
        }
        for row in self.loader.conn().fetch_keys("look for answers", tables::ANSWERS, tables::COMMAND_KEY, keys).await? {
            let answer: Answer =
                serde_json::from_str(&row.text("answer")?).map_err(|error| StoreError::corrupt("read an answer", error.to_string()))?;
            batch.answers.insert((row.text("case_id")?, row.text("command_key")?), (row.text("request")?, answer));
        }
        Ok(())
    }

    /// Where the database stands with cases that are held in memory; None where nobody else writes.
    async fn known_seqs(
        &mut self,
        batch: &Batch,
        ahead: Option<&Decided>,
        ids: &BTreeSet<&str>,
    ) -> Result<Option<BTreeMap<String, u64>>, StoreError> {
        if !self.loader.is_shared() {
            return Ok(None);
        }
        let in_memory =
            |id: &str| self.cache.contains(id) || batch.held.contains_key(id) || ahead.is_some_and(|ahead| ahead.held.contains_key(id));
        let held = ids.iter().filter(|id| in_memory(id)).map(|id| vec![tables::shard_of(id).into(), (*id).into()]).collect();
        let rows = self.loader.conn().fetch_keys("check cached cases", tables::SEQS, tables::CASE_KEY, held).await?;
        rows.iter().map(|row| Ok((row.text("case_id")?, row.count("seq")?))).collect::<Result<_, _>>().map(Some)
    }

    /// Whether the case need not be read: memory has it, and as new as the database has it.
    fn at_hand(&mut self, batch: &mut Batch, ahead: Option<&Decided>, id: &str, known: Option<&BTreeMap<String, u64>>) -> bool {
        if batch.changed.contains(id) {
            // If somebody else changed it meanwhile, the whole batch is decided again.
            return true;
        }
        let stands = |held: &Held| known.is_none_or(|known| known.get(id) == Some(&held.case.seq));
        match batch.held.get(id) {
            Some(Some(held)) if stands(held) => return true,
            Some(None) if known.is_none() => return true,
            _ => {}
        }
        if let Some(held) = ahead.and_then(|ahead| ahead.held.get(id)) {
            // The database has it so, or will: unless somebody else has gone on from there.
            let ahead_of = |held: &Held| known.is_none_or(|known| known.get(id).is_none_or(|seq| *seq <= held.case.seq));
            if held.as_ref().map_or(known.is_none(), ahead_of) {
                batch.holds(id, held.clone());
                return true;
            }
        } else if let Some(held) = self.cache.get(id).filter(|held| stands(held)) {
            batch.holds(id, Some(held.clone()));
            return true;
        }
        false
    }

    async fn load_cases(&mut self, batch: &mut Batch, ids: &[&str]) -> Result<(), StoreError> {
        let keys = ids.iter().map(|id| vec![tables::shard_of(id).into(), (*id).into()]).collect();
        for id in ids {
            batch.holds(id, None);
        }
        let rows = self.loader.conn().fetch_keys("load cases", tables::CASES, tables::CASES_KEY, keys).await?;
        let named = rows.iter().map(|row| Ok((row.text("case_id")?, row.opt_text("subject")?)));
        self.store.open_keys(&named.collect::<Result<Vec<_>, StoreError>>()?).await?;
        for row in rows {
            let (id, subject) = (row.text("case_id")?, row.opt_text("subject")?);
            if batch.held.get(&id).is_some_and(Option::is_some) {
                continue;
            }
            let key = self.store.key_of_case(&id, subject.as_deref()).await?;
            let case = sealing::open_case(key.as_ref(), &id, &row.text("state")?, row.opt_text("data")?.as_deref())?;
            let definition = self.store.definition(&case.definition).await?;
            let definition =
                definition.ok_or_else(|| StoreError::corrupt("load cases", format!("definition {} is gone", case.definition)))?;
            let (head, quarantined) = (Head::known(row.text("head")?), row.opt_text("quarantined")?);
            batch.holds(&id, Some(Held { case: Arc::new(case), definition, head, key, subject, quarantined }));
        }
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
        if held.is_some_and(|held| held.key.is_none()) {
            let message = Text::new(
                "办件中的敏感数据已经依法销毁，不能再办理",
                "the sensitive data of this case was destroyed; it can no longer be handled",
            );
            return Err(Rejection::new(codes::DATA_DESTROYED, message).into());
        }
        let definition = match (held, &command.ask) {
            (Some(held), _) => held.definition.clone(),
            (None, Ask::Start(start)) => self.store.latest(&start.process).ok_or_else(|| tables::process_unknown(&start.process))?,
            (None, _) => return Err(tables::case_unknown().into()),
        };
        let organisation = self.store.organisation();
        let series = batch.series.clone().unwrap_or_default();
        let context = Context { organisation: &organisation, series: &series, choices: None };
        let case = held.map(|held| held.case.as_ref());
        let target = match (&command.ask, case) {
            (Ask::Migrate { to, .. }, Some(_)) => Some(self.store.known_definition(to).ok_or_else(|| version_unknown(to))?),
            _ => None,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| match (&target, case) {
            (Some(target), Some(case)) => migrated(&definition, target, case, command, &context),
            _ => decided(&definition, case, command, &context),
        }));
        let definition = target.unwrap_or(definition);
        drop(series);
        let (case, events) = match outcome {
            Ok(outcome) => outcome?,
            Err(panic) => return Err(quarantine(batch, command, &panic)),
        };
        Ok(self.record(batch, command, request, definition, case, events)?)
    }

    /// What the journal will say of a decided command, and its answer.
    fn record(
        &self,
        batch: &mut Batch,
        command: &Command,
        request: String,
        definition: Arc<Definition>,
        mut case: Case,
        events: Vec<Event>,
    ) -> Result<Answer, StoreError> {
        let id = command.case.clone();
        let held = batch.held.get(&id).and_then(Option::as_ref).cloned();
        let held = held.and_then(|held| Some((held.key?, held.subject, held.head)));
        let (key, subject, new_keys, prev) = match held {
            Some((key, subject, head)) => (key, subject, Vec::new(), head),
            None => {
                let (key, subject, new_keys) = batch.keys.begin(&self.store, command)?;
                (key, subject, new_keys, Head::known(String::new()))
            }
        };
        case.seq += 1;
        for event in &events {
            if let Event::NumberTaken { series, value, .. } = event {
                Arc::make_mut(batch.series.get_or_insert_default()).insert(series.clone(), *value);
            }
        }
        let (case, head) = (Arc::new(case), Head::default());
        let answer = Answer { case: id.clone(), seq: case.seq, number: case.facts.number.clone(), replayed: false };
        batch.answers.insert((id.clone(), command.key.clone()), (request.clone(), answer.clone()));
        batch.entries.push(Entry {
            definition: definition.clone(),
            case: case.clone(),
            key: key.clone(),
            subject: subject.clone(),
            new_keys,
            files: batch.keys.taken(&command.ask),
            at: command.at,
            actor: command.actor.clone(),
            command_key: command.key.clone(),
            ask: super::asked::ask_word(&command.ask),
            events,
            request,
            answer: answer.clone(),
            prev,
            head: head.clone(),
        });
        batch.changed.insert(id.clone());
        batch.held.insert(id, Some(Held { case, definition, head, key: Some(key), subject, quarantined: None }));
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
    tracing::error!(case = %command.case, ask = super::asked::ask_word(&command.ask), %message, "a case was set aside");
    if let Some(Some(held)) = batch.held.get_mut(&command.case) {
        held.quarantined = Some(message.clone());
        batch.changed.insert(command.case.clone());
    }
    SubmitError::Quarantined { case: command.case.clone(), message }
}
