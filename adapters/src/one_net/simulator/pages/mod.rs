//! The citizens' pages: rendered on the server, usable without script, Chinese first.

mod account;
mod application;
mod draw;
mod follow;
mod items;
mod operator;
mod upload;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tongban_engine::{
    text::{Language, Text},
    time::Moment,
};

use super::{
    platform::Platform,
    view::{View, ViewError},
};

const CITIZENS: &str = include_str!("../citizens.yaml");
const STYLE: &str = include_str!("../style.css");
/// All attachments of one form together.
const FORM_BYTES_MAX: usize = 60 * 1024 * 1024;
/// Nothing but our own style sheet and our own forms.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A fictional applicant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Citizen {
    id: String,
    name: String,
    kind: String,
    mail: String,
    about: Text,
    #[serde(default)]
    prefill: Map<String, Value>,
}

/// What pages share.
struct Desk {
    platform: Arc<Platform>,
    view: View,
    citizens: Vec<Citizen>,
}

type Shared = State<Arc<Desk>>;

pub(super) fn router(platform: Arc<Platform>) -> Result<Router, ViewError> {
    let citizens = crate::yaml::read(CITIZENS).map_err(|error| ViewError::Texts(format!("citizens.yaml: {error}")))?;
    let desk = Arc::new(Desk { platform, view: View::new()?, citizens });
    Ok(Router::new()
        .route("/", get(items::home))
        .route("/items/{task}", get(items::guide))
        .route("/items/{task}/apply", get(items::form).post(items::apply))
        .route("/applications", get(application::mine))
        .route("/applications/{no}", get(application::page))
        .route("/applications/{no}/documents/{id}", get(application::document))
        .route("/applications/{no}/rating", axum::routing::post(follow::rate))
        .route("/applications/{no}/supplement", get(follow::supplement_form).post(follow::supplement))
        .route("/applications/{no}/withdraw", get(follow::withdraw_form).post(follow::withdraw))
        .route("/login", get(account::login_page).post(account::login))
        .route("/logout", axum::routing::post(account::logout))
        .route("/language/{language}", get(account::language))
        .route("/operator", get(operator::page).post(operator::save))
        .route("/style.css", get(style))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn(guard))
        .with_state(desk))
}

async fn nowhere(State(desk): Shared, visitor: Visitor) -> Page {
    let message = desk.text(&visitor, "not_found_text");
    desk.say(StatusCode::NOT_FOUND, &visitor, "not_found", &message)
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Refuses forms posted from elsewhere; sets the security headers of every page.
async fn guard(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if request.method() == Method::POST && !matches!(site, None | Some("same-origin" | "none")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Who asks, in which language, for which page.
struct Visitor {
    citizen: Option<String>,
    language: Language,
    here: String,
}

impl FromRequestParts<Arc<Desk>> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Desk>) -> Result<Self, Self::Rejection> {
        let language = if cookie(&parts.headers, "language") == Some("en") { Language::En } else { Language::Zh };
        let citizen = cookie(&parts.headers, "citizen").map(str::to_owned);
        Ok(Self { citizen, language, here: parts.uri.path().to_owned() })
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Only our own paths: `//elsewhere` and `https://elsewhere` are not.
fn own_path(path: &str) -> &str {
    if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) { path } else { "/" }
}

/// Why there is no page.
enum Refusal {
    /// Log in first.
    LogIn(String),
    /// Nothing here, or not yours.
    NotFound(Language),
    /// Not possible now; says why.
    NotNow(String),
    /// Our fault.
    Broken(String),
}

type Page = Result<Response, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::LogIn(here) => Redirect::to(&format!("/login?back={here}")).into_response(),
            Self::NotFound(Language::Zh) => (StatusCode::NOT_FOUND, "没有这个页面").into_response(),
            Self::NotFound(Language::En) => (StatusCode::NOT_FOUND, "There is no such page").into_response(),
            Self::NotNow(reason) => (StatusCode::CONFLICT, reason).into_response(),
            Self::Broken(reason) => {
                tracing::error!(reason, "the simulator failed");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

impl Desk {
    fn text(&self, visitor: &Visitor, key: &str) -> String {
        self.view.text(key, visitor.language).to_owned()
    }

    fn citizen(&self, visitor: &Visitor) -> Option<&Citizen> {
        let id = visitor.citizen.as_deref()?;
        self.citizens.iter().find(|citizen| citizen.id == id)
    }

    /// The citizen, or the way to the log-in page.
    fn signed_in(&self, visitor: &Visitor) -> Result<&Citizen, Refusal> {
        self.citizen(visitor).ok_or_else(|| Refusal::LogIn(visitor.here.clone()))
    }

    /// Draws a page in its frame.
    fn draw(&self, visitor: &Visitor, template: &str, title: &str, page: &Value) -> Page {
        self.draw_with(StatusCode::OK, visitor, template, title, page)
    }

    fn draw_with(&self, status: StatusCode, visitor: &Visitor, template: &str, title: &str, page: &Value) -> Page {
        let other = if visitor.language == Language::Zh { ("en", "en") } else { ("zh", "zh-CN") };
        let frame = BTreeMap::from([
            ("citizen", self.citizen(visitor).map_or(Value::Null, |citizen| json!({"name": citizen.name}))),
            ("here", json!(visitor.here)),
            ("other_language", json!(other.0)),
            ("other_language_tag", json!(other.1)),
            ("at_home", json!(visitor.here == "/" || visitor.here.starts_with("/items"))),
            ("at_mine", json!(visitor.here.starts_with("/applications"))),
            ("at_operator", json!(visitor.here == "/operator")),
            ("zone", json!(self.platform.mapping.zone)),
        ]);
        let html = self.view.page(template, visitor.language, title, &frame, page).map_err(|error| Refusal::Broken(error.to_string()))?;
        Ok((status, Html(html)).into_response())
    }

    /// A page that only says something.
    fn say(&self, status: StatusCode, visitor: &Visitor, title: &str, message: &str) -> Page {
        let title = self.text(visitor, title);
        self.draw_with(status, visitor, "message", &title, &json!({"message": message}))
    }

    /// The times that rules may read; `received_at` is now, for what is only being applied for.
    fn times(&self, received_at: Option<Moment>) -> draw::Times {
        let now = self.platform.now();
        let zone = TimeZone::get(&self.platform.mapping.zone).unwrap_or(TimeZone::UTC);
        draw::Times { zone, received_at: received_at.unwrap_or(now), now }
    }

    /// The published item, in our words.
    fn item(&self, visitor: &Visitor, task: &str) -> Result<Value, Refusal> {
        self.platform.lock().state.items.get(task).cloned().ok_or(Refusal::NotFound(visitor.language))
    }

    /// All published items.
    fn items(&self) -> IndexMap<String, Value> {
        self.platform.lock().state.items.clone()
    }
}
