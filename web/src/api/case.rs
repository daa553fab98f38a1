//! One case: state, journal, document, file.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tongban_engine::{
    authority::{Action, Dossier, Sight, masked_event},
    interpreter::CaseStatus,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answered, Caller,
    shapes::{Happening, LightShape, Words},
};
use crate::{
    error::Body,
    state::App,
    view::{parts, standing::Standing, words::Teller},
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(case)).routes(routes!(journal))
}

#[derive(Serialize, ToSchema)]
struct CaseShape {
    case: String,
    number: Option<String>,
    title: String,
    process: String,
    process_name: Words,
    ended: bool,
    unit: String,
    applicant: String,
    application_no: String,
    source: String,
    received_at: String,
    /// Portal status code.
    portal: Option<String>,
    seq: u64,
    /// Ids of the nodes where it stands.
    at: Vec<String>,
    tasks: Vec<OpenTaskShape>,
    clocks: Vec<ClockShape>,
    /// Data by name: for those who see the whole case, with what is personal masked; the applicant's own.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
    materials: Vec<MaterialShape>,
    documents: Vec<DocumentShape>,
}

#[derive(Serialize, ToSchema)]
struct OpenTaskShape {
    task: u32,
    node: String,
    step: Words,
    role: String,
    unit: String,
    assignee: Option<String>,
    light: LightShape,
}

#[derive(Serialize, ToSchema)]
struct ClockShape {
    clock: String,
    name: Words,
    light: LightShape,
}

#[derive(Serialize, ToSchema)]
struct MaterialShape {
    material: String,
    name: String,
    size: u64,
    media_type: String,
    /// `clean`, `waiting` (for the scanner), `infected` (its content is gone), `unscanned`.
    state: String,
    /// Address of the file.
    href: String,
}

#[derive(Serialize, ToSchema)]
struct DocumentShape {
    no: u32,
    title: String,
    number: Option<String>,
    hash: String,
    made_at: String,
    /// Address of the page.
    href: String,
}

/// One case, as much of it as the caller may see
#[utoipa::path(get, path = "/cases/{case}", tag = "case", params(("case" = String, Path)),
    responses((status = 200, body = CaseShape), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn case(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Answered<CaseShape> {
    let (mut case, definition, sight) = desk.case(&id).await?;
    let (calendar, now) = (&definition.calendar, app.now());
    let sent = match sight {
        Sight::Office | Sight::Observer => None,
        _ => Some(crate::page::public_documents(&app, &case).await?),
    };
    case.documents.retain(|document| sent.as_ref().is_none_or(|sent| sight == Sight::Applicant && sent.contains(&document.no)));
    let step = |node: &str| definition.process.node(node).map(tongban_engine::definition::Node::title).unwrap_or_default();
    let tasks = case.tasks.iter().filter(|(no, _)| desk.sees_task(&case, &definition, **no)).map(|(no, task)| OpenTaskShape {
        task: *no,
        node: task.node.clone(),
        step: Words::from(&step(&task.node)),
        role: task.post.role.clone(),
        unit: task.post.unit.clone(),
        assignee: task.assignee.clone(),
        light: LightShape::new(&parts::task_light(task, calendar, now), calendar),
    });
    let clocks = case.clocks.iter().filter_map(|(id, record)| {
        let declared = definition.process.clocks.get(id)?;
        let light = LightShape::new(&parts::clock_light(&definition, id, record, now), calendar);
        Some(ClockShape { clock: id.clone(), name: Words::from(&declared.name), light })
    });
    let shape = CaseShape {
        tasks: tasks.collect(),
        clocks: clocks.collect(),
        at: if sight.is_whole() { case.tokens.values().map(|token| token.node.clone()).collect() } else { Vec::new() },
        materials: if sight == Sight::Consulted { Vec::new() } else { materials(&case, &Standing::of(&app, &case).await?) },
        documents: documents(&case, calendar),
        data: sight.data(Dossier { case: &case, definition: &definition }),
        number: case.facts.number.clone(),
        title: case.facts.title.clone(),
        process: case.process.clone(),
        process_name: Words::from(&definition.process.name),
        ended: case.status == CaseStatus::Ended,
        unit: case.facts.unit.clone(),
        applicant: case.facts.applicant.name.clone(),
        application_no: case.facts.application_no.clone(),
        source: case.facts.source.clone(),
        received_at: calendar.format_moment(case.facts.received_at),
        portal: case.portal.map(|status| status.code().to_owned()),
        seq: case.seq,
        case: case.id,
    };
    Ok(Json(shape))
}

fn materials(case: &tongban_engine::interpreter::Case, standing: &Standing) -> Vec<MaterialShape> {
    let shape = |given: &tongban_engine::interpreter::MaterialGiven| MaterialShape {
        material: given.material.clone(),
        name: given.name.clone(),
        size: given.size,
        media_type: given.media_type.clone(),
        state: standing.state(&given.file).word().to_owned(),
        href: format!("/cases/{}/files/{}", case.id, given.file),
    };
    case.materials.iter().map(shape).collect()
}

fn documents(case: &tongban_engine::interpreter::Case, calendar: &tongban_engine::calendar::Calendar) -> Vec<DocumentShape> {
    let shape = |document: &tongban_engine::interpreter::DocumentRef| DocumentShape {
        no: document.no,
        title: document.title.clone(),
        number: document.number.clone(),
        hash: document.hash.clone(),
        made_at: calendar.format_moment(document.made_at),
        href: format!("/cases/{}/documents/{}", case.id, document.no),
    };
    case.documents.iter().map(shape).collect()
}

#[derive(Serialize, ToSchema)]
struct JournalShape {
    seq: u64,
    at: String,
    /// Person id, platform id, or `system`.
    actor: String,
    /// What was asked.
    ask: String,
    /// What happened, and the same in words.
    happened: Happening,
    /// SM3 of this row and the one before it.
    hash: String,
    prev: String,
}

/// The journal of a case, for those who see the whole of it; what is personal is masked
#[utoipa::path(get, path = "/cases/{case}/journal", tag = "case", params(("case" = String, Path)),
    responses((status = 200, body = Vec<JournalShape>), (status = 401, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn journal(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Answered<Vec<JournalShape>> {
    let (case, definition) = desk.case_for(Action::SeeJournal, &id).await?;
    let of = Dossier { case: &case, definition: &definition };
    let mut teller = Teller::new(&definition, &desk.organisation, &desk.when);
    let mut rows = Vec::new();
    for row in app.store.journal(&id).await? {
        teller.learn(&row.events);
        let actor = match &row.actor {
            tongban_engine::interpreter::Actor::Person(id) | tongban_engine::interpreter::Actor::Platform(id) => id.clone(),
            tongban_engine::interpreter::Actor::System => "system".to_owned(),
        };
        let words = row.events.iter().filter_map(|event| teller.event(event)).collect();
        let at = definition.calendar.format_moment(row.at);
        let events = row.events.iter().map(|event| masked_event(of, event)).collect();
        let happened = Happening { events, words };
        rows.push(JournalShape { seq: row.seq, at, actor, ask: row.ask, happened, hash: row.hash, prev: row.prev });
    }
    Ok(Json(rows))
}
