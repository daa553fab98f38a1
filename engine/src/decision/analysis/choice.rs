//! Conditions of branches, looked at as a table is: each subject cut into the pieces between which no condition tells a
//! difference. Finds data for which no branch is taken, and branches that never are.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::axis::Axis;
use crate::{
    decision::{
        scale::{Point, Scale},
        truth::{Test, Truth},
    },
    form::{FieldStandard, FieldType},
    rules::{Asked, Is, Logic},
};

/// Combinations of pieces that are looked at.
const COMBINATIONS_MAX: usize = 100_000;

/// The conditions of one choice, in their order.
pub(crate) struct Choice<'a> {
    conditions: Vec<&'a Logic>,
    subjects: BTreeMap<&'a str, Subject>,
    zone: &'a TimeZone,
}

struct Subject {
    of: FieldType,
    axis: Axis,
}

impl<'a> Choice<'a> {
    /// `absent` says of what is asked whether it may have no value.
    pub(crate) fn of(
        conditions: Vec<&'a Logic>,
        absent: &dyn Fn(&Asked) -> bool,
        standard: &FieldStandard,
        zone: &'a TimeZone,
    ) -> Option<Self> {
        let mut asked: BTreeMap<&str, Vec<&Asked>> = BTreeMap::new();
        for condition in &conditions {
            each(condition, &mut |one| asked.entry(one.subject.as_str()).or_default().push(one));
        }
        let mut combinations: usize = 1;
        let mut subjects = BTreeMap::new();
        for (subject, all) in asked {
            let of = all.first().map(|one| one.of.clone())?;
            let tests: Vec<Test> = all.iter().filter_map(|one| test(&one.is, Scale::of(&of), zone)).collect();
            let axis = Axis::asked(&of, tests.iter(), all.iter().any(|one| absent(one)), standard);
            combinations = combinations.checked_mul(axis.samples.len()).filter(|&many| many <= COMBINATIONS_MAX)?;
            subjects.insert(subject, Subject { of, axis });
        }
        Some(Self { conditions, subjects, zone })
    }

    /// Data for which none of the conditions holds, in words: `risk = high，人数 = 3`.
    pub(crate) fn gap(&self) -> Option<(String, String)> {
        self.find(&mut |at| self.conditions.iter().all(|condition| self.truth(condition, at) == Truth::No))
    }

    /// Whether there may be data for which condition `index` holds, and none of those `before` it.
    pub(crate) fn is_taken(&self, index: usize, before: bool) -> bool {
        let earlier = if before { &self.conditions[..index] } else { &[] };
        let open = |at: &BTreeMap<&str, &Point>| {
            !matches!(self.truth(self.conditions[index], at), Truth::No)
                && earlier.iter().all(|condition| self.truth(condition, at) != Truth::Yes)
        };
        self.find(&mut |at| open(at)).is_some()
    }

    /// Goes through all combinations until one fits.
    fn find(&self, fits: &mut dyn FnMut(&BTreeMap<&str, &Point>) -> bool) -> Option<(String, String)> {
        let subjects: Vec<(&str, &Subject)> = self.subjects.iter().map(|(name, subject)| (*name, subject)).collect();
        let mut at: Vec<usize> = vec![0; subjects.len()];
        if subjects.iter().any(|(_, subject)| subject.axis.samples.is_empty()) {
            return None;
        }
        loop {
            let here: BTreeMap<&str, &Point> =
                subjects.iter().zip(&at).map(|((name, subject), &piece)| (*name, &subject.axis.samples[piece])).collect();
            if fits(&here) {
                return Some(self.told(&here));
            }
            let next = (0..at.len()).rev().find(|&axis| at[axis] + 1 < subjects[axis].1.axis.samples.len())?;
            at[next] += 1;
            at[next + 1..].fill(0);
        }
    }

    fn truth(&self, logic: &Logic, at: &BTreeMap<&str, &Point>) -> Truth {
        match logic {
            Logic::Known(known) => (*known).into(),
            Logic::Not(inner) => match self.truth(inner, at) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                other => other,
            },
            Logic::All(parts) => joined(parts.iter().map(|part| self.truth(part, at)), Truth::No, Truth::Yes),
            Logic::Any(parts) => joined(parts.iter().map(|part| self.truth(part, at)), Truth::Yes, Truth::No),
            Logic::Asks(asked) => match (&asked.is, at.get(asked.subject.as_str())) {
                (_, None) => Truth::Open,
                (Is::Set, Some(point)) => set(point),
                (Is::Equal(_), Some(Point::Absent)) => Truth::No,
                // What fails is told where the value is missing; it is no gap.
                (_, Some(Point::Absent)) => Truth::Open,
                (is, Some(point)) => match test(is, Scale::of(&asked.of), self.zone) {
                    Some(test) => test.truth(point, &mut |_| Ok::<_, std::convert::Infallible>(Truth::Open)).unwrap_or(Truth::Open),
                    None => Truth::Open,
                },
            },
        }
    }

    fn told(&self, at: &BTreeMap<&str, &Point>) -> (String, String) {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for (name, point) in at {
            let Some(subject) = self.subjects.get(name) else { continue };
            if let (Some((a, b)), Point::Number(number)) = (name.split_once(" <=> "), point) {
                let order = if number.is_zero() {
                    "="
                } else if number.is_sign_negative() {
                    "<"
                } else {
                    ">"
                };
                zh.push(format!("{a} {order} {b}"));
                en.push(format!("{a} {order} {b}"));
                continue;
            }
            let (shown_zh, shown_en) = match point {
                Point::Absent => ("（没有值）".to_owned(), "(absent)".to_owned()),
                point if subject.axis.other.as_ref() == Some(point) => ("（其他任何值）".to_owned(), "(anything else)".to_owned()),
                point => (Scale::of(&subject.of).show(point), Scale::of(&subject.of).show(point)),
            };
            zh.push(format!("{name} = {shown_zh}"));
            en.push(format!("{name} = {shown_en}"));
        }
        (zh.join("，"), en.join(", "))
    }
}

/// Whether a value is there; blank text counts as none.
fn set(point: &Point) -> Truth {
    match point {
        Point::Absent => Truth::No,
        Point::Word(word) if word.trim().is_empty() => Truth::Open,
        _ => Truth::Yes,
    }
}

/// `decisive` if one part is, else `otherwise` if all are, else open.
fn joined(mut parts: impl Iterator<Item = Truth>, decisive: Truth, otherwise: Truth) -> Truth {
    let mut so_far = otherwise;
    loop {
        match parts.next() {
            None => return so_far,
            Some(part) if part == decisive => return decisive,
            Some(part) if part == otherwise => {}
            Some(_) => so_far = Truth::Open,
        }
    }
}

fn test(is: &Is, scale: Scale, zone: &TimeZone) -> Option<Test> {
    let number = |constant: &str| match scale.literal(constant, zone)? {
        Point::Number(number) => Some(number),
        _ => None,
    };
    Some(match is {
        Is::Equal(constant) => Test::Equal(scale.literal(constant, zone)?),
        Is::Below(constant, with) => Test::Range { low: None, high: Some((number(constant)?, *with)) },
        Is::Above(constant, with) => Test::Range { low: Some((number(constant)?, *with)), high: None },
        Is::True => Test::Equal(Point::Flag(true)),
        Is::Set => return None,
    })
}

fn each<'a>(logic: &'a Logic, see: &mut dyn FnMut(&'a Asked)) {
    match logic {
        Logic::Known(_) => {}
        Logic::Not(inner) => each(inner, see),
        Logic::All(parts) | Logic::Any(parts) => parts.iter().for_each(|part| each(part, see)),
        Logic::Asks(asked) => see(asked),
    }
}
