//! What the platforms that call in are called: told once, when the office starts.

use std::{collections::BTreeMap, sync::OnceLock};

use tongban_engine::text::{Language, Text};

static NAMES: OnceLock<BTreeMap<String, Text>> = OnceLock::new();

/// Tells the names of the platforms, by id; what is told later changes nothing.
pub fn introduce(names: BTreeMap<String, Text>) {
    NAMES.get_or_init(|| names);
}

/// The name of a platform; its id, if nobody introduced it.
pub fn platform_name(id: &str, language: Language) -> &str {
    NAMES.get().and_then(|names| names.get(id)).map_or(id, |name| name.get(language))
}
