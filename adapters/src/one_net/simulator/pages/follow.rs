//! What a citizen does after applying: supplies what is missing, withdraws, rates.

use axum::{
    Form,
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongban_engine::{form::FieldError, time::Moment};

use super::{
    super::{
        platform::{PlatformError, Upload},
        state::Application,
    },
    Desk, Page, Refusal, Shared, Visitor,
    application::own,
    draw::PublishedForm,
    upload::{Kept, Posted},
};

pub(super) async fn supplement_form(State(desk): Shared, visitor: Visitor, Path(no): Path<String>) -> Page {
    let (application, item, _) = own(&desk, &visitor, &no)?;
    let form = PublishedForm::of(&item).ok_or(Refusal::NotFound(visitor.language))?;
    let known = application.data.as_object().cloned().unwrap_or_default();
    draw_supplement(&desk, &visitor, StatusCode::OK, &application, &form.inputs(&known, &[], (&[], None), visitor.language), &[])
}

pub(super) async fn supplement(State(desk): Shared, visitor: Visitor, Path(no): Path<String>, multipart: Multipart) -> Page {
    let (application, item, _) = own(&desk, &visitor, &no)?;
    let form = PublishedForm::of(&item).ok_or(Refusal::NotFound(visitor.language))?;
    let posted = match Posted::read(multipart, &desk.platform).await {
        Ok(posted) => posted,
        Err(reason) => return desk.say(StatusCode::BAD_REQUEST, &visitor, "bad_request", &reason),
    };
    let known = application.data.as_object().cloned().unwrap_or_default();
    let data = form.data(&posted);
    let again = |status: StatusCode, errors: &[FieldError], add: Option<&str>| {
        let kept = Kept::keep(&desk.platform, &posted.uploads, errors).map_err(|error| Refusal::Broken(error.to_string()))?;
        let html = form.inputs(&data, &kept.attached, (errors, add), visitor.language);
        draw_supplement(&desk, &visitor, status, &application, &html, &kept.fields)
    };
    if let Some(row) = form.added(&posted) {
        return again(StatusCode::OK, &[], Some(row));
    }
    let errors = form.check_supplement(&data, &posted.uploads, &known, &desk.times(Some(Moment(application.filed_at))));
    if !errors.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None);
    }
    // Only what changed is sent: the office keeps the rest.
    let changed: Map<String, Value> = data.into_iter().filter(|(name, value)| known.get(name) != Some(value)).collect();
    send(&desk, &visitor, "supplement", &no, json!({"data": changed}), &posted.uploads)
}

fn draw_supplement(desk: &Desk, visitor: &Visitor, status: StatusCode, application: &Application, form: &str, kept: &[String]) -> Page {
    let missing = application.last().map_or(Value::Null, |last| last["details"]["missing"].clone());
    let missing = if missing.is_string() { json!([missing]) } else { missing };
    let title = desk.text(visitor, "supplement_title");
    desk.draw_with(
        status,
        visitor,
        "supplement",
        &title,
        &json!({"application_no": application.application_no, "missing": missing, "form": form, "kept": kept}),
    )
}

#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

pub(super) async fn withdraw_form(State(desk): Shared, visitor: Visitor, Path(no): Path<String>) -> Page {
    own(&desk, &visitor, &no)?;
    let title = desk.text(&visitor, "withdraw_title");
    desk.draw(&visitor, "withdraw", &title, &json!({"application_no": no}))
}

pub(super) async fn withdraw(State(desk): Shared, visitor: Visitor, Path(no): Path<String>, Form(Reason { reason }): Form<Reason>) -> Page {
    own(&desk, &visitor, &no)?;
    let reason = reason.trim();
    let values = if reason.is_empty() { json!({}) } else { json!({"reason": reason}) };
    send(&desk, &visitor, "withdrawal", &no, values, &[])
}

#[derive(Deserialize)]
pub(super) struct Given {
    level: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    named: bool,
}

pub(super) async fn rate(State(desk): Shared, visitor: Visitor, Path(no): Path<String>, Form(given): Form<Given>) -> Page {
    own(&desk, &visitor, &no)?;
    let mut values = json!({"level": given.level, "named": given.named});
    if !given.comment.trim().is_empty() {
        values["comment"] = json!(given.comment.trim());
    }
    send(&desk, &visitor, "rating", &no, values, &[])
}

fn send(desk: &Desk, visitor: &Visitor, kind: &str, no: &str, values: Value, uploads: &[Upload]) -> Page {
    match desk.platform.follow_up(kind, no, values, uploads) {
        Ok(()) => Ok(Redirect::to(&format!("/applications/{no}")).into_response()),
        Err(PlatformError::NotNow(reason)) => desk.say(StatusCode::CONFLICT, visitor, "not_now", reason),
        Err(error) => Err(Refusal::Broken(error.to_string())),
    }
}
