//! A log-in that is none: choose a fictional identity. And the language.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::header,
    response::{AppendHeaders, IntoResponse, Redirect},
};
use serde::Deserialize;
use serde_json::json;

use super::{Page, Refusal, Shared, Visitor, own_path};

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    citizen: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn login_page(State(desk): Shared, visitor: Visitor, Query(Back { back }): Query<Back>) -> Page {
    let title = desk.text(&visitor, "login");
    desk.draw(&visitor, "login", &title, &json!({"citizens": desk.citizens, "back": own_path(&back)}))
}

pub(super) async fn login(State(desk): Shared, visitor: Visitor, Form(chosen): Form<Chosen>) -> Page {
    if !desk.citizens.iter().any(|citizen| citizen.id == chosen.citizen) {
        return Err(Refusal::NotFound(visitor.language));
    }
    Ok(with_cookie(&format!("citizen={}", chosen.citizen), &chosen.back))
}

pub(super) async fn logout() -> Page {
    Ok(with_cookie("citizen=; Max-Age=0", "/"))
}

pub(super) async fn language(Path(language): Path<String>, Query(Back { back }): Query<Back>) -> Page {
    let language = if language == "en" { "en" } else { "zh" };
    Ok(with_cookie(&format!("language={language}"), &back))
}

fn with_cookie(cookie: &str, back: &str) -> axum::response::Response {
    // Lax, so that a link from a notice's mail finds the citizen signed in; forms from elsewhere are refused anyway.
    let cookie = format!("{cookie}; Path=/; HttpOnly; SameSite=Lax");
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(own_path(back))).into_response()
}
