//! Decision tables beside a process: loaded with it, told with it, pinned with it.

use tongban_engine::{
    decision::HitPolicy,
    definition::{Bundle, load_office, load_pinned},
};

use super::{office, shown};

const FOLDER: &str = "workflows/permits/large-event/";

/// Grades an event by its size.
const TABLE: &str = "decision: event-risk
name: {zh: 活动风险分级, en: Grading of an event}
hitPolicy: unique
inputs:
  - name: expected_people
outputs:
  - {name: level, type: code<risk-level>}
rules:
  - {when: ['< 1000'], then: [low]}
  - {when: ['>= 1000'], then: [high]}
";

fn with(tables: &[(&str, &str)]) -> Bundle {
    let mut bundle = office::bundle();
    bundle.files.extend(tables.iter().map(|(name, text)| (format!("{FOLDER}decisions/{name}"), (*text).to_owned())));
    bundle
}

#[test]
fn a_table_is_loaded_and_pinned_with_its_process() {
    let (office, findings) = load_office(&with(&[("event-risk.yaml", TABLE)]));
    assert_eq!(findings, [], "{}", shown(&office, &findings));
    let definition = &office.definitions["large-event-permit"];
    assert_eq!(definition.decisions["event-risk"].policy, HitPolicy::Unique);
    let again = load_pinned(&Bundle { files: definition.files.clone() }).unwrap();
    assert_eq!((again.hash.as_str(), again.decisions.len()), (definition.hash.as_str(), 1));
    let (plain, _) = load_office(&office::bundle());
    assert_ne!(plain.definitions["large-event-permit"].hash, definition.hash);
}

#[test]
fn a_table_with_a_gap_keeps_its_process_from_being_deployed() {
    let gap = TABLE.replace("'>= 1000'", "'> 1000'");
    let (office, findings) = load_office(&with(&[("event-risk.yaml", &gap)]));
    let told = shown(&office, &findings);
    assert!(told.contains("no rule holds for expected_people = 1000"), "{told}");
    assert!(told.contains("decisions/event-risk.yaml:9:3"), "{told}");
    assert!(office.definitions.is_empty());
}

#[test]
fn two_tables_have_two_ids() {
    let (_, findings) = load_office(&with(&[("a.yaml", TABLE), ("b.yaml", TABLE)]));
    let told: Vec<_> = findings.iter().map(|finding| (finding.code, finding.place.to_string())).collect();
    assert_eq!(told, [("Y026", format!("{FOLDER}decisions/b.yaml:1:11"))]);
}

#[test]
fn where_a_table_is_used_it_reads_what_is_there_and_gives_what_its_output_takes() {
    let using = |table: &str, output: &str| {
        let mut bundle = with(&[("event-risk.yaml", table)]);
        let process = bundle.files.get_mut(super::PROCESS).unwrap();
        let task = format!("  - businessRuleTask: grade\n    decision: event-risk\n    output: {output}\n  - scriptTask: assess\n");
        *process = process.replace("  - scriptTask: assess\n", &task);
        let (office, findings) = load_office(&bundle);
        (findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), shown(&office, &findings))
    };
    let (found, text) = using(TABLE, "risk_level");
    assert_eq!(found, Vec::<&str>::new(), "{text}");
    let (found, text) = using(TABLE, "rounds");
    assert_eq!(found, ["D004"], "{text}");
    // What the window notes only when it does not accept may be missing here.
    let optional = TABLE.replace("  - name: expected_people\n", "  - {name: note, expression: acceptance_opinion, type: text}\n");
    let (found, text) = using(&optional.replace("'< 1000'", "a").replace("'>= 1000'", "not(a)"), "risk_level");
    assert_eq!(found, ["D051"], "{text}");
    let answered = optional.replace("unique", "first").replace("'< 1000'", "'null, a'").replace("'>= 1000'", "not(a)");
    let (found, text) = using(&answered, "risk_level");
    assert_eq!(found, Vec::<&str>::new(), "{text}");
}
