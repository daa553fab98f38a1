//! Elements compared by their ids, wherever they stand; and where each goes on to.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{
    Change, Sides,
    words::{differences, en, shown},
};
use crate::{
    definition::{Process, Way, here},
    diagram::Mark,
    source::Tree,
    text::Text,
};

/// Keys under which other elements stand.
const NESTS: [&str; 4] = ["do", "boundary", "branches", "eventSubProcesses"];

/// An element as it was written.
struct Element<'a> {
    word: &'a str,
    tree: &'a Tree,
    /// The element that it stands in or on.
    outer: Option<&'a str>,
}

pub(super) fn compare(sides: &Sides<'_>) -> Vec<Change> {
    let (old, new) = (all(sides.old.1), all(sides.new.1));
    let mut changes = Vec::new();
    for (id, after) in &new {
        let place = sides.place_in_new(after.tree);
        let mut told = |mark: Mark, text: Text| {
            changes.push(Change {
                mark,
                what: "element",
                id: (*id).to_owned(),
                element: Some((*id).to_owned()),
                place: place.clone(),
                text,
            });
        };
        let name = called(id, after);
        let Some(before) = old.get(id) else {
            told(Mark::Added, Text::new(format!("新增 {}", name.zh), format!("added {}", en(&name))));
            continue;
        };
        if before.word != after.word {
            let (was, is) = (before.word, after.word);
            told(Mark::Changed, Text::new(format!("{}：{was} → {is}", name.zh), format!("{}: {was} → {is}", en(&name))));
        }
        if before.outer != after.outer {
            let (was, is) = (before.outer.unwrap_or("—"), after.outer.unwrap_or("—"));
            told(
                Mark::Changed,
                Text::new(format!("{}：移出 {was}，移入 {is}", name.zh), format!("{}: moved from {was} to {is}", en(&name))),
            );
        }
        for found in differences(&way(after.word), before.tree, after.tree, &[&[before.word, after.word][..], &NESTS].concat()) {
            told(Mark::Changed, Text::new(format!("{} {}", name.zh, found.text.zh), format!("{} {}", en(&name), en(&found.text))));
        }
        for (text_zh, text_en) in branches(before.tree, after.tree) {
            told(Mark::Changed, Text::new(format!("{} {text_zh}", name.zh), format!("{} {text_en}", en(&name))));
        }
    }
    for (id, before) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        let name = called(id, before);
        let text = Text::new(format!("删去 {}", name.zh), format!("removed {}", en(&name)));
        let place = sides.place_in_old(before.tree);
        let id = (*id).to_owned();
        changes.push(Change { mark: Mark::Removed, what: "element", element: Some(id.clone()), id, place, text });
    }
    changes
}

/// Where elements that are in both versions go on to, as far as no change of theirs tells it already.
pub(super) fn flows(old: &Process, new: &Process, told: &[Change]) -> Vec<Change> {
    let next = |process: &Process, id: &str| -> BTreeSet<String> {
        let Some(node) = process.node(id) else { return BTreeSet::new() };
        let plain = node.outgoing.iter().map(|&ix| &process.flows[ix]).filter(|flow| flow.action.is_none());
        plain.map(|flow| process.nodes[flow.to].id.clone()).collect()
    };
    let already = |id: &str| {
        let about = |change: &&Change| change.element.as_deref() == Some(id);
        told.iter()
            .filter(about)
            .any(|change| ["next", "to ", "flows", "→ "].iter().any(|word| en(&change.text).contains(&format!(" {word}"))))
    };
    let both = new.nodes.iter().filter(|node| !node.id.contains("__") && old.node(&node.id).is_some());
    let changed = both.filter_map(|node| {
        let (was, is) = (next(old, &node.id), next(new, &node.id));
        if was == is || already(&node.id) {
            return None;
        }
        let list =
            |ids: &BTreeSet<String>| if ids.is_empty() { "—".to_owned() } else { ids.iter().cloned().collect::<Vec<_>>().join(", ") };
        let (was, is, id) = (list(&was), list(&is), &node.id);
        let text = Text::new(format!("{id} 之后：{was} → {is}"), format!("{id} goes on to: {was} → {is}"));
        Some(Change { mark: Mark::Changed, what: "flow", id: id.clone(), element: Some(id.clone()), place: node.place.clone(), text })
    });
    changed.collect()
}

/// Conditions and destinations of branches, matched by what they lead to.
fn branches(old: &Tree, new: &Tree) -> Vec<(String, String)> {
    let list = |tree: &Tree| tree.get("branches").and_then(Tree::list).map(<[_]>::to_vec).unwrap_or_default();
    let (before, after) = (list(old), list(new));
    let leads = |branch: &Tree| {
        let first = branch.get("do").and_then(Tree::list).and_then(<[_]>::first).and_then(Tree::map).and_then(<[_]>::first);
        branch.get("to").map(shown).or_else(|| first.map(|(_, id)| shown(id))).unwrap_or_else(|| "—".to_owned())
    };
    let told = |branch: &Tree| branch.get("when").map_or_else(|| "otherwise".to_owned(), shown);
    let mut found = Vec::new();
    for branch in &after {
        let to = leads(branch);
        let is = told(branch);
        match before.iter().find(|other| leads(other) == to) {
            None => found.push((format!("分支 {to}：新增（{is}）"), format!("branch {to}: added ({is})"))),
            Some(other) if told(other) != is => {
                let was = told(other);
                found.push((format!("分支 {to} 的条件：{was} → {is}"), format!("branch {to}, condition: {was} → {is}")));
            }
            Some(_) => {}
        }
    }
    for branch in before.iter().filter(|branch| after.iter().all(|other| leads(other) != leads(branch))) {
        let to = leads(branch);
        found.push((format!("分支 {to}：删去"), format!("branch {to}: removed")));
    }
    found
}

/// `环节“审看”（userTask look）`.
fn called(id: &str, element: &Element<'_>) -> Text {
    let name = element.tree.get("name").and_then(|name| name.get("zh").or(Some(name))).and_then(Tree::scalar);
    let english = element.tree.get("name").and_then(|name| name.get("en").or(Some(name))).and_then(Tree::scalar);
    let word = element.word;
    let quoted = |name: Option<&str>, open: &str, close: &str| name.map(|name| format!("{open}{name}{close}")).unwrap_or_default();
    Text::new(format!("{word} {id}{}", quoted(name, "“", "”")), format!("{word} {id}{}", quoted(english, " “", "”")))
}

/// The way to an element of a word, for what its keys mean.
fn way(word: &str) -> Vec<Way> {
    let item = Way::Item(Some(word.to_owned()));
    let key = |key: &str| Way::Key(key.to_owned());
    let ways = [
        vec![key("flow"), item.clone()],
        vec![key("flow"), Way::Item(Some("userTask".to_owned())), key("boundary"), item.clone()],
        vec![key("eventSubProcesses"), item],
    ];
    ways.into_iter().find(|way| here(way).is_some_and(|here| here.keys.len() > 1)).unwrap_or_default()
}

/// Every element of a process by id, outer before inner.
fn all(tree: &Tree) -> IndexMap<&str, Element<'_>> {
    let mut found = IndexMap::new();
    for key in ["flow", "eventSubProcesses"] {
        list(tree.get(key), None, &mut found);
    }
    found
}

fn list<'a>(items: Option<&'a Tree>, outer: Option<&'a str>, found: &mut IndexMap<&'a str, Element<'a>>) {
    for tree in items.and_then(Tree::list).unwrap_or_default() {
        let Some((head, id)) = tree.map().and_then(<[_]>::first) else { continue };
        let Some(id) = id.scalar() else { continue };
        found.entry(id).or_insert(Element { word: &head.text, tree, outer });
        for key in ["do", "boundary", "eventSubProcesses"] {
            list(tree.get(key), Some(id), found);
        }
        for branch in tree.get("branches").and_then(Tree::list).unwrap_or_default() {
            list(branch.get("do"), Some(id), found);
        }
    }
}
