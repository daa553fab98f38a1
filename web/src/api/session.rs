//! Logging in and out over the API.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tongban_adapters::accounts::{Awaited, LoginError, Session};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, must_carry};
use crate::{
    error::{Body, Problem},
    page::gate,
    session::{Visit, keep},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_in, who, log_out)).routes(routes!(second_factor)).routes(routes!(step_up))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// Account name.
    login: String,
    /// Password.
    password: String,
}

#[derive(Serialize, ToSchema)]
struct LoggedIn {
    /// Person id.
    person: String,
    /// For `Authorization: Bearer`; the same token is set as the session cookie.
    token: String,
    /// For the header `x-csrf-token` where the cookie is used.
    csrf: String,
    /// The password must be changed.
    must_change: bool,
    /// What must be done before anything else: `second-factor-needed`, `change-password` or `enrol-second-factor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    awaits: Option<String>,
}

fn logged_in(app: &App, session: Session, token: String) -> Response {
    let body = LoggedIn {
        must_change: session.awaits == Some(Awaited::NewPassword),
        awaits: session.awaits.map(|awaited| Problem::awaited(awaited).code),
        person: session.person,
        token: token.clone(),
        csrf: session.csrf,
    };
    let mut response = Json(body).into_response();
    keep(&mut response, &gate::session_cookie(app, token));
    response
}

/// Log in
#[utoipa::path(post, path = "/session", tag = "session", request_body = LogIn,
    responses((status = 200, body = LoggedIn), (status = 422, body = Body), (status = 429, body = Body)), security(()))]
async fn log_in(State(app): State<App>, visit: Visit, Json(asked): Json<LogIn>) -> Result<Response, Problem> {
    let entered = app.store.log_in(&asked.login, &asked.password, visit.origin()).await;
    let (session, token) = entered.map_err(|error| gate::problem(&app, error))?;
    Ok(logged_in(&app, session, token))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// A one-time code, or a recovery code.
    code: String,
}

/// Complete a log-in with the second factor; the token is a new one from here
#[utoipa::path(post, path = "/session/second-factor", tag = "session", request_body = Code,
    responses((status = 200, body = LoggedIn), (status = 401, body = Body), (status = 403, body = Body), (status = 422, body = Body), (status = 429, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn second_factor(State(app): State<App>, visit: Visit, headers: HeaderMap, Json(asked): Json<Code>) -> Result<Response, Problem> {
    let token = visit.token().ok_or_else(Problem::log_in)?;
    must_carry(&visit, &headers)?;
    match app.store.give_factor(token, &asked.code, visit.origin()).await {
        Ok((session, token)) => Ok(logged_in(&app, session, token)),
        Err(LoginError::Refused) => Err(gate::wrong_code()),
        Err(error) => Err(gate::problem(&app, error)),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Proof {
    /// A one-time code or a recovery code; the password where there is no second factor.
    proof: String,
}

/// Show anew who one is, for what answers `step-up-needed`; good for five minutes, the token is a new one from here
#[utoipa::path(post, path = "/session/step-up", tag = "session", request_body = Proof,
    responses((status = 200, body = LoggedIn), (status = 401, body = Body), (status = 422, body = Body), (status = 429, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn step_up(State(app): State<App>, Caller(desk): Caller, Json(asked): Json<Proof>) -> Result<Response, Problem> {
    let token = desk.visit.token().ok_or_else(Problem::log_in)?;
    let shown = app.store.step_up(token, &asked.proof, desk.visit.origin()).await;
    let (session, token) = shown.map_err(|error| gate::problem(&app, error))?;
    Ok(logged_in(&app, session, token))
}

#[derive(Serialize, ToSchema)]
struct Whoami {
    /// Person id.
    person: String,
    /// Her name.
    name: String,
    /// Her posts.
    posts: Vec<PostShape>,
    /// For the header `x-csrf-token`.
    csrf: String,
}

#[derive(Serialize, ToSchema)]
struct PostShape {
    role: String,
    unit: String,
}

/// Who is logged in
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Whoami), (status = 401, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn who(Caller(desk): Caller) -> Answered<Whoami> {
    let posts = desk.person.posts.iter().map(|post| PostShape { role: post.role.clone(), unit: post.unit.clone() }).collect();
    Ok(Json(Whoami { person: desk.id.clone(), name: desk.person.name.clone(), posts, csrf: desk.visit.csrf().to_owned() }))
}

/// Log out
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204), (status = 401, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn log_out(State(app): State<App>, Caller(desk): Caller) -> Result<StatusCode, Problem> {
    if let Some(token) = desk.visit.token() {
        app.store.log_out(token).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
