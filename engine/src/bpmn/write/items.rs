//! What the designer wrote for each node, by its id.

use std::collections::BTreeMap;

use crate::source::{Kind, Tree};

/// Items of a tree by id; the `start` of an event sub-process by the id of its start event.
#[derive(Debug, Default)]
pub(super) struct Items<'a> {
    by_id: BTreeMap<String, &'a Tree>,
}

impl<'a> Items<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        let mut items = Self::default();
        items.add(tree);
        items
    }

    fn add(&mut self, tree: &'a Tree) {
        match &tree.kind {
            Kind::List(list) => list.iter().for_each(|item| self.add(item)),
            Kind::Map(entries) => {
                if let Some((key, id)) = entries.first()
                    && is_word(&key.text)
                    && let Some(id) = id.scalar()
                {
                    self.by_id.entry(id.to_owned()).or_insert(tree);
                    if let Some(start) = tree.get("start") {
                        let start_id = start.get("id").and_then(Tree::scalar).map_or_else(|| format!("{id}__start"), str::to_owned);
                        self.by_id.entry(start_id).or_insert(start);
                    }
                }
                entries.iter().for_each(|(_, value)| self.add(value));
            }
            Kind::Scalar { .. } => {}
        }
    }

    /// What was written for a node; None for an implied one.
    pub(super) fn get(&self, id: &str) -> Option<&'a Tree> {
        self.by_id.get(id).copied()
    }
}

fn is_word(key: &str) -> bool {
    ["Task", "Event", "Gateway", "Process", "Activity"].iter().any(|end| key.ends_with(end)) || matches!(key, "task" | "transaction")
}

/// A text, or its Chinese.
pub(super) fn words(tree: &Tree) -> Option<String> {
    tree.scalar().or_else(|| tree.get("zh").and_then(Tree::scalar)).map(str::to_owned)
}

/// A scalar of an item.
pub(super) fn text<'t>(item: Option<&'t Tree>, key: &str) -> Option<&'t str> {
    item?.get(key)?.scalar()
}
