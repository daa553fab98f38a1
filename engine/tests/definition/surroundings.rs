//! Mistakes in the files around a process, and between processes.

use tongban_engine::definition::{Bundle, load_office, load_pinned};

use super::{PROCESS, office, shown};

const RULES: &str = "workflows/permits/large-event/rules.rhai";
const NOTICE: &str = "workflows/permits/large-event/templates/refusal.hbs";
const TWIN: &str = "workflows/permits/other/process.yaml";

/// Each: the file, what it holds instead (None: the file is missing), and the finding's code, file and line.
fn cases(bundle: &Bundle) -> Vec<(&'static str, Option<String>, &'static str, &'static str, u32)> {
    let roles = bundle.files["workflows/roles.yaml"].clone();
    let twin =
        "process: other\nname: 另一流程\ndialect: 1\nitem: large-event-permit\ncalendar: cn\nflow:\n  - startEvent: a\n  - endEvent: b\n";
    vec![
        ("workflows/roles.yaml", Some(format!("{roles}  judge: {{titel: 法官}}\n")), "Y010", "workflows/roles.yaml", 6),
        ("workflows/roles.yaml", Some(format!("{roles}  all: {{name: 全能, may: [people, audit]}}\n")), "P010", "workflows/roles.yaml", 6),
        (
            "workflows/roles.yaml",
            Some(format!("{roles}  nosy: {{name: 好奇, may: [audit], sees: below}}\n")),
            "P011",
            "workflows/roles.yaml",
            6,
        ),
        ("workflows/roles.yaml", Some(roles.replace("Case handler}}", "Case handler}, may: [grants]}")), "P011", PROCESS, 13),
        ("workflows/roles.yaml", None, "P001", PROCESS, 12),
        ("forms/unit-opinion.yaml", None, "R003", PROCESS, 92),
        ("forms/calendars/cn.yaml", None, "R009", PROCESS, 7),
        (RULES, Some("fn good(a) {\n  a +\n}\n".to_owned()), "Y040", RULES, 3),
        (NOTICE, Some("<h1>refusal</h1>\n<p>{{aplicant}}</p>\n".to_owned()), "R015", NOTICE, 2),
        (TWIN, Some(twin.to_owned()), "R011", TWIN, 1),
    ]
}

#[test]
fn what_is_wrong_around_a_process_is_told_in_its_own_file() {
    let whole = office::bundle();
    for (path, text, code, file, line) in cases(&whole) {
        let mut bundle = whole.clone();
        match text {
            Some(text) => bundle.files.insert(path.to_owned(), text),
            None => bundle.files.remove(path),
        };
        let (office, findings) = load_office(&bundle);
        let expected =
            findings.iter().any(|finding| finding.code == code && &*finding.place.file == file && finding.place.span.line == line);
        assert!(expected, "{code} at {file}:{line} expected, found:\n{}", shown(&office, &findings));
    }
}

#[test]
fn what_rests_sealed_is_searched_by_only_if_nobody_could_guess_it() {
    let process = "process: other\nname: 另一流程\ndialect: 1\ncalendar: cn\ndata:\n  extra:\n    secret: {type: text}\n  search: [secret]\nflow:\n  - startEvent: a\n  - endEvent: b\n";
    for (check, refused) in [("", true), ("check: resident-id, ", false), ("check: mail, ", true)] {
        let mut bundle = office::bundle();
        let field = format!(
            "- {{field: secret, name: 机密, type: text, {check}class: P3, purpose: 试验, basis: 试验, reported_by: applicant, kept_by: district, retention: 1年}}\n"
        );
        bundle.files.insert("forms/fields/secret.yaml".to_owned(), field);
        bundle.files.insert(TWIN.to_owned(), process.to_owned());
        let (office, findings) = load_office(&bundle);
        let found = findings.iter().any(|finding| finding.code == "D011" && &*finding.place.file == TWIN && finding.place.span.line == 8);
        assert_eq!(found, refused, "{check}\n{}", shown(&office, &findings));
    }
}

#[test]
fn nothing_but_a_process_can_be_pinned() {
    let findings = load_pinned(&Bundle::default()).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["R014"]);
}

#[test]
fn every_code_of_the_loader_has_a_seeded_mistake() {
    let tested = [
        include_str!("mistakes.yaml"),
        include_str!("surroundings.rs"),
        include_str!("calls.rs"),
        include_str!("staffing.rs"),
        include_str!("../../src/decision/tests/dmn.rs"),
        include_str!("../../src/decision/tests/gaps.rs"),
        include_str!("../../src/decision/tests/load.rs"),
    ]
    .concat();
    // What is told of XML and of the field standard has its examples beside its code.
    let beside = |code: &str| matches!(code.get(1..3), Some("02" | "04" | "05" | "10")) || code.get(1..2) == Some("9");
    let others = |code: &str| beside(code) && code != "F040" && code != "F041";
    let missing: Vec<&str> =
        tongban_engine::diagnostic::CODES.iter().map(|code| code.code).filter(|code| !others(code) && !tested.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
