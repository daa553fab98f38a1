//! `tongban check`: every mistake with file, line, column and a caret.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use serde_json::{Value, json};
use tongban_adapters::clock::{Clock, SystemClock};
use tongban_engine::{
    definition::{Automatic, Bundle, Process, is_xml, load_experiment, load_office, soundness_findings, staffing_findings},
    diagnostic::{Finding, Severity, render, summary, to_json},
    organisation::{Organisation, Register},
    soundness,
    source::Source,
    text::Language,
};

use super::say;
use crate::serve::DEMO_ORGANISATION;

/// Prints all findings; exit status 1 if one of them is an error. With an organisation, it is also looked at whether its
/// people can do what the processes ask.
pub(super) fn run(bundle: &Bundle, organisation: Option<&Organisation>, language: Language, json: bool) -> anyhow::Result<ExitCode> {
    let (office, mut findings) = load_office(bundle);
    if let Some(organisation) = organisation {
        findings.extend(staffing_findings(office.definitions.values(), organisation));
        findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    }
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

/// Who there is: as the file says that was named, else as the office's own demonstration says, if it has one.
pub(super) fn organisation(bundle: &Bundle, named: Option<&Path>) -> anyhow::Result<Option<Organisation>> {
    let (file, text) = match named {
        Some(path) => {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(|| file.clone())?;
            (file, text)
        }
        None => match bundle.files.get(DEMO_ORGANISATION) {
            Some(text) => (DEMO_ORGANISATION.to_owned(), text.clone()),
            None => return Ok(None),
        },
    };
    let register: Register = tongban_adapters::yaml::read(&text).with_context(|| file)?;
    Ok(Some(register.at(SystemClock.now())))
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
