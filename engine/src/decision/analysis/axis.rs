//! One input cut into pieces: every cell of its column holds for all of a piece or for none of it, so that one sample
//! stands for each.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::{
    decision::{
        DecisionTable, Input,
        scale::{Point, Scale},
        truth::{Test, Truth},
    },
    form::{FieldStandard, FieldType},
};

/// The samples of one input.
pub(super) struct Axis {
    /// One value of each piece.
    pub(super) samples: Vec<Point>,
    /// The sample that stands for every word that no cell names.
    pub(super) other: Option<Point>,
    /// Whether the samples are all the values there are, so that expressions over them can be tried out.
    pub(super) is_finite: bool,
}

impl Axis {
    /// Cuts input `column` of the table.
    pub(super) fn of(table: &DecisionTable, column: usize, standard: &FieldStandard) -> Self {
        let input = &table.inputs[column];
        let mut marks = Marks::default();
        for test in table.rules.iter().map(|rule| &rule.when[column].test).chain(input.values.as_ref().map(|cell| &cell.test)) {
            test.each(&mut |test| marks.see(test));
        }
        input.within.iter().for_each(|within| marks.see(within));
        Self::cut(&input.of, &marks, standard, |sample| may_be(input, sample))
    }

    /// Cuts what is asked by `tests`; `absent` says that there may be no value, too.
    pub(super) fn asked<'t>(of: &FieldType, tests: impl Iterator<Item = &'t Test>, absent: bool, standard: &FieldStandard) -> Self {
        let mut marks = Marks { absent, ..Marks::default() };
        for test in tests {
            test.each(&mut |test| marks.see(test));
        }
        marks.absent = absent;
        Self::cut(of, &marks, standard, |_| true)
    }

    fn cut(of: &FieldType, marks: &Marks, standard: &FieldStandard, may_be: impl Fn(&Point) -> bool) -> Self {
        let (scale, mut other) = (Scale::of(of), None);
        let mut samples: Vec<Point> = match scale {
            Scale::Flag => vec![Point::Flag(true), Point::Flag(false)],
            Scale::Closed => vec![Point::Word(String::new())],
            Scale::Word => match of {
                FieldType::Code(list) if standard.codes.contains_key(list) => {
                    standard.codes[list].codes.keys().map(|code| Point::Word(code.clone())).collect()
                }
                _ => {
                    let unnamed = unnamed(&marks.words);
                    other = Some(unnamed.clone());
                    marks.words.iter().map(|word| Point::Word(word.clone())).chain([unnamed]).collect()
                }
            },
            _ => pieces(&marks.numbers, scale.step()),
        };
        samples.retain(|sample| may_be(sample));
        let is_finite = matches!(scale, Scale::Flag | Scale::Word) && other.as_ref().is_none_or(|other| !samples.contains(other));
        if scale == Scale::Closed {
            other = samples.first().cloned();
        }
        if marks.absent {
            samples.push(Point::Absent);
        }
        Self { samples, other, is_finite }
    }
}

/// Whether `values` and the field's limits take the sample.
fn may_be(input: &Input, sample: &Point) -> bool {
    let mut closed = |_: &_| Ok::<_, std::convert::Infallible>(Truth::Yes);
    let mut takes = |test: &Test| test.truth(sample, &mut closed) == Ok(Truth::Yes);
    input.values.as_ref().is_none_or(|values| takes(&values.test)) && input.within.as_ref().is_none_or(takes)
}

/// What the cells of a column name.
#[derive(Default)]
struct Marks {
    numbers: BTreeSet<Decimal>,
    words: BTreeSet<String>,
    absent: bool,
}

impl Marks {
    fn see(&mut self, test: &Test) {
        match test {
            Test::Absent => self.absent = true,
            Test::Equal(Point::Number(number)) => drop(self.numbers.insert(*number)),
            Test::Equal(Point::Word(word)) => drop(self.words.insert(word.clone())),
            Test::Range { low, high } => self.numbers.extend(low.iter().chain(high).map(|(bound, _)| *bound)),
            _ => {}
        }
    }
}

/// A word that is none of these.
fn unnamed(words: &BTreeSet<String>) -> Point {
    let mut word = "…".to_owned();
    while words.contains(&word) {
        word.push('…');
    }
    Point::Word(word)
}

/// The marked numbers, one number between each two neighbours, one below and one above all; only multiples of `step`, if
/// there is one.
fn pieces(marks: &BTreeSet<Decimal>, step: Option<Decimal>) -> Vec<Point> {
    let marks: Vec<Decimal> = marks.iter().copied().collect();
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return vec![Point::Number(Decimal::ZERO)] };
    let unit = step.unwrap_or(Decimal::ONE);
    let below = |mark: Decimal| multiple(mark, unit, Decimal::ceil)?.checked_sub(unit);
    let above = |mark: Decimal| multiple(mark, unit, Decimal::floor)?.checked_add(unit);
    let mut found: Vec<Decimal> = below(*first).into_iter().collect();
    for (at, mark) in marks.iter().enumerate() {
        found.extend(step.is_none_or(|step| mark.checked_rem(step).is_some_and(|rest| rest.is_zero())).then_some(*mark));
        let Some(next) = marks.get(at + 1) else { continue };
        let between = match step {
            Some(_) => above(*mark).filter(|between| between < next),
            None => next.checked_sub(*mark).and_then(|width| mark.checked_add(width / Decimal::TWO)),
        };
        found.extend(between);
    }
    found.extend(above(*last));
    found.into_iter().map(Point::Number).collect()
}

fn multiple(number: Decimal, unit: Decimal, round: fn(&Decimal) -> Decimal) -> Option<Decimal> {
    round(&number.checked_div(unit)?).checked_mul(unit)
}
