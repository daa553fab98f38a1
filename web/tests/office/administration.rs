//! The three administrators: each does her own work and no other, none sees business, and none acts alone.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    api::report,
    rig::{Browser, Office},
};

/// A venue reports; the case's id.
async fn reported(office: &Office) -> String {
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let begun = venue.call(Method::POST, &format!("/start/{}", what[0]["process"].as_str().unwrap()), "k", &report()).await;
    begun.json()["case"].as_str().unwrap().to_owned()
}

/// Lin is to become a director.
fn promoted(office: &Office) -> Value {
    let change = json!({"change": "give_post", "person": "lin", "role": "director", "unit": "jia"});
    json!({"kind": "register", "body": {"version": office.store.registered().0, "changes": [change]}, "reason": "接替徐五"})
}

async fn status(browser: &mut Browser, path: &str) -> StatusCode {
    browser.get(path).await.status
}

#[tokio::test]
async fn none_of_the_three_sees_business_or_does_the_work_of_another() {
    let office = Office::open().await;
    let case = reported(&office).await;
    let mut handler = office.at_desk("lin").await;
    assert!(handler.get("/inbox/todo").await.body.contains("周末讲经"));
    for (person, audit, proposals) in [("guan", 403, 200), ("bao", 403, 200), ("shen", 200, 200), ("lin", 403, 403), ("feng", 403, 403)] {
        let mut desk = office.at_desk(person).await;
        assert_eq!(status(&mut desk, "/admin/audit").await, audit, "{person}");
        assert_eq!(status(&mut desk, "/admin/proposals").await, proposals, "{person}");
        let export = desk.call(Method::POST, "/audit/export", "-", &json!({"purpose": "x", "format": "csv"})).await;
        assert_eq!(export.status, audit, "{person}");
        assert_eq!(desk.call(Method::POST, "/audit/state", "-", &json!({})).await.status, audit, "{person}");
        if proposals == 200 {
            for path in ["/inbox/todo", "/inbox/doing", "/inbox/done", "/inbox/mine", "/inbox/unit"] {
                assert!(!desk.get(path).await.body.contains("周末讲经"), "{person} {path}");
            }
            assert_eq!(status(&mut desk, &format!("/cases/{case}")).await, StatusCode::NOT_FOUND, "{person}");
            for path in ["/intake", "/outbox", "/versions"] {
                assert_eq!(status(&mut desk, path).await, StatusCode::FORBIDDEN, "{person} {path}");
            }
        }
    }
}

#[tokio::test]
async fn an_administrator_of_a_unit_with_cases_lists_none_of_them() {
    let office = Office::open().await;
    reported(&office).await;
    // the three at the very unit that handles the case
    let text = serde_json::to_string(&*office.store.register()).unwrap();
    let mut register: Value = serde_json::from_str(&text).unwrap();
    for person in ["guan", "bao", "shen"] {
        register["people"][person]["posts"][0]["unit"] = json!("jia");
    }
    office.store.organise(serde_json::from_value::<tongban_engine::organisation::Register>(register).unwrap()).await.unwrap();
    for person in ["guan", "bao", "shen"] {
        let mut desk = office.at_desk(person).await;
        assert!(!desk.get("/inbox/unit").await.body.contains("周末讲经"), "{person}");
    }
}

#[tokio::test]
async fn who_looked_and_what_somebody_did_are_one_click_each() {
    let office = Office::open().await;
    let case = reported(&office).await;
    let mut handler = office.at_desk("lin").await;
    let page = handler.get(&format!("/cases/{case}")).await;
    assert!(page.body.contains("谁看过") && page.body.contains("林二"), "the page says who looked, herself included");
    handler.get(&format!("/cases/{case}")).await;

    let mut auditor = office.at_desk("shen").await;
    assert_eq!(auditor.get("/").await.location(), "/admin/audit");
    let looked = auditor.get("/admin/audit?looks=1&about=%E5%86%AF%E4%B9%9D").await;
    assert!(looked.body.contains("谁看过“冯九”"), "{}", looked.body);
    assert_eq!(looked.body.matches("查看办件</td>").count(), 1, "twice within a quarter of an hour is one look: {}", looked.body);
    assert!(!looked.body.contains("周末讲经"));
    let did = auditor.get("/admin/audit?by=lin").await;
    assert!(did.body.contains("“林二”做过什么") && did.body.contains("查看办件"));
    // from the row, one click each
    let row = auditor.get(&did.between("<th scope=\"row\" class=\"number\"><a href=\"", "\"")).await;
    let click = row.between("<a href=\"/admin/audit?about&#x3D;", "\"").replace("&amp;", "&").replace("&#x3D;", "=");
    assert_eq!(click, format!("{case}&looks=1"));
    let looked = auditor.get(&format!("/admin/audit?about={click}")).await;
    assert!(looked.body.contains("谁看过“示民宗报"), "by its number: {}", looked.body);
    let found = auditor.call(Method::GET, &format!("/audit?looks=1&about={case}"), "-", &Value::Null).await.json();
    assert_eq!(found["rows"][0]["actor"], "lin");
    let wrong = auditor.get("/admin/audit?from=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"yesterday\""), "what was typed is kept");
    let none = auditor.get("/admin/audit?until=2020-01-01").await;
    assert!(none.body.contains("没有这样的记录"));
}

#[tokio::test]
async fn what_leaves_the_audit_is_noted_with_its_hash_before_it_leaves() {
    let office = Office::open().await;
    reported(&office).await;
    let mut auditor = office.at_desk("shen").await;
    let unsaid = auditor.post("/admin/audit/export", &[("format", "csv"), ("purpose", "")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let csv = auditor.post("/admin/audit/export", &[("format", "csv"), ("purpose", "年度检查"), ("kind", "case")]).await;
    assert_eq!(csv.status, StatusCode::OK, "{}", csv.body);
    assert!(csv.headers["content-disposition"].to_str().unwrap().contains("audit-2026-11-23.csv"));
    assert!(csv.body.starts_with("\u{feff}编号,"), "{}", csv.body);
    let lines = auditor.call(Method::POST, "/audit/export", "-", &json!({"purpose": "年度检查", "format": "jsonl"})).await;
    let first: Value = serde_json::from_str(lines.body.lines().next().unwrap()).unwrap();
    assert_eq!((first["deed"].as_str(), first["purpose"].as_str()), (Some("audit.exported"), Some("年度检查")), "{first}");
    let after: Value = serde_json::from_str(first["after"].as_str().unwrap()).unwrap();
    let hash = <sm3::Sm3 as sm3::Digest>::digest(csv.body.as_bytes());
    assert_eq!(after["sm3"], json!(hex::encode(hash)));

    assert!(auditor.get("/admin/audit").await.body.contains("还没有核验过"));
    auditor.post("/admin/audit/verify", &[]).await;
    assert!(auditor.get("/admin/audit").await.body.contains("已核验至第"));
    let state = auditor.call(Method::GET, "/audit/state", "-", &Value::Null).await.json();
    assert_eq!((&state["fault"], state["no"].as_u64().unwrap() > 10), (&Value::Null, true));
}

#[tokio::test]
async fn a_second_administrator_decides_on_the_page() {
    let office = Office::open().await;
    let mut system = office.at_desk("guan").await;
    let made = system.call(Method::POST, "/proposals", "-", &promoted(&office)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let page = format!("/admin/proposals/{id}");
    let own = system.get(&page).await;
    assert!(own.body.contains("value=\"withdraw\"") && !own.body.contains("value=\"approve\""));
    let forced = system.post(&format!("{page}/decide"), &[("verdict", "approve")]).await;
    assert_eq!(forced.status, StatusCode::FORBIDDEN);
    let mut auditor = office.at_desk("shen").await;
    assert_eq!(auditor.post(&format!("{page}/decide"), &[("verdict", "approve")]).await.status, StatusCode::FORBIDDEN);
    assert!(!office.store.organisation().holds("lin", "director", "jia"));

    let mut security = office.at_desk("bao").await;
    let list = security.get("/admin/proposals").await;
    assert!(list.body.contains("接替徐五") && list.body.contains("林二") && list.body.contains("管乙"), "{}", list.body);
    let shown = security.get(&page).await;
    assert!(shown.body.contains("<ins>主要领导</ins>"), "old and new: {}", shown.body);
    let reasonless = security.post(&format!("{page}/decide"), &[("verdict", "refuse"), ("reason", "")]).await;
    assert_eq!(reasonless.status, StatusCode::UNPROCESSABLE_ENTITY);
    let approved = security.post(&format!("{page}/decide"), &[("verdict", "approve"), ("reason", "")]).await;
    assert_eq!(approved.location(), "/admin/proposals", "{}", approved.body);
    assert!(office.store.organisation().holds("lin", "director", "jia"));
    assert!(security.get("/admin/proposals").await.body.contains("已同意"));

    let late = system.call(Method::POST, &format!("/proposals/{id}/decision"), "-", &json!({"verdict": "withdrawn"})).await;
    assert_eq!((late.status, late.json()["code"].as_str()), (StatusCode::CONFLICT, Some("proposal-closed")));
    let strange = system.call(Method::POST, "/proposals", "-", &json!({"kind": "nothing", "body": {}, "reason": "x"})).await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    let decided = auditor.call(Method::GET, "/proposals?decided=true", "-", &Value::Null).await.json();
    assert_eq!((&decided[0]["verdict"], &decided[0]["decided_by"]), (&json!("approved"), &json!("bao")));
}
