//! Small processes with one element each that matters: what is wrong with them, where, and by which way.

use serde::Deserialize;
use tongban_engine::{
    definition::{Automatic, Process, load_experiment},
    soundness::{Report, Violation, Witness, verdict},
    source::Source,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    /// The flow and what stands beside it; several processes are played together.
    processes: Vec<String>,
    /// Of `safe`, `option_to_complete`, `proper_completion`, `no_dead_activities`: those that do not hold.
    #[serde(default)]
    violated: Vec<String>,
    /// What is told, as `deadlock at NODE: way`; `dead at NODE`.
    #[serde(default)]
    told: Vec<String>,
}

#[test]
fn each_element_is_played_as_it_runs() {
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("elements.yaml")).unwrap();
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(case: &Case) -> Result<(), String> {
    let text = |(ix, process): (usize, &String)| Source {
        name: format!("p{ix}.yaml").into(),
        text: format!("process: p{ix}\nname: p\ndialect: 1\n{process}").into(),
    };
    let files: Vec<Source> = case.processes.iter().enumerate().map(text).collect();
    let definitions = load_experiment(&files, &Automatic::Nothing).map_err(|findings| format!("{}: {findings:?}", case.about))?;
    let processes: Vec<&Process> = definitions.iter().map(|definition| &definition.process).collect();
    let report = verdict(&processes);
    let told: Vec<String> = report.witnesses.iter().map(told).collect();
    if report.complete && violated(&report) == case.violated && told == case.told {
        return Ok(());
    }
    Err(format!("{}: violated {:?}, told {told:?}, complete {}", case.about, violated(&report), report.complete))
}

fn violated(report: &Report) -> Vec<&'static str> {
    let verdict = report.verdict;
    let all = [
        ("safe", verdict.safe),
        ("option_to_complete", verdict.option_to_complete),
        ("proper_completion", verdict.proper_completion),
        ("no_dead_activities", verdict.no_dead_activities),
    ];
    all.into_iter().filter(|(_, holds)| *holds == Some(false)).map(|(name, _)| name).collect()
}

fn told(witness: &Witness) -> String {
    let way = witness.way.iter().map(|passed| passed.id.as_str()).collect::<Vec<_>>().join(" ");
    let what = match witness.violation {
        Violation::Deadlock => "deadlock",
        Violation::Livelock => "livelock",
        Violation::Unsafe => "unsafe",
        Violation::EndsTwice => "ends twice",
        Violation::Dead => return format!("dead at {}", witness.at.id),
    };
    format!("{what} at {}: {way}", witness.at.id)
}
