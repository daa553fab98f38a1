//! The dialect's own whole example, with its scenario: it loads without an error or warning, and the story goes as told.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads its folder")]

use std::{collections::BTreeMap, fs, path::Path};

use tongban_engine::{
    definition::{Bundle, load_office},
    diagnostic::{Severity, render},
    interpreter::Event,
    scenario::{PureWorld, Scenario, World, run},
    text::Language,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialect");

fn read(folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, files);
        } else {
            let name = path.strip_prefix(FOLDER).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_whole_example_loads_and_its_scenario_goes_as_told() {
    let mut bundle = Bundle::default();
    read(Path::new(FOLDER), &mut bundle.files);
    let (office, findings) = load_office(&bundle);
    let shown = render(&findings, &office.sources, Language::En);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{shown}");
    let scenarios: Vec<&String> = bundle.files.keys().filter(|path| path.contains("/scenarios/")).collect();
    assert!(!scenarios.is_empty());
    for path in scenarios {
        let scenario: Scenario = serde_yaml::from_str(&bundle.files[path]).unwrap();
        let mut world = PureWorld::new(office.definitions.values().cloned());
        run(&scenario, &office.definitions, &mut world).unwrap_or_else(|failure| panic!("{path}: {failure}"));
    }
}

/// Which rule of the table fired is on record.
#[test]
fn a_decision_is_on_record_with_its_rule() {
    let mut bundle = Bundle::default();
    read(Path::new(FOLDER), &mut bundle.files);
    let (office, _) = load_office(&bundle);
    let told = &bundle.files["workflows/permits/large-event/scenarios/assessed.yaml"];
    let scenario: Scenario = serde_yaml::from_str(told).unwrap();
    let mut world = PureWorld::new(office.definitions.values().cloned());
    run(&scenario, &office.definitions, &mut world).unwrap();
    let decided = world.events("case-A1").into_iter().find_map(|event| match event {
        Event::Decided { decision, value, fired, .. } => Some((decision, value, fired)),
        _ => None,
    });
    let (decision, value, fired) = decided.unwrap();
    assert_eq!((decision.as_str(), &value["level"], fired[0].rule.as_str()), ("event-risk", &"medium".into(), "2"));
}
