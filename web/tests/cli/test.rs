//! `tongban test`: several cases in one story, what is not covered, JSON, and telling again on a change.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::rig::{Office, text};

const LARGE: &str = "workflows/hall/hire/scenarios/large.yaml";

#[test]
fn one_story_goes_through_a_call_a_condition_a_signal_and_a_decision() {
    let told = Office::open().says(&["test", "--lang", "en"]);
    assert!(told.contains("✓ workflows/hall/hire/scenarios/large.yaml\n"), "{told}");
    assert!(told.contains("hall-inspection: elements 3/3, actions 1/1, flows 2/2\n"), "{told}");
    assert!(told.ends_with("2 passed, 0 failed\n"), "{told}");
}

#[test]
fn what_no_story_went_through_is_told_with_its_place() {
    let told: Value = serde_json::from_str(&Office::open().says(&["test", "--json"])).unwrap();
    let hire = told["coverage"].as_array().unwrap().iter().find(|process| process["process"] == "hall-hire").unwrap();
    assert_eq!(hire["boundary_events"], json!({"covered": 1, "all": 1}));
    assert_eq!(hire["decision_rows"], json!({"covered": 1, "all": 2}));
    let missing: Vec<(&str, &str)> = hire["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|missing| (missing["kind"].as_str().unwrap(), missing["id"].as_str().unwrap()))
        .collect();
    assert!(missing.contains(&("actions", "look.refuse")), "{missing:?}");
    assert!(missing.contains(&("decision_rows", "hall-level.1")), "a rule without an id is told by its number: {missing:?}");
    let row = hire["missing"].as_array().unwrap().iter().find(|missing| missing["id"] == "hall-level.1").unwrap();
    assert_eq!((row["file"].as_str(), row["line"].as_u64()), (Some("workflows/hall/hire/decisions/hall-level.yaml"), Some(9)));
}

#[test]
fn a_story_that_goes_otherwise_fails_and_says_where() {
    let office = Office::open();
    office.change(LARGE, "hall_result: 合格}}\n  - case: A1", "hall_result: 不合格}}\n  - case: A1");
    let output = office.command(&["test", "--lang", "en", "large"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    assert!(told.contains("step 6: data hall_result: told \"不合格\", is \"合格\""), "{told}");
}

#[test]
fn it_tells_again_when_a_file_changes() {
    let office = Office::open();
    let mut running = office.command(&["test", "--watch", "--lang", "en", "large"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut next = || lines.by_ref().find(|line| line.contains("passed,")).unwrap();
    assert_eq!(next(), "1 passed, 0 failed");
    office.change(LARGE, "expect: {at: [inspect]}", "expect: {at: [look]}");
    assert_eq!(next(), "0 passed, 1 failed");
    running.kill().unwrap();
    running.wait().unwrap();
}
