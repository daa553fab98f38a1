//! An expression as rhai text, with no more parentheses than it needs.

use super::tree::{Binary, Expression};

/// How tightly `+` binds.
pub(super) const SUM: u8 = 6;
/// How tightly a prefix operator binds.
const PREFIX: u8 = 9;
/// Members, calls and literals.
const PRIMARY: u8 = 10;

impl Binary {
    /// As rhai writes it, and how tightly it binds (rhai's own order).
    fn rhai(self) -> (&'static str, u8) {
        match self {
            Self::Or => ("||", 1),
            Self::And => ("&&", 2),
            Self::Equal => ("==", 3),
            Self::Unequal => ("!=", 3),
            Self::In => ("in", 4),
            Self::Less => ("<", 5),
            Self::LessOrEqual => ("<=", 5),
            Self::Greater => (">", 5),
            Self::GreaterOrEqual => (">=", 5),
            Self::Plus => ("+", SUM),
            Self::Minus => ("-", SUM),
            Self::Times => ("*", 7),
            Self::Over => ("/", 7),
            Self::Modulo => ("%", 7),
            Self::Power => ("**", 8),
        }
    }
}

impl Expression {
    /// As rhai.
    pub(super) fn rhai(&self) -> String {
        self.within(0)
    }

    /// As rhai inside something that binds as tightly as `outer`.
    pub(super) fn within(&self, outer: u8) -> String {
        let (text, own) = self.printed();
        if own < outer { format!("({text})") } else { text }
    }

    fn printed(&self) -> (String, u8) {
        match self {
            Self::Number(number) => (number.clone(), PRIMARY),
            Self::Text(text) => (literal(text), PRIMARY),
            Self::Boolean(flag) => (flag.to_string(), PRIMARY),
            Self::Null => ("()".to_owned(), PRIMARY),
            Self::Name(name) => (name.clone(), PRIMARY),
            Self::Member(of, name) => (format!("{}.{name}", of.within(PRIMARY)), PRIMARY),
            Self::Index(of, at) => (format!("{}[{}]", of.within(PRIMARY), at.rhai()), PRIMARY),
            Self::Call(Some(of), name, given) => (format!("{}.{name}({})", of.within(PRIMARY), list(given)), PRIMARY),
            Self::Call(None, name, given) => (format!("{name}({})", list(given)), PRIMARY),
            Self::Not(of) => (format!("!{}", of.within(PREFIX)), PREFIX),
            Self::Negative(of) => (format!("-{}", of.within(PREFIX)), PREFIX),
            Self::Binary(operator, left, right) => {
                let (sign, own) = operator.rhai();
                (format!("{} {sign} {}", left.within(own), right.within(own + 1)), own)
            }
            Self::If(condition, yes, no) => (format!("if {} {{ {} }} else {{ {} }}", condition.rhai(), yes.rhai(), no.rhai()), 0),
            Self::List(items) => (format!("[{}]", list(items)), PRIMARY),
            Self::Map(entries) => {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{}: {}", literal(key), value.rhai())).collect();
                (format!("#{{{}}}", entries.join(", ")), PRIMARY)
            }
        }
    }
}

fn list(items: &[Expression]) -> String {
    items.iter().map(Expression::rhai).collect::<Vec<_>>().join(", ")
}

/// A text as a rhai string literal.
pub(super) fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
