//! Authentic messages that no process accepted: see, try again, close with a reason.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use serde_json::Value;
use tongban_adapters::store::{IntakeRow, IntakeState};
use tongban_engine::authority::Action;

use super::{Page, ProblemBox};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    reveal::{self, RevealForm, Stated},
    session::notify,
    state::App,
    view::{messages::both, say},
};

/// The routes of the intake list.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/intake", get(list))
        .route("/intake/{source}/{message}", get(show))
        .route("/intake/{source}/{message}/reveal", post(look))
        .route("/intake/{source}/{message}/retry", post(retry))
        .route("/intake/{source}/{message}/close", post(close))
}

#[derive(Serialize)]
struct List {
    total: u64,
    rows: Vec<Row>,
}

/// Stands for what is not shown.
const HIDDEN: &str = "******";

#[derive(Serialize)]
struct Row {
    at: String,
    iso: String,
    what: String,
    from: String,
    why: String,
    state: &'static str,
    href: String,
}

fn row(desk: &Desk, row: &IntakeRow) -> Row {
    let open = row.state == IntakeState::Refused;
    Row {
        at: desk.when.moment(row.received_at),
        iso: desk.when.iso(row.received_at),
        what: format!("{} {}", row.kind, row.application_no),
        from: format!("{} · {}", row.source, row.message_id),
        why: row.rejection.clone().unwrap_or_default(),
        state: say(desk.language(), if open { "intake.open" } else { "intake.closed" }),
        href: format!("/intake/{}/{}", row.source, row.message_id),
    }
}

/// `GET /intake`
async fn list(State(app): State<App>, desk: Desk) -> Page {
    desk.must_have(Action::Intake)?;
    let found = app.store.intake(Some(IntakeState::Refused), 0).await?;
    let page = List { total: found.total, rows: found.rows.iter().map(|found| row(&desk, found)).collect() };
    page::draw(&app, &desk, say(desk.language(), "intake.title"), "page/intake", &page, None).await
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    row: Row,
    open: bool,
    facts: Vec<Fact>,
    retry_href: String,
    close_href: String,
    reveal: Option<RevealForm>,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
    href: Option<String>,
}

/// The body as names and values; nested ones as JSON text. Whose data it is nobody knows before a process takes it: hidden,
/// except what the list says of it anyway, until it is revealed.
fn facts(found: &IntakeRow, revealed: bool) -> Vec<Fact> {
    let Ok(Value::Object(map)) = serde_json::from_str::<Value>(found.body.expose()) else { return Vec::new() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let open = |text: &str| revealed || [&found.application_no, &found.message_id, &found.source].into_iter().any(|known| known == text);
    let shown = |text: String| if open(&text) { text } else { HIDDEN.to_owned() };
    map.iter().map(|(name, value)| Fact { name: name.clone(), value: shown(text(value)), href: None }).collect()
}

async fn draw(app: &App, desk: &Desk, found: &IntakeRow, revealed: bool, problem: Option<&Problem>) -> Page {
    let row = row(desk, found);
    let page = Item {
        open: found.state == IntakeState::Refused,
        facts: facts(found, revealed),
        reveal: if revealed { None } else { reveal::form(app, desk.language(), format!("{}/reveal", row.href)) },
        retry_href: format!("{}/retry", row.href),
        close_href: format!("{}/close", row.href),
        row,
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    page::draw(app, desk, &page.row.what, "page/intake_item", &page, banner.as_ref()).await
}

pub(crate) async fn find(app: &App, desk: &Desk, source: &str, message: &str) -> Result<IntakeRow, Problem> {
    desk.must_have(Action::Intake)?;
    app.store.intake_row(source, message).await?.ok_or_else(Problem::not_found)
}

/// `GET /intake/{source}/{message}`
async fn show(State(app): State<App>, desk: Desk, Path((source, message)): Path<(String, String)>) -> Page {
    let found = find(&app, &desk, &source, &message).await?;
    draw(&app, &desk, &found, false, None).await
}

/// `POST …/reveal`: what came in, in full, for a stated purpose, on record.
async fn look(State(app): State<App>, desk: Desk, Path((source, message)): Path<(String, String)>, posted: Posted) -> Page {
    let found = find(&app, &desk, &source, &message).await?;
    let about = format!("{source}/{message}");
    let stated = Stated { purpose: posted.get("purpose"), remark: posted.get("remark") };
    reveal::demand(&app, &desk, ("message", &about), vec!["body".to_owned()], stated).await?;
    draw(&app, &desk, &found, true, None).await
}

/// Submits a message again, and notes who asked for it.
pub(crate) async fn again(app: &App, desk: &Desk, found: &IntakeRow) -> Result<(), Problem> {
    desk.note("message.retried", "message", &format!("{}/{}", found.source, found.message_id), None).await?;
    app.inbound.retry(found.clone()).await
}

/// `POST …/retry`: the same message again.
async fn retry(State(app): State<App>, desk: Desk, Path((source, message)): Path<(String, String)>, _: Posted) -> Page {
    let found = find(&app, &desk, &source, &message).await?;
    match again(&app, &desk, &found).await {
        Ok(()) => Ok(notify(Redirect::to("/intake").into_response(), "good", "intake.retried", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => draw(&app, &desk, &found, false, Some(&problem)).await,
    }
}

/// `POST …/close`: dealt with by hand, with a reason.
async fn close(State(app): State<App>, desk: Desk, Path((source, message)): Path<(String, String)>, posted: Posted) -> Page {
    let found = find(&app, &desk, &source, &message).await?;
    match settle(&app, &desk, &found, posted.get("reason")).await {
        Ok(()) => Ok(notify(Redirect::to("/intake").into_response(), "good", "intake.closed_done", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => draw(&app, &desk, &found, false, Some(&problem)).await,
    }
}

/// Closes a message with a reason, which is kept beside why it was refused.
pub(crate) async fn settle(app: &App, desk: &Desk, found: &IntakeRow, reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::invalid("reason", both("intake.reason_needed")));
    }
    let note = format!("{}（{}：{reason}）", found.rejection.as_deref().unwrap_or_default(), desk.person.name);
    let (source, message) = (&found.source, &found.message_id);
    desk.note("message.closed", "message", &format!("{source}/{message}"), Some(reason)).await?;
    app.store.settle_intake(source, message, IntakeState::Done, found.case.as_deref(), Some(&note)).await?;
    Ok(())
}
