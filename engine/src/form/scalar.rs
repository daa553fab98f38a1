//! Checking one scalar value: its shape, its limits, its named check.

use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{
    Check, Field, FieldError, FieldStandard, FieldType,
    error::Spot,
    identity::{CreditCodeError, ResidentIdError, is_mail, is_mobile, resident_id, social_credit_code},
};

/// Length of a one-line text where the standard says nothing, in characters.
pub const TEXT_LENGTH_MAX: u64 = 200;
/// Length of a text of several lines where the standard says nothing, in characters.
pub const MULTILINE_LENGTH_MAX: u64 = 4000;
/// Length of an identifier of a unit, person or file.
const ID_LENGTH_MAX: usize = 100;
/// Digits that a decimal number may have in all; more than any sum of money needs.
const DECIMAL_DIGITS_MAX: usize = 20;

/// Checks a scalar of `field`'s type (lists and records are the caller's).
pub(super) fn check(standard: &FieldStandard, spot: &Spot, field: &Field, value: &Value, errors: &mut Vec<FieldError>) {
    match &field.of {
        FieldType::Boolean => {
            if !value.is_boolean() {
                errors.push(spot.error("wrong-type", "须为是或否（true 或 false）", "must be yes or no (true or false)"));
            }
        }
        FieldType::Integer => integer(spot, field, value, errors),
        _ => match value.as_str() {
            Some(text) => errors.extend(worded(standard, spot, field, text)),
            None => {
                let of = field.of.to_string();
                errors.push(spot.error("wrong-type", &format!("须为文字（{of}）"), &format!("must be a JSON string ({of})")));
            }
        },
    }
}

fn integer(spot: &Spot, field: &Field, value: &Value, errors: &mut Vec<FieldError>) {
    match value.as_i64() {
        Some(number) => errors.extend(range(spot, field, Decimal::from(number), &number.to_string())),
        None => {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            errors.push(spot.refused(
                "not-an-integer",
                &shown,
                "不是整数，请填写如 120 的整数",
                "is not a whole number; write one such as 120",
            ));
        }
    }
}

fn worded(standard: &FieldStandard, spot: &Spot, field: &Field, text: &str) -> Option<FieldError> {
    match &field.of {
        FieldType::Text => words(spot, field, text),
        FieldType::Decimal => decimal(spot, field, text, None),
        FieldType::Money => decimal(spot, field, text, Some(2)),
        FieldType::Date => match date(text) {
            Some(day) => date_range(spot, field, day),
            None => Some(spot.refused(
                "not-a-date",
                text,
                "不是存在的日期，请按 2026-11-15 的格式填写",
                "is not a date that exists; write it as 2026-11-15",
            )),
        },
        FieldType::Time => (!is_time(text))
            .then(|| spot.refused("not-a-time", text, "不是有效时刻，请按 09:30 的格式填写", "is not a time of day; write it as 09:30")),
        FieldType::DateTime => (!is_datetime(text)).then(|| {
            spot.refused(
                "not-a-datetime",
                text,
                "不是有效时间，请按 2026-11-15T09:30 的格式填写",
                "is not a date and time; write it as 2026-11-15T09:30",
            )
        }),
        FieldType::Duration => (crate::calendar::Duration::parse(text).is_err()).then(|| {
            spot.refused(
                "not-a-duration",
                text,
                "不是有效时长，请填写如 15d、5wd 或 2h",
                "is not a duration; write one such as 15d, 5wd or 2h",
            )
        }),
        FieldType::Code(id) => code(standard, spot, id, text),
        _ => identifier(spot, text),
    }
}

fn words(spot: &Spot, field: &Field, text: &str) -> Option<FieldError> {
    // characters that turn the reading direction make one name look like another
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| field.multiline && matches!(c, '\n' | '\r' | '\t');
    let bad = |c: char| (c.is_control() && !breaks(c)) || turns(c);
    if text.contains(bad) {
        return Some(spot.error(
            "control-character",
            "含有不可见的控制字符或换行，请删去",
            "contains control characters or line breaks; remove them",
        ));
    }
    let length = text.chars().count() as u64;
    let limit = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64);
    let most = limit(&field.max).unwrap_or(if field.multiline { MULTILINE_LENGTH_MAX } else { TEXT_LENGTH_MAX });
    if length > most {
        let (zh, en) = (format!("有 {length} 字，最多 {most} 字"), format!("has {length} characters; at most {most}"));
        return Some(spot.error("too-long", &zh, &en));
    }
    if let Some(least) = limit(&field.min).filter(|least| length < *least) {
        let (zh, en) = (format!("只有 {length} 字，至少 {least} 字"), format!("has {length} characters; at least {least}"));
        return Some(spot.error("too-short", &zh, &en));
    }
    field.check.and_then(|check| named(spot, check, text))
}

fn named(spot: &Spot, check: Check, text: &str) -> Option<FieldError> {
    match check {
        Check::ResidentId => resident_id(text).err().map(|wrong| match wrong {
            ResidentIdError::Shape => spot.refused(
                "resident-id",
                text,
                "不是 18 位公民身份号码（17 位数字加 1 位数字或大写 X）",
                "is not a resident identity number: 17 digits, then a digit or a capital X",
            ),
            ResidentIdError::BirthDate => {
                spot.refused("resident-id", text, "第 7–14 位不是存在的出生日期", "has no date that exists in digits 7–14")
            }
            ResidentIdError::CheckDigit => {
                spot.refused("resident-id", text, "末位校验码不符，请核对各位数字", "does not fit its last character; compare every digit")
            }
        }),
        Check::SocialCreditCode => social_credit_code(text).err().map(|wrong| match wrong {
            CreditCodeError::Shape => spot.refused(
                "social-credit-code",
                text,
                "不是 18 位统一社会信用代码（数字与大写字母，无 I、O、S、V、Z）",
                "is not a social credit code: 18 digits and capital letters without I, O, S, V, Z",
            ),
            CreditCodeError::CheckDigit => spot.refused(
                "social-credit-code",
                text,
                "末位校验码不符，请核对各位",
                "does not fit its last character; compare every character",
            ),
        }),
        Check::Mobile => (!is_mobile(text)).then(|| {
            spot.refused(
                "mobile",
                text,
                "不是 11 位手机号码，请填写如 13800005678 的号码",
                "is not an 11-digit mobile number such as 13800005678",
            )
        }),
        Check::Mail => (!is_mail(text)).then(|| {
            spot.refused("mail", text, "不是电子邮箱地址，请填写如 name@example.cn 的地址", "is not a mail address such as name@example.cn")
        }),
    }
}

fn decimal(spot: &Spot, field: &Field, text: &str, places: Option<u32>) -> Option<FieldError> {
    let Some(number) = plain_decimal(text) else {
        return Some(spot.refused("not-a-number", text, "不是数字，请填写如 1200.50 的数字", "is not a number; write one such as 1200.50"));
    };
    if let Some(places) = places.filter(|places| number.scale() > *places) {
        let (zh, en) = (format!("小数多于 {places} 位（分）"), format!("has more than {places} decimals"));
        return Some(spot.refused("too-many-decimals", text, &zh, &en));
    }
    range(spot, field, number, text)
}

/// A decimal number as people write it: digits, at most one point, perhaps a minus; no exponent, no separators.
pub(super) fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if digits.len() > DECIMAL_DIGITS_MAX || !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

fn range(spot: &Spot, field: &Field, number: Decimal, shown: &str) -> Option<FieldError> {
    if let Some(least) = field.min.as_ref().and_then(limit).filter(|least| number < *least) {
        return Some(spot.refused("too-small", shown, &format!("过小，至少 {least}"), &format!("is too small; at least {least}")));
    }
    let most = field.max.as_ref().and_then(limit).filter(|most| number > *most)?;
    Some(spot.refused("too-large", shown, &format!("过大，至多 {most}"), &format!("is too large; at most {most}")))
}

/// A limit of a number, as the standard writes it: an integer, or a decimal as text.
pub(super) fn limit(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.as_i64().map(Decimal::from),
        Value::String(text) => plain_decimal(text),
        _ => None,
    }
}

fn date_range(spot: &Spot, field: &Field, day: Date) -> Option<FieldError> {
    let limit = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).and_then(date);
    let shown = day.to_string();
    if let Some(least) = limit(&field.min).filter(|least| day < *least) {
        return Some(spot.refused("too-early", &shown, &format!("过早，不得早于 {least}"), &format!("is too early; not before {least}")));
    }
    let most = limit(&field.max).filter(|most| day > *most)?;
    Some(spot.refused("too-late", &shown, &format!("过晚，不得晚于 {most}"), &format!("is too late; not after {most}")))
}

/// Whether `text` has the digits and separators of `shape`, in which `0` stands for a digit.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
}

/// The day that `YYYY-MM-DD` names, if it exists.
pub(super) fn date(text: &str) -> Option<Date> {
    is_shaped(text, "0000-00-00").then(|| text.parse().ok())?
}

fn is_time(text: &str) -> bool {
    is_shaped(text, "00:00") && format!("{text}:00").parse::<Time>().is_ok()
}

fn is_datetime(text: &str) -> bool {
    if is_shaped(text, "0000-00-00T00:00") {
        return format!("{text}:00").parse::<DateTime>().is_ok();
    }
    if is_shaped(text, "0000-00-00T00:00:00") {
        return text.parse::<DateTime>().is_ok();
    }
    let shaped = text.get(..16).is_some_and(|start| is_shaped(start, "0000-00-00T00:00"));
    shaped && !text.contains('[') && text.parse::<jiff::Timestamp>().is_ok()
}

fn code(standard: &FieldStandard, spot: &Spot, id: &str, text: &str) -> Option<FieldError> {
    let Some(list) = standard.codes.get(id) else {
        return Some(spot.error("no-code-list", &format!("的代码集“{id}”不存在"), &format!("its code list `{id}` does not exist")));
    };
    if list.codes.contains_key(text) {
        return None;
    }
    let some: Vec<&str> = list.codes.keys().take(8).map(String::as_str).collect();
    let (some, more) = (some.join(", "), if list.codes.len() > 8 { "…" } else { "" });
    let name = &list.name.zh;
    Some(spot.refused(
        "not-in-code-list",
        text,
        &format!("不在代码集“{name}”中，可选：{some}{more}"),
        &format!("is not in code list `{id}`; choose from {some}{more}"),
    ))
}

fn identifier(spot: &Spot, text: &str) -> Option<FieldError> {
    let fine = !text.trim().is_empty() && text.len() <= ID_LENGTH_MAX && !text.contains(|c: char| c.is_control() || c.is_whitespace());
    (!fine).then(|| spot.refused("not-an-id", text, "不是有效编号，请从列表中选择", "is not an identifier; choose one from the list"))
}
