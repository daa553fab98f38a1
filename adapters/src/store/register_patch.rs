//! Changing the register of units and people: each changed person and unit is a deed of its own, and a change that was
//! made on an older state is refused.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_engine::{
    definition::{TwoInOne, two_in_one},
    organisation::Register,
    text::Language,
};

use super::{
    Deed, SYSTEM, Store, StoreError,
    difference::difference,
    plain::{Statement, Written},
};

/// Under which the register is kept, and its deeds are about what is no person or unit.
pub(super) const ORGANISATION: &str = "organisation";

const KEEP: &str = "INSERT INTO office (name, body, at, version) VALUES ($1, $2, $3, 1) \
     ON CONFLICT (name) DO UPDATE SET body = excluded.body, at = excluded.at, version = office.version + 1 RETURNING version";
const KEEP_IF: &str = "INSERT INTO office (name, body, at, version) VALUES ($1, $2, $3, CAST($4 AS BIGINT) + 1) \
     ON CONFLICT (name) DO UPDATE SET body = excluded.body, at = excluded.at, version = office.version + 1 \
     WHERE office.version = CAST($4 AS BIGINT) RETURNING version";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[KEEP, KEEP_IF];

/// The register as somebody wants it to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegisterPatch {
    /// The state that she changed, see [`Store::registered`].
    pub based_on: u64,
    /// All of it, changed.
    pub register: Register,
}

/// Why the register stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum OrganiseError {
    /// People who would be two of the three administrators at once.
    #[error("{}", .0.iter().map(|found| found.message().get(Language::En).to_owned()).collect::<Vec<_>>().join("; "))]
    TwoInOne(Vec<TwoInOne>),
    /// Somebody else changed it in the meantime: look at it again.
    #[error("the register was changed in the meantime")]
    Overtaken,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for OrganiseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overtaken { .. } => Self::Overtaken,
            error => Self::Store(error),
        }
    }
}

impl Store {
    /// Says who there is from now on, whatever there was before: at first start, and in tests.
    ///
    /// # Errors
    /// See [`OrganiseError`].
    pub async fn organise(&self, register: impl Into<Register>) -> Result<(), OrganiseError> {
        let register = register.into();
        self.may_be(&register)?;
        let values = vec![ORGANISATION.into(), body(&register)?.into(), self.inner.clock.now().into()];
        let statement = Statement::returning("keep the organisation", KEEP, values);
        let written = self.write_audited(self.register_deeds(&register, SYSTEM, None)?, vec![statement]).await?;
        self.register_is(register, written.first())?;
        Ok(())
    }

    /// Changes the register as `actor`, `purpose` saying why.
    ///
    /// # Errors
    /// See [`OrganiseError`].
    pub async fn replace_register(&self, patch: RegisterPatch, actor: &str, purpose: Option<&str>) -> Result<(), OrganiseError> {
        let (statement, deeds) = self.register_change(&patch, actor, purpose)?;
        let written = self.write_audited(deeds, vec![statement]).await?;
        self.register_is(patch.register, written.first())?;
        Ok(())
    }

    /// What is written when the register changes.
    pub(super) fn register_change(
        &self,
        patch: &RegisterPatch,
        actor: &str,
        purpose: Option<&str>,
    ) -> Result<(Statement, Vec<Deed>), OrganiseError> {
        self.may_be(&patch.register)?;
        let values = vec![ORGANISATION.into(), body(&patch.register)?.into(), self.inner.clock.now().into(), patch.based_on.into()];
        let statement = Statement::returning("change the organisation", KEEP_IF, values).needed();
        Ok((statement, self.register_deeds(&patch.register, actor, purpose)?))
    }

    /// What was written is so from now on.
    pub(super) fn register_is(&self, register: Register, written: Option<&Written>) -> Result<(), StoreError> {
        let version = written.and_then(|written| written.rows.first()).map_or(Ok(0), |row| row.count("version"))?;
        let now = self.inner.clock.now();
        self.with_catalog(|catalog| catalog.register_is(Arc::new(register), version, now));
        Ok(())
    }

    /// What of the register would change, as it is and as it would be; None: nothing.
    pub(super) fn register_difference(&self, register: &Register) -> Result<Option<(Json, Json)>, StoreError> {
        Ok(difference(&tree(&self.register())?, &tree(register)?))
    }

    fn may_be(&self, register: &Register) -> Result<(), OrganiseError> {
        let found = two_in_one(register, &self.roles());
        if found.is_empty() { Ok(()) } else { Err(OrganiseError::TwoInOne(found)) }
    }

    /// A deed for each person and unit that changes, and for each list.
    fn register_deeds(&self, register: &Register, actor: &str, purpose: Option<&str>) -> Result<Vec<Deed>, StoreError> {
        let Some((before, after)) = self.register_difference(register)? else { return Ok(Vec::new()) };
        let now = self.inner.clock.now();
        let mut deeds = Vec::new();
        for (member, kind) in [("units", "unit"), ("people", "person")] {
            for id in names(&before[member], &after[member]) {
                let (was, is) = (before[member].get(&id), after[member].get(&id));
                let text = |side: Option<&Json>| side.map(Json::to_string);
                let deed = Deed::new(now, actor, &format!("{kind}.changed"), kind, id);
                deeds.push(Deed { before: text(was), after: text(is), purpose: purpose.map(str::to_owned), ..deed });
            }
        }
        for list in ["substitutions", "recusals"] {
            let (was, is) = (before.get(list), after.get(list));
            if was.is_some() || is.is_some() {
                let text = |side: Option<&Json>| side.map(Json::to_string);
                let deed = Deed::new(now, actor, &format!("{list}.changed"), "register", list);
                deeds.push(Deed { before: text(was), after: text(is), purpose: purpose.map(str::to_owned), ..deed });
            }
        }
        Ok(deeds)
    }
}

/// Names on either side, in order.
fn names(before: &Json, after: &Json) -> Vec<String> {
    let of = |side: &Json| side.as_object().map(|side| side.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let mut names = of(before);
    names.extend(of(after));
    names.sort();
    names.dedup();
    names
}

fn tree(register: &Register) -> Result<Json, StoreError> {
    serde_json::to_value(register).map_err(|error| StoreError::corrupt("compare the organisation", error.to_string()))
}

fn body(register: &Register) -> Result<String, StoreError> {
    serde_json::to_string(register).map_err(|error| StoreError::corrupt("keep the organisation", error.to_string()))
}
