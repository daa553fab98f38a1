//! One task: what it shows and offers, completing it, its operations, its draft.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_engine::{
    authority::{Action, masked, masked_event},
    interpreter::{Actor, Ask, LocalNo, may_act, offered_actions},
    text::{Language, Text},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answered, Caller, Key,
    shapes::{Done, Happening, LightShape, Reason, Words},
};
use crate::{
    desk::Desk,
    error::{Body, Problem},
    page::OpenTask,
    state::App,
    view::{parts, words::Teller},
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(task))
        .routes(routes!(complete))
        .routes(routes!(preview))
        .routes(routes!(claim))
        .routes(routes!(release))
        .routes(routes!(transfer))
        .routes(routes!(urge))
        .routes(routes!(extend))
        .routes(routes!(retry))
        .routes(routes!(draft, save_draft))
}

type Place = Path<(String, LocalNo)>;

#[derive(Serialize, ToSchema)]
struct TaskShape {
    case: String,
    task: u32,
    /// The case's journal stands here.
    seq: u64,
    node: String,
    step: Words,
    role: String,
    unit: String,
    assignee: Option<String>,
    light: LightShape,
    /// The caller may complete it.
    permitted: bool,
    /// Why not.
    why_not: Option<Words>,
    actions: Vec<ActionShape>,
    /// Names that it may write.
    edit: Vec<String>,
    /// What it shows: what is personal is masked, except what it may write.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

#[derive(Serialize, ToSchema)]
struct ActionShape {
    action: String,
    name: Words,
    /// Names that it requires.
    require: Vec<String>,
    /// Its condition holds now.
    offered: bool,
    /// Asks to be confirmed.
    confirm: bool,
    /// What follows, as far as the process says before anything is filled in.
    next: Option<Words>,
}

async fn open(desk: &Desk, place: &(String, LocalNo)) -> Result<OpenTask, Problem> {
    OpenTask::find(desk, &place.0, place.1).await?.2.ok_or_else(Problem::not_found)
}

/// One open task
#[utoipa::path(get, path = "/cases/{case}/tasks/{task}", tag = "task", params(("case" = String, Path), ("task" = u32, Path)),
    responses((status = 200, body = TaskShape), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn task(State(app): State<App>, Caller(desk): Caller, Path(place): Place) -> Answered<TaskShape> {
    let open = open(&desk, &place).await?;
    let (case, definition, task) = (&open.case, &open.definition, &open.task);
    let permitted = may_act(definition, case, open.no, &Actor::Person(desk.id.clone()), &desk.organisation, app.now());
    let look = |language| open.ahead(&desk.organisation, app.now(), language);
    let ahead = look(Language::Zh).zip(look(Language::En)).map(|(zh, en)| [zh, en]);
    let actions =
        offered_actions(definition, case, open.no, &desk.organisation, app.now()).into_iter().map(|(id, action, offered)| ActionShape {
            action: id.to_owned(),
            name: Words::from(&action.name),
            require: action.require.clone(),
            offered,
            confirm: action.confirm,
            next: ahead.as_ref().and_then(|[zh, en]| Some(Words::from(&Text::new(zh.of(action)?, en.of(action)?)))),
        });
    let shown = open.shown();
    let mut data = open.data();
    data.retain(|name, _| shown.contains(name));
    // what the step fills in comes as it is, for a mask would be sent back as the value
    let data = masked(open.dossier(), &data, open.edit());
    Ok(Json(TaskShape {
        case: case.id.clone(),
        task: open.no,
        seq: case.seq,
        node: task.node.clone(),
        step: Words::from(&definition.process.node(&task.node).map(tongban_engine::definition::Node::title).unwrap_or_default()),
        role: task.post.role.clone(),
        unit: task.post.unit.clone(),
        assignee: task.assignee.clone(),
        light: LightShape::new(&parts::task_light(task, &definition.calendar, app.now()), &definition.calendar),
        permitted: permitted.is_ok(),
        why_not: permitted.err().map(|why| Words::from(&why.message)),
        actions: actions.collect(),
        edit: open.edit().to_vec(),
        data,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Completion {
    /// Action id.
    action: String,
    /// Values by data name.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Carries out what was asked of a case that the caller may do it to.
async fn submit(app: &App, desk: &Desk, action: Action, case: &str, key: &str, ask: Ask) -> Answered<Done> {
    desk.case_for(action, case).await?;
    Ok(Json(app.store.submit(desk.command(case, key, ask)).await?.into()))
}

/// Complete a task by an action
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/complete", tag = "task",
    params(("case" = String, Path), ("task" = u32, Path), ("Idempotency-Key" = String, Header)), request_body = Completion,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn complete(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(place): Place,
    Key(key): Key,
    Json(asked): Json<Completion>,
) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &place.0, &key, Ask::Complete { task: place.1, action: asked.action, data: asked.data }).await
}

/// What completing it would cause: decided and thrown away
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/preview", tag = "task", params(("case" = String, Path), ("task" = u32, Path)),
    request_body = Completion,
    responses((status = 200, body = Happening), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn preview(State(app): State<App>, Caller(desk): Caller, Path(place): Place, Json(asked): Json<Completion>) -> Answered<Happening> {
    let open = open(&desk, &place).await?;
    open.must(&desk, Action::Act)?;
    let ask = Ask::Complete { task: place.1, action: asked.action, data: asked.data };
    let (_, events) = app.store.preview(desk.command(&place.0, &crate::random::hex(16), ask)).await?;
    let teller = Teller::new(&open.definition, &desk.organisation, &desk.when);
    let words = events.iter().filter_map(|event| teller.consequence(event)).collect();
    let whole = open.sight.is_whole();
    let events = events.iter().filter(|_| whole).map(|event| masked_event(open.dossier(), event)).collect();
    Ok(Json(Happening { events, words }))
}

/// Claim a task
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/claim", tag = "task",
    params(("case" = String, Path), ("task" = u32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn claim(State(app): State<App>, Caller(desk): Caller, Path(place): Place, Key(key): Key) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &place.0, &key, Ask::Claim { task: place.1 }).await
}

/// Give a claimed task back to its post
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/release", tag = "task",
    params(("case" = String, Path), ("task" = u32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn release(State(app): State<App>, Caller(desk): Caller, Path(place): Place, Key(key): Key) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &place.0, &key, Ask::Release { task: place.1 }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// Person id.
    to: String,
    /// Why.
    reason: String,
}

/// Give a task to another holder of its post
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/transfer", tag = "task",
    params(("case" = String, Path), ("task" = u32, Path), ("Idempotency-Key" = String, Header)), request_body = Transfer,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn transfer(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(place): Place,
    Key(key): Key,
    Json(asked): Json<Transfer>,
) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &place.0, &key, Ask::Transfer { task: place.1, to: asked.to, reason: asked.reason }).await
}

/// Urge a task
#[utoipa::path(post, path = "/cases/{case}/tasks/{task}/urge", tag = "task",
    params(("case" = String, Path), ("task" = u32, Path), ("Idempotency-Key" = String, Header)), request_body = Reason,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn urge(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(place): Place,
    Key(key): Key,
    Json(asked): Json<Reason>,
) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &place.0, &key, Ask::Urge { task: place.1, note: asked.reason }).await
}

/// Extend a legal clock
#[utoipa::path(post, path = "/cases/{case}/clocks/{clock}/extend", tag = "task",
    params(("case" = String, Path), ("clock" = String, Path), ("Idempotency-Key" = String, Header)), request_body = Reason,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn extend(
    State(app): State<App>,
    Caller(desk): Caller,
    Path((case, clock)): Path<(String, String)>,
    Key(key): Key,
    Json(asked): Json<Reason>,
) -> Answered<Done> {
    submit(&app, &desk, Action::Operate, &case, &key, Ask::ExtendClock { clock, reason: asked.reason }).await
}

/// Try again what an incident stopped
#[utoipa::path(post, path = "/cases/{case}/incidents/{incident}/retry", tag = "case",
    params(("case" = String, Path), ("incident" = u32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 409, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn retry(State(app): State<App>, Caller(desk): Caller, Path((case, incident)): Place, Key(key): Key) -> Answered<Done> {
    submit(&app, &desk, Action::Repair, &case, &key, Ask::Retry { incident }).await
}

/// A draft as it was typed: names and values of the form's inputs
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftShape {
    /// Pairs of name and value, in order.
    #[schema(value_type = Vec<Vec<String>>)]
    pub(super) fields: Vec<(String, String)>,
}

/// Pairs in one draft, at most.
const DRAFT_FIELDS_MAX: usize = 4_000;

/// Keeps a draft of the caller's; nothing is checked.
pub(super) async fn keep_draft(app: &App, desk: &Desk, about: &str, draft: &DraftShape) -> Result<StatusCode, Problem> {
    if draft.fields.len() > DRAFT_FIELDS_MAX {
        return Err(Problem::too_large("4000"));
    }
    let body = serde_json::json!({"fields": draft.fields});
    app.store.save_draft(&desk.id, about, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's draft of a task
#[utoipa::path(get, path = "/cases/{case}/tasks/{task}/draft", tag = "task", params(("case" = String, Path), ("task" = u32, Path)),
    responses((status = 200, body = DraftShape), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn draft(State(app): State<App>, Caller(desk): Caller, Path(place): Place) -> Answered<DraftShape> {
    open(&desk, &place).await?.must(&desk, Action::Draft)?;
    let draft = app.store.draft(&desk.id, &OpenTask::draft_name(&place.0, place.1)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(DraftShape { fields: serde_json::from_value(draft.body["fields"].clone()).unwrap_or_default() }))
}

/// Keep a draft of a task
#[utoipa::path(put, path = "/cases/{case}/tasks/{task}/draft", tag = "task", params(("case" = String, Path), ("task" = u32, Path)),
    request_body = DraftShape, responses((status = 204), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn save_draft(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(place): Place,
    Json(asked): Json<DraftShape>,
) -> Result<StatusCode, Problem> {
    open(&desk, &place).await?.must(&desk, Action::Draft)?;
    keep_draft(&app, &desk, &OpenTask::draft_name(&place.0, place.1), &asked).await
}
