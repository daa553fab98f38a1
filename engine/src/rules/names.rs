//! Which names an expression reads, found by walking its syntax tree.

use rhai::{AST, Expr, FnCallExpr, Stmt};

/// The free names, each once, in order of first appearance; what the expression declares itself is left out.
pub(super) fn free(ast: &AST) -> Vec<String> {
    let mut walk = Walk::default();
    walk.block(ast.statements());
    walk.free
}

#[derive(Default)]
struct Walk {
    free: Vec<String>,
    local: Vec<String>,
}

impl Walk {
    fn name(&mut self, name: &str) {
        if !self.local.iter().any(|known| known == name) && !self.free.iter().any(|known| known == name) {
            self.free.push(name.to_owned());
        }
    }

    fn block<'a>(&mut self, statements: impl IntoIterator<Item = &'a Stmt>) {
        let outer = self.local.len();
        for statement in statements {
            self.statement(statement);
        }
        self.local.truncate(outer);
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::If(flow, _) => {
                self.expression(&flow.expr);
                self.block(flow.body.iter());
                self.block(flow.branch.iter());
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.expression(&flow.expr);
                self.block(flow.body.iter());
            }
            Stmt::For(parts, _) => {
                let (item, counter, flow) = &**parts;
                self.expression(&flow.expr);
                let outer = self.local.len();
                self.local.push(item.name.to_string());
                self.local.extend(counter.iter().map(|counter| counter.name.to_string()));
                self.block(flow.body.iter());
                self.local.truncate(outer);
            }
            Stmt::Switch(parts, _) => {
                self.expression(&parts.0);
                for case in &parts.1.expressions {
                    self.expression(&case.lhs);
                    self.expression(&case.rhs);
                }
            }
            Stmt::TryCatch(flow, _) => {
                self.block(flow.body.iter());
                let outer = self.local.len();
                if let Expr::Variable(caught, ..) = &flow.expr {
                    self.local.push(caught.1.to_string());
                }
                self.block(flow.branch.iter());
                self.local.truncate(outer);
            }
            Stmt::Var(parts, ..) => {
                self.expression(&parts.1);
                self.local.push(parts.0.name.to_string());
            }
            Stmt::Assignment(parts) => {
                self.expression(&parts.1.lhs);
                self.expression(&parts.1.rhs);
            }
            Stmt::FnCall(call, _) => self.call(call),
            Stmt::Block(block) => self.block(block.iter()),
            Stmt::Expr(expression) => self.expression(expression),
            Stmt::BreakLoop(Some(expression), ..) | Stmt::Return(Some(expression), ..) => self.expression(expression),
            // A closure captures: the names were free where it stands.
            Stmt::Share(names) => names.iter().for_each(|(name, _)| self.name(&name.name)),
            _ => {}
        }
    }

    fn call(&mut self, call: &FnCallExpr) {
        call.args.iter().for_each(|argument| self.expression(argument));
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Variable(name, ..) => self.name(&name.1),
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => parts.iter().for_each(|part| self.expression(part)),
            Expr::Map(parts, _) => parts.0.iter().for_each(|(_, part)| self.expression(part)),
            Expr::MethodCall(call, _) | Expr::FnCall(call, _) => self.call(call),
            Expr::Stmt(block) => self.block(block.iter()),
            Expr::Dot(pair, ..) | Expr::Index(pair, ..) => {
                self.expression(&pair.lhs);
                self.expression(&pair.rhs);
            }
            Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => parts.iter().for_each(|part| self.expression(part)),
            _ => {}
        }
    }
}
