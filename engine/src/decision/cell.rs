//! Reading a cell of `when`: the forms are listed at [`super`].

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{
    scale::{Point, Scale},
    truth::{Condition, Test},
};
use crate::{
    diagnostic::Finding,
    form::{FieldStandard, FieldType, near},
    rules::Rules,
    source::Place,
    text::Text,
};

/// Comparisons, longer ones first.
const OPERATORS: [&str; 7] = ["<=", ">=", "!=", "==", "<", ">", "="];

/// The column that a cell belongs to, and the cell's place.
pub(super) struct Reading<'a> {
    pub(super) name: &'a str,
    pub(super) of: &'a FieldType,
    pub(super) zone: &'a TimeZone,
    pub(super) standard: &'a FieldStandard,
    pub(super) rules: &'a Rules,
    pub(super) place: Place,
}

type Answer = Result<Test, Finding>;

impl Reading<'_> {
    /// Reads a whole cell.
    ///
    /// # Errors
    /// `D065`, if it says nothing that the input can be; `Y040` and the like, if an expression does not parse.
    pub(super) fn cell(&self, text: &str) -> Answer {
        match text.trim() {
            "-" | "" => Ok(Test::Any),
            text => match text.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
                Some(inner) => Ok(Test::Not(self.alternatives(inner, false)?)),
                _ => Ok(match self.alternatives(text, true)? {
                    mut one if one.len() == 1 => one.remove(0),
                    several => Test::OneOf(several),
                }),
            },
        }
    }

    fn alternatives(&self, text: &str, whole: bool) -> Result<Vec<Test>, Finding> {
        let parts = split(text);
        let whole = whole && parts.len() == 1;
        parts.into_iter().map(|part| self.one(part.trim(), whole)).collect()
    }

    /// One alternative; `whole` if the cell says nothing else.
    fn one(&self, text: &str, whole: bool) -> Answer {
        if asks(text) {
            return self.condition(&filled(text, self.name), if whole { text } else { "" });
        }
        if let Some((operator, rest)) = OPERATORS.iter().find_map(|operator| Some((*operator, text.strip_prefix(operator)?.trim()))) {
            return self.comparison(operator, rest);
        }
        if let Some((with_low, low, high, with_high)) = range(text) {
            return self.range((low, with_low), (high, with_high));
        }
        if text == "null" || text == "~" {
            return Ok(Test::Absent);
        }
        self.value(text).map(Test::Equal)
    }

    fn comparison(&self, operator: &str, rest: &str) -> Answer {
        if matches!(operator, "=" | "==") {
            return if rest == "null" { Ok(Test::Absent) } else { self.value(rest).map(Test::Equal) };
        }
        if operator == "!=" {
            let test = if rest == "null" { Test::Absent } else { Test::Equal(self.value(rest)?) };
            return Ok(Test::Not(vec![test]));
        }
        self.ordered()?;
        let Some(bound) = self.bound(rest)? else {
            return self.condition(&format!("{} {operator} {rest}", self.name), "");
        };
        let with = operator.ends_with('=');
        Ok(match operator {
            "<" | "<=" => Test::Range { low: None, high: Some((bound, with)) },
            _ => Test::Range { low: Some((bound, with)), high: None },
        })
    }

    fn range(&self, (low, with_low): (&str, bool), (high, with_high): (&str, bool)) -> Answer {
        self.ordered()?;
        let (Some(from), Some(to)) = (self.bound(low)?, self.bound(high)?) else {
            let (from, to) = (if with_low { ">=" } else { ">" }, if with_high { "<=" } else { "<" });
            let name = self.name;
            return self.condition(&format!("{name} {from} {low} && {name} {to} {high}"), "");
        };
        if from > to {
            return Err(self.wrong(
                format!("范围的下限 {low} 大于上限 {high}"),
                format!("the range's lower bound {low} is above its upper bound {high}"),
                Text::new("从小到大写", "write the smaller bound first"),
            ));
        }
        Ok(Test::Range { low: Some((from, with_low)), high: Some((to, with_high)) })
    }

    /// A literal bound; None if it is an expression, such as another data name.
    fn bound(&self, text: &str) -> Result<Option<Decimal>, Finding> {
        match Scale::of(self.of).literal(text, self.zone) {
            Some(Point::Number(number)) => Ok(Some(number)),
            _ if text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.starts_with("date") => Ok(None),
            _ => Err(self.no_value(text)),
        }
    }

    fn ordered(&self) -> Result<(), Finding> {
        if Scale::of(self.of).is_ordered() {
            return Ok(());
        }
        let of = self.of;
        Err(self.wrong(
            format!("{of} 不能比较大小"),
            format!("{of} cannot be compared by size"),
            Text::new("写出各个值，或 not(值)，或含 ? 的表达式", "list the values, or write not(value), or an expression with `?`"),
        ))
    }

    fn value(&self, text: &str) -> Result<Point, Finding> {
        let point = Scale::of(self.of).literal(text, self.zone).filter(|_| !text.is_empty()).ok_or_else(|| self.no_value(text))?;
        if let (FieldType::Code(list), Point::Word(word)) = (self.of, &point)
            && let Some(list) = self.standard.codes.get(list).filter(|list| !list.codes.contains_key(word))
        {
            let known = || list.codes.keys().map(String::as_str);
            let all = || known().collect::<Vec<_>>().join(", ");
            let help = near(word, known()).unwrap_or_else(|| Text::new(format!("可用：{}", all()), format!("use one of {}", all())));
            let id = &list.id;
            return Err(self.wrong(format!("代码集“{id}”没有代码“{word}”"), format!("code list `{id}` has no code `{word}`"), help));
        }
        Ok(point)
    }

    fn condition(&self, filled: &str, written: &str) -> Answer {
        let mut place = self.place.clone();
        // Whether a scalar stands in quotes is told by its width.
        let grown = filled.chars().count().saturating_sub(written.chars().count());
        place.span.end_column = place.span.end_column.saturating_add(u32::try_from(grown).unwrap_or_default());
        let moved = |finding| moved(finding, &self.place, written, self.name);
        let expression = self.rules.expression(filled, place).map_err(moved)?;
        Ok(Test::Condition(Condition { expression, written: written.to_owned(), place: self.place.clone() }))
    }

    fn no_value(&self, text: &str) -> Finding {
        let (zh, en) = Scale::of(self.of).sample();
        self.wrong(
            format!("“{text}”不是输入“{}”（{}）的值", self.name, self.of),
            format!("`{text}` is no value of input `{}` ({})", self.name, self.of),
            Text::new(
                format!("写{zh}；或比较（< 5）、范围（[1..10)）、not(…)、含 ? 的表达式"),
                format!("write {en}; or a comparison (< 5), a range ([1..10)), not(…), an expression with `?`"),
            ),
        )
    }

    fn wrong(&self, zh: impl Into<String>, en: impl Into<String>, help: Text) -> Finding {
        Finding::error("D065", self.place.clone(), Text::new(zh, en)).help(help)
    }
}

/// The letters of `text` outside quotes, with their positions.
pub(super) fn unquoted_letters(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut quote, mut escaped) = (None, false);
    text.char_indices().filter(move |(_, letter)| {
        let inside = quote.is_some();
        match (quote, *letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), letter) if open == letter => quote = None,
            (None, '"') => quote = Some('"'),
            _ => {}
        }
        !inside && *letter != '"'
    })
}

/// Whether a cell is an expression.
fn asks(text: &str) -> bool {
    unquoted_letters(text).any(|(_, letter)| letter == '?')
}

/// The expression with the input's name for each `?`; rhai's own `??`, `?.` and `?[` stay.
fn filled(text: &str, name: &str) -> String {
    let marks: Vec<usize> = marks(text);
    let mut filled = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if marks.contains(&at) { filled.push_str(name) } else { filled.push(letter) }
    }
    filled
}

fn marks(text: &str) -> Vec<usize> {
    let of_rhai = |at: usize| {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let is_value = before.ends_with(|last: char| last.is_ascii_alphanumeric() || "_)]".contains(last));
        after.starts_with('?') || before.ends_with('?') || is_value && after.starts_with(['.', '['])
    };
    unquoted_letters(text).filter(|(at, letter)| *letter == '?' && !of_rhai(*at)).map(|(at, _)| at).collect()
}

/// A finding inside a filled expression, moved to where it stands in the cell as written; to the whole cell, where the
/// expression is not written there as it is.
pub(super) fn moved(mut finding: Finding, cell: &Place, written: &str, name: &str) -> Finding {
    let start = cell.span.column;
    let span = &mut finding.place.span;
    if written.is_empty() || span.line != cell.span.line || span.column <= start {
        return Finding { place: cell.clone(), ..finding };
    }
    let width = u32::try_from(name.chars().count()).unwrap_or(1).saturating_sub(1);
    let mut shift = 0;
    for at in marks(written) {
        let before = u32::try_from(written[..at].chars().count()).unwrap_or(u32::MAX);
        let filled = start.saturating_add(before).saturating_add(shift);
        shift += width.min(span.column.saturating_sub(filled));
    }
    span.column -= shift;
    span.end_column = span.end_column.saturating_sub(shift).max(span.column + 1);
    finding
}

/// A range: whether the lower bound belongs to it, the bounds, whether the upper one does. `[1..10)`, `]1..10[`.
fn range(text: &str) -> Option<(bool, &str, &str, bool)> {
    let with_low = match text.chars().next()? {
        '[' => true,
        '(' | ']' => false,
        _ => return None,
    };
    let with_high = match text.chars().last()? {
        ']' => true,
        ')' | '[' => false,
        _ => return None,
    };
    let (low, high) = text.get(1..text.len() - 1)?.split_once("..")?;
    Some((with_low, low.trim(), high.trim(), with_high))
}

/// Alternatives between commas. Ranges may open and close with either bracket, so that outside expressions only a round
/// bracket opens, and any closes.
pub(super) fn split(text: &str) -> Vec<&str> {
    let expression = asks(text);
    let (mut depth, mut from, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in unquoted_letters(text) {
        match letter {
            '(' => depth += 1,
            '[' | '{' if expression => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '[' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_told_apart() {
        for (text, parts) in [
            ("1, 2", vec!["1", " 2"]),
            ("[1..10), ]20..30[, (40..50]", vec!["[1..10)", " ]20..30[", " (40..50]"]),
            (r#"[date("2026-01-01")..date("2026-02-01")), > 3"#, vec![r#"[date("2026-01-01")..date("2026-02-01"))"#, " > 3"]),
            (r#""a,b", c"#, vec![r#""a,b""#, " c"]),
            ("? in [1, 2], max(?, 3) > 4", vec!["? in [1, 2]", " max(?, 3) > 4"]),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }

    #[test]
    fn the_question_mark_is_the_input() {
        for (text, filled_in) in [
            ("? % 2 == 0", "people % 2 == 0"),
            (r#"? != "?""#, r#"people != "?""#),
            ("?.len() > 2", "people.len() > 2"),
            ("a?.b == ?", "a?.b == people"),
            ("(? ?? 0) > 1", "(people ?? 0) > 1"),
        ] {
            assert_eq!(filled(text, "people"), filled_in, "{text}");
        }
    }
}
