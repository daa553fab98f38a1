//! What of a case is sensitive rests sealed: values of class P3 and up in journal, state and data; documents, notices and
//! outbox payloads whole.

use serde_json::{Map, Value};
use tongban_engine::{
    definition::Definition,
    form::{Class, FieldType, class_of, for_each_sensitive},
    interpreter::{Case, Event},
};

use super::StoreError;
use crate::seal::{DataKey, SealError, open_tree, seal_value};

/// Members of events and of a case's state that hold data by name.
const DATA_MEMBERS: [&str; 6] = ["values", "locals", "data", "input", "output", "details"];

fn type_of<'a>(definition: &'a Definition, name: &str) -> Option<&'a FieldType> {
    let declared = definition.process.data.fields.get(name).map(|field| &field.of);
    declared.or_else(|| definition.standard.fields.get(name).map(|field| &field.of))
}

/// Seals the sensitive values of `data`, which stands at `path` of a tree that rests at `place`. A name that neither the
/// process nor the standard declares (an element of a list, an argument, an answer) may hold anything: sealed whole.
fn seal_names(definition: &Definition, key: &DataKey, place: &str, path: &str, data: &mut Map<String, Value>) -> Result<(), SealError> {
    let mut failed = None;
    for (name, value) in data.iter_mut() {
        let Some(of) = type_of(definition, name) else {
            if !value.is_null() {
                seal_value(key, place, &within(path, name), value)?;
            }
            continue;
        };
        if class_of(&definition.standard, name, of) < Class::P3 {
            continue;
        }
        for_each_sensitive(&definition.standard, name, of, value, Class::P3, &mut |at, part| {
            if let Err(error) = seal_value(key, place, &within(path, at), part) {
                failed = Some(error);
            }
        });
    }
    failed.map_or(Ok(()), Err)
}

fn seal_members(definition: &Definition, key: &DataKey, place: &str, path: &str, value: &mut Value) -> Result<(), SealError> {
    let Value::Object(members) = value else { return Ok(()) };
    for member in DATA_MEMBERS {
        if let Some(Value::Object(data)) = members.get_mut(member) {
            seal_names(definition, key, place, &within(path, member), data)?;
        }
    }
    Ok(())
}

fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn odd(error: &serde_json::Error) -> StoreError {
    StoreError::corrupt("write JSON", error.to_string())
}

/// Where a case's journal row rests.
pub(crate) fn journal_place(case: &str, seq: u64) -> String {
    format!("journal|events|{case}|{seq}")
}

/// A command's events as the journal keeps them: sensitive values sealed; the text of documents and notices left out,
/// for it rests sealed in tables of its own (a document's hash stays).
pub(crate) fn journal_events(definition: &Definition, key: &DataKey, case: &str, seq: u64, events: &[Event]) -> Result<String, StoreError> {
    let place = journal_place(case, seq);
    let mut list = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let mut value = serde_json::to_value(event).map_err(|error| odd(&error))?;
        seal_members(definition, key, &place, &index.to_string(), &mut value)?;
        if matches!(event, Event::DocumentMade { .. } | Event::NoticeSent { .. }) {
            for text in ["html", "text"] {
                if let Some(member) = value.get_mut(text) {
                    *member = Value::String(String::new());
                }
            }
            // A subject is filled from data like the text below it, but lists of events show it.
            if let Some(subject) = value.get_mut("subject") {
                seal_value(key, &place, &format!("{index}.subject"), subject)?;
            }
        }
        list.push(value);
    }
    Ok(Value::Array(list).to_string())
}

/// Opens what [`journal_events`] made; without a key, because it was destroyed, as far as it is not sealed.
pub(crate) fn open_events(key: Option<&DataKey>, case: &str, seq: u64, text: &str) -> Result<Vec<Event>, StoreError> {
    let mut tree: Value = serde_json::from_str(text).map_err(|error| StoreError::corrupt("read a journal row", error.to_string()))?;
    open_tree(key, &journal_place(case, seq), &mut tree)?;
    serde_json::from_value(tree).map_err(|error| StoreError::corrupt("read a journal row", error.to_string()))
}

/// A case's state without its data, and its data, as they rest.
pub(crate) fn seal_case(definition: &Definition, key: &DataKey, case: &Case) -> Result<(String, String), StoreError> {
    let mut state = serde_json::to_value(case).map_err(|error| odd(&error))?;
    let Value::Object(members) = &mut state else { return Err(StoreError::corrupt("write a case", "not an object")) };
    let data = members.insert("data".to_owned(), Value::Object(Map::new()));
    let place = state_place(&case.id);
    for list in ["scopes", "kept"] {
        match members.get_mut(list) {
            Some(Value::Object(each)) => {
                for (no, value) in each.iter_mut() {
                    seal_members(definition, key, &place, &format!("{list}.{no}"), value)?;
                }
            }
            Some(Value::Array(each)) => {
                for (no, value) in each.iter_mut().enumerate() {
                    seal_members(definition, key, &place, &format!("{list}.{no}"), value)?;
                }
            }
            _ => {}
        }
    }
    let mut data = match data {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    seal_names(definition, key, &data_place(&case.id), "", &mut data)?;
    Ok((state.to_string(), Value::Object(data).to_string()))
}

/// Opens what [`seal_case`] made; without a key, because it was destroyed, as far as it is not sealed.
pub(crate) fn open_case(key: Option<&DataKey>, id: &str, state: &str, data: Option<&str>) -> Result<Case, StoreError> {
    let read =
        |text: &str| serde_json::from_str::<Value>(text).map_err(|error| StoreError::corrupt("read a case", format!("{id}: {error}")));
    let mut state = read(state)?;
    open_tree(key, &state_place(id), &mut state)?;
    let mut case: Case = serde_json::from_value(state).map_err(|error| StoreError::corrupt("read a case", format!("{id}: {error}")))?;
    if let Some(data) = data {
        let mut data = read(data)?;
        open_tree(key, &data_place(id), &mut data)?;
        if let Value::Object(data) = data {
            case.data = data;
        }
    }
    Ok(case)
}

fn state_place(case: &str) -> String {
    format!("case_head|state|{case}")
}

fn data_place(case: &str) -> String {
    format!("case_data|data|{case}")
}
