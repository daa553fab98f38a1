//! The boxes of an inbox, and how much is in them.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::{CaseRow, Filter, Page};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answered, Caller,
    shapes::{CaseItem, Listed, TaskItem},
};
use crate::{
    error::{Body, Problem},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(counts)).routes(routes!(list))
}

#[derive(Serialize, ToSchema)]
struct Counts {
    /// 待办
    todo: u64,
    /// 待办, past its limit
    overdue: u64,
    /// 在办
    doing: u64,
    /// 已办
    done: u64,
    /// 我发起
    mine: u64,
    /// 抄送我的, not read yet
    unread: u64,
}

/// How many rows each box has
#[utoipa::path(get, path = "/inbox", tag = "inbox", responses((status = 200, body = Counts), (status = 401, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn counts(Caller(desk): Caller) -> Answered<Counts> {
    let counts = desk.counts().await?;
    let tongban_adapters::store::Counts { todo, overdue, doing, done, mine, unread } = *counts;
    Ok(Json(Counts { todo, overdue, doing, done, mine, unread }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Process id.
    process: Option<String>,
    /// Occurs in title, number or applicant's name.
    q: Option<String>,
    /// Due before this moment, RFC 3339.
    due_before: Option<String>,
    /// Page, from 1.
    page: Option<u32>,
}

/// One box: `todo`, `doing`, `done`, `mine`, `copied`, `unit`, `seen` (every case that the caller may see)
#[utoipa::path(get, path = "/inbox/{box}", tag = "inbox", params(("box" = String, Path), Asked),
    responses((status = 200, body = Listed), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn list(State(app): State<App>, Caller(desk): Caller, Path(which): Path<String>, Query(asked): Query<Asked>) -> Answered<Listed> {
    let page = asked.page.unwrap_or(1).max(1);
    let due_before = asked.due_before.as_deref().and_then(|at| app.calendar.parse_moment(at));
    let filter = Filter { process: asked.process, text: asked.q, due_before, page: page - 1, ..Filter::default() };
    if which == "todo" {
        let found = app.store.todo(&desk.id, &filter).await?;
        let tasks = found.rows.iter().map(|row| TaskItem::new(row, &app.calendar)).collect();
        return Ok(Json(Listed { total: found.total, page, tasks: Some(tasks), cases: None }));
    }
    let found: Page<CaseRow> = match which.as_str() {
        "doing" => app.store.doing(&desk.id, &filter).await?,
        "done" => app.store.done(&desk.id, &filter).await?,
        "mine" => app.store.mine(&desk.id, &filter).await?,
        "copied" => app.store.copied(&desk.id, &filter).await?,
        "unit" => app.store.of_units(&desk.id, &filter).await?,
        "seen" => app.store.seen(&desk.id, &filter).await?,
        _ => return Err(Problem::not_found()),
    };
    let cases = found.rows.iter().map(|row| CaseItem::new(row, &app.calendar)).collect();
    Ok(Json(Listed { total: found.total, page, tasks: None, cases: Some(cases) }))
}
