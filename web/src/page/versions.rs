//! Versions of each process and the open cases on them: the plan of a new one, some cases first, the rest, and back.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::store::{MigrationPlan, PlannedCase, Version, VersionUse};
use tongban_engine::{
    authority::Action,
    diagnostic::Finding,
    interpreter::{Actor, Sort},
};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, random,
    session::notify,
    state::App,
    view::{fill, say},
};

/// Cases that one button press moves; the page shows how far it has come.
const CASES_MAX: usize = 500;
/// Cases of a plan that are shown.
const CASES_SHOWN: usize = 100;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/versions", get(list)).route("/versions/{process}", get(show)).route("/versions/{process}/move", post(migrate))
}

#[derive(Serialize)]
struct List {
    /// What the people there are cannot do of the processes.
    staffing: Vec<String>,
    rows: Vec<ProcessRow>,
}

#[derive(Serialize)]
struct ProcessRow {
    href: String,
    name: String,
    latest: u32,
    open: u64,
    elsewhere: u64,
}

#[derive(Serialize)]
struct Plan {
    name: String,
    href: String,
    key: String,
    rows: Vec<VersionRow>,
    to: u32,
    moved: u64,
    total: u64,
    sums: Vec<Sum>,
    late: Option<String>,
    cases: Vec<CaseLine>,
    more: Option<String>,
    can_move: bool,
    can_undo: bool,
}

#[derive(Serialize)]
struct VersionRow {
    no: u32,
    hash: String,
    at: String,
    open: u64,
    came: u64,
}

#[derive(Serialize)]
struct Sum {
    tone: &'static str,
    shape: &'static str,
    name: String,
    count: u64,
}

#[derive(Serialize)]
struct CaseLine {
    case: String,
    name: String,
    title: String,
    tone: &'static str,
    shape: &'static str,
    sort: String,
    goes: bool,
    lines: Vec<String>,
}

/// `GET /versions`: every process, those with cases on older versions first.
async fn list(State(app): State<App>, desk: Desk) -> Page {
    desk.must_have(Action::Versions)?;
    let mut rows = Vec::new();
    for definition in app.store.processes() {
        let uses = app.store.version_uses(&definition.process.id).await?;
        let open: u64 = uses.iter().map(|used| used.open).sum();
        let Some(latest) = uses.last() else { continue };
        rows.push(ProcessRow {
            href: format!("/versions/{}", definition.process.id),
            name: definition.process.name.get(desk.language()).to_owned(),
            latest: latest.version.no,
            open,
            elsewhere: open - latest.open,
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.elsewhere));
    let language = desk.language();
    let told = |found: Finding| format!("{} {}: {}", found.code, found.place, found.message.get(language));
    let staffing = app.store.staffing(&app.store.processes()).into_iter().map(told).collect();
    page::draw(&app, &desk, say(language, "versions.title"), "page/versions", &List { staffing, rows }, None).await
}

/// `GET /versions/{process}`: its versions, and what would become of the cases that are not on the latest.
async fn show(State(app): State<App>, desk: Desk, Path(process): Path<String>) -> Page {
    desk.must_have(Action::Versions)?;
    let definition = app.store.latest(&process).ok_or_else(Problem::not_found)?;
    let to = app.store.version_named(&process, None).await?;
    let uses = app.store.version_uses(&process).await?;
    let plan = app.store.plan_migration(&to, &[], None, Some(CASES_MAX)).await?;
    let page = drawn(&desk, definition.process.name.get(desk.language()), (&to, &uses), &plan);
    page::draw(&app, &desk, &page.name.clone(), "page/version_plan", &page, None).await
}

fn drawn(desk: &Desk, name: &str, (to, uses): (&Version, &[VersionUse]), plan: &MigrationPlan) -> Plan {
    let language = desk.language();
    let total: u64 = uses.iter().map(|used| used.open).sum();
    let on_it = uses.iter().find(|used| used.version == *to);
    let (moved, came) = on_it.map_or((0, 0), |used| (used.open, used.came));
    let mut cases: Vec<&PlannedCase> = plan.cases.iter().collect();
    cases.sort_by_key(|case| std::cmp::Reverse(case.plan.sort));
    let more = (cases.len() > CASES_SHOWN).then(|| fill(language, "versions.more", &[("count", &(cases.len() - CASES_SHOWN).to_string())]));
    let row = |used: &VersionUse| VersionRow {
        no: used.version.no,
        hash: used.version.hash.get(..12).unwrap_or_default().to_owned(),
        at: desk.when.short(used.version.at),
        open: used.open,
        came: used.came,
    };
    let sum = |(sort, count): (Sort, u64)| {
        let (tone, shape, name) = look(sort);
        Sum { tone, shape, name: say(language, name).to_owned(), count }
    };
    Plan {
        name: name.to_owned(),
        href: format!("/versions/{}/move", plan.process),
        key: random::hex(16),
        rows: uses.iter().rev().map(row).collect(),
        to: to.no,
        moved,
        total,
        sums: plan.counts().into_iter().map(sum).collect(),
        late: (plan.late() > 0).then(|| fill(language, "versions.late", &[("count", &plan.late().to_string())])),
        can_move: plan.cases.iter().any(|case| case.plan.reasons.is_empty()),
        can_undo: came > 0,
        cases: cases.into_iter().take(CASES_SHOWN).map(|case| line(desk, case)).collect(),
        more,
    }
}

fn line(desk: &Desk, planned: &PlannedCase) -> CaseLine {
    let language = desk.language();
    let (tone, shape, sort) = look(planned.plan.sort);
    let reasons = planned.plan.reasons.iter().map(|reason| reason.message.get(language).to_owned());
    let late = planned.plan.late.iter().map(|late| fill(language, "versions.late_at", &[("what", &late.id)]));
    let changes = planned.plan.changes.iter().map(|change| change.get(language).to_owned());
    CaseLine {
        case: planned.plan.case.clone(),
        name: planned.number.clone().unwrap_or_else(|| planned.plan.case.clone()),
        title: planned.title.clone(),
        tone,
        shape,
        sort: say(language, sort).to_owned(),
        goes: planned.plan.reasons.is_empty(),
        lines: reasons.chain(late).chain(changes).collect(),
    }
}

fn look(sort: Sort) -> (&'static str, &'static str, &'static str) {
    match sort {
        Sort::Unchanged => ("normal", "●", "versions.unchanged"),
        Sort::Moved => ("paused", "▶", "versions.moved"),
        Sort::Undecided => ("soon", "▲", "versions.undecided"),
        Sort::Refused => ("overdue", "✕", "versions.refused"),
    }
}

/// `POST /versions/{process}/move`: the chosen cases, the rest, or back; each only if it was confirmed.
async fn migrate(State(app): State<App>, desk: Desk, Path(process): Path<String>, posted: Posted) -> Page {
    desk.must_have(Action::Versions)?;
    let back = Redirect::to(&format!("/versions/{process}")).into_response();
    let to = app.store.version_named(&process, None).await?;
    let chosen: Vec<String> = posted.fields.iter().filter(|(name, _)| name == "case").map(|(_, case)| case.clone()).collect();
    let named = match posted.get("which") {
        "pilot" if chosen.is_empty() => return Ok(notify(back, "warn", "versions.none_chosen", &[])),
        "pilot" => Some(chosen.as_slice()),
        _ if posted.get("sure") != "yes" => return Ok(notify(back, "warn", "versions.not_sure", &[])),
        _ => None,
    };
    let plan = match posted.get("which") {
        "undo" => app.store.plan_undo(&to, None, Some(CASES_MAX)).await?,
        _ => app.store.plan_migration(&to, &[], named, Some(CASES_MAX)).await?,
    };
    let key = format!("{}:{}", desk.id, posted.key()?);
    let done = app.store.carry_out(&plan, (&Actor::Person(desk.id.clone()), &key), |_| ()).await?;
    let stayed = done.iter().filter(|case| case.refused.is_some()).count();
    let (moved, stayed) = ((done.len() - stayed).to_string(), stayed.to_string());
    Ok(notify(back, if stayed == "0" { "good" } else { "warn" }, "versions.done", &[("moved", &moved), ("stayed", &stayed)]))
}
