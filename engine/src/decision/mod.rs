//! Decision tables in the sense of DMN 1.3, clause 8: `decisions/*.yaml` beside a process.
//!
//! ```yaml
//! decision: event-risk
//! name: {zh: 活动风险分级, en: Grading of the event's risk}
//! hitPolicy: first                       # unique (if absent), first, priority, any, collect, rule order, output order
//! inputs:
//!   - {name: expected_people}            # a field of the standard: its type and limits are known
//!   - {name: days, expression: "days_between(meta.received_at, event_date)", type: integer}
//! outputs:
//!   - {name: level, type: code<risk-level>}
//! rules:
//!   - when: {expected_people: ">= 1000", days: "[0..30)"}
//!     then: {level: high}
//!   - when: ["-", "-"]                   # by position, too
//!     then: [low]
//! ```
//!
//! **A cell of `when`** is `-` (or left out: anything), a value, a list of alternatives (a YAML list, or separated by
//! commas), a comparison (`< 5`, `>= date("2026-01-01")`, `!= high`), a range (`[1..10)`, `]1..10[`), `not(…)`, `null`
//! (nothing was given), or, if it holds a `?`, an expression of the rule language in which `?` is the input
//! (`? % 2 == 0`). Words need no quotes; quoted, they may hold commas and question marks.
//!
//! **A cell of `then`** is a value of the output's type; what begins with `=` is an expression. Where the type is no kind
//! of text, whatever is no value is an expression.
//!
//! **`values`** of an input say what it may be (another value is an error when it is evaluated), of an output what it may
//! give, highest priority first; `default` of an output what it is if no rule holds; `aggregate` beside `hitPolicy: collect`
//! is sum, min, max or count.
//!
//! **Absent values** (FEEL's `null`): they equal only `null`; a comparison or range with them is neither true
//! nor false, so neither it nor its `not(…)` holds.
//!
//! **No rule holds**: the outputs' defaults; without any, an absent value, except that `collect` gives the empty list and
//! `count` gives 0. Such a gap is an error at load for the policies that give one result, unless a default stands.
//!
//! [`load_decision`] reads a table and finds its gaps, overlaps and rules that never hold; [`load_dmn`] reads DMN XML into
//! the same; [`DecisionTable::evaluate`] decides.

mod analysis;
mod cell;
mod dmn;
mod evaluate;
mod load;
mod model;
mod policy;
mod scale;
mod schema;
mod truth;

pub(crate) use analysis::Choice;
pub use dmn::{data_name, dmn_trees, load_dmn};
pub use load::load_decision;
pub use model::*;
pub use schema::json_schema;

#[cfg(test)]
mod tests;
