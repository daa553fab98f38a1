//! The tokens that JUEL and FEEL share.

use super::Untranslated;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(String),
    Text(String),
    /// A name or a word such as `and`.
    Word(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "**", "->", "..", "<", ">", "=", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ".",
    ",", ":", "?",
];

/// An expression longer than this many tokens is refused.
const TOKENS_MAX: usize = 2_000;

/// Takes a text apart.
///
/// # Errors
/// A string that does not end, a character that no expression has, or too many tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Untranslated> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' => string(rest, first)?,
            '0'..='9' => number(rest),
            _ if first.is_alphabetic() || first == '_' || first == '$' => word(rest),
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or_else(|| {
                    Untranslated::new(format!("表达式中有无法识别的字符“{first}”"), format!("`{first}` has no place in an expression"))
                })?;
                (Token::Sign(sign), sign.len())
            }
        };
        tokens.push(token);
        if tokens.len() > TOKENS_MAX {
            return Err(Untranslated::new("表达式过长", "the expression is too long"));
        }
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn string(text: &str, quote: char) -> Result<(Token, usize), Untranslated> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            _ if character == quote => return Ok((Token::Text(value), at + 1)),
            _ => value.push(character),
        }
    }
    Err(Untranslated::new("字符串没有结束", "a string does not end"))
}

fn number(text: &str) -> (Token, usize) {
    let whole = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let fraction = text[whole..].strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let length = fraction.map_or(whole, |rest| whole + 1 + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    (Token::Number(text[..length].to_owned()), length)
}

fn word(text: &str) -> (Token, usize) {
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
    (Token::Word(text[..length].to_owned()), length)
}
