//! The portal for organisations: what they have applied for or reported, and how it stands, in what is public of it.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tongban_adapters::store::{CaseRow, Filter};
use tongban_engine::{
    authority::Action,
    definition::{Definition, PortalStatus},
    form::{FormView, Rights, from_fields, html},
    interpreter::{Ask, Case, CaseId, CaseStatus, Event, LocalNo, MaterialGiven, Waiter},
};

use super::{
    Page, ProblemBox,
    inbox::Asked,
    kept::{self, Kept},
    pages::Pages,
    task::draw::{Typed, attached, choices},
};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, random,
    reveal::{self, RevealLine},
    session::notify,
    state::App,
    upload::{self, Handing},
    view::{
        fill,
        parts::{self, ClockLine, DocumentLine, Entry, MaterialLine, TimelineEntry},
        say,
        standing::Standing,
        words::Teller,
    },
};

/// The name by which a message says which application it is about, as platforms do.
const APPLICATION_NO: &str = "application_no";

/// The routes of the portal.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/portal", get(list))
        .route("/portal/cases/{case}", get(super::case::show))
        .route("/portal/cases/{case}/supplement", post(supplement))
        .route("/portal/cases/{case}/withdraw", post(withdraw))
}

#[derive(Serialize)]
struct List {
    title: &'static str,
    sub: String,
    total: u64,
    rows: Vec<Row>,
    pages: Pages,
}

#[derive(Serialize)]
struct Row {
    href: String,
    title: String,
    process: String,
    number: Option<String>,
    tone: &'static str,
    shape: &'static str,
    status: String,
    unit: String,
    received: String,
    received_iso: String,
}

/// Colour, shape and words of a status as the applicant sees it.
fn status(portal: Option<PortalStatus>, ended: bool, desk: &Desk) -> (&'static str, &'static str, String) {
    let language = desk.language();
    match portal {
        Some(PortalStatus::Correction) => ("soon", "▲", PortalStatus::Correction.label().get(language).to_owned()),
        Some(status) if status.is_final() => ("none", "■", status.label().get(language).to_owned()),
        Some(status) if !ended => ("normal", "●", status.label().get(language).to_owned()),
        _ if ended => ("none", "■", say(language, "portal.closed").to_owned()),
        _ => ("normal", "●", say(language, "portal.submitted").to_owned()),
    }
}

/// `GET /portal`
async fn list(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    let language = desk.language();
    let page_no = asked.page();
    let found = app.store.mine(&desk.id, &Filter { page: page_no, ..Filter::default() }).await?;
    let row = |row: &CaseRow| {
        let (tone, shape, status) = status(row.portal, row.ended_at.is_some(), &desk);
        let unit = desk.organisation.units.get(&row.unit).map_or_else(|| row.unit.clone(), |unit| unit.name.get(language).to_owned());
        Row {
            href: format!("/portal/cases/{}", row.case),
            title: row.title.clone(),
            process: row.process_name.get(language).to_owned(),
            number: row.number.clone(),
            tone,
            shape,
            status,
            unit,
            received: desk.when.short(row.received_at),
            received_iso: desk.when.iso(row.received_at),
        }
    };
    let page = List {
        title: say(language, "portal.title"),
        sub: fill(language, "portal.sub", &[("unit", &desk.unit_name())]),
        total: found.total,
        rows: found.rows.iter().map(row).collect(),
        pages: Pages::new(&desk.visit, found.total, page_no),
    };
    page::draw(&app, &desk, page.title, "page/portal", &page, None).await
}

#[derive(Serialize)]
struct PortalCase {
    title: String,
    number: Option<String>,
    process: String,
    unit: String,
    tone: &'static str,
    shape: &'static str,
    status: String,
    data_html: String,
    timeline: Vec<TimelineEntry>,
    documents: Vec<DocumentLine>,
    materials: Vec<MaterialLine>,
    clocks: Vec<ClockLine>,
    supplement: Option<SupplementForm>,
    withdraw: Option<WithdrawForm>,
    /// Who looked at her personal data in full.
    reveals: Vec<RevealLine>,
}

#[derive(Serialize)]
struct SupplementForm {
    action: String,
    key: String,
    missing: Vec<String>,
    html: String,
}

#[derive(Serialize)]
struct WithdrawForm {
    action: String,
    key: String,
}

/// Numbers of the documents that were sent to the applicant.
pub(crate) async fn public_documents(app: &App, case: &Case) -> Result<BTreeSet<LocalNo>, Problem> {
    let mut sent = BTreeSet::new();
    for row in app.store.journal(&case.id).await? {
        for event in row.events {
            if let Event::PortalReported { documents, .. } = event {
                sent.extend(documents);
            }
        }
    }
    Ok(sent)
}

/// The message that a wait of the case is for, by what waits: a step (supplement) or an event over a scope (withdrawal).
fn awaited(case: &Case, by_step: bool) -> Option<String> {
    let found = case.waits.values().find(|wait| matches!(wait.waiter, Waiter::Token { ref node, .. } if stands_at(case, node)) == by_step);
    found.map(|wait| wait.message.clone())
}

/// Whether a token stands at the node itself, so that it is a step and not an event on a step's boundary.
fn stands_at(case: &Case, node: &str) -> bool {
    case.tokens.values().any(|token| token.node == node)
}

/// One case as its applicant sees it.
pub(super) async fn draw_case(
    app: &App,
    desk: &Desk,
    case: &Case,
    definition: &Definition,
    typed: Option<&Typed>,
    problem: Option<&Problem>,
) -> Page {
    let (language, when) = (desk.language(), &desk.when);
    let base = parts::case_href(&case.id);
    let journal = app.store.journal(&case.id).await?;
    let entries: Vec<Entry<'_>> = journal.iter().map(|row| Entry { at: row.at, actor: &row.actor, events: &row.events }).collect();
    let teller = Teller::new(definition, &desk.organisation, when);
    let sent = public_documents(app, case).await?;
    let ended = case.status == CaseStatus::Ended;
    let (tone, shape, status) = status(case.portal, ended, desk);
    let portal = format!("/portal/cases/{}", case.id);
    let unsent = supplement_files(app, desk, &case.id).files().await?;
    let supplement = awaited(case, true).filter(|_| !ended).map(|_| SupplementForm {
        action: format!("{portal}/supplement"),
        key: random::hex(16),
        missing: missing(&journal),
        html: supplement_html(desk, case, definition, typed, problem, &unsent),
    });
    let withdraw = awaited(case, false).filter(|_| !ended);
    let public = tongban_engine::interpreter::Case {
        documents: case.documents.iter().filter(|document| sent.contains(&document.no)).cloned().collect(),
        ..case.clone()
    };
    let page = PortalCase {
        title: case.facts.title.clone(),
        number: case.facts.number.clone(),
        process: definition.process.name.get(language).to_owned(),
        unit: teller.unit(&case.facts.unit),
        tone,
        shape,
        status,
        data_html: own_data(desk, case, definition),
        timeline: parts::public_timeline(&entries, &teller),
        documents: parts::documents(&public, &base, when),
        materials: parts::materials(case, definition, &base, &Standing::of(app, case).await?, language),
        clocks: if ended { Vec::new() } else { parts::clocks(case, None, definition, when) },
        supplement,
        reveals: reveal::lines(app, desk, definition, &case.id, false).await?,
        withdraw: withdraw.map(|_| WithdrawForm { action: format!("{portal}/withdraw"), key: random::hex(16) }),
    };
    let banner = problem.filter(|problem| problem.fields.is_empty()).map(|problem| ProblemBox::new(problem, language, true));
    let drawn = page::draw(app, desk, &page.title, "page/portal_case", &page, banner.as_ref()).await;
    drawn.map(|mut drawn| {
        *drawn.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
        drawn
    })
}

/// What the last request for correction named as missing: every list of texts among its details.
fn missing(journal: &[tongban_adapters::store::JournalRow]) -> Vec<String> {
    let correction = |event: &Event| match event {
        Event::PortalReported { status: PortalStatus::Correction, details, .. } => Some(details.clone()),
        _ => None,
    };
    let details = journal.iter().rev().find_map(|row| row.events.iter().rev().find_map(correction)).unwrap_or_default();
    let lists = details.values().filter_map(Value::as_array).flatten();
    lists.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn own_data(desk: &Desk, case: &Case, definition: &Definition) -> String {
    let Some(form) = parts::application_form(definition) else { return String::new() };
    let (units, people) = choices(desk, &case.facts.unit);
    let view = FormView {
        data: Some(&case.data),
        language: desk.language(),
        show: Rights::Everything,
        units: &units,
        people: &people,
        ..FormView::default()
    };
    html(form, &definition.standard, &view)
}

fn supplement_html(
    desk: &Desk,
    case: &Case,
    definition: &Definition,
    typed: Option<&Typed>,
    problem: Option<&Problem>,
    unsent: &[MaterialGiven],
) -> String {
    let Some(form) = parts::application_form(definition) else { return String::new() };
    let mut data = case.data.clone();
    if let Some(typed) = typed {
        data.extend(from_fields(form, &definition.standard, &typed.fields));
    }
    let (units, people) = choices(desk, &case.facts.unit);
    let mut given = attached(case, &parts::case_href(&case.id));
    given.extend(kept::attached(unsent));
    let view = FormView {
        data: Some(&data),
        errors: problem.map_or(&[], |problem| &problem.fields),
        language: desk.language(),
        edit: Rights::Everything,
        attach: true,
        attached: &given,
        units: &units,
        people: &people,
        add: typed.and_then(|typed| typed.get("_add")),
        ..FormView::default()
    };
    html(form, &definition.standard, &view)
}

/// `POST /portal/cases/{case}/supplement`
async fn supplement(State(app): State<App>, desk: Desk, Path(id): Path<CaseId>, mut posted: Posted) -> Page {
    let (case, definition) = desk.case_for(Action::Supplement, &id).await?;
    let typed = Typed { fields: posted.fields.clone(), saved: None };
    let form = parts::application_form(&definition);
    let (kept, files) = (supplement_files(&app, &desk, &id), std::mem::take(&mut posted.files));
    let handing = Handing { by: &desk.id, form, beside: case.materials.len() + kept.beside(&files).await? };
    let (uploaded, refused) = upload::keep(&app, &handing, files).await?;
    let materials = kept.with(uploaded).await?;
    // kept first: what the form is drawn with again, if it is; forgotten once it was taken
    kept.keep(&materials).await?;
    if refused.is_some() || tongban_engine::form::added_row(&posted.fields).is_some() {
        return draw_case(&app, &desk, &case, &definition, Some(&typed), refused.as_ref()).await;
    }
    let data = form.map(|form| from_fields(form, &definition.standard, &posted.fields)).unwrap_or_default();
    let ask = supplement_ask(&case, data, materials)?;
    let page = deliver(&app, &desk, &case, &definition, Some(&typed), (posted.key()?, ask), "portal.supplemented").await?;
    if page.status().is_redirection() {
        kept.forget().await?;
    }
    Ok(page)
}

/// The files of a supplement that is not sent yet.
fn supplement_files<'a>(app: &'a App, desk: &'a Desk, case: &str) -> Kept<'a> {
    Kept::of(app, desk, &format!("supplement:{case}"))
}

/// What the applicant was asked for, as the message that the case waits for.
pub(crate) fn supplement_ask(case: &Case, mut data: Map<String, Value>, materials: Vec<MaterialGiven>) -> Result<Ask, Problem> {
    let message = awaited(case, true).ok_or_else(Problem::not_found)?;
    data.insert(APPLICATION_NO.to_owned(), Value::from(case.facts.application_no.clone()));
    Ok(Ask::Deliver { message, data, materials })
}

/// `POST /portal/cases/{case}/withdraw`
async fn withdraw(State(app): State<App>, desk: Desk, Path(id): Path<CaseId>, posted: Posted) -> Page {
    let (case, definition) = desk.case_for(Action::Withdraw, &id).await?;
    let ask = withdraw_ask(&case, posted.get("reason"))?;
    deliver(&app, &desk, &case, &definition, None, (posted.key()?, ask), "portal.withdrawn").await
}

/// A withdrawal, as the message that the case waits for.
pub(crate) fn withdraw_ask(case: &Case, reason: &str) -> Result<Ask, Problem> {
    let message = awaited(case, false).ok_or_else(Problem::not_found)?;
    let values = [(APPLICATION_NO, case.facts.application_no.as_str()), ("reason", reason)];
    let data = values.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    Ok(Ask::Deliver { message, data, materials: Vec::new() })
}

async fn deliver(
    app: &App,
    desk: &Desk,
    case: &Case,
    definition: &Definition,
    typed: Option<&Typed>,
    (key, ask): (&str, Ask),
    done: &'static str,
) -> Page {
    match app.store.submit(desk.command(&case.id, key, ask)).await.map_err(Problem::from) {
        Ok(_) => Ok(notify(Redirect::to(&format!("/portal/cases/{}", case.id)).into_response(), "good", done, &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => draw_case(app, desk, case, definition, typed, Some(&problem)).await,
    }
}
