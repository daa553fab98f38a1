//! What waits for the second administrator, and what was decided.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::store::{Change, Proposal, Verdict};
use tongban_engine::definition::THREE as DUTIES_OF_THREE;

use super::{
    Page, ProblemBox,
    admin::{Choice, others},
    audit,
};
use crate::{
    desk::{Desk, THREE},
    error::Problem,
    fields::Posted,
    page,
    session::notify,
    state::App,
    view::{audit::Side, say},
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/proposals", get(list))
        .route("/admin/proposals/emergency", post(emergency))
        .route("/admin/proposals/{id}", get(show))
        .route("/admin/proposals/{id}/decide", post(decide))
}

#[derive(Serialize)]
struct List<'a> {
    /// Who can be given a duty for an hour.
    people: Vec<Choice>,
    duties: Vec<Choice>,
    /// What was typed as the reason.
    typed: &'a str,
    total: usize,
    waiting: Vec<Row>,
    decided: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    href: String,
    kind: &'static str,
    about: String,
    reason: String,
    by: String,
    at: String,
    iso: String,
    until: String,
    tone: &'static str,
    shape: &'static str,
    state: &'static str,
    decided_by: String,
    decided_at: String,
    decided_reason: String,
}

/// `GET /admin/proposals`
async fn list(State(app): State<App>, desk: Desk) -> Page {
    draw_list(&app, &desk, None, None).await
}

async fn draw_list(app: &App, desk: &Desk, posted: Option<&Posted>, problem: Option<&Problem>) -> Page {
    desk.must_have_one_of(&THREE)?;
    let (waiting, decided) = (app.store.proposals_waiting().await?, app.store.proposals_decided().await?);
    let rows = |found: &[Proposal]| found.iter().map(|proposal| row(desk, proposal)).collect();
    let typed = |name: &str| posted.map(|posted| posted.get(name)).unwrap_or_default();
    let chosen = |id: &str, name: &str| posted.is_some_and(|posted| posted.get(name) == id);
    let register = app.store.register();
    let people = others(&register, &desk.id).into_iter().map(|choice| Choice { chosen: chosen(&choice.id, "person"), ..choice });
    let duty = |duty: &'static str| {
        let role = app.roles.values().find(|role| role.may.iter().any(|word| word == duty))?;
        Some(Choice { id: duty.to_owned(), name: role.name.get(desk.language()).to_owned(), chosen: chosen(duty, "duty") })
    };
    let page = List {
        people: people.collect(),
        duties: DUTIES_OF_THREE.into_iter().filter_map(duty).collect(),
        typed: typed("reason"),
        total: waiting.len(),
        waiting: rows(&waiting),
        decided: rows(&decided),
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let mut drawn = page::draw(app, desk, say(desk.language(), "proposals.title"), "page/proposals", &page, banner.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

/// `POST /admin/proposals/emergency`: for an hour somebody is to have a duty of the three.
async fn emergency(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    desk.must_have_one_of(&THREE)?;
    desk.must_be_fresh()?;
    let change = Change::Emergency { person: posted.get("person").to_owned(), duty: posted.get("duty").to_owned() };
    match app.store.propose(change, posted.get("reason"), &desk.id).await.map_err(Problem::from) {
        Ok(id) => Ok(notify(Redirect::to(&format!("/admin/proposals/{id}")).into_response(), "good", "people.waits", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => draw_list(&app, &desk, Some(&posted), Some(&problem)).await,
    }
}

fn row(desk: &Desk, proposal: &Proposal) -> Row {
    let (tone, shape, state) = match proposal.decision.as_ref().map(|decision| decision.verdict) {
        None => ("soon", "▲", "proposals.waiting"),
        Some(Verdict::Approved) => ("normal", "●", "proposals.approved"),
        Some(Verdict::Refused) => ("overdue", "✕", "proposals.refused"),
        Some(Verdict::Withdrawn) => ("none", "–", "proposals.withdrawn"),
        Some(Verdict::Expired) => ("none", "–", "proposals.expired"),
    };
    let kind = match proposal.change {
        Change::Register { .. } => "proposals.register",
        Change::Emergency { .. } => "proposals.emergency",
    };
    let decision = proposal.decision.as_ref();
    Row {
        href: format!("/admin/proposals/{}", proposal.id),
        kind: say(desk.language(), kind),
        about: proposal.about.split(", ").map(|id| desk.name_of(id)).collect::<Vec<_>>().join("、"),
        reason: proposal.reason.clone(),
        by: desk.name_of(&proposal.proposed_by),
        at: desk.when.moment(proposal.proposed_at),
        iso: desk.when.iso(proposal.proposed_at),
        until: desk.when.short(proposal.expires_at),
        tone,
        shape,
        state: say(desk.language(), state),
        decided_by: decision.map(|decision| desk.name_of(&decision.by)).unwrap_or_default(),
        decided_at: decision.map(|decision| desk.when.moment(decision.at)).unwrap_or_default(),
        decided_reason: decision.map(|decision| decision.reason.clone()).unwrap_or_default(),
    }
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    row: Row,
    sides: Vec<Side>,
    decide_href: String,
    may_decide: bool,
    may_withdraw: bool,
    /// What was typed as the reason.
    typed: &'a str,
}

/// `GET /admin/proposals/{id}`
async fn show(State(app): State<App>, desk: Desk, Path(id): Path<String>) -> Page {
    draw(&app, &desk, &id, "", None).await
}

async fn draw(app: &App, desk: &Desk, id: &str, typed: &str, problem: Option<&Problem>) -> Page {
    desk.must_have_one_of(&THREE)?;
    let proposal = app.store.proposal(id).await?.ok_or_else(Problem::not_found)?;
    let open = proposal.decision.is_none() && app.now() < proposal.expires_at;
    let own = proposal.proposed_by == desk.id;
    let page = Item {
        sides: audit::sides(app, desk, proposal.before.as_deref(), proposal.after.as_deref()),
        decide_href: format!("/admin/proposals/{id}/decide"),
        may_decide: open && !own && app.store.may_decide(&desk.id, &proposal),
        may_withdraw: open && own,
        row: row(desk, &proposal),
        typed,
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let title = say(desk.language(), "proposals.one");
    let mut drawn = page::draw(app, desk, title, "page/proposal", &page, banner.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

/// `POST /admin/proposals/{id}/decide`
async fn decide(State(app): State<App>, desk: Desk, Path(id): Path<String>, posted: Posted) -> Page {
    desk.must_have_one_of(&THREE)?;
    desk.must_be_fresh()?;
    let (verdict, done) = match posted.get("verdict") {
        "approve" => (Verdict::Approved, "proposals.done_approved"),
        "refuse" => (Verdict::Refused, "proposals.done_refused"),
        _ => (Verdict::Withdrawn, "proposals.done_withdrawn"),
    };
    let reason = posted.get("reason");
    match app.store.decide_proposal(&id, &desk.id, verdict, reason).await.map_err(Problem::from) {
        Ok(()) => Ok(notify(Redirect::to("/admin/proposals").into_response(), "good", done, &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => draw(&app, &desk, &id, reason, Some(&problem)).await,
    }
}
