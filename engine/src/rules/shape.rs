//! Changes that rhai's size limits do not see are refused before anything runs.
//!
//! rhai 1.27 measures a variable when it is changed itself or through one member (`x.push(1)`, `m.a = 1`), but not when
//! something further inside grows (`m[k] = v`, `m.a.push(1)`): a script could fill the memory within its operations.
//! So a script changes variables and their direct members only; `m.set(k, v)` does what `m[k] = v` would.

use rhai::{AST, ASTNode, Expr, Position, Stmt};

/// Functions that change the value they are called on, and may make it larger.
const GROWING: &[&str] = &["push", "insert", "append", "pad", "set", "splice", "fill_with", "mixin", "replace"];

/// The position of the first change that is too deep, if there is one; functions and closures included.
pub(super) fn too_deep(ast: &AST) -> Option<Position> {
    let mut found = None;
    ast.walk(&mut |path| {
        let refused = match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) if !is_near(&parts.1.lhs) => parts.1.lhs.position(),
            Some(ASTNode::Expr(Expr::MethodCall(call, at))) if GROWING.contains(&&*call.name) && !on_variable(path) => *at,
            _ => return true,
        };
        found = Some(refused);
        false
    });
    found
}

/// A variable, or one member of it.
fn is_near(target: &Expr) -> bool {
    match target {
        Expr::Variable(..) => true,
        Expr::Dot(pair, ..) => matches!((&pair.lhs, &pair.rhs), (Expr::Variable(..), Expr::Property(..))),
        _ => false,
    }
}

/// Whether the method call that ends `path` is called on a variable, and is not the tail of a longer chain.
fn on_variable(path: &[ASTNode<'_>]) -> bool {
    let outer = |steps: usize| path.len().checked_sub(steps).and_then(|at| path.get(at));
    let direct = matches!(outer(2), Some(ASTNode::Expr(Expr::Dot(pair, ..))) if matches!(pair.lhs, Expr::Variable(..)));
    direct && !matches!(outer(3), Some(ASTNode::Expr(Expr::Dot(..) | Expr::Index(..))))
}
