//! A citizen's applications: where each stands, what is asked of her, documents, result.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse},
};
use serde_json::{Map, Value, json};
use tongban_engine::definition::PortalStatus;

use super::{
    super::state::{Application, Progress},
    Desk, Page, Refusal, Shared, Visitor,
    draw::PublishedForm,
};

/// Best first, as the platforms list them.
const LEVELS: [&str; 5] = ["5", "4", "3", "2", "1"];

pub(super) async fn mine(State(desk): Shared, visitor: Visitor) -> Page {
    let citizen = desk.signed_in(&visitor)?.id.clone();
    let rows: Vec<Value> = {
        let inner = desk.platform.lock();
        let own = inner.state.applications.values().rev().filter(|application| application.citizen == citizen);
        own.map(|application| {
            let item = inner.state.items.get(&application.task);
            let name = item.map_or(Value::Null, |item| item["name"].clone());
            let no = &application.application_no;
            json!({"application_no": no, "name": name, "filed_at": application.filed_at, "state": label(&desk, &visitor, application), "tone": tone(application)})
        })
        .collect()
    };
    let title = desk.text(&visitor, "mine");
    desk.draw(&visitor, "mine", &title, &json!({"applications": rows}))
}

/// The application, if it is the visitor's own; with its item and what was sent.
pub(super) fn own(desk: &Desk, visitor: &Visitor, no: &str) -> Result<(Application, Value, Vec<Progress>), Refusal> {
    let citizen = desk.signed_in(visitor)?;
    let inner = desk.platform.lock();
    let application = inner.state.applications.get(no).filter(|application| application.citizen == citizen.id);
    let application = application.cloned().ok_or(Refusal::NotFound(visitor.language))?;
    let item = inner.state.items.get(&application.task).cloned().unwrap_or(Value::Null);
    let sent = application.sendings.iter().filter_map(|id| inner.state.sendings.get(id).cloned()).collect();
    Ok((application, item, sent))
}

pub(super) async fn page(State(desk): Shared, visitor: Visitor, Path(no): Path<String>) -> Page {
    let (application, item, sent) = own(&desk, &visitor, &no)?;
    let last = application.last().cloned().unwrap_or(Value::Null);
    let under_way = |kind: &str| sent.iter().any(|progress| progress.sending.kind == kind && progress.status.is_none());
    let rating = sent.iter().find(|progress| progress.sending.kind == "rating").map(|progress| {
        let values = &progress.sending.values;
        json!({"level": values["level"], "comment": values["comment"]})
    });
    let closed = application.is_closed();
    let correcting = application.code() == Some(PortalStatus::Correction.code());
    let correction =
        correcting.then(|| json!({"text": last["text"], "missing": lines(&last["details"]["missing"]), "reply_due": last["reply_due"]}));
    let result = closed.then(|| json!({"at": last["at"], "text": last["text"], "reasons": plain(&last["details"]["reasons"])}));
    let documents: Vec<&Value> =
        application.statuses.iter().flat_map(|status| status["documents"].as_array().into_iter().flatten()).collect();
    let documents: Vec<Value> = documents
        .into_iter()
        .map(|document| json!({"id": document["id"], "title": document["title"], "number": document["number"], "made_at": document["made_at"]}))
        .collect();
    let due = application.statuses.iter().rev().find(|status| !status["due"].is_null());
    let form = PublishedForm::of(&item).zip(application.data.as_object()).map(|(form, data)| form.reading(data, visitor.language));
    let page = json!({
        "application_no": no, "unit_name": item["unit_name"], "filed_at": application.filed_at, "notice": Value::Null,
        "state": label(&desk, &visitor, &application), "tone": tone(&application),
        "due": if closed { Value::Null } else { due.map_or(Value::Null, |status| status["due"].clone()) },
        "due_provisional": due.is_some_and(|status| status["due_provisional"] == true),
        "stages": stages(&application), "correction": correction, "result": result, "documents": documents,
        "may_supplement": correcting && !under_way("supplement"), "may_withdraw": !closed && !under_way("withdrawal"),
        "may_rate": closed && rating.is_none(), "rating": rating, "levels": LEVELS,
        "history": history(&desk, &visitor, &application), "sent": sent.iter().map(sent_row).collect::<Vec<_>>(), "form": form,
    });
    let title = super::items::name_of(&item, visitor.language);
    desk.draw(&visitor, "application", title, &page)
}

/// A document as a page of its own.
pub(super) async fn document(State(desk): Shared, visitor: Visitor, Path((no, id)): Path<(String, String)>) -> Page {
    let (application, ..) = own(&desk, &visitor, &no)?;
    let documents = application.statuses.iter().flat_map(|status| status["documents"].as_array().into_iter().flatten());
    let document = documents.into_iter().find(|document| plain(&document["id"]) == id).ok_or(Refusal::NotFound(visitor.language))?;
    let (title, html) = (plain(&document["title"]), plain(&document["content"]));
    let frame = std::collections::BTreeMap::new();
    let drawn = desk.view.page("document", visitor.language, &title, &frame, &json!({"html": html}));
    Ok(Html(drawn.map_err(|error| Refusal::Broken(error.to_string()))?).into_response())
}

/// The state in words.
fn label(desk: &Desk, visitor: &Visitor, application: &Application) -> String {
    match application.code().and_then(PortalStatus::from_code) {
        Some(status) => status.label().get(visitor.language).to_owned(),
        None => desk.text(visitor, "waiting"),
    }
}

/// How the state is coloured, besides its words.
fn tone(application: &Application) -> &'static str {
    use PortalStatus as P;
    match application.code().and_then(P::from_code) {
        Some(P::Granted | P::Recorded) => "done",
        Some(P::Correction) => "wait",
        Some(P::Refused | P::NotAccepted | P::NotRecorded) => "bad",
        _ => "none",
    }
}

/// Four steps: filed, received, accepted, closed.
fn stages(application: &Application) -> Vec<Value> {
    use PortalStatus as P;
    let told = |codes: &[P]| {
        application.statuses.iter().filter_map(|s| P::from_code(s["status"]["code"].as_str()?)).any(|code| codes.contains(&code))
    };
    let closed = application.is_closed();
    let reached = [true, !application.statuses.is_empty(), closed || told(&[P::Accepted, P::Forwarded]), closed];
    let next = reached.iter().position(|reached| !reached);
    let tone = |n: usize| {
        if reached[n] {
            "done"
        } else if next == Some(n) {
            "now"
        } else {
            "ahead"
        }
    };
    ["filed", "received", "accepted", "closed"]
        .iter()
        .enumerate()
        .map(|(n, code)| json!({"code": code, "tone": tone(n), "now": next == Some(n)}))
        .collect()
}

fn history(desk: &Desk, visitor: &Visitor, application: &Application) -> Vec<Value> {
    let filed = json!({"at": application.filed_at, "label": desk.text(visitor, "stage_filed"), "text": ""});
    let told = application.statuses.iter().map(|status| {
        let code = status["status"]["code"].as_str().and_then(PortalStatus::from_code);
        let label = code.map_or_else(|| plain(&status["status"]["step"]), |code| code.label().get(visitor.language).to_owned());
        let english = if visitor.language == tongban_engine::text::Language::En { status["text"]["en"].as_str() } else { None };
        json!({"at": status["at"], "label": label, "text": english.or(status["text"]["zh"].as_str()).unwrap_or_default()})
    });
    std::iter::once(filed).chain(told).collect()
}

fn sent_row(progress: &Progress) -> Value {
    let answer = progress.answer.clone().unwrap_or(Value::Object(Map::new()));
    let state = match (progress.is_taken(), progress.is_refused(), answer["outcome"].as_str()) {
        (true, _, Some("intake")) => "intake",
        (true, ..) => "taken",
        (_, true, _) => "refused_by_office",
        _ => "under_way",
    };
    let message = if matches!(state, "intake" | "refused_by_office") { plain(&answer["message"]) } else { String::new() };
    json!({"kind": progress.sending.kind, "name": plain(&progress.sending.values["name"]), "state": state, "message": message})
}

/// Text of a value; empty if it is none.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A list of lines, or one.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Null => Vec::new(),
        other => vec![plain(other)],
    }
}
