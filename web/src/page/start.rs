//! Starting a case by hand: the form of a process, with files, kept as a draft until it is sent.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tongban_engine::{
    authority::{Action, Resource},
    definition::Definition,
    form::{Attached, FormView, Rights, added_row, from_fields, html},
    interpreter::{Applicant, Ask, Command, MaterialGiven, Start},
    organisation::Person,
};

use super::{
    Page, ProblemBox, catalogue,
    catalogue::MaterialAsked,
    kept::{Kept, attached},
    task::draw::{Typed, choices},
};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, random,
    session::notify,
    state::App,
    upload::{self, Handing},
    view::{messages::both, parts, say},
};

#[derive(Serialize)]
struct StartPage {
    name: String,
    kind: &'static str,
    limits: Vec<String>,
    basis: Vec<String>,
    material_list: Vec<MaterialAsked>,
    catalogue_href: &'static str,
    action: String,
    draft_href: String,
    draft_at: Option<String>,
    key: String,
    unit: Option<String>,
    form_html: String,
}

pub(crate) fn startable(app: &App, desk: &Desk, process: &str) -> Result<Arc<Definition>, Problem> {
    app.store.startable(&desk.id).into_iter().find(|definition| definition.process.id == process).ok_or_else(Problem::not_found)
}

/// What the draft of a start is called.
pub(crate) fn draft_name(process: &str) -> String {
    format!("start:{process}")
}

/// `GET /start/{process}`
pub(super) async fn show(State(app): State<App>, desk: Desk, Path(process): Path<String>) -> Page {
    let definition = startable(&app, &desk, &process)?;
    let typed = Typed::draft(&app, &desk.id, &draft_name(&process)).await?;
    draw(&app, &desk, &definition, typed.as_ref(), None).await
}

/// The files of a start that is not sent yet.
fn kept<'a>(app: &'a App, desk: &'a Desk, definition: &Definition) -> Kept<'a> {
    Kept::of(app, desk, &draft_name(&definition.process.id))
}

async fn draw(app: &App, desk: &Desk, definition: &Definition, typed: Option<&Typed>, problem: Option<&Problem>) -> Page {
    let language = desk.language();
    let guide = catalogue::item(definition, language);
    let unit = handling_unit(desk, definition);
    let unit_name = unit.as_ref().and_then(|unit| desk.organisation.units.get(unit)).map(|unit| unit.name.get(language).to_owned());
    let page = StartPage {
        action: guide.href.clone(),
        draft_href: format!("/api/v1/start/{}/draft", definition.process.id),
        draft_at: typed.and_then(|typed| typed.saved).map(|at| desk.when.short(at)),
        key: random::hex(16),
        form_html: form_html(
            desk,
            definition,
            typed,
            problem,
            &attached(&kept(app, desk, definition).files().await?),
            unit.as_deref().unwrap_or_default(),
        ),
        unit: unit_name,
        name: guide.name,
        kind: guide.kind,
        limits: guide.limits,
        basis: guide.basis,
        material_list: guide.material_list,
        catalogue_href: "/start",
    };
    // the engine's form carries the summary of its own mistakes
    let banner = problem.filter(|problem| problem.fields.is_empty()).map(|problem| ProblemBox::new(problem, language, true));
    let drawn = page::draw(app, desk, &page.name, "page/start", &page, banner.as_ref()).await;
    drawn.map(|mut drawn| {
        *drawn.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
        drawn
    })
}

fn form_html(
    desk: &Desk,
    definition: &Definition,
    typed: Option<&Typed>,
    problem: Option<&Problem>,
    attached: &[Attached],
    unit: &str,
) -> String {
    let Some(form) = parts::start_form(definition) else { return String::new() };
    let data = typed.map(|typed| from_fields(form, &definition.standard, &typed.fields)).unwrap_or_default();
    let (units, people) = choices(desk, unit);
    let view = FormView {
        data: Some(&data),
        errors: problem.map_or(&[], |problem| &problem.fields),
        language: desk.language(),
        edit: Rights::Everything,
        attach: true,
        attached,
        units: &units,
        people: &people,
        add: typed.and_then(|typed| typed.get("_add")),
        ..FormView::default()
    };
    html(form, &definition.standard, &view)
}

/// Whose post lets her start a process: her own, or that of one who is away and for whom she acts.
fn starter<'a>(desk: &'a Desk, definition: &Definition) -> &'a Person {
    let granted = desk.may(Action::Start, Resource::Process(definition)).ok();
    let absent = granted.and_then(|grant| grant.standing.absent()).and_then(|absent| desk.organisation.people.get(absent));
    absent.unwrap_or(&desk.person)
}

/// The unit that handles what `desk` starts: the nearest from her own upwards that handles the item; her own, if the
/// process is no item.
fn handling_unit(desk: &Desk, definition: &Definition) -> Option<String> {
    let starter = starter(desk, definition);
    let own = desk.organisation.applicant_unit(starter).or(starter.posts.first().map(|post| post.unit.as_str()))?;
    let Some(item) = &definition.process.item else { return Some(own.to_owned()) };
    let units = &desk.organisation.units;
    let mut above = std::iter::successors(Some(own), |unit| units.get(*unit)?.parent.as_deref()).take(units.len());
    above.find(|unit| units.get(*unit).is_some_and(|unit| unit.items.contains(item))).map(str::to_owned)
}

/// `POST /start/{process}`
pub(super) async fn submit(State(app): State<App>, desk: Desk, Path(process): Path<String>, mut posted: Posted) -> Page {
    let definition = startable(&app, &desk, &process)?;
    let typed = Typed { fields: posted.fields.clone(), saved: None };
    let (kept, files) = (kept(&app, &desk, &definition), std::mem::take(&mut posted.files));
    let handing = Handing { by: &desk.id, form: parts::start_form(&definition), beside: kept.beside(&files).await? };
    let (uploaded, refused) = upload::keep(&app, &handing, files).await?;
    let materials = kept.with(uploaded).await?;
    if refused.is_some() || added_row(&posted.fields).is_some() {
        kept.keep(&materials).await?;
        return draw(&app, &desk, &definition, Some(&typed), refused.as_ref()).await;
    }
    let data = parts::start_form(&definition).map(|form| from_fields(form, &definition.standard, &posted.fields)).unwrap_or_default();
    let submitted = match command(&app, &desk, &definition, posted.key()?, data, materials.clone()) {
        Ok(command) => app.store.submit(command).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match submitted {
        Ok(answer) => {
            app.store.drop_draft(&desk.id, &draft_name(&process)).await?;
            kept.forget().await?;
            let number = answer.number.unwrap_or_else(|| say(desk.language(), "start.no_number").to_owned());
            let response = Redirect::to(&format!("/cases/{}", answer.case)).into_response();
            Ok(notify(response, "good", "start.submitted", &[("number", &number)]))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => {
            kept.keep(&materials).await?;
            draw(&app, &desk, &definition, Some(&typed), Some(&problem)).await
        }
    }
}

/// The command that starts a case for `desk`, or for the organisation that she acts for.
///
/// # Errors
/// If no unit handles it.
pub(crate) fn command(
    app: &App,
    desk: &Desk,
    definition: &Definition,
    key: &str,
    data: Map<String, Value>,
    materials: Vec<MaterialGiven>,
) -> Result<Command, Problem> {
    let unit = handling_unit(desk, definition).ok_or_else(|| Problem::invalid("no-unit", both("start.no_unit")))?;
    let organisation = desk.organisation.applicant_unit(starter(desk, definition));
    let name =
        organisation.and_then(|unit| desk.organisation.units.get(unit)).map_or(desk.person.name.clone(), |unit| unit.name.zh.clone());
    let start = Start {
        at: None,
        caller: None,
        process: definition.process.id.clone(),
        message: None,
        unit,
        applicant: Applicant {
            name,
            person: Some(desk.id.clone()),
            unit: organisation.map(str::to_owned),
            subject: None,
            mail: desk.person.mail.clone(),
        },
        application_no: None,
        source: if organisation.is_some() { "portal" } else { "office" }.to_owned(),
        received_at: app.now(),
        data,
        materials,
    };
    // the same key begins the same case, however often the form is sent
    let case = tongban_adapters::store::case_id_for(&format!("person:{}", desk.id), key);
    Ok(desk.command(&case, key, Ask::Start(Box::new(start))))
}
