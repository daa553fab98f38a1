//! JUEL, the expression language of Camunda, Flowable and Activiti (Java EE's unified expression language).

use super::{
    Untranslated,
    grammar::{Language, Parser},
    token::{Token, tokens},
    tree::{Binary, Expression},
};

/// What stands between `${` and `}`.
///
/// # Errors
/// A word, method or sign that rhai has no counterpart for.
pub(super) fn parse(text: &str) -> Result<Expression, Untranslated> {
    Parser::<Juel>::whole(&tokens(text)?)
}

struct Juel;

impl Language for Juel {
    fn binary(token: &Token) -> Option<(Binary, u8)> {
        let sign = match token {
            Token::Sign(sign) => sign,
            Token::Word(word) => word.as_str(),
            _ => return None,
        };
        Some(match sign {
            "||" | "or" => (Binary::Or, 1),
            "&&" | "and" => (Binary::And, 2),
            "==" | "eq" => (Binary::Equal, 3),
            "!=" | "ne" => (Binary::Unequal, 3),
            "<" | "lt" => (Binary::Less, 4),
            "<=" | "le" => (Binary::LessOrEqual, 4),
            ">" | "gt" => (Binary::Greater, 4),
            ">=" | "ge" => (Binary::GreaterOrEqual, 4),
            "+" => (Binary::Plus, 5),
            "-" => (Binary::Minus, 5),
            "*" => (Binary::Times, 6),
            "/" | "div" => (Binary::Over, 6),
            "%" | "mod" => (Binary::Modulo, 6),
            _ => return None,
        })
    }

    fn special(parser: &mut Parser<'_, Self>, word: &str) -> Option<Result<Expression, Untranslated>> {
        match word {
            "not" => Some(parser.binary(7).map(|of| Expression::Not(Box::new(of)))),
            "empty" => Some(parser.binary(7).map(|of| Expression::Call(None, "is_empty", vec![of]))),
            _ => None,
        }
    }

    fn call(of: Option<Expression>, name: &str, mut given: Vec<Expression>) -> Result<Expression, Untranslated> {
        let Some(of) = of else { return Err(no_function(name)) };
        if of == Expression::Name("execution".to_owned()) || of == Expression::Name("runtimeService".to_owned()) {
            return variable(name, &given);
        }
        let method = |rhai| Ok(Expression::Call(Some(Box::new(of.clone())), rhai, given.clone()));
        match (name, given.len()) {
            ("contains", 1) => method("contains"),
            ("startsWith", 1) => method("starts_with"),
            ("endsWith", 1) => method("ends_with"),
            ("size" | "length", 0) => method("len"),
            ("toLowerCase", 0) => method("to_lower"),
            ("toUpperCase", 0) => method("to_upper"),
            ("isEmpty", 0) => Ok(Expression::Call(None, "is_empty", vec![of])),
            ("booleanValue" | "intValue" | "longValue" | "toString", 0) => Ok(of),
            ("equals", 1) => Ok(Expression::binary(Binary::Equal, of, given.remove(0))),
            ("get", 1) => Ok(Self::index(of, given.remove(0))),
            _ => Err(Untranslated::new(format!("方法“{name}”无法翻译"), format!("the method `{name}` has no counterpart"))),
        }
    }

    fn index(of: Expression, at: Expression) -> Expression {
        match at {
            Expression::Text(name) if is_name(&name) => Expression::Member(Box::new(of), name),
            at => Expression::Index(Box::new(of), Box::new(at)),
        }
    }

    fn tail(parser: &mut Parser<'_, Self>, before: Expression) -> Result<Expression, Untranslated> {
        if !parser.accept("?") {
            return Ok(before);
        }
        let yes = parser.expression()?;
        parser.expect(":")?;
        let no = parser.expression()?;
        Ok(Expression::If(Box::new(before), Box::new(yes), Box::new(no)))
    }
}

/// `execution.getVariable('x')` and its like.
fn variable(name: &str, given: &[Expression]) -> Result<Expression, Untranslated> {
    match (name, given) {
        ("getVariable" | "getVariableLocal", [Expression::Text(variable)]) if is_name(variable) => Ok(Expression::Name(variable.clone())),
        ("hasVariable" | "hasVariableLocal", [Expression::Text(variable)]) if is_name(variable) => {
            Ok(Expression::Call(None, "is_set", vec![Expression::Name(variable.clone())]))
        }
        _ => Err(no_function(&format!("execution.{name}"))),
    }
}

fn no_function(name: &str) -> Untranslated {
    Untranslated::new(format!("函数“{name}”无法翻译"), format!("the function `{name}` has no counterpart"))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
