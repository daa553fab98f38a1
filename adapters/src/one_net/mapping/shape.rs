//! The shape of one message: which field on the wire is which value of ours, read in both directions.
//!
//! In YAML, each key is a field on the wire, and its value says what it is:
//! `project_no: application_no` (a value of ours by its dotted path), `accept_date: at | datetime` (written by a time
//! pattern), `status: status | code.status` (by a code list), `file: content | base64`, `data_source: {is: "310"}`
//! (constant), `up_pro_result: {group: result, fields: {…}}` (an object that is there only if ours has `result`; its
//! paths go on from the root), `up_pro_material: {each: materials, fields: {…}}` (a list; its paths start at the element).

use indexmap::IndexMap;
use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value};

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Code lists: ours → theirs.
pub type Codes = IndexMap<String, IndexMap<String, String>>;

/// The fields of one message.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// By name on the wire, in order.
    pub fields: Vec<(String, Rule)>,
}

/// What one field on the wire is.
#[derive(Clone, Debug)]
pub enum Rule {
    /// A value of ours.
    Value(Vec<String>, Format),
    /// A constant.
    Constant(Value),
    /// An object, there only if ours has the path.
    Group(Vec<String>, Shape),
    /// A list.
    Each(Vec<String>, Shape),
}

/// How a value is written on the wire.
#[derive(Clone, Debug)]
pub enum Format {
    /// As it is.
    Plain,
    /// A moment (UTC milliseconds with us) by a strftime pattern in the platform's zone.
    Time(String, TimeZone),
    /// A code (ours → theirs), with the list's name.
    Code(String, IndexMap<String, String>),
    /// Text as base64 of its UTF-8 bytes.
    Base64,
}

/// A value that does not fit its field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}`: {reason}")]
pub struct Misfit {
    /// The field on the wire, dotted.
    pub field: String,
    /// What is wrong and what would fit.
    pub reason: String,
}

impl Shape {
    /// Writes `ours` as the platform wants it. What we do not have is left out.
    ///
    /// # Errors
    /// [`Misfit`] if a value has no code, or is not what its format takes.
    pub fn write(&self, ours: &Value) -> Result<Value, Misfit> {
        self.write_at(ours, "")
    }

    fn write_at(&self, ours: &Value, prefix: &str) -> Result<Value, Misfit> {
        let mut wire = Map::new();
        for (name, rule) in &self.fields {
            let field = format!("{prefix}{name}");
            let value = match rule {
                Rule::Constant(value) => Some(value.clone()),
                Rule::Value(path, format) => match get(ours, path) {
                    Some(value) => Some(format.write(value).map_err(|reason| Misfit { field, reason })?),
                    None => None,
                },
                Rule::Group(path, shape) => match get(ours, path) {
                    Some(_) => Some(shape.write_at(ours, &format!("{field}."))?),
                    None => None,
                },
                Rule::Each(path, shape) => match get(ours, path).and_then(Value::as_array) {
                    Some(rows) => {
                        let rows = rows.iter().enumerate().map(|(n, row)| shape.write_at(row, &format!("{field}.{n}.")));
                        Some(Value::Array(rows.collect::<Result<_, _>>()?))
                    }
                    None => None,
                },
            };
            if let Some(value) = value {
                wire.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(wire))
    }

    /// Reads what the platform sent as values of ours. Unknown fields are ignored: platforms add some without notice.
    ///
    /// # Errors
    /// [`Misfit`] if a field's value is not what its format reads, or a code is not in its list.
    pub fn read(&self, wire: &Value) -> Result<Value, Misfit> {
        let mut ours = Value::Object(Map::new());
        self.read_into(wire, &mut ours, "")?;
        Ok(ours)
    }

    fn read_into(&self, wire: &Value, ours: &mut Value, prefix: &str) -> Result<(), Misfit> {
        for (name, rule) in &self.fields {
            let Some(value) = wire.get(name).filter(|value| !value.is_null()) else { continue };
            let field = format!("{prefix}{name}");
            match rule {
                Rule::Constant(_) => {}
                Rule::Value(path, format) => {
                    let read = format.read(value).map_err(|reason| Misfit { field: field.clone(), reason })?;
                    put(ours, path, read);
                }
                Rule::Group(_, shape) => shape.read_into(value, ours, &format!("{field}."))?,
                Rule::Each(path, shape) => {
                    let rows = value.as_array().ok_or_else(|| Misfit { field: field.clone(), reason: "expected a list".to_owned() })?;
                    let mut read = Vec::with_capacity(rows.len());
                    for (n, row) in rows.iter().enumerate() {
                        let mut one = Value::Object(Map::new());
                        shape.read_into(row, &mut one, &format!("{field}.{n}."))?;
                        read.push(one);
                    }
                    put(ours, path, Value::Array(read));
                }
            }
        }
        Ok(())
    }

    /// The field on the wire, dotted, that carries our top-level value `name`.
    pub fn wire_name(&self, name: &str) -> Option<String> {
        self.fields.iter().find_map(|(field, rule)| match rule {
            Rule::Value(path, _) | Rule::Each(path, _) => (path.first().is_some_and(|first| first == name)).then(|| field.clone()),
            Rule::Group(_, shape) => shape.wire_name(name).map(|inner| format!("{field}.{inner}")),
            Rule::Constant(_) => None,
        })
    }
}

impl Format {
    fn write(&self, ours: &Value) -> Result<Value, String> {
        match self {
            Self::Plain => Ok(ours.clone()),
            Self::Time(pattern, zone) => {
                let ms = ours.as_i64().ok_or_else(|| format!("`{ours}` is not a moment"))?;
                let at = jiff::Timestamp::from_millisecond(ms).map_err(|error| error.to_string())?;
                Ok(Value::String(zone.to_datetime(at).strftime(pattern).to_string()))
            }
            Self::Code(list, codes) => {
                let code = text_of(ours);
                codes
                    .get(&code)
                    .map(|theirs| Value::String(theirs.clone()))
                    .ok_or_else(|| format!("`{code}` has no code in the list `{list}`"))
            }
            Self::Base64 => ours.as_str().map(|text| Value::String(BASE64_STANDARD.encode(text))).ok_or_else(|| "expected text".to_owned()),
        }
    }

    fn read(&self, theirs: &Value) -> Result<Value, String> {
        match self {
            Self::Plain => Ok(theirs.clone()),
            Self::Time(pattern, zone) => {
                let text = theirs.as_str().ok_or_else(|| format!("`{theirs}` is not a time written as text"))?;
                let wrong = |error: jiff::Error| format!("`{text}` is not a time of the pattern {pattern}: {error}");
                let local = DateTime::strptime(pattern, text).map_err(wrong)?;
                Ok(Value::from(zone.to_timestamp(local).map_err(wrong)?.as_millisecond()))
            }
            Self::Code(list, codes) => {
                let code = text_of(theirs);
                let known = || codes.values().map(String::as_str).collect::<Vec<_>>().join(", ");
                codes
                    .iter()
                    .find(|(_, theirs)| **theirs == code)
                    .map(|(ours, _)| Value::String(ours.clone()))
                    .ok_or_else(|| format!("`{code}` is not in the code list `{list}` ({})", known()))
            }
            Self::Base64 => {
                let bytes =
                    theirs.as_str().and_then(|text| BASE64_STANDARD.decode(text).ok()).ok_or_else(|| "expected base64".to_owned())?;
                String::from_utf8(bytes).map(Value::String).map_err(|_| "expected UTF-8 text in base64".to_owned())
            }
        }
    }
}

/// A code as text: platforms send `1` and `"1"`.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The value at `path`; None if there is none or it is null.
fn get<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |at, step| at.get(step)).filter(|value| !value.is_null())
}

/// Puts `new` at `path`, making objects on the way.
fn put(value: &mut Value, path: &[String], new: Value) {
    let Some((last, way)) = path.split_last() else { return };
    let mut at = value;
    for step in way {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[step.as_str()];
    }
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    at[last.as_str()] = new;
}
