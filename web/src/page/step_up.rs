//! Showing anew who one is, and going on where one was: what was being posted is kept in the form and posted again.

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Query, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tongban_adapters::accounts::LoginError;

use super::{
    Page, ProblemBox,
    gate::{self, with_back, within},
};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::{Visit, keep},
    state::App,
    view::{messages::both, say},
};

/// A form of so many bytes or less is kept while she is asked.
const KEPT_BYTES_MAX: u64 = 64 * 1024;
/// The step-up form's own fields; all others are those of the form that waits.
const TO: &str = "_to";
const AGAIN: &str = "_again";
const PROOF: &str = "_proof";
const CSRF: &str = "_csrf";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/step-up", get(show).post(step_up))
}

/// A form that waits.
pub(super) type Kept = Vec<(String, String)>;

/// Looks at what a small form posts, without taking it from the handler.
pub(super) async fn look(request: Request) -> (Request, Option<Kept>) {
    let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    let form = request.method() == Method::POST && kind.starts_with(b"application/x-www-form-urlencoded");
    let small = request.body().size_hint().upper().is_some_and(|bytes| bytes <= KEPT_BYTES_MAX);
    if !(form && small) {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::try_from(KEPT_BYTES_MAX).unwrap_or_default()).await.unwrap_or_default();
    let kept = form_urlencoded::parse(&bytes).into_owned().collect();
    (Request::from_parts(parts, Body::from(bytes)), Some(kept))
}

#[derive(Serialize)]
struct Ask<'a> {
    to: &'a str,
    again: bool,
    kept: Vec<(&'a str, &'a str)>,
    /// Files cannot be kept.
    lost: bool,
    code: bool,
    password: bool,
    platform_href: Option<String>,
}

/// The form in place of the page that was asked for.
pub(super) async fn ask(app: &App, visit: &Visit, method: &Method, kept: Option<&Kept>, by_script: bool) -> Page {
    let desk = Desk::of(app, visit)?;
    let asked = visit.uri().path_and_query().map_or("/", |uri| uri.as_str());
    let to = if method.is_safe() || kept.is_some() { asked } else { visit.page_path() };
    let mut page = draw(app, &desk, to, kept.map(Vec::as_slice), !method.is_safe() && kept.is_none(), None).await?;
    *page.status_mut() = StatusCode::FORBIDDEN;
    // htmx would put the form into a corner of the page
    if by_script && let Ok(to) = HeaderValue::from_str(&with_back("/step-up", visit.page_path())) {
        page.headers_mut().insert("hx-redirect", to);
    }
    Ok(page)
}

async fn draw(app: &App, desk: &Desk, to: &str, kept: Option<&[(String, String)]>, lost: bool, problem: Option<&Problem>) -> Page {
    let session = desk.session()?;
    let code = app.store.has_factor(&desk.id).await?;
    let own = [TO, AGAIN, PROOF, CSRF];
    let fields = kept.unwrap_or_default().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let ask = Ask {
        to,
        again: kept.is_some(),
        kept: fields.filter(|(name, _)| !own.contains(name)).collect(),
        lost,
        code,
        password: !code && !session.login.is_empty(),
        platform_href: app.identity.as_ref().filter(|_| session.login.is_empty()).map(|_| {
            let back = if kept.is_some() { desk.visit.page_path() } else { to };
            format!("{}&fresh=1", with_back("/login/platform", back))
        }),
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    page::draw(app, desk, say(desk.language(), "step_up.title"), "page/step_up", &ask, banner.as_ref()).await
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    back: String,
}

/// `GET /step-up`
async fn show(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    draw(&app, &desk, within(&asked.back), None, false, None).await
}

/// `POST /step-up`
async fn step_up(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let (to, again) = (within(posted.get(TO)), !posted.get(AGAIN).is_empty());
    let token = desk.visit.token().ok_or_else(Problem::log_in)?;
    let problem = match app.store.step_up(token, posted.raw(PROOF), desk.visit.origin()).await {
        Ok((_, token)) => {
            // 307: the browser posts the same fields to the page that waits
            let mut response: Response = if again { Redirect::temporary(to).into_response() } else { Redirect::to(to).into_response() };
            keep(&mut response, &gate::session_cookie(&app, token));
            return Ok(response);
        }
        Err(LoginError::Refused) => Problem::invalid("step-up-failed", both("step_up.wrong_detail")).titled(both("step_up.wrong")),
        Err(error) => gate::problem(&app, error),
    };
    if problem.status.is_server_error() {
        return Err(problem);
    }
    let kept = again.then_some(posted.fields.as_slice());
    let mut page = draw(&app, &desk, to, kept, false, Some(&problem)).await?;
    *page.status_mut() = problem.status;
    Ok(page)
}
