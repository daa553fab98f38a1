//! Keys as the store keeps them: whose they are, what wraps them, and which are opened in memory.
//!
//! A subject is whom a case is about: a natural person or an organisation, known by a keyed hash of her identity; where the
//! data names nobody, the case itself. One data key a subject seals all cases about her, so that destroying it is the end of
//! everything sensitive that is kept of her. The house's own keys (drafts, messages, files without a case) are named `~…`.

mod batch_keys;
mod erase;
mod rotate;
mod stock;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value as Json};
use tongban_engine::{definition::Definition, form, time::Moment};

#[cfg(test)]
pub(super) use self::batch_keys::KEYED;
pub(super) use self::batch_keys::{BatchKeys, NewKey, TakenFile, must_stand};
pub use self::{
    erase::{EraseError, Erased, Erasure, Hold},
    rotate::{Progress, Rotation},
    stock::{KeyFault, KeyStock, UnitStock},
};
use super::{Store, StoreError, plain::Statement, sql::Value, tables};
use crate::seal::{DataKey, parent_of};

const UNIT_KEY: &str = "SELECT wrapped FROM unit_key WHERE unit = $1 AND year = $2 AND no = $3";
const UNIT_KEY_IN_USE: &str = "SELECT no, wrapped FROM unit_key WHERE unit = $1 AND year = $2 ORDER BY no DESC LIMIT 1";
const KEEP_UNIT_KEY: &str = "INSERT INTO unit_key (unit, year, no, wrapped, made_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (unit, year, no) DO NOTHING";
const SUBJECT: &str = "SELECT subject FROM case_head WHERE shard = $1 AND case_id = $2";

/// Statements of this file and those beside it, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&[&str]] =
    &[&[UNIT_KEY, UNIT_KEY_IN_USE, KEEP_UNIT_KEY, SUBJECT], rotate::STATEMENTS, erase::STATEMENTS, stock::STATEMENTS];

/// Data keys kept opened.
const DATA_KEYS_MAX: usize = 20_000;
/// The unit under which the house's own keys stand.
const HOUSE: &str = "~";
/// How long a unit's key is taken for the one in use without looking again.
const IN_USE_MS: i64 = 60_000;

/// Whether a subject is one whose key was destroyed.
pub(super) fn is_erased(subject: &str) -> bool {
    subject.starts_with('!')
}

/// What the cases of a destroyed key name as their subject: when, and which key it was.
fn erased_name(at: Moment, key: &str) -> String {
    format!("!{}!{key}", at.0)
}

fn erased_key(name: &str) -> Option<&str> {
    name.strip_prefix('!')?.split_once('!').map(|(_, key)| key)
}

/// The name under which a case names the key of its subject: with the key's id, because a subject whose key was destroyed
/// gets another when she applies again.
fn key_name(subject: &str, key: &DataKey) -> String {
    format!("{subject}.{}", key.id())
}

/// The subject of a key's name, under which its row stands.
fn subject_in(name: &str) -> &str {
    if name.starts_with('@') { name.split('.').next().unwrap_or(name) } else { name }
}

/// Name of a unit's key: what the keys below it name as their parent.
fn unit_key_name(unit: &str, year: i64, no: i64) -> String {
    format!("{unit}/{year}/{no}")
}

fn unit_key_parts(name: &str) -> Option<(&str, i64, i64)> {
    let mut parts = name.rsplitn(3, '/');
    let (no, year, unit) = (parts.next()?, parts.next()?, parts.next()?);
    Some((unit, year.parse().ok()?, no.parse().ok()?))
}

/// The unit as it may stand in a name.
fn unit_of(unit: &str) -> &str {
    let plain = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    if !unit.is_empty() && unit.chars().all(plain) { unit } else { HOUSE }
}

fn year_of(at: Moment) -> i64 {
    jiff::Timestamp::from_millisecond(at.0).map_or(0, |at| i64::from(jiff::tz::TimeZone::UTC.to_datetime(at).year()))
}

/// Keys that are opened.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    data: Mutex<HashMap<String, DataKey>>,
    units: Mutex<HashMap<String, DataKey>>,
    /// The key in use of a unit and year, and until when that is believed.
    in_use: Mutex<HashMap<(String, i64), (String, Moment)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Opened {
    pub(super) fn data_key(&self, subject: &str) -> Option<DataKey> {
        locked(&self.data).get(subject).cloned()
    }

    pub(super) fn remember(&self, subject: &str, key: &DataKey) {
        let mut keys = locked(&self.data);
        if keys.len() >= DATA_KEYS_MAX {
            keys.clear();
        }
        keys.insert(subject.to_owned(), key.clone());
    }

    fn forget(&self, subject: &str) {
        locked(&self.data).remove(subject);
    }

    fn forget_all(&self) {
        locked(&self.data).clear();
        locked(&self.units).clear();
        locked(&self.in_use).clear();
    }

    fn unit_key(&self, name: &str) -> Option<DataKey> {
        locked(&self.units).get(name).cloned()
    }

    fn remember_unit(&self, name: &str, key: &DataKey) {
        locked(&self.units).insert(name.to_owned(), key.clone());
    }

    fn in_use(&self, unit: &str, year: i64, now: Moment) -> Option<String> {
        locked(&self.in_use).get(&(unit.to_owned(), year)).filter(|(_, until)| now < *until).map(|(name, _)| name.clone())
    }

    fn is_in_use(&self, unit: &str, year: i64, name: &str, now: Moment) {
        locked(&self.in_use).insert((unit.to_owned(), year), (name.to_owned(), now.plus_ms(IN_USE_MS)));
    }
}

impl Store {
    /// Whom data of a process is about, as the store knows her: a keyed hash of her identity. None: it names nobody.
    pub(super) fn subject_of(&self, definition: &Definition, data: &Map<String, Json>) -> Option<String> {
        let fields = definition.process.data.fields.iter().map(|(name, field)| (name.as_str(), &field.of));
        let identity = form::subject(&definition.standard, &fields, data)?;
        let hash = self.inner.keys.keyed_hash(&[b"subject", identity.kind.as_bytes(), identity.number.as_bytes()]);
        Some(format!("@{}", &hash[..32]))
    }

    /// A key of the house's own, made if there is none yet.
    pub(crate) async fn key_of(&self, subject: &str) -> Result<DataKey, StoreError> {
        if let Some(key) = self.find_key(subject).await? {
            return Ok(key);
        }
        let (unit_key, parent) = self.house_key().await?;
        let (_, wrapped) = parent.make_key(&unit_key, subject)?;
        let values = vec![tables::shard_of(subject).into(), subject.into(), wrapped.into()];
        self.write_one(Statement::new("keep a data key", tables::KEEP_DATA_KEY, values)).await?;
        self.find_key(subject).await?.ok_or_else(|| no_key(subject))
    }

    /// The key of this name, if there is one.
    pub(crate) async fn find_key(&self, name: &str) -> Result<Option<DataKey>, StoreError> {
        if let Some(key) = self.inner.opened.data_key(name) {
            return Ok(Some(key));
        }
        let subject = subject_in(name);
        let values = vec![tables::shard_of(subject).into(), subject.into()];
        let rows = self.inner.readers.fetch("read a data key", tables::DATA_KEY, values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let key = self.unwrapped(subject, &row.text("wrapped")?).await?;
        if subject != name && key_name(subject, &key) != name {
            return Ok(None);
        }
        self.inner.opened.remember(name, &key);
        Ok(Some(key))
    }

    /// Opens the keys of many cases at once, each with the subject that its head names.
    pub(super) async fn open_keys(&self, cases: &[(String, Option<String>)]) -> Result<(), StoreError> {
        let names = cases.iter().map(|(case, subject)| subject.as_deref().unwrap_or(case));
        let missing: Vec<&str> = names.filter(|name| !is_erased(name) && self.inner.opened.data_key(name).is_none()).collect();
        let keys = missing.iter().map(|name| subject_in(name)).map(|name| vec![tables::shard_of(name).into(), name.into()]).collect();
        let rows = self.inner.readers.fetch_keys("read data keys", tables::DATA_KEYS, tables::CASE_KEY, keys).await?;
        for row in rows {
            let subject = row.text("case_id")?;
            let key = self.unwrapped(&subject, &row.text("wrapped")?).await?;
            let name = if subject.starts_with('@') { key_name(&subject, &key) } else { subject };
            self.inner.opened.remember(&name, &key);
        }
        Ok(())
    }

    /// What opens a case; None: its key was destroyed.
    pub(crate) async fn case_key(&self, case: &str) -> Result<Option<DataKey>, StoreError> {
        let values: Vec<Value> = vec![tables::shard_of(case).into(), case.into()];
        let rows = self.inner.readers.fetch("ask whom a case is about", SUBJECT, values).await?;
        let subject = rows.first().map(|row| row.opt_text("subject")).transpose()?.flatten();
        self.key_of_case(case, subject.as_deref()).await
    }

    /// The same, the subject that its head names being known.
    pub(crate) async fn key_of_case(&self, case: &str, subject: Option<&str>) -> Result<Option<DataKey>, StoreError> {
        let name = subject.unwrap_or(case);
        if is_erased(name) {
            if let Some(before) = erased_key(name) {
                self.inner.opened.forget(before);
            }
            return Ok(None);
        }
        self.find_key(name).await?.map(Some).ok_or_else(|| no_key(name))
    }

    /// A key from its wrapped form, whatever wraps it.
    pub(crate) async fn unwrapped(&self, subject: &str, wrapped: &str) -> Result<DataKey, StoreError> {
        if self.inner.keys.is_under_root(wrapped) {
            return Ok(self.inner.keys.unwrap_key(subject, wrapped)?);
        }
        let parent = parent_of(wrapped).unwrap_or_default();
        let parent = match unit_key_parts(parent) {
            Some(_) => self.unit_key(parent).await?,
            // a file's key stands under the data key of a case's subject, or of the house
            None => Box::pin(self.find_key(parent)).await?.ok_or_else(|| no_key(parent))?,
        };
        Ok(parent.unwrap(subject, wrapped)?)
    }

    async fn unit_key(&self, name: &str) -> Result<DataKey, StoreError> {
        if let Some(key) = self.inner.opened.unit_key(name) {
            return Ok(key);
        }
        let (unit, year, no) = unit_key_parts(name).ok_or_else(|| no_key(name))?;
        let rows = self.inner.readers.fetch("read a unit's key", UNIT_KEY, vec![unit.into(), year.into(), no.into()]).await?;
        let row = rows.first().ok_or_else(|| no_key(name))?;
        let key = self.inner.keys.unwrap_key(name, &row.text("wrapped")?)?;
        self.inner.opened.remember_unit(name, &key);
        Ok(key)
    }

    /// The key that a unit's data keys of a year are made under now; None: there is none yet.
    async fn unit_key_in_use(&self, unit: &str, year: i64) -> Result<Option<(String, DataKey)>, StoreError> {
        let now = self.inner.clock.now();
        let name = match self.inner.opened.in_use(unit, year, now) {
            Some(name) => name,
            None => {
                let rows = self.inner.readers.fetch("look for a unit's key", UNIT_KEY_IN_USE, vec![unit.into(), year.into()]).await?;
                let Some(row) = rows.first() else { return Ok(None) };
                let name = unit_key_name(unit, year, row.int("no")?);
                self.inner.opened.is_in_use(unit, year, &name, now);
                name
            }
        };
        let key = self.unit_key(&name).await?;
        Ok(Some((name, key)))
    }

    /// The unit key of the house itself this year, made if there is none yet.
    async fn house_key(&self) -> Result<(String, DataKey), StoreError> {
        let now = self.inner.clock.now();
        let year = year_of(now);
        if let Some(found) = self.unit_key_in_use(HOUSE, year).await? {
            return Ok(found);
        }
        let (_, wrapped) = self.inner.keys.make_key(&unit_key_name(HOUSE, year, 1))?;
        let values = vec![HOUSE.into(), year.into(), 1_i64.into(), wrapped.into(), now.into()];
        self.write_one(Statement::new("keep a unit's key", KEEP_UNIT_KEY, values)).await?;
        self.unit_key_in_use(HOUSE, year).await?.ok_or_else(|| no_key(HOUSE))
    }
}

fn no_key(of: &str) -> StoreError {
    StoreError::corrupt("read a key", format!("there is no key of {of}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_key_is_found_by_its_name_whatever_the_unit_is_called() {
        assert_eq!(unit_key_parts(&unit_key_name("jia-police", 2026, 3)), Some(("jia-police", 2026, 3)));
        assert_eq!(unit_key_parts("~files"), None);
        assert_eq!((unit_of("jia"), unit_of("甲区"), unit_of("a:b"), unit_of("")), ("jia", "甲区", HOUSE, HOUSE));
        assert_eq!((subject_in("@0a.1b"), subject_in("case.1"), subject_in("~files")), ("@0a", "case.1", "~files"));
        assert_eq!(erased_key(&erased_name(Moment(7), "@0a.1b")), Some("@0a.1b"));
        assert_eq!(year_of(Moment(1_773_021_600_000)), 2026);
    }
}
