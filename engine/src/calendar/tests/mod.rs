//! Tests of the calendar, over the calendar file that Tongban ships.
#![expect(clippy::unwrap_used, reason = "tests")]

mod clocks;
mod lights;
mod load;
mod oracle;
mod vectors;

use jiff::civil::Date;

use super::Calendar;
use crate::{
    diagnostic::Finding,
    source::{Source, parse},
    time::Moment,
};

const CN: &str = include_str!("../../../../forms/calendars/cn.yaml");

fn load(text: &str) -> (Option<Calendar>, Vec<Finding>) {
    let source = Source { name: "forms/calendars/cn.yaml".into(), text: text.into() };
    let (tree, findings) = parse(&source);
    assert_eq!(findings, [], "the file is YAML");
    Calendar::load(&source, &tree.unwrap())
}

fn cn() -> Calendar {
    let (calendar, findings) = load(CN);
    assert_eq!(findings, []);
    calendar.unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Moment {
    cn().parse_moment(text).unwrap()
}
