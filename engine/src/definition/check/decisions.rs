//! Decision tables where they are used: the table is there, reads what can be read here, and gives what its output takes.

use super::{names_at, way, written::Written};
use crate::{
    decision::DecisionTable,
    definition::{BusinessRuleTask, Node, NodeIx, NodeKind, Process, context::Context, names::Besides, shape::suggestion},
    diagnostic::Finding,
    form::FieldType,
    text::Text,
};

/// Adds the findings on business rule tasks; `written` is missing where the graph has holes.
pub(super) fn check(cx: &mut Context<'_>, process: &Process, written: Option<&Written>) {
    for (ix, node) in process.nodes.iter().enumerate() {
        let NodeKind::BusinessRuleTask(task) = &node.kind else { continue };
        let Some(id) = &task.decision else { continue };
        let decisions = cx.around.decisions;
        let Some(table) = decisions.get(id) else {
            // A table that could not be read is told in its own file.
            if !cx.around.broken_decisions.contains(id) {
                missing(cx, node, id);
            }
            continue;
        };
        if !cx.names_unsure {
            let names = names_at(process, node, Besides::Nothing);
            let findings = table.findings(cx.around.rules, &|name| names.type_of(name));
            cx.findings.extend(findings.into_iter().map(|finding| finding.about(node.id.clone())));
            output(cx, process, node, task, table);
        }
        if let Some(written) = written.filter(|_| !cx.names_unsure) {
            absent(cx, process, written, ix, table);
        }
    }
}

fn missing(cx: &mut Context<'_>, node: &Node, id: &str) {
    let known: Vec<&str> = cx.around.decisions.keys().map(String::as_str).collect();
    let message = Text::new(format!("没有决策表“{id}”"), format!("there is no decision table `{id}`"));
    let help = if known.is_empty() {
        Text::new(format!("在流程旁加上 decisions/{id}.yaml"), format!("add decisions/{id}.yaml beside the process"))
    } else {
        suggestion(id, &known)
    };
    cx.findings.push(Finding::error("R012", node.place.clone(), message).about(node.id.clone()).help(help));
}

/// The table's result must fit the data name that gets it.
fn output(cx: &mut Context<'_>, process: &Process, node: &Node, task: &BusinessRuleTask, table: &DecisionTable) {
    let names = names_at(process, node, Besides::Nothing);
    let Some(target) = task.output.as_ref().and_then(|name| names.data_type(name)) else { return };
    let (gives, fits) = match table.result_type() {
        Some(of) => (of.to_string(), like(&of, &target)),
        None => several(cx, table, &target),
    };
    if !fits {
        let (name, id) = (task.output.clone().unwrap_or_default(), &table.id);
        let message = Text::new(
            format!("类型不符：“{name}”是 {target}，而决策表“{id}”给出 {gives}"),
            format!("types differ: `{name}` is {target}, and the table `{id}` gives {gives}"),
        );
        cx.findings.push(Finding::error("D004", node.place.clone(), message).about(node.id.clone()));
    }
}

/// Several outputs are a record whose members are the outputs, or a list of such.
fn several(cx: &Context<'_>, table: &DecisionTable, target: &FieldType) -> (String, bool) {
    let outputs: Vec<&str> = table.outputs.iter().map(|output| output.name.as_str()).collect();
    let members = outputs.join(", ");
    let (list, record) = match target {
        FieldType::List(of) => (true, &**of),
        other => (false, other),
    };
    let fits = match record {
        FieldType::Record(record) => {
            let members = cx.around.standard.records.get(record).map(|record| &record.members);
            members.is_none_or(|members| outputs.iter().all(|output| members.contains_key(*output)))
        }
        _ => false,
    };
    let gives = if table.policy.gives_one() { format!("#{{{members}}}") } else { format!("list<#{{{members}}}>") };
    (gives, fits && list != table.policy.gives_one())
}

/// Whether a value of one type is one of the other, as far as JSON tells them apart.
fn like(of: &FieldType, target: &FieldType) -> bool {
    let number = |of: &FieldType| matches!(of, FieldType::Integer | FieldType::Decimal | FieldType::Money);
    match (of, target) {
        (FieldType::List(of), FieldType::List(target)) => like(of, target),
        (FieldType::Record(a), FieldType::Record(b)) => a == b,
        (FieldType::Code(a), FieldType::Code(b)) => a == b,
        (FieldType::List(_) | FieldType::Record(_) | FieldType::Boolean, _)
        | (_, FieldType::List(_) | FieldType::Record(_) | FieldType::Boolean) => of == target,
        _ if number(of) || number(target) => number(of) && number(target) && (*of == FieldType::Integer || *target != FieldType::Integer),
        _ => true,
    }
}

/// What the table reads and some way has not written: no rule may hold then.
fn absent(cx: &mut Context<'_>, process: &Process, written: &Written, ix: NodeIx, table: &DecisionTable) {
    let node = &process.nodes[ix];
    for name in table.minds().into_iter().filter(|name| written.may_be_absent(ix, name)) {
        let (id, way) = (&table.id, way::told(process, &way::without(process, written, ix, name)));
        let message = Text::new(
            format!("决策表“{id}”读取的“{name}”在这里可能还没有值，那时没有规则成立；没有写入它的路径：{way}"),
            format!(
                "the table `{id}` reads `{name}`, which may have no value yet, and then no rule holds; a way that has not written it: {way}"
            ),
        );
        let help =
            Text::new("先写入，或在表里用 null 写明没有值时怎么办", "write it before, or say in the table with `null` what holds then");
        cx.findings.push(Finding::warning("D051", node.place.clone(), message).about(node.id.clone()).help(help));
    }
}
