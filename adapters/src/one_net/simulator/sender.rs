//! The platform's own outbox: sends the office what citizens did, in order per application, until the office has it.

use serde_json::{Value, json};
use sm3::{Digest, Sm3};

use super::{
    ledger::{Entry, Sending},
    platform::Platform,
    state::State,
};
use crate::one_net::sign::{Signed, random_hex};

/// One HTTP request to the office.
struct Request {
    path: String,
    query: String,
    media_type: &'static str,
    body: Vec<u8>,
}

impl Platform {
    /// Sends what is due; how many attempts were made.
    ///
    /// # Errors
    /// If the ledger cannot be written: then nothing was counted, and the same messages go again.
    pub async fn tick(&self) -> std::io::Result<usize> {
        let now = self.now();
        let due = {
            let inner = self.lock();
            let mut due = inner.state.due(now);
            for sending in &mut due {
                if inner.bad_day.look(&sending.kind).reorder {
                    newest(&inner.state, sending);
                }
            }
            due
        };
        let mut attempts = 0;
        for sending in due {
            let day = self.lock().bad_day.look(&sending.kind);
            if day.away {
                continue;
            }
            for _ in 0..=u8::from(day.send_twice) {
                self.attempt(&sending).await?;
                attempts += 1;
            }
        }
        Ok(attempts)
    }

    async fn attempt(&self, sending: &Sending) -> std::io::Result<()> {
        let request = self.request(sending)?;
        let body_hash = hex::encode(Sm3::digest(&request.body));
        let (status, answer) = match self.send(&sending.kind, request).await {
            Ok((status, answer)) => (Some(status), answer),
            Err(error) => (None, json!({"message": error.to_string()})),
        };
        let attempted = Entry::Attempted { at: self.now().0, message_id: sending.message_id.clone(), body_hash, status, answer };
        let mut inner = self.lock();
        self.note(&mut inner, &[attempted])
    }

    /// The request for a message; the same bytes at every attempt.
    fn request(&self, sending: &Sending) -> std::io::Result<Request> {
        let message = self.mapping.incoming.get(&sending.kind).ok_or_else(|| std::io::Error::other("the mapping has no such message"))?;
        let mut values = sending.values.clone();
        // A file that the office refused is not part of the application; the citizen sees it and may supply another.
        if let Some(list) = values.get_mut("materials").and_then(Value::as_array_mut) {
            let inner = self.lock();
            list.retain(|material| material["upload"].as_str().is_some_and(|upload| inner.state.is_taken(upload)));
        }
        let wire = message.fields.write(&values).map_err(std::io::Error::other)?;
        let path = message.path.clone();
        match &sending.file {
            Some(file) => {
                let body = std::fs::read(self.files.join(file))?;
                let pairs = wire.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)));
                let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                Ok(Request { path, query, media_type: "application/octet-stream", body })
            }
            None => Ok(Request { path, query: String::new(), media_type: "application/json", body: serde_json::to_vec(&wire)? }),
        }
    }

    async fn send(&self, kind: &str, request: Request) -> Result<(u16, Value), Box<dyn std::error::Error + Send + Sync>> {
        let Request { path, query, media_type, body } = request;
        let signed = Signed { method: "POST", path: &path, query: &query, body: &body };
        let headers = self.mapping.signing.sign(&self.keys, signed, self.now(), &random_hex(16)?).ok_or("no key may sign now")?;
        let url = if query.is_empty() { format!("{}{path}", self.office) } else { format!("{}{path}?{query}", self.office) };
        let mut builder = self.client.post(url).header("content-type", media_type);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let response = builder.body(body).send().await?;
        let status = response.status().as_u16();
        let wire: Value = response.json().await.unwrap_or(Value::Null);
        let answer = self.mapping.incoming.get(kind).and_then(|message| message.answer.read(&wire).ok());
        Ok((status, answer.unwrap_or(wire)))
    }
}

/// The newest open message about the same application that needs no upload first.
fn newest(state: &State, sending: &mut Sending) {
    let Some(application) = state.applications.get(&sending.application_no) else { return };
    let open = state.under_way(application).filter(|progress| progress.sending.kind != "file").last();
    if let Some(progress) = open.filter(|_| sending.kind != "file") {
        *sending = progress.sending.clone();
    }
}
