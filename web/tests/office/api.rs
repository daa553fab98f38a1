//! The API: the same rules as the pages, answers for programs.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::rig::{Office, PASSWORD};

pub(crate) fn report() -> Value {
    json!({"data": {
        "reporting_venue": {"name": "示范寺", "social_credit_code": "71310101MB9900515J"},
        "activity_title": "周末讲经", "activity_kind": "lecture", "activity_date": "2026-12-05", "start_time": "09:00", "end_time": "11:00",
        "activity_place": "讲经堂", "activity_host": "弘法组", "headcount": 60, "safety_contact": {"name": "冯九", "contact_mobile": "13800000009"}
    }})
}

/// Events without rendered texts, which the journal keeps apart.
fn bare(events: &Value) -> Vec<Value> {
    let mut events = events.as_array().unwrap().clone();
    for event in &mut events {
        for name in ["html", "text"] {
            event.as_object_mut().unwrap().remove(name);
        }
    }
    events
}

#[tokio::test]
async fn the_same_key_has_the_effect_of_once() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let path = format!("/start/{}", what[0]["process"].as_str().unwrap());
    let first = venue.call(Method::POST, &path, "k1", &report()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let again = venue.call(Method::POST, &path, "k1", &report()).await.json();
    assert_eq!((&again["case"], &again["replayed"]), (&first.json()["case"], &json!(true)));
    let mut other = report();
    other["data"]["headcount"] = json!(61);
    let reused = venue.call(Method::POST, &path, "k1", &other).await;
    assert_eq!((reused.status, reused.json()["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("key-reused")));
    let inbox = venue.call(Method::GET, "/inbox/mine", "-", &Value::Null).await.json();
    assert_eq!(inbox["total"], json!(1));
}

#[tokio::test]
async fn problems_are_rfc_9457_and_name_each_field_in_the_callers_language() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let path = format!("/start/{}?lang=en", what[0]["process"].as_str().unwrap());
    let refused = venue.call(Method::POST, &path, "k2", &json!({"data": {"headcount": 60}})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let problem = refused.json();
    assert_eq!(problem["code"], "form-invalid");
    let fields: Vec<&str> = problem["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
    assert!(fields.contains(&"activity_title"), "{fields:?}");
    assert!(problem["title"].as_str().unwrap().is_ascii());

    let nowhere = venue.call(Method::GET, "/cases/none", "-", &Value::Null).await;
    assert_eq!((nowhere.status, nowhere.json()["code"].as_str()), (StatusCode::NOT_FOUND, Some("not-found")));
}

#[tokio::test]
async fn a_program_logs_in_with_a_bearer_token_and_works_a_task_off() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let begun = venue.call(Method::POST, &format!("/start/{}", what[0]["process"].as_str().unwrap()), "k3", &report()).await.json();
    let case = begun["case"].as_str().unwrap();

    office.store.set_account("lin", "lin", PASSWORD, false).await.unwrap();
    let mut program = office.browser();
    let body = json!({"login": "lin", "password": PASSWORD}).to_string();
    let logged_in = program.send(Method::POST, "/api/v1/session", &[("content-type", "application/json")], body).await.json();
    let bearer = format!("Bearer {}", logged_in["token"].as_str().unwrap());
    let mut program = office.browser();
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "k4")];
    let shape = program.send(Method::GET, &format!("/api/v1/cases/{case}"), &headers, "").await.json();
    let task = &shape["tasks"][0]["task"];
    let act = json!({"action": "acknowledge", "data": {"acknowledgement": "已阅"}}).to_string();
    let preview = program.send(Method::POST, &format!("/api/v1/cases/{case}/tasks/{task}/preview"), &headers, act.clone()).await.json();
    let done = program.send(Method::POST, &format!("/api/v1/cases/{case}/tasks/{task}/complete"), &headers, act).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let journal = program.send(Method::GET, &format!("/api/v1/cases/{case}/journal"), &headers, "").await.json();
    let happened = &journal.as_array().unwrap().last().unwrap()["happened"];
    assert_eq!(bare(&preview["events"]), bare(&happened["events"]), "what was foretold is what happened");

    let without_key = program.send(Method::POST, &format!("/api/v1/cases/{case}/tasks/1/claim"), &headers[..2], "").await;
    assert_eq!(without_key.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn drafts_are_kept_unchecked_and_come_back_on_the_page() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let path = format!("/start/{}", what[0]["process"].as_str().unwrap());
    let draft = json!({"fields": [["activity_title", "还没写完"]]});
    assert_eq!(venue.call(Method::PUT, &format!("{path}/draft"), "-", &draft).await.status, StatusCode::NO_CONTENT);
    assert!(venue.get(&path).await.body.contains("value=\"还没写完\""));
}

#[tokio::test]
async fn the_clock_is_turned_by_hand_and_what_is_due_happens_before_the_answer() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    venue.call(Method::POST, &format!("/start/{}", what[0]["process"].as_str().unwrap()), "k5", &report()).await;
    office.turn("6wd").await;
    let mut venue = office.at_desk("feng").await;
    let mine = venue.call(Method::GET, "/inbox/mine", "-", &Value::Null).await.json();
    assert_eq!(mine["cases"][0]["ended"], json!(true), "taken as read after five working days");
}
