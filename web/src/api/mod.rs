//! The JSON API, `/api/v1`: every act of a page as a call, by the same rules, with an OpenAPI document.

mod case;
mod inbox;
mod intake;
mod operation;
mod outbox;
mod session;
mod shapes;
mod start;
mod task;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Request},
    http::request::Parts,
    middleware::Next,
    response::Response,
    routing::get,
};
use tongban_engine::text::Text;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{desk::Desk, error::Problem, session::Visit, state::App};

/// What an endpoint answers.
type Answered<T> = Result<Json<T>, Problem>;

/// The document's head; paths and schemas come from the routes.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tongban", description = "Every act of Tongban's pages as a call. Commands need an Idempotency-Key; problems are RFC 9457.", version = "1"),
    servers((url = "/api/v1")),
    components(schemas(crate::error::Body, crate::error::BodyField)),
    modifiers(&Security)
)]
struct Head;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "sid",
            "Session cookie (`__Host-sid` over https); writes also need the header x-csrf-token",
        )));
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    }
}

fn described() -> (Router<App>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(session::routes())
        .merge(inbox::routes())
        .merge(case::routes())
        .merge(task::routes())
        .merge(operation::routes())
        .merge(start::routes())
        .merge(intake::routes())
        .merge(outbox::routes())
        .split_for_parts()
}

/// The routes, and the document of them.
pub fn routes() -> Router<App> {
    let (router, document) = described();
    router.route("/openapi.json", get(move || std::future::ready(Json(document.clone()))))
}

/// The document, as it is served.
pub fn document() -> utoipa::openapi::OpenApi {
    described().1
}

/// Says problems in the caller's language.
pub async fn problems(request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().cloned();
    let response = next.run(request).await;
    match (response.extensions().get::<Problem>(), visit) {
        (Some(problem), Some(visit)) => problem.answer(visit.language()),
        _ => response,
    }
}

/// Who calls; for writes her session's token came in `x-csrf-token`, or she came with a bearer token.
struct Caller(Desk);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let desk = Desk::from_request_parts(parts, app).await?;
        let token = parts.headers.get("x-csrf-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
        if parts.method.is_safe() || desk.visit.accepts(token) { Ok(Self(desk)) } else { Err(Problem::csrf()) }
    }
}

/// Longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 200;

/// The `Idempotency-Key` of a command.
struct Key(String);

impl FromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::trim);
        match key {
            Some(key) if !key.is_empty() && key.len() <= KEY_BYTES_MAX => Ok(Self(key.to_owned())),
            _ => Err(Problem::bad_request(Text::new(
                "请求头须有 Idempotency-Key（至多 200 字节）",
                "the header Idempotency-Key is needed, of 200 bytes at most",
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    /// The snapshot is `web/openapi.json`; `UPDATE=1 cargo test -p tongban-web` writes it anew.
    #[test]
    fn the_document_is_as_it_was_agreed() {
        let now = serde_json::to_string_pretty(&super::document()).expect("a document") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &now).expect("written");
        }
        let agreed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(now == agreed, "the API changed; if that is meant, run with UPDATE=1 and look at the difference");
    }
}
