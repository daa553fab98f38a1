//! Versions of a process: how many open cases are on each, what moving them to another would do, moving them, and back.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::{MigrationPlan, PlannedCase, Version};
use tongban_engine::{
    authority::Action,
    interpreter::{Actor, Sort},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, Key, shapes::Words};
use crate::{
    desk::Desk,
    error::{Body, Problem},
    state::App,
};

/// Cases that one call plans or moves, unless it says fewer.
const CASES_MAX: usize = 500;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(versions)).routes(routes!(plan, migrate)).routes(routes!(undo))
}

#[derive(Serialize, ToSchema)]
struct VersionShape {
    /// 1, 2, 3, … within the process.
    no: u32,
    /// Content hash.
    hash: String,
    deployed_at: String,
    /// Open cases on it.
    open: u64,
    /// Of these, so many came from another version and could go back.
    came: u64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Version that the cases would be on: number or beginning of the hash; the latest if absent.
    to: Option<String>,
    /// Only cases on this version.
    from: Option<String>,
    /// So many cases at most, up to 500.
    limit: Option<usize>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    /// Version that the cases are to be on (undo: that they are to leave); the latest if absent.
    to: Option<String>,
    /// Only cases on this version.
    from: Option<String>,
    /// Only these cases, by identifier or number; all that can go if absent.
    cases: Option<Vec<String>>,
    /// So many at most, up to 500: ask again, with another key, for as long as some move.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct PlanShape {
    process: String,
    to: u32,
    to_hash: String,
    /// Cases by sort: `unchanged`, `moved`, `undecided`, `refused`.
    counts: BTreeMap<String, u64>,
    /// Cases by reason.
    reasons: BTreeMap<String, u64>,
    /// Cases that would be overdue at once and are not now.
    late: u64,
    cases: Vec<CaseShape>,
}

#[derive(Serialize, ToSchema)]
struct CaseShape {
    case: String,
    number: Option<String>,
    title: String,
    /// Number of the version that it is on.
    from: Option<u32>,
    sort: String,
    reasons: Vec<ReasonShape>,
    changes: Vec<Words>,
    late: Vec<LateShape>,
}

#[derive(Serialize, ToSchema)]
struct ReasonShape {
    /// Stable kebab-case code.
    code: String,
    /// Node, data name or clock.
    about: Option<String>,
    text: Words,
}

#[derive(Serialize, ToSchema)]
struct LateShape {
    /// `task`, `clock` or `timer`.
    what: String,
    id: String,
    due: String,
}

#[derive(Serialize, ToSchema)]
struct Moved {
    moved: u64,
    stayed: Vec<Stayed>,
}

#[derive(Serialize, ToSchema)]
struct Stayed {
    case: String,
    why: Option<Words>,
}

/// Versions of a process with their open cases, oldest first
#[utoipa::path(get, path = "/processes/{process}/versions", tag = "operations", params(("process" = String, Path)),
    responses((status = 200, body = Vec<VersionShape>), (status = 403, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn versions(State(app): State<App>, Caller(desk): Caller, Path(process): Path<String>) -> Answered<Vec<VersionShape>> {
    desk.must_have(Action::Versions)?;
    let uses = app.store.version_uses(&process).await?;
    let shape = |used: tongban_adapters::store::VersionUse| VersionShape {
        no: used.version.no,
        hash: used.version.hash,
        deployed_at: app.calendar.format_moment(used.version.at),
        open: used.open,
        came: used.came,
    };
    Ok(Json(uses.into_iter().map(shape).collect()))
}

/// What would become of open cases under another version
#[utoipa::path(get, path = "/processes/{process}/migration", tag = "operations", params(("process" = String, Path), Asked),
    responses((status = 200, body = PlanShape), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn plan(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(process): Path<String>,
    Query(asked): Query<Asked>,
) -> Answered<PlanShape> {
    desk.must_have(Action::Versions)?;
    let order = Order { to: asked.to, from: asked.from, cases: None, limit: asked.limit };
    let plan = planned(&app, &process, &order).await?;
    Ok(Json(shape(&app, &plan)))
}

/// Move open cases to another version: named ones, or all that can go
#[utoipa::path(post, path = "/processes/{process}/migration", tag = "operations",
    params(("process" = String, Path), ("Idempotency-Key" = String, Header)), request_body = Order,
    responses((status = 200, body = Moved), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn migrate(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(process): Path<String>,
    Key(key): Key,
    Json(order): Json<Order>,
) -> Answered<Moved> {
    desk.must_have(Action::Versions)?;
    let plan = planned(&app, &process, &order).await?;
    moved(&app, &desk, &key, &plan).await
}

/// Move cases that came to a version back to where they came from
#[utoipa::path(post, path = "/processes/{process}/migration/undo", tag = "operations",
    params(("process" = String, Path), ("Idempotency-Key" = String, Header)), request_body = Order,
    responses((status = 200, body = Moved), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn undo(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(process): Path<String>,
    Key(key): Key,
    Json(order): Json<Order>,
) -> Answered<Moved> {
    desk.must_have(Action::Versions)?;
    let on = app.store.version_named(&process, order.to.as_deref()).await?;
    let plan = app.store.plan_undo(&on, order.cases.as_deref(), Some(limit(&order))).await?;
    moved(&app, &desk, &key, &plan).await
}

fn limit(order: &Order) -> usize {
    order.limit.unwrap_or(CASES_MAX).min(CASES_MAX)
}

async fn planned(app: &App, process: &str, order: &Order) -> Result<MigrationPlan, Problem> {
    let to = app.store.version_named(process, order.to.as_deref()).await?;
    let mut from: Vec<Version> = Vec::new();
    if let Some(named) = &order.from {
        from.push(app.store.version_named(process, Some(named)).await?);
    }
    Ok(app.store.plan_migration(&to, &from, order.cases.as_deref(), Some(limit(order))).await?)
}

async fn moved(app: &App, desk: &Desk, key: &str, plan: &MigrationPlan) -> Answered<Moved> {
    let actor = Actor::Person(desk.id.clone());
    let key = format!("{}:{key}", desk.id);
    let done = app.store.carry_out(plan, (&actor, &key), |_| ()).await?;
    let total = done.len();
    let stayed: Vec<Stayed> = done
        .into_iter()
        .filter(|case| case.refused.is_some())
        .map(|case| Stayed { case: case.case, why: case.refused.as_ref().map(Words::from) })
        .collect();
    Ok(Json(Moved { moved: (total - stayed.len()) as u64, stayed }))
}

fn shape(app: &App, plan: &MigrationPlan) -> PlanShape {
    PlanShape {
        process: plan.process.clone(),
        to: plan.to.no,
        to_hash: plan.to.hash.clone(),
        counts: plan.counts().into_iter().map(|(sort, count)| (word(sort).to_owned(), count)).collect(),
        reasons: plan.reasons(),
        late: plan.late(),
        cases: plan.cases.iter().map(|case| case_shape(app, case)).collect(),
    }
}

fn case_shape(app: &App, planned: &PlannedCase) -> CaseShape {
    let plan = &planned.plan;
    let reason = |reason: &tongban_engine::interpreter::Reason| ReasonShape {
        code: reason.code.clone(),
        about: reason.about.clone(),
        text: Words::from(&reason.message),
    };
    let late = |late: &tongban_engine::interpreter::Late| LateShape {
        what: late.what.clone(),
        id: late.id.clone(),
        due: app.calendar.format_moment(late.due),
    };
    CaseShape {
        case: plan.case.clone(),
        number: planned.number.clone(),
        title: planned.title.clone(),
        from: planned.from_no,
        sort: word(plan.sort).to_owned(),
        reasons: plan.reasons.iter().map(reason).collect(),
        changes: plan.changes.iter().map(Words::from).collect(),
        late: plan.late.iter().map(late).collect(),
    }
}

fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Unchanged => "unchanged",
        Sort::Moved => "moved",
        Sort::Undecided => "undecided",
        Sort::Refused => "refused",
    }
}
