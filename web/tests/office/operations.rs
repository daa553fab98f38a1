//! Operations over HTTP: pages and API offer what the engine allows, and the rest is refused with its reason.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{api::report, rig::Office};

#[tokio::test]
async fn what_is_allowed_is_said_beforehand_and_is_what_can_be_done() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let begun = venue.call(Method::POST, &format!("/start/{}", what[0]["process"].as_str().unwrap()), "o1", &report()).await.json();
    let case = begun["case"].as_str().unwrap();
    let path = format!("/cases/{case}/operations");
    let outside = venue.call(Method::GET, &path, "-", &Value::Null).await;
    assert_eq!(outside.status, StatusCode::NOT_FOUND, "an applicant has no operations");

    let mut clerk = office.at_desk("lin").await;
    let told = clerk.call(Method::GET, &path, "-", &Value::Null).await.json();
    let told = |operation: &str| told.as_array().unwrap().iter().find(|told| told["operation"] == operation).unwrap().clone();
    let task = told("copyTo")["task"].clone();
    assert_eq!((&told("copyTo")["allowed"], &told("copyTo")["people"]), (&json!(true), &json!(true)));
    assert_eq!((&told("delegate")["allowed"], &told("delegate")["code"]), (&json!(false), &json!("operation-not-allowed")));
    assert_eq!(told("terminate")["code"], "not-permitted");

    let delegated = json!({"operation": "delegate", "task": task, "to": ["xu"], "reason": "请核"});
    let refused = clerk.call(Method::POST, &path, "o2", &delegated).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::CONFLICT, Some("operation-not-allowed")));
    let nothing = clerk.call(Method::POST, &path, "o3", &json!({"operation": "fly"})).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);

    // By the page, without script.
    let address = format!("/cases/{case}/tasks/{task}");
    let page = clerk.get(&address).await;
    assert!(page.body.contains("value=\"copyTo\""), "the page offers a copy");
    let number = task.to_string();
    let fields = [("_operation", "copyTo"), ("_task", number.as_str()), ("to", "chen"), ("reason", "供参考")];
    let posted = clerk.post(&path, &fields).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER, "{}", posted.body);

    let mut reader = office.at_desk("chen").await;
    assert_eq!(reader.call(Method::GET, &format!("/cases/{case}"), "-", &Value::Null).await.status, StatusCode::OK);
    let journal = clerk.call(Method::GET, &format!("/cases/{case}/journal"), "-", &Value::Null).await.json();
    let events = journal.as_array().unwrap().last().unwrap()["happened"]["events"].clone();
    let copy = events.as_array().unwrap().iter().find(|event| event["event"] == "copied").unwrap()["copy"].clone();
    // 抄送我的: unread until the case is opened.
    let unread = reader.call(Method::GET, "/inbox", "-", &Value::Null).await.json()["unread"].clone();
    let listed = reader.call(Method::GET, "/inbox/copied", "-", &Value::Null).await.json();
    assert_eq!((&unread, &listed["cases"][0]["case"], &listed["cases"][0]["copy"]["read"]), (&json!(1), &json!(case), &Value::Null));
    let list = reader.get("/inbox/copied").await;
    let unread_tag = "<span class=\"tag\">未读</span>";
    assert!(list.body.contains(unread_tag) && list.body.contains(&format!("/cases/{case}")), "{}", list.body);
    let opened = reader.get(&format!("/cases/{case}")).await;
    assert!(opened.body.contains("供参考"), "what was said with the copy stands on the page");
    let unread = reader.call(Method::GET, "/inbox", "-", &Value::Null).await.json()["unread"].clone();
    assert_eq!(unread, json!(0), "opened is read");
    assert!(!reader.get("/inbox/copied").await.body.contains(unread_tag));
    let read = reader.call(Method::POST, &path, "o4", &json!({"operation": "markRead", "task": copy})).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
}
