//! The compiled graph: blocks, boundaries, implied nodes, and what is pinned.

use std::collections::BTreeSet;

use tongban_engine::definition::{Bundle, Node, NodeKind, Operation, Process, load_office, load_pinned};

use super::{PROCESS, load_with, office, shown};

fn ids(process: &Process, flows: &[usize], end: impl Fn(&tongban_engine::definition::Flow) -> usize) -> Vec<String> {
    flows.iter().map(|&flow| process.nodes[end(&process.flows[flow])].id.clone()).collect()
}

fn goes_to(process: &Process, node: &Node) -> Vec<String> {
    ids(process, &node.outgoing, |flow| flow.to)
}

#[test]
fn the_example_loads_without_a_finding() {
    let (office, findings) = load_office(&office::bundle());
    assert_eq!(shown(&office, &findings), "");
    assert_eq!(office.definitions.len(), 1);
}

#[test]
fn every_way_through_the_example_is_as_written() {
    let (office, _) = load_office(&office::bundle());
    let process = &office.definitions[0].process;
    let expected: &[(&str, &[&str])] = &[
        ("applied", &["receipt"]),
        ("accept_check", &["accepted", "correction_notice", "declined_notice"]),
        ("nearly_late", &["urge"]),
        ("urge", &["nearly_late__end"]),
        ("deemed_accepted", &["accepted"]),
        ("review", &["consult"]),
        ("consult__start", &["give_opinion"]),
        ("give_opinion", &["opinion_closed", "opinion_closed"]),
        ("silent", &["opinion_closed"]),
        ("consult", &["assess"]),
        ("high_risk", &["expert_review", "high_risk__join"]),
        ("expert_review", &["high_risk__join"]),
        ("high_risk__join", &["decide"]),
        ("decide", &["enter", "refusal", "review"]),
        ("correction", &["accept_check"]),
        ("lapsed", &["lapsed_notice"]),
        ("permitted", &[]),
        ("withdrawal__start", &["withdrawal_notice"]),
    ];
    for (id, targets) in expected {
        let node = process.node(id).unwrap_or_else(|| panic!("no node {id}"));
        assert_eq!(&goes_to(process, node), targets, "out of {id}");
    }
    let flow_ids: BTreeSet<&str> = process.flows.iter().map(|flow| flow.id.as_str()).collect();
    assert_eq!(flow_ids.len(), process.flows.len(), "flow ids are unique");
    assert!(flow_ids.contains("accept_check__correct") && flow_ids.contains("receipt__accept_check"));
}

#[test]
fn scopes_carry_starts_locals_and_event_sub_processes() {
    let (office, _) = load_office(&office::bundle());
    let process = &office.definitions[0].process;
    let starts = |scope: usize| -> Vec<&str> { process.scopes[scope].starts.iter().map(|&ix| process.nodes[ix].id.as_str()).collect() };
    assert_eq!(starts(0), ["applied"]);
    let Some(NodeKind::SubProcess(inside)) = process.node("consult").map(|node| &node.kind) else { panic!("consult is a sub-process") };
    assert_eq!(process.scopes[*inside].locals, ["unit", "opinion"]);
    assert_eq!(starts(*inside), ["consult__start"]);
    assert_eq!(process.scopes[0].event_sub_processes, [process.by_id["withdrawal"]]);
    assert_eq!(process.node("accept_check").unwrap().boundary.len(), 2);
}

#[test]
fn a_task_without_actions_has_one_and_presets_are_spelled_out() {
    let (office, findings) =
        load_with([("            actions: {conclude: {name: 登记评审意见, require: [expert_opinion]}}\n", "            due: 1wd\n")]);
    assert_eq!(findings[0].code, "Y002", "due stands twice: {}", shown(&office, &findings));
    let (office, findings) = load_with([("            actions: {conclude: {name: 登记评审意见, require: [expert_opinion]}}\n", "")]);
    assert_eq!(shown(&office, &findings), "");
    let process = &office.definitions[0].process;
    let task = |id: &str| match &process.node(id).unwrap().kind {
        NodeKind::UserTask(task) => task,
        other => panic!("{id} is a {}", other.word()),
    };
    assert_eq!(task("expert_review").actions.keys().collect::<Vec<_>>(), ["complete"]);
    assert_eq!(
        task("accept_check").operations,
        [
            Operation::Transfer,
            Operation::Urge,
            Operation::CopyTo,
            Operation::ExtendClock,
            Operation::Return,
            Operation::TakeBack,
            Operation::Delegate,
            Operation::AddSigner,
            Operation::RemoveSigner
        ]
    );
}

#[test]
fn parallel_blocks_and_free_flows_join_alike() {
    let block = "  - parallelGateway: both\n    branches:\n      - do: [{serviceTask: one, operation: a.b}]\n      - do: [{serviceTask: two, operation: a.b}]\n";
    let free = "  - parallelGateway: both\n    branches: [{to: one}, {to: two}]\n  - serviceTask: one\n    operation: a.b\n    next: both_in\n  - serviceTask: two\n    operation: a.b\n    next: both_in\n  - parallelGateway: both_in\n";
    for (text, join) in [(block, "both__join"), (free, "both_in")] {
        let (office, findings) = load_with([("  - serviceTask: enter\n", format!("{text}  - serviceTask: enter\n").as_str())]);
        assert_eq!(shown(&office, &findings), "");
        let process = &office.definitions[0].process;
        assert_eq!(goes_to(process, process.node("both").unwrap()), ["one", "two"]);
        assert_eq!(ids(process, &process.node(join).unwrap().incoming, |flow| flow.from), ["one", "two"]);
        assert_eq!(goes_to(process, process.node(join).unwrap()), ["enter"]);
    }
}

#[test]
fn a_version_pins_what_it_rests_on_and_nothing_else() {
    let mut bundle = office::bundle();
    bundle
        .files
        .insert("forms/other.yaml".to_owned(), "form: other\nname: 另一表单\ngroups: [{name: 一, fields: [event_name]}]\n".to_owned());
    bundle.files.insert("workflows/permits/large-event/scenarios/a.yaml".to_owned(), "scenario: a\n".to_owned());
    let (office, findings) = load_office(&bundle);
    assert_eq!(shown(&office, &findings), "");
    let definition = &office.definitions[0];
    let mut pinned = office::bundle().files;
    pinned.remove("workflows/fragments/second-look/fragment.yaml");
    assert_eq!(definition.files.keys().collect::<Vec<_>>(), pinned.keys().collect::<Vec<_>>(), "a fragment that nobody uses is not pinned");
    assert_eq!(definition.files, pinned);
    let again = load_pinned(&Bundle { files: definition.files.clone() }).unwrap();
    assert_eq!(again.hash, definition.hash);
    let mut changed = definition.files.clone();
    changed.get_mut("workflows/roles.yaml").unwrap().push_str("# changed\n");
    assert_ne!(load_pinned(&Bundle { files: changed }).unwrap().hash, definition.hash);
    assert!(load_pinned(&Bundle::default()).is_err());
}

#[test]
fn no_missing_line_brings_the_loader_down() {
    let whole = office::bundle();
    let text = &whole.files[super::PROCESS];
    let lines: Vec<&str> = text.lines().collect();
    for missing in 0..lines.len() {
        let mut bundle = whole.clone();
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(ix, _)| *ix != missing).map(|(_, line)| *line).collect();
        bundle.files.insert(super::PROCESS.to_owned(), rest.join("\n"));
        let (office, findings) = load_office(&bundle);
        let within = |finding: &tongban_engine::diagnostic::Finding| finding.place.span.line as usize <= lines.len();
        assert!(findings.iter().all(within), "without line {}: {}", missing + 1, shown(&office, &findings));
        let errors = findings.iter().any(|finding| finding.severity == tongban_engine::diagnostic::Severity::Error);
        assert_eq!(office.definitions.is_empty(), errors, "without line {}", missing + 1);
    }
}

#[test]
fn an_unknown_name_is_underlined_and_its_neighbour_is_named() {
    let (office, findings) = load_with([("when: rounds == 0, require", "when: round == 0, require")]);
    let shown = shown(&office, &findings);
    assert!(shown.contains("^^^^^\n") && shown.contains("did you mean `rounds`?"), "{shown}");
}

#[test]
fn a_fragment_is_a_sub_process_in_place_of_its_use() {
    let used = "  - use: second-look\n    as: once_more\n    with: {lane: leader, limit: 1wd}\n    outcomes: {objected: review}\n";
    let (office, findings) = load_with([("  - scriptTask: assess\n", &*format!("{used}  - scriptTask: assess\n"))]);
    assert!(findings.is_empty(), "{}", shown(&office, &findings));
    let definition = &office.definitions["large-event-permit"];
    let process = &definition.process;
    let look = process.node("once_more.look").unwrap();
    assert_eq!(&*look.place.file, "workflows/fragments/second-look/fragment.yaml");
    assert_eq!(process.scopes[look.scope].node, process.by_id.get("once_more").copied());
    assert_eq!(&*process.node("once_more").unwrap().place.file, PROCESS);
    let objected = process.node("once_more.on_objected").unwrap();
    assert_eq!(process.nodes[process.flows[objected.outgoing[0]].to].id, "review");
    let again = look.outgoing.iter().map(|&flow| process.flows[flow].to).find(|&to| process.nodes[to].id == "once_more.look");
    assert!(again.is_some(), "names of the fragment's own elements are its own");
    assert!(definition.files.contains_key("workflows/fragments/second-look/fragment.yaml"), "pinned with the process");
}

#[test]
fn what_is_wrong_in_a_fragment_is_told_at_both_places() {
    let used = "  - use: second-look\n    with: {lane: leaders, limit: soon}\n    outcomes: {objected: review}\n";
    let (_, findings) = load_with([("  - scriptTask: assess\n", &*format!("{used}  - scriptTask: assess\n"))]);
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["T001", "R001", "Y016"], "{findings:?}");
    for finding in &findings {
        assert_eq!(&*finding.place.file, "workflows/fragments/second-look/fragment.yaml");
        assert!(finding.message.zh.contains(&format!("用于 {PROCESS}:")), "{}", finding.message.zh);
    }
}
