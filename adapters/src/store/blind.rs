//! The blind index: sealed identity and telephone numbers that cases can be found by, if one has the whole number.
//!
//! What has few values is never in it, for whoever sees the index could count; the check of definitions refuses it.

use serde_json::Value;
use tongban_engine::{
    definition::Definition,
    form::{Class, class_of, is_indexable, normal},
};

use super::{Blind, Filter, Store};
use crate::seal::Keyring;

/// Letters and digits of what may be a number: less is no identity or telephone number.
const LETTERS_MIN: usize = 8;

/// The index value of a field; None: nothing that is looked for whole.
pub(super) fn blind(keys: &Keyring, name: &str, value: &Value) -> Option<String> {
    let number = normal(value.as_str()?)?;
    Some(keys.keyed_hash(&[b"index", name.as_bytes(), number.as_bytes()])[..32].to_owned())
}

/// Whether a field is in the blind index rather than in the open one.
pub(super) fn is_blind(definition: &Definition, name: &str) -> bool {
    let field = definition.process.data.fields.get(name);
    field.is_some_and(|field| field.search && class_of(&definition.standard, name, &field.of) >= Class::P3)
        && is_indexable(&definition.standard, name)
}

impl Store {
    /// The filter with what stands for its text in the blind index, if it may be a whole number.
    pub(super) fn seen_through(&self, filter: &Filter) -> Filter {
        let text = filter.text.as_deref().and_then(normal).filter(|text| text.chars().count() >= LETTERS_MIN);
        let Some(text) = text.filter(|text| text.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'+')) else {
            return filter.clone();
        };
        let mut names: Vec<String> = Vec::new();
        for definition in self.processes() {
            let fields = definition.process.data.fields.keys().filter(|name| is_blind(&definition, name));
            names.extend(fields.filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        }
        let value = Value::String(text);
        let blind = |name: String| Some(Blind { hash: blind(&self.inner.keys, &name, &value)?, name });
        Filter { blind: names.into_iter().filter_map(blind).collect(), ..filter.clone() }
    }
}
