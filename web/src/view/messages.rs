//! Texts of the pages in two languages, from `i18n/zh.yaml` and `i18n/en.yaml`.

use std::{collections::BTreeMap, sync::LazyLock};

use tongban_engine::text::{Language, Text};

type Texts = BTreeMap<String, String>;
type Sections = BTreeMap<String, BTreeMap<String, String>>;

static ZH: LazyLock<Texts> = LazyLock::new(|| read(include_str!("../../i18n/zh.yaml")));
static EN: LazyLock<Texts> = LazyLock::new(|| read(include_str!("../../i18n/en.yaml")));

/// `section: {key: text}` becomes `section.key` → text.
fn read(yaml: &str) -> Texts {
    let sections: Sections = tongban_adapters::yaml::read(yaml).expect("a test reads both files");
    let flat = |(section, texts): (String, BTreeMap<String, String>)| {
        texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text)).collect::<Vec<_>>()
    };
    sections.into_iter().flat_map(flat).collect()
}

fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

/// Every key.
#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    ZH.keys().map(String::as_str)
}

/// The text called `key`, if there is one.
pub fn find(language: Language, key: &str) -> Option<&'static str> {
    texts(language).get(key).map(String::as_str)
}

/// The text called `key`; the key itself if it is missing, which a test rules out for keys written in templates.
pub fn say(language: Language, key: &'static str) -> &'static str {
    find(language, key).unwrap_or(key)
}

/// The text called `key` with `{name}` filled in.
pub fn fill(language: Language, key: &'static str, values: &[(&str, &str)]) -> String {
    values.iter().fold(say(language, key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Items as one text: `甲、乙` or `a, b`.
pub fn listed(language: Language, items: &[impl AsRef<str>]) -> String {
    let separator = say(language, "app.list_separator");
    items.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(separator)
}

/// The text called `key` in both languages.
pub fn both(key: &'static str) -> Text {
    Text::new(say(Language::Zh, key), say(Language::En, key))
}

/// The text called `key` in both languages, with values filled in.
pub fn both_filled(key: &'static str, values: &[(&str, &str)]) -> Text {
    Text::new(fill(Language::Zh, key, values), fill(Language::En, key, values))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        assert_eq!(ZH.keys().collect::<Vec<_>>(), EN.keys().collect::<Vec<_>>());
        for (key, zh) in ZH.iter() {
            assert_eq!(placeholders(zh), placeholders(&EN[key]), "{key}");
        }
    }

    #[test]
    fn english_holds_no_chinese_except_the_name_of_the_language() {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for (key, en) in EN.iter().filter(|(key, _)| *key != "app.other_language") {
            assert!(!en.chars().any(han), "{key}: {en}");
        }
    }

    #[test]
    fn values_are_filled_in() {
        assert_eq!(fill(Language::Zh, "inbox.count", &[("count", "3")]), "3 件");
    }
}
