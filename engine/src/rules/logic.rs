//! A condition taken apart: comparisons of one subject with a constant, joined by and, or, not. What cannot be taken apart
//! stays whole and is only compared by its words.

use rhai::{Expr, FnCallExpr, Stmt, Token};

use super::{Expression, Rules, types::Types};
use crate::form::FieldType;

/// A condition as the analysis of choices sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logic {
    /// True or false, whatever the data.
    Known(bool),
    /// All of these.
    All(Vec<Logic>),
    /// One of these.
    Any(Vec<Logic>),
    /// Not this.
    Not(Box<Logic>),
    /// A comparison.
    Asks(Asked),
}

/// One comparison of a subject with a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is compared, as written: `risk.level`, `days_between(a, b)`; of two subjects that are compared with each other
    /// both, joined by `<=>`, which is compared with 0.
    pub subject: String,
    /// Its type.
    pub of: FieldType,
    /// Names that it begins at: without their values it has none.
    pub names: Vec<String>,
    /// Whether it may have no value though its names have.
    pub optional: bool,
    /// What is asked of it.
    pub is: Is,
}

/// What a comparison asks of its subject; constants as they would be written in a decision table's cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// `== c`.
    Equal(String),
    /// `< c`, or `<= c` if true.
    Below(String, bool),
    /// `> c`, or `>= c` if true.
    Above(String, bool),
    /// It has a value: `is_set(x)`, `x != ()`.
    Set,
    /// It is true.
    True,
}

impl Rules {
    /// Takes a condition apart; `names` tells the types of names.
    pub fn logic(&self, condition: &Expression, names: &dyn Fn(&str) -> Option<FieldType>) -> Logic {
        let reader = Reader { types: Types { names, standard: &self.standard } };
        match condition.ast.statements() {
            [Stmt::Expr(only)] => reader.of(only),
            [Stmt::FnCall(call, _)] => reader.call(call),
            _ => whole(&condition.text),
        }
    }
}

/// What is true or false, and nobody knows when.
fn whole(text: &str) -> Logic {
    Logic::Asks(Asked { subject: text.to_owned(), of: FieldType::Boolean, names: Vec::new(), optional: false, is: Is::True })
}

struct Reader<'a> {
    types: Types<'a>,
}

impl Reader<'_> {
    fn of(&self, expression: &Expr) -> Logic {
        match expression {
            Expr::BoolConstant(known, _) => Logic::Known(*known),
            Expr::And(parts, _) => Logic::All(parts.iter().map(|part| self.of(part)).collect()),
            Expr::Or(parts, _) => Logic::Any(parts.iter().map(|part| self.of(part)).collect()),
            Expr::FnCall(call, _) => self.call(call),
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Expr(only)] => self.of(only),
                [Stmt::FnCall(call, _)] => self.call(call),
                _ => whole(&shown(expression)),
            },
            _ => Logic::Asks(Asked { of: FieldType::Boolean, ..self.asked(expression, Is::True) }),
        }
    }

    fn call(&self, call: &FnCallExpr) -> Logic {
        match (&call.op_token, call.args.as_slice()) {
            (Some(Token::Bang), [inner]) => Logic::Not(Box::new(self.of(inner))),
            (Some(operator), [left, right]) => match self.compare(operator, left, right) {
                Some(logic) => logic,
                None => whole(&shown_call(call)),
            },
            (None, [item]) if call.name == "is_set" => Logic::Asks(self.asked(item, Is::Set)),
            (None, [item]) if call.name == "is_empty" => Logic::Not(Box::new(Logic::Asks(self.asked(item, Is::Set)))),
            (None, [Expr::Array(items, _), item]) if call.name == "contains" && items.iter().all(|one| constant(one).is_some()) => {
                let one = |one: &Expr| constant(one).map(|constant| Logic::Asks(self.asked(item, Is::Equal(constant))));
                Logic::Any(items.iter().filter_map(one).collect())
            }
            _ => whole(&shown_call(call)),
        }
    }

    fn compare(&self, operator: &Token, left: &Expr, right: &Expr) -> Option<Logic> {
        if let (Some(_), None) = (constant(left), constant(right)) {
            return self.compare(&turned(operator)?, right, left);
        }
        let equals = matches!(operator, Token::EqualsTo | Token::NotEqualsTo);
        let asked = match (constant(right), right) {
            (_, Expr::Unit(_)) if equals => {
                let set = Logic::Asks(self.asked(left, Is::Set));
                return Some(if *operator == Token::EqualsTo { Logic::Not(Box::new(set)) } else { set });
            }
            (Some(constant), _) => self.asked(left, is(operator, constant)?),
            (None, _) => self.both(left, right, is(operator, "0".to_owned())?)?,
        };
        let logic = Logic::Asks(asked);
        Some(if *operator == Token::NotEqualsTo { Logic::Not(Box::new(logic)) } else { logic })
    }

    fn asked(&self, subject: &Expr, is: Is) -> Asked {
        let guess = || match &is {
            Is::Equal(constant) if constant.starts_with('"') => FieldType::Text,
            Is::True => FieldType::Boolean,
            Is::Equal(constant) if matches!(constant.as_str(), "true" | "false") => FieldType::Boolean,
            Is::Set => FieldType::Text,
            _ => FieldType::Decimal,
        };
        let of = self.types.of(subject).unwrap_or_else(guess);
        Asked { subject: shown(subject), of, names: names(subject), optional: self.optional(subject), is }
    }

    /// Two subjects, compared with each other: their order is a number that is compared with 0.
    fn both(&self, left: &Expr, right: &Expr, is: Is) -> Option<Asked> {
        let (mut a, mut b) = (shown(left), shown(right));
        let mut is = is;
        if a > b {
            (a, b) = (b, a);
            is = match is {
                Is::Below(at, with) => Is::Above(at, with),
                Is::Above(at, with) => Is::Below(at, with),
                other => other,
            };
        }
        let names = names(left).into_iter().chain(names(right)).collect();
        let optional = self.optional(left) || self.optional(right);
        Some(Asked { subject: format!("{a} <=> {b}"), of: FieldType::Integer, names, optional, is })
    }

    /// Whether a chain of members may end in nothing: a member that need not be given, or one that nobody declared.
    fn optional(&self, subject: &Expr) -> bool {
        let Expr::Dot(pair, ..) = subject else { return false };
        let mut of = self.types.of(&pair.lhs);
        let mut member = &pair.rhs;
        loop {
            let (here, rest) = match member {
                Expr::Dot(pair, ..) => (&pair.lhs, Some(&pair.rhs)),
                last => (last, None),
            };
            let Expr::Property(name, _) = here else { return false };
            let Some(FieldType::Record(record)) = &of else { return false };
            let Some(declared) = self.types.standard.records.get(record).and_then(|record| record.members.get(&*name.2)) else {
                return false;
            };
            if !declared.required {
                return true;
            }
            of = Some(declared.field.of.clone());
            match rest {
                Some(rest) => member = rest,
                None => return false,
            }
        }
    }
}

fn is(operator: &Token, constant: String) -> Option<Is> {
    Some(match operator {
        Token::EqualsTo | Token::NotEqualsTo => Is::Equal(constant),
        Token::LessThan => Is::Below(constant, false),
        Token::LessThanEqualsTo => Is::Below(constant, true),
        Token::GreaterThan => Is::Above(constant, false),
        Token::GreaterThanEqualsTo => Is::Above(constant, true),
        _ => return None,
    })
}

/// The operator with its sides exchanged.
fn turned(operator: &Token) -> Option<Token> {
    Some(match operator {
        Token::EqualsTo | Token::NotEqualsTo => operator.clone(),
        Token::LessThan => Token::GreaterThan,
        Token::LessThanEqualsTo => Token::GreaterThanEqualsTo,
        Token::GreaterThan => Token::LessThan,
        Token::GreaterThanEqualsTo => Token::LessThanEqualsTo,
        _ => return None,
    })
}

/// A constant, as it would be written in a cell.
fn constant(expression: &Expr) -> Option<String> {
    Some(match expression {
        Expr::BoolConstant(flag, _) => flag.to_string(),
        Expr::IntegerConstant(number, _) => number.to_string(),
        Expr::DynamicConstant(value, _) if value.is_decimal() => value.to_string(),
        Expr::StringConstant(text, _) => format!("\"{text}\""),
        Expr::CharConstant(letter, _) => format!("\"{letter}\""),
        _ => return None,
    })
}

/// The names that an expression reads, wherever they stand.
fn names(expression: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    let _whole = expression.walk(&mut Vec::new(), &mut |path| {
        if let Some(rhai::ASTNode::Expr(Expr::Variable(name, ..))) = path.last()
            && !found.contains(&name.1.to_string())
        {
            found.push(name.1.to_string());
        }
        true
    });
    found
}

/// An expression in words that are the same for the same expression.
fn shown(expression: &Expr) -> String {
    match expression {
        Expr::Variable(name, ..) => name.1.to_string(),
        Expr::Property(name, _) => name.2.to_string(),
        Expr::Dot(pair, ..) => format!("{}.{}", shown(&pair.lhs), shown(&pair.rhs)),
        Expr::Index(pair, ..) => format!("{}[{}]", shown(&pair.lhs), shown(&pair.rhs)),
        Expr::FnCall(call, _) | Expr::MethodCall(call, _) => shown_call(call),
        Expr::Unit(_) => "()".to_owned(),
        other => constant(other).unwrap_or_else(|| format!("{other:?}")),
    }
}

fn shown_call(call: &FnCallExpr) -> String {
    let arguments: Vec<String> = call.args.iter().map(shown).collect();
    match (&call.op_token, arguments.as_slice()) {
        (Some(_), [left, right]) => format!("{left} {} {right}", call.name),
        (Some(_), [only]) => format!("{}{only}", call.name),
        _ => format!("{}({})", call.name, arguments.join(", ")),
    }
}
