//! `tongban check`: every mistake with file, line, column and a caret.

use std::process::ExitCode;

use tongban_engine::{
    definition::{Bundle, load_office},
    diagnostic::{Severity, render, summary, to_json},
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
