//! What can be said about an expression before it runs: unknown names and functions, comparisons that cannot be right.
//!
//! | code | about |
//! |---|---|
//! | `R040` | a name, or a record's member, that does not exist |
//! | `R041` | a function that does not exist, or does not take so many arguments |
//! | `D040` | a comparison of unlike types, by size of what has none, or with a date that is none |
//! | `D041` | a comparison of a coded value with a code that its list does not have |
//! | `D042` | a condition that is no boolean |
//!
//! Code inside closures (`|x| …`) and in `rules.rhai` is not looked into.

use std::sync::LazyLock;

use rhai::{ASTNode, Engine, Expr, FnCallExpr, Position, Stmt, Token};

use super::{
    Expression, Rules, error, sandbox,
    types::{Types, alike, kind},
    vocabulary,
};
use crate::{
    diagnostic::Finding,
    form::FieldType,
    text::{Language, Text},
};

/// How alike two names must be for a suggestion (Jaro-Winkler, 0 to 1).
const LIKENESS_MIN: f64 = 0.85;

static PARSER: LazyLock<Engine> = LazyLock::new(|| sandbox::engine(&jiff::tz::TimeZone::UTC, false));

/// Whether rhai keeps the word, so that no data may be named so. What is no identifier at all is reserved, too.
pub fn is_reserved(name: &str) -> bool {
    !rhai::is_valid_identifier(name) || PARSER.compile(format!("let {name} = 1;")).is_err() || PARSER.compile_expression(name).is_err()
}

impl Rules {
    /// What is wrong with an expression or script whose names have the types that `names` tells (`None`: no such name).
    ///
    /// Whether a value may be absent is not told by its type, so it is not looked at here.
    pub fn findings(&self, expression: &Expression, names: &dyn Fn(&str) -> Option<FieldType>) -> Vec<Finding> {
        let types = Types { names, standard: &self.standard };
        let mut check = Check { rules: self, expression, types, findings: Vec::new() };
        for statement in expression.ast.statements() {
            statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                check.node(path);
                true
            });
        }
        // Names that only a closure reads are not met on the walk.
        let told: Vec<String> = check.findings.iter().filter_map(|finding| finding.element.clone()).collect();
        for name in expression.variables.iter().filter(|name| names(name).is_none() && !told.contains(name)) {
            check.unknown_name(name, Position::NONE);
        }
        check.findings.iter_mut().for_each(|finding| finding.element = None);
        check.findings
    }

    /// As [`Rules::findings`], for an expression that must be true or false.
    pub fn condition_findings(&self, expression: &Expression, names: &dyn Fn(&str) -> Option<FieldType>) -> Vec<Finding> {
        let mut findings = self.findings(expression, names);
        if let Some(of) = self.type_of(expression, names).filter(|of| *of != FieldType::Boolean) {
            let of = kind_text(&of);
            let message = Text::new(
                format!("条件的结果应为是或否，却是{}", of.zh),
                format!("a condition must be true or false, but this is {}", of.get(Language::En)),
            );
            findings.push(Finding::error("D042", expression.place.clone(), message));
        }
        findings
    }

    /// The type of an expression, if it can be told without running it.
    pub fn type_of(&self, expression: &Expression, names: &dyn Fn(&str) -> Option<FieldType>) -> Option<FieldType> {
        match expression.ast.statements() {
            [only] => Types { names, standard: &self.standard }.of_statement(only),
            _ => None,
        }
    }

    fn has_function(&self, name: &str) -> bool {
        vocabulary::STANDARD.contains(&name) || self.functions.iter().any(|ast| ast.iter_functions().any(|function| function.name == name))
    }
}

struct Check<'a> {
    rules: &'a Rules,
    expression: &'a Expression,
    types: Types<'a>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn node(&mut self, path: &[ASTNode<'_>]) {
        match path.last() {
            // What the expression declares itself is no free name, so it is known.
            Some(ASTNode::Expr(Expr::Variable(name, _, position)))
                if self.expression.variables.iter().any(|free| *free == *name.1) && (self.types.names)(&name.1).is_none() =>
            {
                self.unknown_name(&name.1, *position);
            }
            Some(ASTNode::Expr(Expr::Dot(pair, ..))) => {
                // The tail of a longer chain starts with a property, whose type nothing tells: it is met once.
                if let Some(of) = self.types.of(&pair.lhs) {
                    self.members(&of, &pair.rhs);
                }
            }
            Some(ASTNode::Expr(Expr::FnCall(call, position))) | Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => {
                self.call(call, *position);
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, position))) => self.called(call, call.args.len() + 1, *position),
            _ => {}
        }
    }

    fn report(&mut self, code: &'static str, position: Position, message: Text) -> &mut Finding {
        self.findings.push(Finding::error(code, error::at(self.expression, position), message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn unknown_name(&mut self, name: &str, position: Position) {
        let names = self.types.names;
        let standard = self.types.standard;
        let known = standard.fields.keys().chain(&self.expression.variables).filter(|known| names(known).is_some());
        let near = nearest(name, known.map(String::as_str));
        let finding =
            self.report("R040", position, Text::new(format!("没有名为“{name}”的数据"), format!("there is no data named `{name}`")));
        finding.element = Some(name.to_owned());
        finding.help = near.map(suggestion);
    }

    /// Follows a chain of members as far as types are known.
    fn members(&mut self, of: &FieldType, member: &Expr) {
        match member {
            Expr::Dot(pair, ..) => {
                self.members(of, &pair.lhs);
                if let Expr::Property(name, _) = &pair.lhs
                    && let Some(of) = self.types.property(of, &name.2)
                {
                    self.members(&of, &pair.rhs);
                }
            }
            Expr::Property(name, position) => {
                let FieldType::Record(record) = of else { return };
                let Some(declared) = self.types.standard.records.get(record) else { return };
                if declared.members.contains_key(&*name.2) {
                    return;
                }
                let near = nearest(&name.2, declared.members.keys().map(String::as_str));
                let name = &name.2;
                let message = Text::new(format!("“{record}”没有成员“{name}”"), format!("`{record}` has no member `{name}`"));
                self.report("R040", *position, message).help = near.map(suggestion);
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) {
        match (&call.op_token, call.args.as_slice()) {
            // `x in [..]` is stored as a call of `contains` with its sides exchanged.
            (None, [Expr::Array(items, _), item]) if call.name == "contains" => {
                items.iter().for_each(|one| self.compare(item, one, false, position));
            }
            (None, arguments) => self.called(call, arguments.len(), position),
            (Some(Token::EqualsTo | Token::NotEqualsTo), [left, right]) => self.compare(left, right, false, position),
            (Some(Token::LessThan | Token::LessThanEqualsTo | Token::GreaterThan | Token::GreaterThanEqualsTo), [left, right]) => {
                self.compare(left, right, true, position);
            }
            _ => {}
        }
    }

    /// A call of a function by name; for a method, the value before the dot counts as the first argument.
    fn called(&mut self, call: &FnCallExpr, arguments: usize, position: Position) {
        let name = &*call.name;
        match vocabulary::OWN.iter().find(|own| own.name == name) {
            Some(own) if !own.arguments.contains(&arguments) => {
                let wanted = own.arguments.iter().map(usize::to_string).collect::<Vec<_>>();
                let message = Text::new(
                    format!("函数 {name} 需要 {} 个参数，却有 {arguments} 个", wanted.join(" 或 ")),
                    format!("{name} takes {} arguments, not {arguments}", wanted.join(" or ")),
                );
                self.report("R041", position, message);
            }
            None if !self.rules.has_function(name) && !name.starts_with(|first: char| !first.is_ascii_alphabetic()) => {
                let known = vocabulary::OWN.iter().map(|own| own.name).chain(vocabulary::STANDARD.iter().copied());
                let near = nearest(name, known);
                let message = Text::new(format!("没有函数“{name}”"), format!("there is no function `{name}`"));
                self.report("R041", position, message).help = near.map(suggestion);
            }
            _ => {}
        }
    }

    fn compare(&mut self, left: &Expr, right: &Expr, by_size: bool, position: Position) {
        if by_size && (matches!(left, Expr::Unit(_)) || matches!(right, Expr::Unit(_))) {
            let message = Text::new("空值 () 不能比较大小", "() is absent and cannot be compared by size");
            self.report("D040", position, message);
            return;
        }
        let (Some(left_of), Some(right_of)) = (self.types.of(left), self.types.of(right)) else { return };
        if !alike(&left_of, &right_of) {
            let (a, b) = (kind_text(&left_of), kind_text(&right_of));
            let message = Text::new(
                format!("不能比较{}与{}", a.zh, b.zh),
                format!("cannot compare {} with {}", a.get(Language::En), b.get(Language::En)),
            );
            self.report("D040", position, message);
        } else if by_size && !matches!(kind(&left_of), "number" | "text") {
            let a = kind_text(&left_of);
            let message = Text::new(format!("{}不能比较大小", a.zh), format!("{} cannot be compared by size", a.get(Language::En)));
            self.report("D040", position, message);
        } else {
            self.literal(&left_of, right);
            self.literal(&right_of, left);
        }
    }

    /// A text literal must be one of the codes, or a date, that it is compared with.
    fn literal(&mut self, of: &FieldType, literal: &Expr) {
        let Expr::StringConstant(text, position) = literal else { return };
        match of {
            FieldType::Code(list) => {
                let Some(codes) = self.types.standard.codes.get(list).map(|list| &list.codes) else { return };
                if !codes.contains_key(text.as_str()) {
                    let near = nearest(text, codes.keys().map(String::as_str));
                    let message = Text::new(format!("代码集“{list}”没有代码“{text}”"), format!("code list `{list}` has no code `{text}`"));
                    self.report("D041", *position, message).help = near.map(suggestion);
                }
            }
            FieldType::Date if text.parse::<jiff::civil::Date>().is_err() => {
                let message = Text::new(format!("“{text}”不是日期"), format!("`{text}` is no date"));
                let finding = self.report("D040", *position, message);
                finding.help = Some(Text::new("写作 \"2026-11-24\"", "write \"2026-11-24\""));
            }
            _ => {}
        }
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .filter(|known| *known != name)
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

fn suggestion(near: &str) -> Text {
    Text::new(format!("是否应为“{near}”？"), format!("did you mean `{near}`?"))
}

fn kind_text(of: &FieldType) -> Text {
    match kind(of) {
        "number" => Text::new("数", "a number"),
        other => error::kind_text(other),
    }
}
