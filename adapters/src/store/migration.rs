//! Versions and the open cases on them: what a migration would do, doing it, and going back.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tokio::task::JoinSet;
use tongban_engine::{
    definition::{Definition, Mapping},
    interpreter::{Actor, Ask, CaseId, CasePlan, Command, Context, Reason, Rejection, Sort, plan, reasons, version_unknown},
    text::{Language, Text},
};

use super::{
    Deed, SYSTEM, Store, StoreError, SubmitError, Version,
    case_reads::json,
    sql::{Row, Value},
    tables,
};

/// Cases read, planned or moved at once.
const CASES: u32 = 64;

const USES: &str =
    "SELECT definition, count(*) AS open FROM case_head WHERE process = $1 AND status = 'running' GROUP BY definition ORDER BY definition";
const OPEN_ON: &str = "SELECT shard, case_id, number, title FROM case_head \
     WHERE process = $1 AND status = 'running' AND definition = $2 AND (shard, case_id) > ($3, $4) ORDER BY shard, case_id LIMIT $5";
const NAMED: &str = "SELECT shard, case_id, number, title, process, status, definition FROM case_head WHERE shard = $1 AND case_id = $2";
const CAME: &str = "SELECT m.shard, m.case_id, m.from_hash, m.nodes, h.number, h.title FROM migrated m \
     JOIN case_head h ON h.shard = m.shard AND h.case_id = m.case_id WHERE m.process = $1 AND m.to_hash = $2 AND h.status = 'running' \
     AND h.definition = m.to_hash AND (m.shard, m.case_id) > ($3, $4) ORDER BY m.shard, m.case_id LIMIT $5";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[USES, OPEN_ON, NAMED, CAME];

/// A version, and how many open cases are on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionUse {
    /// The version.
    #[serde(flatten)]
    pub version: Version,
    /// Open cases on it.
    pub open: u64,
    /// Of these, so many came from another version and could go back.
    pub came: u64,
}

/// What a migration would do to every open case that it is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MigrationPlan {
    /// Process id.
    pub process: String,
    /// The version that the cases would be on; with `back`, the one that they would leave.
    pub to: Version,
    /// Each goes back to the version that it came from, `from` of its plan.
    pub back: bool,
    /// Every case, in order of shards and identifiers.
    pub cases: Vec<PlannedCase>,
}

/// One case of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedCase {
    /// Case number.
    pub number: Option<String>,
    /// Title.
    pub title: String,
    /// Number of the version that it is on.
    pub from_no: Option<u32>,
    /// What becomes of it.
    #[serde(flatten)]
    pub plan: CasePlan,
    /// What answers to what for it.
    #[serde(skip)]
    pub mapping: Mapping,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MigratedCase {
    /// The case.
    pub case: CaseId,
    /// Why it stayed where it was; None: it went.
    pub refused: Option<Text>,
}

impl PlannedCase {
    /// Why it does not simply go on, in one text.
    pub fn why(&self) -> Option<Text> {
        let all = |language| self.plan.reasons.iter().map(|reason| reason.message.get(language)).collect::<Vec<_>>();
        (!self.plan.reasons.is_empty()).then(|| Text::new(all(Language::Zh).join("；"), all(Language::En).join("; ")))
    }
}

impl MigrationPlan {
    /// How many cases there are of each sort.
    pub fn counts(&self) -> BTreeMap<Sort, u64> {
        let mut counts: BTreeMap<Sort, u64> = Sort::ALL.iter().map(|sort| (*sort, 0)).collect();
        self.cases.iter().for_each(|case| *counts.entry(case.plan.sort).or_default() += 1);
        counts
    }

    /// How many cases have each reason.
    pub fn reasons(&self) -> BTreeMap<String, u64> {
        let mut reasons = BTreeMap::new();
        for case in &self.cases {
            let codes: BTreeSet<&str> = case.plan.reasons.iter().map(|reason| reason.code.as_str()).collect();
            codes.into_iter().for_each(|code| *reasons.entry(code.to_owned()).or_default() += 1);
        }
        reasons
    }

    /// How many cases would be overdue at once that are not now.
    pub fn late(&self) -> u64 {
        self.cases.iter().filter(|case| !case.plan.late.is_empty()).count() as u64
    }
}

/// A case as a list of this file has it.
struct Listed {
    case: CaseId,
    number: Option<String>,
    title: String,
    from: String,
    mapping: Mapping,
}

impl Store {
    /// Every version of a process with its open cases, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn version_uses(&self, process: &str) -> Result<Vec<VersionUse>, StoreError> {
        let rows = self.inner.readers.fetch("count cases by version", USES, vec![process.into()]).await?;
        let open: BTreeMap<String, u64> =
            rows.iter().map(|row| Ok((row.text("definition")?, row.count("open")?))).collect::<Result<_, StoreError>>()?;
        let mut uses = Vec::new();
        for version in self.versions(process).await? {
            let came = self.came(process, &version.hash).await?.len() as u64;
            uses.push(VersionUse { open: open.get(&version.hash).copied().unwrap_or(0), came, version });
        }
        Ok(uses)
    }

    /// The version of a process with this number or beginning of its hash; None: the latest.
    ///
    /// # Errors
    /// Refused, if there is none; or the store failed.
    pub async fn version_named(&self, process: &str, named: Option<&str>) -> Result<Version, SubmitError> {
        let mut versions = self.versions(process).await?;
        let Some(named) = named else { return versions.pop().ok_or_else(|| tables::process_unknown(process).into()) };
        let is = |version: &Version| named.parse() == Ok(version.no) || (named.len() >= 8 && version.hash.starts_with(named));
        versions.into_iter().find(is).ok_or_else(|| version_unknown(named).into())
    }

    /// What would become of the open cases of a process under its version `to`: of those on the versions `from` (all
    /// others, if empty), or only of `named` ones, at most `limit` of them.
    ///
    /// # Errors
    /// The version does not load, a named case is not an open case of the process, or the store failed.
    pub async fn plan_migration(
        &self,
        to: &Version,
        from: &[Version],
        named: Option<&[CaseId]>,
        limit: Option<usize>,
    ) -> Result<MigrationPlan, SubmitError> {
        let target = self.definition(&to.hash).await?.ok_or_else(|| version_unknown(&to.hash))?;
        self.plan_for(to, &target, from, named, limit).await
    }

    /// The same for a version that need not be deployed yet.
    ///
    /// # Errors
    /// As [`Store::plan_migration`].
    pub async fn plan_for(
        &self,
        to: &Version,
        target: &Definition,
        from: &[Version],
        named: Option<&[CaseId]>,
        limit: Option<usize>,
    ) -> Result<MigrationPlan, SubmitError> {
        let listed = match named {
            Some(named) => self.named(&to.process, named).await?,
            None => self.open_on_others(to, from).await?,
        };
        let versions = self.versions(&to.process).await?;
        let mut cases = Vec::with_capacity(listed.len());
        for mut case in listed.into_iter().take(limit.unwrap_or(usize::MAX)) {
            let from_no = versions.iter().find(|version| version.hash == case.from).map(|version| version.no);
            case.mapping = target.process.mapping_from(from_no, &case.from);
            cases.push(self.planned(case, from_no, target).await?);
        }
        Ok(MigrationPlan { process: to.process.clone(), to: to.clone(), back: false, cases })
    }

    /// What would become of the cases that came to version `on`, each back on the version that it came from.
    ///
    /// # Errors
    /// The store failed.
    pub async fn plan_undo(&self, on: &Version, named: Option<&[CaseId]>, limit: Option<usize>) -> Result<MigrationPlan, SubmitError> {
        let wanted = |case: &Listed| {
            named.is_none_or(|named| named.contains(&case.case) || case.number.as_ref().is_some_and(|no| named.contains(no)))
        };
        let versions = self.versions(&on.process).await?;
        let mut cases = Vec::new();
        for case in self.came(&on.process, &on.hash).await?.into_iter().filter(wanted).take(limit.unwrap_or(usize::MAX)) {
            // Where it goes stands in `from` here: it came from there.
            let back = case.from.clone();
            let no = versions.iter().find(|version| version.hash == back).map(|version| version.no);
            let target = match self.definition(&back).await {
                Ok(Some(target)) => target,
                Ok(None) | Err(StoreError::Corrupt { .. }) => {
                    cases.push(broken(case, no));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            cases.push(self.planned(case, no, &target).await?);
        }
        Ok(MigrationPlan { process: on.process.clone(), to: on.clone(), back: true, cases })
    }

    /// Moves every case of a plan that can go, as `actor`; the others are told why not. Each is a command of its own under
    /// `key`, so that the same again has the effect of once. `told` is called with how many are done after each part.
    ///
    /// # Errors
    /// The store failed: what was told is done, and the rest may be asked for again with the same key.
    pub async fn carry_out(
        &self,
        plan: &MigrationPlan,
        (actor, key): (&Actor, &str),
        told: impl Fn(usize) + Send,
    ) -> Result<Vec<MigratedCase>, StoreError> {
        let (stay, go): (Vec<&PlannedCase>, Vec<&PlannedCase>) = plan.cases.iter().partition(|case| !case.plan.reasons.is_empty());
        if !go.is_empty() {
            let who = if let Actor::Person(person) = actor { person } else { SYSTEM };
            let word = if plan.back { "cases.migrated_back" } else { "cases.migrated" };
            let after = serde_json::json!({"version": plan.to.no, "hash": plan.to.hash, "cases": go.len()}).to_string();
            self.note(Deed { after: Some(after), ..Deed::new(self.inner.clock.now(), who, word, "process", &*plan.process) }).await?;
        }
        let mut done: Vec<MigratedCase> =
            stay.iter().map(|case| MigratedCase { case: case.plan.case.clone(), refused: case.why() }).collect();
        for part in go.chunks(CASES as usize) {
            let mut moving = JoinSet::new();
            for planned in part {
                let store = self.clone();
                let to = if plan.back { planned.plan.from.clone() } else { plan.to.hash.clone() };
                let (actor, key, at) = (actor.clone(), key.to_owned(), self.inner.clock.now());
                let ask = Ask::Migrate { to, mapping: planned.mapping.clone() };
                let command = Command { case: planned.plan.case.clone(), key, actor, at, ask };
                moving.spawn(async move { (command.case.clone(), store.submit(command).await) });
            }
            while let Some(outcome) = moving.join_next().await {
                let (case, outcome) = outcome.map_err(|error| StoreError::corrupt("migrate cases", error.to_string()))?;
                let refused = match outcome {
                    Ok(_) => None,
                    Err(SubmitError::Rejected(Rejection { message, .. })) => Some(message),
                    Err(SubmitError::Quarantined { message, .. }) => Some(Text::zh(message)),
                    Err(SubmitError::Store(error)) => return Err(error),
                };
                done.push(MigratedCase { case, refused });
            }
            told(done.len());
        }
        done.sort_by(|a, b| a.case.cmp(&b.case));
        Ok(done)
    }

    async fn planned(&self, listed: Listed, from_no: Option<u32>, target: &Definition) -> Result<PlannedCase, StoreError> {
        let opened = match self.case(&listed.case).await {
            Ok(Some(opened)) => opened,
            Ok(None) => return Err(StoreError::corrupt("plan a migration", format!("case {} is gone", listed.case))),
            // The version that it is on was written for another dialect, and does not load any more.
            Err(StoreError::Corrupt { .. }) => return Ok(broken(listed, from_no)),
            Err(error) => return Err(error),
        };
        let organisation = self.organisation();
        let context = Context { organisation: &organisation, series: &BTreeMap::new(), choices: None };
        let Listed { number, title, mapping, from, .. } = listed;
        let mut plan = plan(&opened.definition, target, &opened.case, &mapping, &context, self.inner.clock.now());
        plan.from = from;
        Ok(PlannedCase { number, title, from_no, plan, mapping })
    }

    async fn open_on_others(&self, to: &Version, from: &[Version]) -> Result<Vec<Listed>, StoreError> {
        let all = self.versions(&to.process).await?;
        let wanted = |version: &&Version| version.hash != to.hash && (from.is_empty() || from.contains(version));
        let mut listed = Vec::new();
        for version in all.iter().filter(wanted) {
            let rows = self.paged("list cases of a version", OPEN_ON, &to.process, &version.hash).await?;
            for row in rows {
                listed.push(Listed::of(&row, version.hash.clone())?);
            }
        }
        Ok(listed)
    }

    async fn named(&self, process: &str, named: &[CaseId]) -> Result<Vec<Listed>, SubmitError> {
        let mut listed = Vec::with_capacity(named.len());
        for case in named {
            let by_number = self.case_by_number(case).await?;
            let id = by_number.as_ref().unwrap_or(case);
            let rows = self.inner.readers.fetch("find a case", NAMED, vec![tables::shard_of(id).into(), id.as_str().into()]).await?;
            let row = rows.first().ok_or_else(tables::case_unknown)?;
            if row.text("process")? != process || row.text("status")? != "running" {
                return Err(tables::case_unknown().into());
            }
            listed.push(Listed::of(row, row.text("definition")?)?);
        }
        Ok(listed)
    }

    /// Open cases that came to a version and are still on it, with the way back.
    async fn came(&self, process: &str, hash: &str) -> Result<Vec<Listed>, StoreError> {
        let rows = self.paged("list cases that came to a version", CAME, process, hash).await?;
        let with_way = |row: &Row| {
            let nodes: BTreeMap<String, String> = json("list cases that came to a version", "nodes", &row.text("nodes")?)?;
            let mapping = Mapping { nodes, ..Mapping::default() }.inverse();
            Ok(Listed { mapping, ..Listed::of(row, row.text("from_hash")?)? })
        };
        rows.iter().map(with_way).collect()
    }

    async fn paged(&self, doing: &'static str, sql: &'static str, process: &str, hash: &str) -> Result<Vec<Row>, StoreError> {
        let mut after: (i64, String) = (-1, String::new());
        let mut all = Vec::new();
        loop {
            let values: Vec<Value> = vec![process.into(), hash.into(), after.0.into(), after.1.into(), CASES.into()];
            let rows = self.inner.readers.fetch(doing, sql, values).await?;
            let Some(last) = rows.last() else { return Ok(all) };
            after = (last.int("shard")?, last.text("case_id")?);
            all.extend(rows);
        }
    }
}

impl Listed {
    fn of(row: &Row, from: String) -> Result<Self, StoreError> {
        let (case, number, title) = (row.text("case_id")?, row.opt_text("number")?, row.text("title")?);
        Ok(Self { case, number, title, from, mapping: Mapping::default() })
    }
}

fn broken(listed: Listed, from_no: Option<u32>) -> PlannedCase {
    let Listed { case, number, title, from, mapping } = listed;
    let short = from.get(..12).unwrap_or(&from);
    let message = Text::new(
        format!("版本 {short} 的文件现在读不出来：须先恢复能读它的程序版本"),
        format!("the files of version {short} do not load any more: bring back a program that reads them first"),
    );
    let why = Reason::refused(reasons::VERSION_BROKEN, None, message);
    let plan = CasePlan { case, from, sort: Sort::Refused, reasons: vec![why], changes: Vec::new(), late: Vec::new() };
    PlannedCase { number, title, from_no, plan, mapping }
}
