//! One `decisionTable` as a tree of the dialect.

use super::{
    Names, data_name,
    element::{all, child, said},
    feel,
};
use crate::{
    source::{Key, Kind, Span, Tree},
    xml::Node,
};

/// The tree of a decision with its table; `root` has the type definitions.
pub(super) fn tree(decision: Node<'_>, table: Node<'_>, root: Node<'_>, names: &Names) -> Tree {
    let id = decision.given("id").or_else(|| decision.given("name")).unwrap_or("decision");
    let mut entries = vec![
        ("decision", text(decision.span(), id)),
        ("name", text(decision.span(), decision.given("name").unwrap_or(id))),
        ("hitPolicy", text(table.span(), &table.given("hitPolicy").unwrap_or("UNIQUE").to_lowercase())),
    ];
    if let Some(aggregation) = table.given("aggregation") {
        entries.push(("aggregate", text(table.span(), &aggregation.to_lowercase())));
    }
    let (inputs, outputs): (Vec<Node<'_>>, Vec<Node<'_>>) = (all(table, "input").collect(), all(table, "output").collect());
    let rows: Vec<Node<'_>> = all(table, "rule").collect();
    let entry = |row: Node<'_>, kind: &str, at: usize| all(row, kind).nth(at).and_then(said).map(|(said, _)| said.to_owned());
    let column = |kind: &str, at: usize| rows.iter().filter_map(|&row| entry(row, kind, at)).collect::<Vec<_>>();
    let read_inputs = inputs.iter().enumerate().map(|(at, &input)| input_tree(input, at, &column("inputEntry", at), root, names));
    entries.push(("inputs", list(table.span(), read_inputs.collect())));
    let read_outputs = outputs.iter().enumerate().map(|(at, &output)| {
        let lone = (outputs.len() == 1).then(|| child(decision, "variable").and_then(|variable| variable.given("typeRef"))).flatten();
        output_tree(output, lone, at, &column("outputEntry", at), root, names)
    });
    entries.push(("outputs", list(table.span(), read_outputs.collect())));
    entries.push(("rules", list(table.span(), rows.iter().map(|&row| rule_tree(row, names)).collect())));
    map(decision.span(), entries)
}

fn input_tree(input: Node<'_>, at: usize, cells: &[String], root: Node<'_>, names: &Names) -> Tree {
    let asked = child(input, "inputExpression");
    let (asked_for, span) = asked.and_then(said).unwrap_or(("", input.span()));
    // A whole name may hold what an expression would take apart.
    let whole = names.0.iter().any(|name| name == asked_for);
    let expression = if whole { data_name(asked_for) } else { feel::expression(asked_for, names) };
    let is_name = !expression.is_empty() && data_name(&expression) == expression;
    let name = if is_name { expression.clone() } else { format!("input_{}", at + 1) };
    let (of, mut allowed) = typed(asked.and_then(|asked| asked.given("typeRef")), root, cells);
    if let Some((own, _)) = child(input, "inputValues").and_then(said).filter(|(own, _)| !own.is_empty()) {
        allowed = Some(own.to_owned());
    }
    let mut entries = vec![("name", text(span, &name)), ("type", text(span, of))];
    entries.extend(input.given("label").map(|label| ("label", text(span, label))));
    if !is_name {
        entries.push(("expression", text(span, &expression)));
    }
    entries.extend(allowed.map(|allowed| ("values", text(span, &feel::cell(&allowed, names)))));
    map(span, entries)
}

fn output_tree(output: Node<'_>, lone: Option<&str>, at: usize, cells: &[String], root: Node<'_>, names: &Names) -> Tree {
    let span = output.span();
    let name = output.given("name").map_or_else(|| format!("output_{}", at + 1), str::to_owned);
    let (of, mut allowed) = typed(output.given("typeRef").or(lone), root, cells);
    if let Some((own, _)) = child(output, "outputValues").and_then(said).filter(|(own, _)| !own.is_empty()) {
        allowed = Some(own.to_owned());
    }
    let mut entries = vec![("name", text(span, &name)), ("type", text(span, of))];
    entries.extend(output.given("label").map(|label| ("label", text(span, label))));
    let values: Vec<String> =
        allowed.iter().flat_map(|allowed| crate::decision::cell::split(allowed)).map(|v| v.trim().to_owned()).collect();
    // A range is no list of values by priority.
    if !values.is_empty() && values.iter().all(|value| feel::is_literal(value)) {
        entries.push(("values", list(span, values.iter().map(|value| text(span, value)).collect())));
    }
    if let Some((said, at)) = child(output, "defaultOutputEntry").and_then(said) {
        entries.push(("default", feel::entry(said, names).map_or_else(|| nothing(at), |said| text(at, &said))));
    }
    map(span, entries)
}

fn rule_tree(row: Node<'_>, names: &Names) -> Tree {
    let when = all(row, "inputEntry").map(|entry| match said(entry) {
        Some((said, at)) => text(at, &feel::cell(said, names)),
        None => text(entry.span(), "-"),
    });
    let then = all(row, "outputEntry").map(|entry| match said(entry) {
        Some((said, at)) => feel::entry(said, names).map_or_else(|| nothing(at), |said| text(at, &said)),
        None => nothing(entry.span()),
    });
    let mut entries = vec![("when", list(row.span(), when.collect())), ("then", list(row.span(), then.collect()))];
    entries.extend(row.given("id").map(|id| ("id", text(row.span(), id))));
    let doc = child(row, "description").and_then(Node::text);
    entries.extend(doc.map(|doc| ("doc", text(row.span(), doc))));
    map(row.span(), entries)
}

/// The dialect's word for a type, and the values that a type definition allows; without a type, what the cells hold.
fn typed(written: Option<&str>, root: Node<'_>, cells: &[String]) -> (&'static str, Option<String>) {
    let written = written.map(|written| written.rsplit(':').next().unwrap_or(written));
    if let Some(word) = written.and_then(word) {
        return (word, None);
    }
    let defined = all(root, "itemDefinition").find(|item| item.given("name") == written && written.is_some());
    let base = defined.and_then(|item| child(item, "typeRef")).and_then(Node::text);
    let base = base.map(|base| base.rsplit(':').next().unwrap_or(base));
    let allowed = defined.and_then(|item| child(item, "allowedValues").and_then(said)).map(|(said, _)| said.to_owned());
    match base.and_then(word) {
        Some(word) => (word, allowed),
        None => (told_by(cells), None),
    }
}

fn word(of: &str) -> Option<&'static str> {
    Some(match of {
        "number" | "integer" | "long" | "double" => "decimal",
        "string" => "text",
        "boolean" => "boolean",
        "date" => "date",
        "time" => "time",
        "dateTime" | "date and time" => "datetime",
        _ => return None,
    })
}

/// What the literals among the cells are; expressions say nothing.
fn told_by(cells: &[String]) -> &'static str {
    let bare = |part: &'_ str| part.trim().trim_start_matches(['<', '>', '=', ' ', '[', ']', '(']).to_owned();
    let parts = cells.iter().flat_map(|cell| crate::decision::cell::split(cell)).map(bare);
    let kinds: Vec<&str> = parts.filter_map(|part| literal_kind(&part)).collect();
    match kinds.first() {
        Some(first) if kinds.iter().all(|kind| kind == first) => first,
        _ => "text",
    }
}

fn literal_kind(part: &str) -> Option<&'static str> {
    let lower = part.split("..").next().unwrap_or(part).trim_end_matches([']', ')', '[', ' ']);
    match part {
        "true" | "false" => Some("boolean"),
        part if part.starts_with('"') => Some("text"),
        part if part.starts_with("date(") || part.starts_with("@\"") => Some("date"),
        part if part.starts_with("time(") => Some("time"),
        part if part.starts_with("date and time(") => Some("datetime"),
        _ => lower.parse::<rust_decimal::Decimal>().ok().map(|_| "decimal"),
    }
}

fn text(span: Span, text: &str) -> Tree {
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: false } }
}

fn nothing(span: Span) -> Tree {
    Tree { span, kind: Kind::Scalar { text: "null".to_owned(), plain: true } }
}

fn list(span: Span, items: Vec<Tree>) -> Tree {
    Tree { span, kind: Kind::List(items) }
}

fn map(span: Span, entries: Vec<(&str, Tree)>) -> Tree {
    let entries = entries.into_iter().map(|(key, value)| (Key { text: key.to_owned(), span: value.span }, value));
    Tree { span, kind: Kind::Map(entries.collect()) }
}
