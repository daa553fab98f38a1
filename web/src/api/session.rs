//! Logging in and out over the API.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller};
use crate::{
    error::{Body, Problem},
    page::gate,
    session::keep,
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_in, who, log_out))
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
}

/// Log in
#[utoipa::path(post, path = "/session", tag = "session", request_body = LogIn,
    responses((status = 200, body = LoggedIn), (status = 422, body = Body), (status = 429, body = Body)), security(()))]
async fn log_in(State(app): State<App>, Json(asked): Json<LogIn>) -> Result<Response, Problem> {
    let (session, token) = app.store.log_in(&asked.login, &asked.password).await.map_err(|error| gate::problem(&app, error))?;
    let body = LoggedIn { person: session.person, token: token.clone(), csrf: session.csrf, must_change: session.must_change };
    let mut response = Json(body).into_response();
    keep(&mut response, &gate::session_cookie(&app, token));
    Ok(response)
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
