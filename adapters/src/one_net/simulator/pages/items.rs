//! The services on offer: list, guide, application form.

use axum::{
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde_json::{Value, json};
use tongban_engine::{form::FieldError, text::Language};

use super::{
    super::platform::{NewApplication, PlatformError},
    Desk, Page, Refusal, Shared, Visitor,
    draw::PublishedForm,
    upload::{Kept, Posted},
};

pub(super) async fn home(State(desk): Shared, visitor: Visitor) -> Page {
    let items: Vec<Value> = desk.items().into_values().collect();
    let title = desk.text(&visitor, "home");
    desk.draw(&visitor, "home", &title, &json!({"items": items}))
}

pub(super) async fn guide(State(desk): Shared, visitor: Visitor, Path(task): Path<String>) -> Page {
    let item = desk.item(&visitor, &task)?;
    let mut materials = item["form"]["materials"].as_array().cloned().unwrap_or_default();
    for material in &mut materials {
        let kinds: Vec<&str> = material["accept"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let kinds = kinds.join(", ");
        material["accept"] = json!(kinds);
        for name in ["basis", "unverified"] {
            material[name] = json!(material[name].as_str().unwrap_or_default());
        }
    }
    let rows = |name: &str, texts: &[&str]| {
        let mut rows = item[name].as_array().cloned().unwrap_or_default();
        rows.iter_mut().for_each(|row| texts.iter().for_each(|text| row[*text] = row[*text].clone()));
        rows
    };
    let page = json!({
        "item": item, "materials": materials, "condition": item["item"]["condition"], "flow": item["item"]["flow"],
        "basis": rows("basis", &["text", "unverified"]), "limits": rows("limits", &["basis", "unverified"]),
    });
    desk.draw(&visitor, "guide", name_of(&item, visitor.language), &page)
}

pub(super) async fn form(State(desk): Shared, visitor: Visitor, Path(task): Path<String>) -> Page {
    let citizen = desk.signed_in(&visitor)?;
    let item = desk.item(&visitor, &task)?;
    let form = PublishedForm::of(&item);
    let drawn = form.map(|form| form.inputs(&form.prefilled(&citizen.prefill), &[], (&[], None), visitor.language));
    draw_form(&desk, &visitor, StatusCode::OK, &item, drawn.as_deref(), &[])
}

pub(super) async fn apply(State(desk): Shared, visitor: Visitor, Path(task): Path<String>, multipart: Multipart) -> Page {
    let citizen = desk.signed_in(&visitor)?.clone();
    let item = desk.item(&visitor, &task)?;
    let Some(form) = PublishedForm::of(&item) else { return draw_form(&desk, &visitor, StatusCode::CONFLICT, &item, None, &[]) };
    let posted = match Posted::read(multipart, &desk.platform).await {
        Ok(posted) => posted,
        Err(reason) => return desk.say(StatusCode::BAD_REQUEST, &visitor, "bad_request", &reason),
    };
    let data = form.data(&posted);
    let again = |status: StatusCode, errors: &[FieldError], add: Option<&str>| {
        let kept = Kept::keep(&desk.platform, &posted.uploads, errors).map_err(|error| Refusal::Broken(error.to_string()))?;
        let html = form.inputs(&data, &kept.attached, (errors, add), visitor.language);
        draw_form(&desk, &visitor, status, &item, Some(&html), &kept.fields)
    };
    if let Some(row) = form.added(&posted) {
        return again(StatusCode::OK, &[], Some(row));
    }
    let errors = form.check(&data, &posted.uploads, &desk.times(None));
    if !errors.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None);
    }
    let new = NewApplication {
        task,
        applicant: json!({"name": citizen.name, "kind": citizen.kind, "subject": citizen.id, "mail": citizen.mail}),
        citizen: citizen.id,
        data: Value::Object(data),
        uploads: posted.uploads,
    };
    match desk.platform.apply(new) {
        Ok(no) => Ok(Redirect::to(&format!("/applications/{no}")).into_response()),
        Err(PlatformError::NotNow(reason)) => Err(Refusal::NotNow(reason.to_owned())),
        Err(error) => Err(Refusal::Broken(error.to_string())),
    }
}

fn draw_form(desk: &Desk, visitor: &Visitor, status: StatusCode, item: &Value, form: Option<&str>, kept: &[String]) -> Page {
    let title = desk.text(visitor, "apply_title");
    desk.draw_with(status, visitor, "apply", &title, &json!({"item": item, "form": form, "kept": kept}))
}

/// The item's name.
pub(super) fn name_of(item: &Value, language: Language) -> &str {
    let other = if language == Language::En { item["name"]["en"].as_str() } else { None };
    other.or_else(|| item["name"]["zh"].as_str()).unwrap_or_default()
}
