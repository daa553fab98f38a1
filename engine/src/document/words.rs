//! The helpers that templates may call: dates, money, labels of codes.

use handlebars::{Handlebars, Helper, HelperDef, PathAndJson, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use jiff::{civil::DateTime, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::form::{FieldStandard, FieldType};

/// Helpers that templates may name; handlebars' own ones included.
pub(super) const HELPERS: &[&str] =
    &["date", "money", "label", "if", "unless", "each", "with", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len"];

/// Makes `{{date}}` show moments in `zone`.
pub(super) fn register_zone(registry: &mut Handlebars<'static>, zone: &TimeZone) {
    registry.register_helper("date", Box::new(DateWord(zone.clone())));
}

/// Registers all helpers, without any labels.
pub(super) fn register(registry: &mut Handlebars<'static>, zone: &TimeZone) {
    register_zone(registry, zone);
    registry.register_helper("money", Box::new(MoneyWord));
    register_labels(registry, Value::Null);
    registry.unregister_helper("log");
    registry.unregister_helper("raw");
}

/// Makes `{{label}}` know `labels`, besides those that the data brings.
pub(super) fn register_labels(registry: &mut Handlebars<'static>, labels: Value) {
    registry.register_helper("label", Box::new(LabelWord(labels)));
}

/// `{field: {code: label}}` of all coded fields, of the coded names in `besides`, and of all code lists by their id.
pub(super) fn labels<'a>(standard: &'a FieldStandard, besides: impl IntoIterator<Item = (&'a str, &'a FieldType)>) -> Value {
    let of_list = |id: &str| {
        let list = standard.codes.get(id)?;
        Some(Value::Object(list.codes.iter().map(|(code, label)| (code.clone(), Value::String(label.zh.clone()))).collect()))
    };
    let mut labels: Map<String, Value> = standard.codes.keys().filter_map(|id| Some((id.clone(), of_list(id)?))).collect();
    let members = standard.records.values().flat_map(|record| record.members.values().map(|member| &member.field));
    let fields = members.chain(standard.fields.values()).map(|field| (field.name.as_str(), &field.of));
    for (name, of) in fields.chain(besides) {
        let of = match of {
            FieldType::List(inner) => inner,
            of => of,
        };
        if let FieldType::Code(id) = of
            && let Some(list) = of_list(id)
        {
            labels.insert(name.to_owned(), list);
        }
    }
    Value::Object(labels)
}

fn missing(value: &PathAndJson<'_>) -> RenderError {
    RenderError::strict_error(value.relative_path())
}

/// The text of a parameter; an absent value is an error that names its path.
fn text<'a>(helper: &'a Helper<'_>, name: &'static str, index: usize) -> Result<&'a str, RenderError> {
    let parameter = helper.param(index).ok_or(RenderErrorReason::ParamNotFoundForIndex(name, index))?;
    match parameter.value() {
        Value::String(text) => Ok(text),
        Value::Null => Err(missing(parameter)),
        _ => Err(refused(format!("{name}: 应为文字 / text wanted"))),
    }
}

fn refused(message: String) -> RenderError {
    RenderErrorReason::Other(message).into()
}

struct DateWord(TimeZone);

impl HelperDef for DateWord {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc handlebars::Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let style = if helper.params().len() > 1 { text(helper, "date", 1)? } else { "" };
        let at = match helper.param(0).map(PathAndJson::value) {
            // A moment as the engine keeps it: UTC milliseconds.
            Some(Value::Number(ms)) => {
                ms.as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).map(|at| self.0.to_datetime(at))
            }
            _ => moment(text(helper, "date", 0)?, &self.0),
        };
        let Some(at) = at else { return Err(refused("date: 不是日期或时刻 / not a date or a moment".to_owned())) };
        let shown = match style {
            "" => format!("{}年{}月{}日", at.year(), at.month(), at.day()),
            "short" => at.date().to_string(),
            "time" => format!("{}年{}月{}日 {:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute()),
            other => return Err(refused(format!("date: 没有样式“{other}” / no style `{other}`; short, time"))),
        };
        Ok(ScopedJson::Derived(Value::String(shown)))
    }
}

/// A date, a local date-time, or a moment in `zone`.
fn moment(text: &str, zone: &TimeZone) -> Option<DateTime> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(zone.to_datetime(at));
    }
    text.parse::<DateTime>().ok().or_else(|| text.parse::<jiff::civil::Date>().ok().map(|date| date.at(0, 0, 0, 0)))
}

struct MoneyWord;

impl HelperDef for MoneyWord {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc handlebars::Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let amount = match helper.param(0).map(PathAndJson::value) {
            Some(Value::Number(number)) => number.as_i64().map(Decimal::from),
            _ => text(helper, "money", 0)?.parse::<Decimal>().ok(),
        };
        let Some(amount) = amount else { return Err(refused("money: 不是金额 / no amount".to_owned())) };
        Ok(ScopedJson::Derived(Value::String(grouped(amount))))
    }
}

/// Two decimals, thousands apart.
fn grouped(amount: Decimal) -> String {
    let mut amount = amount.round_dp(2);
    amount.rescale(2);
    let text = amount.abs().to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut shown = String::from(if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    format!("{shown}.{cents}")
}

/// The label of a code: the labels that come with the data go before those known beforehand.
struct LabelWord(Value);

impl HelperDef for LabelWord {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc handlebars::Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let (field, code) = (text(helper, "label", 0)?, text(helper, "label", 1)?);
        let find = |labels: &Value| labels.get(field)?.get(code)?.as_str().map(str::to_owned);
        let label = context.data().get("labels").and_then(find).or_else(|| find(&self.0));
        match label {
            Some(label) => Ok(ScopedJson::Derived(Value::String(label))),
            None => Err(refused(format!("label: “{field}”没有代码“{code}” / `{field}` has no code `{code}`"))),
        }
    }
}
