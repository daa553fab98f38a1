//! What the office, and whoever tests or demonstrates, talk to: signed messages, the ledger, the switches.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::json;

use super::{ledger::Entry, misbehave::Misbehaviour, platform::Platform};
use crate::one_net::sign::Signed;

/// A result message carries its documents.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(super) fn router(platform: Arc<Platform>) -> Router {
    let mut router = Router::new();
    for (kind, message) in platform.mapping.outgoing.clone() {
        let of_kind = {
            let kind = kind.clone();
            move |State(platform): State<Arc<Platform>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
                take(&platform, &kind, &method, &uri, &headers, &body).await
            }
        };
        router = router.route(&message.path, any(of_kind));
    }
    router
        .route("/ledger", get(ledger))
        .route("/misbehave", post(misbehave).get(told))
        .layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX))
        .with_state(platform)
}

/// Takes a message of the office, as well as today's mood allows.
async fn take(platform: &Platform, kind: &str, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let day = platform.lock().bad_day.take(kind);
    if day.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(day.delay_ms)).await;
    }
    let bad = [
        (day.away, StatusCode::SERVICE_UNAVAILABLE, "away"),
        (day.status_500, StatusCode::INTERNAL_SERVER_ERROR, "status_500"),
        (day.refuse, StatusCode::UNPROCESSABLE_ENTITY, "refuse"),
    ];
    if let Some((_, status, how)) = bad.into_iter().find(|(told, ..)| *told) {
        return misbehaved(platform, kind, how, status);
    }
    let headers: Vec<(String, String)> =
        headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect();
    let signed = Signed { method: method.as_str(), path: uri.path(), query: uri.query().unwrap_or_default(), body };
    let (status, answer) = platform.receive(signed, &headers);
    if day.answer_late {
        return misbehaved(platform, kind, "answer_late", StatusCode::GATEWAY_TIMEOUT);
    }
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(answer)).into_response()
}

fn misbehaved(platform: &Platform, kind: &str, how: &str, status: StatusCode) -> Response {
    let entry = Entry::Misbehaved { at: platform.now().0, kind: kind.to_owned(), how: how.to_owned() };
    let mut inner = platform.lock();
    match platform.note(&mut inner, &[entry]) {
        Ok(()) => status.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The whole ledger, oldest first.
async fn ledger(State(platform): State<Arc<Platform>>) -> Json<Vec<Entry>> {
    Json(platform.ledger())
}

/// Tells the platform to misbehave; `{}` takes it back.
async fn misbehave(State(platform): State<Arc<Platform>>, Json(misbehaviour): Json<Misbehaviour>) -> Json<serde_json::Value> {
    platform.tell(misbehaviour);
    told(State(platform)).await
}

/// What it was told.
async fn told(State(platform): State<Arc<Platform>>) -> Json<serde_json::Value> {
    let all: Vec<Misbehaviour> = platform.lock().bad_day.all().cloned().collect();
    Json(json!({"misbehave": all}))
}
