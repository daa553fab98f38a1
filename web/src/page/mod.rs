//! Pages: one file each. Here: the frame around them, and problems drawn as pages.

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::store::Emergency;
use tongban_engine::text::Language;

use crate::{
    desk::Desk,
    error::{BodyField, CHANGE_PASSWORD, ENROL_FACTOR, Problem, SECOND_FACTOR, STEP_UP},
    session::Visit,
    state::App,
    view::{Chrome, chrome::Who, fill, say, templates::render},
};

mod account;
mod accounts;
pub(crate) mod admin;
pub(crate) mod audit;
mod case;
mod catalogue;
mod factor;
mod file;
pub(crate) mod gate;
mod home;
mod inbox;
pub(crate) mod intake;
mod kept;
pub(crate) mod operation;
pub(crate) mod outbox;
mod pages;
pub(crate) mod paper;
mod platform_login;
pub(crate) mod portal;
mod proposals;
mod rail;
pub(crate) mod start;
mod step_up;
mod task;
mod versions;
mod why;

pub(crate) use portal::public_documents;
pub(crate) use task::OpenTask;

/// Every page.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/inbox/{box}", get(inbox::show))
        .route("/cases/{case}", get(case::show))
        .route("/cases/{case}/reveal", post(case::look))
        .route("/cases/{case}/incidents/{incident}/retry", post(case::retry))
        .route("/cases/{case}/documents/{no}", get(paper::document))
        .route("/cases/{case}/documents/{no}/print", get(paper::print))
        .merge(file::routes())
        .route("/start", get(catalogue::show))
        .route("/start/{process}", get(start::show).post(start::submit))
        .merge(gate::routes())
        .merge(platform_login::routes())
        .merge(step_up::routes())
        .merge(account::routes())
        .merge(factor::routes())
        .merge(accounts::routes())
        .merge(task::routes())
        .merge(operation::routes())
        .merge(portal::routes())
        .merge(intake::routes())
        .merge(outbox::routes())
        .merge(versions::routes())
        .merge(why::routes())
        .merge(admin::routes())
        .merge(audit::routes())
        .merge(proposals::routes())
}

/// What a page answers with.
pub type Page = Result<Response, Problem>;

/// A page's own data with what every page needs.
#[derive(Serialize)]
struct Whole<'a, T> {
    csrf: &'a str,
    problem: Option<&'a ProblemBox>,
    #[serde(flatten)]
    page: &'a T,
}

/// A problem shown at the top of the page that it happened on.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemBox {
    title: String,
    detail: String,
    fields: Vec<ProblemField>,
}

#[derive(Clone, Debug, Serialize)]
struct ProblemField {
    message: String,
    href: Option<String>,
}

impl ProblemBox {
    /// The box of a problem, with links to the inputs; `linked` if the page has them.
    pub fn new(problem: &Problem, language: Language, linked: bool) -> Self {
        let body = problem.body(language);
        let field = |field: BodyField| ProblemField {
            href: linked.then(|| format!("#f-{}", field.path.replace('.', "-"))),
            message: field.message,
        };
        Self { title: body.title, detail: body.detail, fields: body.fields.into_iter().map(field).collect() }
    }
}

/// Draws a page for somebody who is logged in.
pub async fn draw<T: Serialize>(app: &App, desk: &Desk, title: &str, template: &str, page: &T, problem: Option<&ProblemBox>) -> Page {
    let chrome = Chrome {
        person: Some(Who { name: desk.person.name.clone(), post: desk.post_names() }),
        office: desk.unit_name(),
        rail: rail::rail(app, desk).await?,
        emergency: emergency(app, desk),
        notice: desk.visit.notice(),
        ..chrome(app, &desk.visit, title)
    };
    finish(&desk.visit, &chrome, template, page, problem)
}

/// What the three administrators are told while somebody has one of their duties for an hour.
fn emergency(app: &App, desk: &Desk) -> Option<String> {
    desk.must_have_one_of(&crate::desk::THREE).ok()?;
    let told = |emergency: &Emergency| {
        let role = app.roles.get(&emergency.role).map_or(emergency.role.as_str(), |role| role.name.get(desk.language()));
        let words = [("who", &*desk.name_of(&emergency.person)), ("role", role), ("until", &*desk.when.short(emergency.until))];
        fill(desk.language(), "proposals.emergency_now", &words)
    };
    let told: Vec<String> = app.store.emergencies().iter().map(told).collect();
    Some(told.join(" ")).filter(|told| !told.is_empty())
}

/// Draws a page for somebody at the gate.
pub fn draw_gate<T: Serialize>(app: &App, visit: &Visit, title: &str, template: &str, page: &T, problem: Option<&ProblemBox>) -> Page {
    finish(visit, &chrome(app, visit, title), template, page, problem)
}

fn chrome(app: &App, visit: &Visit, title: &str) -> Chrome {
    let language = visit.language();
    let (lang, other_lang, other) = match language {
        Language::Zh => ("zh-CN", "en", "en"),
        Language::En => ("en", "zh-CN", "zh"),
    };
    let driven = app.driven.as_ref().map(|_| fill(language, "app.driven_text", &[("at", &app.when(language).moment(app.now()))]));
    Chrome {
        lang,
        other_lang,
        title: title.to_owned(),
        large: visit.large(),
        switch_language: visit.with_query("lang", other),
        switch_text: visit.with_query("text", if visit.large() { "normal" } else { "large" }),
        csrf: visit.csrf().to_owned(),
        driven,
        ..Chrome::default()
    }
}

#[derive(Serialize)]
struct Framed<'a> {
    chrome: &'a Chrome,
    body: String,
}

fn finish<T: Serialize>(visit: &Visit, chrome: &Chrome, template: &str, page: &T, problem: Option<&ProblemBox>) -> Page {
    let whole = Whole { csrf: visit.csrf(), problem, page };
    let body = render(visit.language(), template, &whole).map_err(|error| Problem::ours(&error))?;
    let html = render(visit.language(), "layout", &Framed { chrome, body }).map_err(|error| Problem::ours(&error))?;
    Ok(Html(html).into_response())
}

#[derive(Serialize)]
struct ErrorPage {
    status: u16,
    title: String,
    detail: String,
    next: &'static str,
    actions: Vec<ErrorAction>,
    reference: Option<String>,
}

#[derive(Serialize)]
struct ErrorAction {
    href: &'static str,
    name: &'static str,
}

fn error_page(problem: &Problem, language: Language) -> ErrorPage {
    let body = problem.body(language);
    let next = match (problem.code.as_str(), problem.status) {
        ("csrf", _) => "error.csrf_next",
        (_, StatusCode::NOT_FOUND) => "error.not_found_next",
        (_, StatusCode::FORBIDDEN) => "error.forbidden_next",
        (_, StatusCode::INTERNAL_SERVER_ERROR) => "error.failed_next",
        _ => "error.conflict_next",
    };
    ErrorPage {
        status: body.status,
        title: body.title,
        detail: body.detail,
        next: say(language, next),
        actions: vec![ErrorAction { href: "/", name: say(language, "error.home") }],
        reference: body.reference,
    }
}

/// Turns problems of page routes into pages; who is not logged in is led to the gate and back.
pub async fn problems(State(app): State<App>, request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().cloned();
    let (method, by_script) = (request.method().clone(), request.headers().contains_key("hx-request"));
    let (request, posted) = step_up::look(request).await;
    let safe = method.is_safe();
    let response = next.run(request).await;
    let (Some(problem), Some(visit)) = (response.extensions().get::<Problem>().cloned(), visit) else { return response };
    if problem.status == StatusCode::UNAUTHORIZED {
        let back = if safe { visit.uri().path_and_query().map(ToString::to_string).unwrap_or_default() } else { String::new() };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("back", &back).finish();
        return Redirect::to(&format!("/login?{query}")).into_response();
    }
    match problem.code.as_str() {
        CHANGE_PASSWORD => return Redirect::to("/password").into_response(),
        SECOND_FACTOR => return Redirect::to("/login/factor").into_response(),
        ENROL_FACTOR => return Redirect::to("/account/factor").into_response(),
        STEP_UP => return step_up::ask(&app, &visit, &method, posted.as_ref(), by_script).await.into_response(),
        _ => {}
    }
    let page = error_page(&problem, visit.language());
    let drawn = match Desk::of(&app, &visit) {
        Ok(desk) => draw(&app, &desk, &page.title, "page/error", &page, None).await,
        Err(_) => draw_gate(&app, &visit, &page.title, "page/error", &page, None),
    };
    match drawn {
        Ok(mut drawn) => {
            *drawn.status_mut() = problem.status;
            drawn
        }
        Err(_) => response,
    }
}

/// `GET` of an address that no page has.
pub async fn nowhere() -> Problem {
    Problem::not_found()
}
