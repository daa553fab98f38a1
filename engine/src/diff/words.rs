//! Values and keys of a tree in words.

use std::collections::BTreeSet;

use crate::{
    definition::{Way, meaning},
    diagram::Mark,
    source::{Kind, Tree},
    text::{Language, Text},
};

/// Values longer than this are cut.
const LENGTH_MAX: usize = 60;

/// A difference inside a thing: at which key, and what it was and is.
pub(super) struct Difference {
    pub(super) mark: Mark,
    pub(super) text: Text,
}

/// Every difference between two values, key by key; `skip` are keys that are looked at elsewhere.
pub(super) fn differences(way: &[Way], old: &Tree, new: &Tree, skip: &[&str]) -> Vec<Difference> {
    let mut found = Vec::new();
    inside(&mut way.to_vec(), "", old, new, skip, &mut found);
    found
}

fn inside(way: &mut Vec<Way>, path: &str, old: &Tree, new: &Tree, skip: &[&str], found: &mut Vec<Difference>) {
    match (&old.kind, &new.kind) {
        (Kind::Map(before), Kind::Map(after)) => {
            let keys = after.iter().chain(before.iter().filter(|(key, _)| new.get(&key.text).is_none())).map(|(key, _)| key.text.clone());
            for key in keys.filter(|key| !skip.contains(&key.as_str())).collect::<Vec<_>>() {
                let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let name = named(way, &key, &full);
                way.push(Way::Key(key.clone()));
                match (old.get(&key), new.get(&key)) {
                    (Some(before), Some(after)) => inside(way, &full, before, after, &[], found),
                    (None, Some(after)) => found.push(one(Mark::Added, &name, None, Some(after))),
                    (Some(before), None) => found.push(one(Mark::Removed, &name, Some(before), None)),
                    (None, None) => {}
                }
                way.pop();
            }
        }
        (Kind::List(before), Kind::List(after)) if scalars(before) && scalars(after) => {
            let (before, after) = (texts(before), texts(after));
            let less: Vec<&str> = before.difference(&after).copied().collect();
            let more: Vec<&str> = after.difference(&before).copied().collect();
            if !less.is_empty() || !more.is_empty() {
                let signs = more.iter().map(|text| format!("+{text}")).chain(less.iter().map(|text| format!("−{text}")));
                let name = named(&way[..way.len().saturating_sub(1)], last_key(way), path);
                let signs = signs.collect::<Vec<_>>().join(" ");
                let text = Text::new(format!("{}：{signs}", name.zh), format!("{}: {signs}", en(&name)));
                found.push(Difference { mark: Mark::Changed, text });
            }
        }
        _ if shown(old) != shown(new) => {
            let name = named(&way[..way.len().saturating_sub(1)], last_key(way), path);
            found.push(one(Mark::Changed, &name, Some(old), Some(new)));
        }
        _ => {}
    }
}

fn one(mark: Mark, name: &Text, old: Option<&Tree>, new: Option<&Tree>) -> Difference {
    let cut = |tree: &Tree| shorten(&shown(tree));
    let text = match (old.map(cut), new.map(cut)) {
        (Some(old), Some(new)) => Text::new(format!("{}：{old} → {new}", name.zh), format!("{}: {old} → {new}", en(name))),
        (None, Some(new)) => Text::new(format!("{}：新增 {new}", name.zh), format!("{}: added {new}", en(name))),
        (Some(old), None) => Text::new(format!("{}：删去 {old}", name.zh), format!("{}: removed {old}", en(name))),
        (None, None) => name.clone(),
    };
    Difference { mark, text }
}

/// `办理期限 due`: what the dialect says of a key, and the key.
fn named(way: &[Way], key: &str, path: &str) -> Text {
    match meaning(way, key) {
        Some(word) => Text::new(format!("{path}（{}）", word.doc.zh), format!("{path} ({})", en(&word.doc))),
        None => Text::zh(path),
    }
}

fn last_key(way: &[Way]) -> &str {
    match way.last() {
        Some(Way::Key(key)) => key,
        _ => "",
    }
}

fn scalars(items: &[Tree]) -> bool {
    items.iter().all(|item| item.scalar().is_some())
}

fn texts(items: &[Tree]) -> BTreeSet<&str> {
    items.iter().filter_map(Tree::scalar).collect()
}

/// A value on one line.
pub(super) fn shown(tree: &Tree) -> String {
    match tree.scalar() {
        Some(text) => text.to_owned(),
        None => tree.to_json().to_string(),
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LENGTH_MAX {
        return text.to_owned();
    }
    text.chars().take(LENGTH_MAX).chain(['…']).collect()
}

pub(super) fn en(text: &Text) -> &str {
    text.get(Language::En)
}
