//! The JSON API, `/api/v1`: every act of a page as a call, by the same rules, with an OpenAPI document.

mod audit;
mod case;
mod inbox;
mod intake;
mod migration;
mod operation;
mod outbox;
mod people;
mod proposals;
mod reveal;
mod session;
mod sessions;
mod shapes;
mod start;
mod task;
mod why;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::Response,
    routing::get,
};
use tongban_engine::text::Text;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    desk::Desk,
    error::{PROBLEM_JSON, Problem},
    session::Visit,
    state::App,
};

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

/// Says of every operation that it may answer with a problem, and that problems are `application/problem+json`.
fn tell_problems(document: &mut utoipa::openapi::OpenApi) {
    let any = ResponseBuilder::new()
        .description("A problem: what is wrong with the request, or why it is not done")
        .content(PROBLEM_JSON, Content::new(Some(Ref::from_schema_name("Body"))))
        .build();
    let operations = document.paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().filter_map(Option::as_mut)
    });
    for operation in operations {
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            if status.starts_with(['4', '5'])
                && let Some(content) = response.content.shift_remove("application/json")
            {
                response.content.insert(PROBLEM_JSON.to_owned(), content);
            }
        }
        operation.responses.responses.insert("default".to_owned(), any.clone().into());
    }
}

fn described() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, mut document) = operations().split_for_parts();
    tell_problems(&mut document);
    (router, document)
}

fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(inbox::routes())
        .merge(case::routes())
        .merge(reveal::routes())
        .merge(task::routes())
        .merge(operation::routes())
        .merge(start::routes())
        .merge(intake::routes())
        .merge(outbox::routes())
        .merge(migration::routes())
        .merge(why::routes())
        .merge(people::routes())
        .merge(audit::routes())
        .merge(proposals::routes())
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

/// Bytes of a refusal by the framework that are told on.
const REFUSAL_BYTES_MAX: usize = 1_000;

/// Says problems in the caller's language; what the framework refuses by itself (a body that is no JSON, a number that is
/// none, a method that an address does not have) becomes a problem as well.
pub async fn problems(request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().cloned();
    let response = next.run(request).await;
    let language = visit.map(|visit| visit.language()).unwrap_or_default();
    if let Some(problem) = response.extensions().get::<Problem>() {
        return problem.answer(language);
    }
    if !response.status().is_client_error() {
        return response;
    }
    let (head, body) = response.into_parts();
    let said = axum::body::to_bytes(body, REFUSAL_BYTES_MAX).await.unwrap_or_default();
    Problem::of_request(head.status, String::from_utf8_lossy(&said).into_owned()).answer(language)
}

/// Who calls; for writes her session's token came in `x-csrf-token`, or she came with a bearer token.
struct Caller(Desk);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let desk = Desk::from_request_parts(parts, app).await?;
        if !parts.method.is_safe() {
            must_carry(&desk.visit, &parts.headers)?;
        }
        Ok(Self(desk))
    }
}

/// Refuses a write that carries neither the session's token in `x-csrf-token` nor a bearer token.
fn must_carry(visit: &Visit, headers: &HeaderMap) -> Result<(), Problem> {
    let token = headers.get("x-csrf-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    if visit.accepts(token) { Ok(()) } else { Err(Problem::csrf()) }
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
