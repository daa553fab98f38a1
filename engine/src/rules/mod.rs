//! Expressions and scripts: rhai, sandboxed, compiled once, pure.

/// A compiled expression with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub place: crate::source::Place,
}
