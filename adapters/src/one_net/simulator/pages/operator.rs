//! Switches for whoever demonstrates, and the newest entries of the ledger.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{ledger::Entry, misbehave::Misbehaviour},
    Page, Shared, Visitor,
};

/// How many entries the page shows.
const SHOWN: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Switches {
    away: bool,
    status_500: bool,
    refuse: bool,
    answer_late: bool,
    send_twice: bool,
    reorder: bool,
    delay_ms: String,
}

pub(super) async fn page(State(desk): Shared, visitor: Visitor) -> Page {
    let (told, entries) = {
        let inner = desk.platform.lock();
        let told = inner.bad_day.all().find(|told| told.kind.is_none()).cloned().unwrap_or_default();
        (told, inner.ledger.entries().iter().rev().take(SHOWN).map(row).collect::<Vec<Value>>())
    };
    let switches = [
        ("away", told.away),
        ("status_500", told.status_500),
        ("refuse", told.refuse),
        ("answer_late", told.answer_late),
        ("send_twice", told.send_twice),
        ("reorder", told.reorder),
    ]
    .map(|(name, on)| json!({"name": name, "on": on}));
    let title = desk.text(&visitor, "operator");
    desk.draw(&visitor, "operator", &title, &json!({"switches": switches, "delay_ms": told.delay_ms, "ledger": entries}))
}

pub(super) async fn save(State(desk): Shared, Form(switches): Form<Switches>) -> Page {
    let Switches { away, status_500, refuse, answer_late, send_twice, reorder, delay_ms } = switches;
    let delay_ms = delay_ms.trim().parse().unwrap_or(0);
    desk.platform.tell(Misbehaviour { away, status_500, refuse, answer_late, send_twice, reorder, delay_ms, ..Misbehaviour::default() });
    Ok(Redirect::to("/operator").into_response())
}

fn row(entry: &Entry) -> Value {
    let (at, what, about, outcome) = match entry {
        Entry::Received { at, kind, application_no, seq, values, .. } => {
            let code = values["status"]["code"].as_str().unwrap_or_default();
            let seq = seq.map(|seq| format!(" #{seq}")).unwrap_or_default();
            (at, format!("← {kind} {code}{seq}"), application_no.clone().unwrap_or_default(), "200".to_owned())
        }
        Entry::Repeated { at, message_id, .. } => (at, "← again".to_owned(), message_id.clone(), "200".to_owned()),
        Entry::Refused { at, path, reason } => (at, format!("← {path}"), String::new(), format!("401 {reason}")),
        Entry::Misbehaved { at, kind, how } => (at, format!("← {kind}"), String::new(), how.clone()),
        Entry::Filed { at, application_no, citizen, .. } => (at, format!("+ {citizen}"), application_no.clone(), String::new()),
        Entry::Queued { at, sending } => (at, format!("… {}", sending.kind), sending.application_no.clone(), String::new()),
        Entry::Attempted { at, message_id, status, answer, .. } => {
            let outcome = answer["outcome"].as_str().or(answer["message"].as_str()).unwrap_or_default();
            let status = status.map_or("–".to_owned(), |status| status.to_string());
            (at, "→".to_owned(), message_id.clone(), format!("{status} {outcome}"))
        }
    };
    json!({"at": at, "what": what, "about": about, "outcome": outcome})
}
