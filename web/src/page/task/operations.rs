//! What can be done with a task besides its actions: claim, give back, transfer, urge, extend a clock.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::post,
};
use serde::Serialize;
use tongban_engine::{
    authority::{Action, Resource},
    definition::Operation as Allowed,
    interpreter::{Ask, CaseId, LocalNo},
};

use super::OpenTask;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page::Page,
    random,
    session::notify,
    state::App,
    view::{fill, say},
};

/// The routes of the operations.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{case}/tasks/{task}/claim", post(claim))
        .route("/cases/{case}/tasks/{task}/release", post(release))
        .route("/cases/{case}/tasks/{task}/transfer", post(transfer))
        .route("/cases/{case}/tasks/{task}/urge", post(urge))
        .route("/cases/{case}/tasks/{task}/clocks/{clock}/extend", post(extend))
}

/// One operation as the page offers it.
#[derive(Serialize)]
pub(super) struct Operation {
    simple: bool,
    href: String,
    key: String,
    name: String,
    hint: String,
    open: bool,
    people: Vec<Colleague>,
    reason_label: &'static str,
}

#[derive(Serialize)]
struct Colleague {
    id: String,
    name: String,
}

/// The operations that `desk` may try on a task now; the engine has the last word.
pub(super) fn operations(open: &OpenTask, desk: &Desk) -> Vec<Operation> {
    let language = desk.language();
    let (post, matter) = (&open.task.post, open.case.matter());
    let holds = desk.organisation.standing(&desk.id, &post.role, &post.unit, &matter).is_some();
    let stands_in = |assignee: &str| desk.organisation.absent_for(&desk.id, &matter).any(|(absent, _)| absent == assignee);
    let mine = open.task.assignee.as_deref().is_some_and(|assignee| assignee == desk.id || stands_in(assignee));
    if desk.may(Action::Operate, Resource::Case(open.dossier())).is_err() {
        return Vec::new();
    }
    let allowed = open.declared().map_or(&[][..], |task| &task.operations);
    let simple = |name, key, hint| Operation {
        simple: true,
        href: format!("{}/{name}", open.href()),
        key: random::hex(16),
        name: say(language, key).to_owned(),
        hint: say(language, hint).to_owned(),
        open: false,
        people: Vec::new(),
        reason_label: "",
    };
    let mut offered = Vec::new();
    match &open.task.assignee {
        None if holds => offered.push(simple("claim", "task.claim", "task.claim_hint")),
        Some(_) if mine => offered.push(simple("release", "task.release", "task.release_hint")),
        _ => {}
    }
    let colleagues = colleagues(open, desk);
    if allowed.contains(&Allowed::Transfer) && (holds || mine) && !colleagues.is_empty() {
        let operation = simple("transfer", "task.transfer", "task.transfer_hint");
        offered.push(Operation { simple: false, people: colleagues, reason_label: say(language, "task.reason"), ..operation });
    }
    if allowed.contains(&Allowed::Urge) {
        let operation = simple("urge", "task.urge", "task.urge_hint");
        offered.push(Operation { simple: false, reason_label: say(language, "task.note"), ..operation });
    }
    if allowed.contains(&Allowed::ExtendClock) {
        offered.extend(extensions(open, desk));
    }
    offered
}

fn colleagues(open: &OpenTask, desk: &Desk) -> Vec<Colleague> {
    let post = &open.task.post;
    let others = desk.organisation.workers(&post.role, &post.unit, open.case.matter()).filter(|(id, _)| *id != desk.id);
    others.map(|(id, person)| Colleague { id: id.to_owned(), name: person.name.clone() }).collect()
}

/// Running clocks that may be extended once more.
fn extensions(open: &OpenTask, desk: &Desk) -> Vec<Operation> {
    let language = desk.language();
    let running = open.case.clocks.iter().filter(|(_, record)| record.stopped.is_none());
    running
        .filter_map(|(id, record)| {
            let clock = open.definition.process.clocks.get(id)?;
            let extend = clock.extend.as_ref().filter(|extend| record.extensions.len() < extend.times as usize)?;
            let (by, times) = (extend.by.words(), extend.times.to_string());
            Some(Operation {
                simple: false,
                href: format!("{}/clocks/{id}/extend", open.href()),
                key: random::hex(16),
                name: fill(language, "task.extend", &[("name", clock.name.get(language))]),
                hint: fill(language, "task.extend_hint", &[("by", by.get(language)), ("times", &times)]),
                open: false,
                people: Vec::new(),
                reason_label: say(language, "task.reason"),
            })
        })
        .collect()
}

type Place = Path<(CaseId, LocalNo)>;

/// Carries out an operation and goes back to the task, or to the case if the task is no longer hers to see.
async fn carry_out(app: &App, desk: &Desk, (case, no): (CaseId, LocalNo), posted: &Posted, ask: Ask, done: &'static str) -> Page {
    desk.case_for(Action::Operate, &case).await?;
    app.store.submit(desk.command(&case, posted.key()?, ask)).await.map_err(Problem::from)?;
    let back = desk.back_to(&case, Some(no)).await?;
    Ok(notify(Redirect::to(&back).into_response(), "good", done, &[]))
}

async fn claim(State(app): State<App>, desk: Desk, Path(place): Place, posted: Posted) -> Page {
    let ask = Ask::Claim { task: place.1 };
    carry_out(&app, &desk, place, &posted, ask, "task.claimed").await
}

async fn release(State(app): State<App>, desk: Desk, Path(place): Place, posted: Posted) -> Page {
    let ask = Ask::Release { task: place.1 };
    carry_out(&app, &desk, place, &posted, ask, "task.released").await
}

async fn transfer(State(app): State<App>, desk: Desk, Path(place): Place, posted: Posted) -> Page {
    let ask = Ask::Transfer { task: place.1, to: posted.get("to").to_owned(), reason: posted.get("reason").to_owned() };
    carry_out(&app, &desk, place, &posted, ask, "task.transferred").await
}

async fn urge(State(app): State<App>, desk: Desk, Path(place): Place, posted: Posted) -> Page {
    let ask = Ask::Urge { task: place.1, note: posted.get("reason").to_owned() };
    carry_out(&app, &desk, place, &posted, ask, "task.urged").await
}

async fn extend(State(app): State<App>, desk: Desk, Path((case, no, clock)): Path<(CaseId, LocalNo, String)>, posted: Posted) -> Page {
    let ask = Ask::ExtendClock { clock, reason: posted.get("reason").to_owned() };
    carry_out(&app, &desk, (case, no), &posted, ask, "task.extended").await
}
