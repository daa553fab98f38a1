//! Logging in, with the second factor where there is one; logging out; changing one's password.

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use tongban_adapters::accounts::{Awaited, LoginError, PASSWORD_LETTERS_MAX, PASSWORD_LETTERS_MIN, PasswordFault, Passwords, Session};

use super::{Page, ProblemBox};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::{SESSION_COOKIE, Visit, forget, keep, notify},
    state::App,
    view::{messages::both, say},
};

/// The routes of the gate.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(show).post(log_in))
        .route("/login/factor", get(factor).post(give_factor))
        .route("/logout", post(log_out))
        .route("/password", get(password).post(change))
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
    platform: Option<&'a str>,
    platform_href: String,
}

/// An address within this office, or the start page.
pub(super) fn within(back: &str) -> &str {
    if back.starts_with('/') && !back.starts_with("//") && !back.contains('\\') { back } else { "/" }
}

/// An address with where to go on to.
pub(super) fn with_back(path: &str, back: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
    format!("{path}?{query}")
}

async fn show(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Page {
    if visit.session().is_some_and(|session| session.awaits.is_none()) {
        return Ok(Redirect::to(within(&asked.back)).into_response());
    }
    draw(&app, &visit, "", within(&asked.back), None)
}

/// The log-in page, with what went wrong.
pub(super) fn draw(app: &App, visit: &Visit, login: &str, back: &str, problem: Option<&Problem>) -> Page {
    let platform = app.identity.as_ref().map(|platform| platform.name().get(visit.language()));
    let gate = Gate { login, back, platform, platform_href: with_back("/login/platform", back) };
    let banner = problem.map(|problem| ProblemBox::new(problem, visit.language(), false));
    let mut page = page::draw_gate(app, visit, say(visit.language(), "login.title"), "page/login", &gate, banner.as_ref())?;
    *page.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(page)
}

async fn log_in(State(app): State<App>, visit: Visit, posted: Posted) -> Page {
    let (login, back) = (posted.get("login"), within(posted.get("back")));
    match app.store.log_in(login, posted.raw("password"), visit.origin()).await {
        Ok((session, token)) => {
            // whoever was logged in at this browser is so no more
            if let Some(before) = visit.token() {
                app.store.log_out(before).await?;
            }
            Ok(entered(&app, &session, token, back))
        }
        Err(error) => match problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw(&app, &visit, login, back, Some(&problem)),
        },
    }
}

/// Gives the browser its session and leads it to what is awaited, or to where it wanted to go.
pub(super) fn entered(app: &App, session: &Session, token: String, back: &str) -> Response {
    let to = match session.awaits {
        None => back.to_owned(),
        Some(Awaited::SecondFactor) => with_back("/login/factor", back),
        Some(Awaited::NewPassword) => "/password".to_owned(),
        Some(Awaited::Enrolment) => "/account/factor".to_owned(),
    };
    let mut response = Redirect::to(&to).into_response();
    keep(&mut response, &session_cookie(app, token));
    response
}

#[derive(Serialize)]
struct Half<'a> {
    back: &'a str,
}

async fn factor(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Page {
    match visit.session().map(|session| session.awaits) {
        Some(Some(Awaited::SecondFactor)) => draw_factor(&app, &visit, within(&asked.back), None),
        Some(_) => Ok(Redirect::to(within(&asked.back)).into_response()),
        None => Err(Problem::log_in()),
    }
}

fn draw_factor(app: &App, visit: &Visit, back: &str, problem: Option<&Problem>) -> Page {
    let banner = problem.map(|problem| ProblemBox::new(problem, visit.language(), false));
    let title = say(visit.language(), "factor.title");
    let mut page = page::draw_gate(app, visit, title, "page/login_factor", &Half { back }, banner.as_ref())?;
    *page.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(page)
}

async fn give_factor(State(app): State<App>, visit: Visit, posted: Posted) -> Page {
    let (token, back) = (visit.token().ok_or_else(Problem::log_in)?, within(posted.get("back")));
    match app.store.give_factor(token, posted.get("code"), visit.origin()).await {
        Ok((session, token)) => Ok(entered(&app, &session, token, back)),
        Err(LoginError::Refused) => draw_factor(&app, &visit, back, Some(&wrong_code())),
        Err(error) => match problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw_factor(&app, &visit, back, Some(&problem)),
        },
    }
}

/// 422: a code that is not hers, or was used.
pub(crate) fn wrong_code() -> Problem {
    Problem::invalid("wrong-code", both("factor.wrong_detail")).titled(both("factor.wrong"))
}

/// The cookie of a session: out of reach of scripts and of other sites.
pub(crate) fn session_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, token)).path("/").http_only(true).same_site(SameSite::Lax).secure(app.secure).build()
}

/// A failed log-in as a problem; which of name and password was wrong is not said.
pub(crate) fn problem(app: &App, error: LoginError) -> Problem {
    match error {
        LoginError::Refused => Problem::invalid("login-failed", both("login.failed_detail")).titled(both("login.failed")),
        LoginError::Delayed(until) => Problem::wait(u64::try_from((until.0 - app.now().0) / 1000 + 1).unwrap_or(1)),
        LoginError::Busy => Problem::wait(2),
        LoginError::Password(fault) => {
            let detail = match fault {
                PasswordFault::Short | PasswordFault::Long => both("password.short"),
                PasswordFault::Guessable => both("password.guessable"),
                PasswordFault::Classes => both("password.classes"),
                PasswordFault::Same => both("password.same"),
                PasswordFault::Used => both("password.used"),
            };
            Problem::invalid("password", detail).titled(both("password.problem"))
        }
        LoginError::Store(error) => error.into(),
    }
}

#[derive(Serialize)]
struct LoggedOut {
    name: String,
    href: String,
}

async fn log_out(State(app): State<App>, visit: Visit, _: Posted) -> Page {
    let mut farewell = None;
    if let (Some(token), Some(session)) = (visit.token(), visit.session()) {
        if let Some(platform) = app.identity.as_ref().filter(|_| session.login.is_empty()) {
            let href = platform.farewell(session).await?;
            farewell = href.map(|href| LoggedOut { name: platform.name().get(visit.language()).to_owned(), href });
        }
        app.store.log_out(token).await?;
    }
    // she came from the platform and may want to leave it too; a form may lead nowhere but here, a link may
    let mut response: Response = match farewell {
        Some(farewell) => page::draw_gate(&app, &visit, say(visit.language(), "login.out_title"), "page/logged_out", &farewell, None)?,
        None => Redirect::to("/login").into_response(),
    };
    keep(&mut response, &forget(SESSION_COOKIE));
    // nothing of what she saw stays behind in the browser
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

#[derive(Serialize)]
struct Change {
    first: bool,
    classes: bool,
    letters_min: usize,
    letters_max: usize,
}

async fn password(State(app): State<App>, desk: Desk) -> Page {
    if desk.session()?.login.is_empty() {
        return Err(Problem::not_found());
    }
    draw_change(&app, &desk, None).await
}

async fn draw_change(app: &App, desk: &Desk, problem: Option<&Problem>) -> Page {
    let change = Change {
        first: desk.session()?.awaits == Some(Awaited::NewPassword),
        classes: app.store.passwords() == Passwords::Djcp3,
        letters_min: PASSWORD_LETTERS_MIN,
        letters_max: PASSWORD_LETTERS_MAX,
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let mut page = page::draw(app, desk, say(desk.language(), "password.title"), "page/password", &change, banner.as_ref()).await?;
    *page.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(page)
}

async fn change(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let (current, new, again) = (posted.raw("current"), posted.raw("new"), posted.raw("again"));
    let refuse = |key| Problem::invalid("password", both(key)).titled(both("password.problem"));
    if new != again {
        return draw_change(&app, &desk, Some(&refuse("password.differs"))).await;
    }
    let token = desk.visit.token().unwrap_or_default();
    match app.store.change_password(token, current, new, desk.visit.origin()).await {
        Ok(token) => {
            let mut response = notify(Redirect::to("/").into_response(), "good", "password.changed", &[]);
            keep(&mut response, &session_cookie(&app, token));
            Ok(response)
        }
        Err(LoginError::Refused) => draw_change(&app, &desk, Some(&refuse("password.wrong"))).await,
        Err(error) => match problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw_change(&app, &desk, Some(&problem)).await,
        },
    }
}
