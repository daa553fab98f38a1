//! The functions that designers may call, beside operators and rhai's own text, list and map functions.
//!
//! | call | answers |
//! |---|---|
//! | `days_between(from, to)` | calendar days from one date or moment to another, in the calendar's zone; negative if `to` is earlier |
//! | `date_of(moment)` | the date (ISO text) of an RFC 3339 moment in the calendar's zone; a date stays as it is |
//! | `year(date)` | its year, an integer |
//! | `is_set(x)` | whether a value is there: not absent, not blank text, not an empty list |
//! | `is_empty(x)` | the opposite |
//! | `count(list)` | number of elements; 0 if absent |
//! | `sum(list)`, `sum(list, "field")` | total; members that are absent count nothing |
//! | `decimal("1.25")` | an exact decimal number |
//! | `throw_error("CODE")` | nothing: throws a BPMN error out of the script |
//!
//! There is no `today()`: what the time is, is data (`meta.now`), so that a decision can be repeated.

use jiff::{civil::Date, tz::TimeZone};
use rhai::{Array, Dynamic, Engine, EvalAltResult, INT, ImmutableString, Position};
use rust_decimal::Decimal;

type Answer<T> = Result<T, Box<EvalAltResult>>;

/// Marks an error of this file; a key of [`super::error`] follows.
pub(super) const REFUSED: &str = "\u{1}function|";

/// Marks a BPMN error that a script throws; its code follows.
pub(super) const THROWN: &str = "\u{1}thrown|";

/// Registers them all.
pub(super) fn register(engine: &mut Engine, zone: &TimeZone) {
    let (from_zone, of_zone, year_zone) = (zone.clone(), zone.clone(), zone.clone());
    engine.register_fn("days_between", move |from: Dynamic, to: Dynamic| days_between(&from, &to, &from_zone));
    engine.register_fn("date_of", move |moment: Dynamic| date(&moment, &of_zone).map(|date| date.to_string()));
    engine.register_fn("year", move |moment: Dynamic| date(&moment, &year_zone).map(|date| INT::from(date.year())));
    engine.register_fn("is_set", |value: Dynamic| !empty(&value));
    engine.register_fn("is_empty", |value: Dynamic| empty(&value));
    engine.register_fn("count", |list: Array| INT::try_from(list.len()).unwrap_or(INT::MAX));
    engine.register_fn("count", |_: ()| 0 as INT);
    engine.register_fn("sum", |list: Array| sum(list.iter()));
    engine.register_fn("sum", |_: ()| 0 as INT);
    engine.register_fn("sum", |list: Array, member: ImmutableString| sum_of(&list, &member));
    engine.register_fn("sum", |_: (), _: ImmutableString| 0 as INT);
    engine.register_fn("decimal", |value: Dynamic| decimal(&value));
    engine.register_fn("throw_error", |code: ImmutableString| -> Answer<()> {
        Err(EvalAltResult::ErrorRuntime(format!("{THROWN}{code}").into(), Position::NONE).into())
    });
}

fn refused<T>(key: &str) -> Answer<T> {
    Err(EvalAltResult::ErrorRuntime(format!("{REFUSED}{key}").into(), Position::NONE).into())
}

/// The date of an ISO date, a local date-time or an RFC 3339 moment, in `zone`.
pub(crate) fn date_in(text: &str, zone: &TimeZone) -> Option<Date> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(zone.to_datetime(moment).date());
    }
    text.parse::<jiff::civil::DateTime>().map(jiff::civil::DateTime::date).or_else(|_| text.parse::<Date>()).ok()
}

fn date(value: &Dynamic, zone: &TimeZone) -> Answer<Date> {
    if value.is_unit() {
        return refused("date-absent");
    }
    match value.as_immutable_string_ref().ok().and_then(|text| date_in(&text, zone)) {
        Some(date) => Ok(date),
        None => refused("not-a-date"),
    }
}

fn days_between(from: &Dynamic, to: &Dynamic, zone: &TimeZone) -> Answer<INT> {
    let (from, to) = (date(from, zone)?, date(to, zone)?);
    match from.until(to) {
        Ok(span) => Ok(INT::from(span.get_days())),
        Err(_) => refused("not-a-date"),
    }
}

fn empty(value: &Dynamic) -> bool {
    value.is_unit()
        || value.as_immutable_string_ref().is_ok_and(|text| text.trim().is_empty())
        || value.as_array_ref().is_ok_and(|list| list.is_empty())
        || value.as_map_ref().is_ok_and(|map| map.is_empty())
}

fn decimal(value: &Dynamic) -> Answer<Decimal> {
    if let Ok(number) = value.as_int() {
        return Ok(Decimal::from(number));
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(number);
    }
    match value.as_immutable_string_ref().ok().and_then(|text| Decimal::from_str_exact(text.trim()).ok()) {
        Some(number) => Ok(number),
        None => refused("not-a-number"),
    }
}

/// Integers add up to an integer, anything with a decimal to a decimal.
fn sum<'a>(values: impl Iterator<Item = &'a Dynamic>) -> Answer<Dynamic> {
    let (mut whole, mut exact, mut exactly) = (0 as INT, Decimal::ZERO, false);
    for value in values.filter(|value| !value.is_unit()) {
        let added = match value.as_int() {
            Ok(number) => whole.checked_add(number).map(|total| whole = total),
            Err(_) => {
                exactly = true;
                exact.checked_add(decimal(value)?).map(|total| exact = total)
            }
        };
        if added.is_none() {
            return refused("too-large");
        }
    }
    if !exactly {
        return Ok(whole.into());
    }
    match exact.checked_add(Decimal::from(whole)) {
        Some(total) => Ok(total.into()),
        None => refused("too-large"),
    }
}

fn sum_of(list: &Array, member: &str) -> Answer<Dynamic> {
    let mut values = Vec::with_capacity(list.len());
    for row in list {
        let Ok(row) = row.as_map_ref() else { return refused("not-records") };
        values.extend(row.get(member).cloned());
    }
    sum(values.iter())
}
