//! What may be done with a case besides its tasks' actions, said beforehand; and doing it.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use tongban_engine::{
    authority::Action,
    interpreter::{Actor, AllowedOperation, allowed},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answered, Caller, Key,
    shapes::{Done, Words},
};
use crate::{error::Body, operation::OperationAsked, state::App};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(operations)).routes(routes!(operate))
}

/// An operation with one target
#[derive(Serialize, ToSchema)]
struct OperationShape {
    /// The dialect's word; also `claim`, `release`, `giveBack`, `sign`.
    operation: String,
    /// The task that it is about.
    task: Option<u32>,
    /// The token that would jump.
    token: Option<u32>,
    /// A step's node id, a clock's id, or a signer's person id.
    target: Option<String>,
    /// `here` or `through`.
    resume: Option<String>,
    allowed: bool,
    /// Code of the refusal.
    code: Option<String>,
    /// Why it is refused.
    why_not: Option<Words>,
    /// What it would take away, begin and reset.
    causes: CausesShape,
    /// It needs a reason.
    reason: bool,
    /// Somebody must be chosen: `to`.
    people: bool,
    /// Nothing brings back what it takes away.
    confirm: bool,
}

/// What an operation would take away, begin and reset
#[derive(Serialize, ToSchema)]
struct CausesShape {
    /// Tasks that are taken away.
    tasks: Vec<GoneShape>,
    /// Numbers of timers that are taken away.
    timers: Vec<u32>,
    /// Numbers of jobs that are taken away.
    jobs: Vec<u32>,
    /// Numbers of calls whose cases end.
    calls: Vec<u32>,
    /// Node ids of tasks that are opened.
    opens: Vec<String>,
    /// Node ids of steps that do not count as passed any more.
    undone: Vec<String>,
    /// Clocks that pause.
    pauses: Vec<String>,
    /// Clocks that go on.
    resumes: Vec<String>,
    /// Clocks that stop.
    stops: Vec<String>,
    /// Data names that are written.
    data: Vec<String>,
    /// The case ends.
    ends: bool,
}

#[derive(Serialize, ToSchema)]
struct GoneShape {
    task: u32,
    node: String,
}

impl From<AllowedOperation> for OperationShape {
    fn from(told: AllowedOperation) -> Self {
        let causes = told.causes;
        Self {
            operation: told.operation.to_owned(),
            task: told.task,
            token: told.token,
            target: told.target,
            resume: told.resume.map(|way| way.word().to_owned()),
            allowed: told.refused.is_none(),
            code: told.refused.as_ref().map(|refused| refused.code.clone()),
            why_not: told.refused.as_ref().map(|refused| Words::from(&refused.message)),
            causes: CausesShape {
                tasks: causes.tasks.into_iter().map(|(task, node)| GoneShape { task, node }).collect(),
                timers: causes.timers,
                jobs: causes.jobs,
                calls: causes.calls,
                opens: causes.opens,
                undone: causes.undone,
                pauses: causes.pauses,
                resumes: causes.resumes,
                stops: causes.stops,
                data: causes.data,
                ends: causes.ends,
            },
            reason: told.reason,
            people: told.people,
            confirm: told.confirm,
        }
    }
}

/// What the caller may do with a case: each operation and target, allowed or why not, and what it would cause
#[utoipa::path(get, path = "/cases/{case}/operations", tag = "operation", params(("case" = String, Path)),
    responses((status = 200, body = Vec<OperationShape>), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn operations(State(app): State<App>, Caller(desk): Caller, Path(case): Path<String>) -> Answered<Vec<OperationShape>> {
    let (case, definition) = desk.case_for(Action::Operate, &case).await?;
    let told = allowed(&definition, &case, &Actor::Person(desk.id.clone()), &desk.organisation, app.now());
    Ok(Json(told.into_iter().map(OperationShape::from).collect()))
}

/// Carry out an operation
#[utoipa::path(post, path = "/cases/{case}/operations", tag = "operation",
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)), request_body = OperationAsked,
    responses((status = 200, body = Done), (status = 400, body = Body), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn operate(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(case): Path<String>,
    Key(key): Key,
    Json(asked): Json<OperationAsked>,
) -> Answered<Done> {
    desk.case_for(Action::Operate, &case).await?;
    Ok(Json(app.store.submit(desk.command(&case, &key, asked.ask()?)).await?.into()))
}
