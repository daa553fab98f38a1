//! Logging in and what belongs to it, through the doors: second factor, step-up, sessions of one's own and of others.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tongban_adapters::accounts::Passwords;
use totp_rs::{Builder, Secret, Totp};

use crate::rig::{Answer, Browser, Office, PASSWORD};

/// What the telephone of `page` shows: it has just scanned the seed.
fn telephone(page: &Answer) -> Totp {
    let secret = page.between("<code class=\"secret\">", "</code>").replace(' ', "");
    Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).with_account_name("x").build().unwrap()
}

fn code(telephone: &Totp, office: &Office) -> String {
    telephone.generate(office.store.clock().now().0.unsigned_abs() / 1000).to_string()
}

async fn enrol(browser: &mut Browser, office: &Office) -> (Totp, Answer) {
    let offered = browser.post("/account/factor", &[]).await;
    assert_eq!(offered.location(), "/account/factor", "{}", offered.body);
    let page = browser.get("/account/factor").await;
    assert!(page.body.contains("<svg class=\"qr\"") && !page.body.contains("otpauth"), "{}", page.body);
    let telephone = telephone(&page);
    let codes = browser.post("/account/factor/confirm", &[("code", &code(&telephone, office))]).await;
    (telephone, codes)
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_not_in_without_it() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("wang").await;
    let (telephone, codes) = enrol(&mut clerk, &office).await;
    assert_eq!(codes.body.matches("<li><code>").count(), 10, "{}", codes.body);
    assert!(!clerk.get("/account/factor").await.body.contains("class=\"secret\""), "the seed is not shown again");

    let mut clerk = office.browser();
    clerk.get("/login").await;
    let half = clerk.post("/login", &[("login", "wang"), ("password", PASSWORD), ("back", "/start")]).await;
    assert_eq!(half.location(), "/login/factor?back=%2Fstart");
    for path in ["/inbox/todo", "/account", "/password", "/account/factor", "/step-up"] {
        assert_eq!(clerk.get(path).await.location(), "/login/factor", "{path}");
    }
    let refused = clerk.call(Method::GET, "/inbox/todo", "-", &Value::Null).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("second-factor-needed")));
    let used = clerk.post("/login/factor", &[("code", &code(&telephone, &office)), ("back", "/start")]).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(used.body.contains("验证码不对"));
    office.turn("1min").await;
    let whole = clerk.post("/login/factor", &[("code", &code(&telephone, &office)), ("back", "/start")]).await;
    assert_eq!(whole.location(), "/start");
    assert_eq!(clerk.get("/start").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_program_gives_its_second_factor_and_steps_up() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("guan").await;
    let (telephone, _) = enrol(&mut clerk, &office).await;
    office.turn("1min").await;
    let mut program = office.browser();
    let kind = ("content-type", "application/json");
    let asked = json!({"login": "guan", "password": PASSWORD}).to_string();
    let half = program.send(Method::POST, "/api/v1/session", &[kind], asked).await.json();
    assert_eq!(half["awaits"], "second-factor-needed");
    let mut program = office.browser();
    let bearer = format!("Bearer {}", half["token"].as_str().unwrap());
    let given = json!({"code": code(&telephone, &office)}).to_string();
    let whole = program.send(Method::POST, "/api/v1/session/second-factor", &[kind, ("authorization", &bearer)], given).await.json();
    assert!(whole["awaits"].is_null() && whole["token"] != half["token"], "{whole}");

    let mut lin = office.at_desk("lin").await;
    let bearer = format!("Bearer {}", whole["token"].as_str().unwrap());
    let mut program = office.browser();
    office.turn("10min").await;
    let list = program.send(Method::GET, "/api/v1/accounts/lin/sessions", &[("authorization", &bearer)], "").await.json();
    let path = format!("/api/v1/accounts/lin/sessions/{}", list[0]["id"].as_str().unwrap());
    let stale = program.send(Method::DELETE, &path, &[("authorization", &bearer)], "").await;
    assert_eq!((stale.status, &stale.headers["content-type"]), (StatusCode::FORBIDDEN, &"application/problem+json".parse().unwrap()));
    assert_eq!(stale.json()["type"], "urn:tongban:problem:step-up-needed");
    let mut program = office.browser();
    let shown = json!({"proof": code(&telephone, &office)}).to_string();
    let fresh = program.send(Method::POST, "/api/v1/session/step-up", &[kind, ("authorization", &bearer)], shown).await.json();
    let bearer = format!("Bearer {}", fresh["token"].as_str().unwrap());
    let mut program = office.browser();
    let ended = program.send(Method::DELETE, &path, &[("authorization", &bearer)], "").await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
    assert_eq!(lin.get("/inbox/todo").await.status, StatusCode::SEE_OTHER, "logged out");
}

#[tokio::test]
async fn who_is_asked_again_goes_on_where_she_was() {
    let office = Office::open().await;
    office.at_desk("lin").await;
    let mut keeper = office.at_desk("guan").await;
    office.turn("6min").await;
    let path = "/accounts/lin/new-password";
    let asked = keeper.post(path, &[("kept", "<b>typed</b>")]).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert!(
        asked.body.contains("name=\"kept\" value=\"&lt;b&gt;typed&lt;/b&gt;\"")
            && asked.body.contains(&format!("name=\"_to\" value=\"{path}\""))
    );
    let form = [("kept", "<b>typed</b>"), ("_key", "k"), ("_to", path), ("_again", "post")];
    let wrong = keeper.post("/step-up", &[&form[..], &[("_proof", "guess")]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("&lt;b&gt;typed&lt;/b&gt;") && !wrong.body.contains("guess"), "{}", wrong.body);
    let right = keeper.post("/step-up", &[&form[..], &[("_proof", PASSWORD)]].concat()).await;
    assert_eq!((right.status, right.location()), (StatusCode::TEMPORARY_REDIRECT, path));
    let given = keeper.post(path, &form).await;
    let password = given.between("<code class=\"secret\">", "</code>");
    assert_eq!(password.len(), 14);

    let away = keeper.post("/step-up", &[("_to", "//elsewhere.example/"), ("_proof", PASSWORD)]).await;
    assert_eq!(away.location(), "/", "never to another host");
    let mut lin = office.browser();
    lin.get("/login").await;
    let first = lin.post("/login", &[("login", "lin"), ("password", &password)]).await;
    assert_eq!(first.location(), "/password", "a given password is changed first");
    let script = keeper.send(Method::GET, "/accounts", &[("accept", "text/html")], "").await;
    assert_eq!(script.status, StatusCode::OK);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_log_ins() {
    let office = Office::open().await;
    let mut desk = office.at_desk("wang").await;
    let mut forgotten = office.at_desk("wang").await;
    let list = desk.call(Method::GET, "/sessions", "-", &Value::Null).await.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(list.as_array().unwrap().iter().all(|session| session["address"] == "192.0.2.1" && session["token"].is_null()), "{list}");
    let page = desk.get("/account").await;
    assert!(page.body.contains("192.0.2.1") && page.body.contains("退出其他所有登录"));
    assert_eq!(desk.post("/account/end-sessions", &[]).await.location(), "/account");
    assert_eq!(forgotten.get("/inbox/todo").await.status, StatusCode::SEE_OTHER);
    let mut again = office.at_desk("wang").await;
    let list = desk.call(Method::GET, "/sessions", "-", &Value::Null).await.json();
    let other = list.as_array().unwrap().iter().find(|session| session["here"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    desk.post("/account/end-session", &[("session", &other)]).await;
    assert_eq!(again.get("/inbox/todo").await.status, StatusCode::SEE_OTHER);
    let mut stranger = office.at_desk("lin").await;
    let own = desk.call(Method::GET, "/sessions", "-", &Value::Null).await.json()[0]["id"].as_str().unwrap().to_owned();
    let foreign = stranger.call(Method::DELETE, &format!("/sessions/{own}"), "-", &Value::Null).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "nobody ends another's by its name");
}

#[tokio::test]
async fn accounts_are_kept_by_who_has_the_duty_and_not_ones_own() {
    let office = Office::open().await;
    let mut clerk = office.at_desk("lin").await;
    for path in ["/accounts", "/accounts/wang"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["new-password", "disable", "end-session", "end-sessions", "end-factor", "bind", "unbind"] {
        assert_eq!(clerk.post(&format!("/accounts/wang/{path}"), &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let listed = clerk.call(Method::GET, "/accounts/wang/sessions", "-", &Value::Null).await;
    assert_eq!(listed.status, StatusCode::FORBIDDEN);
    let mut keeper = office.at_desk("guan").await;
    assert!(keeper.get("/accounts").await.body.contains("/accounts/lin"));
    assert_eq!(keeper.post("/accounts/guan/new-password", &[]).await.status, StatusCode::FORBIDDEN, "one's own is not among them");
    assert_eq!(keeper.post("/accounts/lin/end-factor", &[]).await.status, StatusCode::FORBIDDEN, "who keeps accounts gives no rights");
    assert_eq!(keeper.post("/accounts/lin/disable", &[]).await.location(), "/accounts/lin");
    assert_eq!(clerk.get("/inbox/todo").await.status, StatusCode::SEE_OTHER);
    let noted = office.store.audit_after(0, 100).await.unwrap();
    let disabled = noted.iter().find(|row| row.deed.deed == "account.disabled").unwrap();
    assert_eq!((disabled.deed.actor.as_str(), disabled.deed.about.as_str()), ("guan", "lin"));
}

#[tokio::test]
async fn under_the_third_level_everybody_enrols_before_anything_else() {
    let office = Office::under(Passwords::Djcp3).await;
    office.store.set_account("wang", "wang", PASSWORD, false).await.unwrap();
    let mut clerk = office.browser();
    clerk.get("/login").await;
    let answer = clerk.post("/login", &[("login", "wang"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/account/factor");
    assert_eq!(clerk.get("/inbox/todo").await.location(), "/account/factor");
    let refused = clerk.call(Method::GET, "/inbox/todo", "-", &Value::Null).await;
    assert_eq!(refused.json()["code"], "enrol-second-factor");
    let (_, codes) = enrol(&mut clerk, &office).await;
    assert_eq!(codes.status, StatusCode::OK, "{}", codes.body);
    assert_eq!(clerk.get("/inbox/todo").await.status, StatusCode::OK);
    assert_eq!(clerk.post("/account/end-factor", &[]).await.status, StatusCode::FORBIDDEN, "nobody does without");
}

#[tokio::test]
async fn an_attacker_locks_out_nobody_from_another_address() {
    let office = Office::open().await;
    office.at_desk("wang").await;
    let mut attacker = office.browser();
    attacker.address = [203, 0, 113, 9];
    attacker.get("/login").await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(attacker.post("/login", &[("login", "wang"), ("password", "guess")]).await.status.as_u16());
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429]);
    office.at_desk("wang").await;
}

#[tokio::test]
async fn who_keeps_accounts_cannot_log_in_as_another_administrator() {
    let office = Office::open().await;
    let (mut keeper, _granter) = (office.at_desk("guan").await, office.at_desk("bao").await);
    let before = office.store.account_of("bao").await.unwrap().unwrap().changed_at;
    for (path, form) in [("new-password", &[][..]), ("disable", &[]), ("bind", &[("subject", "hers")])] {
        let refused = keeper.post(&format!("/accounts/bao/{path}"), form).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}: {}", refused.body);
    }
    let account = office.store.account_of("bao").await.unwrap().unwrap();
    assert_eq!((account.changed_at, account.disabled), (before, false));
    let version = crate::people::version(&keeper.get("/admin/people/bao").await);
    let entry = [("version", version.as_str()), ("name", "鲍丁"), ("login", "bao"), ("mail", "guan@jia.example.test")];
    let mailed = keeper.post("/admin/people/bao/entry", &entry).await;
    assert_eq!(mailed.status, StatusCode::CONFLICT, "an identity platform may know her by her address");
    office.at_desk("lin").await;
    let clerk = keeper.post("/accounts/lin/new-password", &[]).await;
    assert!(clerk.body.contains("class=\"secret\""), "a clerk gets one: {}", clerk.body);
}
