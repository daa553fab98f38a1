//! Comparisons that refuse unlike types: rhai would silently answer `false`.
//!
//! `==` and `!=` take an absent value on either side (it equals only another absent one); `<`, `<=`, `>`, `>=` do
//! not. Numbers compare with numbers, texts with texts (ISO dates therefore rightly), and all else with its own kind.

use std::cmp::Ordering;

use rhai::{Dynamic, Engine, EvalAltResult, Position};
use rust_decimal::Decimal;

type Answer = Result<bool, Box<EvalAltResult>>;

/// Marks an error of this file, so that [`super::error`] can say which operand it was.
pub(super) const ABSENT: &str = "\u{1}absent";
/// Marks a comparison of unlike kinds; the two kinds follow, separated by `|`.
pub(super) const UNLIKE: &str = "\u{1}unlike|";

/// Registers the six operators for all values. They take precedence because fast operators are switched off.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("==", |a: Dynamic, b: Dynamic| equal(&a, &b))
        .register_fn("!=", |a: Dynamic, b: Dynamic| equal(&a, &b).map(|same| !same))
        .register_fn("<", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_lt))
        .register_fn("<=", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_le))
        .register_fn(">", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_gt))
        .register_fn(">=", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_ge));
}

fn refusal<T>(mark: String) -> Result<T, Box<EvalAltResult>> {
    Err(EvalAltResult::ErrorRuntime(mark.into(), Position::NONE).into())
}

fn unlike<T>(a: &Dynamic, b: &Dynamic) -> Result<T, Box<EvalAltResult>> {
    refusal(format!("{UNLIKE}{}|{}", kind(a), kind(b)))
}

/// What a value is called in messages: a key that [`super::error`] translates.
pub(super) fn kind(value: &Dynamic) -> &'static str {
    match () {
        () if value.is_unit() => "absent",
        () if value.is_int() => "integer",
        () if value.is_decimal() => "decimal",
        () if value.is_string() || value.is_char() => "text",
        () if value.is_bool() => "boolean",
        () if value.is_array() => "list",
        () if value.is_map() => "record",
        () => "other",
    }
}

fn number(value: &Dynamic) -> Option<Decimal> {
    value.as_int().map(Decimal::from).or_else(|_| value.as_decimal()).ok()
}

fn text(value: &Dynamic) -> Option<String> {
    value.as_char().map(String::from).ok().or_else(|| value.clone().into_string().ok())
}

fn order(a: &Dynamic, b: &Dynamic) -> Result<Ordering, Box<EvalAltResult>> {
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return Ok(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return Ok(a.cmp(&b));
    }
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return Ok(a.as_str().cmp(b.as_str()));
    }
    if let (Some(a), Some(b)) = (text(a), text(b)) {
        return Ok(a.cmp(&b));
    }
    if a.is_unit() || b.is_unit() {
        return refusal(ABSENT.to_owned());
    }
    unlike(a, b)
}

fn equal(a: &Dynamic, b: &Dynamic) -> Answer {
    if a.is_unit() || b.is_unit() {
        return Ok(a.is_unit() && b.is_unit());
    }
    if let (Ok(a), Ok(b)) = (a.as_bool(), b.as_bool()) {
        return Ok(a == b);
    }
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        return a.iter().zip(b.iter()).try_fold(true, |so_far, (x, y)| Ok(so_far && equal(x, y)?));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        if a.len() != b.len() || !a.keys().eq(b.keys()) {
            return Ok(false);
        }
        return a.values().zip(b.values()).try_fold(true, |so_far, (x, y)| Ok(so_far && equal(x, y)?));
    }
    order(a, b).map(Ordering::is_eq)
}
