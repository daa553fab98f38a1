//! Expressions of other engines (JUEL `${…}`, FEEL `=…`) as rhai; what has no such mark is rhai as it is.

mod feel;
mod grammar;
mod juel;
mod print;
mod token;
mod tree;

use crate::text::Text;

/// Why an expression has no counterpart in rhai.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Untranslated(pub(crate) Text);

impl Untranslated {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Text::new(zh, en))
    }
}

/// A piece of a text with JUEL in it.
enum Piece {
    Plain(String),
    Expression(tree::Expression),
}

/// An expression as rhai: `${…}` and `#{…}` are JUEL, `=…` is FEEL, all else is rhai as it is.
///
/// # Errors
/// What the expression uses that rhai has no counterpart for.
pub(crate) fn rhai(text: &str) -> Result<String, Untranslated> {
    let text = text.trim();
    if let Some(feel) = text.strip_prefix('=').filter(|rest| !rest.starts_with('=')) {
        return Ok(feel::parse(feel)?.rhai());
    }
    if !is_juel(text) {
        return Ok(text.to_owned());
    }
    let pieces = pieces(text)?;
    if let [Piece::Expression(expression)] = pieces.as_slice() {
        return Ok(expression.rhai());
    }
    let parts: Vec<String> = pieces.iter().map(Piece::rhai).collect();
    let joined = parts.join(" + ");
    // Two numbers side by side make a text, not a sum.
    Ok(if matches!(pieces.first(), Some(Piece::Expression(_))) { format!("\"\" + {joined}") } else { joined })
}

/// A FEEL expression as rhai.
///
/// # Errors
/// As [`rhai`].
pub(crate) fn feel(text: &str) -> Result<String, Untranslated> {
    Ok(feel::parse(text)?.rhai())
}

/// The same, in parentheses where it would come apart beside a comparison.
///
/// # Errors
/// As [`rhai`].
pub(crate) fn feel_compared(text: &str) -> Result<String, Untranslated> {
    Ok(feel::parse(text)?.within(print::SUM))
}

/// A value: an expression as rhai if it is marked as one, else the text as a literal.
///
/// # Errors
/// As [`rhai`].
pub(crate) fn value(text: &str) -> Result<String, Untranslated> {
    if is_marked(text) { rhai(text) } else { Ok(print::literal(text.trim())) }
}

/// A name that may hold expressions, with `{…}` around each.
///
/// # Errors
/// As [`rhai`].
pub(crate) fn template(text: &str) -> Result<String, Untranslated> {
    let text = text.trim();
    if let Some(feel) = text.strip_prefix('=') {
        let expression = feel::parse(feel)?;
        return Ok(expression.text().map_or_else(|| format!("{{{}}}", expression.rhai()), str::to_owned));
    }
    if !is_juel(text) {
        return Ok(text.to_owned());
    }
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Expression(expression) => format!("{{{}}}", expression.rhai()),
    };
    Ok(pieces(text)?.iter().map(piece).collect())
}

/// Whether it is JUEL or FEEL.
pub(crate) fn is_marked(text: &str) -> bool {
    text.trim_start().starts_with('=') || is_juel(text)
}

fn is_juel(text: &str) -> bool {
    text.contains("${") || text.contains("#{")
}

impl Piece {
    fn rhai(&self) -> String {
        match self {
            Self::Plain(text) => print::literal(text),
            Self::Expression(expression) => expression.within(print::SUM),
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, Untranslated> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${").into_iter().chain(rest.find("#{")).min() {
        if at > 0 {
            pieces.push(Piece::Plain(rest[..at].to_owned()));
        }
        let inside = &rest[at + 2..];
        let end = closing(inside).ok_or_else(|| Untranslated::new("缺少“}”", "`}` is missing"))?;
        pieces.push(Piece::Expression(juel::parse(&inside[..end])?));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest.to_owned()));
    }
    Ok(pieces)
}

/// Where the brace closes that was opened before `text`; braces in strings do not count.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(_), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), _) if character == open && !escaped => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            _ => {}
        }
        escaped = false;
    }
    None
}

#[cfg(test)]
mod tests;
