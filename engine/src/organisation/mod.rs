//! Units, roles and people, as far as decisions need them: who holds which role where.
//!
//! The [`Register`] is what is kept: with terms, people who left, substitutes. [`Register::at`] gives the [`Organisation`] of a
//! moment, which knows no dates any more: that is what decisions are made on.

mod change;
mod register;
pub mod sheet;
mod standing;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use self::{
    change::{Entry, Ground, RegisterChange, UNIT_KINDS},
    register::{Concern, Official, Recusal, Register, Substitution, Tenure, Term},
    standing::{Matter, Standing},
};
use crate::text::Text;

/// The organisation as it stands at a moment: made from the [`Register`] by the shell, read by the engine.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Organisation {
    /// Units by id.
    pub units: IndexMap<String, Unit>,
    /// People by id: those who have not left.
    pub people: IndexMap<String, Person>,
    /// Who must keep away from what (回避).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recusals: Vec<Recusal>,
}

/// A unit: a bureau, a division, a district office, a religious body, a venue, a partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Shown name.
    pub name: Text,
    /// `bureau`, `division`, `district`, `body`, `venue`, `partner`.
    pub kind: String,
    /// The unit above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its code for platforms (unified social credit code or region code). Opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Items of the platform that the unit handles. Opaque.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
}

/// A person with posts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Person {
    /// Shown name.
    pub name: String,
    /// Mail address for notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Roles at units.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Whom she stands in for now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in: Vec<StandIn>,
}

/// Standing in for somebody who is away (代理).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The person who is away.
    pub absent: String,
    /// In which processes; in all, if none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<String>,
}

impl StandIn {
    /// Whether it covers a process.
    pub fn in_process(&self, process: &str) -> bool {
        self.processes.is_empty() || self.processes.iter().any(|named| named == process)
    }
}

/// A role at a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Post {
    /// Role id.
    pub role: String,
    /// Unit id.
    pub unit: String,
}

/// Kinds of unit whose people are applicants with accounts of their own.
const APPLICANT_KINDS: [&str; 2] = ["body", "venue"];

impl Unit {
    /// Whether it is an applicant: its people apply from accounts of their own, and handle nothing.
    pub fn applies(&self) -> bool {
        APPLICANT_KINDS.contains(&self.kind.as_str())
    }
}

impl Organisation {
    /// The applicant organisation that a person acts for, if she does.
    pub fn applicant_unit<'p>(&self, person: &'p Person) -> Option<&'p str> {
        let applies = |unit: &&str| self.units.get(*unit).is_some_and(Unit::applies);
        person.posts.iter().map(|post| post.unit.as_str()).find(applies)
    }

    /// Ids of the people who hold `role` at `unit`, in order.
    pub fn holders<'a>(&'a self, role: &'a str, unit: &'a str) -> impl Iterator<Item = (&'a str, &'a Person)> {
        self.people
            .iter()
            .filter(move |(_, person)| person.posts.iter().any(|post| post.role == role && post.unit == unit))
            .map(|(id, person)| (id.as_str(), person))
    }

    /// Whether `person` holds `role` at `unit`.
    pub fn holds(&self, person: &str, role: &str, unit: &str) -> bool {
        self.people.get(person).is_some_and(|p| p.posts.iter().any(|post| post.role == role && post.unit == unit))
    }
}
