//! What is deployed, and who there is: kept in the database, held in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::json;
use tongban_engine::{
    authority::{Action, Authority, Resource, roles_of},
    definition::{Bundle, Definition, Role, load_office, load_pinned, staffing_findings},
    diagnostic::{Finding, Severity},
    organisation::{Organisation, Register},
    time::Moment,
};

use super::{
    Deed, DeployError, Deployed, RegisterError, SYSTEM, Store, StoreError, Version,
    plain::Statement,
    register::{noted, three_apart},
    sql::Row,
};

const VERSIONS: &str = "SELECT process, no, hash, at FROM definition WHERE process = $1 ORDER BY no";
const LATEST: &str = "SELECT d.process, d.no, d.hash, d.at, d.files FROM definition d WHERE d.no = (SELECT max(e.no) FROM definition e WHERE e.process = d.process) ORDER BY d.process";
const PINNED: &str = "SELECT files FROM definition WHERE hash = $1";
const DEPLOY: &str = "INSERT INTO definition (hash, process, no, at, files) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING";
const KEEP_ROLE: &str = "INSERT INTO version_role (definition, role) VALUES ($1, $2) ON CONFLICT (definition, role) DO NOTHING";
const WITHOUT_ROLES: &str =
    "SELECT d.files FROM definition d WHERE NOT EXISTS (SELECT 1 FROM version_role v WHERE v.definition = d.hash) ORDER BY d.at";
const OFFICE: &str = "SELECT o.body, (SELECT max(c.version) FROM office_change c) AS version FROM office o WHERE o.name = $1";
const KEEP_OFFICE: &str =
    "INSERT INTO office (name, body, at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET body = excluded.body, at = excluded.at";
/// Under which the register is kept.
pub(super) const ORGANISATION: &str = "organisation";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[VERSIONS, LATEST, PINNED, DEPLOY, KEEP_ROLE, WITHOUT_ROLES, OFFICE, KEEP_OFFICE];

/// What is held in memory.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    latest: IndexMap<String, Arc<Definition>>,
    by_hash: BTreeMap<String, Arc<Definition>>,
    roles: Arc<IndexMap<String, Role>>,
    register: Arc<Register>,
    /// Counts the changes of `register`.
    version: u64,
    organisation: Arc<Organisation>,
    /// Until when `organisation` is what `register` says; for good, if None.
    organisation_until: Option<Moment>,
}

impl Catalog {
    /// Takes the register, and from it the organisation as it stands at `now`.
    fn register_is(&mut self, register: Arc<Register>, version: u64, now: Moment) -> Arc<Organisation> {
        self.organisation = Arc::new(register.at(now));
        self.organisation_until = register.changes_after(now);
        (self.register, self.version) = (register, version);
        self.organisation.clone()
    }
}

impl Store {
    /// Deploys every process of an office: a version that is new becomes the latest, what was the latest stays. Running
    /// cases stay on their versions.
    ///
    /// # Errors
    /// What was written has errors: nothing is deployed. Or the store failed.
    pub async fn deploy(&self, bundle: &Bundle) -> Result<Deployed, DeployError> {
        let (office, mut findings) = load_office(bundle);
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(DeployError::Findings(findings));
        }
        findings.extend(self.staffing(office.definitions.values()));
        let mut deployed = Deployed { versions: Vec::new(), findings };
        let now = self.inner.clock.now();
        self.with_catalog(|catalog| catalog.roles.clone_from(&office.roles));
        for (process, definition) in &office.definitions {
            if self.latest(process).is_some_and(|latest| latest.hash == definition.hash) {
                self.arm_starts(definition).await?;
                continue;
            }
            let no = self.versions(process).await?.last().map_or(1, |version| version.no + 1);
            let files =
                serde_json::to_string(&definition.files).map_err(|error| StoreError::corrupt("deploy a process", error.to_string()))?;
            let values = vec![definition.hash.as_str().into(), process.as_str().into(), no.into(), now.into(), files.into()];
            let statements = std::iter::once(Statement::new("deploy a process", DEPLOY, values)).chain(role_rows(definition));
            let told = |no: u32, hash: &str| json!({"no": no, "hash": hash}).to_string();
            let deed = Deed {
                before: self.latest(process).map(|latest| told(no - 1, &latest.hash)),
                after: Some(told(no, &definition.hash)),
                ..Deed::new(now, SYSTEM, "process.deployed", "process", process)
            };
            self.write_audited(vec![deed], statements.collect()).await?;
            self.with_catalog(|catalog| {
                catalog.latest.insert(process.clone(), definition.clone());
                catalog.by_hash.insert(definition.hash.clone(), definition.clone());
            });
            self.arm_starts(definition).await?;
            deployed.versions.push(Version { process: process.clone(), no, hash: definition.hash.clone(), at: now });
        }
        Ok(deployed)
    }

    /// What the people there are cannot do of some processes. Nothing, as long as nobody is there at all.
    pub fn staffing<'d>(&self, definitions: impl IntoIterator<Item = &'d Arc<Definition>>) -> Vec<Finding> {
        let organisation = self.organisation();
        if organisation.people.is_empty() { Vec::new() } else { staffing_findings(definitions, &organisation) }
    }

    /// Deployed versions of a process, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn versions(&self, process: &str) -> Result<Vec<Version>, StoreError> {
        let rows = self.inner.readers.fetch("list versions", VERSIONS, vec![process.into()]).await?;
        rows.iter()
            .map(|row| Ok(Version { process: row.text("process")?, no: row.small("no")?, hash: row.text("hash")?, at: row.moment("at")? }))
            .collect()
    }

    /// Says who there is from now on, whatever there was before: at first start, and in tests.
    ///
    /// # Errors
    /// Nobody may be two of the three administrators; or the store failed.
    pub async fn organise(&self, register: impl Into<Register>) -> Result<(), RegisterError> {
        let _one = self.inner.registering.lock().await;
        let (register, version) = (register.into(), self.registered().0 + 1);
        three_apart(&register, &self.roles())?;
        let now = self.inner.clock.now();
        let told = json!({"units": register.units.len(), "people": register.people.len(), "version": version}).to_string();
        let deed = Deed { after: Some(told), ..Deed::new(now, SYSTEM, "register.set", "register", ORGANISATION) };
        self.write_audited(vec![deed], vec![noted(version, now, SYSTEM, "[]"), keep_register(&register, now)?]).await?;
        self.register_is(register, version);
        Ok(())
    }

    /// Takes a register that was kept.
    pub(super) fn register_is(&self, register: Register, version: u64) {
        let now = self.inner.clock.now();
        self.with_catalog(|catalog| drop(catalog.register_is(Arc::new(register), version, now)));
    }

    /// Units, people, posts, as they stand now.
    pub fn organisation(&self) -> Arc<Organisation> {
        let now = self.inner.clock.now();
        let held = self.read_catalog(|catalog| {
            let holds = catalog.organisation_until.is_none_or(|until| now < until);
            holds.then(|| catalog.organisation.clone())
        });
        held.unwrap_or_else(|| self.with_catalog(|catalog| catalog.register_is(catalog.register.clone(), catalog.version, now)))
    }

    /// Units and people as they are kept, with their terms.
    pub fn register(&self) -> Arc<Register> {
        self.read_catalog(|catalog| catalog.register.clone())
    }

    /// Roles of the office, as they were last deployed.
    pub fn roles(&self) -> Arc<IndexMap<String, Role>> {
        self.read_catalog(|catalog| catalog.roles.clone())
    }

    /// Writes which roles the deployed versions give work to, for those that do not say it yet: they were deployed before
    /// lists asked for it.
    pub(crate) async fn know_roles(&self) -> Result<(), StoreError> {
        for row in self.inner.readers.fetch("read versions without roles", WITHOUT_ROLES, Vec::new()).await? {
            self.write(role_rows(&*load(&row)?)).await?;
        }
        Ok(())
    }

    /// The same with its version, which a change of it names.
    pub fn registered(&self) -> (u64, Arc<Register>) {
        self.read_catalog(|catalog| (catalog.version, catalog.register.clone()))
    }

    /// Whether one of a person's roles carries a duty now: a word of [`tongban_engine::definition::DUTIES`].
    pub fn has_duty(&self, person: &str, duty: &str) -> bool {
        let (organisation, roles) = (self.organisation(), self.roles());
        let posts = organisation.people.get(person).map(|person| person.posts.as_slice()).unwrap_or_default();
        posts.iter().filter_map(|post| roles.get(&post.role)).any(|role| role.may.iter().any(|word| word == duty))
    }

    /// Latest version of a process.
    pub fn latest(&self, process: &str) -> Option<Arc<Definition>> {
        self.read_catalog(|catalog| catalog.latest.get(process).cloned())
    }

    /// Latest versions of all processes.
    pub fn processes(&self) -> Vec<Arc<Definition>> {
        self.read_catalog(|catalog| catalog.latest.values().cloned().collect())
    }

    /// Latest version of the process that handles a platform's item.
    pub fn by_item(&self, item: &str) -> Option<Arc<Definition>> {
        self.processes().into_iter().find(|definition| definition.process.item.as_deref() == Some(item))
    }

    /// Processes that the person may start by hand.
    pub fn startable(&self, person: &str) -> Vec<Arc<Definition>> {
        let (organisation, roles) = (self.organisation(), self.roles());
        let authority = Authority { organisation: &organisation, roles: &roles, now: self.inner.clock.now() };
        let may = |definition: &Definition| authority.authorize(person, Action::Start, Resource::Process(definition)).is_ok();
        self.processes().into_iter().filter(|definition| may(definition)).collect()
    }

    /// Any version by its hash.
    ///
    /// # Errors
    /// The store failed, or the version's files do not load any more.
    pub async fn definition(&self, hash: &str) -> Result<Option<Arc<Definition>>, StoreError> {
        if let Some(known) = self.known_definition(hash) {
            return Ok(Some(known));
        }
        let rows = self.inner.readers.fetch("read a version", PINNED, vec![hash.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let definition = load(row)?;
        self.with_catalog(|catalog| catalog.by_hash.insert(hash.to_owned(), definition.clone()));
        Ok(Some(definition))
    }

    pub(crate) fn known_definition(&self, hash: &str) -> Option<Arc<Definition>> {
        self.read_catalog(|catalog| catalog.by_hash.get(hash).cloned())
    }

    /// Reads what was deployed, and who there is, when the store opens.
    pub(crate) async fn load_catalog(&self) -> Result<(), StoreError> {
        let mut catalog = Catalog::default();
        let mut last = Moment(i64::MIN);
        for row in self.inner.readers.fetch("read the latest versions", LATEST, Vec::new()).await? {
            let definition = load(&row)?;
            catalog.by_hash.insert(row.text("hash")?, definition.clone());
            let at = row.moment("at")?;
            if at >= last {
                (last, catalog.roles) = (at, definition.roles.clone());
            }
            catalog.latest.insert(row.text("process")?, definition);
        }
        self.with_catalog(|held| *held = catalog);
        self.load_register().await
    }

    /// Reads who there is.
    pub(super) async fn load_register(&self) -> Result<(), StoreError> {
        const DOING: &str = "read the organisation";
        if let Some(row) = self.inner.readers.fetch(DOING, OFFICE, vec![ORGANISATION.into()]).await?.first() {
            let register: Register =
                serde_json::from_str(&row.text("body")?).map_err(|error| StoreError::corrupt(DOING, error.to_string()))?;
            self.register_is(register, row.opt_int("version")?.and_then(|version| u64::try_from(version).ok()).unwrap_or(0));
        }
        Ok(())
    }

    fn read_catalog<T>(&self, read: impl FnOnce(&Catalog) -> T) -> T {
        match self.inner.catalog.read() {
            Ok(catalog) => read(&catalog),
            Err(poisoned) => read(&poisoned.into_inner()),
        }
    }

    fn with_catalog<T>(&self, change: impl FnOnce(&mut Catalog) -> T) -> T {
        match self.inner.catalog.write() {
            Ok(mut catalog) => change(&mut catalog),
            Err(poisoned) => change(&mut poisoned.into_inner()),
        }
    }
}

/// One row for each role that a version gives work to; one with an empty role if there is none.
fn role_rows(definition: &Definition) -> Vec<Statement> {
    let mut roles: BTreeSet<&str> = roles_of(&definition.process).collect();
    if roles.is_empty() {
        roles.insert("");
    }
    let row = |role: &str| Statement::new("note a version's role", KEEP_ROLE, vec![definition.hash.as_str().into(), role.into()]);
    roles.into_iter().map(row).collect()
}

/// Keeps a register.
pub(super) fn keep_register(register: &Register, now: Moment) -> Result<Statement, StoreError> {
    const DOING: &str = "keep the organisation";
    let body = serde_json::to_string(register).map_err(|error| StoreError::corrupt(DOING, error.to_string()))?;
    Ok(Statement::new(DOING, KEEP_OFFICE, vec![ORGANISATION.into(), body.into(), now.into()]))
}

fn load(row: &Row) -> Result<Arc<Definition>, StoreError> {
    let files = serde_json::from_str(&row.text("files")?).map_err(|error| StoreError::corrupt("load a version", error.to_string()))?;
    load_pinned(&Bundle { files }).map_err(|findings| {
        let first = findings.first().map(|finding| format!("{} {}: {}", finding.place, finding.code, finding.message));
        StoreError::corrupt("load a version", first.unwrap_or_default())
    })
}
