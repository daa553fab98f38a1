//! Changing the register of units and people: one change after the other, each with its deed in the audit, in one commit.
//!
//! A change names the version that its maker saw. If the same unit or person was changed since, it is refused with what
//! changed; if only others were, it applies to the register as it is now.

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use tongban_engine::{
    definition::{Role, two_in_one},
    form::FieldError,
    organisation::{Ground, Official, Register, RegisterChange},
    time::Moment,
};

use super::{Deed, Store, StoreError, case_reads::json, catalog, difference::difference, plain::Statement};

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
    /// Why; may be empty.
    pub reason: &'a str,
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

/// The register as it is to be, and what is written for it.
pub(super) struct Prepared {
    register: Register,
    pub(super) version: u64,
    pub(super) deeds: Vec<Deed>,
    pub(super) statements: Vec<Statement>,
}

impl Store {
    /// Carries changes of the register out, or none of them; gives the version that they made.
    ///
    /// # Errors
    /// See [`RegisterError`].
    pub async fn change_register(&self, asked: RegisterAsked<'_>) -> Result<u64, RegisterError> {
        let _one = self.inner.registering.lock().await;
        let mut prepared = self.prepare_register(&asked).await?;
        let (deeds, statements) = (std::mem::take(&mut prepared.deeds), std::mem::take(&mut prepared.statements));
        match self.write_audited(deeds, statements).await {
            Ok(_) => Ok(self.register_changed(prepared)),
            Err(error) => Err(self.register_overtaken(error, prepared.version).await),
        }
    }

    /// What stands in the way of changes; nothing is changed.
    ///
    /// # Errors
    /// See [`RegisterError`].
    pub async fn check_register(&self, asked: &RegisterAsked<'_>) -> Result<(), RegisterError> {
        self.prepare_register(asked).await.map(drop)
    }

    /// What changes would write on the register as it is now, of which nobody else may change anything meanwhile.
    pub(super) async fn prepare_register(&self, asked: &RegisterAsked<'_>) -> Result<Prepared, RegisterError> {
        let (version, register) = self.registered();
        let about = about(asked.changes, &register);
        let missed = self.register_changes_after(asked.seen).await?;
        let met: Vec<Meanwhile> = missed.into_iter().filter(|change| change.about.iter().any(|thing| about.contains(thing))).collect();
        if !met.is_empty() {
            return Err(RegisterError::Stale(met));
        }
        let (changed, deeds) = self.applied(asked, &register).await?;
        let (now, version) = (self.inner.clock.now(), version + 1);
        let told = serde_json::json!(about).to_string();
        let mut statements = vec![noted(version, now, asked.by, &told), catalog::keep_register(&changed, now)?];
        statements.extend(asked.changes.iter().flat_map(|change| of_account(change, &register, now)));
        Ok(Prepared { register: changed, version, deeds, statements })
    }

    /// What was prepared has been written.
    pub(super) fn register_changed(&self, prepared: Prepared) -> u64 {
        self.register_is(prepared.register, prepared.version);
        prepared.version
    }

    /// Why it was not written: another node may have been faster, then this one reads what there is.
    pub(super) async fn register_overtaken(&self, error: StoreError, version: u64) -> RegisterError {
        if !error.lost_race() {
            return error.into();
        }
        let read = async {
            self.load_register().await?;
            self.register_changes_after(version - 1).await
        };
        match read.await {
            Ok(meanwhile) => RegisterError::Stale(meanwhile),
            Err(error) => error.into(),
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
        let purpose = Some(asked.reason.to_owned()).filter(|reason| !reason.is_empty());
        let changed = register.apply_each(asked.changes, &ground, |change, before, after| {
            let (deed, kind, id) = change.deed();
            // of what was there and still is, only what differs is told
            let (before, after) = match (before, after) {
                (Some(before), Some(after)) => difference(&before, &after).map_or((None, None), |(was, is)| (Some(was), Some(is))),
                sides => sides,
            };
            let text = |value: Option<serde_json::Value>| value.map(|value| value.to_string());
            let deed = Deed::new(now, asked.by, deed, kind, id);
            deeds.push(Deed { before: text(before), after: text(after), purpose: purpose.clone(), ..deed });
        });
        Ok((changed.map_err(RegisterError::Faults)?, deeds))
    }

    async fn busy_units(&self) -> Result<BTreeSet<String>, StoreError> {
        let rows = self.inner.readers.fetch("find units with work", BUSY, Vec::new()).await?;
        rows.iter().map(|row| row.text("unit")).collect()
    }
}

/// Refuses a register in which somebody is two of the three administrators.
pub(super) fn three_apart(register: &Register, roles: &IndexMap<String, Role>) -> Result<(), RegisterError> {
    let faults: Vec<FieldError> = two_in_one(register, roles)
        .iter()
        .map(|found| FieldError { path: format!("people.{}", found.person), code: "duties-apart", message: found.message() })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(RegisterError::Faults(faults)) }
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
