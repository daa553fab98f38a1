//! Units, people, rights, import and export, hand-over: what the pages of people do, as calls.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tongban_adapters::{hand_over::LeavingTask, store::PAGE_ROWS};
use tongban_engine::{
    organisation::{RegisterChange, sheet::SheetKind},
    text::Text,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller};
use crate::{
    desk::KEEPERS,
    error::{Body, Problem},
    hand_over::{HandedOver, Receivers, carry_out},
    page::admin::{PeopleAsked, import},
    people, random,
    state::App,
};
use tongban_engine::authority::Action;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(units))
        .routes(routes!(people_list))
        .routes(routes!(person))
        .routes(routes!(change))
        .routes(routes!(import_file))
        .routes(routes!(export))
        .routes(routes!(leaving, hand_over))
}

fn may_look(caller: &Caller) -> Result<(), Problem> {
    caller.0.must_have_one_of(&KEEPERS)
}

#[derive(Serialize, ToSchema)]
struct Units {
    /// Version of the register, which a change names.
    version: u64,
    /// Id → name, kind, parent, code, items.
    #[schema(value_type = Object)]
    units: Value,
    /// Id → since when (UTC milliseconds).
    #[schema(value_type = Object)]
    closed: Value,
}

/// Units
#[utoipa::path(get, path = "/units", tag = "people", responses((status = 200, body = Units), (status = 401, body = Body), (status = 403, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn units(State(app): State<App>, caller: Caller) -> Answered<Units> {
    may_look(&caller)?;
    let (version, register) = app.store.registered();
    Ok(Json(Units { version, units: json!(register.units), closed: json!(register.closed) }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Narrowed {
    /// In id, name, login or mail.
    q: Option<String>,
    /// Unit id: there or below.
    unit: Option<String>,
    /// Role id.
    role: Option<String>,
    /// `yes`: those who left.
    left: Option<String>,
    /// Page, from 1.
    page: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct People {
    version: u64,
    total: usize,
    /// Each with id, name, login, mail, posts, left.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Value>,
}

fn with_id(id: &str, of: impl Serialize) -> Value {
    let mut value = json!(of);
    if let Some(members) = value.as_object_mut() {
        members.insert("id".to_owned(), json!(id));
    }
    value
}

/// People
#[utoipa::path(get, path = "/people", tag = "people", params(Narrowed),
    responses((status = 200, body = People), (status = 401, body = Body), (status = 403, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn people_list(State(app): State<App>, caller: Caller, Query(asked): Query<Narrowed>) -> Answered<People> {
    may_look(&caller)?;
    let ((version, register), now) = (app.store.registered(), app.now());
    let Narrowed { q, unit, role, left, page } = asked;
    let text = Option::unwrap_or_default;
    let asked = PeopleAsked { q: text(q), unit: text(unit), role: text(role), left: text(left), page };
    let found: Vec<_> = register.people.iter().filter(|(id, official)| asked.takes(&register, id, official, now)).collect();
    let skip = (page.unwrap_or(1).max(1) - 1) as usize * PAGE_ROWS as usize;
    let rows = found.iter().skip(skip).take(PAGE_ROWS as usize).map(|(id, official)| with_id(id, official)).collect();
    Ok(Json(People { version, total: found.len(), rows }))
}

#[derive(Serialize, ToSchema)]
struct OnePerson {
    version: u64,
    /// Id, name, login, mail, posts with terms, left.
    #[schema(value_type = Object)]
    person: Value,
    /// Those she is in.
    #[schema(value_type = Vec<Object>)]
    substitutions: Vec<Value>,
    /// What she keeps away from.
    #[schema(value_type = Vec<Object>)]
    recusals: Vec<Value>,
}

/// One person
#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 200, body = OnePerson), (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn person(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Answered<OnePerson> {
    if caller.0.id != id {
        may_look(&caller)?;
    }
    let (version, register) = app.store.registered();
    let official = register.people.get(&id).ok_or_else(Problem::not_found)?;
    Ok(Json(OnePerson {
        version,
        person: with_id(&id, official),
        substitutions: register.substitutions.iter().filter(|s| s.absent == id || s.by == id).map(|s| json!(s)).collect(),
        recusals: register.recusals.iter().filter(|recusal| recusal.person == id).map(|recusal| json!(recusal)).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Changes {
    /// The version that was seen.
    version: u64,
    /// Each with `change` (`add_unit`, `change_unit`, `move_unit`, `close_unit`, `add_person`, `change_person`, `give_post`,
    /// `end_post`, `substitute`, `end_substitution`, `recuse`, `end_recusal`) and what it says; moments in UTC milliseconds.
    /// Somebody leaves by a hand-over.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Map<String, Value>>,
    /// Why; needed if some of the changes take two administrators.
    #[serde(default)]
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct Changed {
    /// The version that the changes made.
    version: u64,
    /// The proposal that waits for the second administrator, if some of the changes take two.
    proposal: Option<String>,
}

/// Change units, people and rights
#[utoipa::path(post, path = "/register/changes", tag = "people", request_body = Changes,
    responses((status = 200, body = Changed), (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn change(State(app): State<App>, Caller(desk): Caller, Json(asked): Json<Changes>) -> Answered<Changed> {
    let read = |mut change: Map<String, Value>| {
        if matches!(change.get("change").and_then(Value::as_str), Some("substitute" | "recuse")) {
            change.insert("id".to_owned(), json!(random::hex(16)));
        }
        serde_json::from_value::<RegisterChange>(Value::Object(change))
            .map_err(|error| Problem::bad_request(Text::new(format!("不认识的变更：{error}"), format!("not a change: {error}"))))
    };
    let changes = asked.changes.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() || changes.iter().any(|change| matches!(change, RegisterChange::Leave { .. })) {
        return Err(Problem::bad_request(Text::new("没有可执行的变更；离任请用移交", "no change to make; somebody leaves by a hand-over")));
    }
    let people::Changed { version, proposal } = people::change(&app, &desk, asked.version, &changes, &asked.reason).await?;
    Ok(Json(Changed { version, proposal }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Import {
    /// The version that an earlier look at the same file told: then it is applied.
    apply: Option<u64>,
    /// Why; needed if some of the posts take two administrators.
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Imported {
    version: u64,
    applied: bool,
    /// The proposal that waits for the second administrator, if some of the posts take two.
    proposal: Option<String>,
    /// By sheet: added, changed, same.
    #[schema(value_type = Object)]
    counts: Value,
    faults: Vec<SheetFault>,
    /// Faults beyond those told.
    more: usize,
}

#[derive(Serialize, ToSchema)]
struct SheetFault {
    sheet: String,
    row: usize,
    cell: String,
    column: String,
    code: String,
    message: String,
}

/// Look at a spreadsheet of units, people and posts, or apply it
#[utoipa::path(post, path = "/register/import", tag = "people", params(Import),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "An .xlsx file."),
    responses((status = 200, body = Imported), (status = 401, body = Body), (status = 403, body = Body), (status = 409, body = Body),
        (status = 413, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn import_file(State(app): State<App>, caller: Caller, Query(asked): Query<Import>, bytes: Bytes) -> Answered<Imported> {
    may_look(&caller)?;
    let desk = &caller.0;
    let (version, import) = import::looked_at(&app, desk, bytes.to_vec()).await?;
    let applies = asked.apply.is_some() && import.faults.is_empty() && !import.changes.is_empty();
    let reason = asked.reason.as_deref().unwrap_or_default();
    let people::Changed { version, proposal } = match asked.apply {
        Some(seen) if seen != version => return Err(Problem::refused(crate::view::messages::both("import.gone"))),
        Some(seen) if applies => people::change(&app, desk, seen, &import.changes, reason).await?,
        _ => people::Changed { version, proposal: None },
    };
    let counts: Map<String, Value> = import
        .counts
        .iter()
        .map(|(kind, counted): (&SheetKind, _)| {
            let counted = json!({ "added": counted.added, "changed": counted.changed, "same": counted.same });
            (kind.names().1.to_owned(), counted)
        })
        .collect();
    let fault = |fault: &tongban_engine::organisation::sheet::SheetFault| SheetFault {
        sheet: fault.sheet.clone(),
        row: fault.row,
        cell: fault.cell(),
        column: fault.heading.clone(),
        code: fault.code.to_owned(),
        message: fault.message.get(desk.language()).to_owned(),
    };
    let faults = import.faults.iter().map(fault).collect();
    Ok(Json(Imported { version, applied: applies, proposal, counts: Value::Object(counts), faults, more: import.more }))
}

/// Units, people and posts as a spreadsheet
#[utoipa::path(get, path = "/register/export", tag = "people",
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 401, body = Body), (status = 403, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn export(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    may_look(&caller)?;
    caller.0.must_be_fresh()?;
    import::exported(&app, &caller.0).await
}

#[derive(Serialize, ToSchema)]
struct Leaves {
    tasks: Vec<LeavesTask>,
}

#[derive(Serialize, ToSchema)]
struct LeavesTask {
    case: String,
    task: u32,
    step: String,
    role: String,
    unit: String,
    /// `has`, `alone`, `delegated`, `delegate`, `signs`.
    #[schema(value_type = String)]
    stake: Value,
    /// Person id → why not; null: may receive it.
    #[schema(value_type = Object)]
    receivers: Value,
}

/// What waits for somebody who leaves
#[utoipa::path(get, path = "/people/{id}/hand-over", tag = "people", params(("id" = String, Path)),
    responses((status = 200, body = Leaves), (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn leaving(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Answered<Leaves> {
    desk.must_have(Action::People)?;
    if !app.store.register().people.contains_key(&id) {
        return Err(Problem::not_found());
    }
    let language = desk.language();
    let task = |task: LeavingTask| LeavesTask {
        receivers: task
            .receivers
            .iter()
            .map(|(id, why)| (id.clone(), json!(why.as_ref().map(|why| why.message.get(language)))))
            .collect::<Map<_, _>>()
            .into(),
        stake: json!(task.stake),
        case: task.case,
        task: task.task,
        step: task.step.get(language).to_owned(),
        role: task.post.role,
        unit: task.post.unit,
    };
    Ok(Json(Leaves { tasks: app.store.leaving(&id).await?.tasks.into_iter().map(task).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOver {
    /// Who receives what no post below says; who could receive most, if absent.
    to: Option<String>,
    /// Who receives the tasks of a post: `role@unit` → person id.
    #[serde(default)]
    by_post: std::collections::BTreeMap<String, String>,
    /// Why.
    reason: String,
    /// Whether she leaves then.
    #[serde(default)]
    leaves: bool,
}

#[derive(Serialize, ToSchema)]
struct Handed {
    moved: usize,
    stayed: usize,
    left: bool,
    /// The proposal that she leaves, if that takes a second administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<String>,
}

/// Hand over the work of somebody who leaves; the same again has the effect of once
#[utoipa::path(post, path = "/people/{id}/hand-over", tag = "people", params(("id" = String, Path)), request_body = HandOver,
    responses((status = 200, body = Handed), (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn hand_over(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>, Json(asked): Json<HandOver>) -> Answered<Handed> {
    desk.must_have(Action::People)?;
    if asked.reason.trim().is_empty() {
        return Err(Problem::invalid("reason-required", crate::view::messages::both("hand_over.reason_needed")));
    }
    let receivers = Receivers { all: asked.to, by_post: asked.by_post };
    let HandedOver { moved, stayed, left, proposal } = carry_out(&app, &desk, &id, &receivers, (&asked.reason, asked.leaves)).await?;
    Ok(Json(Handed { moved, stayed, left, proposal }))
}
