//! An office of its own for each test, and visitors to it.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;
use tongban_adapters::{accounts::Passwords, clock::DrivenClock, config::StoreSettings, office, seal::Keyring, store::Store};
use tongban_engine::{definition::load_office, organisation::Organisation};
use tongban_web::{app::app, platform::Platforms, serve::ServeArgs, state::App};
use tower::ServiceExt;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "一句只有测试知道的话。";
/// When every test begins: a Monday.
const NOW: &str = "2026-11-23T09:30+08:00";

/// An office.
pub(crate) struct Office {
    router: Router,
    pub(crate) store: Store,
    _data: TempDir,
}

/// The command line, for its defaults.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

impl Office {
    /// The office of this repository with its demonstration organisation.
    pub(crate) async fn open() -> Self {
        Self::under(Passwords::Intl).await
    }

    /// The same under a profile for passwords.
    pub(crate) async fn under(passwords: Passwords) -> Self {
        Self::open_as(|_, text| text.to_owned(), |settings| StoreSettings { passwords, ..settings }).await
    }

    /// The same with files of the office, by their paths, and settings changed.
    pub(crate) async fn open_as(edit: impl Fn(&str, &str) -> String, change: impl FnOnce(StoreSettings) -> StoreSettings) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut bundle = office::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
        for (path, text) in &mut bundle.files {
            *text = edit(path, text);
        }
        let (office, _) = load_office(&bundle);
        let calendar = office.calendars["cn"].clone();
        let clock = Arc::new(DrivenClock::at(calendar.parse_moment(NOW).unwrap()));
        let settings = change(StoreSettings::embedded(data.path()));
        let store = Store::open(settings, Keyring::open(data.path()).unwrap(), clock.clone()).await.unwrap();
        store.deploy(&bundle).await.unwrap();
        let organisation: Organisation = tongban_adapters::yaml::read(&bundle.files["workflows/demo/organisation.yaml"]).unwrap();
        store.organise(organisation).await.unwrap();
        let arguments = Line::parse_from(["serve", "--data", &data.path().display().to_string()]).serve;
        let platforms = Arc::new(Platforms::open(&arguments, &store, &bundle).unwrap());
        let state = App {
            store: store.clone(),
            calendar,
            roles: office.roles.clone(),
            purposes: office.purposes.clone(),
            driven: Some(clock),
            ticker: platforms.clone(),
            inbound: platforms.clone(),
            identity: None,
            proxies: Arc::new([]),
            secure: false,
        };
        Self { router: app(state, platforms.routes()), store, _data: data }
    }

    /// A browser with nobody logged in.
    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), address: [192, 0, 2, 1] }
    }

    /// A browser with `person` logged in.
    pub(crate) async fn at_desk(&self, person: &str) -> Browser {
        if !self.store.has_account(person).await.unwrap() {
            self.store.set_account(person, person, PASSWORD, false).await.unwrap();
        }
        let mut browser = self.browser();
        browser.get("/login").await;
        let answer = browser.post("/login", &[("login", person), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// The clock, turned through the route that tests have.
    pub(crate) async fn turn(&self, advance: &str) {
        let request = Request::post("/test/clock").header(header::CONTENT_TYPE, "application/json");
        let body = serde_json::json!({"advance": advance}).to_string();
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

/// A browser without script, or a program.
pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// Where it stands.
    pub(crate) address: [u8; 4],
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The first value between two texts.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let rest = self.body.split_once(before).unwrap_or_else(|| panic!("no {before} in {}", self.body)).1;
        rest.split_once(after).unwrap().0.to_owned()
    }
}

/// Data as the fields of a form.
pub(crate) fn fields(data: &Value, path: &str) -> Vec<(String, String)> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match data {
        Value::Object(map) => map.iter().flat_map(|(name, value)| fields(value, &below(name))).collect(),
        Value::Array(items) => items.iter().enumerate().flat_map(|(index, value)| fields(value, &below(&index.to_string()))).collect(),
        Value::String(text) => vec![(path.to_owned(), text.clone())],
        other => vec![(path.to_owned(), other.to_string())],
    }
}

impl Browser {
    /// Forgets its cookies.
    pub(crate) fn forget(&mut self) {
        self.cookies.clear();
    }

    /// Sends a request with the cookies there are, and keeps those that come.
    pub(crate) async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let peer = ConnectInfo(SocketAddr::from((self.address, 50_000)));
        let mut request = Request::builder().method(method).uri(path).extension(peer);
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// `GET`, as a browser asks for a page.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", "text/html")], Body::empty()).await
    }

    /// The token that this browser's forms carry, as the page at `/password` or `/login` has it.
    pub(crate) async fn token(&mut self) -> String {
        let page = self.get("/password").await;
        let page = if page.status == StatusCode::OK { page } else { self.get("/login").await };
        page.between("name=\"_csrf\" value=\"", "\"")
    }

    /// Posts a form with its token and a fresh key.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        let key = format!("{path} {fields:?}");
        let mut pairs = vec![("_csrf", token.as_str())];
        if !fields.iter().any(|(name, _)| *name == "_key") {
            pairs.push(("_key", &key));
        }
        pairs.extend_from_slice(fields);
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(pairs).finish();
        self.send(Method::POST, path, &[("content-type", "application/x-www-form-urlencoded")], body).await
    }

    /// Posts a form with a file for each of `materials`.
    pub(crate) async fn post_files(&mut self, path: &str, fields: &[(String, String)], materials: &[(&str, &str, &[u8])]) -> Answer {
        const BOUNDARY: &str = "grenze";
        let mut body = Vec::new();
        let token = self.token().await;
        let own = [("_csrf".to_owned(), token), ("_key".to_owned(), format!("{path} {}", fields.len()))];
        for (name, value) in own.iter().chain(fields) {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        for (material, name, bytes) in materials {
            let head =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"materials.{material}\"; filename=\"{name}\"\r\n\r\n");
            body.extend(head.into_bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        self.send(Method::POST, path, &[("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"))], body).await
    }

    /// An API call with the session's token.
    pub(crate) async fn call(&mut self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        let token = self.token().await;
        let headers = [("content-type", "application/json"), ("x-csrf-token", token.as_str()), ("idempotency-key", key)];
        self.send(method, &format!("/api/v1{path}"), &headers, body.to_string()).await
    }
}
