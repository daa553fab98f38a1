//! `tongban diff`: what is different between two versions, in words, as JSON, and on the diagram.

use std::fs;

use serde_json::Value;

use crate::rig::Office;

const HIRE: &str = "workflows/hall/hire/process.yaml";

/// An office in which much has changed.
fn changed() -> Office {
    let office = Office::open();
    office.change(HIRE, "due: 2wd", "due: 3wd");
    office.change(HIRE, "hall_level == \"large\"", "hall_level != \"small\"");
    office.change(HIRE, "edit: [hall_remark]", "edit: [hall_remark, hall_result]");
    office.change(HIRE, "  - intermediateCatchEvent: opened\n    name: {zh: 开馆, en: Opening}\n    signal: house-open\n", "");
    office.change(HIRE, "  - endEvent: used", "  - sendTask: tell\n    notify: {template: told, to: lane.keeper}\n  - endEvent: used");
    office.change(HIRE, "lanes:\n", "lanes:\n  watcher: {name: 检查员, role: inspector}\n");
    office.change(
        HIRE,
        "flow:\n",
        "clocks:\n  promised: {name: 承诺时限, limit: 5wd, startAt: {asked: now}, stopAt: [used, refused]}\n\nflow:\n",
    );
    office.change("forms/fields/hall.yaml", "max: 500", "max: 400");
    office.change("workflows/hall/hire/decisions/hall-level.yaml", "> 100", ">= 101");
    fs::create_dir_all(office.file("workflows/hall/hire/templates")).unwrap();
    fs::write(office.file("workflows/hall/hire/templates/told.hbs"), "<h1>已布置</h1>").unwrap();
    office
}

#[test]
fn every_kind_of_difference_is_told_with_its_place() {
    let (old, new) = (Office::open(), changed());
    let (before, after) = (old.file("").display().to_string(), new.file("").display().to_string());
    let told = new.says(&["diff", &before, &after, "--lang", "en"]);
    for line in [
        "  + lane watcher: added ",
        "  + clock promised: added ",
        "  ~ userTask look “Look at it” due (limit of the step): 2wd → 3wd (workflows/hall/hire/process.yaml:",
        "  ~ userTask look “Look at it” form.edit (what may be written): +hall_result",
        "  ~ exclusiveGateway large branch inspect, condition: hall_level == \"large\" → hall_level != \"small\"",
        "  + added sendTask tell",
        "  − removed intermediateCatchEvent opened “Opening”",
        "  ~ ready goes on to: opened → tell",
        "  ~ form hall-request, field hall_guests, max: 500 → 400 (forms/fields/hall.yaml:2:",
        "  + decision row hall-level: >= 101 ⇒ \"large\": added",
        "  + file told.hbs: added",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(new.says(&["diff", &before, &after]).contains("due（办理期限）：2wd → 3wd"), "Chinese is the language if none is named");
}

#[test]
fn the_new_diagram_is_drawn_with_marks() {
    let (old, new) = (Office::open(), changed());
    let folder = |office: &Office| office.file("workflows/hall/hire").display().to_string();
    let told = new.says(&["diff", &folder(&old), &folder(&new), "--json", "--svg", "marked.svg"]);
    let changes: Vec<Value> = serde_json::from_str(&told).unwrap();
    let due = changes.iter().find(|change| change["text"]["en"].as_str().unwrap_or_default().contains("2wd")).unwrap();
    assert_eq!(
        (due["mark"].as_str(), due["element"].as_str(), due["process"].as_str()),
        (Some("changed"), Some("look"), Some("hall-hire"))
    );
    let svg = fs::read_to_string(new.file("marked.svg")).unwrap();
    for mark in ["node user-task is-changed", "node send-task is-added", "class=\"node is-removed\" data-node=\"opened\""] {
        assert!(svg.contains(mark), "{mark}\n{svg}");
    }
}

#[test]
fn the_same_is_no_difference_and_nothing_is_an_honest_error() {
    let office = Office::open();
    assert_eq!(office.says(&["diff", ".", ".", "--lang", "en"]), "no difference\n");
    let output = office.command(&["diff", ".", "nowhere"]).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("nowhere"), "{output:?}");
}
