//! `tongban check`: every mistake with file, line, column and a caret.

use std::process::ExitCode;

use serde_json::{Value, json};
use tongban_engine::{
    definition::{Automatic, Bundle, Process, is_xml, load_experiment, load_office, soundness_findings},
    diagnostic::{Finding, Severity, render, summary, to_json},
    soundness,
    source::Source,
    text::Language,
};

use super::say;

/// Prints all findings; exit status 1 if one of them is an error.
pub(super) fn run(bundle: &Bundle, language: Language, json: bool) -> anyhow::Result<ExitCode> {
    let (office, findings) = load_office(bundle);
    if json {
        say(&serde_json::to_string_pretty(&to_json(&findings))?)?;
    } else {
        if !findings.is_empty() {
            say(&render(&findings, &office.sources, language))?;
        }
        say(summary(&findings).get(language))?;
    }
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Looks at files by themselves, without an office around them: what BPMN demands of a model's XML, what cannot be
/// executed, and whether the control flow is sound. Exit status 1 if there is an error.
pub(super) fn files(sources: &[Source], language: Language, json: bool) -> anyhow::Result<ExitCode> {
    let mut findings: Vec<Finding> =
        sources.iter().filter(|source| is_xml(source)).flat_map(tongban_engine::bpmn::check_constraints).collect();
    let mut verdict = None;
    match load_experiment(sources, &Automatic::default()) {
        Ok(definitions) => {
            let processes: Vec<&Process> = definitions.iter().map(|definition| &definition.process).collect();
            let report = soundness::verdict(&processes);
            findings.extend(soundness_findings(&processes, &report));
            verdict = Some(report.verdict);
        }
        // What the constraints have told already need not be told again.
        Err(obstacles) if findings.is_empty() => findings.extend(obstacles),
        Err(_) => {}
    }
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    if json {
        let told = json!({ "findings": findings.iter().map(told).collect::<Vec<_>>(), "verdict": verdict });
        say(&serde_json::to_string(&told)?)?;
    } else {
        let named = sources.iter().map(|source| (source.name.to_string(), source.clone())).collect();
        if !findings.is_empty() {
            say(&render(&findings, &named, language))?;
        }
        say(summary(&findings).get(language))?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A finding with the words of the protocol.
fn told(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "level": finding.severity,
        "file": &*finding.place.file,
        "line": finding.place.span.line,
        "column": finding.place.span.column,
        "element": finding.element,
        "message": finding.message,
        "help": finding.help,
    })
}
