//! The scenario file.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Operate;

/// One scenario.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub scenario: String,
    /// Process id.
    pub process: String,
    /// When it begins: RFC 3339.
    pub at: String,
    /// Person id → posts, and for whom she acts.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub people: IndexMap<String, Posts>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One post, `role@unit`, or several, or a person with more to say of.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Posts {
    /// `role@unit`.
    One(String),
    /// `[role@unit, …]`.
    Several(Vec<String>),
    /// `{posts: […], standsIn: […], keepsFrom: […]}`.
    Described(Described),
}

/// A person who stands in for others, or must keep away from cases.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Described {
    /// `[role@unit, …]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<String>,
    /// Those who are away and for whom she acts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in: Vec<StandsIn>,
    /// What she must keep away from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps_from: Vec<KeepsFrom>,
}

/// A person who is away: in every process, or in some.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum StandsIn {
    /// Person id.
    Always(String),
    /// In some processes only.
    In {
        /// Person id.
        r#for: String,
        /// Process ids.
        processes: Vec<String>,
    },
}

/// What somebody must keep away from: a case, by its application number, or what a unit applies for.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum KeepsFrom {
    /// One case.
    Case {
        /// Application number.
        case: String,
    },
    /// Cases of an applicant.
    Unit {
        /// Unit id.
        unit: String,
    },
}

impl Posts {
    /// The posts as role and unit; what has no `@` is a role at no unit.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let posts = match self {
            Self::One(post) => std::slice::from_ref(post),
            Self::Several(posts) => posts,
            Self::Described(person) => &person.posts,
        };
        posts.iter().map(|post| post.split_once('@').unwrap_or((post, "")))
    }
}

/// One step: exactly one of its keys that are verbs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which case it is about: an application number, or a process id for its newest case (a called one has no number of
    /// the story). Else the last one that a step was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// A message arrives from the platform, by name; `data` and `materials` stand beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// The message's data.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Ids of attached materials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<String>,
    /// A person starts a case by form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Submission>,
    /// A person completes a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// A person uses an operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operate: Option<Operate>,
    /// The work that a service task asked for is done; `data` beside is its answer. Node id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// An attempt at the work that a service task asked for failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail: Option<Failing>,
    /// A BPMN error out of an open task or job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throw: Option<Throwing>,
    /// Every case hears this signal; `data` stands beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Data of the case change by themselves; conditions are looked at again.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// What an incident at this node stopped is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// From now on these people are otherwise: posts, substitutes, recusals.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub people: IndexMap<String, Posts>,
    /// Any of the above, refused with `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// So much time passes; days end at closing time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<String>,
    /// What must be true now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

/// A start by form.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Another process of the office than the scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// Person id.
    pub by: String,
    /// The unit that handles it.
    pub unit: String,
    /// How the story calls the case; its application number.
    pub application_no: String,
    /// The form's data.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Ids of attached materials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<String>,
    /// Another case calls it, instead of the person.
    #[serde(default, skip_serializing_if = "is_false")]
    pub called: bool,
}

/// Completing a task.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
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
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Of several open tasks at the node, the one that falls to this unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

fn complete() -> String {
    "complete".to_owned()
}

/// A BPMN error out of open work.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Throwing {
    /// Node id.
    pub task: String,
    /// Error code.
    pub error: String,
    /// Data that are written first.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

/// A failed attempt at a service task's work.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// Node id.
    pub task: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// No further attempt will help.
    #[serde(default, rename = "giveUp", skip_serializing_if = "is_false")]
    pub give_up: bool,
}

/// A step that must be refused: the keys of [`Act`], or `send`, `start`, `operate`, and the code.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// As in [`Step`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The rejection's code.
    pub code: String,
    /// As in [`Step`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// As in [`Step`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Submission>,
    /// As in [`Step`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operate: Option<Operate>,
    /// As in [`Act`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// As in [`Act`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// As in [`Act`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// As in [`Act`] or [`Step`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// As in [`Step`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<String>,
    /// As in [`Act`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What must be true.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Of which case: an application number, or a process id for its newest case; else the last one that a step was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Exactly these nodes wait (tasks and catching events; each once).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<String>>,
    /// The last status told to the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    /// Clocks by id.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub clock: IndexMap<String, ExpectedClock>,
    /// These data names have these values.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Exactly these documents were made, by the names they are kept under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<String>>,
    /// Notices from these templates were sent, among others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// Whether the case has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<bool>,
    /// Whether there is an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<bool>,
    /// Whether people do not work on it for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// Open tasks that were given to somebody: node → person.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub assigned: IndexMap<String, String>,
    /// How many cases that it called have not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<usize>,
}

/// What a clock must look like.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
