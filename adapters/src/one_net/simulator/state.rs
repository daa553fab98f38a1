//! What the platform knows, folded from its ledger: items, applications and how they stand, what is still to be sent.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use tongban_engine::time::Moment;

use super::ledger::{Entry, Sending};
use crate::outbox::Schedule;

/// The fold of the ledger.
#[derive(Default)]
pub(super) struct State {
    /// Published items by `ITEM@UNIT`, in our words.
    pub(super) items: IndexMap<String, Value>,
    /// Applications by number, oldest first.
    pub(super) applications: IndexMap<String, Application>,
    /// Messages of the office by id: SM3 of the body.
    pub(super) received: BTreeMap<String, String>,
    /// What goes to the office, oldest first.
    pub(super) sendings: IndexMap<String, Progress>,
}

/// One application as its citizen sees it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Application {
    /// Its number.
    pub(super) application_no: String,
    /// Whose.
    pub(super) citizen: String,
    /// `ITEM@UNIT`.
    pub(super) task: String,
    /// When it was filed.
    pub(super) filed_at: i64,
    /// What was filled in, supplements included.
    pub(super) data: Value,
    /// What the office reported, in the order of its own counting.
    pub(super) statuses: Vec<Value>,
    /// Ids of messages to the office about it, oldest first.
    pub(super) sendings: Vec<String>,
}

/// How far a message to the office has come.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Progress {
    /// The message.
    pub(super) sending: Sending,
    /// Attempts so far.
    pub(super) attempts: u32,
    /// Next attempt, UTC milliseconds.
    pub(super) next_at: i64,
    /// The office's answer, once it gave one that is final: accepted or refused.
    pub(super) answer: Option<Value>,
    /// HTTP status of that answer.
    pub(super) status: Option<u16>,
}

impl Progress {
    /// The office has it on disk.
    pub(super) fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The office will never take it.
    pub(super) fn is_refused(&self) -> bool {
        self.status.is_some() && !self.is_taken()
    }
}

/// Whether an answer with this HTTP status is final; everything else means: again, later.
pub(super) fn is_final(status: u16) -> bool {
    (200..300).contains(&status) || ((400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 408 | 425 | 429))
}

impl State {
    /// Folds entries in.
    pub(super) fn fold(&mut self, entries: &[Entry], schedule: &Schedule) {
        entries.iter().for_each(|entry| self.fold_one(entry, schedule));
    }

    fn fold_one(&mut self, entry: &Entry, schedule: &Schedule) {
        match entry {
            Entry::Received { kind, message_id, body_hash, application_no, values, .. } => {
                self.received.insert(message_id.clone(), body_hash.clone());
                match (kind.as_str(), application_no) {
                    ("item", _) => {
                        let task = values["task"].as_str().unwrap_or_default().to_owned();
                        self.items.insert(task, values.clone());
                    }
                    (_, Some(no)) => self.status(no, values),
                    _ => {}
                }
            }
            Entry::Filed { at, application_no, citizen, task, data } => {
                let application = Application {
                    application_no: application_no.clone(),
                    citizen: citizen.clone(),
                    task: task.clone(),
                    filed_at: *at,
                    data: data.clone(),
                    statuses: Vec::new(),
                    sendings: Vec::new(),
                };
                self.applications.insert(application_no.clone(), application);
            }
            Entry::Queued { at, sending } => {
                if let Some(application) = self.applications.get_mut(&sending.application_no) {
                    application.sendings.push(sending.message_id.clone());
                }
                let progress = Progress { sending: sending.clone(), attempts: 0, next_at: *at, answer: None, status: None };
                self.sendings.insert(sending.message_id.clone(), progress);
            }
            Entry::Attempted { at, message_id, status, answer, .. } => {
                if let Some(progress) = self.sendings.get_mut(message_id).filter(|progress| progress.status.is_none()) {
                    progress.attempts += 1;
                    progress.next_at = Moment(*at).plus_ms(schedule.wait_ms(progress.attempts, 0)).0;
                    if let Some(status) = status.filter(|status| is_final(*status)) {
                        (progress.status, progress.answer) = (Some(status), Some(answer.clone()));
                    }
                }
            }
            Entry::Repeated { .. } | Entry::Refused { .. } | Entry::Misbehaved { .. } => {}
        }
    }

    /// Statuses stand in the office's own order, however they came.
    fn status(&mut self, no: &str, values: &Value) {
        let Some(application) = self.applications.get_mut(no) else { return };
        let seq = values["seq"].as_u64().unwrap_or_default();
        let at = application.statuses.partition_point(|known| known["seq"].as_u64().unwrap_or_default() <= seq);
        application.statuses.insert(at, values.clone());
    }

    /// For each application, the message to the office that is next, if it is due at `now`.
    pub(super) fn due(&self, now: Moment) -> Vec<Sending> {
        self.applications
            .values()
            .filter_map(|application| {
                let open = application.sendings.iter().filter_map(|id| self.sendings.get(id)).find(|progress| progress.status.is_none())?;
                (open.next_at <= now.0).then(|| open.sending.clone())
            })
            .collect()
    }

    /// Whether the office has taken a message.
    pub(super) fn is_taken(&self, message_id: &str) -> bool {
        self.sendings.get(message_id).is_some_and(Progress::is_taken)
    }

    /// The kinds of messages about an application that are still on their way.
    pub(super) fn under_way<'a>(&'a self, application: &'a Application) -> impl Iterator<Item = &'a Progress> {
        application.sendings.iter().filter_map(|id| self.sendings.get(id)).filter(|progress| progress.status.is_none())
    }
}

impl Application {
    /// The last status the office reported.
    pub(super) fn last(&self) -> Option<&Value> {
        self.statuses.last()
    }

    /// Its portal status code.
    pub(super) fn code(&self) -> Option<&str> {
        self.last()?["status"]["code"].as_str()
    }

    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.code()
            .and_then(tongban_engine::definition::PortalStatus::from_code)
            .is_some_and(tongban_engine::definition::PortalStatus::is_final)
    }
}
