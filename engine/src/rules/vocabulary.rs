//! The names of all functions that an expression may call, so that a misspelt one is found before it runs.

use crate::form::FieldType;

/// A function of [`super::functions`]: its name, how many arguments it takes, and the type of its answer.
pub(super) struct Own {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [usize],
    pub(super) answers: Option<FieldType>,
}

pub(super) const OWN: &[Own] = &[
    Own { name: "days_between", arguments: &[2], answers: Some(FieldType::Integer) },
    Own { name: "date_of", arguments: &[1], answers: Some(FieldType::Date) },
    Own { name: "year", arguments: &[1], answers: Some(FieldType::Integer) },
    Own { name: "is_set", arguments: &[1], answers: Some(FieldType::Boolean) },
    Own { name: "is_empty", arguments: &[1], answers: Some(FieldType::Boolean) },
    Own { name: "count", arguments: &[1], answers: Some(FieldType::Integer) },
    Own { name: "sum", arguments: &[1, 2], answers: None },
    Own { name: "throw_error", arguments: &[1], answers: None },
    Own { name: "decimal", arguments: &[1], answers: Some(FieldType::Decimal) },
];

/// Functions of rhai's packages that answer a boolean or an integer.
pub(super) fn standard_answer(name: &str) -> Option<FieldType> {
    match name {
        "contains" | "starts_with" | "ends_with" | "some" | "all" | "is_even" | "is_odd" | "is_zero" | "is_def_var" | "is_def_fn" => {
            Some(FieldType::Boolean)
        }
        "len" | "index_of" => Some(FieldType::Integer),
        "to_string" | "sub_string" | "to_upper" | "to_lower" => Some(FieldType::Text),
        "to_decimal" | "parse_decimal" => Some(FieldType::Decimal),
        _ => None,
    }
}

/// What rhai's own packages and keywords offer (rhai 1.27, the packages of [`super::sandbox`]).
pub(super) const STANDARD: &[&str] = &[
    // numbers
    "abs",
    "sign",
    "is_even",
    "is_odd",
    "is_zero",
    "max",
    "min",
    "floor",
    "ceiling",
    "round",
    "round_up",
    "round_down",
    "round_half_up",
    "round_half_down",
    "int",
    "fraction",
    "sqrt",
    "parse_int",
    "parse_decimal",
    "to_decimal",
    "to_int",
    "exp",
    "ln",
    "log",
    "sin",
    "cos",
    "tan", // text
    "len",
    "bytes",
    "trim",
    "contains",
    "starts_with",
    "ends_with",
    "index_of",
    "sub_string",
    "split",
    "split_rev",
    "splitn",
    "rsplit",
    "rsplitn",
    "replace",
    "crop",
    "to_upper",
    "to_lower",
    "make_upper",
    "make_lower",
    "to_string",
    "to_debug",
    "to_hex",
    "to_octal",
    "to_binary",
    "to_chars",
    "to_blob",
    "pad",
    "truncate",
    "append",
    "clear",
    "remove",
    "pop",
    "get",
    "set",
    "chars",
    // lists and records
    "push",
    "insert",
    "shift",
    "concat",
    "extract",
    "splice",
    "chop",
    "reverse",
    "sort",
    "sort_by",
    "sort_desc",
    "order",
    "order_by",
    "order_desc",
    "filter",
    "map",
    "find",
    "find_map",
    "for_each",
    "some",
    "all",
    "reduce",
    "reduce_rev",
    "dedup",
    "drain",
    "retain",
    "zip",
    "keys",
    "values",
    "mixin",
    "merge",
    "fill_with",
    "to_json",
    // ranges, functions as values, types
    "range",
    "start",
    "end",
    "is_exclusive",
    "is_inclusive",
    "bits",
    "get_bit",
    "get_bits",
    "name",
    "is_anonymous",
    "call",
    "curry",
    "Fn",
    "type_of",
    "is_def_var",
    "is_def_fn",
    "is_shared",
];

/// Names of the functions that are ours, such as `days_between`.
pub fn own_functions() -> Vec<&'static str> {
    OWN.iter().map(|own| own.name).collect()
}

/// Names of rhai's own functions that expressions may call.
pub fn standard_functions() -> &'static [&'static str] {
    STANDARD
}
