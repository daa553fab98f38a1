//! FEEL, the expression language of Zeebe and DMN: the part that compares, computes and decides.

use super::{
    Untranslated,
    grammar::{Language, Parser},
    token::{Token, tokens},
    tree::{Binary, Expression},
};

/// What stands after `=`.
///
/// # Errors
/// A word, function or sign that rhai has no counterpart for.
pub(super) fn parse(text: &str) -> Result<Expression, Untranslated> {
    Parser::<Feel>::whole(&tokens(text)?)
}

struct Feel;

impl Language for Feel {
    fn binary(token: &Token) -> Option<(Binary, u8)> {
        let sign = match token {
            Token::Sign(sign) => sign,
            Token::Word(word) => word.as_str(),
            _ => return None,
        };
        Some(match sign {
            "or" => (Binary::Or, 1),
            "and" => (Binary::And, 2),
            "=" | "==" => (Binary::Equal, 3),
            "!=" => (Binary::Unequal, 3),
            "in" => (Binary::In, 3),
            "<" => (Binary::Less, 4),
            "<=" => (Binary::LessOrEqual, 4),
            ">" => (Binary::Greater, 4),
            ">=" => (Binary::GreaterOrEqual, 4),
            "+" => (Binary::Plus, 5),
            "-" => (Binary::Minus, 5),
            "*" => (Binary::Times, 6),
            "/" => (Binary::Over, 6),
            "**" => (Binary::Power, 7),
            _ => return None,
        })
    }

    fn special(parser: &mut Parser<'_, Self>, word: &str) -> Option<Result<Expression, Untranslated>> {
        match word {
            "if" => Some(conditional(parser)),
            "for" | "some" | "every" | "function" => {
                Some(Err(Untranslated::new(format!("FEEL 的“{word}”无法翻译"), format!("FEEL's `{word}` has no counterpart"))))
            }
            // The names of these functions are two words or three.
            "string" if parser.accept_word("length") => Some(named(parser, "string length")),
            "starts" if parser.accept_word("with") => Some(named(parser, "starts with")),
            "ends" if parser.accept_word("with") => Some(named(parser, "ends with")),
            "upper" if parser.accept_word("case") => Some(named(parser, "upper case")),
            "lower" if parser.accept_word("case") => Some(named(parser, "lower case")),
            "list" if parser.accept_word("contains") => Some(named(parser, "contains")),
            "date" if parser.accept_word("and") => Some(parser.expect_word("time").and_then(|()| named(parser, "date"))),
            "is" if parser.accept_word("defined") => Some(named(parser, "is defined")),
            _ => None,
        }
    }

    fn call(of: Option<Expression>, name: &str, mut given: Vec<Expression>) -> Result<Expression, Untranslated> {
        let method = |rhai, mut given: Vec<Expression>| {
            let of = given.remove(0);
            Ok(Expression::Call(Some(Box::new(of)), rhai, given))
        };
        match (of, name, given.len()) {
            (None, "not", 1) => Ok(Expression::Not(Box::new(given.remove(0)))),
            (None, "contains", 2) => method("contains", given),
            (None, "starts with", 2) => method("starts_with", given),
            (None, "ends with", 2) => method("ends_with", given),
            (None, "string length", 1) => method("len", given),
            (None, "upper case", 1) => method("to_upper", given),
            (None, "lower case", 1) => method("to_lower", given),
            (None, "count", 1) => Ok(Expression::Call(None, "count", given)),
            (None, "sum", 1) => Ok(Expression::Call(None, "sum", given)),
            (None, "is defined", 1) => Ok(Expression::Call(None, "is_set", given)),
            (None, "abs", 1) => method("abs", given),
            (None, "modulo", 2) => {
                let by = given.remove(1);
                Ok(Expression::binary(Binary::Modulo, given.remove(0), by))
            }
            // A literal of a date or a duration is the text in it.
            (None, "duration" | "date" | "time" | "string" | "number", 1) => Ok(given.remove(0)),
            _ => Err(Untranslated::new(format!("FEEL 的函数“{name}”无法翻译"), format!("FEEL's function `{name}` has no counterpart"))),
        }
    }

    /// FEEL counts from 1.
    fn index(of: Expression, at: Expression) -> Expression {
        let at = match at {
            Expression::Number(number) => match number.parse::<i64>() {
                Ok(number) => Expression::Number((number - 1).to_string()),
                Err(_) => Expression::Number(number),
            },
            Expression::Negative(from_the_end) => Expression::Negative(from_the_end),
            at => Expression::binary(Binary::Minus, at, Expression::Number("1".to_owned())),
        };
        Expression::Index(Box::new(of), Box::new(at))
    }

    fn tail(parser: &mut Parser<'_, Self>, before: Expression) -> Result<Expression, Untranslated> {
        if !parser.accept_word("between") {
            return Ok(before);
        }
        if matches!(before, Expression::Binary(..)) {
            return Err(Untranslated::new("请给 between 的两侧加上括号", "`between` beside other operators needs parentheses"));
        }
        let low = parser.binary(3)?;
        parser.expect_word("and")?;
        let high = parser.binary(3)?;
        let above = Expression::binary(Binary::GreaterOrEqual, before.clone(), low);
        Ok(Expression::binary(Binary::And, above, Expression::binary(Binary::LessOrEqual, before, high)))
    }
}

fn conditional(parser: &mut Parser<'_, Feel>) -> Result<Expression, Untranslated> {
    let condition = parser.expression()?;
    parser.expect_word("then")?;
    let yes = parser.expression()?;
    parser.expect_word("else")?;
    let no = parser.expression()?;
    Ok(Expression::If(Box::new(condition), Box::new(yes), Box::new(no)))
}

fn named(parser: &mut Parser<'_, Feel>, name: &str) -> Result<Expression, Untranslated> {
    parser.expect("(")?;
    let given = parser.list(")")?;
    Feel::call(None, name, given)
}
