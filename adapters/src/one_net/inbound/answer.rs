//! What became of a message, and the answer that says so.

use serde_json::{Value, json};

use super::Reply;
use crate::{
    one_net::{
        mapping::Message,
        messages::{AnswerSent, Outcome},
    },
    store::{IntakeRow, IntakeState, StoreError},
};

/// What became of a message.
pub(super) enum Fate {
    Answer(Outcome, String),
    /// The application it is about has not come yet: again, later.
    TooEarly,
    /// The store failed: again, later.
    Failed(StoreError),
}

impl From<StoreError> for Fate {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

pub(super) fn taken() -> (Outcome, String) {
    (Outcome::Accepted, "接收成功".to_owned())
}

pub(super) fn reused() -> (Outcome, String) {
    (Outcome::Replayed, "同一标识的报文内容不同".to_owned())
}

pub(super) fn nonce_used() -> (Outcome, String) {
    (Outcome::Replayed, "随机数已使用".to_owned())
}

/// The answer that a settled message had.
pub(super) fn settled(row: &IntakeRow) -> (Outcome, String) {
    match (&row.state, &row.rejection) {
        (IntakeState::Refused | IntakeState::Done, Some(reason)) => (Outcome::Intake, reason.clone()),
        _ => taken(),
    }
}

impl From<(Outcome, String)> for Fate {
    fn from((outcome, text): (Outcome, String)) -> Self {
        Self::Answer(outcome, text)
    }
}

pub(super) fn answer(message: &Message, fate: &Fate, application_no: Option<&str>) -> Reply {
    let (status, outcome, text) = match fate {
        Fate::Answer(outcome, text) => (http_status(*outcome), *outcome, text.as_str()),
        Fate::TooEarly => (425, Outcome::Unknown, "所涉申请或者附件尚未收到"),
        Fate::Failed(error) => {
            tracing::error!(%error, "a message could not be taken");
            (503, Outcome::Failed, "暂时不能接收")
        }
    };
    let values = AnswerSent { outcome, message: text.to_owned(), application_no: application_no.map(str::to_owned) };
    Reply { status, body: message.answer.write(&json!(values)).unwrap_or(Value::Null) }
}

fn http_status(outcome: Outcome) -> u16 {
    match outcome {
        Outcome::Accepted | Outcome::Rated => 200,
        Outcome::Intake => 202,
        Outcome::Malformed => 400,
        Outcome::Forged => 401,
        Outcome::Unknown => 404,
        Outcome::TooLarge => 413,
        Outcome::Replayed => 422,
        Outcome::Failed => 503,
    }
}
