//! Logging in and out, and changing one's password.

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use tongban_adapters::accounts::LoginError;

use super::{Page, ProblemBox};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::{Visit, cookie_name, forget, keep, notify},
    state::App,
    view::{messages::both, say},
};

/// Least and greatest length of a password, in characters.
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 12..=128;

/// The routes of the gate.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/login", get(show).post(log_in)).route("/logout", post(log_out)).route("/password", get(password).post(change))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    back: String,
}

#[derive(Serialize)]
struct Gate<'a> {
    login: &'a str,
    back: &'a str,
}

/// An address within this office, or the start page.
fn within(back: &str) -> &str {
    if back.starts_with('/') && !back.starts_with("//") && !back.contains('\\') { back } else { "/" }
}

async fn show(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Page {
    if visit.session().is_some() {
        return Ok(Redirect::to(within(&asked.back)).into_response());
    }
    draw(&app, &visit, &Gate { login: "", back: within(&asked.back) }, None)
}

fn draw(app: &App, visit: &Visit, gate: &Gate<'_>, problem: Option<&Problem>) -> Page {
    let banner = problem.map(|problem| ProblemBox::new(problem, visit.language(), false));
    let mut page = page::draw_gate(app, visit, say(visit.language(), "login.title"), "page/login", gate, banner.as_ref())?;
    *page.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(page)
}

async fn log_in(State(app): State<App>, visit: Visit, posted: Posted) -> Page {
    let gate = Gate { login: posted.get("login"), back: within(posted.get("back")) };
    let password = posted.fields.iter().find(|(name, _)| name == "password").map_or("", |(_, value)| value);
    match app.store.log_in(gate.login, password).await {
        Ok((session, token)) => {
            let to = if session.must_change { "/password" } else { gate.back };
            let mut response = Redirect::to(to).into_response();
            keep(&mut response, &session_cookie(&app, token));
            Ok(response)
        }
        Err(error) => match problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw(&app, &visit, &gate, Some(&problem)),
        },
    }
}

/// The cookie of a session: out of reach of scripts and of other sites.
pub(crate) fn session_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(app.secure), token)).path("/").http_only(true).same_site(SameSite::Lax).secure(app.secure).build()
}

/// A failed log-in as a problem; which of name and password was wrong is not said.
pub(crate) fn problem(app: &App, error: LoginError) -> Problem {
    match error {
        LoginError::Refused => Problem::invalid("login-failed", both("login.failed_detail")).titled(both("login.failed")),
        LoginError::Delayed(until) => Problem::wait(u64::try_from((until.0 - app.now().0) / 1000 + 1).unwrap_or(1)),
        LoginError::Busy => Problem::wait(2),
        LoginError::Password(_) => Problem::invalid("password", both("password.short")).titled(both("password.problem")),
        LoginError::Store(error) => error.into(),
    }
}

async fn log_out(State(app): State<App>, visit: Visit, _: Posted) -> Page {
    if let Some(token) = visit.token() {
        app.store.log_out(token).await?;
    }
    let mut response: Response = Redirect::to("/login").into_response();
    keep(&mut response, &forget(cookie_name(app.secure)));
    Ok(response)
}

#[derive(Serialize)]
struct Change {
    first: bool,
}

async fn password(State(app): State<App>, desk: Desk) -> Page {
    draw_change(&app, &desk, None).await
}

async fn draw_change(app: &App, desk: &Desk, problem: Option<&Problem>) -> Page {
    let first = desk.visit.session().is_some_and(|session| session.must_change);
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let mut page =
        page::draw(app, desk, say(desk.language(), "password.title"), "page/password", &Change { first }, banner.as_ref()).await?;
    *page.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(page)
}

async fn change(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let raw = |name: &str| posted.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let (current, new, again) = (raw("current"), raw("new"), raw("again"));
    let wrong = match () {
        () if !PASSWORD_CHARACTERS.contains(&new.chars().count()) => Some("password.short"),
        () if new != again => Some("password.differs"),
        () if new == current => Some("password.same"),
        () => None,
    };
    let refuse = |key| Problem::invalid("password", both(key)).titled(both("password.problem"));
    if let Some(key) = wrong {
        return draw_change(&app, &desk, Some(&refuse(key))).await;
    }
    let token = desk.visit.token().unwrap_or_default();
    match app.store.change_password(token, current, new).await {
        Ok(()) => Ok(notify(Redirect::to("/").into_response(), "good", "password.changed", &[])),
        Err(LoginError::Refused) => draw_change(&app, &desk, Some(&refuse("password.wrong"))).await,
        Err(error) => match problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw_change(&app, &desk, Some(&problem)).await,
        },
    }
}
