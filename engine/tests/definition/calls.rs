//! Calls between processes: what is called is there, is given what it asks for, and calls come to an end.

use tongban_engine::definition::{Bundle, load_office};

use super::{office, shown};

/// Calls `called`, whose application form asks for a name and a date of an event.
const CALLER: &str = "process: caller
name: {zh: 调用, en: Caller}
dialect: 1
calendar: cn
data: {extra: {event_name: {type: text, default: a}, event_date: {type: date, default: 2026-01-01}, expert_opinion: {type: text}}}
flow:
  - startEvent: begin
  - callActivity: ask
    process: called
    with: {event_name: event_name, event_date: event_date}
    set: {expert_opinion: result.decision_opinion}
  - endEvent: done
";
const CALLED: &str = "process: called
name: {zh: 被调用, en: Called}
dialect: 1
calendar: cn
data: {extra: {event_name: {type: text}, event_date: {type: date}, decision_opinion: {type: text}}}
flow:
  - startEvent: begin
    form: small
    role: case-handler
  - endEvent: done
";
const FORM: &str = "form: small
name: {zh: 小表, en: Small}
groups:
  - {name: {zh: 活动, en: Event}, fields: [event_name, event_date]}
";

fn told(caller: &str, called: &str) -> (Vec<(String, String)>, String) {
    let mut bundle: Bundle = office::bundle();
    bundle.files.retain(|path, _| !path.contains("large-event/") && !path.contains("fragments/"));
    for (path, text) in
        [("workflows/a/caller/process.yaml", caller), ("workflows/a/called/process.yaml", called), ("forms/small.yaml", FORM)]
    {
        bundle.files.insert(path.to_owned(), text.to_owned());
    }
    let (office, findings) = load_office(&bundle);
    let places = findings.iter().map(|finding| (finding.code.to_owned(), finding.place.to_string())).collect();
    (places, shown(&office, &findings))
}

#[test]
fn a_call_that_fits_is_no_finding() {
    let (found, text) = told(CALLER, CALLED);
    assert_eq!(found, [], "{text}");
}

#[test]
fn what_does_not_fit_is_told_at_the_call() {
    let cases = [
        ("event_date: event_date}", "event_day: event_date}", "R019", 10),
        (", event_date: event_date}", "}", "D054", 8),
        ("result.decision_opinion", "result.opinion", "R019", 11),
        ("process: called", "process: caled", "R013", 8),
    ];
    for (good, bad, code, line) in cases {
        let (found, text) = told(&CALLER.replace(good, bad), CALLED);
        let expected = found.iter().any(|(found, place)| found == code && place.contains(&format!("caller/process.yaml:{line}:")));
        assert!(expected, "{code} in line {line} expected for {bad}:\n{text}");
    }
    let (_, text) = told(&CALLER.replace("process: called", "process: caled"), CALLED);
    assert!(text.contains("did you mean `called`?"), "{text}");
}

#[test]
fn a_signal_that_two_processes_declare_brings_the_same() {
    let signals = |data: &str| format!("signals: {{told: {{data: {data}}}}}\nflow:\n");
    let (one, other) = (signals("{event_name: text}"), signals("{event_name: date}"));
    let (found, text) = told(&CALLER.replace("flow:\n", &one), &CALLED.replace("flow:\n", &one));
    assert_eq!(found, [], "{text}");
    let (found, text) = told(&CALLER.replace("flow:\n", &one), &CALLED.replace("flow:\n", &other));
    assert_eq!(found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["R032"], "{text}");
}

#[test]
fn a_parameter_is_given_by_every_caller() {
    let called = CALLED
        .replace("    form: small\n    role: case-handler\n", "")
        .replace("flow:\n", "parameters: {subject: text, note: {type: text, required: false}}\nflow:\n");
    let given = |with: &str| CALLER.replace("event_date: event_date}", &format!("event_date: event_date{with}}}"));
    let at = |found: &[(String, String)], code: &str| found.iter().any(|(is, place)| is == code && place.contains("caller/process.yaml"));
    let (found, text) = told(&given(", subject: event_name"), &called);
    assert_eq!(found, [], "{text}");
    let (found, text) = told(&given(""), &called);
    assert!(at(&found, "D054"), "{text}");
    let (found, text) = told(&given(", subject: 1 + 1"), &called);
    assert!(at(&found, "D004"), "{text}");
}

#[test]
fn processes_that_call_each_other_on_every_way_never_end() {
    let back = "  - callActivity: again\n    process: caller\n  - endEvent: done\n";
    let (found, text) = told(CALLER, &CALLED.replace("  - endEvent: done\n", back));
    assert_eq!(found.iter().filter(|(code, _)| code == "F014").count(), 2, "{text}");
    let perhaps = "  - exclusiveGateway: enough\n    branches: [{when: is_set(decision_opinion), to: again}, {otherwise: true, to: done}]\n  - callActivity: again\n    process: caller\n    next: done\n  - endEvent: done\n";
    let (found, text) = told(CALLER, &CALLED.replace("  - endEvent: done\n", perhaps));
    assert!(found.iter().all(|(code, _)| code != "F014"), "{text}");
}
