//! Personal data in full: for what, and who looked.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tongban_engine::{
    authority::{Action, Sight},
    interpreter::LocalNo,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, shapes::Words};
use crate::{
    error::{Body, Problem},
    page::OpenTask,
    reveal::{self, Stated},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(purposes)).routes(routes!(reveal)).routes(routes!(reveals))
}

#[derive(Serialize, ToSchema)]
struct PurposeShape {
    purpose: String,
    name: Words,
}

/// What personal data may be looked at in full for
#[utoipa::path(get, path = "/reveal-purposes", tag = "case",
    responses((status = 200, body = Vec<PurposeShape>), (status = 401, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn purposes(State(app): State<App>, Caller(_): Caller) -> Answered<Vec<PurposeShape>> {
    Ok(Json(app.purposes.iter().map(|(id, name)| PurposeShape { purpose: id.clone(), name: Words::from(name) }).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// Data names.
    fields: Vec<String>,
    /// The task that shows them; without it, for officials of the unit that handles the case.
    task: Option<LocalNo>,
    /// Id of a purpose.
    purpose: String,
    /// Remark.
    #[serde(default)]
    remark: String,
}

#[derive(Serialize, ToSchema)]
struct Seen {
    /// Values by name, in full, here and nowhere else.
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

/// Personal data of a case in full: for a purpose, to who has just shown who she is, on record
#[utoipa::path(post, path = "/cases/{case}/reveal", tag = "case", params(("case" = String, Path)), request_body = Look,
    responses((status = 200, body = Seen), (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 422, body = Body), (status = 429, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn reveal(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>, Json(look): Json<Look>) -> Answered<Seen> {
    let (mut data, shown) = match look.task {
        Some(no) => {
            let open = OpenTask::find(&desk, &id, no).await?.2.ok_or_else(Problem::not_found)?;
            open.must(&desk, Action::Reveal)?;
            (open.data(), Some(open.shown()))
        }
        None => (desk.case_for(Action::Reveal, &id).await?.0.data, None),
    };
    // what a step does not show it does not reveal
    if look.fields.is_empty() || look.fields.iter().any(|name| shown.as_ref().is_some_and(|shown| !shown.contains(name))) {
        return Err(Problem::forbidden());
    }
    data.retain(|name, _| look.fields.contains(name));
    let stated = Stated { purpose: &look.purpose, remark: &look.remark };
    reveal::demand(&app, &desk, ("case", &id), data.keys().cloned().collect(), stated).await?;
    Ok(Json(Seen { values: data }))
}

#[derive(Serialize, ToSchema)]
struct RevealShape {
    at: String,
    /// Person id.
    person: String,
    /// The unit that she acted for.
    unit: String,
    purpose: String,
    fields: Vec<String>,
}

/// Who looked at personal data of a case in full: for those who see the whole case, and its applicant
#[utoipa::path(get, path = "/cases/{case}/reveals", tag = "case", params(("case" = String, Path)),
    responses((status = 200, body = Vec<RevealShape>), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn reveals(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Answered<Vec<RevealShape>> {
    let (_, definition, sight) = desk.case(&id).await?;
    if sight == Sight::Consulted {
        return Err(Problem::not_found());
    }
    let shape = |reveal: tongban_adapters::store::Reveal| RevealShape {
        at: definition.calendar.format_moment(reveal.at),
        person: reveal.person,
        unit: reveal.unit,
        purpose: reveal.purpose,
        fields: reveal.fields,
    };
    Ok(Json(app.store.reveals(&id).await?.into_iter().map(shape).collect()))
}
