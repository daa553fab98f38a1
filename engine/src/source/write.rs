//! From a [`Tree`] back to YAML text that reads as the same tree.

use super::{Kind, Tree};

/// A line with a mapping or list in brackets is at most so long.
const WIDTH: usize = 110;
/// Mappings and lists in brackets have at most so many members.
const INLINE_MAX: usize = 5;
/// Lists whose items are always written one key a line: a flow reads from top to bottom.
const TALL: &[&str] = &["flow", "do", "boundary", "eventSubProcesses", "steps"];

/// YAML 1.2 text for `tree`: `parse(to_yaml(tree))` gives the same scalars, lists and mappings, quoted where they were quoted
/// or where a text holds what only quotes can hold.
///
/// Texts of several lines become block scalars, short mappings and lists stand in brackets, all else one key a line. Keys stay
/// in the order that the tree has.
pub fn to_yaml(tree: &Tree) -> String {
    let mut out = String::new();
    match &tree.kind {
        Kind::Scalar { .. } => scalar_at(tree, 0, &mut out),
        Kind::List(items) if !items.is_empty() => list(items, 0, false, &mut out),
        Kind::Map(entries) if !entries.is_empty() => map(entries, 0, &mut out),
        _ => out.push_str(if tree.list().is_some() { "[]" } else { "{}" }),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn map(entries: &[(super::Key, Tree)], indent: usize, out: &mut String) {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&key_text(&key.text));
        out.push(':');
        member(value, indent, TALL.contains(&key.text.as_str()), out);
    }
}

/// What follows `key:`, with the line's end.
fn member(value: &Tree, indent: usize, tall: bool, out: &mut String) {
    if let Some(inline) = inline(value, tall).filter(|text| indent + text.len() <= WIDTH) {
        if !inline.is_empty() {
            out.push(' ');
        }
        out.push_str(&inline);
        out.push('\n');
        return;
    }
    match &value.kind {
        Kind::Scalar { .. } => {
            out.push(' ');
            scalar_at(value, indent + 2, out);
        }
        Kind::List(items) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            list(items, indent + 2, tall, out);
        }
        Kind::Map(entries) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            map(entries, indent + 2, out);
        }
    }
}

fn list(items: &[Tree], indent: usize, tall: bool, out: &mut String) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push('-');
        let block = tall && matches!(&item.kind, Kind::Map(entries) if !entries.is_empty());
        if let Some(inline) = inline(item, false).filter(|text| !block && indent + text.len() <= WIDTH) {
            if !inline.is_empty() {
                out.push(' ');
            }
            out.push_str(&inline);
            out.push('\n');
            continue;
        }
        out.push(' ');
        match &item.kind {
            Kind::Scalar { .. } => scalar_at(item, indent + 2, out),
            Kind::List(items) => list(items, indent + 2, false, out),
            Kind::Map(entries) => map(entries, indent + 2, out),
        }
    }
}

/// A value on its line in brackets, or a scalar of one line.
fn inline(tree: &Tree, tall: bool) -> Option<String> {
    match &tree.kind {
        Kind::Scalar { text, plain } => (!is_block(text, *plain)).then(|| one_line(text, *plain, false)),
        Kind::List(items) if items.is_empty() => Some("[]".to_owned()),
        Kind::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Kind::List(_) if tall => None,
        _ => in_brackets(tree, 0),
    }
}

fn in_brackets(tree: &Tree, depth: usize) -> Option<String> {
    match &tree.kind {
        Kind::Scalar { text, plain } => {
            let bare = !*plain || is_bare(text, true);
            (bare && !is_block(text, *plain)).then(|| one_line(text, *plain, true))
        }
        Kind::List(items) if items.len() <= INLINE_MAX && depth < 2 => {
            let items: Option<Vec<String>> = items.iter().map(|item| in_brackets(item, depth + 1)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Kind::Map(entries) if entries.len() <= INLINE_MAX && depth < 2 => {
            let entries: Option<Vec<String>> =
                entries.iter().map(|(key, value)| Some(format!("{}: {}", key_text(&key.text), in_brackets(value, depth + 1)?))).collect();
            Some(format!("{{{}}}", entries?.join(", ")))
        }
        _ => None,
    }
}

/// A scalar with the line's end; `indent` is where the lines of a block stand.
fn scalar_at(tree: &Tree, indent: usize, out: &mut String) {
    let Kind::Scalar { text, plain } = &tree.kind else { return };
    if !is_block(text, *plain) {
        out.push_str(&one_line(text, *plain, false));
        out.push('\n');
        return;
    }
    let indent = indent.max(2);
    out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
    out.push('\n');
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Whether a text is written as a block scalar: several lines that a block keeps as they are.
fn is_block(text: &str, plain: bool) -> bool {
    let fits = !text.starts_with([' ', '\n', '\t']) && !text.ends_with("\n\n");
    !plain && fits && text.contains('\n') && !text.chars().any(|c| c != '\n' && c != '\t' && is_unprintable(c))
}

fn one_line(text: &str, plain: bool, in_flow: bool) -> String {
    if plain && (text.is_empty() && !in_flow || is_bare(text, in_flow)) { text.to_owned() } else { quoted(text) }
}

/// A key: bare if it can be, also in brackets.
fn key_text(text: &str) -> String {
    if is_bare(text, true) { text.to_owned() } else { quoted(text) }
}

/// Whether YAML's grammar lets a text stand without quotes on one line.
fn is_bare(text: &str, in_flow: bool) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    let second = characters.next();
    let starts = match first {
        '-' | '?' | ':' => second.is_some_and(|second| !second.is_whitespace()) && !in_flow,
        _ => !",[]{}#&*!|>'\"%@`".contains(first) && !first.is_whitespace(),
    };
    let ends = !text.ends_with(char::is_whitespace) && !text.ends_with(':');
    let inside = !text.contains(": ") && !text.contains(":\t") && !text.contains(" #") && !text.contains("\t#");
    let brackets = in_flow && text.contains([',', '[', ']', '{', '}', ':', '"', '\'']);
    // a bracket that followed would make an indicator of it
    let hangs = in_flow && [" -", " ?", "\t-", "\t?"].iter().any(|end| text.ends_with(end));
    starts
        && ends
        && inside
        && !brackets
        && !hangs
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.chars().any(|c| c != '\t' && is_unprintable(c))
}

/// Line breaks, control characters and marks, which only double quotes can hold.
fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}') || ('\u{fff0}'..='\u{ffff}').contains(&character)
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unprintable(character) => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Whether a text may stand without quotes and is still that text for every reader of YAML: neither `true` nor `12` nor `no`.
pub(crate) fn is_plain_text(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | ".inf" | ".nan");
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '=' | '<' | '?' | ':'));
    let number =
        begins && (text.starts_with("0x") || text.starts_with("0o") || text.chars().all(|c| c.is_ascii_digit() || "+-.:_eETZ".contains(c)));
    is_bare(text, false) && !word && !number && !text.starts_with(['=', '<', '-', '?', ':'])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{Key, Source, Span, parse};

    fn scalar(text: &str) -> Tree {
        Tree { span: Span::default(), kind: Kind::Scalar { text: text.to_owned(), plain: is_plain_text(text) } }
    }

    fn without_spans(tree: &Tree) -> Tree {
        let kind = match &tree.kind {
            Kind::List(items) => Kind::List(items.iter().map(without_spans).collect()),
            Kind::Map(entries) => Kind::Map(
                entries.iter().map(|(key, value)| (Key { text: key.text.clone(), span: Span::default() }, without_spans(value))).collect(),
            ),
            scalar @ Kind::Scalar { .. } => scalar.clone(),
        };
        Tree { span: Span::default(), kind }
    }

    fn read(text: &str) -> Tree {
        let (tree, findings) = parse(&Source { name: "a.yaml".into(), text: text.into() });
        assert_eq!(findings, [], "{text}");
        without_spans(&tree.unwrap())
    }

    fn trees() -> impl Strategy<Value = Tree> {
        let texts = prop_oneof![
            "[ -~\n\t\u{a0}受理：“”é#'\"]{0,24}",
            "(true|null|no|~|12|-3|0x1F|1e3|2026-01-02|a: b|a #b|- a|\\? b|\\[a\\]|%a|a:|---|=x|flow:T|a, b)",
            "[a-z_]{1,12}",
            any::<String>(),
        ];
        let plain = prop_oneof![
            Just("true"),
            Just("false"),
            Just("12"),
            Just("-3"),
            Just("2026-01-02"),
            Just("null"),
            Just("a, b"),
            Just("x > 1 && y")
        ];
        let plain = plain.prop_map(|text| Tree { span: Span::default(), kind: Kind::Scalar { text: text.to_owned(), plain: true } });
        let leaf = prop_oneof![4 => texts.clone().prop_map(|text| scalar(&text)), 1 => plain];
        leaf.prop_recursive(4, 24, 6, move |inner| {
            let entries = prop::collection::btree_map(texts.clone(), inner.clone(), 0..5);
            let map = entries.prop_map(|entries| {
                let entries = entries.into_iter().map(|(text, value)| (Key { text, span: Span::default() }, value));
                Tree { span: Span::default(), kind: Kind::Map(entries.collect()) }
            });
            let list = prop::collection::vec(inner, 0..5).prop_map(|items| Tree { span: Span::default(), kind: Kind::List(items) });
            prop_oneof![map, list]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same(tree in trees()) {
            let text = to_yaml(&tree);
            prop_assert_eq!(read(&text), tree, "{}", text);
        }
    }

    #[test]
    fn it_is_written_as_people_write_it() {
        let text = "process: a-b\nname: {zh: 受理, en: \"A: b\"}\nflow:\n  - startEvent: s\n    timer: {after: 3wd}\n  - scriptTask: t\n    script: |-\n      x = 1;\n      y = 2;\n    flows: []\n";
        assert_eq!(to_yaml(&read(text)), text);
    }
}
