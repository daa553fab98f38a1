//! Keys that a batch needs: of subjects of cases that begin, of their units, and of files that cases take. Read before the
//! batch is decided, made in it if there is none yet, and written with it.

use std::collections::{BTreeSet, HashMap};

use tongban_engine::interpreter::{Ask, CaseId, Command, MaterialGiven, Start};

use super::{Store, StoreError, is_erased, key_name, unit_key_name, unit_of, year_of};
use crate::{
    seal::DataKey,
    store::{
        sql::{Conn, Value},
        tables,
    },
};

const FREE_FILES: &str = "SELECT id, wrapped FROM file";
const TAKEN_FILES: &str = "SELECT file, wrapped FROM case_file";

/// Keys at hand for a batch; each by its name.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct BatchKeys {
    /// None: there is none yet.
    subjects: HashMap<String, Option<DataKey>>,
    /// The one in use of a unit and year; None: there is none yet.
    units: HashMap<(String, i64), Option<(String, DataKey)>>,
    files: HashMap<String, DataKey>,
    /// Whom cases that begin are about.
    begins: HashMap<CaseId, String>,
}

/// A key made in a batch, as a row.
#[derive(Clone, Debug)]
pub(in crate::store) enum NewKey {
    /// Of a unit and a year.
    Unit(Vec<Value>),
    /// Of a subject.
    Data(Vec<Value>),
    /// Not new: it must still be there when the batch is written.
    Stands(i64, String),
}

/// A file that a case takes, and its key.
#[derive(Clone, Debug)]
pub(in crate::store) struct TakenFile {
    pub(in crate::store) file: String,
    pub(in crate::store) key: DataKey,
}

/// Refuses to go on if one of the keys of these subjects was destroyed since it was read.
pub(in crate::store) async fn must_stand(conn: &mut Conn<'_>, subjects: BTreeSet<(i64, String)>) -> Result<(), StoreError> {
    const DOING: &str = "look after data keys";
    let standing = subjects.len();
    let keys = subjects.into_iter().map(|(shard, subject)| vec![shard.into(), subject.into()]).collect();
    let found = conn.fetch_keys(DOING, tables::DATA_KEYS, tables::CASE_KEY, keys).await?.len();
    if found < standing { Err(StoreError::Overtaken(DOING)) } else { Ok(()) }
}

fn starts<'a>(commands: impl Iterator<Item = &'a Command>) -> impl Iterator<Item = (&'a Command, &'a Start)> {
    commands.filter_map(|command| match &command.ask {
        Ask::Start(start) => Some((command, start.as_ref())),
        _ => None,
    })
}

/// What a command hands in.
fn materials(ask: &Ask) -> &[MaterialGiven] {
    match ask {
        Ask::Start(start) => &start.materials,
        Ask::Deliver { materials, .. } => materials,
        _ => &[],
    }
}

impl BatchKeys {
    /// Reads what `commands` need; `ahead` is being written, so that the database does not have its keys yet.
    pub(in crate::store) async fn load<'a>(
        &mut self,
        store: &Store,
        ahead: Option<&Self>,
        commands: impl Iterator<Item = &'a Command> + Clone,
    ) -> Result<(), StoreError> {
        let year = year_of(store.inner.clock.now());
        let mut wanted = BTreeSet::new();
        for (command, start) in starts(commands.clone()) {
            let Some(definition) = store.latest(&start.process) else { continue };
            if let Some(subject) = store.subject_of(&definition, &start.data) {
                self.begins.insert(command.case.clone(), subject.clone());
                if let Some(Some(key)) = ahead.and_then(|ahead| ahead.subjects.get(&subject)) {
                    self.subjects.insert(subject, Some(key.clone()));
                } else if !self.subjects.contains_key(&subject) {
                    wanted.insert(subject);
                }
            }
            let unit = (unit_of(&start.unit).to_owned(), year);
            if self.units.get(&unit).is_none_or(Option::is_none) {
                let found = match ahead.and_then(|ahead| ahead.units.get(&unit)).cloned().flatten() {
                    Some(found) => Some(found),
                    None => store.unit_key_in_use(&unit.0, year).await?,
                };
                self.units.insert(unit, found);
            }
        }
        self.load_subjects(store, wanted).await?;
        self.load_files(store, commands).await
    }

    /// Always from the database: a key that was destroyed must not come back from memory.
    async fn load_subjects(&mut self, store: &Store, wanted: BTreeSet<String>) -> Result<(), StoreError> {
        let keys = wanted.iter().map(|subject| vec![tables::shard_of(subject).into(), subject.as_str().into()]).collect();
        for row in store.inner.readers.fetch_keys("read data keys", tables::DATA_KEYS, tables::CASE_KEY, keys).await? {
            let subject = row.text("case_id")?;
            let key = store.unwrapped(&subject, &row.text("wrapped")?).await?;
            self.subjects.insert(subject, Some(key));
        }
        for subject in wanted {
            self.subjects.entry(subject).or_insert(None);
        }
        Ok(())
    }

    async fn load_files<'a>(&mut self, store: &Store, commands: impl Iterator<Item = &'a Command>) -> Result<(), StoreError> {
        let given = commands.flat_map(|command| materials(&command.ask)).map(|given| given.file.as_str());
        let mut wanted: BTreeSet<&str> = given.filter(|file| !self.files.contains_key(*file)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        for (sql, column) in [(FREE_FILES, "id"), (TAKEN_FILES, "file")] {
            let keys = wanted.iter().map(|file| vec![(*file).into()]).collect();
            for row in store.inner.readers.fetch_keys("read keys of files", sql, &[column], keys).await? {
                let (file, wrapped) = (row.text(column)?, row.text("wrapped")?);
                let parent = crate::seal::parent_of(&wrapped).unwrap_or_default();
                if self.files.contains_key(&file) || wrapped.is_empty() || is_erased(parent) {
                    continue;
                }
                match store.unwrapped(crate::files::subject_of(&wrapped, &file), &wrapped).await {
                    Ok(key) => drop(self.files.insert(file, key)),
                    // the key of another case that had it was destroyed
                    Err(error) => tracing::debug!(%error, "a file's key does not open"),
                }
            }
            wanted.retain(|file| !self.files.contains_key(*file));
            if wanted.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The key of a case that begins, its name (None: it is the case's own), and the rows of what was made for it.
    pub(in crate::store) fn begin(
        &mut self,
        store: &Store,
        command: &Command,
    ) -> Result<(DataKey, Option<String>, Vec<NewKey>), StoreError> {
        let unit = match &command.ask {
            Ask::Start(start) => unit_of(&start.unit),
            _ => unit_of(""),
        };
        let subject = self.begins.get(&command.case).cloned();
        let name = subject.clone().unwrap_or_else(|| command.case.clone());
        let named = |key: &DataKey| subject.as_deref().map(|subject| key_name(subject, key));
        if let Some(Some(key)) = self.subjects.get(&name) {
            return Ok((key.clone(), named(key), vec![NewKey::Stands(tables::shard_of(&name), name.clone())]));
        }
        let now = store.inner.clock.now();
        let place = (unit.to_owned(), year_of(now));
        let mut new = Vec::new();
        let (unit_key, parent) = match self.units.get(&place).cloned().flatten() {
            Some(found) => found,
            None => {
                let unit_key = unit_key_name(unit, place.1, 1);
                let (key, wrapped) = store.inner.keys.make_key(&unit_key)?;
                new.push(NewKey::Unit(vec![unit.into(), place.1.into(), 1_i64.into(), wrapped.into(), now.into()]));
                self.units.insert(place, Some((unit_key.clone(), key.clone())));
                (unit_key, key)
            }
        };
        let (key, wrapped) = parent.make_key(&unit_key, &name)?;
        new.push(NewKey::Data(vec![tables::shard_of(&name).into(), name.as_str().into(), wrapped.into()]));
        let named = named(&key);
        if subject.is_some() {
            self.subjects.insert(name, Some(key.clone()));
        }
        Ok((key, named, new))
    }

    /// What was made is real from now on.
    pub(in crate::store) fn remember(self, store: &Store) {
        for (name, key) in self.units.into_values().flatten() {
            store.inner.opened.remember_unit(&name, &key);
        }
        for (subject, key) in self.subjects.iter().filter_map(|(subject, key)| Some((subject, key.as_ref()?))) {
            store.inner.opened.remember(&key_name(subject, key), key);
        }
    }

    /// The files that a command hands in, with their keys: those that are kept here.
    pub(in crate::store) fn taken(&self, ask: &Ask) -> Vec<TakenFile> {
        let taken = |given: &MaterialGiven| Some(TakenFile { file: given.file.clone(), key: self.files.get(&given.file)?.clone() });
        materials(ask).iter().filter_map(taken).collect()
    }
}

/// Whole statements of this file, as they are with one key: for the test that prepares each.
#[cfg(test)]
pub(in crate::store) const KEYED: [(&str, &str); 2] = [(FREE_FILES, "id"), (TAKEN_FILES, "file")];
