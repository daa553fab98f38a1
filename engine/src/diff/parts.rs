//! The head of a process, its lanes, messages, data and clocks compared.

use super::{
    Change, Sides,
    words::{Difference, differences, en, shown},
};
use crate::{
    definition::Way,
    diagram::Mark,
    source::{Place, Tree},
    text::Text,
};

/// Parts that are declared by name: where they stand, what one is called in a change, and its words.
const NAMED: &[(&[&str], &str, [&str; 2])] = &[
    (&["lanes"], "lane", ["泳道", "lane"]),
    (&["messages"], "message", ["消息", "message"]),
    (&["signals"], "signal", ["信号", "signal"]),
    (&["errors"], "error", ["错误", "error"]),
    (&["escalations"], "escalation", ["升级", "escalation"]),
    (&["parameters"], "parameter", ["参数", "parameter"]),
    (&["data", "extra"], "data", ["数据项", "data name"]),
    (&["clocks"], "clock", ["时限", "clock"]),
];

pub(super) fn compare(sides: &Sides<'_>) -> Vec<Change> {
    let (old, new) = (sides.old.1, sides.new.1);
    let skip = ["flow", "eventSubProcesses", "lanes", "messages", "signals", "errors", "escalations", "parameters", "data", "clocks"];
    let mut changes: Vec<Change> = differences(&[], old, new, &skip).into_iter().map(|found| head(sides, &found)).collect();
    if let (Some(before), Some(after)) = (old.get("data"), new.get("data")) {
        let found = differences(&[Way::Key("data".to_owned())], before, after, &["extra"]);
        changes.extend(found.into_iter().map(|found| head(sides, &found)));
    }
    for (path, what, words) in NAMED {
        changes.extend(named(sides, path, what, words));
    }
    changes
}

fn head(sides: &Sides<'_>, found: &Difference) -> Change {
    let id = sides.new.1.get("process").map(shown).unwrap_or_default();
    let text = Text::new(format!("流程 {}", found.text.zh), format!("process {}", en(&found.text)));
    Change { mark: found.mark, what: "process", id, element: None, place: sides.place_in_new(sides.new.1), text }
}

fn at<'a>(tree: &'a Tree, path: &[&str]) -> Option<&'a Tree> {
    path.iter().try_fold(tree, |tree, key| tree.get(key))
}

/// What came, went and changed among things that are declared by name.
fn named(sides: &Sides<'_>, path: &[&str], what: &'static str, words: &[&str; 2]) -> Vec<Change> {
    let (old, new) = (at(sides.old.1, path), at(sides.new.1, path));
    let entries = |tree: Option<&Tree>| tree.and_then(Tree::map).map(<[_]>::to_vec).unwrap_or_default();
    let mut changes = Vec::new();
    let mut told = |mark: Mark, id: &str, place: Place, zh: &str, en: &str| {
        let text = Text::new(format!("{} {id}{zh}", words[0]), format!("{} {id}{en}", words[1]));
        changes.push(Change { mark, what, id: id.to_owned(), element: None, place, text });
    };
    for (key, after) in entries(new) {
        let place = Place { file: sides.new.0.name.clone(), span: key.span };
        let Some(before) = old.and_then(|old| old.get(&key.text)) else {
            told(Mark::Added, &key.text, place, &format!("：新增 {}", shown(&after)), &format!(": added {}", shown(&after)));
            continue;
        };
        let mut way: Vec<Way> = path.iter().map(|key| Way::Key((*key).to_owned())).collect();
        way.push(Way::Key(key.text.clone()));
        for found in differences(&way, before, &after, &[]) {
            told(Mark::Changed, &key.text, place.clone(), &format!(" {}", found.text.zh), &format!(" {}", en(&found.text)));
        }
    }
    for (key, _) in entries(old).iter().filter(|(key, _)| new.and_then(|new| new.get(&key.text)).is_none()) {
        let place = Place { file: sides.old.0.name.clone(), span: key.span };
        told(Mark::Removed, &key.text, place, "：已删去", ": removed");
    }
    changes
}
