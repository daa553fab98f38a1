//! From the platform to the office: verified before it is parsed, recorded before it is carried out, answered when committed.
//!
//! The same message again gets the same answer; an authentic one that the engine refuses waits in the intake list, where a
//! clerk tries it again or closes it. Web mounts [`Inbound::receive`] at `/one-net/PLATFORM/KIND`.

mod answer;
mod command;
mod file;
mod intake;
mod rating;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tongban_engine::time::Moment;

pub use rating::rating_of;

use self::answer::{Fate, answer};
use super::{link::Link, mapping::Message, messages::Outcome, sign::Signed};
use crate::{
    files::FILE_BYTES_MAX,
    store::{IntakeRow, IntakeState, Store},
};

/// A message other than a file is no longer than this.
pub const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The answer: an HTTP status and a JSON body.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// 2xx: on disk. 4xx: it never will be. Else: again, later.
    pub status: u16,
    /// In the platform's words.
    pub body: Value,
}

/// Takes what one platform sends.
#[derive(Clone)]
pub struct Inbound {
    store: Store,
    link: Arc<Link>,
}

/// A message that was read.
struct Incoming<'a> {
    kind: &'a str,
    message: &'a Message,
    /// What it says, in our words.
    values: Value,
    /// The nonce it was signed with.
    nonce: String,
    now: Moment,
}

impl Inbound {
    /// Takes messages of the platform at the other end of `link`.
    pub fn new(store: Store, link: Arc<Link>) -> Self {
        Self { store, link }
    }

    /// The longest body that a message of `kind` may have, bytes.
    pub fn body_max(kind: &str) -> usize {
        if kind == "file" { usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX) } else { MESSAGE_BYTES_MAX }
    }

    /// Takes one request. Nothing of the body is looked at before its signature is found right.
    pub async fn receive(&self, kind: &str, signed: Signed<'_>, headers: &[(String, String)]) -> Reply {
        let Some(message) = self.link.mapping.incoming.get(kind).filter(|message| message.path == signed.path) else {
            return Reply { status: 404, body: json!({}) };
        };
        if signed.body.len() > Self::body_max(kind) {
            return answer(message, &Fate::Answer(Outcome::TooLarge, "报文过大".to_owned()), None);
        }
        let now = self.store.clock().now();
        let verified = match self.link.mapping.signing.verify(&self.link.keys, signed, headers, now) {
            Ok(verified) => verified,
            Err(disbelief) => {
                tracing::warn!(platform = self.link.mapping.platform, kind, %disbelief, "a message was not believed");
                return answer(message, &Fate::Answer(Outcome::Forged, "签名无效".to_owned()), None);
            }
        };
        let wire =
            if kind == "file" { file::query_values(signed.query) } else { serde_json::from_slice(signed.body).unwrap_or(Value::Null) };
        let values = match message.fields.read(&wire) {
            Ok(values) if values["message_id"].as_str().is_some_and(|id| !id.is_empty()) => values,
            Ok(_) => return answer(message, &Fate::Answer(Outcome::Malformed, "报文缺少标识".to_owned()), None),
            Err(misfit) => return answer(message, &Fate::Answer(Outcome::Malformed, misfit.to_string()), None),
        };
        let incoming = Incoming { kind, message, values, nonce: verified.nonce, now };
        match kind {
            "file" => self.file(&incoming, signed.body).await,
            "rating" => self.rating(&incoming).await,
            _ => self.command(&incoming, signed.body).await,
        }
    }

    fn row(&self, incoming: &Incoming<'_>, application_no: &str, body: String) -> IntakeRow {
        IntakeRow {
            source: self.platform().to_owned(),
            message_id: incoming.values["message_id"].as_str().unwrap_or_default().to_owned(),
            nonce: incoming.nonce.clone(),
            kind: incoming.kind.to_owned(),
            application_no: application_no.to_owned(),
            received_at: incoming.now,
            body: body.into(),
            state: IntakeState::Received,
            case: None,
            rejection: None,
        }
    }

    /// The platform's id.
    pub fn platform(&self) -> &str {
        &self.link.mapping.platform
    }
}

fn parse<T: DeserializeOwned>(values: &Value) -> Result<T, String> {
    serde_json::from_value(values.clone()).map_err(|error| format!("报文内容不完整：{error}"))
}
