//! Personal data in full: masked until somebody states a purpose and has just shown who she is; on record first, counted, told.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tongban_adapters::store::{Deed, REVEALS_HOUR_MAX};
use tongban_engine::{
    interpreter::{Actor, Applicant, Ask, Command, MaterialGiven, Start},
    time::Moment,
};

use crate::rig::{Office, PASSWORD};

const NUMBER: &str = "310101199001010012";
const MASKED: &str = "3101**********0012";
const CASE: &str = "filing";

/// A member of the clergy, filed by her association.
async fn filed() -> Office {
    let office = Office::open().await;
    let bundle = tongban_adapters::office::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let scenario: Value = tongban_adapters::yaml::read(&bundle.files["workflows/filings/clergy/scenarios/from_one_net.yaml"]).unwrap();
    let at: Moment = office.store.clock().now();
    let proof = MaterialGiven {
        material: "recognition_proof".into(),
        file: "f1".into(),
        name: "proof.pdf".into(),
        size: 1,
        media_type: "application/pdf".into(),
    };
    let start = Start {
        at: None,
        caller: None,
        process: "clergy-filing".into(),
        message: Some("one-net.application".into()),
        unit: "jia".into(),
        applicant: Applicant { name: "甲区佛教协会".into(), unit: Some("jia-buddhist".into()), ..Applicant::default() },
        application_no: Some("A1".into()),
        source: "one-net".into(),
        received_at: at,
        data: scenario["steps"][0]["data"].as_object().unwrap().clone(),
        materials: vec![proof],
    };
    let (case, key, actor) = (CASE.into(), "start".into(), Actor::Platform("one-net".into()));
    office.store.submit(Command { case, key, actor, at, ask: Ask::Start(Box::new(start)) }).await.unwrap();
    office
}

async fn looks(office: &Office, deed: &str) -> Vec<Deed> {
    let rows = office.store.audit_after(0, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.deed).filter(|noted| noted.deed == deed).collect()
}

#[tokio::test]
async fn who_looks_says_what_for_and_the_person_concerned_can_read_it() {
    let office = filed().await;
    let mut clerk = office.at_desk("wang").await;
    let page = clerk.get(&format!("/cases/{CASE}")).await;
    assert!(page.body.contains(MASKED) && !page.body.contains(NUMBER), "masked until asked for");
    let looked = format!("/cases/{CASE}/reveal");
    let without = clerk.post(&looked, &[("purpose", "curiosity")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!without.body.contains(NUMBER) && looks(&office, "field.revealed").await.is_empty());

    let page = clerk.post(&looked, &[("purpose", "verify-identity"), ("remark", "核对证件")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(NUMBER));
    assert_eq!(page.headers["cache-control"], "no-store");
    let noted = looks(&office, "field.revealed").await;
    assert_eq!((noted.len(), noted[0].actor.as_str(), noted[0].about.as_str()), (1, "wang", CASE));
    assert_eq!(noted[0].purpose.as_deref(), Some("verify-identity"));
    let after = noted[0].after.as_deref().unwrap();
    assert!(after.contains("resident_id") && !after.contains(NUMBER), "names, no values: {after}");

    let page = clerk.get(&format!("/cases/{CASE}")).await;
    assert!(!page.body.contains(NUMBER), "once is once");
    assert!(page.body.contains("核对当事人身份") && page.body.contains("核对证件"), "the office sees who looked, and her remark");
    let page = office.at_desk("zhao").await.get(&format!("/portal/cases/{CASE}")).await;
    assert!(page.body.contains("核对当事人身份") && page.body.contains("公民身份号码"), "so does the applicant: {}", page.body);
    assert!(!page.body.contains("核对证件"), "remarks are the office's own");
}

#[tokio::test]
async fn a_step_reveals_what_it_shows_and_no_more() {
    let office = filed().await;
    let mut clerk = office.at_desk("wang").await;
    let shown = clerk.call(Method::GET, &format!("/cases/{CASE}"), "-", &Value::Null).await;
    assert!(!shown.body.contains(NUMBER), "{}", shown.body);
    let task = shown.json()["tasks"][0]["task"].clone();
    let path = format!("/cases/{CASE}/reveal");
    let look = |fields: Value, purpose: &str| json!({"fields": fields, "task": task, "purpose": purpose});

    let purposes = clerk.call(Method::GET, "/reveal-purposes", "-", &Value::Null).await.json();
    assert!(purposes.as_array().unwrap().iter().any(|purpose| purpose["purpose"] == "handle-case"), "{purposes}");
    let seen = clerk.call(Method::POST, &path, "k1", &look(json!(["resident_id"]), "handle-case")).await;
    assert_eq!((seen.status, seen.json()["values"].clone()), (StatusCode::OK, json!({"resident_id": NUMBER})));
    assert_eq!(seen.headers["cache-control"], "no-store");
    let more = clerk.call(Method::POST, &path, "k2", &look(json!(["resident_id", "rounds"]), "handle-case")).await;
    assert_eq!(more.status, StatusCode::FORBIDDEN, "the step does not show it: {}", more.body);
    let other = clerk.call(Method::POST, &path, "k3", &look(json!(["resident_id"]), "none")).await;
    assert_eq!((other.status, other.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("purpose")));
    let police = office.at_desk("gao").await.call(Method::POST, &path, "k4", &look(json!(["resident_id"]), "handle-case")).await;
    assert_eq!(police.status, StatusCode::NOT_FOUND, "{}", police.body);
    let list = clerk.call(Method::GET, &format!("/cases/{CASE}/reveals"), "-", &Value::Null).await.json();
    assert_eq!((list[0]["person"].clone(), list[0]["fields"].clone()), (json!("wang"), json!(["resident_id"])));
    assert_eq!(looks(&office, "field.revealed").await.len(), 1, "what was refused was not looked at");
}

#[tokio::test]
async fn who_has_not_just_shown_who_she_is_must_do_so_first() {
    let office = filed().await;
    let mut clerk = office.at_desk("wang").await;
    office.turn("PT6M").await;
    let look = json!({"fields": ["resident_id"], "purpose": "handle-case"});
    let refused = clerk.call(Method::POST, &format!("/cases/{CASE}/reveal"), "k1", &look).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (StatusCode::FORBIDDEN, json!("step-up-needed")));
    let page = clerk.post(&format!("/cases/{CASE}/reveal"), &[("purpose", "handle-case")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.body.contains(NUMBER) && looks(&office, "field.revealed").await.is_empty());

    let looked = format!("/cases/{CASE}/reveal");
    let form = [("purpose", "handle-case"), ("_to", looked.as_str()), ("_again", "post")];
    let shown = clerk.post("/step-up", &[&form[..], &[("_proof", PASSWORD)]].concat()).await;
    assert_eq!((shown.status, shown.location()), (StatusCode::TEMPORARY_REDIRECT, looked.as_str()));
    assert!(clerk.post(&looked, &form).await.body.contains(NUMBER), "she goes on where she was");
}

#[tokio::test]
async fn who_looks_too_often_is_stopped_and_noted() {
    let office = filed().await;
    let mut clerk = office.at_desk("wang").await;
    let (path, look) = (format!("/cases/{CASE}/reveal"), json!({"fields": ["resident_id"], "purpose": "handle-case"}));
    for _ in 0..REVEALS_HOUR_MAX {
        assert_eq!(clerk.call(Method::POST, &path, "-", &look).await.status, StatusCode::OK);
    }
    let stopped = clerk.call(Method::POST, &path, "-", &look).await;
    assert_eq!((stopped.status, stopped.json()["code"].clone()), (StatusCode::TOO_MANY_REQUESTS, json!("too-many-reveals")));
    assert!(!stopped.body.contains(NUMBER));
    assert_eq!(looks(&office, "field.reveal-refused").await.len(), 1);
    office.turn("PT61M").await;
    let mut clerk = office.at_desk("wang").await;
    assert_eq!(clerk.call(Method::POST, &path, "-", &look).await.status, StatusCode::OK, "an hour later she may again");
}
