//! Who visits, in which language and size: read once a request, handed to every page as [`Visit`].

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use subtle::ConstantTimeEq;
use tongban_adapters::accounts::{Origin, Session};
use tongban_engine::text::Language;

use crate::{
    error::Problem,
    origin, random,
    state::App,
    view::{chrome::Notice, messages},
};

/// The cookie that a form's token is bound to before anybody has logged in.
const GATE_COOKIE: &str = "gate";

/// Endings of addresses that only take forms; the page they belong to stands before.
const FORM_ENDINGS: &[&str] = &[
    "/preview",
    "/reveal",
    "/supplement",
    "/withdraw",
    "/retry",
    "/close",
    "/confirm",
    "/new-password",
    "/disable",
    "/enable",
    "/end-session",
    "/end-sessions",
    "/end-factor",
    "/bind",
    "/unbind",
    "/entry",
    "/give-post",
    "/end-post",
    "/substitution",
    "/end-substitution",
    "/recusal",
    "/end-recusal",
    "/end",
    "/first-password",
    "/first-passwords",
    "/export",
    "/verify",
    "/decide",
];

/// One request's visitor.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

struct Inner {
    language: Language,
    large: bool,
    /// Path and query as asked.
    uri: axum::http::Uri,
    session: Option<Session>,
    /// The session's token.
    token: Option<String>,
    /// The token that her forms carry: the session's, or the gate's.
    csrf: String,
    origin: Origin,
    /// Came with `Authorization: Bearer`, which no other site can send: needs no form token.
    bearer: bool,
    /// What just happened.
    notice: Option<Notice>,
}

/// The session's cookie; over https its name has a prefix, see [`crate::headers::over_https`].
pub const SESSION_COOKIE: &str = "sid";

impl Visit {
    /// The language that she reads.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// 大字.
    pub fn large(&self) -> bool {
        self.0.large
    }

    /// Path and query as asked.
    pub fn uri(&self) -> &axum::http::Uri {
        &self.0.uri
    }

    /// Where she comes from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// Her session, if she is logged in, or about to be: see [`Session::awaits`].
    pub fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    /// What just happened, for the next page.
    pub fn notice(&self) -> Option<Notice> {
        self.0.notice.clone()
    }

    /// The token that her forms carry.
    pub fn csrf(&self) -> &str {
        &self.0.csrf
    }

    /// Her session's token.
    pub fn token(&self) -> Option<&str> {
        self.0.token.as_deref().filter(|_| self.0.session.is_some())
    }

    /// Whether a token is hers.
    pub fn accepts(&self, token: &str) -> bool {
        self.0.bearer || (!self.0.csrf.is_empty() && bool::from(self.0.csrf.as_bytes().ct_eq(token.as_bytes())))
    }

    /// The path of the page that she is at: one that answers a form stands at the form's own address, which nobody can
    /// follow a link to.
    pub fn page_path(&self) -> &str {
        let path = self.0.uri.path();
        FORM_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path)
    }

    /// This page with one query value changed: for the switches of language and size.
    pub fn with_query(&self, name: &str, value: &str) -> String {
        let path = self.page_path();
        let pairs = form_urlencoded::parse(self.0.uri.query().unwrap_or_default().as_bytes());
        let kept = pairs.filter(|(n, _)| n != name).collect::<Vec<_>>();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair(name, value).finish();
        format!("{path}?{query}")
    }
}

/// Reads the visitor before the handler; refuses writes from other sites; keeps choices made by query.
pub async fn attach(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if from_elsewhere(request.method(), request.headers()) {
        return Problem::csrf().into_response();
    }
    let jar = CookieJar::from_headers(request.headers());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let asked = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    let bearer = bearer(request.headers());
    let token = bearer.clone().or_else(|| jar.get(SESSION_COOKIE).map(|cookie| cookie.value().to_owned()));
    let session = match &token {
        Some(token) => match app.store.session(token).await {
            Ok(session) => session,
            Err(error) => return Problem::ours(&error).into_response(),
        },
        None => None,
    };
    let gate = jar.get(GATE_COOKIE).map(|cookie| cookie.value().to_owned());
    let new_gate = (session.is_none() && gate.is_none()).then(|| random::hex(16));
    let csrf = match &session {
        Some(session) => Some(session.csrf.clone()),
        None => gate.or_else(|| new_gate.clone()),
    };
    let chosen = |name: &str| asked(name).or_else(|| jar.get(name).map(|cookie| cookie.value().to_owned()));
    let language = language_of(chosen("lang").as_deref(), request.headers());
    let person = session.as_ref().map_or_else(|| "nobody".to_owned(), |session| session.person.clone());
    let page = request.method() == Method::GET
        && request.headers().get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/html"));
    let notice = jar.get(NOTICE_COOKIE).filter(|_| page).and_then(|cookie| notice_of(language, cookie.value()));
    let told = notice.is_some();
    let visit = Visit(Arc::new(Inner {
        language,
        notice,
        large: chosen("text").as_deref() == Some("large"),
        uri: request.uri().clone(),
        origin: origin::of(&request, &app.proxies),
        bearer: bearer.is_some() && session.is_some(),
        session,
        csrf: csrf.unwrap_or_default(),
        token,
    }));
    request.extensions_mut().insert(visit);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        tracing::warn!(person, %method, path, status = response.status().as_u16(), "refused");
    }
    for name in ["lang", "text"] {
        if let Some(value) = asked(name).filter(|value| matches!(value.as_str(), "zh" | "en" | "large" | "normal")) {
            keep(&mut response, &choice(name, value, app.secure));
        }
    }
    if told {
        keep(&mut response, &forget(NOTICE_COOKIE));
    }
    if let Some(gate) = new_gate {
        keep(
            &mut response,
            &Cookie::build((GATE_COOKIE, gate)).path("/").http_only(true).same_site(SameSite::Lax).secure(app.secure).build(),
        );
    }
    response
}

/// A write that another site's page makes the browser send.
fn from_elsewhere(method: &Method, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    !method.is_safe() && site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

/// Chosen; else what the browser prefers; else Chinese.
fn language_of(chosen: Option<&str>, headers: &HeaderMap) -> Language {
    let prefers = || headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    match chosen {
        Some("en") => Language::En,
        Some(_) => Language::Zh,
        None if prefers().starts_with("en") => Language::En,
        None => Language::Zh,
    }
}

fn choice(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").same_site(SameSite::Lax).secure(secure).permanent().build()
}

/// A cookie that takes one away.
pub fn forget(name: &str) -> Cookie<'_> {
    Cookie::build((name, "")).path("/").removal().build()
}

/// Adds a cookie to an answer.
pub fn keep(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::log_in)
    }
}

/// The cookie that carries what just happened to the next page.
const NOTICE_COOKIE: &str = "notice";

/// Tells on the next page what just happened: a text's key and its values, never a text, so that nobody can plant one.
pub fn notify(mut response: Response, tone: &str, key: &str, values: &[(&str, &str)]) -> Response {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("", &format!("{tone} {key}")).extend_pairs(values);
    let cookie = Cookie::build((NOTICE_COOKIE, pairs.finish())).path("/").http_only(true).same_site(SameSite::Lax);
    keep(&mut response, &cookie.build());
    response
}

/// The notice that a cookie carries.
fn notice_of(language: Language, cookie: &str) -> Option<Notice> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(cookie.as_bytes()).into_owned().collect();
    let (tone, key) = pairs.first()?.1.split_once(' ')?;
    let tone = ["good", "warn", "bad"].into_iter().find(|known| *known == tone)?;
    let text = messages::find(language, key)?.to_owned();
    let fill = |text: String, (name, value): &(String, String)| text.replace(&format!("{{{name}}}"), value);
    Some(Notice { tone, text: pairs[1..].iter().fold(text, fill) })
}
