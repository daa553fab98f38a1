//! The smallest office around random processes.

use std::{collections::BTreeMap, fmt::Write, fs, sync::Arc};

use tongban_engine::{
    definition::{Automatic, Bundle, Definition, load_experiment, load_office},
    diagnostic::{Severity, render},
    source::Source,
    text::Language,
};

use super::{Block, writer::Writer};

/// A message that every process may send and wait for.
pub(super) const SHARED: &str = "shared";

/// A process that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'b> {
    /// Its id.
    pub(crate) id: &'b str,
    /// Its flow.
    pub(crate) block: &'b Block,
    /// Event sub-processes of its own: none, or a message that interrupts or does not, beside a daily timer.
    pub(crate) beside: Option<bool>,
    /// Whether its cases take numbers.
    pub(crate) numbered: bool,
}

impl Wanted<'_> {
    fn text(&self) -> String {
        let mut writer = Writer::default();
        writer.text.push_str("flow:\n  - startEvent: go\n    form: wish\n");
        writer.block(self.block, 2);
        writer.text.push_str("  - endEvent: done\n");
        if let Some(interrupting) = self.beside {
            writer.text.push_str("eventSubProcesses:\n");
            writer.beside("process", interrupting, 2);
        }
        let mut messages = format!("messages:\n  none: {{key: application_no}}\n  {SHARED}: {{key: '\"all\"', keep: 30d}}\n");
        for (ix, message) in writer.messages.iter().enumerate() {
            let keep = if ix % 2 == 0 { ", keep: 30d" } else { "" };
            writeln!(messages, "  {message}: {{key: application_no{keep}}}").unwrap();
        }
        let number = if self.numbered { "number: \"试〔{year}〕{seq}号\"\n" } else { "" };
        let id = self.id;
        format!(
            "process: {id}\nname: 试\ndialect: 1\ncalendar: cn\n{number}lanes:\n  desk: {{name: 窗口, role: clerk}}\n\
            data:\n  form: wish\n  extra:\n    count: {{type: integer, default: 0}}\n{messages}{}",
            writer.text
        )
    }
}

/// Loads the processes wanted for an experiment, without people and forms.
///
/// # Panics
/// If one of them cannot be executed.
pub(crate) fn load_free(wanted: &[Wanted<'_>]) -> Vec<Arc<Definition>> {
    let file = |wanted: &Wanted<'_>| Source { name: format!("{}.yaml", wanted.id).into(), text: wanted.text().into() };
    let files: Vec<Source> = wanted.iter().map(file).collect();
    load_experiment(&files, &Automatic::Nothing).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Loads the processes wanted, in the order asked for.
///
/// # Panics
/// If one of them has an error: what is generated is sound.
pub(crate) fn load(wanted: &[Wanted<'_>]) -> Vec<Arc<Definition>> {
    let calendar = format!("{}/../forms/calendars/cn.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut files: BTreeMap<String, String> = [
        ("forms/calendars/cn.yaml", fs::read_to_string(calendar).unwrap()),
        ("forms/fields/f.yaml", "- {field: parts, name: 分项, type: list<text>, class: P1, purpose: 试验}\n".to_owned()),
        ("forms/wish.yaml", "form: wish\nname: 愿望\ngroups:\n  - {name: 愿望, fields: [{field: parts, optional: true}]}\n".to_owned()),
        ("workflows/roles.yaml", "roles:\n  clerk: {name: 经办}\n".to_owned()),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text))
    .collect();
    let written: Vec<(&str, String)> = wanted.iter().map(|wanted| (wanted.id, wanted.text())).collect();
    files.extend(written.iter().map(|(id, text)| (format!("workflows/t/{id}/process.yaml"), text.clone())));
    let (office, mut findings) = load_office(&Bundle { files });
    findings.retain(|finding| finding.severity == Severity::Error);
    let told = |id: &str| {
        let text = written.iter().find(|(written, _)| *written == id).map(|(_, text)| text.as_str()).unwrap_or_default();
        format!("{}\n{text}", render(&findings, &office.sources, Language::En))
    };
    wanted.iter().map(|wanted| office.definitions.get(wanted.id).cloned().unwrap_or_else(|| panic!("{}", told(wanted.id)))).collect()
}
