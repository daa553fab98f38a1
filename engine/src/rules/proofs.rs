//! What the outcome of a condition proves: which names surely have a value if it is true, or if it is false.

use rhai::{Expr, FnCallExpr, Stmt, Token};

/// Whether a function takes an absent value as it takes any other.
pub(super) fn is_tolerant(function: &str) -> bool {
    matches!(function, "is_set" | "is_empty" | "count" | "sum" | "type_of" | "to_debug")
}

/// The names that surely have a value if `condition` is `truth`.
pub(super) fn of(condition: &Expr, truth: bool) -> Vec<String> {
    match condition {
        Expr::And(parts, _) if truth => parts.iter().flat_map(|part| of(part, true)).collect(),
        Expr::Or(parts, _) if !truth => parts.iter().flat_map(|part| of(part, false)).collect(),
        Expr::And(parts, _) | Expr::Or(parts, _) => {
            let mut each = parts.iter().map(|part| of(part, truth));
            let first = each.next().unwrap_or_default();
            each.fold(first, |all, one| all.into_iter().filter(|name| one.contains(name)).collect())
        }
        Expr::FnCall(call, _) => of_call(call, truth),
        // A bare name or member that answered has a value.
        Expr::Variable(..) | Expr::Dot(..) => root(condition).into_iter().collect(),
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Expr(only)] => of(only, truth),
            [Stmt::FnCall(call, _)] => of_call(call, truth),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// As [`of`], of a call or an operator.
pub(super) fn of_call(call: &FnCallExpr, truth: bool) -> Vec<String> {
    match (&call.op_token, call.args.as_slice()) {
        (Some(Token::Bang), [inner]) => of(inner, !truth),
        (Some(operator @ (Token::EqualsTo | Token::NotEqualsTo)), [left, right]) => {
            let same = (*operator == Token::EqualsTo) == truth;
            let absent = |side: &Expr| matches!(side, Expr::Unit(_));
            match (absent(left), absent(right)) {
                (false, false) if same && (is_value(left) || is_value(right)) => roots(&[left, right]),
                (true, false) if !same => root(right).into_iter().collect(),
                (false, true) if !same => root(left).into_iter().collect(),
                // A member could be looked at, so there is a record.
                _ => [left, right].into_iter().filter(|side| matches!(side, Expr::Dot(..))).filter_map(root).collect(),
            }
        }
        (Some(_), operands) => operands.iter().filter_map(root).collect(),
        (None, [item]) if call.name == "is_set" && truth || call.name == "is_empty" && !truth => root(item).into_iter().collect(),
        (None, [Expr::Array(items, _), item]) if call.name == "contains" && truth => {
            if items.iter().all(is_value) {
                root(item).into_iter().collect()
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}

fn roots(sides: &[&Expr]) -> Vec<String> {
    sides.iter().filter_map(|side| root(side)).collect()
}

/// A constant that is there.
fn is_value(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::StringConstant(..) | Expr::IntegerConstant(..) | Expr::BoolConstant(..) | Expr::DynamicConstant(..) | Expr::CharConstant(..)
    )
}

/// The name that an expression begins at, if it is a name or a chain of members.
fn root(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(name, ..) => Some(name.1.to_string()),
        Expr::Dot(pair, flags, _) if !flags.contains(rhai::ASTFlags::NEGATED) => root(&pair.lhs),
        _ => None,
    }
}
