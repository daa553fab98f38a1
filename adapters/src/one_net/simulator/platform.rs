//! The platform itself: takes the office's messages, keeps applications, and sends the office what citizens do.

use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use sm3::{Digest, Sm3};
use tongban_engine::time::Moment;

use super::{
    ledger::{Entry, Ledger, Sending},
    misbehave::BadDay,
    state::State,
};
use crate::{
    clock::Clock,
    http::{self, HttpError},
    one_net::{
        mapping::{Mapping, Message, TASKS},
        messages::Outcome,
        sign::{Keys, Signed, random_hex},
    },
    outbox::Schedule,
};

/// The platform.
pub struct Platform {
    pub(super) mapping: Mapping,
    pub(super) keys: Keys,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) schedule: Schedule,
    /// Where the office is, without a slash at the end.
    pub(super) office: String,
    pub(super) client: reqwest::Client,
    /// Where uploaded files are kept until they are sent.
    pub(super) files: PathBuf,
    inner: Mutex<Inner>,
}

/// What changes.
pub(super) struct Inner {
    pub(super) ledger: Ledger,
    pub(super) state: State,
    pub(super) bad_day: BadDay,
}

/// A file that a citizen attached.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Material id of the form.
    pub material: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a citizen cannot do now, or what went wrong.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// Not possible as things stand.
    #[error("{0}")]
    NotNow(&'static str),
    /// The disk refused, or there is no randomness.
    #[error("the platform cannot write: {0}")]
    Io(#[from] std::io::Error),
}

/// What starts an application.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// `ITEM@UNIT`.
    pub task: String,
    /// The citizen's id.
    pub citizen: String,
    /// Who applies, as sent to the office.
    pub applicant: Value,
    /// The form's values.
    pub data: Value,
    /// Attachments.
    pub uploads: Vec<Upload>,
}

impl Platform {
    /// A platform over its ledger.
    pub fn new(
        mapping: Mapping,
        keys: Keys,
        clock: Arc<dyn Clock>,
        office: &str,
        files: PathBuf,
        ledger: Ledger,
    ) -> Result<Self, HttpError> {
        let schedule = Schedule { jitter_percent: 0, waits_ms: vec![1_000, 2_000, 5_000, 10_000, 30_000], ..Schedule::default() };
        let mut state = State::default();
        state.fold(ledger.entries(), &schedule);
        let client = http::client(std::time::Duration::from_secs(20), None)?;
        let inner = Mutex::new(Inner { ledger, state, bad_day: BadDay::default() });
        Ok(Self { mapping, keys, clock, schedule, office: office.trim_end_matches('/').to_owned(), client, files, inner })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while it was held left the ledger whole: entries are added all or none.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Adds to the ledger, then to what is known.
    pub(super) fn note(&self, inner: &mut Inner, entries: &[Entry]) -> std::io::Result<()> {
        inner.ledger.add(entries)?;
        inner.state.fold(entries, &self.schedule);
        Ok(())
    }

    /// All entries of the ledger.
    pub fn ledger(&self) -> Vec<Entry> {
        self.lock().ledger.entries().to_vec()
    }

    /// Tells the platform to misbehave.
    pub fn tell(&self, misbehaviour: super::Misbehaviour) {
        self.lock().bad_day.tell(misbehaviour);
    }

    /// The kind of message that belongs at `path`, and how it looks.
    fn expected(&self, path: &str) -> Option<(&String, &Message)> {
        self.mapping.outgoing.iter().find(|(_, message)| message.path == path)
    }

    /// Takes a message of the office. The HTTP status and the body of the answer; anything but 2xx was not kept, except
    /// when told to answer late.
    pub fn receive(&self, signed: Signed<'_>, headers: &[(String, String)]) -> (u16, Value) {
        let now = self.now();
        let Some((kind, message)) = self.expected(signed.path) else { return (404, json!({})) };
        let answer = |status: u16, outcome: Outcome, text: &str| {
            let ours = json!({"outcome": outcome, "message": text});
            (status, message.answer.write(&ours).unwrap_or(Value::Null))
        };
        let mut inner = self.lock();
        if let Err(disbelief) = self.mapping.signing.verify(&self.keys, signed, headers, now) {
            let refused = Entry::Refused { at: now.0, path: signed.path.to_owned(), reason: disbelief.to_string() };
            return match self.note(&mut inner, &[refused]) {
                Ok(()) => answer(401, Outcome::Forged, "签名无效"),
                Err(_) => answer(500, Outcome::Failed, "平台故障"),
            };
        }
        let read = serde_json::from_slice::<Value>(signed.body)
            .map_err(|error| error.to_string())
            .and_then(|wire| message.fields.read(&wire).map_err(|misfit| misfit.to_string()));
        let values = match read {
            Ok(values) if values["message_id"].is_string() => values,
            Ok(_) => return answer(400, Outcome::Malformed, "报文缺少标识"),
            Err(reason) => return answer(400, Outcome::Malformed, &reason),
        };
        match self.keep(&mut inner, kind, values, signed.body) {
            Ok(true) => answer(200, Outcome::Accepted, "接收成功"),
            Ok(false) => answer(422, Outcome::Replayed, "同一标识的报文内容不同"),
            Err(_) => answer(500, Outcome::Failed, "平台故障"),
        }
    }

    /// Keeps a message; false if the same id came with another body before.
    fn keep(&self, inner: &mut Inner, kind: &str, values: Value, body: &[u8]) -> std::io::Result<bool> {
        let at = self.now().0;
        let body_hash = hex::encode(Sm3::digest(body));
        let message_id = values["message_id"].as_str().unwrap_or_default().to_owned();
        if let Some(known) = inner.state.received.get(&message_id) {
            let same = *known == body_hash;
            self.note(inner, &[Entry::Repeated { at, message_id, body_hash }])?;
            return Ok(same);
        }
        let application_no = values["application_no"].as_str().map(str::to_owned);
        let received =
            Entry::Received { at, kind: kind.to_owned(), message_id, body_hash, application_no, seq: values["seq"].as_u64(), values };
        self.note(inner, &[received])?;
        Ok(true)
    }

    /// Files an application: on disk, with everything that must be sent, when this returns its number.
    ///
    /// # Errors
    /// [`PlatformError`] if the item is not on offer or the disk refuses.
    pub fn apply(&self, new: NewApplication) -> Result<String, PlatformError> {
        let at = self.now();
        let uploads = self.store_files(&new.uploads)?;
        let mut inner = self.lock();
        let application_no = self.next_number(&inner.state, &new.task, at).ok_or(PlatformError::NotNow("没有这个事项"))?;
        let (mut entries, materials) = self.uploads(&application_no, at, &new.uploads, uploads)?;
        let values = json!({
            "application_no": application_no, "task": new.task, "received_at": at.0, "applicant": new.applicant,
            "data": new.data, "materials": materials,
        });
        entries.insert(
            0,
            Entry::Filed { at: at.0, application_no: application_no.clone(), citizen: new.citizen, task: new.task, data: new.data },
        );
        entries.push(self.queued("application", &application_no, at, values)?);
        self.note(&mut inner, &entries)?;
        Ok(application_no)
    }

    /// Queues what a citizen does about an application: `supplement`, `withdrawal`, `rating`.
    ///
    /// # Errors
    /// [`PlatformError`] if it cannot be done as things stand, or the disk refuses.
    pub fn follow_up(&self, kind: &str, application_no: &str, mut values: Value, uploads: &[Upload]) -> Result<(), PlatformError> {
        let at = self.now();
        let files = self.store_files(uploads)?;
        let mut inner = self.lock();
        let application = inner.state.applications.get(application_no).ok_or(PlatformError::NotNow("没有这个申请"))?;
        let sent =
            |wanted: &str| application.sendings.iter().any(|id| inner.state.sendings.get(id).is_some_and(|p| p.sending.kind == wanted));
        let refusal = match kind {
            "supplement" if application.code() != Some("correction") => Some("现在不需要补正"),
            "supplement" if inner.state.under_way(application).any(|p| p.sending.kind == kind) => Some("补正材料已经提交"),
            "withdrawal" if application.is_closed() => Some("办件已经办结"),
            "withdrawal" if inner.state.under_way(application).any(|p| p.sending.kind == kind) => Some("撤回申请已经提交"),
            "rating" if !application.is_closed() => Some("办结后才能评价"),
            "rating" if sent("rating") => Some("已评价"),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Err(PlatformError::NotNow(refusal));
        }
        let (mut entries, materials) = self.uploads(application_no, at, uploads, files)?;
        values["application_no"] = json!(application_no);
        values["received_at"] = json!(at.0);
        if !materials.is_empty() {
            values["materials"] = Value::Array(materials);
        }
        entries.push(self.queued(kind, application_no, at, values)?);
        Ok(self.note(&mut inner, &entries)?)
    }

    /// An application number as platforms make them: the item's code, the day, four digits that count the day.
    fn next_number(&self, state: &State, task: &str, at: Moment) -> Option<String> {
        let code = self.mapping.codes.get(TASKS)?.get(task)?;
        let day = jiff::Timestamp::from_millisecond(at.0).ok()?.strftime("%Y%m%d").to_string();
        let prefix = format!("{code}{day}");
        let count = state.applications.keys().filter(|no| no.starts_with(&prefix)).count();
        Some(format!("{prefix}{:04}", count + 1))
    }

    fn queued(&self, kind: &str, application_no: &str, at: Moment, mut values: Value) -> std::io::Result<Entry> {
        let message_id = random_hex(16).map_err(std::io::Error::other)?;
        values["message_id"] = json!(message_id);
        let sending = Sending { message_id, kind: kind.to_owned(), application_no: application_no.to_owned(), values, file: None };
        Ok(Entry::Queued { at: at.0, sending })
    }

    /// Writes uploads to disk; their names there, by content.
    pub(super) fn store_files(&self, uploads: &[Upload]) -> std::io::Result<Vec<String>> {
        std::fs::create_dir_all(&self.files)?;
        let store = |upload: &Upload| {
            let name = hex::encode(Sm3::digest(&upload.bytes));
            let place = self.files.join(&name);
            if !place.exists() {
                // Written beside and renamed: a file of the same content may be on its way to the office just now.
                let mut beside = tempfile::NamedTempFile::new_in(&self.files)?;
                beside.write_all(&upload.bytes)?;
                beside.as_file().sync_all()?;
                beside.persist(&place).map_err(|error| error.error)?;
            }
            Ok(name)
        };
        uploads.iter().map(store).collect()
    }

    /// The content of a file on disk, by its name there; who knows the hash of a content has seen it.
    pub(super) fn kept_file(&self, name: &str) -> Option<Vec<u8>> {
        let is_hash = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash { std::fs::read(self.files.join(name)).ok() } else { None }
    }

    fn uploads(&self, no: &str, at: Moment, uploads: &[Upload], files: Vec<String>) -> std::io::Result<(Vec<Entry>, Vec<Value>)> {
        let (mut entries, mut materials) = (Vec::new(), Vec::new());
        for (upload, file) in uploads.iter().zip(files) {
            let mut entry = self.queued("file", no, at, json!({"name": upload.name}))?;
            if let Entry::Queued { sending, .. } = &mut entry {
                sending.file = Some(file);
                materials.push(json!({"material": upload.material, "name": upload.name, "upload": sending.message_id}));
            }
            entries.push(entry);
        }
        Ok((entries, materials))
    }
}
