//! Every code of a finding: what it says in one line, and what is behind it. `tongban explain CODE` shows it.

mod bpmn;
mod data;
mod decision;
mod flow;
mod form;
mod law;
mod people;
mod references;
mod shape;
mod time;

use crate::text::Text;

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, such as `F001`.
    pub code: &'static str,
    title: [&'static str; 2],
    explanation: [&'static str; 2],
}

impl Code {
    /// What is wrong, in a few words.
    pub fn title(&self) -> Text {
        Text::new(self.title[0], self.title[1])
    }

    /// Why it matters and what to do.
    pub fn explanation(&self) -> Text {
        Text::new(self.explanation[0], self.explanation[1])
    }
}

/// The meaning of `code`; small letters will do.
pub fn explain(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// Every code, by group: Y shape, R references, F flow, D data, T time, P people, L law.
pub static CODES: &[Code] = &joined::<{ length(LISTS) }>(LISTS);

/// The lists of all groups, and of what has files of its own.
const LISTS: &[&[Code]] = &[
    shape::SHAPE,
    references::REFERENCES,
    flow::FLOW,
    data::DATA,
    time::TIME,
    people::PEOPLE,
    law::LAW,
    form::FORM,
    decision::DECISION,
    bpmn::BPMN,
];

const fn length(lists: &[&[Code]]) -> usize {
    let (mut list, mut length) = (0, 0);
    while list < lists.len() {
        length += lists[list].len();
        list += 1;
    }
    length
}

/// Several lists as one; `N` is their length together.
const fn joined<const N: usize>(lists: &[&[Code]]) -> [Code; N] {
    let mut all = [lists[0][0]; N];
    let (mut list, mut to) = (0, 0);
    while list < lists.len() {
        let mut from = 0;
        while from < lists[list].len() {
            all[to] = lists[list][from];
            (from, to) = (from + 1, to + 1);
        }
        list += 1;
    }
    all
}

const fn of(code: &'static str, title: [&'static str; 2], explanation: [&'static str; 2]) -> Code {
    Code { code, title, explanation }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_stands_once() {
        let codes: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(codes.len(), CODES.len());
        assert_eq!(explain("f001").map(|code| code.code), Some("F001"));
        assert_eq!(explain("X999"), None);
    }
}
