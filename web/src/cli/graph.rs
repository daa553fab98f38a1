//! `tongban graph`: a process as a picture and as its text twin.

use std::process::ExitCode;

use tongban_engine::{
    definition::{Bundle, load_office},
    diagram::{Overlay, draw},
    text::Language,
};

use super::say;

/// Prints the SVG, or with `text` the outline that says the same.
pub(super) fn run(bundle: &Bundle, language: Language, process: &str, text: bool) -> anyhow::Result<ExitCode> {
    let (office, _) = load_office(bundle);
    let Some(definition) = office.definitions.get(process) else {
        let known: Vec<&str> = office.definitions.keys().map(String::as_str).collect();
        anyhow::bail!(
            "没有流程 {process}，或者它有错误（见 tongban check）；有：{} / no process {process} without errors",
            known.join("、")
        );
    };
    let roles = definition.roles.iter().map(|(id, role)| (id.clone(), role.name.clone())).collect();
    let drawing = draw(&definition.process, &Overlay { language, roles, ..Overlay::default() });
    say(&if text { drawing.twin.text(language) } else { drawing.svg })?;
    Ok(ExitCode::SUCCESS)
}
