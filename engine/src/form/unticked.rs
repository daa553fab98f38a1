//! What is not ticked is no: booleans that a form offers and that were not given are written as false, so that whoever reads
//! them later reads an answer and not an absence.

use serde_json::{Map, Value};

use super::{FieldType, Form, is_absent};
use crate::rules::Lookup;

/// `data` with `false` for each boolean that the form offers and that neither `data` nor `names` knows; and for each boolean
/// that a given row of a repeating group lacks. `only` are the names that may be given (a task's `edit`); None: all.
pub fn unticked(form: &Form, mut data: Map<String, Value>, names: &dyn Lookup, only: Option<&[String]>) -> Map<String, Value> {
    let offered = |name: &String| only.is_none_or(|only| only.contains(name));
    for group in &form.groups {
        let booleans: Vec<&String> =
            group.fields.iter().filter(|field| field.field.of == FieldType::Boolean).map(|field| &field.field.name).collect();
        match &group.repeat {
            Some(rows) => {
                let rows = data.get_mut(rows).and_then(Value::as_array_mut).into_iter().flatten();
                for row in rows.filter_map(Value::as_object_mut) {
                    let missing: Vec<&&String> = booleans.iter().filter(|name| lacks(row, name)).collect();
                    missing.into_iter().for_each(|name| no(row, name));
                }
            }
            None => {
                let known = |name: &String| names.value(name).is_some_and(|value| !is_absent(&value));
                let missing = booleans.into_iter().filter(|name| offered(name) && lacks(&data, name) && !known(name));
                missing.collect::<Vec<_>>().into_iter().for_each(|name| no(&mut data, name));
            }
        }
    }
    data
}

fn lacks(given: &Map<String, Value>, name: &str) -> bool {
    given.get(name).is_none_or(is_absent)
}

fn no(given: &mut Map<String, Value>, name: &str) {
    given.insert(name.to_owned(), Value::Bool(false));
}
