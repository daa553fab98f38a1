//! What keys there are, and whether all of them open.

use std::collections::BTreeMap;

use serde::Serialize;
use tongban_engine::{text::Text, time::Moment};

use super::{Hold, Store, StoreError, unit_key_name};
use crate::{
    seal::{RootKey, parent_of},
    store::{plain::Statement, sql::Value},
};

/// Keys looked at at once.
const KEYS: u32 = 500;

const ROOTS: &str = "SELECT id, check_value, made_at FROM root_key ORDER BY made_at, id";
const NOTE_ROOT: &str = "INSERT INTO root_key (id, check_value, made_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
const UNIT_KEYS: &str = "SELECT unit, year, no, wrapped, made_at FROM unit_key ORDER BY unit, year, no";
pub(super) const NEXT_KEYS: &str =
    "SELECT shard, case_id, wrapped FROM data_key WHERE (shard, case_id) > ($1, $2) ORDER BY shard, case_id LIMIT $3";
const ERASED: &str = "SELECT count(*) AS total FROM erasure";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[ROOTS, NOTE_ROOT, UNIT_KEYS, NEXT_KEYS, ERASED];

/// The key of a unit and a year.
#[derive(Clone, Debug, Serialize)]
pub struct UnitStock {
    /// Its name, `UNIT/YEAR/NO`.
    pub name: String,
    /// The unit; `~` for the house itself.
    pub unit: String,
    /// Data keys of cases that began in this year stand below it.
    pub year: i64,
    /// 1, 2, 3, … by rotation.
    pub no: i64,
    /// The root key that wraps it.
    pub root: String,
    /// Data keys below it.
    pub data_keys: u64,
    /// When it was made.
    pub made_at: Moment,
    #[serde(skip)]
    pub(super) wrapped: String,
}

/// All keys, none of them shown.
#[derive(Clone, Debug, Serialize)]
pub struct KeyStock {
    /// Root keys in the key file: id, check value, whether in use.
    #[serde(serialize_with = "shown")]
    pub roots: Vec<RootKey>,
    /// Keys of units.
    pub units: Vec<UnitStock>,
    /// Data keys that still stand directly under a root key, from before there were layers.
    pub unlayered: u64,
    /// Data keys of people and organisations.
    pub subjects: u64,
    /// Data keys of single cases.
    pub cases: u64,
    /// Keys of subjects that were destroyed.
    pub erased: u64,
    /// Subjects whose keys may not be destroyed.
    pub holds: Vec<Hold>,
}

fn shown<S: serde::Serializer>(roots: &[RootKey], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(roots.iter().map(|root| BTreeMap::from([("id", &root.id), ("check", &root.check)])))
}

/// A key that does not open, or a root key that is another.
#[derive(Clone, Debug, Serialize)]
pub struct KeyFault {
    /// Whose: a root key's id, a unit key's name, a subject.
    pub of: String,
    /// What is wrong.
    pub what: Text,
}

impl Store {
    /// Notes the check values of root keys that are new; refuses a key file that is not the one this store was used with.
    pub(in crate::store) async fn check_roots(&self) -> Result<(), StoreError> {
        let known = self.inner.readers.fetch("check the root keys", ROOTS, Vec::new()).await?;
        let mut new = Vec::new();
        for root in self.inner.keys.roots() {
            match known.iter().find(|row| row.text("id").is_ok_and(|id| id == root.id)) {
                Some(row) if row.text("check_value")? == root.check => {}
                Some(_) => return Err(StoreError::WrongKeys(root.id)),
                None => new.push(Statement::new(
                    "note a root key",
                    NOTE_ROOT,
                    vec![root.id.into(), root.check.into(), self.inner.clock.now().into()],
                )),
            }
        }
        if new.is_empty() { Ok(()) } else { self.write(new).await.map(drop) }
    }

    /// When a root key was used here first.
    pub(super) async fn root_since(&self, id: &str) -> Result<Option<Moment>, StoreError> {
        let rows = self.inner.readers.fetch("look for a root key", ROOTS, Vec::new()).await?;
        let row = rows.iter().find(|row| row.text("id").is_ok_and(|known| known == id));
        row.map(|row| row.moment("made_at")).transpose()
    }

    /// All keys of units, without counting what stands below them.
    pub(super) async fn unit_keys(&self) -> Result<Vec<UnitStock>, StoreError> {
        let rows = self.inner.readers.fetch("list units' keys", UNIT_KEYS, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                let (unit, year, no, wrapped) = (row.text("unit")?, row.int("year")?, row.int("no")?, row.text("wrapped")?);
                let root = parent_of(&wrapped).unwrap_or_default().to_owned();
                let name = unit_key_name(&unit, year, no);
                Ok(UnitStock { name, unit, year, no, root, data_keys: 0, made_at: row.moment("made_at")?, wrapped })
            })
            .collect()
    }

    /// Every data key, in pages: subject and wrapped form.
    pub(super) async fn data_keys_after(&self, after: &(i64, String)) -> Result<Vec<(i64, String, String)>, StoreError> {
        let values: Vec<Value> = vec![after.0.into(), after.1.as_str().into(), KEYS.into()];
        let rows = self.inner.readers.fetch("list data keys", NEXT_KEYS, values).await?;
        rows.iter().map(|row| Ok((row.int("shard")?, row.text("case_id")?, row.text("wrapped")?))).collect()
    }

    /// What keys there are.
    ///
    /// # Errors
    /// The store failed.
    pub async fn key_stock(&self) -> Result<KeyStock, StoreError> {
        let mut below: BTreeMap<String, u64> = BTreeMap::new();
        let (mut unlayered, mut subjects, mut cases) = (0, 0, 0);
        let mut after = (-1, String::new());
        loop {
            let page = self.data_keys_after(&after).await?;
            let Some((shard, subject, _)) = page.last() else { break };
            after = (*shard, subject.clone());
            for (_, subject, wrapped) in page {
                unlayered += u64::from(self.inner.keys.is_under_root(&wrapped));
                subjects += u64::from(subject.starts_with('@'));
                cases += u64::from(!subject.starts_with('@') && !subject.starts_with('~'));
                *below.entry(parent_of(&wrapped).unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
        let mut units = self.unit_keys().await?;
        units.iter_mut().for_each(|unit| unit.data_keys = below.get(&unit.name).copied().unwrap_or(0));
        let erased = self.inner.readers.fetch("count destroyed keys", ERASED, Vec::new()).await?;
        let erased = erased.first().map_or(Ok(0), |row| row.count("total"))?;
        Ok(KeyStock { roots: self.inner.keys.roots(), units, unlayered, subjects, cases, erased, holds: self.holds().await? })
    }

    /// Opens every key there is; those that do not open.
    ///
    /// # Errors
    /// The store failed.
    pub async fn check_keys(&self) -> Result<Vec<KeyFault>, StoreError> {
        let mut faults = Vec::new();
        let mut fault = |of: &str, error: &StoreError| faults.push(KeyFault { of: of.to_owned(), what: Text::zh(error.to_string()) });
        if let Err(error) = self.check_roots().await {
            fault("", &error);
        }
        for unit in self.unit_keys().await? {
            if let Err(error) = self.inner.keys.unwrap_key(&unit.name, &unit.wrapped) {
                fault(&unit.name, &error.into());
            }
        }
        let mut after = (-1, String::new());
        loop {
            let page = self.data_keys_after(&after).await?;
            let Some((shard, subject, _)) = page.last() else { break };
            after = (*shard, subject.clone());
            for (_, subject, wrapped) in page {
                if let Err(error) = self.unwrapped(&subject, &wrapped).await {
                    fault(&subject, &error);
                }
            }
        }
        Ok(faults)
    }
}
