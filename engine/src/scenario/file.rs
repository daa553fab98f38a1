//! The scenario file.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Operate;

/// One scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub scenario: String,
    /// Process id.
    pub process: String,
    /// When it begins: RFC 3339.
    pub at: String,
    /// Person id → posts.
    #[serde(default)]
    pub people: IndexMap<String, Posts>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One post, `role@unit`, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Posts {
    /// `role@unit`.
    One(String),
    /// `[role@unit, …]`.
    Several(Vec<String>),
}

impl Posts {
    /// The posts as role and unit; what has no `@` is a role at no unit.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let posts = match self {
            Self::One(post) => std::slice::from_ref(post),
            Self::Several(posts) => posts,
        };
        posts.iter().map(|post| post.split_once('@').unwrap_or((post, "")))
    }
}

/// One step: exactly one of its keys that are verbs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A message arrives from the platform, by name; `data` and `materials` stand beside.
    pub send: Option<String>,
    /// The message's data.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Ids of attached materials.
    #[serde(default)]
    pub materials: Vec<String>,
    /// A person starts a case by form.
    pub start: Option<Submission>,
    /// A person completes a task.
    pub act: Option<Act>,
    /// A person uses an operation.
    pub operate: Option<Operate>,
    /// The work that a service task asked for is done; `data` beside is its answer. Node id.
    pub answer: Option<String>,
    /// An attempt at the work that a service task asked for failed.
    pub fail: Option<Failing>,
    /// What an incident at this node stopped is tried again.
    pub repair: Option<String>,
    /// Any of the above, refused with `code`.
    pub refused: Option<Refused>,
    /// So much time passes; days end at closing time.
    pub pass: Option<String>,
    /// What must be true now.
    pub expect: Option<Expectation>,
}

/// A start by form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Person id.
    pub by: String,
    /// The unit that handles it.
    pub unit: String,
    /// How the story calls the case; its application number.
    pub application_no: String,
    /// The form's data.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Ids of attached materials.
    #[serde(default)]
    pub materials: Vec<String>,
    /// Another case calls it, instead of the person.
    #[serde(default)]
    pub called: bool,
}

/// Completing a task.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Node id.
    pub task: String,
    /// Person id.
    pub by: String,
    /// Action id.
    #[serde(default = "complete")]
    pub action: String,
    /// What the step's form gives.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Of several open tasks at the node, the one that falls to this unit.
    pub unit: Option<String>,
}

fn complete() -> String {
    "complete".to_owned()
}

/// A failed attempt at a service task's work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// Node id.
    pub task: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// No further attempt will help.
    #[serde(default, rename = "giveUp")]
    pub give_up: bool,
}

/// A step that must be refused: the keys of [`Act`], or `send`, `start`, `operate`, and the code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The rejection's code.
    pub code: String,
    /// As in [`Step`].
    pub send: Option<String>,
    /// As in [`Step`].
    pub start: Option<Submission>,
    /// As in [`Step`].
    pub operate: Option<Operate>,
    /// As in [`Act`].
    pub task: Option<String>,
    /// As in [`Act`].
    pub by: Option<String>,
    /// As in [`Act`].
    pub action: Option<String>,
    /// As in [`Act`] or [`Step`].
    #[serde(default)]
    pub data: Map<String, Value>,
    /// As in [`Step`].
    #[serde(default)]
    pub materials: Vec<String>,
    /// As in [`Act`].
    pub unit: Option<String>,
}

/// What must be true.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Of which case, by application number; else of the last one that a step was about.
    pub case: Option<String>,
    /// Exactly these nodes wait (tasks and catching events; each once).
    pub at: Option<Vec<String>>,
    /// The last status told to the applicant.
    pub portal: Option<String>,
    /// Clocks by id.
    #[serde(default)]
    pub clock: IndexMap<String, ExpectedClock>,
    /// These data names have these values.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Exactly these documents were made, by the names they are kept under.
    pub documents: Option<Vec<String>>,
    /// Notices from these templates were sent, among others.
    #[serde(default)]
    pub notices: Vec<String>,
    /// Whether the case has ended.
    pub ended: Option<bool>,
    /// Whether there is an incident.
    pub incident: Option<bool>,
    /// Whether people do not work on it for a while.
    pub suspended: Option<bool>,
    /// Open tasks that were given to somebody: node → person.
    #[serde(default)]
    pub assigned: IndexMap<String, String>,
    /// How many cases that it called have not answered.
    pub calls: Option<usize>,
}

/// What a clock must look like.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ExpectedClock {
    /// `not-started`, `running`, `paused`, `stopped`.
    State(String),
    /// So much is left.
    Left {
        /// A duration, negative if overdue.
        left: String,
    },
}
