//! New root and unit keys; every key below is wrapped anew while everything else goes on. What was sealed stays as it is:
//! data keys do not change, only what wraps them. Interrupted, it is taken up where it stopped.

use std::collections::BTreeMap;

use tongban_engine::time::Moment;

use super::{KEEP_UNIT_KEY, Store, StoreError, UnitStock, unit_key_name};
use crate::{
    files::{FREE, subject_of},
    seal::{Algorithm, parent_of},
    store::{Deed, plain::Statement},
};

/// A key that was replaced goes so long after, when no process can be using it any more.
const LEFT_MS: i64 = 3_600_000;
/// Files looked at at once.
const FILES: u32 = 500;

const REWRAP_UNIT: &str = "UPDATE unit_key SET wrapped = $5 WHERE unit = $1 AND year = $2 AND no = $3 AND wrapped = $4";
const REWRAP: &str = "UPDATE data_key SET wrapped = $4 WHERE shard = $1 AND case_id = $2 AND wrapped = $3";
const DROP_UNIT: &str = "DELETE FROM unit_key WHERE unit = $1 AND year = $2 AND no = $3";
const NEXT_FILES: &str = "SELECT id, wrapped FROM file WHERE id > $1 AND wrapped <> '' ORDER BY id LIMIT $2";
const REWRAP_FILE: &str = "UPDATE file SET wrapped = $3 WHERE id = $1 AND wrapped = $2";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[REWRAP_UNIT, REWRAP, DROP_UNIT, NEXT_FILES, REWRAP_FILE];

/// What is to be rotated.
#[derive(Clone, Debug, Default)]
pub struct Rotation {
    /// Who asks for it: a person id.
    pub by: String,
    /// Make no new keys, but finish what was begun.
    pub resume: bool,
    /// The cipher from now on; None: as before.
    pub algorithm: Option<Algorithm>,
    /// Take root keys that wrap nothing any more out of the key file: older backups cannot be restored then.
    pub retire: bool,
}

/// How far it is, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The root key in use.
    pub root: String,
    /// Keys looked at.
    pub seen: u64,
    /// Keys wrapped anew.
    pub rewrapped: u64,
    /// Keys of units that went.
    pub dropped: u64,
    /// Root keys that went.
    pub retired: Vec<String>,
}

impl Store {
    /// Rotates root and unit keys, and says after each part how far it is. Safe beside a running server.
    ///
    /// # Errors
    /// The store or the key file failed: `resume` goes on from there.
    pub async fn rotate_keys(&self, asked: &Rotation, told: impl Fn(&Progress)) -> Result<Progress, StoreError> {
        let keys = &self.inner.keys;
        let algorithm = asked.algorithm.unwrap_or_else(|| keys.algorithm());
        if !asked.resume {
            let root = keys.add_root(algorithm)?;
            self.check_roots().await?;
            self.note(self.key_deed(&asked.by, "keys.rotated", &root, algorithm.word())).await?;
        }
        let root = keys.roots().into_iter().find(|root| root.current).map(|root| root.id).unwrap_or_default();
        let mut progress = Progress { root, ..Progress::default() };
        self.rotate_units(&mut progress).await?;
        told(&progress);
        self.rewrap_data_keys(&mut progress, &told).await?;
        self.rewrap_files(&mut progress).await?;
        self.drop_units(&mut progress).await?;
        if asked.retire {
            self.retire_roots(&asked.by, &mut progress).await?;
        }
        self.inner.opened.forget_all();
        told(&progress);
        Ok(progress)
    }

    fn key_deed(&self, by: &str, deed: &str, about: &str, after: &str) -> Deed {
        let after = Some(serde_json::json!({ "cipher": after }).to_string());
        Deed { after, ..Deed::new(self.inner.clock.now(), by, deed, "key", about) }
    }

    /// A new key for each unit and year whose newest is under an old root; the old ones go under the new root.
    async fn rotate_units(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let (all, mut statements) = (self.unit_keys().await?, Vec::new());
        for unit in all.iter().filter(|unit| unit.root != progress.root) {
            progress.seen += 1;
            progress.rewrapped += 1;
            let key = self.inner.keys.unwrap_key(&unit.name, &unit.wrapped)?;
            let wrapped = self.inner.keys.wrap(&unit.name, &key)?;
            let UnitStock { unit: id, year, no, wrapped: before, .. } = unit;
            let values = vec![id.as_str().into(), (*year).into(), (*no).into(), before.as_str().into(), wrapped.into()];
            statements.push(Statement::new("wrap a unit's key anew", REWRAP_UNIT, values));
            if newest(&all).get(&(id.as_str(), *year)) == Some(no) {
                let (_, wrapped) = self.inner.keys.make_key(&unit_key_name(id, *year, no + 1))?;
                let values = vec![id.as_str().into(), (*year).into(), (no + 1).into(), wrapped.into(), now.into()];
                statements.push(Statement::new("keep a unit's key", KEEP_UNIT_KEY, values));
            }
        }
        // together, so that what is found under the new root is always finished
        self.write(statements).await?;
        self.inner.opened.forget_all();
        Ok(())
    }

    async fn rewrap_data_keys(&self, progress: &mut Progress, told: &impl Fn(&Progress)) -> Result<(), StoreError> {
        let (house, _) = self.house_key().await?;
        let all = self.unit_keys().await?;
        let newest: BTreeMap<(String, i64), i64> =
            newest(&all).into_iter().map(|((unit, year), no)| ((unit.to_owned(), year), no)).collect();
        let mut after = (-1, String::new());
        loop {
            let page = self.data_keys_after(&after).await?;
            let Some((shard, subject, _)) = page.last() else { return Ok(()) };
            after = (*shard, subject.clone());
            let mut statements = Vec::new();
            for (shard, subject, wrapped) in page {
                progress.seen += 1;
                let parent = parent_of(&wrapped).unwrap_or_default();
                let target = match super::unit_key_parts(parent).filter(|_| !self.inner.keys.is_under_root(&wrapped)) {
                    Some((unit, year, _)) => newest.get(&(unit.to_owned(), year)).map(|no| unit_key_name(unit, year, *no)),
                    None => Some(house.clone()),
                };
                let Some(target) = target.filter(|target| target != parent) else { continue };
                let key = self.unwrapped(&subject, &wrapped).await?;
                let anew = self.unit_key(&target).await?.wrap(&target, &subject, &key)?;
                let values = vec![shard.into(), subject.into(), wrapped.into(), anew.into()];
                statements.push(Statement::new("wrap a data key anew", REWRAP, values));
            }
            progress.rewrapped += statements.len() as u64;
            self.write(statements).await?;
            told(progress);
        }
    }

    /// Files from before there were layers, whose keys stand directly under a root key.
    async fn rewrap_files(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let free = self.key_of(FREE).await?;
        let mut after = String::new();
        loop {
            let rows = self.inner.readers.fetch("list keys of files", NEXT_FILES, vec![after.as_str().into(), FILES.into()]).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.text("id")?;
            let mut statements = Vec::new();
            for row in &rows {
                let (id, wrapped) = (row.text("id")?, row.text("wrapped")?);
                if self.inner.keys.is_under_root(&wrapped) {
                    let key = self.unwrapped(subject_of(&wrapped, &id), &wrapped).await?;
                    let anew = free.wrap(FREE, &id, &key)?;
                    statements.push(Statement::new("wrap a file's key anew", REWRAP_FILE, vec![id.into(), wrapped.into(), anew.into()]));
                }
            }
            progress.seen += statements.len() as u64;
            progress.rewrapped += statements.len() as u64;
            self.write(statements).await?;
        }
    }

    /// Keys of units that were replaced long enough ago and wrap nothing any more.
    async fn drop_units(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let stock = self.key_stock().await?.units;
        let replaced_at = |unit: &UnitStock| -> Option<Moment> {
            let next = stock.iter().filter(|other| other.unit == unit.unit && other.year == unit.year && other.no > unit.no);
            next.map(|next| next.made_at).min()
        };
        let gone = stock.iter().filter(|unit| unit.data_keys == 0 && replaced_at(unit).is_some_and(|at| at.plus_ms(LEFT_MS) <= now));
        let statements: Vec<Statement> = gone
            .map(|unit| Statement::new("drop a unit's key", DROP_UNIT, vec![unit.unit.as_str().into(), unit.year.into(), unit.no.into()]))
            .collect();
        progress.dropped = statements.len() as u64;
        self.write(statements).await.map(drop)
    }

    async fn retire_roots(&self, by: &str, progress: &mut Progress) -> Result<(), StoreError> {
        let since = self.root_since(&progress.root).await?;
        if since.is_none_or(|since| since.plus_ms(LEFT_MS) > self.inner.clock.now()) {
            return Ok(());
        }
        let stock = self.key_stock().await?;
        let used = |id: &str| stock.unlayered > 0 || stock.units.iter().any(|unit| unit.root == id);
        let gone: Vec<String> = stock.roots.iter().filter(|root| !root.current && !used(&root.id)).map(|root| root.id.clone()).collect();
        self.inner.keys.drop_roots(&gone)?;
        for root in &gone {
            self.note(self.key_deed(by, "keys.retired", root, "")).await?;
        }
        progress.retired = gone;
        Ok(())
    }
}

/// The newest number of each unit and year.
fn newest(all: &[UnitStock]) -> BTreeMap<(&str, i64), i64> {
    let mut newest = BTreeMap::new();
    for unit in all {
        let no = newest.entry((unit.unit.as_str(), unit.year)).or_insert(unit.no);
        *no = unit.no.max(*no);
    }
    newest
}
