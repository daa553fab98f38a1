//! The office's end of the line to one platform: mapping, keys, address, and how a message is posted.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    mapping::Mapping,
    sign::{Keys, Signed, random_hex},
};
use crate::{
    clock::Clock,
    http::{self, HttpError},
    outbox::DeliveryError,
};

/// How long the platform may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// An answer says little; a longer one is not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The address is not one that can be spoken to.
    #[error("the platform's address `{0}` must be http://HOST:PORT or https://HOST; TLCP is the business of a gateway in front of it")]
    Address(String),
    /// No HTTP client can be made.
    #[error(transparent)]
    Client(#[from] HttpError),
}

/// One platform, as the office speaks with it.
pub struct Link {
    /// Names and codes.
    pub mapping: Mapping,
    /// Shared keys.
    pub keys: Keys,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    address: String,
}

impl Link {
    /// A link to the platform at `address` (`http://…` or `https://…`, no slash at the end needed), whose certificate may
    /// be one of `authority` (PEM).
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn new(mapping: Mapping, keys: Keys, address: &str, authority: Option<&[u8]>, clock: Arc<dyn Clock>) -> Result<Self, LinkError> {
        let wrong = || LinkError::Address(address.to_owned());
        let url = reqwest::Url::parse(address).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        // No redirects: what is signed for one address is not for another.
        let client = http::client(TIMEOUT, authority)?;
        Ok(Self { mapping, keys, clock, client, address: address.trim_end_matches('/').to_owned() })
    }

    /// Posts a message of `kind`; Ok once the platform says that it has it.
    ///
    /// # Errors
    /// [`DeliveryError`]: whether another attempt may help.
    pub async fn post(&self, kind: &str, values: &Value) -> Result<(), DeliveryError> {
        let message =
            self.mapping.outgoing.get(kind).ok_or_else(|| DeliveryError::Never(format!("the mapping has no outgoing message `{kind}`")))?;
        let wire = message.fields.write(values).map_err(|misfit| DeliveryError::Never(misfit.to_string()))?;
        let body = serde_json::to_vec(&wire).map_err(|error| DeliveryError::Never(error.to_string()))?;
        let later = |error: &dyn std::fmt::Display| DeliveryError::Later(error.to_string());
        let nonce = random_hex(16).map_err(|error| later(&error))?;
        let signed = Signed { method: "POST", path: &message.path, query: "", body: &body };
        let headers =
            self.mapping.signing.sign(&self.keys, signed, self.clock.now(), &nonce).ok_or_else(|| later(&"no key may sign now"))?;
        let mut request = self.client.post(format!("{}{}", self.address, message.path)).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(|error| later(&error.without_url()))?;
        let status = response.status().as_u16();
        let answer = read_answer(response).await.map_err(|error| later(&error.without_url()))?;
        let answer = message.answer.read(&answer).unwrap_or(Value::Null);
        judge(status, &answer)
    }
}

async fn read_answer(mut response: reqwest::Response) -> Result<Value, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Ok(Value::Null);
        }
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// What an answer means. 2xx with another outcome than acceptance is no acceptance: some gateways answer 200 to everything.
fn judge(status: u16, answer: &Value) -> Result<(), DeliveryError> {
    let said = || format!("HTTP {status} {}", answer["message"].as_str().unwrap_or_default()).trim_end().to_owned();
    match status {
        200..300 if answer["outcome"].is_null() || answer["outcome"] == "accepted" => Ok(()),
        // A wrong key, clock or address can be put right; what the message says cannot.
        400..500 if !matches!(status, 401 | 403 | 404 | 408 | 425 | 429) => Err(DeliveryError::Never(said())),
        _ => Err(DeliveryError::Later(said())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_one_of_http_or_https() {
        let source = tongban_engine::source::Source {
            name: "one-net.yaml".into(),
            text: include_str!("../../../workflows/platforms/one-net.yaml").into(),
        };
        let mapping = Mapping::load(&source).0.expect("the office's own mapping");
        for (address, good) in [
            ("http://127.0.0.1:8090/", true),
            ("https://one-net.example", true),
            ("ftp://one-net.example", false),
            ("one-net", false),
            ("http://a/?b", false),
        ] {
            let link = Link::new(mapping.clone(), Keys { keys: Vec::new() }, address, None, Arc::new(crate::clock::SystemClock));
            assert_eq!(link.is_ok(), good, "{address}");
        }
    }

    #[test]
    fn answers_are_judged() {
        let (yes, no) = (json!({"outcome": "accepted"}), json!({"outcome": "malformed", "message": "报文格式有误"}));
        assert_eq!(judge(200, &yes), Ok(()));
        assert_eq!(judge(204, &Value::Null), Ok(()));
        assert_eq!(judge(200, &no), Err(DeliveryError::Later("HTTP 200 报文格式有误".into())));
        assert_eq!(judge(422, &no), Err(DeliveryError::Never("HTTP 422 报文格式有误".into())));
        for status in [301, 401, 404, 429, 500, 503, 504] {
            assert!(matches!(judge(status, &Value::Null), Err(DeliveryError::Later(_))), "{status}");
        }
    }
}
