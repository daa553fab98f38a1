//! Sealed parts of JSON: `{"$sealed": "sm4gcm:1:KEY:…"}` stands where the value stood.

use serde_json::{Map, Value};
use tongban_engine::form::DESTROYED;

use super::{DataKey, SealError};

/// The one member of a sealed part. A member name that no field may have.
pub(crate) const SEALED: &str = "$sealed";

/// Puts the sealed form of `value` in its place. `place` is table, column, case and row; `path` is where within the row.
pub(crate) fn seal_value(key: &DataKey, place: &str, path: &str, value: &mut Value) -> Result<(), SealError> {
    let plain = zeroize::Zeroizing::new(value.to_string());
    let sealed = key.seal(&at(place, path), plain.as_bytes())?;
    *value = Value::Object(Map::from_iter([(SEALED.to_owned(), Value::String(sealed))]));
    Ok(())
}

/// Opens every sealed part of `tree`; without a key, because it was destroyed, [`DESTROYED`] stands in its place.
pub(crate) fn open_tree(key: Option<&DataKey>, place: &str, tree: &mut Value) -> Result<(), SealError> {
    open_at(key, place, &mut String::new(), tree)
}

fn open_at(key: Option<&DataKey>, place: &str, path: &mut String, value: &mut Value) -> Result<(), SealError> {
    match value {
        Value::Object(members) => {
            if let (1, Some(Value::String(sealed))) = (members.len(), members.get(SEALED)) {
                let Some(key) = key else {
                    *value = Value::String(DESTROYED.to_owned());
                    return Ok(());
                };
                let here = at(place, path);
                let plain = zeroize::Zeroizing::new(key.open(&here, sealed)?);
                *value = serde_json::from_slice(&plain).map_err(|_| SealError::Format(here))?;
                return Ok(());
            }
            for (name, each) in members.iter_mut() {
                within(path, name, |path| open_at(key, place, path, each))?;
            }
            Ok(())
        }
        Value::Array(items) => {
            for (index, each) in items.iter_mut().enumerate() {
                within(path, &index.to_string(), |path| open_at(key, place, path, each))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn within<T>(path: &mut String, name: &str, inner: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(name);
    let result = inner(path);
    path.truncate(length);
    result
}

fn at(place: &str, path: &str) -> String {
    format!("{place}|{path}")
}

/// Seals a text as a whole column.
pub(crate) fn seal_text(key: &DataKey, place: &str, text: &str) -> Result<String, SealError> {
    key.seal(place, text.as_bytes())
}
