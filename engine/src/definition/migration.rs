//! `migrate:` of a process: what answers to what for cases of older versions.

use super::{
    ClockChoice, DataModel, Mapping, Migration,
    context::{Context, Refers, entries, string, strings},
};
use crate::{source::Tree, text::Text};

/// One block, or a list of them.
pub(super) fn migrations(cx: &mut Context<'_>, tree: Option<&Tree>, data: &DataModel) -> Vec<Migration> {
    let Some(tree) = tree else { return Vec::new() };
    let one = std::slice::from_ref(tree);
    tree.list().unwrap_or(one).iter().map(|block| migration(cx, block, data)).collect()
}

fn migration(cx: &mut Context<'_>, tree: &Tree, data: &DataModel) -> Migration {
    let mut mapping = Mapping { drop: strings(tree.get("drop")).map(|(node, _)| node).collect(), ..Mapping::default() };
    for (old, _, new) in entries(tree.get("nodes")) {
        let Some(node) = string(new) else { continue };
        cx.refer_at(Refers::Node, &node, new.span, old);
        mapping.nodes.insert(old.to_owned(), node);
    }
    for (name, span, value) in entries(tree.get("data")) {
        if !data.open && !cx.names_unsure && !data.fields.contains_key(name) {
            cx.error("R040", span, Text::new(format!("没有数据“{name}”"), format!("there is no data `{name}`")));
        }
        let Some(text) = string(value) else { continue };
        // Its names are those of the older version: they are looked at when a case is planned.
        match cx.around.rules.expression(&text, cx.place(value.span)) {
            Ok(_) => drop(mapping.data.insert(name.to_owned(), text)),
            Err(finding) => cx.findings.push(finding),
        }
    }
    for (clock, span, choice) in entries(tree.get("clocks")) {
        cx.refer_at(Refers::Clock, clock, span, clock);
        let known = ClockChoice::WORDS.iter().find(|(word, _)| Some(*word) == choice.scalar());
        mapping.clocks.extend(known.map(|(_, choice)| (clock.to_owned(), *choice)));
    }
    Migration { from: strings(tree.get("from")).map(|(version, _)| version).collect(), mapping, place: cx.place(tree.span) }
}
