//! Logging in through the office's identity platform: away, and back.

use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect},
    routing::get,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;
use tongban_adapters::{
    accounts::LoginError,
    identity_platform::{PlatformError, RETURN_PATH, Returned},
};

use super::{
    Page,
    gate::{self, entered, within},
};
use crate::{
    error::Problem,
    session::{Visit, keep},
    state::App,
    view::messages::both,
};

/// What the browser takes along to the platform.
const COOKIE: &str = "departure";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/login/platform", get(depart)).route(RETURN_PATH, get(arrive))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    back: String,
    /// She has to show anew who she is.
    #[serde(default)]
    fresh: String,
}

/// `GET /login/platform`
async fn depart(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Page {
    let platform = app.identity.as_ref().ok_or_else(Problem::not_found)?;
    match platform.depart(within(&asked.back), !asked.fresh.is_empty()).await {
        Ok(departure) => {
            let mut response = Redirect::to(&departure.url).into_response();
            let cookie =
                Cookie::build((COOKIE, departure.cookie)).path("/login").http_only(true).same_site(SameSite::Lax).secure(app.secure);
            keep(&mut response, &cookie.build());
            Ok(response)
        }
        Err(error) => refused(&app, &visit, within(&asked.back), error),
    }
}

/// `GET /login/platform/return`
async fn arrive(State(app): State<App>, visit: Visit, headers: HeaderMap, Query(returned): Query<Returned>) -> Page {
    let platform = app.identity.as_ref().ok_or_else(Problem::not_found)?;
    let jar = CookieJar::from_headers(&headers);
    let cookie = jar.get(COOKIE).map(|cookie| cookie.value()).unwrap_or_default();
    let mut response = match platform.arrive(cookie, returned, visit.origin()).await {
        Ok(arrived) => {
            if let Some(before) = visit.token() {
                app.store.log_out(before).await?;
            }
            entered(&app, &arrived.session, arrived.token, within(&arrived.back))
        }
        Err(error) => refused(&app, &visit, "/", error)?,
    };
    keep(&mut response, &Cookie::build((COOKIE, "")).path("/login").removal().build());
    Ok(response)
}

/// Back at the gate with why; what exactly was not believed goes to the log, not to whoever tried.
fn refused(app: &App, visit: &Visit, back: &str, error: PlatformError) -> Page {
    let detail = match error {
        PlatformError::LogIn(LoginError::Store(error)) => return Err(error.into()),
        PlatformError::LogIn(LoginError::Refused) | PlatformError::Unknown => both("login.platform_unknown"),
        PlatformError::Denied(_) => both("login.platform_denied"),
        PlatformError::NotOurs(_) => both("login.platform_again"),
        PlatformError::Unreachable(_) | PlatformError::Settings(_) => both("login.platform_away"),
        PlatformError::Unbelieved(_) | PlatformError::LogIn(_) => both("login.platform_unbelieved"),
    };
    tracing::warn!(%error, "a log-in through the identity platform failed");
    let problem = Problem::invalid("platform-login", detail).titled(both("login.platform_failed"));
    gate::draw(app, visit, "", back, Some(&problem))
}
