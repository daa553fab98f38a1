//! What people see and may do, over pages and API: fields that a step does not show, those who look on, substitutes, and who
//! must keep away.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tongban_engine::organisation::{Concern, Recusal, StandIn, Term};

use crate::{
    api::report,
    rig::{Browser, Office},
};

/// A report of feng's, which waits for lin.
async fn begun(office: &Office) -> String {
    let mut venue = office.at_desk("feng").await;
    let begun = venue.call(Method::POST, "/start/activity-report", "begin", &report()).await;
    begun.json()["case"].as_str().unwrap().to_owned()
}

async fn get(browser: &mut Browser, path: &str) -> (StatusCode, Value) {
    let answer = browser.call(Method::GET, path, "-", &Value::Null).await;
    (answer.status, answer.json())
}

/// The demonstration office, some of whose people are otherwise.
async fn office(change: impl FnOnce(&mut tongban_engine::organisation::Organisation)) -> Office {
    let office = Office::open().await;
    let mut organisation = (*office.store.organisation()).clone();
    change(&mut organisation);
    office.store.organise(organisation).await.unwrap();
    office
}

fn keeps_from(person: &str, about: Concern) -> Recusal {
    Recusal {
        id: person.to_owned(), person: person.to_owned(), about, reason: "与申请人有亲属关系".to_owned(), term: Term::default()
    }
}

const MOBILE: &str = "13800000009";

#[tokio::test]
async fn personal_data_leave_masked_and_a_step_takes_only_what_it_may_write() {
    let office = Office::open().await;
    let case = begun(&office).await;
    let mut clerk = office.at_desk("lin").await;
    let (status, shape) = get(&mut clerk, &format!("/cases/{case}")).await;
    assert_eq!((status, shape["data"]["safety_contact"]["contact_mobile"].as_str()), (StatusCode::OK, Some("138****0009")));
    assert_eq!(shape["data"]["headcount"], json!(60), "what is not personal is as it is");
    let (_, journal) = get(&mut clerk, &format!("/cases/{case}/journal")).await;
    let task = shape["tasks"][0]["task"].clone();
    let (_, open) = get(&mut clerk, &format!("/cases/{case}/tasks/{task}")).await;
    for told in [&journal, &open] {
        assert!(!told.to_string().contains(MOBILE) && told.to_string().contains("138****0009"), "{told}");
    }

    let mut complete = async |key: &str, data: Value| {
        let body = json!({"action": "acknowledge", "data": data});
        clerk.call(Method::POST, &format!("/cases/{case}/tasks/{task}/complete"), key, &body).await
    };
    let refused = complete("k1", json!({"headcount": 1})).await;
    assert_eq!((refused.status, refused.json()["fields"][0]["path"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("headcount")));
    assert_eq!(complete("k2", json!({"acknowledgement": "已阅"})).await.status, StatusCode::OK);

    let mut venue = office.at_desk("feng").await;
    let (_, own) = get(&mut venue, &format!("/cases/{case}")).await;
    assert_eq!(own["data"]["safety_contact"]["contact_mobile"], MOBILE, "the applicant's own data");
    assert!(own["data"].get("acknowledgement").is_none(), "what the office writes is not the applicant's to read");
}

#[tokio::test]
async fn who_looks_on_from_above_finds_every_case_below_and_changes_nothing() {
    let office = Office::open().await;
    let case = begun(&office).await;
    let mut above = office.at_desk("lv").await;
    let (_, listed) = get(&mut above, "/inbox/seen?q=%E8%AE%B2%E7%BB%8F").await;
    assert_eq!((&listed["total"], &listed["cases"][0]["case"]), (&json!(1), &json!(case)));
    let (_, shape) = get(&mut above, &format!("/cases/{case}")).await;
    assert!(!shape.to_string().contains(MOBILE));
    let task = shape["tasks"][0]["task"].to_string();
    let page = above.get(&format!("/cases/{case}/tasks/{task}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("/reveal") && !page.body.contains("/claim") && !page.body.contains(MOBILE), "{}", page.body);
    let refused = above.post(&format!("/cases/{case}/tasks/{task}/reveal"), &[("purpose", "check")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let mut other = office.at_desk("qin").await;
    assert_eq!(get(&mut other, "/inbox/seen").await.1["total"], json!(0), "another district sees nothing of it");
}

#[tokio::test]
async fn a_substitute_works_from_her_own_list_and_the_record_says_for_whom() {
    let office = office(|organisation| {
        let stands_in = StandIn { absent: "lin".to_owned(), processes: vec!["activity-report".to_owned()] };
        organisation.people["he"].stands_in.push(stands_in);
    })
    .await;
    let case = begun(&office).await;
    let mut substitute = office.at_desk("he").await;
    let (_, todo) = get(&mut substitute, "/inbox/todo").await;
    let task = todo["tasks"][0]["task"].to_string();
    let page = substitute.get(&format!("/cases/{case}/tasks/{task}")).await;
    assert!(page.body.contains("value=\"acknowledge\""), "the page offers the act");
    let fields = [("_action", "acknowledge"), ("acknowledgement", "已阅")];
    let done = substitute.post(&format!("/cases/{case}/tasks/{task}"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = substitute.get(&format!("/cases/{case}")).await;
    assert!(page.body.contains("（代 林二）"), "{}", page.body);
}

#[tokio::test]
async fn who_must_keep_away_is_told_so_and_finds_it_nowhere() {
    let office = office(|organisation| organisation.recusals.push(keeps_from("lin", Concern::Unit("shifan-temple".to_owned())))).await;
    let case = begun(&office).await;
    let mut clerk = office.at_desk("lin").await;
    for list in ["todo", "unit", "seen"] {
        assert_eq!(get(&mut clerk, &format!("/inbox/{list}")).await.1["total"], json!(0), "{list}");
    }
    let (status, problem) = get(&mut clerk, &format!("/cases/{case}")).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::FORBIDDEN, Some("recused")));
    assert!(problem["detail"].as_str().unwrap().contains("亲属"), "{problem}");
    let page = clerk.get(&format!("/cases/{case}")).await;
    assert!(page.status == StatusCode::FORBIDDEN && page.body.contains("亲属"), "{}", page.body);
}

#[tokio::test]
async fn why_somebody_may_or_may_not_is_answered_on_screen_and_to_programs() {
    let office = office(|organisation| organisation.recusals.push(keeps_from("xu", Concern::Unit("shifan-temple".to_owned())))).await;
    let case = begun(&office).await;
    let mut clerk = office.at_desk("lin").await;
    let case_page = clerk.get(&format!("/cases/{case}")).await;
    assert!(case_page.body.contains("href=\"/why?case"), "the case page leads there");

    let all = clerk.get(&format!("/why?case={case}")).await;
    for name in ["林二", "冯九", "吕五"] {
        assert!(all.body.contains(&format!(">{name}</a>")), "{name} sees it: {}", all.body);
    }
    assert!(!all.body.contains(">徐五</a>"), "xu must keep away");
    let one = clerk.get(&format!("/why?case={case}&person=xu&action=act")).await;
    assert!(one.body.contains("徐五不能办理任务") && one.body.contains("亲属"), "{}", one.body);

    let (_, told) = get(&mut clerk, &format!("/why?case={case}&person=xu&action=see-case&lang=en")).await;
    assert_eq!((&told["allowed"], &told["rule"]), (&json!(false), &json!("recusal")));
    let (_, told) = get(&mut clerk, &format!("/why?case={case}&person=lv&action=act")).await;
    assert_eq!((&told["allowed"], &told["rule"]), (&json!(false), &json!("holds-post")));
    let held = told["checks"].as_array().unwrap().iter().filter(|check| check["holds"] == json!(true));
    let held: Vec<&str> = held.map(|check| check["rule"].as_str().unwrap()).collect();
    assert_eq!(held, ["known", "observer"]);

    let mut stranger = office.at_desk("qin").await;
    assert_eq!(get(&mut stranger, &format!("/why?case={case}&person=lin")).await.0, StatusCode::NOT_FOUND);
    let (status, _) = get(&mut clerk, "/why?person=lin&action=people").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "who keeps neither people nor roles asks about cases of hers only");
    let (status, _) = get(&mut clerk, &format!("/why?case={case}&person=lin&action=fly")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
