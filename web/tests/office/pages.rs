//! Pages without script: who sees what, what is kept when a form is refused, and that nothing is taken without its token.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::rig::{Browser, Office, fields};

/// A report of a venue, as its form is posted.
pub(crate) fn report() -> Vec<(String, String)> {
    let data = json!({
        "reporting_venue": {"name": "示范寺", "social_credit_code": "71310101MB9900515J"},
        "activity_title": "周末讲经", "activity_kind": "lecture", "activity_date": "2026-12-05", "start_time": "09:00", "end_time": "11:00",
        "activity_place": "讲经堂", "activity_host": "弘法组", "headcount": "60", "safety_contact": {"name": "冯九", "contact_mobile": "13800000009"}
    });
    fields(&data, "")
}

async fn started(venue: &mut Browser) -> String {
    let page = venue.get("/start").await;
    let form = page.between("href=\"/start/", "\"");
    let answer = venue.post_files(&format!("/start/{form}"), &report(), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn the_gate_lets_in_only_who_knows_the_password_and_comes_from_our_own_page() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("wang").await;
    assert_eq!(clerk.get("/").await.location(), "/inbox/todo");

    let mut stranger = office.browser();
    assert_eq!(stranger.get("/inbox/todo").await.location(), "/login?back=%2Finbox%2Ftodo");
    stranger.get("/login").await;
    let wrong = stranger.post("/login", &[("login", "wang"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("账号或密码不对") && wrong.body.contains("value=\"wang\""), "what was typed is kept");

    let form = [("content-type", "application/x-www-form-urlencoded")];
    let forged = clerk.send(Method::POST, "/logout", &form, "_csrf=guess").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let elsewhere = clerk.send(Method::POST, "/logout", &[form[0], ("sec-fetch-site", "cross-site")], "").await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.get("/inbox/todo").await.status, StatusCode::OK, "still logged in");
    clerk.post("/logout", &[]).await;
    assert_eq!(clerk.get("/inbox/todo").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_page_says_what_a_browser_may_do_with_it() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("wang").await;
    for path in ["/login", "/inbox/todo", "/start", "/nowhere", "/assets/css/base.css"] {
        let answer = clerk.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"), "{path}");
        assert_eq!((header("x-content-type-options"), header("referrer-policy")), ("nosniff", "no-referrer"), "{path}");
        assert!(path.starts_with("/assets") || header("cache-control") == "no-store", "{path}");
        assert!(!answer.body.contains(" style=") && !answer.body.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn a_venue_reports_and_sees_only_what_is_public() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let case = started(&mut venue).await;
    let page = venue.get(&case).await;
    assert!(page.body.contains("已收到报告"), "the public text: {}", page.body);
    assert!(!page.body.contains("流程图") && !page.body.contains("进入环节"), "no internal step");
    assert!(venue.get("/portal").await.body.contains("周末讲经"));

    let mut handler = office.at_desk("lin").await;
    let inbox = handler.get("/inbox/todo").await;
    assert!(inbox.body.contains("周末讲经") && inbox.body.contains("待办 <span class=\"number\">1 件</span>"), "count = rows");
    assert!(handler.get(&case).await.body.contains("流程图"));

    for person in ["you", "zhao", "wei"] {
        let mut other = office.at_desk(person).await;
        assert_eq!(other.get(&case).await.status, StatusCode::NOT_FOUND, "{person} learns nothing");
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_names_each_mistake() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let mut wrong = report();
    wrong.retain(|(name, _)| name != "activity_title");
    wrong.iter_mut().find(|(name, _)| name == "end_time").unwrap().1 = "08:00".to_owned();
    let form = venue.get("/start").await.between("href=\"/start/", "\"");
    let answer = venue.post_files(&format!("/start/{form}"), &wrong, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"讲经堂\""), "kept");
    assert!(answer.body.contains("id=\"f-activity_title-error\"") && answer.body.contains("结束时间应晚于开始时间"));

    let file = [("programme", "安排.pdf", b"not a pdf".as_slice())];
    let answer = venue.post_files(&format!("/start/{form}"), &report(), &file).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
}

#[tokio::test]
async fn files_of_a_refused_form_need_not_be_attached_again() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let path = format!("/start/{}", venue.get("/start").await.between("href=\"/start/", "\""));
    let mut wrong = report();
    wrong.iter_mut().find(|(name, _)| name == "end_time").unwrap().1 = "08:00".to_owned();
    let pdf = b"%PDF-1.4 a programme".as_slice();
    let refused = venue.post_files(&path, &wrong, &[("programme", "初稿.pdf", pdf)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("初稿.pdf") && refused.body.contains("无须重新选择"), "{}", refused.body);
    assert!(venue.get(&path).await.body.contains("初稿.pdf"), "still there when she comes back");
    let replaced = venue.post_files(&path, &wrong, &[("programme", "定稿.pdf", pdf)]).await;
    assert!(replaced.body.contains("定稿.pdf") && !replaced.body.contains("初稿.pdf"), "another file takes its place");
    let accepted = venue.post_files(&path, &report(), &[]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.body);
    assert!(venue.get(accepted.location()).await.body.contains("定稿.pdf"));
    assert!(!venue.get(&path).await.body.contains("定稿.pdf"), "the next report begins empty");
}

#[tokio::test]
async fn each_action_says_what_follows() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    started(&mut venue).await;
    let mut handler = office.at_desk("lin").await;
    let task = handler.get("/inbox/todo").await.between("<a class=\"row-title\" href=\"", "\"");
    let page = handler.get(&task).await.body;
    assert!(page.contains("之后：办结“已收悉”") && page.contains("之后：“等待场所补充”"), "{page}");
    let shape = handler.call(Method::GET, &task, "", &json!(null)).await.json();
    assert_eq!(shape["actions"][0]["next"]["zh"], "之后：办结“已收悉”");
    assert!(shape["actions"][0]["next"]["en"] == "Next: closed as \"Acknowledged\"", "{shape}");
}

#[tokio::test]
async fn a_clerk_previews_claims_and_completes() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    let case = started(&mut venue).await;
    let mut handler = office.at_desk("lin").await;
    let task = handler.get("/inbox/todo").await.between("<a class=\"row-title\" href=\"", "\"");
    let page = handler.get(&task).await;
    assert!(page.body.contains("收悉") && page.body.contains("请场所补充"));

    let preview = handler.post(&format!("{task}/preview"), &[("_action", "acknowledge"), ("acknowledgement", "已阅")]).await;
    assert!(preview.body.contains("若“收悉”") && preview.body.contains("办件办结"), "{}", preview.body);
    assert!(preview.body.contains("已阅"), "what was typed is kept");
    assert_eq!(handler.post(&format!("{task}/claim"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(handler.get(&task).await.body.contains("退回岗位"));

    let missing = handler.post(&task, &[("_action", "ask")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = handler.post(&task, &[("_action", "acknowledge"), ("acknowledgement", "已阅"), ("_key", "once")]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/inbox/todo"), "{}", done.body);
    let again = handler.post(&task, &[("_action", "acknowledge"), ("acknowledgement", "已阅"), ("_key", "other")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("已阅"), "the loser's text is not lost");

    let documents = venue.get(&case).await.between("/documents/", "\"");
    let document = venue.get(&format!("{case}/documents/{documents}")).await;
    assert!(document.status == StatusCode::OK && document.body.contains("class=\"sheet\""));
}

#[tokio::test]
async fn a_change_by_another_is_told_before_anything_is_submitted() {
    let office = Office::open().await;
    let mut venue = office.at_desk("feng").await;
    started(&mut venue).await;
    let mut handler = office.at_desk("lin").await;
    let task = handler.get("/inbox/todo").await.between("<a class=\"row-title\" href=\"", "\"");
    let version = handler.get(&task).await.between("name=\"_version\" value=\"", "\"");
    handler.post(&format!("{task}/claim"), &[]).await;
    handler.post(&format!("{task}/release"), &[]).await;
    let own = handler.post(&task, &[("_action", "ask"), ("_version", &version)]).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY, "her own changes are no conflict");
}

#[tokio::test]
async fn english_is_one_click_away_and_stays() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("wang").await;
    let page = clerk.get("/inbox/todo?lang=en").await;
    assert!(page.body.contains("<html lang=\"en\"") && page.body.contains("Nothing to do"));
    assert!(clerk.get("/start").await.body.contains("<html lang=\"en\""));
}

#[tokio::test]
async fn duties_besides_cases_follow_from_the_role() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("wang").await;
    assert_eq!(clerk.get("/intake").await.status, StatusCode::OK);
    assert_eq!(clerk.get("/outbox").await.status, StatusCode::FORBIDDEN);
    let mut handler = office.at_desk("lin").await;
    assert_eq!(handler.get("/intake").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_new_version_is_planned_moved_to_and_left_again() {
    let office = Office::open().await;
    let mut bundle = tongban_adapters::office::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let report = &mut bundle.files.get_mut("workflows/reports/activity/process.yaml").unwrap();
    report.push_str("\n# a new version\n");
    let mut venue = office.at_desk("feng").await;
    let started = venue.call(axum::http::Method::POST, "/start/activity-report", "v1", &crate::api::report()).await;
    assert_eq!(started.status, StatusCode::OK, "{}", started.body);
    office.store.deploy(&bundle).await.unwrap();

    assert_eq!(venue.get("/versions").await.status, StatusCode::FORBIDDEN);
    let mut operator = office.at_desk("yun").await;
    assert!(operator.get("/versions").await.body.contains("/versions/activity-report"));
    let page = operator.get("/versions/activity-report").await;
    let case = page.between("name=\"case\" value=\"", "\"");
    assert!(page.body.contains("<progress value=\"0\" max=\"1\">"), "{}", page.body);
    let key = page.between("name=\"_key\" value=\"", "\"");
    let path = "/versions/activity-report/move";
    let unsure = operator.post(path, &[("_key", key.as_str()), ("which", "rest")]).await;
    assert_eq!(unsure.status, StatusCode::SEE_OTHER);
    operator.post(path, &[("_key", key.as_str()), ("which", "pilot"), ("case", case.as_str())]).await;
    let page = operator.get("/versions/activity-report").await;
    assert!(page.body.contains("<progress value=\"1\" max=\"1\">") && page.body.contains("value=\"undo\""), "{}", page.body);
    operator.post(path, &[("_key", "undo"), ("which", "undo"), ("sure", "yes")]).await;
    let page = operator.get("/versions/activity-report").await;
    assert!(page.body.contains("<progress value=\"0\" max=\"1\">"), "{}", page.body);
}
