//! What answers to what between two versions of a process, and what somebody decided for the cases between them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::source::Place;

/// `migrate:` of a process: what answers to what for cases of some older versions.
#[derive(Clone, Debug, Default)]
pub struct Migration {
    /// Versions that it is for: numbers, or beginnings of content hashes. None: every older one.
    pub from: Vec<String>,
    /// What answers to what.
    pub mapping: Mapping,
    /// Where it stands.
    pub place: Place,
}

impl Migration {
    /// Whether it is for the version with this number (if it is known) and content hash.
    #[must_use]
    pub fn is_for(&self, no: Option<u32>, hash: &str) -> bool {
        let named = |from: &String| {
            no.is_some_and(|no| from.parse() == Ok(no)) || (from.len() >= HASH_CHARS_MIN && hash.starts_with(from.as_str()))
        };
        self.from.is_empty() || self.from.iter().any(named)
    }
}

/// A beginning of a content hash that is shorter than this names no version.
const HASH_CHARS_MIN: usize = 8;

/// What answers to what. Nodes that keep their ids need not be named; an implied node (`x__join`) and a node of a fragment
/// (`x.y`) goes with the node that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Old node id → new node id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, String>,
    /// Old node ids whose tokens are taken away, and whose completed work is not undone any more.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub drop: BTreeSet<String>,
    /// Data name of the new version → expression over the case as it was.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// Clock id of the new version → what becomes of it where that does not follow from where the case stands.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<String, ClockChoice>,
}

/// What becomes of a clock whose start or stop lies behind the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockChoice {
    /// It starts with the migration.
    Now,
    /// It starts, counting from when the application was received.
    Received,
    /// It does not start in this case.
    Never,
    /// It goes on, although the case has passed where it stops now.
    Keep,
    /// It stops with the migration.
    Stop,
}

impl ClockChoice {
    /// Every choice by its word in `process.yaml`.
    pub const WORDS: [(&'static str, Self); 5] =
        [("now", Self::Now), ("received", Self::Received), ("never", Self::Never), ("keep", Self::Keep), ("stop", Self::Stop)];
}

impl Mapping {
    /// What a node of the old version is called in the new one.
    #[must_use]
    pub fn node(&self, old: &str) -> String {
        if let Some(new) = self.nodes.get(old) {
            return new.clone();
        }
        let ends = old.match_indices("__").chain(old.match_indices('.')).map(|(at, _)| at);
        let longest = ends.filter(|&at| self.nodes.contains_key(&old[..at])).max();
        longest.map_or_else(|| old.to_owned(), |at| format!("{}{}", self.nodes[&old[..at]], &old[at..]))
    }

    /// The way back: nodes called by their old ids again. What was dropped, written and decided does not come back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let nodes = self.nodes.iter().map(|(old, new)| (new.clone(), old.clone())).collect();
        Self { nodes, ..Self::default() }
    }
}
