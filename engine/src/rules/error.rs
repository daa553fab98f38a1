//! What went wrong in an expression: where, why, and with which values, in words that an office understands.

use rhai::{AST, ASTNode, Dynamic, EvalAltResult, Expr, ParseError, Position, Stmt};
use serde_json::Value;

use super::{Expression, Lookup, compare, functions, shape};
use crate::{
    diagnostic::Finding,
    source::{Place, Span},
    text::Text,
};

/// Letters of a value that a message shows.
const SHOWN_MAX: usize = 40;

/// A rule that failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct RuleError {
    /// Where it failed: a position inside the expression, mapped into the YAML file (or the template).
    pub place: Place,
    /// Why, and with which values.
    pub message: Text,
    /// The BPMN error that a script threw, if that is what happened.
    thrown: Option<String>,
}

impl RuleError {
    /// An error at `place`.
    pub fn new(place: Place, message: Text) -> Self {
        Self { place, message, thrown: None }
    }

    /// The code of the BPMN error that a script threw by `throw_error`.
    pub fn thrown(&self) -> Option<&str> {
        self.thrown.as_deref()
    }

    pub(super) fn unknown_name(expression: &Expression, name: &str) -> Self {
        let message = Text::new(format!("没有名为“{name}”的数据"), format!("there is no data named `{name}`"));
        Self::new(expression.place.clone(), message)
    }

    pub(super) fn not_data(expression: &Expression, kind: &str) -> Self {
        let message = Text::new(format!("结果不是数据（{kind}）"), format!("the result is no data ({kind})"));
        Self::new(expression.place.clone(), message)
    }

    pub(super) fn not_boolean(expression: &Expression, value: &Dynamic, names: &dyn Lookup) -> Self {
        let kind = kind_text(compare::kind(value));
        let message = Text::new(
            format!("条件的结果应为是或否，却是{}", kind.zh),
            format!("a condition must be true or false, but this is {}", kind.get(crate::text::Language::En)),
        );
        Self::new(expression.place.clone(), with_values(message, expression, names))
    }

    pub(super) fn not_text(expression: &Expression, names: &dyn Lookup) -> Self {
        let text = &expression.text;
        let message = Text::new(format!("“{text}”没有可写入文字的值"), format!("`{text}` has no value that a text can show"));
        Self::new(expression.place.clone(), with_values(message, expression, names))
    }

    pub(super) fn from_rhai(error: &EvalAltResult, expression: &Expression, names: &dyn Lookup) -> Self {
        let sensitive = expression.variables.iter().any(|name| names.is_sensitive(name));
        let outer = error.position();
        let message = cause(error, expression, outer, sensitive);
        let place = at(expression, outer);
        Self { place, message: with_values(message, expression, names), thrown: thrown(error) }
    }
}

/// The code that `throw_error` was called with, however deep in calls.
fn thrown(error: &EvalAltResult) -> Option<String> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => thrown(inner),
        EvalAltResult::ErrorRuntime(value, _) => value.as_immutable_string_ref().ok()?.strip_prefix(functions::THROWN).map(str::to_owned),
        _ => None,
    }
}

/// The place of a position inside an expression.
pub(super) fn at(expression: &Expression, position: Position) -> Place {
    let (Some(line), column) = (position.line(), position.position().unwrap_or(1)) else { return expression.place.clone() };
    place_at(&expression.place, &expression.text, line, column)
}

fn place_at(place: &Place, text: &str, line: usize, column: usize) -> Place {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let within = text
        .get(before..)
        .unwrap_or_default()
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len().saturating_sub(before), |(byte, _)| byte);
    let (line, column) = inside(place, text, before + within);
    Place { file: place.file.clone(), span: Span { line, column, end_line: line, end_column: column + 1 } }
}

/// Line and column of byte `offset` of a scalar's `text` in its file.
///
/// Exact for plain and quoted scalars on one line, for literal blocks (`|`: their span starts at the first line's
/// content) and for a whole file; folded texts give the right file and the line as far as their line breaks were kept.
pub(super) fn inside(place: &Place, text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset.min(text.len())];
    let line = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX);
    let column = u32::try_from(before.rsplit('\n').next().unwrap_or_default().chars().count()).unwrap_or(u32::MAX);
    let span = place.span;
    let width = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    // A scalar on one line that is wider in the file than its text has quotes around it.
    let quoted = span.end_line == span.line && span.end_column.saturating_sub(span.column) > width.saturating_add(1);
    (span.line.saturating_add(line), span.column.saturating_add(column).saturating_add(u32::from(quoted)))
}

/// A syntax error as a finding.
pub(super) fn syntax(error: &ParseError, text: &str, place: &Place) -> Finding {
    let position = error.position();
    let place = match position.line() {
        Some(line) => place_at(place, text, line, position.position().unwrap_or(1)),
        None => place.clone(),
    };
    let what = error.err_type();
    Finding::error("Y040", place, Text::new(format!("表达式写法有误：{what}"), format!("the expression does not parse: {what}")))
}

/// Refuses changes that the sandbox's size limits would not see; see [`shape`].
pub(super) fn depth(ast: &AST, text: &str, place: &Place) -> Result<(), Finding> {
    let Some(position) = shape::too_deep(ast) else { return Ok(()) };
    let place = position.line().map_or_else(|| place.clone(), |line| place_at(place, text, line, position.position().unwrap_or(1)));
    let message = Text::new("只能修改变量本身或它的直接成员", "only a variable itself or a direct member of it can be changed");
    let help = Text::new(
        "写作 m.set(key, value)、m.name = value 或 list.push(value)",
        "write m.set(key, value), m.name = value or list.push(value)",
    );
    Err(Finding::error("Y043", place, message).help(help))
}

fn cause(error: &EvalAltResult, expression: &Expression, position: Position, sensitive: bool) -> Text {
    use EvalAltResult as E;
    match error {
        E::ErrorRuntime(value, _) => match value.as_immutable_string_ref() {
            Ok(mark) if *mark == compare::ABSENT => absent(&expression.ast, position),
            Ok(mark) if mark.starts_with(compare::UNLIKE) => unlike(&mark[compare::UNLIKE.len()..]),
            Ok(mark) if mark.starts_with(functions::REFUSED) => refused(&mark[functions::REFUSED.len()..]),
            _ if sensitive => Text::new("规则报告了一个错误", "the rule reported an error"),
            _ => Text::new(format!("规则报告：{value}"), format!("the rule reports: {value}")),
        },
        E::ErrorInFunctionCall(name, _, inner, _) => {
            let line = inner.position().line().map_or_else(String::new, |line| format!("（rules.rhai:{line}）"));
            let inner = cause(inner, expression, Position::NONE, sensitive);
            let en = inner.get(crate::text::Language::En);
            Text::new(format!("函数 {name}{line}：{}", inner.zh), format!("function {name}{line}: {en}"))
        }
        E::ErrorVariableNotFound(name, _) => Text::new(format!("没有名为“{name}”的数据"), format!("there is no data named `{name}`")),
        E::ErrorPropertyNotFound(name, _) => Text::new(format!("没有成员“{name}”"), format!("there is no member `{name}`")),
        E::ErrorFunctionNotFound(signature, _) => {
            Text::new(format!("没有这样的函数或运算：{signature}"), format!("there is no such function or operation: {signature}"))
        }
        E::ErrorDotExpr(..) | E::ErrorIndexingType(..) => {
            Text::new("这个值没有成员（可能没有值）", "this value has no members (it may be absent)")
        }
        E::ErrorArithmetic(what, _) => Text::new(format!("算不出来：{what}"), format!("cannot be computed: {what}")),
        E::ErrorTooManyOperations(_) => Text::new("运算步数超过上限", "too many operations"),
        E::ErrorStackOverflow(_) => Text::new("函数调用层数超过上限", "function calls nested too deeply"),
        E::ErrorTooManyVariables(_) => Text::new("变量数超过上限", "too many variables"),
        E::ErrorDataTooLarge(what, _) => Text::new(format!("数据超过大小上限（{what}）"), format!("a value is too large ({what})")),
        E::ErrorArrayBounds(length, index, _) | E::ErrorStringBounds(length, index, _) => {
            Text::new(format!("序号 {index} 超出范围（共 {length} 项）"), format!("index {index} is out of range ({length} elements)"))
        }
        E::ErrorIndexNotFound(..) => Text::new("没有这个成员", "there is no such member"),
        E::ErrorMismatchDataType(wanted, got, _) | E::ErrorMismatchOutputType(wanted, got, _) => {
            Text::new(format!("应为 {wanted}，却是 {got}"), format!("should be {wanted}, but is {got}"))
        }
        _ if sensitive => Text::new("表达式无法计算", "the expression cannot be evaluated"),
        other => Text::new(format!("表达式无法计算：{other}"), format!("the expression cannot be evaluated: {other}")),
    }
}

fn unlike(kinds: &str) -> Text {
    let (left, right) = kinds.split_once('|').unwrap_or((kinds, "other"));
    let (left, right) = (kind_text(left), kind_text(right));
    let en = crate::text::Language::En;
    Text::new(format!("不能比较{}与{}", left.zh, right.zh), format!("cannot compare {} with {}", left.get(en), right.get(en)))
}

fn refused(key: &str) -> Text {
    match key {
        "date-absent" => Text::new("日期没有值", "the date is absent"),
        "not-a-date" => Text::new("不是日期或时刻", "not a date or a moment"),
        "not-a-number" => Text::new("不是数", "not a number"),
        "not-records" => Text::new("清单中的项不是记录", "the list's elements are no records"),
        _ => Text::new("结果太大", "the result is too large"),
    }
}

/// The name of a kind of value.
pub(super) fn kind_text(kind: &str) -> Text {
    match kind {
        "absent" => Text::new("空值", "an absent value"),
        "integer" => Text::new("整数", "an integer"),
        "decimal" => Text::new("小数", "a decimal"),
        "text" => Text::new("文字", "text"),
        "boolean" => Text::new("是否值", "a boolean"),
        "list" => Text::new("清单", "a list"),
        "record" => Text::new("记录", "a record"),
        _ => Text::new("其他值", "another value"),
    }
}

/// Says which operand of the comparison at `position` is absent, as far as the text tells.
fn absent(ast: &AST, position: Position) -> Text {
    let operands = operands_at(ast, position);
    if operands.is_empty() {
        return Text::new("比较大小的值不存在", "a value compared by size is absent");
    }
    let names = operands.join("、");
    let en = operands.join(" or ");
    Text::new(format!("“{names}”没有值，不能比较大小"), format!("`{en}` is absent and cannot be compared by size"))
}

/// The operands, as written, of the operator at `position`, leaving out literals.
fn operands_at(ast: &AST, position: Position) -> Vec<String> {
    let mut found = Vec::new();
    for statement in ast.statements() {
        statement.walk(&mut Vec::new(), &mut |path| {
            let call = match path.last() {
                Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) if *at == position => call,
                _ => return true,
            };
            found = call.args.iter().filter_map(path_text).collect();
            false
        });
    }
    found
}

/// `a.b.c` for a chain of names.
pub(super) fn path_text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(name, ..) => Some(name.1.to_string()),
        Expr::Property(name, _) => Some(name.2.to_string()),
        Expr::Dot(pair, ..) => Some(format!("{}.{}", path_text(&pair.lhs)?, path_text(&pair.rhs)?)),
        _ => None,
    }
}

/// Adds the values that were read; sensitive ones by name only.
fn with_values(message: Text, expression: &Expression, names: &dyn Lookup) -> Text {
    if expression.variables.is_empty() {
        return message;
    }
    let mut zh = Vec::new();
    let mut en = Vec::new();
    for name in &expression.variables {
        if names.is_sensitive(name) {
            zh.push(format!("{name}（不显示）"));
            en.push(format!("{name} (not shown)"));
        } else {
            let value = shown(&names.value(name).unwrap_or(Value::Null));
            zh.push(format!("{name} = {value}"));
            en.push(format!("{name} = {value}"));
        }
    }
    let english = message.get(crate::text::Language::En).to_owned();
    Text::new(format!("{}（{}）", message.zh, zh.join("，")), format!("{english} ({})", en.join(", ")))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
