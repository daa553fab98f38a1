//! The audit: search, one row, the state of the chain, export.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::{AuditRow, AuditState};
use tongban_engine::authority::Action;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, shapes::Words};
use crate::{
    error::{Body, Problem},
    page::audit::{self, Asked},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(state, verify)).routes(routes!(export)).routes(routes!(one))
}

#[derive(Serialize, ToSchema)]
struct Deeds {
    rows: Vec<DeedShape>,
    /// Ask again with `before` set to this for the rows before them; null: there are none.
    next: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct DeedShape {
    /// From 1, dense.
    no: u64,
    at: String,
    /// Person id, or `system`.
    actor: String,
    /// What was done, such as `case.read`.
    deed: String,
    /// What kind of thing.
    kind: String,
    /// Which one.
    about: String,
    /// What was there before; JSON.
    before: Option<String>,
    /// What is there now; JSON.
    after: Option<String>,
    purpose: Option<String>,
    /// Hash of the row before it.
    prev: String,
    /// SM3 over `prev` and all columns.
    hash: String,
}

#[derive(Serialize, ToSchema)]
struct StateShape {
    /// When it was checked; null: not since the start.
    at: Option<String>,
    /// Whole up to this number.
    no: u64,
    /// The first row that does not fit.
    fault: Option<u64>,
    why: Option<Words>,
}

#[derive(Deserialize, ToSchema)]
struct Order {
    /// What to export, as it is searched for.
    #[serde(default)]
    filter: Asked,
    /// What for; noted with the export.
    purpose: String,
    format: Format,
}

#[derive(Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// RFC 4180, with the words of the caller's language.
    Csv,
    /// A line of JSON each.
    Jsonl,
}

fn shape(app: &App, row: AuditRow) -> DeedShape {
    let AuditRow { no, deed, prev, hash } = row;
    DeedShape {
        no,
        at: app.calendar.format_moment(deed.at),
        actor: deed.actor,
        deed: deed.deed,
        kind: deed.kind,
        about: deed.about,
        before: deed.before,
        after: deed.after,
        purpose: deed.purpose,
        prev,
        hash,
    }
}

fn state_shape(app: &App, state: Option<AuditState>) -> StateShape {
    let Some(AuditState { at, no, fault }) = state else { return StateShape { at: None, no: 0, fault: None, why: None } };
    let why = fault.as_ref().map(|(_, what)| Words::from(what));
    StateShape { at: Some(app.calendar.format_moment(at)), no, fault: fault.map(|(no, _)| no), why }
}

/// Who did what to which thing, latest first
#[utoipa::path(get, path = "/audit", tag = "administration", params(Asked),
    responses((status = 200, body = Deeds), (status = 403, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn list(State(app): State<App>, Caller(desk): Caller, Query(asked): Query<Asked>) -> Answered<Deeds> {
    desk.must_have(Action::Audit)?;
    let (rows, next) = asked.rows(&app).await?;
    Ok(Json(Deeds { rows: rows.into_iter().map(|row| shape(&app, row)).collect(), next }))
}

/// One deed
#[utoipa::path(get, path = "/audit/{no}", tag = "administration", params(("no" = u64, Path)),
    responses((status = 200, body = DeedShape), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn one(State(app): State<App>, Caller(desk): Caller, Path(no): Path<u64>) -> Answered<DeedShape> {
    desk.must_have(Action::Audit)?;
    let row = app.store.audit_row(no).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(shape(&app, row)))
}

/// Up to where the chain was last checked
#[utoipa::path(get, path = "/audit/state", tag = "administration", responses((status = 200, body = StateShape), (status = 403, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn state(State(app): State<App>, Caller(desk): Caller) -> Answered<StateShape> {
    desk.must_have(Action::Audit)?;
    Ok(Json(state_shape(&app, app.store.audit_state())))
}

/// Check the whole chain now
#[utoipa::path(post, path = "/audit/state", tag = "administration", responses((status = 200, body = StateShape), (status = 403, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn verify(State(app): State<App>, Caller(desk): Caller) -> Answered<StateShape> {
    let state = audit::check(&app, &desk).await?;
    Ok(Json(state_shape(&app, Some(state))))
}

/// Deeds as a file, for a stated purpose
#[utoipa::path(post, path = "/audit/export", tag = "administration", request_body = Order,
    responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"))), (status = 403, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn export(State(app): State<App>, Caller(desk): Caller, Json(order): Json<Order>) -> Result<Response, Problem> {
    desk.must_be_fresh()?;
    audit::exported(&app, &desk, &order.filter, order.format == Format::Jsonl, &order.purpose).await
}
