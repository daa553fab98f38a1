//! Whether a value passes a cell's test, in the three values of FEEL and a fourth for what nobody has looked into.

use rust_decimal::Decimal;

use super::scale::Point;
use crate::{rules::Expression, source::Place};

/// What a cell asks of its input.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// `-`.
    Any,
    /// `null`.
    Absent,
    /// A value.
    Equal(Point),
    /// A comparison or range: bounds, and whether they belong to it.
    Range { low: Option<(Decimal, bool)>, high: Option<(Decimal, bool)> },
    /// One of these.
    OneOf(Vec<Test>),
    /// `not(…)`: none of these.
    Not(Vec<Test>),
    /// An expression that must be true.
    Condition(Condition),
}

/// An expression in a cell.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// With the input's name in place of each `?`.
    pub(super) expression: Expression,
    /// As the whole cell was written; empty, if it says more than that.
    pub(super) written: String,
    /// The cell's place.
    pub(super) place: Place,
}

/// The answer to a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// Neither, since the value is absent (FEEL's null).
    Null,
    /// Not looked into: an expression that the analysis cannot evaluate.
    Open,
}

impl From<bool> for Truth {
    fn from(flag: bool) -> Self {
        if flag { Self::Yes } else { Self::No }
    }
}

impl Test {
    /// Whether `point` passes; `ask` answers for expressions.
    ///
    /// # Errors
    /// What `ask` says.
    pub(super) fn truth<E>(&self, point: &Point, ask: &mut dyn FnMut(&Expression) -> Result<Truth, E>) -> Result<Truth, E> {
        Ok(match self {
            Self::Any => Truth::Yes,
            Self::Absent => (*point == Point::Absent).into(),
            Self::Equal(value) => (value == point).into(),
            Self::Range { low, high } => match point {
                Point::Number(number) => within(*number, *low, *high).into(),
                Point::Absent => Truth::Null,
                _ => Truth::No,
            },
            Self::OneOf(tests) => one_of(tests, point, ask)?,
            Self::Not(tests) => match one_of(tests, point, ask)? {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                other => other,
            },
            Self::Condition(condition) => ask(&condition.expression)?,
        })
    }

    /// Visits the test and all within it.
    pub(super) fn each<'a>(&'a self, see: &mut dyn FnMut(&'a Test)) {
        see(self);
        if let Self::OneOf(tests) | Self::Not(tests) = self {
            tests.iter().for_each(|test| test.each(see));
        }
    }
}

fn within(number: Decimal, low: Option<(Decimal, bool)>, high: Option<(Decimal, bool)>) -> bool {
    low.is_none_or(|(bound, with)| number > bound || with && number == bound)
        && high.is_none_or(|(bound, with)| number < bound || with && number == bound)
}

fn one_of<E>(tests: &[Test], point: &Point, ask: &mut dyn FnMut(&Expression) -> Result<Truth, E>) -> Result<Truth, E> {
    let mut so_far = Truth::No;
    for test in tests {
        match test.truth(point, ask)? {
            Truth::Yes => return Ok(Truth::Yes),
            Truth::Open => so_far = Truth::Open,
            Truth::Null if so_far == Truth::No => so_far = Truth::Null,
            _ => {}
        }
    }
    Ok(so_far)
}
