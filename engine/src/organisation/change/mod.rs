//! Changes of the register as data: checked against the register as it stands, and applied to a copy of it.

mod absence;
mod fault;
mod people;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(super) mod tests;
mod units;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Post, Recusal, Register, Substitution, Tenure, Unit};
use crate::{
    definition::{Role, Sees},
    form::FieldError,
    text::Text,
    time::Moment,
};

/// Kinds of units.
pub const UNIT_KINDS: [&str; 6] = ["bureau", "division", "district", "body", "venue", "partner"];
/// Faults that are told of a list of changes, at most.
const FAULTS_MAX: usize = 200;

/// One change of the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum RegisterChange {
    /// A new unit.
    AddUnit {
        /// Its id, for good.
        id: String,
        /// It.
        #[serde(flatten)]
        unit: Unit,
    },
    /// What is known of a unit, its place excepted.
    ChangeUnit {
        /// Which.
        id: String,
        /// Shown name.
        name: Text,
        /// One of [`UNIT_KINDS`].
        kind: String,
        /// Its code for platforms.
        #[serde(default)]
        code: Option<String>,
        /// Items of the platform that it handles.
        #[serde(default)]
        items: Vec<String>,
    },
    /// A unit comes under another one, or under none.
    MoveUnit {
        /// Which.
        id: String,
        /// The unit above it.
        #[serde(default)]
        parent: Option<String>,
    },
    /// A unit that has neither people nor units nor work is closed.
    CloseUnit {
        /// Which.
        id: String,
    },
    /// A new person, without posts.
    AddPerson {
        /// Her id, for good.
        id: String,
        /// She.
        #[serde(flatten)]
        entry: Entry,
    },
    /// What is known of a person, her posts excepted.
    ChangePerson {
        /// Which.
        id: String,
        /// She.
        #[serde(flatten)]
        entry: Entry,
    },
    /// A person gets a post for a term.
    GivePost {
        /// Who.
        person: String,
        /// What, from when until when.
        #[serde(flatten)]
        tenure: Tenure,
    },
    /// A post ends: earlier or later than it was to, or with `until` absent not at all. One that has not begun is taken
    /// back by an end that is not after its beginning.
    EndPost {
        /// Who.
        person: String,
        /// What.
        #[serde(flatten)]
        post: Post,
        /// From when she has it, which tells one term from another.
        #[serde(default)]
        from: Option<Moment>,
        /// The first moment after it.
        #[serde(default)]
        until: Option<Moment>,
    },
    /// One person acts for another who is away.
    Substitute {
        /// Who for whom, when, where.
        #[serde(flatten)]
        substitution: Substitution,
    },
    /// A substitution ends now; one that has not begun is taken back.
    EndSubstitution {
        /// Which.
        id: String,
    },
    /// A person must keep away.
    Recuse {
        /// Who, from what, why, when.
        #[serde(flatten)]
        recusal: Recusal,
    },
    /// A recusal ends now; one that has not begun is taken back.
    EndRecusal {
        /// Which.
        id: String,
    },
    /// A person leaves: her posts and substitutions end. Whether her work is in other hands is looked at before.
    Leave {
        /// Who.
        person: String,
        /// The first moment at which she is not there any more.
        at: Moment,
    },
}

/// What is known of a person besides her posts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Shown name.
    pub name: String,
    /// The name of her account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Mail address for notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// What a change is checked against besides the register.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Roles of the office.
    pub roles: &'a IndexMap<String, Role>,
    /// Ids of the processes there are.
    pub processes: &'a BTreeSet<String>,
    /// Units with work that has not ended.
    pub busy: &'a BTreeSet<String>,
    /// When it is asked for.
    pub now: Moment,
}

impl RegisterChange {
    /// The stable word of the deed, the kind of thing it is done to, and which one.
    pub fn deed(&self) -> (&'static str, &'static str, &str) {
        match self {
            Self::AddUnit { id, .. } => ("unit.added", "unit", id),
            Self::ChangeUnit { id, .. } => ("unit.changed", "unit", id),
            Self::MoveUnit { id, .. } => ("unit.moved", "unit", id),
            Self::CloseUnit { id } => ("unit.closed", "unit", id),
            Self::AddPerson { id, .. } => ("person.added", "person", id),
            Self::ChangePerson { id, .. } => ("person.changed", "person", id),
            Self::GivePost { person, .. } => ("post.given", "person", person),
            Self::EndPost { person, .. } => ("post.ended", "person", person),
            Self::Substitute { substitution } => ("substitution.begun", "person", &substitution.absent),
            Self::EndSubstitution { id } => ("substitution.ended", "substitution", id),
            Self::Recuse { recusal } => ("recusal.begun", "person", &recusal.person),
            Self::EndRecusal { id } => ("recusal.ended", "recusal", id),
            Self::Leave { person, .. } => ("person.left", "person", person),
        }
    }

    /// Whether it gives or takes rights, which is not for who keeps units and people.
    pub fn is_grant(&self) -> bool {
        use RegisterChange as Change;
        matches!(
            self,
            Change::GivePost { .. }
                | Change::EndPost { .. }
                | Change::Substitute { .. }
                | Change::EndSubstitution { .. }
                | Change::Recuse { .. }
                | Change::EndRecusal { .. }
        )
    }

    /// Whether it takes effect only when a second administrator agrees: what gives, prolongs or ends a post that may more
    /// than handle the cases of its unit (taking messages in is daily work), and the leaving of one of the three
    /// administrators.
    pub fn takes_two(&self, register: &Register, roles: &IndexMap<String, Role>) -> bool {
        let role = |post: &Post| roles.get(&post.role);
        match self {
            Self::GivePost { tenure: Tenure { post, .. }, .. } | Self::EndPost { post, .. } => {
                role(post).is_some_and(|role| role.may.iter().any(|duty| duty != "intake") || role.sees != Sees::Own)
            }
            Self::Leave { person, .. } => {
                let mut posts = register.people.get(person).into_iter().flat_map(|official| &official.posts);
                posts.any(|tenure| role(&tenure.post).is_some_and(Role::administers))
            }
            _ => false,
        }
    }

    /// The person it is about, of those in `register`: also for what names only a substitution or a recusal.
    pub fn person<'a>(&'a self, register: &'a Register) -> Option<&'a str> {
        match self {
            Self::EndSubstitution { id } => register.substitutions.iter().find(|s| s.id == *id).map(|s| s.absent.as_str()),
            Self::EndRecusal { id } => register.recusals.iter().find(|r| r.id == *id).map(|r| r.person.as_str()),
            other => match other.deed() {
                (_, "person", id) => Some(id),
                _ => None,
            },
        }
    }

    /// What it is about, as `register` has it: what the audit keeps of before and after.
    pub fn seen_in(&self, register: &Register) -> Option<Value> {
        let substitution = |id: &str| register.substitutions.iter().find(|s| s.id == id).map(|s| serde_json::json!(s));
        let recusal = |id: &str| register.recusals.iter().find(|r| r.id == id).map(|r| serde_json::json!(r));
        match self {
            Self::Substitute { substitution: new } => substitution(&new.id),
            Self::EndSubstitution { id } => substitution(id),
            Self::Recuse { recusal: new } => recusal(&new.id),
            Self::EndRecusal { id } => recusal(id),
            Self::CloseUnit { id } => register.closed.get(id).map(|at| serde_json::json!({ "closed": at })),
            other => match other.deed() {
                (_, "unit", id) => register.units.get(id).map(|unit| serde_json::json!(unit)),
                (_, _, id) => register.people.get(id).map(|person| serde_json::json!(person)),
            },
        }
    }
}

impl Register {
    /// The register after a change.
    ///
    /// # Errors
    /// Everything that stands in its way, by the change's own members.
    pub fn apply(&self, change: &RegisterChange, ground: &Ground<'_>) -> Result<Self, Vec<FieldError>> {
        let mut register = self.clone();
        register.take(change, ground)?;
        Ok(register)
    }

    /// The register after several changes in order, all or none; each sees what those before it did.
    ///
    /// # Errors
    /// What stands in their way, the path led by `changes.` and the change's place from 0; 200 faults at most.
    pub fn apply_all(&self, changes: &[RegisterChange], ground: &Ground<'_>) -> Result<Self, Vec<FieldError>> {
        self.apply_each(changes, ground, |_, _, _| ())
    }

    /// The same, telling of each change that applies what it is about, before and after.
    ///
    /// # Errors
    /// As [`Register::apply_all`].
    pub fn apply_each(
        &self,
        changes: &[RegisterChange],
        ground: &Ground<'_>,
        mut told: impl FnMut(&RegisterChange, Option<Value>, Option<Value>),
    ) -> Result<Self, Vec<FieldError>> {
        let (mut register, mut faults) = (self.clone(), Vec::new());
        for (at, change) in changes.iter().enumerate() {
            let (before, held) = (change.seen_in(&register), register.duties_held(ground.roles));
            match register.take(change, ground) {
                Ok(()) if register.duties_held(ground.roles) < held => faults.push(fault::last_administrator(at)),
                Ok(()) => told(change, before, change.seen_in(&register)),
                Err(found) => {
                    faults.extend(found.into_iter().map(|fault| FieldError { path: format!("changes.{at}.{}", fault.path), ..fault }));
                }
            }
            if faults.len() >= FAULTS_MAX {
                break;
            }
        }
        if faults.is_empty() { Ok(register) } else { Err(faults) }
    }

    /// Carries a change out, or leaves everything as it is.
    pub(super) fn take(&mut self, change: &RegisterChange, ground: &Ground<'_>) -> Result<(), Vec<FieldError>> {
        use RegisterChange as Change;
        match change {
            Change::AddUnit { id, unit } => self.add_unit(id, unit),
            Change::ChangeUnit { id, name, kind, code, items } => self.change_unit(id, name, kind, code.as_ref(), items),
            Change::MoveUnit { id, parent } => self.move_unit(id, parent.as_ref()),
            Change::CloseUnit { id } => self.close_unit(id, ground),
            Change::AddPerson { id, entry } => self.add_person(id, entry),
            Change::ChangePerson { id, entry } => self.change_person(id, entry),
            Change::GivePost { person, tenure } => self.give_post(person, tenure, ground),
            Change::EndPost { person, post, from, until } => self.end_post(person, post, *from, *until),
            Change::Substitute { substitution } => self.substitute(substitution, ground),
            Change::EndSubstitution { id } => self.end_substitution(id, ground.now),
            Change::Recuse { recusal } => self.recuse(recusal),
            Change::EndRecusal { id } => self.end_recusal(id, ground.now),
            Change::Leave { person, at } => self.leave(person, *at),
        }
    }
}
