//! The case page: everything about one case, for anyone entitled to it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use serde::Serialize;
use tongban_adapters::{one_net::inbound::rating_of, store::ReadRow};
use tongban_engine::{
    authority::{Action, Dossier, Resource, Sight},
    diagram::{Overlay, draw as draw_diagram},
    form::{FormView, Rights, html},
    interpreter::{Ask, Case, CaseCopy, CaseId, CaseStatus, LocalNo},
};

use super::{
    Page,
    operation::{Offer, Withheld, offers},
    portal,
    task::draw::choices,
};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, random,
    reveal::{self, RevealForm, RevealLine, Stated},
    session::notify,
    state::App,
    view::{
        Lamp, fill,
        parts::{self, DocumentLine, Entry, Fact, Ledger, MaterialLine, TimelineEntry},
        say,
        standing::Standing,
        words::Teller,
    },
};

/// Looks at the case that its page lists.
const LOOKS_SHOWN: usize = 20;

#[derive(Serialize)]
struct CasePage {
    title: String,
    number: Option<String>,
    status: &'static str,
    process: String,
    applicant: String,
    portal: Option<String>,
    whole: bool,
    incidents: Vec<IncidentLine>,
    tasks: Vec<TaskLine>,
    diagram_svg: String,
    diagram_text: String,
    source: String,
    data_html: String,
    materials: Vec<MaterialLine>,
    documents: Vec<DocumentLine>,
    facts: Vec<Fact>,
    rating: Option<String>,
    timeline: Vec<TimelineEntry>,
    ledgers: Vec<Ledger>,
    suspended: Option<String>,
    copies: Vec<String>,
    offers: Vec<Offer>,
    withheld: Vec<Withheld>,
    /// Where it is said who may see and act.
    why: Option<String>,
    reveal: Option<RevealForm>,
    /// Who looked at personal data in full.
    reveals: Vec<RevealLine>,
    /// Who looked at it, latest first.
    looks: Vec<Look>,
}

#[derive(Serialize)]
struct Look {
    at: String,
    iso: String,
    who: String,
    what: String,
}

#[derive(Serialize)]
struct IncidentLine {
    at: String,
    message: String,
    /// Where it is tried again; the engine has the last word on who may.
    retry: Option<String>,
    key: String,
}

#[derive(Serialize)]
struct TaskLine {
    href: String,
    step: String,
    light: Lamp,
    who: String,
}

/// `GET /cases/{case}`: as an official, or as its applicant.
pub(super) async fn show(State(app): State<App>, desk: Desk, Path(id): Path<CaseId>) -> Page {
    drawn(&app, &desk, &id, false).await
}

/// `POST /cases/{case}/reveal`: personal data whole, for a stated purpose, on record.
pub(super) async fn look(State(app): State<App>, desk: Desk, Path(id): Path<CaseId>, posted: Posted) -> Page {
    let (case, definition) = desk.case_for(Action::Reveal, &id).await?;
    let fields = reveal::masked_names(&definition, case.data.keys(), &case.data);
    reveal::demand(&app, &desk, ("case", &id), fields, Stated { purpose: posted.get("purpose"), remark: posted.get("remark") }).await?;
    drawn(&app, &desk, &id, true).await
}

async fn drawn(app: &App, desk: &Desk, id: &CaseId, revealed: bool) -> Page {
    let (mut case, definition, sight) = desk.case(id).await?;
    if mark_read(app, desk, &case).await {
        case = desk.case(id).await?.0;
    }
    if sight == Sight::Applicant {
        return portal::draw_case(app, desk, &case, &definition, None, None).await;
    }
    let (language, when, whole) = (desk.language(), &desk.when, sight.is_whole());
    let base = parts::case_href(id);
    let journal = if whole { app.store.journal(id).await? } else { Vec::new() };
    let entries: Vec<Entry<'_>> = journal.iter().map(|row| Entry { at: row.at, actor: &row.actor, events: &row.events }).collect();
    let mut teller = Teller::new(&definition, &desk.organisation, when);
    let timeline = if whole { parts::timeline(&entries, &mut teller) } else { Vec::new() };
    let overlay = Overlay {
        active: case.tokens.values().map(|token| token.node.clone()).collect(),
        done: case.passed.keys().cloned().collect(),
        language,
        roles: app.roles.iter().map(|(id, role)| (id.clone(), role.name.clone())).collect(),
        ..Overlay::default()
    };
    let rating = rating_of(&app.store, &case).await?.map(|rating| {
        let comment = rating.comment.unwrap_or_default();
        fill(language, "case.rating_text", &[("level", &rating.level), ("comment", &comment)])
    });
    let (offers, withheld) = offers(&case, &definition, desk, None);
    let of = Dossier { case: &case, definition: &definition };
    let why = desk.may(Action::Explain, Resource::Case(of)).is_ok().then(|| format!("/why?case={id}"));
    let standing = Standing::of(app, &case).await?;
    let drawing = draw_diagram(&definition.process, &overlay);
    let page = CasePage {
        title: case.facts.title.clone(),
        number: case.facts.number.clone(),
        status: say(language, if case.status == CaseStatus::Ended { "case.ended" } else { "case.running" }),
        process: definition.process.name.get(language).to_owned(),
        applicant: case.facts.applicant.name.clone(),
        portal: case.portal.map(|status| status.label().get(language).to_owned()),
        whole,
        incidents: incidents(&case, desk, (sight == Sight::Office).then_some(&base)),
        tasks: tasks(&case, desk, &teller),
        diagram_svg: drawing.svg,
        diagram_text: drawing.twin.html(language),
        source: parts::source(&case, language),
        data_html: if whole { data_html(&case, &definition, desk, !revealed) } else { String::new() },
        materials: materials(sight, parts::materials(&case, &definition, &base, &standing, language)),
        documents: if whole { parts::documents(&case, &base, when) } else { Vec::new() },
        facts: parts::facts(&case, &teller),
        rating,
        timeline,
        ledgers: parts::ledgers(&case, &definition, when),
        suspended: case.suspended.as_ref().map(|suspension| {
            let since = when.moment(suspension.since);
            fill(language, "case.suspended", &[("since", &since), ("reason", &suspension.reason)])
        }),
        copies: copies(&case, desk, &teller),
        offers,
        withheld,
        why,
        reveal: if sight == Sight::Office && !revealed { reveal::form(app, language, format!("{base}/reveal")) } else { None },
        reveals: if whole { reveal::lines(app, desk, &definition, id, true).await? } else { Vec::new() },
        looks: if whole { looks(app, desk, id).await? } else { Vec::new() },
    };
    page::draw(app, desk, &page.title, "page/case", &page, None).await
}

/// Whoever opens a case has read the copies of it that she was sent; whether there were any.
async fn mark_read(app: &App, desk: &Desk, case: &Case) -> bool {
    let mut marked = false;
    for (no, _) in case.copies.iter().filter(|(_, copy)| copy.person == desk.id && copy.read.is_none()) {
        // one mark a copy, however often the page is opened; a case that takes no step is read all the same
        let asked = desk.command(&case.id, &format!("read-{no}"), Ask::MarkRead { no: *no });
        marked |= app.store.submit(asked).await.is_ok();
    }
    marked
}

/// What the viewer was sent copies with.
fn copies(case: &Case, desk: &Desk, teller: &Teller<'_>) -> Vec<String> {
    let hers = case.copies.values().filter(|copy| copy.person == desk.id);
    let told = |copy: &CaseCopy| {
        let who = copy.by.as_ref().map(|by| teller.person(by)).unwrap_or_default();
        let (at, step) = (desk.when.moment(copy.at), teller.step(&copy.node));
        fill(desk.language(), "case.copy", &[("who", &who), ("at", &at), ("step", &step), ("note", &copy.note)])
    };
    hers.map(told).collect()
}

/// Attachments as a sight lists them: what cannot be masked is opened only by who handles the case.
pub(super) fn materials(sight: Sight, lines: Vec<MaterialLine>) -> Vec<MaterialLine> {
    match sight {
        Sight::Office => lines,
        Sight::Observer => lines.into_iter().map(MaterialLine::closed).collect(),
        Sight::Consulted | Sight::Applicant => Vec::new(),
    }
}

async fn looks(app: &App, desk: &Desk, id: &str) -> Result<Vec<Look>, Problem> {
    let seen = app.store.reads(id).await?;
    let look = |read: &ReadRow| {
        let (what, no) = read.what.split_once(':').unwrap_or((&read.what, ""));
        let what = match what {
            "case" => say(desk.language(), "case.look_case").to_owned(),
            "document" => fill(desk.language(), "case.look_document", &[("no", no)]),
            "file" => say(desk.language(), "case.look_file").to_owned(),
            other => other.to_owned(),
        };
        Look { at: desk.when.moment(read.at), iso: desk.when.iso(read.at), who: desk.name_of(&read.person), what }
    };
    Ok(seen.iter().take(LOOKS_SHOWN).map(look).collect())
}

fn incidents(case: &Case, desk: &Desk, base: Option<&String>) -> Vec<IncidentLine> {
    let line = |(no, incident): (&LocalNo, &tongban_engine::interpreter::Incident)| IncidentLine {
        at: desk.when.moment(incident.at),
        message: incident.message.get(desk.language()).to_owned(),
        retry: base.map(|base| format!("{base}/incidents/{no}/retry")),
        key: random::hex(16),
    };
    case.incidents.iter().map(line).collect()
}

/// `POST /cases/{case}/incidents/{incident}/retry`: what stopped there is tried again; if it fails again, it says so again.
pub(super) async fn retry(State(app): State<App>, desk: Desk, Path((case, incident)): Path<(CaseId, LocalNo)>, posted: Posted) -> Page {
    desk.case_for(Action::Repair, &case).await?;
    app.store.submit(desk.command(&case, posted.key()?, Ask::Retry { incident })).await.map_err(Problem::from)?;
    Ok(notify(Redirect::to(&parts::case_href(&case)).into_response(), "good", "case.retried", &[]))
}

/// Open tasks; who was asked for one step only sees her own.
fn tasks(case: &Case, desk: &Desk, teller: &Teller<'_>) -> Vec<TaskLine> {
    let open = case.tasks.iter().filter(|(no, _)| desk.sees_task(case, teller.definition, **no));
    open.map(|(no, task)| {
        let light = parts::task_light(task, &teller.definition.calendar, desk.when.now());
        let who = match &task.assignee {
            Some(person) => teller.person(person),
            None => teller.post(&task.post),
        };
        TaskLine {
            href: format!("/cases/{}/tasks/{no}", case.id),
            step: teller.step(&task.node),
            light: Lamp::new(&light, &desk.when),
            who,
        }
    })
    .collect()
}

fn data_html(case: &Case, definition: &tongban_engine::definition::Definition, desk: &Desk, mask: bool) -> String {
    let Some(form) = parts::application_form(definition) else { return String::new() };
    let form = parts::with_handling(form, &case.data, definition);
    let (units, people) = choices(desk, &case.facts.unit);
    let view = FormView {
        data: Some(&case.data),
        language: desk.language(),
        show: Rights::Everything,
        mask,
        units: &units,
        people: &people,
        ..FormView::default()
    };
    html(&form, &definition.standard, &view)
}
