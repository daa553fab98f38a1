//! Messages that no process accepted.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::{IntakeRow, IntakeState};
use tongban_engine::authority::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, shapes::Reason};
use crate::{
    error::{Body, Problem},
    page::intake,
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(retry)).routes(routes!(close))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `received`, `accepted`, `refused` or `done`; all if absent.
    state: Option<String>,
    /// Page, from 1.
    page: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Messages {
    total: u64,
    rows: Vec<MessageShape>,
}

#[derive(Serialize, ToSchema)]
struct MessageShape {
    source: String,
    message: String,
    kind: String,
    application_no: String,
    received_at: String,
    state: String,
    case: Option<String>,
    /// Why it was refused.
    rejection: Option<String>,
}

/// Messages that came in, newest first
#[utoipa::path(get, path = "/intake", tag = "operations", params(Asked), responses((status = 200, body = Messages), (status = 403, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn list(State(app): State<App>, Caller(desk): Caller, Query(asked): Query<Asked>) -> Answered<Messages> {
    desk.must_have(Action::Intake)?;
    let state = asked.state.as_deref().and_then(IntakeState::from_word);
    let found = app.store.intake(state, asked.page.unwrap_or(1).max(1) - 1).await?;
    let shape = |row: IntakeRow| MessageShape {
        source: row.source,
        message: row.message_id,
        kind: row.kind,
        application_no: row.application_no,
        received_at: app.calendar.format_moment(row.received_at),
        state: row.state.word().to_owned(),
        case: row.case,
        rejection: row.rejection,
    };
    Ok(Json(Messages { total: found.total, rows: found.rows.into_iter().map(shape).collect() }))
}

/// Submit a refused message again
#[utoipa::path(post, path = "/intake/{source}/{message}/retry", tag = "operations", params(("source" = String, Path), ("message" = String, Path)),
    responses((status = 204), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn retry(
    State(app): State<App>,
    Caller(desk): Caller,
    Path((source, message)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let found = intake::find(&app, &desk, &source, &message).await?;
    intake::again(&app, &desk, &found).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close a refused message with a reason
#[utoipa::path(post, path = "/intake/{source}/{message}/close", tag = "operations", params(("source" = String, Path), ("message" = String, Path)),
    request_body = Reason, responses((status = 204), (status = 403, body = Body), (status = 404, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn close(
    State(app): State<App>,
    Caller(desk): Caller,
    Path((source, message)): Path<(String, String)>,
    Json(asked): Json<Reason>,
) -> Result<StatusCode, Problem> {
    let found = intake::find(&app, &desk, &source, &message).await?;
    intake::settle(&app, &desk, &found, &asked.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
