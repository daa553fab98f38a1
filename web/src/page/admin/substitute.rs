//! `/me/substitute`: whoever will be away names who acts for her, for a term and some processes.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_engine::organisation::RegisterChange;

use super::{
    Choice, Page, ProblemBox,
    person::{SubstitutionRow, others, processes, substitution, substitutions},
};
use crate::{desk::Desk, error::Problem, fields::Posted, page, people, session::notify, state::App, view::say};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/me/substitute", get(show).post(name)).route("/me/substitute/end", post(end))
}

#[derive(Serialize)]
struct Mine {
    version: u64,
    substitutions: Vec<SubstitutionRow>,
    people: Vec<Choice>,
    processes: Vec<Choice>,
    by: String,
    from: String,
    until: String,
}

async fn show(State(app): State<App>, desk: Desk) -> Page {
    draw(&app, &desk, None, None).await
}

async fn draw(app: &App, desk: &Desk, posted: Option<&Posted>, problem: Option<&Problem>) -> Page {
    let ((version, register), language) = (app.store.registered(), desk.language());
    let typed = |name: &str| posted.map(|posted| posted.get(name).to_owned()).unwrap_or_default();
    let chosen = |id: &str| posted.is_some_and(|posted| posted.fields.iter().any(|(name, value)| name == "process" && value == id));
    let page = Mine {
        version,
        substitutions: substitutions(app, &register, language, &desk.id, app.now()),
        people: others(&register, &desk.id),
        processes: processes(app, language).into_iter().map(|choice| Choice { chosen: chosen(&choice.id), ..choice }).collect(),
        by: typed("by"),
        from: typed("from"),
        until: typed("until"),
    };
    let told = problem.map(|problem| ProblemBox::new(problem, language, true));
    let mut drawn = page::draw(app, desk, say(language, "people.my_substitute"), "page/substitute", &page, told.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

async fn name(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let outcome = match substitution(&app, &desk.id, &posted) {
        Ok(substitution) => people::change(&app, &desk, people::seen(&posted)?, &[RegisterChange::Substitute { substitution }], "").await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(_) => Ok(notify(Redirect::to("/me/substitute").into_response(), "good", "people.saved", &[])),
        Err(problem) if matches!(problem.status.as_u16(), 409 | 422) => draw(&app, &desk, Some(&posted), Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn end(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let changes = [RegisterChange::EndSubstitution { id: posted.get("which").to_owned() }];
    match people::change(&app, &desk, people::seen(&posted)?, &changes, "").await {
        Ok(_) => Ok(notify(Redirect::to("/me/substitute").into_response(), "good", "people.saved", &[])),
        Err(problem) if matches!(problem.status.as_u16(), 409 | 422) => draw(&app, &desk, None, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}
