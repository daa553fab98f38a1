//! Attachments, each ahead of the message that names it.

use serde_json::{Map, Value, json};
use tongban_engine::interpreter::MaterialGiven;

use super::{
    Inbound, Incoming, Reply,
    answer::{Fate, answer, nonce_used, reused, taken},
};
use crate::{
    files::{FileError, Named},
    one_net::messages::{FileAnswer, Outcome},
    store::{IntakeState, Recorded},
};

impl Inbound {
    /// An attachment, ahead of the message that names it.
    pub(super) async fn file(&self, incoming: &Incoming<'_>, body: &[u8]) -> Reply {
        let kept = match self.keep(incoming, body).await {
            Ok(kept) => kept,
            Err(fate) => return answer(incoming.message, &fate, None),
        };
        let (outcome, message) = taken();
        let values = FileAnswer { outcome, message, file: Some(kept.file), size: Some(kept.size), media_type: Some(kept.media_type) };
        Reply { status: 200, body: incoming.message.answer.write(&json!(values)).unwrap_or(Value::Null) }
    }

    async fn keep(&self, incoming: &Incoming<'_>, body: &[u8]) -> Result<MaterialGiven, Fate> {
        let name = incoming.values["name"].as_str().unwrap_or_default();
        let named = Named { material: "", name, declared: None, accept: &[], by: self.platform() };
        let kept = match self.receive_file(&named, body).await {
            Ok(kept) => kept,
            Err(FileError::Store(error)) => return Err(error.into()),
            Err(FileError::TooLarge) => return Err(Fate::Answer(Outcome::TooLarge, "附件过大".to_owned())),
            Err(FileError::Infected { signature }) => {
                return Err(Fate::Answer(Outcome::Malformed, format!("附件中发现病毒（{signature}），已销毁")));
            }
            Err(error) => return Err(Fate::Answer(Outcome::Malformed, format!("附件不能收下：{error}"))),
        };
        let row = self.row(incoming, "", json!(kept).to_string());
        match self.store.record_intake(&row).await? {
            Recorded::NonceUsed => Err(nonce_used().into()),
            Recorded::Known(known) if known.body != row.body => Err(reused().into()),
            Recorded::New | Recorded::Known(_) => {
                self.store.settle_intake(self.platform(), &row.message_id, IntakeState::Accepted, None, None).await?;
                Ok(kept)
            }
        }
    }
}

impl Inbound {
    /// The signature is over the whole body, so that it is all here by now.
    async fn receive_file(&self, named: &Named<'_>, body: &[u8]) -> Result<MaterialGiven, FileError> {
        let mut incoming = self.store.incoming().await?;
        incoming.push(body)?;
        self.store.keep_file(named, incoming.finish()?).await
    }
}

/// What is said of a file stands in the query.
pub(super) fn query_values(query: &str) -> Value {
    let pairs = form_urlencoded::parse(query.as_bytes());
    Value::Object(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect::<Map<_, _>>())
}
