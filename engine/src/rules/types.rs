//! The type of an expression, as far as it can be told without running it.

use rhai::{Expr, Stmt, Token};

use super::vocabulary;
use crate::form::{FieldStandard, FieldType};

/// What is known about names.
pub(super) struct Types<'a> {
    pub(super) names: &'a dyn Fn(&str) -> Option<FieldType>,
    pub(super) standard: &'a FieldStandard,
}

/// What a value is called when it is compared: numbers are like numbers, all that is text is like text.
pub(super) fn kind(of: &FieldType) -> &'static str {
    match of {
        FieldType::Integer | FieldType::Decimal | FieldType::Money => "number",
        FieldType::Boolean => "boolean",
        FieldType::Record(_) => "record",
        FieldType::List(_) => "list",
        _ => "text",
    }
}

/// Whether two types may be compared with each other.
pub(super) fn alike(a: &FieldType, b: &FieldType) -> bool {
    kind(a) == kind(b)
}

impl Types<'_> {
    /// The type of a statement that is one expression.
    pub(super) fn of_statement(&self, statement: &Stmt) -> Option<FieldType> {
        match statement {
            Stmt::Expr(expression) => self.of(expression),
            Stmt::FnCall(call, _) => self.of_call(call),
            _ => None,
        }
    }

    /// The type of an expression, if it can be told.
    pub(super) fn of(&self, expression: &Expr) -> Option<FieldType> {
        match expression {
            Expr::BoolConstant(..) | Expr::And(..) | Expr::Or(..) => Some(FieldType::Boolean),
            Expr::IntegerConstant(..) => Some(FieldType::Integer),
            Expr::DynamicConstant(value, _) if value.is_decimal() => Some(FieldType::Decimal),
            Expr::StringConstant(..) | Expr::CharConstant(..) | Expr::InterpolatedString(..) => Some(FieldType::Text),
            Expr::Variable(name, ..) => (self.names)(&name.1),
            Expr::Dot(pair, ..) => self.of(&pair.lhs).and_then(|of| self.of_member(&of, &pair.rhs)),
            Expr::FnCall(call, _) => self.of_call(call),
            Expr::Index(pair, ..) => match (self.of(&pair.lhs)?, &pair.rhs) {
                (FieldType::List(of), Expr::IntegerConstant(..) | Expr::Variable(..)) => Some(*of),
                _ => None,
            },
            _ => None,
        }
    }

    /// The type of `member` (a property, a method or a chain of them) of a value of type `of`.
    fn of_member(&self, of: &FieldType, member: &Expr) -> Option<FieldType> {
        match member {
            Expr::Property(name, _) => self.property(of, &name.2),
            Expr::MethodCall(call, _) => answer(&call.name),
            Expr::Dot(pair, ..) => self.of_member(of, &pair.lhs).and_then(|of| self.of_member(&of, &pair.rhs)),
            _ => None,
        }
    }

    /// The type of a record's member.
    pub(super) fn property(&self, of: &FieldType, name: &str) -> Option<FieldType> {
        match of {
            FieldType::Record(record) => Some(self.standard.records.get(record)?.members.get(name)?.field.of.clone()),
            _ if name == "len" => Some(FieldType::Integer),
            _ => None,
        }
    }

    fn of_call(&self, call: &rhai::FnCallExpr) -> Option<FieldType> {
        let Some(operator) = &call.op_token else { return answer(&call.name) };
        match operator {
            Token::EqualsTo
            | Token::NotEqualsTo
            | Token::LessThan
            | Token::LessThanEqualsTo
            | Token::GreaterThan
            | Token::GreaterThanEqualsTo
            | Token::Bang => Some(FieldType::Boolean),
            Token::Plus | Token::Minus | Token::Multiply | Token::Divide | Token::Modulo => self.of_arithmetic(&call.args),
            _ => None,
        }
    }

    fn of_arithmetic(&self, operands: &[Expr]) -> Option<FieldType> {
        let types = operands.iter().map(|operand| self.of(operand)).collect::<Option<Vec<_>>>()?;
        match types.iter().map(kind).collect::<Vec<_>>().as_slice() {
            ["number", "number"] if types.iter().all(|of| *of == FieldType::Integer) => Some(FieldType::Integer),
            ["number", "number"] => Some(FieldType::Decimal),
            ["text", "text"] => Some(FieldType::Text),
            _ => None,
        }
    }
}

fn answer(name: &str) -> Option<FieldType> {
    match vocabulary::OWN.iter().find(|own| own.name == name) {
        Some(own) => own.answers.clone(),
        None => vocabulary::standard_answer(name),
    }
}
