//! What is loaded and what comes out: files of an office, its processes, and one deployable version.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;
use sm3::{Digest, Sm3};

use super::Process;
use crate::{
    calendar::Calendar,
    decision::DecisionTable,
    document::Templates,
    form::{FieldStandard, Form},
    rules::Rules,
    source::{Place, Source},
    text::Text,
};

/// The files of an office: path relative to its root, with forward slashes (`workflows/…`, `forms/…`) → text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Path → text.
    pub files: BTreeMap<String, String>,
}

impl Bundle {
    /// The file at `path`, ready to be parsed.
    pub fn source(&self, path: &str) -> Option<Source> {
        self.files.get(path).map(|text| Source { name: path.into(), text: text.as_str().into() })
    }

    /// Files directly in `folder` (ends with `/`) whose name ends with `ending`, in order of their paths.
    pub fn within<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = &'a str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(move |path| path.strip_prefix(folder).is_some_and(|rest| !rest.contains('/') && rest.ends_with(ending)))
    }

    /// Content hash: SM3 (GB/T 32905) over each file's path and text with their lengths, in order of paths; hex.
    pub fn hash(&self) -> String {
        let mut digest = Sm3::new();
        for (path, text) in &self.files {
            for part in [path, text] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
        hex::encode(digest.finalize())
    }
}

/// A role of the office: `workflows/roles.yaml`.
#[derive(Clone, Debug)]
pub struct Role {
    /// kebab-case id.
    pub id: String,
    /// Shown name.
    pub name: Text,
    /// Explanation.
    pub doc: Option<Text>,
    /// What it may do besides handling cases: words of [`DUTIES`].
    pub may: Vec<String>,
    /// Whose cases it sees.
    pub sees: Sees,
    /// Where it stands.
    pub place: Place,
}

impl Role {
    /// Whether it is one of the [`THREE`] administrators'.
    pub fn administers(&self) -> bool {
        self.may.iter().any(|word| THREE.contains(&word.as_str()))
    }
}

/// What a role may do besides handling cases: work off messages that no process accepted, look after deliveries,
/// mend incidents, move cases between versions; and the [`THREE`].
pub const DUTIES: [&str; 7] = ["intake", "outbox", "incidents", "versions", "people", "grants", "audit"];

/// Duties of the three administrators (三员), which no role and no person combines: the system administrator keeps units,
/// people and accounts; the security administrator gives and takes roles; the audit administrator reads what both did.
pub const THREE: [&str; 3] = ["people", "grants", "audit"];

/// Whose cases a role sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sees {
    /// Those of its own unit, of processes that give it work.
    #[default]
    Own,
    /// Every case of its own unit and of the units below: to look at, masked, and no more (督查).
    Below,
}

impl Sees {
    /// Every word of it.
    pub const WORDS: [&str; 2] = ["own", "below"];

    /// What a word says.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "own" => Some(Self::Own),
            "below" => Some(Self::Below),
            _ => None,
        }
    }
}

/// One deployable version of a process with everything it rests on.
#[derive(Debug)]
pub struct Definition {
    /// Content hash over [`Definition::files`], see [`Bundle::hash`].
    pub hash: String,
    /// The compiled process.
    pub process: Process,
    /// Forms it uses, by id.
    pub forms: IndexMap<String, Form>,
    /// The field standard.
    pub standard: Arc<FieldStandard>,
    /// Rules with the process's own functions.
    pub rules: Rules,
    /// The decision tables beside it, by id.
    pub decisions: IndexMap<String, DecisionTable>,
    /// Its compiled templates.
    pub templates: Templates,
    /// Its calendar.
    pub calendar: Arc<Calendar>,
    /// Roles of the office.
    pub roles: Arc<IndexMap<String, Role>>,
    /// Exactly the pinned files: what [`super::load_pinned`] makes this definition of again.
    pub files: BTreeMap<String, String>,
}

/// All that an office wrote, loaded.
#[derive(Debug, Default)]
pub struct Office {
    /// Processes without errors, by id.
    pub definitions: IndexMap<String, Arc<Definition>>,
    /// The field standard.
    pub standard: Arc<FieldStandard>,
    /// Forms by id.
    pub forms: IndexMap<String, Form>,
    /// Roles by id.
    pub roles: Arc<IndexMap<String, Role>>,
    /// What personal data may be looked at in full for, by id: `workflows/purposes.yaml`.
    pub purposes: Arc<IndexMap<String, Text>>,
    /// Calendars by id.
    pub calendars: IndexMap<String, Arc<Calendar>>,
    /// Every file that was read, for showing findings.
    pub sources: IndexMap<String, Source>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_tells_names_from_texts() {
        let bundle = |files: &[(&str, &str)]| Bundle { files: files.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect() };
        assert_ne!(bundle(&[("a", "bc")]).hash(), bundle(&[("ab", "c")]).hash());
        assert_eq!(bundle(&[("a", "b"), ("c", "d")]).hash(), bundle(&[("c", "d"), ("a", "b")]).hash());
        assert_eq!(bundle(&[]).hash().len(), 64);
    }
}
