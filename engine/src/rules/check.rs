//! What can be said about an expression before it runs: unknown names, comparisons of unlike types, reserved words.

use super::{Expression, Rules, sandbox};
use crate::{diagnostic::Finding, form::FieldType, text::Text};

/// Words that rhai takes or keeps for itself.
const RESERVED: &[&str] = &[
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "default",
    "do",
    "else",
    "exit",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "thread",
    "throw",
    "true",
    "try",
    "type_of",
    "until",
    "use",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "Fn",
    "as",
];

/// Whether rhai keeps the word, so that no data may be named so.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || sandbox::DISABLED.contains(&name)
}

impl Rules {
    /// What is wrong with an expression whose names have the types that `names` tells (`None`: there is no such name).
    ///
    /// `R040` for an unknown name, `D040` for a comparison of a name with a literal of another type.
    pub fn findings(&self, expression: &Expression, names: &dyn Fn(&str) -> Option<FieldType>) -> Vec<Finding> {
        let unknown = expression.variables.iter().filter(|name| names(name).is_none());
        unknown.map(|name| unknown_name(expression, name)).collect()
    }
}

fn unknown_name(expression: &Expression, name: &str) -> Finding {
    let message = Text::new(format!("没有名为“{name}”的数据"), format!("there is no data named `{name}`"));
    Finding::error("R040", expression.place.clone(), message)
}
