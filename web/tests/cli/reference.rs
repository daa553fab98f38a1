//! `tongban docs`, `explain`, `import` and `export` through the built binary.

use std::fs;

use tongban_engine::{diagnostic::CODES, reference::topics, text::Language};

use crate::rig::{Office, text};

#[test]
fn every_topic_is_printed_in_both_languages() {
    let office = Office::open();
    let list = office.says(&["docs", "--lang", "en"]);
    for topic in topics() {
        assert!(list.contains(topic.word), "{list}");
        for (lang, language) in [("zh", Language::Zh), ("en", Language::En)] {
            assert_eq!(office.says(&["docs", topic.word, "--lang", lang]).trim_end(), topic.text(language).trim_end());
        }
    }
    let output = office.command(&["docs", "everything"]).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("dialect, functions"), "{output:?}");
}

#[test]
fn every_code_is_explained() {
    let office = Office::open();
    for code in CODES {
        assert!(!code.title().zh.is_empty() && !code.explanation().get(Language::En).is_empty(), "{}", code.code);
    }
    let told = office.says(&["explain", "f001", "--lang", "en"]);
    assert!(told.contains("F001") || told.starts_with("f001"), "{told}");
}

#[test]
fn what_is_exported_is_imported_as_the_same_process() {
    let office = Office::open();
    office.says(&["export", "hall-hire", "--out", "hire.bpmn"]);
    let xml = fs::read_to_string(office.file("hire.bpmn")).unwrap();
    assert!(xml.contains("BPMNShape") && xml.contains("id=\"look\""), "{xml}");
    let told = office.says(&["import", "hire.bpmn", "--out", "workflows/back", "--lang", "en"]);
    assert!(told.contains("wrote workflows/back/hall-hire/process.yaml"), "{told}");
    let same = office.says(&["diff", "workflows/hall/hire", "workflows/back/hall-hire", "--lang", "en"]);
    assert!(!same.contains("element") && !same.contains(" look "), "{same}");
    let again = office.command(&["import", "hire.bpmn", "--out", "workflows/back"]).output().unwrap();
    assert!(!again.status.success(), "nothing is overwritten");
}

#[test]
fn an_import_says_honestly_what_does_not_map() {
    let office = Office::open();
    let xml = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="Old" isExecutable="true">
    <startEvent id="Start"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Work"/>
    <serviceTask id="Work" camunda:class="org.example.Work"/>
    <sequenceFlow id="f2" sourceRef="Work" targetRef="End"/>
    <endEvent id="End"/>
  </process>
</definitions>"#;
    fs::write(office.file("old.bpmn"), xml).unwrap();
    let output = office.command(&["import", "old.bpmn", "--lang", "en"]).output().unwrap();
    let (yaml, report) = (text(&output), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success() && yaml.contains("serviceTask: work"), "{yaml}\n{report}");
    assert!(report.contains("## Means something else") && report.contains("old.bpmn:5:"), "{report}");
    fs::write(office.file("bad.bpmn"), "<!DOCTYPE x [<!ENTITY a \"b\">]><definitions/>").unwrap();
    let output = office.command(&["import", "bad.bpmn"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "hostile XML is refused");
}
