//! Loading definitions: what is right loads, what is wrong is told at its place.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calls;
mod decisions;
mod graph;
mod mistakes;
mod office;
mod staffing;
mod surroundings;

use tongban_engine::{
    definition::{Office, load_office},
    diagnostic::{Finding, render},
    text::Language,
};

/// Where the process of the test office stands.
const PROCESS: &str = "workflows/permits/large-event/process.yaml";

/// The test office with some texts of its process replaced, each of which must stand exactly once.
fn load_with<'a>(replacements: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Office, Vec<Finding>) {
    let mut bundle = office::bundle();
    let process = bundle.files.get_mut(PROCESS).unwrap();
    for (good, bad) in replacements {
        assert_eq!(process.matches(good).count(), 1, "must stand exactly once:\n{good}");
        *process = process.replace(good, bad);
    }
    load_office(&bundle)
}

fn shown(office: &Office, findings: &[Finding]) -> String {
    render(findings, &office.sources, Language::En)
}
