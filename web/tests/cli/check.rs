//! `tongban check`: the office's people against what its processes ask.

use std::fs;

use crate::rig::{Office, text};

/// One clerk in one unit, for whatever role.
fn people(role: &str) -> String {
    format!("units: {{a: {{name: {{zh: 甲}}, kind: district}}}}\npeople: {{ann: {{name: 安, posts: [{{role: {role}, unit: a}}]}}}}\n")
}

#[test]
fn lanes_are_checked_against_the_organisation_that_is_named() {
    let office = Office::open();
    assert!(!office.says(&["check", "--lang", "en"]).contains("P004"), "without an organisation nobody can say who is missing");
    let named = ["check", "--organisation", "people.yaml", "--lang", "en"];
    fs::write(office.file("people.yaml"), people("stranger")).unwrap();
    let told = office.says(&named);
    assert!(told.contains("warning[P004]: nobody in the organisation holds the role"), "{told}");
    assert!(told.contains("--> workflows/hall/hire/process.yaml:"), "{told}");
}

#[test]
fn the_demonstration_office_is_taken_where_none_is_named() {
    let office = Office::open();
    fs::create_dir_all(office.file("workflows/demo")).unwrap();
    fs::write(office.file("workflows/demo/organisation.yaml"), people("stranger")).unwrap();
    assert!(office.says(&["check"]).contains("P004"));
}

#[test]
fn an_organisation_that_is_none_is_no_answer() {
    let office = Office::open();
    fs::write(office.file("people.yaml"), "people: [ann]\n").unwrap();
    let output = office.command(&["check", "--organisation", "people.yaml"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("people.yaml"), "{}", text(&output));
}
