//! Every route on one page, and what each request passes through.

use axum::{Json, Router, extract::DefaultBodyLimit, middleware, routing::get};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, trace::TraceLayer};

use crate::{api, assets, fields::BODY_BYTES_MAX, headers, page, session, state::App, test_clock};

/// The whole office as one service. `inbound` are the routes that platforms call; they know no session.
pub fn app(app: App, inbound: Router) -> Router {
    let pages = page::routes()
        .fallback(page::nowhere)
        .method_not_allowed_fallback(page::nowhere)
        .layer(middleware::from_fn_with_state(app.clone(), page::problems));
    let api = api::routes().fallback(page::nowhere).layer(middleware::from_fn(api::problems));
    let desk = Router::new()
        .nest("/api/v1", api)
        .merge(pages)
        .layer(middleware::from_fn_with_state(app.clone(), session::attach))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let mut all = Router::new()
        .merge(desk)
        .route("/assets/print.css", get(page::paper::print_css))
        .route("/assets/{*path}", get(assets::serve))
        .route("/favicon.ico", get(|| std::future::ready(axum::response::Redirect::permanent("/assets/icon.svg"))))
        .route("/healthz", get(healthy));
    if app.driven.is_some() {
        all = all.merge(test_clock::routes());
    }
    let secure = app.secure;
    let mut all = all.with_state(app).merge(inbound).layer(middleware::from_fn(headers::add));
    if secure {
        all = all.layer(middleware::from_fn(headers::over_https));
    }
    all.layer(CatchPanicLayer::new()).layer(CompressionLayer::new()).layer(TraceLayer::new_for_http().make_span_with(span))
}

/// What the log says of a request: never its query, in which somebody may have typed whom she looks for.
fn span(request: &axum::extract::Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = %request.uri().path())
}

/// `GET /healthz`: the process answers.
async fn healthy() -> Json<serde_json::Value> {
    Json(serde_json::json!({"status": "ok"}))
}
