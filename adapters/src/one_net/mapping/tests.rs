//! The mapping on the office's own file, and what is found in wrong ones.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::*;

const FILE: &str = include_str!("../../../../workflows/platforms/one-net.yaml");

fn load(text: &str) -> (Option<Mapping>, Vec<Finding>) {
    Mapping::load(&Source { name: "workflows/platforms/one-net.yaml".into(), text: text.into() })
}

fn mapping() -> Mapping {
    let (mapping, findings) = load(FILE);
    assert!(findings.is_empty(), "{findings:?}");
    mapping.unwrap()
}

#[test]
fn an_application_reads_back_as_it_was_written() {
    let shape = &mapping().incoming["application"].fields;
    let ours = json!({
        "message_id": "m1", "application_no": "A1", "task": "large-event-permit@jia", "received_at": 1_759_024_800_000_i64,
        "applicant": {"name": "某团体", "kind": "organisation", "subject": "u2"},
        "data": {"event_name": "法会"},
        "materials": [{"material": "safety_plan", "name": "方案.pdf", "upload": "m0"}],
    });
    let wire = shape.write(&ours).unwrap();
    assert_eq!(wire["task_code"], "11310101MB990011XC4000141990001");
    assert_eq!(wire["apply_date"], "2025-09-28 10:00:00");
    assert_eq!(wire["up_pro_material"][0]["stuff_uni_id"], "safety_plan");
    assert_eq!(shape.read(&wire).unwrap(), ours);
}

#[test]
fn a_group_is_there_only_when_its_path_is() {
    let mapping = mapping();
    let shape = &mapping.outgoing["status"].fields;
    let mut status = mapping.statuses["accepted"].clone();
    status["code"] = json!("accepted");
    let wire = shape.write(&json!({"at": 0, "status": status, "task": "large-event-permit@jia", "documents": []})).unwrap();
    assert_eq!(wire["up_pro_process"]["event_name"], "02");
    assert_eq!(wire["up_pro_accept"]["accept_date"], "1970-01-01 08:00:00");
    assert!(wire.get("up_pro_result").is_none() && wire.get("supplement_notify").is_none());
}

#[test]
fn a_misfit_names_the_platforms_field() {
    let shape = &mapping().incoming["application"].fields;
    let misfit = |wire| shape.read(&wire).unwrap_err();
    assert_eq!(misfit(json!({"task_code": "999"})).field, "task_code");
    assert!(misfit(json!({"apply_date": "yesterday"})).reason.contains("%Y-%m-%d"));
    assert_eq!(misfit(json!({"up_pro_material": "none"})).field, "up_pro_material");
    assert_eq!(shape.wire_name("application_no").as_deref(), Some("project_no"));
}

#[test]
fn every_mistake_is_found_with_its_line() {
    let wrong = FILE
        .replace("algorithm: hmac-sm3 ", "algorithm: md5 ")
        .replace("  received:     {step", "  recieved:     {step")
        .replace("apply_date: received_at | datetime", "apply_date: received_at | dattime");
    let (mapping, findings) = load(&wrong);
    assert!(mapping.is_none());
    let found: Vec<String> = findings.iter().map(|f| f.message.en.clone().unwrap()).collect();
    for part in ["md5", "`statuses` lacks `received`", "no portal status `recieved`", "no format `dattime`"] {
        assert!(found.iter().any(|text| text.contains(part)), "{part} not in {found:?}");
    }
    assert!(findings.iter().all(|finding| finding.place.span.line > 1));
}
