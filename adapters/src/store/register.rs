//! Changing the register of units and people: one change after the other, each with its deed in the audit, in one commit.
//!
//! A change names the version that its maker saw. If the same unit or person was changed since, it is refused with what
//! changed; if only others were, it applies to the register as it is now.

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use tongban_engine::{
    definition::Role,
    form::FieldError,
    organisation::{Ground, Official, Register, RegisterChange},
    time::Moment,
};

use super::{Deed, Store, StoreError, case_reads::json, catalog, plain::Statement};

const CHANGED: &str = "INSERT INTO office_change (version, at, actor, about) VALUES ($1, $2, $3, $4)";
const SINCE: &str = "SELECT version, at, actor, about FROM office_change WHERE version > $1 ORDER BY version";
const BUSY: &str = "SELECT unit FROM case_head WHERE status = 'running' UNION SELECT unit FROM task";
const RENAME_ACCOUNT: &str = "UPDATE account SET login = $2 WHERE login = $1 AND person = $3";
const RENAME_SESSIONS: &str = "UPDATE session SET login = $2 WHERE login = $1 AND person = $3";
const DROP_ACCOUNT: &str = "DELETE FROM account WHERE login = $1 AND person = $2";
const LOGINS: &str = "SELECT login FROM account";
const END_SESSIONS: &str = "DELETE FROM session WHERE person = $1";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[CHANGED, SINCE, BUSY, RENAME_ACCOUNT, RENAME_SESSIONS, DROP_ACCOUNT, LOGINS, END_SESSIONS];

/// Changes that are asked for together.
#[derive(Clone, Debug)]
pub struct RegisterAsked<'a> {
    /// The version that was seen.
    pub seen: u64,
    /// In order, all or none.
    pub changes: &'a [RegisterChange],
    /// Who asks: a person id.
    pub by: &'a str,
    /// Roles of the office.
    pub roles: &'a IndexMap<String, Role>,
}

/// What changed after the version that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// The version that it made.
    pub version: u64,
    /// When.
    pub at: Moment,
    /// Who did it.
    pub actor: String,
    /// Kind and id of what was changed: `person an`.
    pub about: Vec<String>,
}

/// Why the register was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What stands in the way, by member.
    #[error("{} fault(s), nothing changed", .0.len())]
    Faults(Vec<FieldError>),
    /// The same was changed since it was seen.
    #[error("changed meanwhile")]
    Stale(Vec<Meanwhile>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Carries changes of the register out, or none of them; gives the version that they made.
    ///
    /// # Errors
    /// See [`RegisterError`].
    pub async fn change_register(&self, asked: RegisterAsked<'_>) -> Result<u64, RegisterError> {
        let _one = self.inner.registering.lock().await;
        let (version, register) = self.registered();
        let about = about(asked.changes, &register);
        let missed = self.register_changes_after(asked.seen).await?;
        let met: Vec<Meanwhile> = missed.into_iter().filter(|change| change.about.iter().any(|thing| about.contains(thing))).collect();
        if !met.is_empty() {
            return Err(RegisterError::Stale(met));
        }
        let (changed, deeds) = self.applied(&asked, &register).await?;
        let now = self.inner.clock.now();
        let new = version + 1;
        let told = serde_json::json!(about).to_string();
        let mut statements = vec![noted(new, now, asked.by, &told), catalog::keep_register(&changed, now)?];
        statements.extend(asked.changes.iter().flat_map(|change| of_account(change, &register, now)));
        match self.write_audited(deeds, statements).await {
            Ok(_) => {
                self.register_is(changed, new);
                Ok(new)
            }
            // another node was faster
            Err(error) if error.lost_race() => {
                self.load_register().await?;
                Err(RegisterError::Stale(self.register_changes_after(version).await?))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What stands in the way of changes; nothing is changed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn try_register(&self, changes: &[RegisterChange], roles: &IndexMap<String, Role>) -> Result<Vec<FieldError>, StoreError> {
        let asked = RegisterAsked { seen: 0, changes, by: "", roles };
        match self.applied(&asked, &self.register()).await {
            Ok(_) => Ok(Vec::new()),
            Err(RegisterError::Faults(faults)) => Ok(faults),
            Err(RegisterError::Store(error)) => Err(error),
            Err(RegisterError::Stale(_)) => Ok(Vec::new()),
        }
    }

    /// What changed after a version, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn register_changes_after(&self, version: u64) -> Result<Vec<Meanwhile>, StoreError> {
        const DOING: &str = "read changes of the register";
        let rows = self.inner.readers.fetch(DOING, SINCE, vec![version.into()]).await?;
        let change = |row: &super::sql::Row| {
            let about = json(DOING, "about", &row.text("about")?)?;
            Ok(Meanwhile { version: row.count("version")?, at: row.moment("at")?, actor: row.text("actor")?, about })
        };
        rows.iter().map(change).collect()
    }

    /// Logins that have an account.
    ///
    /// # Errors
    /// The store failed.
    pub async fn logins(&self) -> Result<BTreeSet<String>, StoreError> {
        self.inner.readers.fetch("list accounts", LOGINS, Vec::new()).await?.iter().map(|row| row.text("login")).collect()
    }

    /// The register with the changes made, and a deed for each.
    async fn applied(&self, asked: &RegisterAsked<'_>, register: &Arc<Register>) -> Result<(Register, Vec<Deed>), RegisterError> {
        let closes = asked.changes.iter().any(|change| matches!(change, RegisterChange::CloseUnit { .. }));
        let busy = if closes { self.busy_units().await? } else { BTreeSet::new() };
        let processes = self.processes().iter().map(|definition| definition.process.id.clone()).collect();
        let now = self.inner.clock.now();
        let ground = Ground { roles: asked.roles, processes: &processes, busy: &busy, now };
        let mut deeds = Vec::with_capacity(asked.changes.len());
        let changed = register.apply_each(asked.changes, &ground, |change, before, after| {
            let (deed, kind, id) = change.deed();
            let text = |value: Option<serde_json::Value>| value.map(|value| value.to_string());
            deeds.push(Deed {
                at: now,
                actor: asked.by.to_owned(),
                deed: deed.to_owned(),
                kind: kind.to_owned(),
                about: id.to_owned(),
                before: text(before),
                after: text(after),
                purpose: None,
            });
        });
        Ok((changed.map_err(RegisterError::Faults)?, deeds))
    }

    async fn busy_units(&self) -> Result<BTreeSet<String>, StoreError> {
        let rows = self.inner.readers.fetch("find units with work", BUSY, Vec::new()).await?;
        rows.iter().map(|row| row.text("unit")).collect()
    }
}

/// Notes that a version of the register was made. A version that is there already is a lost race.
pub(super) fn noted(version: u64, now: Moment, by: &str, about: &str) -> Statement {
    Statement::new("note a change of the register", CHANGED, vec![version.into(), now.into(), by.into(), about.into()])
}

/// Kind and id of what changes are about, each once.
fn about(changes: &[RegisterChange], register: &Register) -> BTreeSet<String> {
    let thing = |change: &RegisterChange| match (change.person(register), change.deed()) {
        (Some(person), _) => format!("person {person}"),
        (None, (_, kind, id)) => format!("{kind} {id}"),
    };
    changes.iter().map(thing).collect()
}

/// An account goes where its person goes: to another login, or out.
fn of_account(change: &RegisterChange, register: &Register, now: Moment) -> Vec<Statement> {
    let login_of = |person: &str| register.people.get(person).and_then(|official: &Official| official.login.clone());
    match change {
        RegisterChange::ChangePerson { id, entry } => match (login_of(id), &entry.login) {
            (Some(old), Some(new)) if old != *new => {
                let values = || vec![old.as_str().into(), new.as_str().into(), id.as_str().into()];
                vec![
                    Statement::new("rename an account", RENAME_ACCOUNT, values()),
                    Statement::new("rename an account's sessions", RENAME_SESSIONS, values()),
                ]
            }
            (Some(old), None) => vec![
                Statement::new("drop an account", DROP_ACCOUNT, vec![old.into(), id.as_str().into()]),
                Statement::new("end sessions", END_SESSIONS, vec![id.as_str().into()]),
            ],
            _ => Vec::new(),
        },
        RegisterChange::Leave { person, at } if *at <= now => {
            vec![Statement::new("end sessions", END_SESSIONS, vec![person.as_str().into()])]
        }
        _ => Vec::new(),
    }
}
