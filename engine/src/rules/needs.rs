//! Which names an expression or a script needs a value of, which it surely assigns, and what its outcome proves.
//!
//! `x > 3` fails without `x`; `x == 3` is false without it; `is_set(x) && x > 3` needs nothing, since the right side is
//! looked at only where there is a value.

use rhai::{AST, ASTFlags, Engine, Expr, FnCallExpr, Position, Stmt, Token};

use super::{Expression, Rules, error, proofs};
use crate::source::Place;

/// Functions of `rules.rhai` that call each other are followed so deep.
const CALLS_MAX: usize = 8;

/// What becomes of an expression where a name has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The absent value is passed on.
    Passes,
    /// A comparison is false, or true if it is `!=`.
    Compares,
    /// It fails.
    Fails,
}

/// A name that is read where nothing before has made sure of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The name.
    pub name: String,
    /// What happens without a value.
    pub how: Use,
    /// Where it is read.
    pub place: Place,
}

/// What a script does to names.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// What it needs.
    pub needs: Vec<Need>,
    /// The names that it has assigned a value to, however it went.
    pub assigned: Vec<String>,
}

impl Rules {
    /// The names whose values an expression needs; `whole` says what its own value being absent means.
    pub fn needs(&self, expression: &Expression, whole: Use) -> Vec<Need> {
        let mut walk = Walk::new(expression, &self.bodies);
        let last = expression.ast.statements().len().saturating_sub(1);
        for (at, statement) in expression.ast.statements().iter().enumerate() {
            walk.statement(statement, if at == last { whole } else { Use::Passes });
        }
        walk.needs
    }

    /// What a script needs and surely assigns.
    pub fn effect(&self, script: &Expression) -> Effect {
        let mut walk = Walk::new(script, &self.bodies);
        walk.statements(script.ast.statements().iter());
        let assigned = walk.assigned.into_iter().filter(|name| script.variables.contains(name)).collect();
        Effect { needs: walk.needs, assigned }
    }

    /// The names that surely have a value if the expression is `truth`.
    pub fn proves(&self, expression: &Expression, truth: bool) -> Vec<String> {
        match expression.ast.statements() {
            [Stmt::Expr(only)] => proofs::of(only, truth),
            [Stmt::FnCall(call, _)] => proofs::of_call(call, truth),
            _ => Vec::new(),
        }
    }

    /// The members of `name` that an expression reads, with their places.
    pub fn members(&self, expression: &Expression, name: &str) -> Vec<(String, Place)> {
        let mut members = Vec::new();
        for statement in expression.ast.statements() {
            let _whole = statement.walk(&mut Vec::new(), &mut |path| {
                if let Some(rhai::ASTNode::Expr(Expr::Dot(pair, ..))) = path.last()
                    && matches!(&pair.lhs, Expr::Variable(root, ..) if *root.1 == *name)
                {
                    let member = match &pair.rhs {
                        Expr::Dot(further, ..) => &further.lhs,
                        last => last,
                    };
                    if let Expr::Property(member, position) = member {
                        members.push((member.2.to_string(), error::at(expression, *position)));
                    }
                }
                true
            });
        }
        members
    }

    /// Whether an expression surely gives a value, if the names do that `is_written` says.
    pub fn surely_gives(&self, expression: &Expression, is_written: &dyn Fn(&str) -> bool) -> bool {
        match expression.ast.statements() {
            [Stmt::Expr(only)] => match &**only {
                Expr::Unit(_) => false,
                Expr::Variable(name, ..) => !expression.variables.iter().any(|free| *free == *name.1) || is_written(&name.1),
                _ => true,
            },
            _ => true,
        }
    }
}

/// A function of `rules.rhai`, its body compiled by itself so that it can be looked into.
#[derive(Debug)]
pub(super) struct Body {
    name: String,
    parameters: Vec<String>,
    ast: AST,
}

/// The functions of `rules.rhai`.
pub(super) fn bodies(reader: &Engine, functions: &AST, text: &str) -> Vec<Body> {
    let body = |function: rhai::ScriptFnMetadata<'_>| {
        let compiled = functions.shared_lib().get_script_fn(function.name, function.params.len())?;
        let (from, to) = (offset(text, compiled.body.start_position())?, offset(text, compiled.body.end_position())?);
        let ast = reader.compile(text.get(from..=to)?).ok()?;
        let parameters = function.params.iter().map(|parameter| (*parameter).to_owned()).collect();
        Some(Body { name: function.name.to_owned(), parameters, ast })
    };
    functions.iter_functions().filter_map(body).collect()
}

/// The byte at a position.
fn offset(text: &str, position: Position) -> Option<usize> {
    let (line, column) = (position.line()?, position.position()?);
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    Some(before + text.get(before..)?.char_indices().nth(column - 1)?.0)
}

struct Walk<'a> {
    expression: &'a Expression,
    functions: &'a [Body],
    /// Names that are declared in the script itself, or parameters.
    local: Vec<String>,
    /// Names that have a value here, or have been told.
    present: Vec<String>,
    assigned: Vec<String>,
    needs: Vec<Need>,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn new(expression: &'a Expression, functions: &'a [Body]) -> Self {
        let (local, present, assigned, needs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { expression, functions, local, present, assigned, needs, depth: 0 }
    }

    fn has(&self, name: &str) -> bool {
        self.local.iter().chain(&self.present).any(|known| known == name)
    }

    fn name(&mut self, name: &str, how: Use, position: Position) {
        if !self.has(name) && (self.depth > 0 || self.expression.variables.iter().any(|free| free == name)) {
            let mut place = error::at(self.expression, position);
            if place.span.line == place.span.end_line && place.span.end_column == place.span.column + 1 {
                place.span.end_column = place.span.column + u32::try_from(name.chars().count()).unwrap_or(1);
            }
            self.needs.push(Need { name: name.to_owned(), how, place });
        }
    }

    /// Looks at something that need not happen: what it assigns does not count.
    fn perhaps(&mut self, facts: Vec<String>, look: impl FnOnce(&mut Self)) -> Vec<String> {
        let (present, local, assigned) = (self.present.len(), self.local.len(), self.assigned.len());
        self.present.extend(facts);
        look(self);
        let gained = self.assigned.split_off(assigned);
        self.present.truncate(present);
        self.local.truncate(local);
        gained
    }

    fn statements<'s>(&mut self, statements: impl Iterator<Item = &'s Stmt>) {
        let statements: Vec<&Stmt> = statements.collect();
        for statement in statements {
            self.statement(statement, Use::Passes);
        }
    }

    fn statement(&mut self, statement: &Stmt, whole: Use) {
        match statement {
            Stmt::If(flow, _) => {
                self.expression(&flow.expr, Use::Fails);
                let then = self.perhaps(proofs::of(&flow.expr, true), |walk| walk.statements(flow.body.iter()));
                let other = self.perhaps(proofs::of(&flow.expr, false), |walk| walk.statements(flow.branch.iter()));
                let both: Vec<String> = then.into_iter().filter(|name| other.contains(name)).collect();
                self.present.extend(both.iter().cloned());
                self.assigned.extend(both);
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) | Stmt::TryCatch(flow, _) => {
                self.expression(&flow.expr, Use::Passes);
                self.perhaps(Vec::new(), |walk| walk.statements(flow.body.iter()));
                self.perhaps(Vec::new(), |walk| walk.statements(flow.branch.iter()));
            }
            Stmt::For(parts, _) => {
                let (item, counter, flow) = &**parts;
                self.expression(&flow.expr, Use::Fails);
                self.perhaps(Vec::new(), |walk| {
                    walk.local.push(item.name.to_string());
                    walk.local.extend(counter.iter().map(|counter| counter.name.to_string()));
                    walk.statements(flow.body.iter());
                });
            }
            Stmt::Switch(parts, _) => {
                self.expression(&parts.0, Use::Compares);
                for case in &parts.1.expressions {
                    self.perhaps(Vec::new(), |walk| walk.expression(&case.lhs, Use::Fails));
                    self.perhaps(Vec::new(), |walk| walk.expression(&case.rhs, Use::Passes));
                }
            }
            Stmt::Var(parts, ..) => {
                self.expression(&parts.1, Use::Passes);
                self.local.push(parts.0.name.to_string());
            }
            Stmt::Assignment(parts) => self.assignment(parts.0.is_op_assignment(), &parts.1.lhs, &parts.1.rhs),
            Stmt::FnCall(call, _) => self.call(call),
            Stmt::Block(block) => {
                let local = self.local.len();
                self.statements(block.iter());
                self.local.truncate(local);
            }
            Stmt::Expr(expression) => self.expression(expression, whole),
            Stmt::BreakLoop(Some(expression), ..) | Stmt::Return(Some(expression), ..) => self.expression(expression, Use::Passes),
            _ => {}
        }
    }

    fn assignment(&mut self, compound: bool, to: &Expr, value: &Expr) {
        self.expression(value, if compound { Use::Fails } else { Use::Passes });
        match to {
            Expr::Variable(name, _, position) => {
                if compound {
                    self.name(&name.1, Use::Fails, *position);
                }
                let gives = match value {
                    Expr::Unit(_) => false,
                    Expr::Variable(other, ..) => self.has(&other.1),
                    _ => true,
                };
                if gives {
                    self.present.push(name.1.to_string());
                    self.assigned.push(name.1.to_string());
                }
            }
            _ => self.expression(to, Use::Fails),
        }
    }

    fn expression(&mut self, expression: &Expr, how: Use) {
        match expression {
            Expr::Variable(name, _, position) => self.name(&name.1, how, *position),
            Expr::Dot(pair, flags, _) => {
                let open = if flags.contains(ASTFlags::NEGATED) { how } else { Use::Fails };
                let tolerant = matches!(&pair.rhs, Expr::MethodCall(call, _) if proofs::is_tolerant(&call.name));
                if !(tolerant && matches!(pair.lhs, Expr::Variable(..))) {
                    self.expression(&pair.lhs, open);
                }
                self.expression(&pair.rhs, how);
            }
            Expr::Index(pair, flags, _) => {
                let open = if flags.contains(ASTFlags::NEGATED) { how } else { Use::Fails };
                self.expression(&pair.lhs, open);
                self.expression(&pair.rhs, Use::Fails);
            }
            Expr::FnCall(call, _) => self.call(call),
            Expr::MethodCall(call, _) => call.args.iter().for_each(|argument| self.expression(argument, Use::Passes)),
            Expr::And(parts, _) => self.chain(parts, true),
            Expr::Or(parts, _) => self.chain(parts, false),
            Expr::Coalesce(parts, _) => {
                let (last, first) = (parts.len().saturating_sub(1), &parts[..]);
                for (at, part) in first.iter().enumerate() {
                    match part {
                        Expr::Variable(..) if at < last => {}
                        part => self.expression(part, how),
                    }
                }
            }
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => {
                parts.iter().for_each(|part| self.expression(part, Use::Passes));
            }
            Expr::Map(parts, _) => parts.0.iter().for_each(|(_, part)| self.expression(part, Use::Passes)),
            Expr::Stmt(block) => {
                let local = self.local.len();
                let last = block.statements().len().saturating_sub(1);
                for (at, statement) in block.iter().enumerate() {
                    self.statement(statement, if at == last { how } else { Use::Passes });
                }
                self.local.truncate(local);
            }
            _ => {}
        }
    }

    /// `a && b && c`, or `a || b`: each is looked at only if those before were true, or false.
    fn chain(&mut self, parts: &[Expr], truth: bool) {
        let before = self.present.len();
        for part in parts {
            self.expression(part, Use::Fails);
            self.present.extend(proofs::of(part, truth));
        }
        self.present.truncate(before);
    }

    fn call(&mut self, call: &FnCallExpr) {
        let functions = self.functions;
        let own = functions.iter().find(|own| own.name == *call.name && own.parameters.len() == call.args.len());
        match (&call.op_token, call.args.as_slice()) {
            (Some(Token::EqualsTo | Token::NotEqualsTo), [left, right]) => {
                if !matches!(left, Expr::Unit(_)) && !matches!(right, Expr::Unit(_)) {
                    self.expression(left, Use::Compares);
                    self.expression(right, Use::Compares);
                }
            }
            (Some(_), operands) => operands.iter().for_each(|operand| self.expression(operand, Use::Fails)),
            (None, [list, item]) if call.name == "contains" => {
                self.expression(list, Use::Fails);
                self.expression(item, Use::Compares);
            }
            (None, arguments) if proofs::is_tolerant(&call.name) => {
                for argument in arguments.iter().filter(|argument| !matches!(argument, Expr::Variable(..))) {
                    self.expression(argument, Use::Passes);
                }
            }
            (None, arguments) => match own {
                Some(function) => self.own_call(function, arguments),
                None => arguments.iter().for_each(|argument| self.expression(argument, Use::Fails)),
            },
        }
    }

    /// A function of `rules.rhai` needs of its arguments what its body needs of its parameters.
    fn own_call(&mut self, function: &Body, arguments: &[Expr]) {
        let mut within = Walk { depth: self.depth + 1, ..Walk::new(self.expression, self.functions) };
        if within.depth < CALLS_MAX {
            within.statements(function.ast.statements().iter());
        }
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            let of_parameter = within.needs.iter().filter(|need| need.name == *parameter).map(|need| need.how);
            match of_parameter.max() {
                Some(how) => self.expression(argument, how),
                None if matches!(argument, Expr::Variable(..)) => {}
                None => self.expression(argument, Use::Passes),
            }
        }
    }
}
