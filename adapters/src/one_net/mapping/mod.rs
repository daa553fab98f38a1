//! A platform's mapping: its own field names, codes, times and addresses, read from `workflows/platforms/ID.yaml`.
//!
//! What a message means to us is fixed in Rust ([`super::messages`]); what it looks like on the wire stands in the mapping
//! and nowhere else, so that another platform is another file.

mod read;
mod shape;

use indexmap::IndexMap;
use serde_json::Value;
use tongban_engine::{diagnostic::Finding, source::Source, text::Text};

pub use shape::{Codes, Format, Misfit, Rule, Shape};

use super::sign::Policy;

/// The code list that is made of the items: `ITEM@UNIT` → the platform's code of the item as that unit handles it.
pub const TASKS: &str = "task";

/// A platform's mapping, compiled.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The platform's id: also a case's source, and the outbox destination `platform:ID`.
    pub platform: String,
    /// Its name.
    pub name: Text,
    /// Its time zone.
    pub zone: String,
    /// How messages are signed.
    pub signing: Policy,
    /// Code lists, ours → theirs.
    pub codes: Codes,
    /// What is told with each portal status, by its code.
    pub statuses: IndexMap<String, Value>,
    /// What the platform knows of each item besides what the process says: codes, conditions, offices.
    pub items: IndexMap<String, Value>,
    /// What the platform sends us, by kind: application, supplement, withdrawal, rating, file.
    pub incoming: IndexMap<String, Message>,
    /// What we send the platform, by kind: item, status.
    pub outgoing: IndexMap<String, Message>,
}

/// One kind of message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Path at the receiver.
    pub path: String,
    /// The process message that it delivers to a case, if it does.
    pub delivers: Option<String>,
    /// What it looks like.
    pub fields: Shape,
    /// What its answer looks like.
    pub answer: Shape,
}

impl Mapping {
    /// Reads a mapping; every mistake is a finding with its place. None if it cannot be used.
    pub fn load(source: &Source) -> (Option<Self>, Vec<Finding>) {
        read::load(source)
    }

    /// The mapping of each platform among the files of an office (`workflows/platforms/*.yaml`), with all findings.
    pub fn load_all<'a>(files: impl IntoIterator<Item = (&'a String, &'a String)>) -> (IndexMap<String, Self>, Vec<Finding>) {
        let mut all = IndexMap::new();
        let mut findings = Vec::new();
        for (name, text) in files {
            let is_platform = name.strip_prefix("workflows/platforms/").is_some_and(|rest| rest.ends_with(".yaml") && !rest.contains('/'));
            if !is_platform {
                continue;
            }
            let (mapping, found) = Self::load(&Source { name: name.as_str().into(), text: text.as_str().into() });
            findings.extend(found);
            all.extend(mapping.map(|mapping| (mapping.platform.clone(), mapping)));
        }
        (all, findings)
    }
}

#[cfg(test)]
mod tests;
