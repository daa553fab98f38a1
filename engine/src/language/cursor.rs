//! Where a cursor stands in a YAML text that may be half written: the way to it, from indentation and brackets alone.

use crate::definition::Way;

/// Where a cursor stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The way to the mapping whose key is written, or to the value.
    pub(super) way: Vec<Way>,
    /// A key is written, not a value.
    pub(super) at_key: bool,
    /// The word under the cursor.
    pub(super) word: String,
    /// What of it stands before the cursor.
    pub(super) before: String,
    /// The whole value text that the cursor stands in, if it is one.
    pub(super) value: String,
}

/// The cursor at a line and a column, both from 0, the column in characters.
pub(super) fn cursor(text: &str, line: usize, column: usize) -> Cursor {
    let mut stack: Vec<(usize, Way)> = Vec::new();
    let mut block: Option<usize> = None;
    let mut current = "";
    for (number, content) in text.lines().enumerate().take(line + 1) {
        current = if number == line { content } else { "" };
        let indent = content.chars().take_while(|&letter| letter == ' ').count();
        let empty = content.trim().is_empty() || content.trim_start().starts_with('#');
        if block.is_some_and(|key| empty || indent > key) {
            continue;
        }
        block = None;
        if number == line {
            break;
        }
        if !empty {
            block = note(&mut stack, content);
        }
    }
    let cut: String = current.chars().take(column).collect();
    let mut found = here(stack, &cut);
    found.before = cut.chars().rev().take_while(is_word).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = current.chars().skip(column).take_while(is_word).collect();
    found.word = format!("{}{after}", found.before);
    found.value = current.split_once(": ").map_or(current, |(_, value)| value).trim().to_owned();
    found
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "iterators of characters hand out references")]
fn is_word(letter: &char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// Enters a line's items and key; where a block of text begins below it, the column of its key.
fn note(stack: &mut Vec<(usize, Way)>, content: &str) -> Option<usize> {
    let (column, rest) = items(stack, content);
    let (key, value) = key_of(rest)?;
    enter(stack, column, Way::Key(key.to_owned()));
    value.trim_start().starts_with(['|', '>']).then_some(column)
}

/// Enters the items that a line begins with; what is left, and at which column.
fn items<'a>(stack: &mut Vec<(usize, Way)>, content: &'a str) -> (usize, &'a str) {
    let mut rest = content.trim_start_matches(' ');
    let mut column = content.chars().count() - rest.chars().count();
    while let Some(after) = rest.strip_prefix("- ").or_else(|| (rest == "-").then_some("")) {
        let first = key_of(after.trim_start_matches(' ')).map(|(key, _)| key.to_owned());
        enter(stack, column, Way::Item(first));
        let inner = after.trim_start_matches(' ');
        column += rest.chars().count() - inner.chars().count();
        rest = inner;
    }
    (column, rest)
}

/// A key at the beginning of a text, and what follows its colon.
fn key_of(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let plain = !key.is_empty() && !key.starts_with(['{', '[', '"', '\'']) && !key.contains(' ');
    (plain && (value.is_empty() || value.starts_with(' '))).then_some((key, value))
}

/// Leaves what stands at the same column or deeper, and enters.
fn enter(stack: &mut Vec<(usize, Way)>, column: usize, step: Way) {
    leave(stack, column, matches!(step, Way::Item(_)));
    stack.push((column, step));
}

fn leave(stack: &mut Vec<(usize, Way)>, column: usize, for_item: bool) {
    // A list may stand at the column of its key.
    while stack.last().is_some_and(|(at, top)| *at > column || (*at == column && !(for_item && matches!(top, Way::Key(_))))) {
        stack.pop();
    }
}

/// The way at the end of `cut`, the line up to the cursor.
fn here(mut stack: Vec<(usize, Way)>, cut: &str) -> Cursor {
    let (column, rest) = items(&mut stack, cut);
    let ways = |stack: Vec<(usize, Way)>| stack.into_iter().map(|(_, step)| step).collect::<Vec<_>>();
    let Some((key, value)) = key_of(rest) else {
        leave(&mut stack, column, false);
        let mut way = ways(stack);
        let at_key = !brackets(rest, &mut way);
        // In a list of values an item is a value; the dialect says which it is.
        return Cursor { way, at_key, ..Cursor::default() };
    };
    enter(&mut stack, column, Way::Key(key.to_owned()));
    let mut way = ways(stack);
    let in_value = brackets(value, &mut way);
    Cursor { way, at_key: !in_value && value.contains('{'), ..Cursor::default() }
}

/// Follows brackets on a line: each that is open adds to the way. Whether the end is at a value in them.
fn brackets(text: &str, way: &mut Vec<Way>) -> bool {
    let mut open: Vec<(char, Option<String>)> = Vec::new();
    let (mut word, mut quote) = (String::new(), None);
    for letter in text.chars() {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            }
            continue;
        }
        match letter {
            '"' | '\'' => quote = Some(letter),
            '{' | '[' => {
                open.push((letter, None));
                word.clear();
            }
            '}' | ']' => {
                open.pop();
                word.clear();
            }
            ',' => {
                if let Some((_, key)) = open.last_mut() {
                    *key = None;
                }
                word.clear();
            }
            ':' => {
                if let Some(('{', key)) = open.last_mut() {
                    *key = Some(std::mem::take(&mut word));
                }
            }
            letter if is_word(&letter) => word.push(letter),
            _ => {}
        }
    }
    let at_value = open.last().is_some_and(|(bracket, key)| *bracket == '[' || key.is_some());
    for (bracket, key) in open {
        match (bracket, key) {
            ('[', _) => way.push(Way::Item(None)),
            (_, Some(key)) => way.push(Way::Key(key)),
            _ => {}
        }
    }
    at_value
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
process: p
lanes:
  window: {name: 窗口, role: cle}
flow:
  - startEvent: a
  - userTask: look
    doc: |
      lane: not a key
    form: {use: f, edit: [one, tw], }
    boundary:
      - boundaryEvent: late
        timer: {after: 3wd}
        
    actions:
      go: {name: 去, to: en}
";

    fn way(line: usize, column: usize) -> (String, bool, String) {
        let found = cursor(TEXT, line, column);
        let steps: Vec<String> = found
            .way
            .iter()
            .map(|step| match step {
                Way::Key(key) => key.clone(),
                Way::Item(first) => format!("-{}", first.as_deref().unwrap_or_default()),
            })
            .collect();
        (steps.join(" "), found.at_key, found.before)
    }

    #[test]
    fn the_way_is_found_by_indentation_and_brackets() {
        let told = |way: &str, at_key: bool, before: &str| (way.to_owned(), at_key, before.to_owned());
        assert_eq!(way(2, 30), told("lanes window role", false, "cle"));
        assert_eq!(way(8, 33), told("flow -userTask form edit -", false, "tw"));
        assert_eq!(way(8, 36), told("flow -userTask form", true, ""));
        assert_eq!(way(12, 8), told("flow -userTask boundary -boundaryEvent", true, ""));
        assert_eq!(way(14, 26), told("flow -userTask actions go to", false, "en"));
        assert_eq!(way(9, 7), told("flow -userTask", true, "bou"), "a key that is half written is no key yet");
    }
}
