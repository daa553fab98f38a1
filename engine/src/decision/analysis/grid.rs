//! Which rules hold on which pieces of the inputs, and the search for a place that none of them covers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::axis::Axis;
use crate::{
    decision::{DecisionTable, scale::Point, truth::Truth},
    form::FieldType,
    rules::{Expression, Lookup, Rules},
};

/// A set of rules, or of pieces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn of(size: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none(size);
        (0..size).filter(|at| holds(*at)).for_each(|at| bits.0[at / 64] |= 1 << (at % 64));
        bits
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// The first that both have.
    fn common(&self, other: &Self) -> Option<usize> {
        let mut words = self.0.iter().zip(&other.0).map(|(a, b)| a & b).enumerate();
        words.find(|(_, word)| *word != 0).map(|(at, word)| at * 64 + word.trailing_zeros() as usize)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// How certainly a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its cells hold.
    Surely,
    /// They hold, or depend on an expression that nobody looked into.
    Maybe,
}

/// For each input and each of its pieces, the rules whose cell holds there; and the other way round.
pub(super) struct Grid {
    size: usize,
    surely: Plane,
    maybe: Plane,
}

struct Plane {
    /// By input and piece: rules.
    rules: Vec<Vec<Bits>>,
    /// By input and rule: pieces.
    pieces: Vec<Vec<Bits>>,
}

impl Plane {
    /// `truths` by input, piece and rule.
    fn of(size: usize, truths: &[Vec<Vec<Truth>>], holds: fn(Truth) -> bool) -> Self {
        let rules = |column: &Vec<Vec<Truth>>| column.iter().map(|piece| Bits::of(size, |rule| holds(piece[rule]))).collect();
        let pieces = |column: &Vec<Vec<Truth>>| (0..size).map(|rule| Bits::of(column.len(), |piece| holds(column[piece][rule]))).collect();
        Self { rules: truths.iter().map(rules).collect(), pieces: truths.iter().map(pieces).collect() }
    }
}

impl Grid {
    pub(super) fn of(table: &DecisionTable, axes: &[Axis], rules: &Rules) -> Self {
        let size = table.rules.len();
        let truths = |(column, axis): (usize, &Axis)| -> Vec<Vec<Truth>> {
            let piece = |sample: &Point| (0..size).map(|rule| truth(table, rules, (rule, column), sample, axis)).collect();
            axis.samples.iter().map(piece).collect()
        };
        let truths: Vec<Vec<Vec<Truth>>> = axes.iter().enumerate().map(truths).collect();
        let surely = Plane::of(size, &truths, |truth| truth == Truth::Yes);
        let maybe = Plane::of(size, &truths, |truth| matches!(truth, Truth::Yes | Truth::Open));
        Self { size, surely, maybe }
    }

    fn plane(&self, reach: Reach) -> &Plane {
        match reach {
            Reach::Surely => &self.surely,
            Reach::Maybe => &self.maybe,
        }
    }

    /// A place where both rules hold.
    pub(super) fn common(&self, a: usize, b: usize, reach: Reach) -> Option<Vec<usize>> {
        self.plane(reach).pieces.iter().map(|column| column[a].common(&column[b])).collect()
    }

    /// Whether a rule holds anywhere, as far as can be told.
    pub(super) fn can_hold(&self, rule: usize) -> bool {
        self.common(rule, rule, Reach::Maybe).is_some()
    }
}

/// Whether a rule's cell holds on a piece. Expressions over one finite input are tried out.
fn truth(table: &DecisionTable, rules: &Rules, (rule, column): (usize, usize), sample: &Point, axis: &Axis) -> Truth {
    let input = &table.inputs[column];
    let mut ask = |expression: &Expression| -> Result<Truth, std::convert::Infallible> {
        let alone = expression.variables.iter().all(|name| *name == input.name);
        let value = match sample {
            Point::Flag(flag) => Value::from(*flag),
            Point::Word(word) => Value::from(word.as_str()),
            _ => return Ok(Truth::Open),
        };
        if !alone || !axis.is_finite {
            return Ok(Truth::Open);
        }
        let one = One { name: &input.name, of: &input.of, value };
        Ok(rules.condition(expression, &one).map_or(Truth::Open, Truth::from))
    };
    match table.rules[rule].when[column].test.truth(sample, &mut ask) {
        Ok(truth) => truth,
        Err(never) => match never {},
    }
}

struct One<'a> {
    name: &'a str,
    of: &'a FieldType,
    value: Value,
}

impl Lookup for One<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        (name == self.name).then(|| self.value.clone())
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        (name == self.name).then(|| self.of.clone())
    }
}

/// A search for a place that none of some rules covers.
pub(super) struct Search {
    columns: Vec<Vec<(usize, Bits)>>,
    /// Rules that hold everywhere from this column on.
    rest: Vec<Bits>,
    among: Bits,
}

impl Search {
    /// Everywhere, for all rules.
    pub(super) fn all(grid: &Grid, reach: Reach) -> Self {
        let columns = grid.plane(reach).rules.iter().map(|column| column.iter().cloned().enumerate().collect()).collect();
        Self::new(grid.size, columns, |_| true)
    }

    /// Where `rule` may hold, for the rules `among`.
    pub(super) fn within(grid: &Grid, rule: usize, among: &[bool]) -> Self {
        let pieces = grid.surely.rules.iter().zip(&grid.maybe.rules).map(|(surely, maybe)| {
            let held = maybe.iter().enumerate().filter(|(_, piece)| piece.has(rule)).map(|(at, _)| at);
            held.map(|at| (at, surely[at].clone())).collect()
        });
        Self::new(grid.size, pieces.collect(), |other| among[other])
    }

    fn new(size: usize, columns: Vec<Vec<(usize, Bits)>>, among: impl FnMut(usize) -> bool) -> Self {
        let mut rest = vec![Bits::of(size, |_| true)];
        for column in columns.iter().rev() {
            let after = rest.last().cloned().unwrap_or_else(|| Bits::none(size));
            rest.push(column.iter().fold(after, |so_far, (_, piece)| so_far.and(piece)));
        }
        rest.reverse();
        Self { columns, rest, among: Bits::of(size, among) }
    }

    /// A place, one piece an input, where none of the rules holds; None within if there is none, None outside if `steps`
    /// did not suffice.
    pub(super) fn uncovered(&self, steps: &mut usize) -> Option<Option<Vec<usize>>> {
        let mut path = Vec::with_capacity(self.columns.len());
        self.descend(&self.among, &mut path, &mut BTreeSet::new(), steps)
    }

    /// The same rules left at the same input need not be looked at again.
    fn descend(
        &self,
        left: &Bits,
        path: &mut Vec<usize>,
        seen: &mut BTreeSet<(usize, Bits)>,
        steps: &mut usize,
    ) -> Option<Option<Vec<usize>>> {
        let column = path.len();
        if left.is_empty() && self.columns[column..].iter().all(|pieces| !pieces.is_empty()) {
            let rest = self.columns[column..].iter().filter_map(|pieces| Some(pieces.first()?.0));
            return Some(Some(path.iter().copied().chain(rest).collect()));
        }
        if column == self.columns.len() || !left.and(&self.rest[column]).is_empty() || !seen.insert((column, left.clone())) {
            return Some(None);
        }
        *steps = steps.checked_sub(self.columns[column].len())?;
        for (piece, holding) in &self.columns[column] {
            path.push(*piece);
            if let Some(found) = self.descend(&left.and(holding), path, seen, steps)? {
                return Some(Some(found));
            }
            path.pop();
        }
        Some(None)
    }
}
