//! What the caller may start, starting it, and what an applicant sends afterwards.

use axum::{
    Json,
    extract::{FromRequest, Path, Request, State},
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tongban_engine::{
    authority::Action,
    interpreter::{Ask, MaterialGiven},
    text::Text,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answered, Caller, Key,
    shapes::{Done, GivenData, Reason, Words},
    task::{DraftShape, keep_draft},
};
use crate::{
    error::{Body, Problem},
    fields::{Posted, Upload},
    page::{portal, start},
    state::App,
    upload::{self, Handing},
    view::parts,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(processes))
        .routes(routes!(begin))
        .routes(routes!(save_draft))
        .routes(routes!(supplement))
        .routes(routes!(withdraw))
}

#[derive(Serialize, ToSchema)]
struct Startable {
    process: String,
    name: Words,
    /// Content hash of its version.
    version: String,
    /// Its form as JSON Schema.
    #[schema(value_type = Object)]
    form: Value,
    materials: Vec<MaterialAsked>,
}

#[derive(Serialize, ToSchema)]
struct MaterialAsked {
    material: String,
    name: Words,
    required: bool,
    /// Extensions taken.
    accept: Vec<String>,
}

/// What the caller may start
#[utoipa::path(get, path = "/start", tag = "start", responses((status = 200, body = Vec<Startable>), (status = 401, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn processes(State(app): State<App>, Caller(desk): Caller) -> Answered<Vec<Startable>> {
    let shape = |definition: &std::sync::Arc<tongban_engine::definition::Definition>| {
        let form = parts::start_form(definition);
        let materials = form.map_or(&[][..], |form| &form.materials).iter().map(|material| MaterialAsked {
            material: material.id.clone(),
            name: Words::from(&material.name),
            required: material.required,
            accept: material.accept.clone(),
        });
        Startable {
            process: definition.process.id.clone(),
            name: Words::from(&definition.process.name),
            version: definition.hash.clone(),
            form: form.map(|form| tongban_engine::form::json_schema(form, &definition.standard)).unwrap_or_default(),
            materials: materials.collect(),
        }
    };
    Ok(Json(app.store.startable(&desk.id).iter().map(shape).collect()))
}

/// Data, and files where the request is `multipart/form-data`: the part `data` holds the JSON, parts `materials.ID` the
/// files.
struct Given {
    data: Map<String, Value>,
    files: Vec<Upload>,
}

impl FromRequest<App> for Given {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let Json(given) = Json::<GivenData>::from_request(request, app).await.map_err(|error| malformed(&error.body_text()))?;
            return Ok(Self { data: given.data, files: Vec::new() });
        }
        // the caller's token came in a header, and was looked at before
        let posted = Posted::read(app, request, |_| true).await?;
        let data = posted.get("data");
        let data = if data.is_empty() { Map::new() } else { serde_json::from_str(data).map_err(|error| malformed(&error.to_string()))? };
        Ok(Self { data, files: posted.files })
    }
}

fn malformed(error: &str) -> Problem {
    Problem::bad_request(Text::new(
        format!("请求内容不是合法的 JSON：{error}"),
        format!("the request is not the JSON that it should be: {error}"),
    ))
}

/// Start a case
#[utoipa::path(post, path = "/start/{process}", tag = "start", params(("process" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = GivenData,
    responses((status = 200, body = Done), (status = 404, body = Body), (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn begin(State(app): State<App>, Caller(desk): Caller, Path(process): Path<String>, Key(key): Key, given: Given) -> Answered<Done> {
    let definition = start::startable(&app, &desk, &process)?;
    let handing = Handing { by: &desk.id, form: parts::start_form(&definition), beside: 0 };
    let materials: Vec<MaterialGiven> = upload::keep_all(&app, &handing, given.files).await?;
    let command = start::command(&app, &desk, &definition, &key, given.data, materials)?;
    Ok(Json(app.store.submit(command).await?.into()))
}

/// Keep a draft of a start
#[utoipa::path(put, path = "/start/{process}/draft", tag = "start", params(("process" = String, Path)), request_body = DraftShape,
    responses((status = 204), (status = 404, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn save_draft(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(process): Path<String>,
    Json(asked): Json<DraftShape>,
) -> Result<StatusCode, Problem> {
    start::startable(&app, &desk, &process)?;
    keep_draft(&app, &desk, &start::draft_name(&process), &asked).await
}

/// Send what a request for correction asked for
#[utoipa::path(post, path = "/cases/{case}/supplement", tag = "start", params(("case" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = GivenData,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn supplement(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>, Key(key): Key, given: Given) -> Answered<Done> {
    let (case, definition) = desk.case_for(Action::Supplement, &id).await?;
    let handing = Handing { by: &desk.id, form: parts::application_form(&definition), beside: case.materials.len() };
    let materials = upload::keep_all(&app, &handing, given.files).await?;
    let ask = portal::supplement_ask(&case, given.data, materials)?;
    Ok(Json(app.store.submit(desk.command(&id, &key, ask)).await?.into()))
}

/// Withdraw an application
#[utoipa::path(post, path = "/cases/{case}/withdraw", tag = "start", params(("case" = String, Path), ("Idempotency-Key" = String, Header)),
    request_body = Reason,
    responses((status = 200, body = Done), (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(id): Path<String>,
    Key(key): Key,
    Json(asked): Json<Reason>,
) -> Answered<Done> {
    let (case, _) = desk.case_for(Action::Withdraw, &id).await?;
    let ask: Ask = portal::withdraw_ask(&case, &asked.reason)?;
    Ok(Json(app.store.submit(desk.command(&id, &key, ask)).await?.into()))
}
