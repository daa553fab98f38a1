//! What has not been delivered, and what stopped for good: look, mend, resend.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::store::OutboxRow;
use tongban_engine::authority::Action;

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::notify,
    state::App,
    view::{fill, say},
};

/// The routes of the outbox.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/outbox", get(list)).route("/outbox/{id}/resend", post(resend))
}

#[derive(Serialize)]
struct List {
    total: u64,
    /// Files that wait for the scanner, and why.
    backlog: Option<Backlog>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Backlog {
    title: String,
    text: String,
}

#[derive(Serialize)]
struct Row {
    tone: &'static str,
    shape: &'static str,
    state: &'static str,
    to: String,
    case: String,
    attempts: u32,
    next: String,
    error: String,
    resend_href: Option<String>,
}

/// `GET /outbox`: what stopped first, then what waits.
async fn list(State(app): State<App>, desk: Desk) -> Page {
    desk.must_have(Action::Outbox)?;
    let (dead, pending) = (app.store.outbox(Some("dead"), 0).await?, app.store.outbox(Some("pending"), 0).await?);
    let rows = dead.rows.iter().chain(&pending.rows).map(|found| row(&desk, found)).collect();
    let backlog = app.store.scan_backlog().await?.map(|backlog| {
        let (files, since) = (backlog.files.to_string(), desk.when.moment(backlog.since));
        let told = fill(desk.language(), "files.backlog_why", &[("since", &since), ("why", &backlog.why)]);
        Backlog { title: fill(desk.language(), "files.backlog", &[("files", &files)]), text: told }
    });
    let page = List { backlog, total: dead.total + pending.total, rows };
    page::draw(&app, &desk, say(desk.language(), "outbox.title"), "page/outbox", &page, None).await
}

fn row(desk: &Desk, row: &OutboxRow) -> Row {
    let dead = row.state == "dead";
    let (tone, shape, state) = match row.attempts {
        _ if dead => ("overdue", "✕", "outbox.dead"),
        0 => ("none", "–", "outbox.waiting"),
        _ => ("soon", "▲", "outbox.retrying"),
    };
    Row {
        tone,
        shape,
        state: say(desk.language(), state),
        to: row.destination.clone(),
        case: row.case.clone(),
        attempts: row.attempts,
        next: if dead { String::new() } else { desk.when.short(row.next_at) },
        error: row.error.clone().unwrap_or_default(),
        resend_href: dead.then(|| format!("/outbox/{}/resend", row.id)),
    }
}

/// Tries a stopped delivery again, and notes who asked for it.
pub(crate) async fn again(app: &App, desk: &Desk, id: &str) -> Result<(), Problem> {
    desk.note("delivery.resent", "delivery", id, None).await?;
    if app.store.resend(id).await? { Ok(()) } else { Err(Problem::not_found()) }
}

/// `POST /outbox/{id}/resend`
async fn resend(State(app): State<App>, desk: Desk, Path(id): Path<String>, _: Posted) -> Page {
    desk.must_have(Action::Outbox)?;
    again(&app, &desk, &id).await?;
    Ok(notify(Redirect::to("/outbox").into_response(), "good", "outbox.resent", &[]))
}
