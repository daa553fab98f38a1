//! Every scenario of the office, told on the pure engine.

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tongban_engine::{
    definition::{Office, load_office},
    diagnostic::Severity,
    scenario::{PureWorld, Scenario, run},
};
use tongban_tests::office;

fn main() {
    let arguments = Arguments::from_args();
    let bundle = office::bundle();
    let (office, findings) = load_office(&bundle);
    let office = Arc::new(office);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{} {}: {}", finding.place, finding.code, finding.message))
        .collect();
    let mut trials =
        vec![Trial::test("the office has no errors", move || if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) })];
    for path in office::scenarios() {
        let text = bundle.files[&path].clone();
        let office = office.clone();
        trials.push(Trial::test(format!("pure: {path}"), move || check(&text, &office)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(text: &str, office: &Office) -> Result<(), Failed> {
    let scenario: Scenario = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let definition =
        office.definitions.get(&scenario.process).ok_or_else(|| format!("process {} has errors or does not exist", scenario.process))?;
    run(&scenario, definition, &mut PureWorld::new(definition.clone())).map(drop).map_err(|failure| failure.to_string().into())
}
