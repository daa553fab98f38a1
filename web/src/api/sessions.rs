//! Where one is logged in, and ending it; the same for others, by who keeps accounts.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Serialize;
use tongban_adapters::accounts::SessionRow;
use tongban_engine::authority::Action;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller};
use crate::{
    desk::Desk,
    error::{Body, Problem},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(own, end_others)).routes(routes!(end)).routes(routes!(of_person)).routes(routes!(end_of_person))
}

#[derive(Serialize, ToSchema)]
struct SessionShape {
    /// Its name here; not its token.
    id: String,
    /// When it began.
    created_at: String,
    /// When it was last used, to the minute.
    used_at: String,
    /// Network address; empty if it is not known.
    address: String,
    /// Family of browsers; empty for a program.
    browser: String,
    /// It is the one that asks.
    here: bool,
}

fn shapes(desk: &Desk, rows: Vec<SessionRow>) -> Json<Vec<SessionShape>> {
    let here = desk.visit.session().map(|session| session.id.clone()).unwrap_or_default();
    let shape = |row: SessionRow| SessionShape {
        created_at: desk.when.iso(row.created_at),
        used_at: desk.when.iso(row.used_at),
        address: row.address,
        browser: row.browser,
        here: row.id == here,
        id: row.id,
    };
    Json(rows.into_iter().map(shape).collect())
}

/// Where one is logged in
#[utoipa::path(get, path = "/sessions", tag = "session",
    responses((status = 200, body = Vec<SessionShape>), (status = 401, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn own(State(app): State<App>, Caller(desk): Caller) -> Answered<Vec<SessionShape>> {
    Ok(shapes(&desk, app.store.sessions_of(&desk.id).await?))
}

/// End all one's sessions but the one that asks
#[utoipa::path(delete, path = "/sessions", tag = "session",
    responses((status = 204), (status = 401, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn end_others(State(app): State<App>, Caller(desk): Caller) -> Result<StatusCode, Problem> {
    app.store.end_sessions(&desk.id, desk.visit.token(), &desk.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one of one's sessions
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session", params(("id" = String, Path,)),
    responses((status = 204), (status = 401, body = Body), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn end(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    if app.store.end_session(&desk.id, &id, &desk.id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Where somebody is logged in
#[utoipa::path(get, path = "/accounts/{person}/sessions", tag = "accounts", params(("person" = String, Path,)),
    responses((status = 200, body = Vec<SessionShape>), (status = 403, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn of_person(State(app): State<App>, Caller(desk): Caller, Path(person): Path<String>) -> Answered<Vec<SessionShape>> {
    desk.must_have(Action::People)?;
    Ok(shapes(&desk, app.store.sessions_of(&person).await?))
}

/// End one of somebody's sessions; takes having shown within five minutes who one is
#[utoipa::path(delete, path = "/accounts/{person}/sessions/{id}", tag = "accounts", params(("person" = String, Path,), ("id" = String, Path,)),
    responses((status = 204), (status = 403, body = Body), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn end_of_person(
    State(app): State<App>,
    Caller(desk): Caller,
    Path((person, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    desk.must_have(Action::People)?;
    desk.must_be_fresh()?;
    if app.store.end_session(&person, &id, &desk.id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
