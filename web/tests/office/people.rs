//! Units, people and rights: who may change them, what an import says, and that nobody's work is left behind.

use std::{path::Path, sync::Arc};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tongban_adapters::{office, spreadsheet};
use tongban_engine::{
    calendar::Calendar,
    definition::load_office,
    organisation::{Official, Post, Register, Tenure, Unit},
    text::Text,
};

use crate::{
    api::report,
    rig::{Answer, Browser, Office},
};

fn calendar() -> Arc<Calendar> {
    let bundle = office::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    load_office(&bundle).0.calendars["cn"].clone()
}

/// The version that a page's forms carry.
pub(crate) fn version(page: &Answer) -> String {
    page.between("name=\"version\" value=\"", "\"")
}

async fn upload(browser: &mut Browser, bytes: &[u8]) -> Answer {
    const BOUNDARY: &str = "grenze";
    let token = browser.token().await;
    let mut body = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n").into_bytes();
    body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"机构.xlsx\"\r\n\r\n").into_bytes());
    body.extend_from_slice(bytes);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    browser.send(Method::POST, "/admin/import", &[("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"))], body).await
}

async fn call(browser: &mut Browser, path: &str, body: &Value) -> Answer {
    browser.call(Method::POST, path, "-", body).await
}

#[tokio::test]
async fn who_keeps_people_gives_no_rights_and_who_gives_rights_keeps_no_people() {
    let office = Office::open().await;
    let (mut keeper, mut granter, mut clerk) = (office.at_desk("guan").await, office.at_desk("bao").await, office.at_desk("lin").await);
    for path in ["/admin/units", "/admin/people", "/admin/people/lin", "/admin/import", "/admin/import/export"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(keeper.get(path).await.status, StatusCode::OK, "{path}");
        assert_eq!(granter.get(path).await.status, StatusCode::OK, "{path}");
    }
    let version = version(&keeper.get("/admin/new-person").await);
    let fields = [("version", version.as_str()), ("id", "ning"), ("name", "宁一"), ("login", "ning"), ("mail", "ning@jia.example.test")];
    assert_eq!(granter.post("/admin/new-person", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(keeper.post("/admin/new-person", &fields).await.location(), "/admin/people/ning");

    let post = [("version", version.as_str()), ("role", "case-handler"), ("unit", "jia"), ("from", "2026-12-01"), ("until", "2026-12-31")];
    assert_eq!(keeper.post("/admin/people/ning/give-post", &post).await.status, StatusCode::FORBIDDEN);
    let given = granter.post("/admin/people/ning/give-post", &post).await;
    assert_eq!(given.status, StatusCode::CONFLICT, "she was added after that version: {}", given.body);
    let now = crate::people::version(&granter.get("/admin/people/ning").await);
    let post = [&[("version", now.as_str())], &post[1..]].concat();
    assert_eq!(granter.post("/admin/people/ning/give-post", &post).await.status, StatusCode::SEE_OTHER);
    let page = keeper.get("/admin/people/ning").await.body;
    assert!(page.contains("2026-12-01 至 2026-12-31") && page.contains("未到任") && page.contains("鲍丁"), "{page}");
    let own = granter.post("/admin/people/bao/give-post", &[("version", now.as_str()), ("role", "director"), ("unit", "jia")]).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "nobody raises herself");
    let login = [("version", now.as_str()), ("name", "鲍丁"), ("login", "bao2")];
    let taken_over = keeper.post("/admin/people/bao/entry", &login).await;
    assert_eq!(taken_over.status, StatusCode::CONFLICT, "whoever could change an administrator's login could be her");
    assert!(
        office.store.deeds_about("person", "ning", 9).await.unwrap().iter().any(|deed| deed.deed == "post.given" && deed.actor == "bao")
    );
}

#[tokio::test]
async fn a_late_change_of_the_same_person_is_refused_with_what_changed_and_of_another_is_not() {
    let office = Office::open().await;
    let mut keeper = office.at_desk("guan").await;
    let seen = version(&keeper.get("/admin/people/lin").await);
    let entry =
        |name: &'static str| [("version", seen.clone()), ("name", name.to_owned()), ("login", "lin".to_owned()), ("mail", String::new())];
    let strs = |entry: &[(&'static str, String); 4]| entry.clone();
    let first = strs(&entry("林二二"));
    let first: Vec<(&str, &str)> = first.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(keeper.post("/admin/people/lin/entry", &first).await.status, StatusCode::SEE_OTHER);
    let late = strs(&entry("林三三"));
    let late: Vec<(&str, &str)> = late.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = keeper.post("/admin/people/lin/entry", &late).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("person lin") && refused.body.contains("value=\"林三三\""), "what was typed stays");
    assert_eq!(keeper.post("/admin/people/he/entry", &late[..2]).await.status, StatusCode::SEE_OTHER, "nobody touched her");
    assert_eq!(office.store.register().people["lin"].name, "林二二");
}

#[tokio::test]
async fn a_clerk_names_her_own_substitute_and_nobody_elses() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("lin").await;
    let seen = version(&clerk.get("/me/substitute").await);
    let fields = [("version", seen.as_str()), ("by", "王一"), ("from", "2026-11-23"), ("until", "2026-11-27")];
    let named = clerk.post("/me/substitute", &fields).await;
    assert_eq!(named.location(), "/me/substitute", "{}", named.body);
    assert_eq!(office.store.organisation().people["wang"].stands_in[0].absent, "lin");
    let chain = office.at_desk("wang").await.post("/me/substitute", &[("version", "99"), ("by", "he"), ("until", "2026-11-27")]).await;
    assert_eq!(chain.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(chain.body.contains("正代理林二") && chain.body.contains("href=\"#f-absent\""), "{}", chain.body);
    let other = json!({"version": 99, "changes": [{"change": "substitute", "absent": "he", "by": "lin", "until": 1_800_000_000_000_i64}]});
    assert_eq!(call(&mut clerk, "/register/changes", &other).await.status, StatusCode::FORBIDDEN);
    let which = clerk.get("/me/substitute").await.between("name=\"which\" value=\"", "\"");
    clerk.post("/me/substitute/end", &[("version", "99"), ("which", &which)]).await;
    assert!(office.store.organisation().people["wang"].stands_in.is_empty());
}

/// The register with one more unit and person, and with what a table of faults breaks.
fn grown(register: &Register) -> Register {
    let mut register = register.clone();
    let unit =
        Unit {
            name: Text::zh("丙区办公室"), kind: "district".to_owned(), parent: Some("shi".to_owned()), code: None, items: Vec::new()
        };
    register.units.insert("bing".to_owned(), unit);
    let posts = vec![Tenure { post: Post { role: "case-handler".to_owned(), unit: "bing".to_owned() }, ..Tenure::default() }];
    let person = Official { name: "丁一".to_owned(), login: Some("ding".to_owned()), posts, ..Official::default() };
    register.people.insert("ding".to_owned(), person);
    register
}

#[tokio::test]
async fn an_import_tells_every_fault_and_changes_nothing_until_it_is_confirmed() {
    let office = Office::open().await;
    let (mut keeper, mut granter, calendar) = (office.at_desk("guan").await, office.at_desk("bao").await, calendar());
    let good = grown(&office.store.register());
    let mut bad = good.clone();
    bad.units["bing"].parent = Some("sih".to_owned());
    bad.people["ding"].mail = Some("nobody".to_owned());
    let told = upload(&mut keeper, &spreadsheet::written(&bad, &calendar).unwrap()).await.body;
    for fault in ["没有机构“sih”；是不是“shi”？", "“nobody”不是邮箱地址", "<code>D"] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
    assert!(!told.contains("确认导入"));

    let bytes = spreadsheet::written(&good, &calendar).unwrap();
    let looked = upload(&mut keeper, &bytes).await;
    assert!(looked.body.contains("岗位不归您办理") && !office.store.register().units.contains_key("bing"), "{}", looked.body);
    let seen = version(&looked);
    let unsure = keeper.post("/admin/import/confirm", &[("version", &seen)]).await;
    assert_eq!((unsure.status, office.store.register().units.contains_key("bing")), (StatusCode::SEE_OTHER, false));
    keeper.post("/admin/import/confirm", &[("version", &seen), ("sure", "yes")]).await;
    assert!(office.store.register().people["ding"].posts.is_empty(), "posts are not hers to give");
    let looked = upload(&mut granter, &bytes).await;
    granter.post("/admin/import/confirm", &[("version", &version(&looked)), ("sure", "yes")]).await;
    assert!(office.store.organisation().holds("ding", "case-handler", "bing"));

    let slips = keeper.post("/admin/import/first-passwords", &[("as", "sheet")]).await;
    assert_eq!((slips.status, slips.headers["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"), "{}", slips.body);
    let cells = slips.body.split_once("<code>ding</code>").unwrap().1;
    let password = cells.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0.to_owned();
    assert!(!keeper.post("/admin/import/first-passwords", &[("as", "csv")]).await.body.contains("ding"), "shown once");
    let mut new = office.browser();
    new.get("/login").await;
    new.post("/login", &[("login", "ding"), ("password", &password)]).await;
    assert_eq!(new.get("/inbox/todo").await.location(), "/password", "it must be changed first");
}

#[tokio::test]
async fn what_is_exported_over_the_api_is_what_an_import_takes() {
    let office = Office::open().await;
    let mut keeper = office.at_desk("guan").await;
    let bytes = spreadsheet::written(&grown(&office.store.register()), &calendar()).unwrap();
    let token = keeper.token().await;
    let headers = [("x-csrf-token", token.as_str()), ("content-type", spreadsheet::MEDIA_TYPE)];
    let looked = keeper.send(Method::POST, "/api/v1/register/import", &headers, bytes.clone()).await.json();
    assert_eq!((&looked["counts"]["units"]["added"], &looked["applied"], &looked["faults"]), (&json!(1), &json!(false), &json!([])));
    let apply = format!("/api/v1/register/import?apply={}", looked["version"]);
    assert_eq!(keeper.send(Method::POST, &apply, &headers, bytes.clone()).await.json()["applied"], json!(true));
    assert_eq!(keeper.send(Method::POST, &apply, &headers, bytes.clone()).await.status, StatusCode::CONFLICT, "that version is gone");
    let again = keeper.send(Method::POST, "/api/v1/register/import", &headers, bytes).await.json();
    assert_eq!(again["counts"]["units"], json!({"added": 0, "changed": 0, "same": office.store.register().units.len()}));
    let nonsense = keeper.send(Method::POST, "/api/v1/register/import", &headers, "PK nonsense").await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nobody_leaves_before_her_work_is_in_other_hands() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let what = venue.call(Method::GET, "/start", "-", &Value::Null).await.json();
    let begun = venue.call(Method::POST, &format!("/start/{}", what[0]["process"].as_str().unwrap()), "k", &report()).await.json();
    let case = begun["case"].as_str().unwrap().to_owned();
    let mut leaver = office.at_desk("lin").await;
    let shape = leaver.call(Method::GET, &format!("/cases/{case}"), "-", &Value::Null).await.json();
    let task = shape["tasks"][0]["task"].to_string();
    assert_eq!(leaver.call(Method::POST, &format!("/cases/{case}/tasks/{task}/claim"), "c", &json!({})).await.status, StatusCode::OK);
    let draft = json!({"fields": [["acknowledgement", "写了一半"]]});
    let draft_path = format!("/cases/{case}/tasks/{task}/draft");
    assert_eq!(leaver.call(Method::PUT, &draft_path, "-", &draft).await.status, StatusCode::NO_CONTENT);

    let (mut keeper, mut granter) = (office.at_desk("guan").await, office.at_desk("bao").await);
    let preview = keeper.get("/admin/people/lin/hand-over").await.body;
    assert!(preview.contains("无法移交") && preview.contains("没有其他人担任这个岗位"), "{preview}");
    assert!(!preview.contains("周末讲经"), "who hands over does not see what is in the case");
    let leave = json!({"reason": "调离", "leaves": true});
    let stayed = call(&mut keeper, "/people/lin/hand-over", &leave).await.json();
    assert_eq!(stayed, json!({"moved": 0, "stayed": 1, "left": false}));

    let post = json!({"version": 99, "changes": [{"change": "give_post", "person": "he", "role": "case-handler", "unit": "jia"}]});
    assert_eq!(call(&mut granter, "/register/changes", &post).await.status, StatusCode::OK);
    let page = keeper.get("/admin/people/lin/hand-over").await;
    assert!(page.body.contains("name=\"all\" value=\"he\""), "who could receive most is proposed: {}", page.body);
    let asked = [("all", "he"), ("reason", "调离"), ("leaves", "yes"), ("sure", "yes")];
    assert_eq!(keeper.post("/admin/people/lin/hand-over", &asked).await.location(), "/admin/people/lin");
    let tasks = office.store.tasks_of(&case).await.unwrap();
    assert_eq!(tasks[0].assignee.as_deref(), Some("he"));
    assert!(office.store.draft("he", &format!("task:{case}:{task}")).await.unwrap().is_some(), "what was half written goes along");
    assert!(!office.store.organisation().people.contains_key("lin"));
    assert_eq!(leaver.get("/inbox/todo").await.status, StatusCode::SEE_OTHER, "her sessions are over");
    assert_eq!(call(&mut keeper, "/people/lin/hand-over", &leave).await.json(), json!({"moved": 0, "stayed": 0, "left": true}));
    let journal = office.at_desk("he").await.get(&format!("/cases/{case}")).await.body;
    assert!(journal.contains("调离"), "the case tells who has it now, and why");
}

#[tokio::test]
async fn units_are_found_with_what_stands_above_them_and_closed_only_when_they_are_empty() {
    let office = Office::open().await;
    let mut keeper = office.at_desk("guan").await;
    let found = keeper.get("/admin/units?q=%E7%94%B2%E5%8C%BA%E6%B6%88%E9%98%B2").await.body;
    assert!(
        found.contains("/admin/units/jia-fire") && found.contains("/admin/units/shi\"") && !found.contains("/admin/units/yi\""),
        "{found}"
    );
    let seen = version(&keeper.get("/admin/units/jia").await);
    let refused = keeper.post("/admin/units/jia/close", &[("version", &seen), ("sure", "yes")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("下级机构") && refused.body.contains("有岗位"), "{}", refused.body);
    let ring =
        keeper.post("/admin/units/jia", &[("version", &seen), ("name", "甲区办公室"), ("kind", "district"), ("parent", "jia-fire")]).await;
    assert_eq!(ring.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ring.body.contains("value=\"甲区办公室\""), "what was typed stays");
}
