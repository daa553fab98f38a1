//! `tongban simulate` over a pipe: choices, asked fields, time travel, and the story as a scenario.

use std::{fs, io::Write, process::Stdio};

use crate::rig::{Office, text};

/// What it prints for these lines, and its exit status.
fn stepped(office: &Office, process: &str, lines: &str) -> (String, Option<i32>) {
    let words = ["simulate", process, "--lang", "en", "--at", "2026-03-09T10:00+08:00", "--unit", "house"];
    let mut running = office.command(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    (text(&output), output.status.code())
}

#[test]
fn a_case_is_stepped_back_and_forth_and_kept_as_a_scenario_that_passes() {
    let office = Office::open();
    let lines = "1\n讲座\n300\n2 {hall_remark: 人太多}\nback\n1!\n1 {hall_result: 合格}\n1 {hall_ready: true}\n1\nsave walked 走一遍\n";
    let (told, status) = stepped(&office, "hall-hire", lines);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("Purpose hall_purpose (text, required) [用途]: "), "{told}");
    assert!(told.contains("── step 2/2, 2026-03-09T10:00:00+08:00\nA1 · Use of the hall · ended at refused\n"), "{told}");
    assert!(told.contains("hall-inspection: do “Visit”: Done"), "{told}");
    assert!(told.ends_with("kept as workflows/hall/hire/scenarios/walked.yaml\n"), "{told}");
    let kept = fs::read_to_string(office.file("workflows/hall/hire/scenarios/walked.yaml")).unwrap();
    assert!(kept.contains("hall_guests: 300") && !kept.contains("人太多"), "what was taken back is not in the story: {kept}");
    let told = office.says(&["test", "--lang", "en", "walked"]);
    assert!(told.contains("✓ workflows/hall/hire/scenarios/walked.yaml\n") && told.ends_with("1 passed, 0 failed\n"), "{told}");
}

#[test]
fn time_passes_to_the_next_timer_and_the_whole_process_can_be_seen() {
    let office = Office::open();
    let process = "workflows/hall/hire/process.yaml";
    office.change(process, "        error: damaged\n", "        timer: {after: 3wd}\n");
    let (told, status) = stepped(&office, "hall-hire", "1!\n3\nwhere\ngo 0\nforward\nforward\n");
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("  3  wait until 2026-03-12T17:30:00+08:00: The hall is damaged\n"), "{told}");
    assert!(told.contains("2.1 The hall is damaged (boundary event, after 3 working days, interrupting) [passed]"), "{told}");
    assert!(told.contains("── step 0/2, ") && told.contains("── step 1/2, "), "{told}");
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let office = Office::open();
    let lines = "7\nsave early\n1 {hall_purpose: 讲座, hall_guests: 0}\nforward\nset nonsense\n1!\nsave large\n";
    let (told, status) = stepped(&office, "hall-hire", lines);
    assert_eq!(status, Some(1), "over a pipe a refusal is a failure");
    for why in [
        "✕ there is no `7`: write 1 to 1, or help",
        "✕ no step has been done yet",
        "✕ was refused: form-invalid",
        "✕ there are only steps 0 to 0",
        "✕ write set {name: value}",
        "✕ workflows/hall/hire/scenarios/large.yaml exists already",
    ] {
        assert!(told.contains(why), "{why}\n{told}");
    }
    let output = office.command(&["simulate", "hall-hier"]).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("hall-hier does not exist"), "{output:?}");
}
