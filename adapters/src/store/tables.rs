//! From what happened to rows: one list a table for a whole batch, and the statements that load and write them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use sm3::{Digest, Sm3};
use tongban_engine::{
    definition::{Definition, NodeKind},
    form::{Class, class_of},
    interpreter::{Case, Effect, Event, LocalNo, Rejection, codes, effect},
    text::Text,
    time::Moment,
};

use super::{
    NoticeRow, StoreError, blind,
    case_reads::actor_text,
    extension, head_row, listening,
    sealer::Entry,
    sealing,
    sql::{Conn, Row, Value},
    vault::{NewKey, TakenFile, must_stand},
};
use crate::seal::{DataKey, Keyring, seal_text};

/// The last value of each number series.
pub(crate) type Series = BTreeMap<String, u64>;

/// Shards that hot tables lead with.
const SHARDS: u64 = 1_024;

pub(crate) const CASE_KEY: &[&str] = &["shard", "case_id"];
pub(crate) const HEADS: &str = "SELECT case_id, seq, head, quarantined, state, subject FROM case_head";
/// Cases with all that the committer needs of them: one statement, so that its parts fit each other.
pub(crate) const CASES: &str = "SELECT h.case_id, h.seq, h.head, h.quarantined, h.state, h.subject, d.data FROM case_head h LEFT JOIN case_data d ON d.shard = h.shard AND d.case_id = h.case_id";
pub(crate) const CASES_KEY: &[&str] = &["h.shard", "h.case_id"];
pub(crate) const SEQS: &str = "SELECT case_id, seq FROM case_head";
pub(crate) const DATA: &str = "SELECT case_id, data FROM case_data";
pub(crate) const DATA_KEY: &str = "SELECT wrapped FROM data_key WHERE shard = $1 AND case_id = $2";
/// Keys of cases and of subjects: the column is called after the former.
pub(crate) const DATA_KEYS: &str = "SELECT case_id, wrapped FROM data_key";
pub(crate) const KEEP_DATA_KEY: &str =
    "INSERT INTO data_key (shard, case_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT (shard, case_id) DO NOTHING";
pub(crate) const COMMAND_KEY: &[&str] = &["shard", "case_id", "command_key"];
pub(crate) const ANSWERS: &str = "SELECT case_id, command_key, request, answer FROM command_key";
pub(crate) const SERIES: &str = "SELECT series, CAST(max(value) AS BIGINT) AS value FROM series GROUP BY series";
pub(crate) const RELEASE: &str = "UPDATE case_head SET quarantined = NULL WHERE shard = $1 AND case_id = $2 AND quarantined IS NOT NULL";

const JOURNAL: &str = "INSERT INTO journal (shard, case_id, seq, at, actor, command_key, ask, events, prev, hash) ";
const NEW_ANSWERS: &str = "INSERT INTO command_key (shard, case_id, command_key, request, answer, at) ";
const HEAD_ROWS: &str = "INSERT INTO case_head (shard, case_id, seq, head, status, process, definition, unit, applicant, applicant_unit, applicant_person, source, application_no, number, title, started_by, started_at, received_at, ended_at, changed_at, portal, standing, due, law_due, law_paused, incidents, quarantined, state, subject) ";
const HEAD_UPDATE: &str = " ON CONFLICT (shard, case_id) DO UPDATE SET seq = excluded.seq, head = excluded.head, status = excluded.status, definition = excluded.definition, number = excluded.number, title = excluded.title, ended_at = excluded.ended_at, changed_at = excluded.changed_at, portal = excluded.portal, standing = excluded.standing, due = excluded.due, law_due = excluded.law_due, law_paused = excluded.law_paused, incidents = excluded.incidents, quarantined = excluded.quarantined, state = excluded.state";
const DATA_ROWS: &str = "INSERT INTO case_data (shard, case_id, data) ";
const DATA_UPDATE: &str = " ON CONFLICT (shard, case_id) DO UPDATE SET data = excluded.data";
const NEW_KEYS: &str = "INSERT INTO data_key (shard, case_id, wrapped) ";
const NEW_UNIT_KEYS: &str = "INSERT INTO unit_key (unit, year, no, wrapped, made_at) ";
const TAKEN: &str = "INSERT INTO case_file (shard, case_id, file, wrapped) ";
const TAKEN_ONCE: &str = " ON CONFLICT (shard, case_id, file) DO NOTHING";
const NO_LONGER_FREE: &str = "UPDATE file SET wrapped = ''";
const TASKS: &str =
    "INSERT INTO task (shard, case_id, task, node, name, role, unit, assignee, opened_at, due, provisional, urged, priority) ";
const TASK_UPDATE: &str = " ON CONFLICT (shard, case_id, task) DO UPDATE SET node = excluded.node, name = excluded.name, role = excluded.role, unit = excluded.unit, assignee = excluded.assignee, due = excluded.due, provisional = excluded.provisional, urged = excluded.urged, priority = excluded.priority";
const COPIED: &str = "INSERT INTO copied (shard, case_id, no, person, node, name, sender, at, read_at) ";
const COPIED_UPDATE: &str = " ON CONFLICT (shard, case_id, no) DO UPDATE SET read_at = excluded.read_at";
const TIMERS: &str = "INSERT INTO timer (shard, case_id, timer, due, lease_until, attempts) ";
const LISTENING: &str = "INSERT INTO listening (shard, case_id, wait, kind, name, key_hash, since) ";
const TIMER_UPDATE: &str = " ON CONFLICT (shard, case_id, timer) DO UPDATE SET due = excluded.due, lease_until = 0, attempts = 0";
const DIDS: &str = "INSERT INTO did (shard, case_id, person, node, name, action, at) ";
const DID_UPDATE: &str = " ON CONFLICT (shard, case_id, person) DO UPDATE SET node = excluded.node, name = excluded.name, action = excluded.action, at = excluded.at";
const INVOLVED: &str = "INSERT INTO involved (shard, case_id, person) ";
const INVOLVED_KNOWN: &str = " ON CONFLICT (shard, case_id, person) DO NOTHING";
const OUTBOX: &str =
    "INSERT INTO outbox (shard, case_id, destination, seq, n, at, state, attempts, next_at, lease_until, lease, error, payload) ";
const DOCUMENTS: &str = "INSERT INTO document (shard, case_id, no, title, number, html, hash, made_at) ";
const NOTICES: &str = "INSERT INTO notice (shard, case_id, no, at, body) ";
const FIELDS: &str = "INSERT INTO field_index (shard, case_id, name, text_value, int_value) ";
const FIELD_UPDATE: &str =
    " ON CONFLICT (shard, case_id, name) DO UPDATE SET text_value = excluded.text_value, int_value = excluded.int_value";
const MIGRATED: &str = "INSERT INTO migrated (shard, case_id, process, from_hash, to_hash, nodes, at) ";
const MIGRATED_UPDATE: &str = " ON CONFLICT (shard, case_id) DO UPDATE SET from_hash = excluded.from_hash, to_hash = excluded.to_hash, nodes = excluded.nodes, at = excluded.at";
const NEW_NUMBERS: &str = "INSERT INTO series (series, value, case_id) ";
const DELETE_TASKS: &str = "DELETE FROM task";
const DELETE_TIMERS: &str = "DELETE FROM timer";
const DELETE_LISTENING: &str = "DELETE FROM listening";

/// Whole statements of this file, and those with values as they are with one row or key: for the test that prepares each.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let with_key = |head: &str, columns: &[&str]| format!("{head} WHERE {}", super::sql::any_of(columns, 1));
    let with_row = |head: &str, tail: &str| {
        let columns = head.split_once('(').map_or(0, |(_, names)| names.matches(',').count() + 1);
        let marks: Vec<String> = (1..=columns).map(|at| format!("${at}")).collect();
        format!("{head}VALUES ({}){tail}", marks.join(", "))
    };
    let mut all: Vec<String> = [DATA_KEY, KEEP_DATA_KEY, SERIES, RELEASE].map(str::to_owned).to_vec();
    all.extend([HEADS, SEQS, DATA].map(|head| with_key(head, CASE_KEY)));
    all.push(with_key(CASES, CASES_KEY));
    all.push(with_key(DATA_KEYS, CASE_KEY));
    all.push(with_key(NO_LONGER_FREE, &["id"]));
    all.extend(super::vault::KEYED.map(|(head, column)| with_key(head, &[column])));
    all.push(with_key(ANSWERS, COMMAND_KEY));
    all.push(with_key(DELETE_TASKS, &["shard", "case_id", "task"]));
    all.push(with_key(DELETE_TIMERS, &["shard", "case_id", "timer"]));
    all.push(with_key(DELETE_LISTENING, &["shard", "case_id", "wait"]));
    let upserts = [
        (HEAD_ROWS, HEAD_UPDATE),
        (DATA_ROWS, DATA_UPDATE),
        (TASKS, TASK_UPDATE),
        (TIMERS, TIMER_UPDATE),
        (LISTENING, ""),
        (TAKEN, TAKEN_ONCE),
        (DIDS, DID_UPDATE),
        (COPIED, COPIED_UPDATE),
        (INVOLVED, INVOLVED_KNOWN),
        (FIELDS, FIELD_UPDATE),
        (MIGRATED, MIGRATED_UPDATE),
    ];
    all.extend(upserts.map(|(head, tail)| with_row(head, tail)));
    all.extend([JOURNAL, NEW_ANSWERS, NEW_KEYS, NEW_UNIT_KEYS, OUTBOX, DOCUMENTS, NOTICES, NEW_NUMBERS].map(|head| with_row(head, "")));
    all
}

/// The shard of a case, or of any subject: the first bytes of its SM3.
pub(crate) fn shard_of(id: &str) -> i64 {
    let hash = Sm3::digest(id.as_bytes());
    let number = u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
    i64::try_from(number % SHARDS).unwrap_or(0)
}

/// A journal row's hash: SM3 over the hash before it and the row as stored, each part behind its length. `texts` are actor,
/// command key, ask and events.
pub(crate) fn journal_hash(prev: &str, case: &str, seq: u64, at: Moment, texts: [&str; 4]) -> String {
    let mut digest = Sm3::new();
    let (seq, at) = (seq.to_string(), at.0.to_string());
    for part in [prev, case, &seq, &at].into_iter().chain(texts) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())
}

/// The last value of each series, from the rows of [`SERIES`].
pub(crate) fn series_of(rows: &[Row]) -> Result<Series, StoreError> {
    rows.iter().map(|row| Ok((row.text("series")?, row.count("value")?))).collect()
}

pub(crate) fn case_unknown() -> Rejection {
    Rejection::new(codes::CASE_UNKNOWN, Text::new("没有这个办件", "there is no such case"))
}

pub(crate) fn process_unknown(process: &str) -> Rejection {
    Rejection::new(codes::PROCESS_UNKNOWN, Text::new(format!("没有部署流程“{process}”"), format!("process `{process}` is not deployed")))
}

/// Rows of one batch, by table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    journal: Vec<Vec<Value>>,
    answers: Vec<Vec<Value>>,
    heads: Vec<Vec<Value>>,
    data: Vec<Vec<Value>>,
    keys: Vec<Vec<Value>>,
    unit_keys: Vec<Vec<Value>>,
    /// Keys that must still be there.
    standing: BTreeSet<(i64, String)>,
    taken: Vec<Vec<Value>>,
    no_longer_free: Vec<Vec<Value>>,
    tasks: Vec<Vec<Value>>,
    gone_tasks: Vec<Vec<Value>>,
    timers: Vec<Vec<Value>>,
    gone_timers: Vec<Vec<Value>>,
    listening: Vec<Vec<Value>>,
    gone_listening: Vec<Vec<Value>>,
    dids: BTreeMap<(String, String), Vec<Value>>,
    copied: BTreeMap<(String, LocalNo), Vec<Value>>,
    involved: Vec<Vec<Value>>,
    outbox: Vec<Vec<Value>>,
    documents: Vec<Vec<Value>>,
    notices: Vec<Vec<Value>>,
    fields: Vec<Vec<Value>>,
    numbers: Vec<Vec<Value>>,
    migrated: BTreeMap<String, Vec<Value>>,
}

impl Rows {
    /// The rows of one command; says the new head of the case's chain, which stands at `prev`.
    pub(super) fn add_entry(&mut self, entry: &Entry, prev: &str) -> Result<String, StoreError> {
        let Entry { definition, case, key, at, command_key, ask, events, .. } = entry;
        let (shard, id) = (shard_of(&case.id), case.id.as_str());
        self.add_keys(&entry.new_keys);
        for TakenFile { file, key: file_key } in &entry.files {
            let wrapped = key.wrap(entry.subject.as_deref().unwrap_or(id), file, file_key)?;
            self.taken.push(vec![shard.into(), id.into(), file.as_str().into(), wrapped.into()]);
            self.no_longer_free.push(vec![file.as_str().into()]);
        }
        for (n, event) in events.iter().enumerate() {
            self.add_event(entry, shard, n, event)?;
        }
        if let Some((n, effect)) = extension::told(case, events) {
            self.add_effect(entry, shard, n, &effect)?;
        }
        let answer = json(&entry.answer)?;
        self.answers.push(vec![
            shard.into(),
            id.into(),
            command_key.as_str().into(),
            entry.request.as_str().into(),
            answer.into(),
            (*at).into(),
        ]);
        let events = sealing::journal_events(definition, key, id, case.seq, events)?;
        let actor = actor_text(&entry.actor);
        let hash = journal_hash(prev, id, case.seq, *at, [&actor, command_key, ask, &events]);
        self.journal.push(vec![
            shard.into(),
            id.into(),
            case.seq.into(),
            (*at).into(),
            actor.into(),
            command_key.as_str().into(),
            (*ask).into(),
            events.into(),
            prev.into(),
            hash.as_str().into(),
        ]);
        Ok(hash)
    }

    fn add_keys(&mut self, keys: &[NewKey]) {
        for key in keys {
            match key {
                NewKey::Unit(values) => self.unit_keys.push(values.clone()),
                NewKey::Data(values) => self.keys.push(values.clone()),
                NewKey::Stands(shard, subject) => drop(self.standing.insert((*shard, subject.clone()))),
            }
        }
    }

    fn add_event(&mut self, entry: &Entry, shard: i64, n: usize, event: &Event) -> Result<(), StoreError> {
        let Entry { definition, case, key, at, .. } = entry;
        let (at, id) = (*at, case.id.as_str());
        match event {
            Event::NumberTaken { series, value, .. } => self.numbers.push(vec![series.as_str().into(), (*value).into(), id.into()]),
            Event::TaskCompleted { node, action, by: Some(person), .. } => {
                let node = definition.process.node(node);
                let name = node.map(tongban_engine::definition::Node::title).unwrap_or_default();
                let label = node.and_then(|node| match &node.kind {
                    NodeKind::UserTask(task) => task.actions.get(action).map(|action| action.name.clone()),
                    _ => None,
                });
                let row = vec![
                    shard.into(),
                    id.into(),
                    person.as_str().into(),
                    node.map_or("", |node| node.id.as_str()).into(),
                    json(&name)?.into(),
                    json(&label.unwrap_or_default())?.into(),
                    at.into(),
                ];
                self.dids.insert((id.to_owned(), person.clone()), row);
            }
            Event::Copied { copy: no, .. } | Event::MarkedRead { no, .. } => {
                let Some(copy) = case.copies.get(no) else { return Ok(()) };
                let name = definition.process.node(&copy.node).map(tongban_engine::definition::Node::title).unwrap_or_default();
                let row = vec![
                    shard.into(),
                    id.into(),
                    (*no).into(),
                    copy.person.as_str().into(),
                    copy.node.as_str().into(),
                    json(&name)?.into(),
                    copy.by.clone().into(),
                    copy.at.into(),
                    copy.read.into(),
                ];
                self.copied.insert((id.to_owned(), *no), row);
            }
            Event::Migrated { from, to, nodes, .. } => {
                let (process, nodes) = (case.process.as_str().into(), json(nodes)?.into());
                let row = vec![shard.into(), id.into(), process, from.as_str().into(), to.as_str().into(), nodes, at.into()];
                self.migrated.insert(id.to_owned(), row);
            }
            Event::DocumentMade { document, title, number, html, hash, .. } => self.documents.push(vec![
                shard.into(),
                id.into(),
                (*document).into(),
                title.as_str().into(),
                number.clone().into(),
                seal_text(key, &format!("document|html|{id}|{document}"), html)?.into(),
                hash.as_str().into(),
                at.into(),
            ]),
            Event::NoticeSent { notice, to, subject, html, .. } => {
                let body = NoticeRow { no: *notice, at, to: to.clone(), subject: subject.clone(), html: html.clone() };
                let body = seal_text(key, &format!("notice|body|{id}|{notice}"), &json(&body)?)?;
                self.notices.push(vec![shard.into(), id.into(), (*notice).into(), at.into(), body.into()]);
            }
            _ => {}
        }
        if let Some(effect) = effect(case, event) {
            self.add_effect(entry, shard, n, &effect)?;
        }
        Ok(())
    }

    fn add_effect(&mut self, entry: &Entry, shard: i64, n: usize, effect: &Effect) -> Result<(), StoreError> {
        let (id, seq, at) = (entry.case.id.as_str(), entry.case.seq, entry.at);
        let destination = effect.destination();
        let payload = seal_text(&entry.key, &format!("outbox|payload|{id}|{destination}|{seq}|{n}"), &json(effect)?)?;
        self.outbox.push(vec![
            shard.into(),
            id.into(),
            destination.into(),
            seq.into(),
            (n as u64).into(),
            at.into(),
            "pending".into(),
            0_i64.into(),
            at.into(),
            0_i64.into(),
            None::<String>.into(),
            None::<String>.into(),
            payload.into(),
        ]);
        Ok(())
    }

    /// The rows of a case as it stands after the batch; `before` is how it stood when the batch began.
    pub(crate) fn add_case(
        &mut self,
        (keys, definition): (&Keyring, &Definition),
        (key, subject): (&DataKey, Option<&str>),
        before: Option<&Case>,
        case: &Case,
        (head, quarantined): (&str, Option<&str>),
        now: Moment,
    ) -> Result<(), StoreError> {
        let shard = shard_of(&case.id);
        let (state, data) = sealing::seal_case(definition, key, case)?;
        // Under another version names, classes and searched fields may be others: every row is written anew.
        let written = before;
        let before = before.filter(|before| before.definition == case.definition);
        self.heads.push(head_row::of(definition, case, (head, quarantined), (state, subject), now)?);
        if before.is_none_or(|before| before.data != case.data) {
            self.data.push(vec![shard.into(), case.id.as_str().into(), data.into()]);
            self.add_fields(keys, definition, shard, before, case);
        }
        self.add_tasks(definition, shard, before, case)?;
        self.add_timers(shard, before, case);
        self.gone_tasks.extend(gone(shard, case, written.map(|before| before.tasks.keys()), |no| case.tasks.contains_key(no)));
        self.gone_timers.extend(gone(shard, case, written.map(|before| before.timers.keys()), |no| case.timers.contains_key(no)));
        self.add_listening(shard, written, case, now);
        self.add_involved(shard, written, case);
        Ok(())
    }

    /// Whoever has newly to do with the case. It only ever grows: what people did stays known when a step is undone.
    fn add_involved(&mut self, shard: i64, before: Option<&Case>, case: &Case) {
        let known = before.map(involved).unwrap_or_default();
        let rows = involved(case).into_iter().filter(|person| !known.contains(person));
        self.involved.extend(rows.map(|person| vec![shard.into(), case.id.as_str().into(), person.into()]));
    }

    fn add_fields(&mut self, keys: &Keyring, definition: &Definition, shard: i64, before: Option<&Case>, case: &Case) {
        for (name, field) in definition.process.data.fields.iter().filter(|(_, field)| field.search) {
            let Some(value) = case.data.get(name) else { continue };
            let same = before.is_some_and(|before| before.data.get(name) == Some(value));
            let sealed = class_of(&definition.standard, name, &field.of) >= Class::P3;
            if same || (sealed && !blind::is_blind(definition, name)) {
                continue;
            }
            if sealed {
                let hash = blind::blind(keys, name, value);
                self.fields.push(vec![shard.into(), case.id.as_str().into(), name.as_str().into(), hash.into(), None::<i64>.into()]);
                continue;
            }
            let text = match value {
                Json::String(text) => Some(text.clone()),
                Json::Null => None,
                other => Some(other.to_string()),
            };
            self.fields.push(vec![shard.into(), case.id.as_str().into(), name.as_str().into(), text.into(), value.as_i64().into()]);
        }
    }

    fn add_tasks(&mut self, definition: &Definition, shard: i64, before: Option<&Case>, case: &Case) -> Result<(), StoreError> {
        for (no, task) in &case.tasks {
            if before.is_some_and(|before| before.tasks.get(no) == Some(task)) {
                continue;
            }
            let name = definition.process.node(&task.node).map(tongban_engine::definition::Node::title).unwrap_or_default();
            self.tasks.push(vec![
                shard.into(),
                case.id.as_str().into(),
                (*no).into(),
                task.node.as_str().into(),
                json(&name)?.into(),
                task.post.role.as_str().into(),
                task.post.unit.as_str().into(),
                task.assignee.clone().into(),
                task.opened_at.into(),
                task.due.into(),
                task.provisional.into(),
                task.urged.into(),
                u64::from(task.priority.rank()).into(),
            ]);
        }
        Ok(())
    }

    fn add_timers(&mut self, shard: i64, before: Option<&Case>, case: &Case) {
        for (no, timer) in &case.timers {
            if before.is_none_or(|before| before.timers.get(no) != Some(timer)) {
                self.timers.push(vec![shard.into(), case.id.as_str().into(), (*no).into(), timer.due.into(), 0_i64.into(), 0_i64.into()]);
            }
        }
    }

    /// Rows of what the case waits to hear from others; a wait never changes what it waits for.
    fn add_listening(&mut self, shard: i64, before: Option<&Case>, case: &Case, now: Moment) {
        for (no, wait) in &case.waits {
            let Some(kind) = listening::kind_word(wait.kind).filter(|_| !before.is_some_and(|before| before.waits.contains_key(no))) else {
                continue;
            };
            self.listening.push(vec![
                shard.into(),
                case.id.as_str().into(),
                (*no).into(),
                kind.into(),
                wait.message.as_str().into(),
                listening::key_hash(&wait.message, &wait.key).into(),
                now.into(),
            ]);
        }
        let heard = |before: &Case| {
            let listened = before.waits.iter().filter(|(_, wait)| listening::kind_word(wait.kind).is_some());
            listened.map(|(no, _)| *no).collect::<Vec<LocalNo>>()
        };
        let heard = before.map(heard).unwrap_or_default();
        self.gone_listening.extend(gone(shard, case, Some(heard.iter()), |no| case.waits.contains_key(no)));
    }

    /// Whether there is anything to deliver.
    pub(crate) fn has_outbox(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Writes everything, one multi-row statement a table; the journal first, for its key is the lock.
    pub(crate) async fn save(self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        conn.insert_many("write the journal", JOURNAL, self.journal, "").await?;
        conn.insert_many("take numbers", NEW_NUMBERS, self.numbers, "").await?;
        conn.insert_many("keep answers", NEW_ANSWERS, self.answers, "").await?;
        conn.insert_many("keep units' keys", NEW_UNIT_KEYS, self.unit_keys, "").await?;
        conn.insert_many("keep data keys", NEW_KEYS, self.keys, "").await?;
        must_stand(conn, self.standing).await?;
        conn.insert_many("keep keys of files", TAKEN, self.taken, TAKEN_ONCE).await?;
        conn.delete_keys("files are taken", NO_LONGER_FREE, &["id"], self.no_longer_free).await?;
        conn.insert_many("write cases", HEAD_ROWS, self.heads, HEAD_UPDATE).await?;
        conn.insert_many("write case data", DATA_ROWS, self.data, DATA_UPDATE).await?;
        conn.insert_many("write the field index", FIELDS, self.fields, FIELD_UPDATE).await?;
        conn.delete_keys("close tasks", DELETE_TASKS, &["shard", "case_id", "task"], self.gone_tasks).await?;
        conn.insert_many("open tasks", TASKS, self.tasks, TASK_UPDATE).await?;
        conn.delete_keys("take timers away", DELETE_TIMERS, &["shard", "case_id", "timer"], self.gone_timers).await?;
        conn.insert_many("set timers", TIMERS, self.timers, TIMER_UPDATE).await?;
        conn.delete_keys("stop listening", DELETE_LISTENING, &["shard", "case_id", "wait"], self.gone_listening).await?;
        conn.insert_many("begin to listen", LISTENING, self.listening, "").await?;
        conn.insert_many("note who did what", DIDS, self.dids.into_values().collect(), DID_UPDATE).await?;
        conn.insert_many("note copies", COPIED, self.copied.into_values().collect(), COPIED_UPDATE).await?;
        conn.insert_many("note who has to do with what", INVOLVED, self.involved, INVOLVED_KNOWN).await?;
        conn.insert_many("note migrations", MIGRATED, self.migrated.into_values().collect(), MIGRATED_UPDATE).await?;
        conn.insert_many("keep documents", DOCUMENTS, self.documents, "").await?;
        conn.insert_many("keep notices", NOTICES, self.notices, "").await?;
        conn.insert_many("fill the outbox", OUTBOX, self.outbox, "").await
    }
}

/// Who did, signed or was delegated a step of a case, or was sent a copy of it.
fn involved(case: &Case) -> BTreeSet<&str> {
    let did = case.passed.values().flat_map(|passed| &passed.by);
    did.chain(case.copies.values().map(|copy| &copy.person)).map(String::as_str).collect()
}

fn gone<'a>(
    shard: i64,
    case: &Case,
    before: Option<impl Iterator<Item = &'a LocalNo>>,
    still: impl Fn(&LocalNo) -> bool,
) -> Vec<Vec<Value>> {
    let closed = before.into_iter().flatten().filter(|no| !still(no));
    closed.map(|no| vec![shard.into(), case.id.as_str().into(), (*no).into()]).collect()
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("write JSON", error.to_string()))
}
