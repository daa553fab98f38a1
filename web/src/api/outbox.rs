//! Deliveries: what waits, what stopped, and resending it.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use tongban_engine::authority::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller};
use crate::{
    error::{Body, Problem},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(resend))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `pending`, `delivered` or `dead`; all if absent.
    state: Option<String>,
    /// Page, from 1.
    page: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Deliveries {
    total: u64,
    rows: Vec<Delivery>,
}

#[derive(Serialize, ToSchema)]
struct Delivery {
    /// Row id, and the idempotency key of every attempt.
    id: String,
    case: String,
    destination: String,
    at: String,
    state: String,
    attempts: u32,
    next_at: String,
    error: Option<String>,
}

/// Deliveries, newest first
#[utoipa::path(get, path = "/outbox", tag = "operations", params(Asked),
    responses((status = 200, body = Deliveries), (status = 403, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn list(State(app): State<App>, Caller(desk): Caller, Query(asked): Query<Asked>) -> Answered<Deliveries> {
    desk.must_have(Action::Outbox)?;
    let found = app.store.outbox(asked.state.as_deref(), asked.page.unwrap_or(1).max(1) - 1).await?;
    let rows = found.rows.into_iter().map(|row| Delivery {
        id: row.id,
        case: row.case,
        destination: row.destination,
        at: app.calendar.format_moment(row.at),
        state: row.state,
        attempts: row.attempts,
        next_at: app.calendar.format_moment(row.next_at),
        error: row.error,
    });
    Ok(Json(Deliveries { total: found.total, rows: rows.collect() }))
}

/// Try a stopped delivery again
#[utoipa::path(post, path = "/outbox/{id}/resend", tag = "operations", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Body), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn resend(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    desk.must_have(Action::Outbox)?;
    crate::page::outbox::again(&app, &desk, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
