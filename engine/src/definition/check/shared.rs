//! What processes tell each other they must mean alike: a signal or message that several declare brings the same.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::{
    definition::{Office, Process},
    diagnostic::Finding,
    form::FieldType,
    source::Place,
    text::Text,
};

/// What one process says that a signal or message brings, and where.
type Said<'o> = (&'o IndexMap<String, FieldType>, &'o Place);

/// Reports signals and messages that two processes of an office declare with different content.
pub(in crate::definition) fn check(office: &Office) -> Vec<Finding> {
    let mut known: BTreeMap<(&str, &str), Said<'_>> = BTreeMap::new();
    let mut findings = Vec::new();
    for definition in office.definitions.values() {
        for (kind, name, said) in declared(&definition.process) {
            let first = *known.entry((kind, name)).or_insert(said);
            if first.0 != said.0 {
                findings.push(differs(name, said.1, first.1));
            }
        }
    }
    findings
}

fn declared(process: &Process) -> impl Iterator<Item = (&'static str, &str, Said<'_>)> {
    let messages = process.messages.iter().map(|(name, declared)| ("message", name.as_str(), (&declared.data, &declared.place)));
    let signals = process.declared.signals.iter().flatten();
    let signals = signals.map(|(name, declared)| ("signal", name.as_str(), (&declared.data, &declared.place)));
    messages.chain(signals).filter(|(_, _, (data, _))| !data.is_empty())
}

fn differs(name: &str, place: &Place, first: &Place) -> Finding {
    let message =
        Text::new(format!("“{name}”的内容与 {first} 声明的不同"), format!("what `{name}` brings differs from what is declared at {first}"));
    let help = Text::new("两处写成一样的名称和类型", "give it the same names and types in both");
    Finding::error("R032", place.clone(), message).help(help)
}
