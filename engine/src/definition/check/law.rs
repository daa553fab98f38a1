//! What administrative law asks of a process whatever its content: reasons, one correction, words that fit the kind.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    definition::{FlowIx, NodeIx, NodeKind, PortalStatus, Process, ProcessKind, context::Context},
    diagnostic::Finding,
    form::FieldType,
    rules::{Expression, Lookup},
    source::Place,
    text::Text,
};

/// Adds the findings of group L.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for (ix, status) in sends(process) {
        words_of_the_kind(cx, process, ix, status);
        match status {
            PortalStatus::Refused | PortalStatus::NotRecorded | PortalStatus::NotAccepted => refusal(cx, process, ix, status),
            PortalStatus::Correction => correction_once(cx, process, ix),
            _ => {}
        }
    }
}

fn sends(process: &Process) -> Vec<(NodeIx, PortalStatus)> {
    let status = |kind: &NodeKind| match kind {
        NodeKind::SendTask(task) => task.portal,
        _ => None,
    };
    process.nodes.iter().enumerate().filter_map(|(ix, node)| Some((ix, status(&node.kind)?))).collect()
}

/// A filing is recorded, never approved; a report is acknowledged, never refused.
fn words_of_the_kind(cx: &mut Context<'_>, process: &Process, ix: NodeIx, status: PortalStatus) {
    use PortalStatus::{Granted, NotAccepted, NotRecorded, Refused};
    let node = &process.nodes[ix];
    let (code, zh, en) = match (process.kind, status) {
        (ProcessKind::Filing, Granted | Refused) => ("L003", "备案不作准予或不予许可的决定", "a filing neither grants nor refuses"),
        (ProcessKind::Report, Refused | NotRecorded | NotAccepted | Granted) => {
            ("L004", "报告只能收悉或要求补充，不作决定", "a report is acknowledged or asked back; nothing is decided")
        }
        _ => return,
    };
    let label = status.label();
    let message = Text::new(format!("{zh}：{}", label.zh), format!("{en}: `{}`", status.code()));
    let help = Text::new(
        "备案用 recorded、not_recorded；报告用 received、recorded",
        "a filing uses recorded and not_recorded, a report received and recorded",
    );
    cx.findings.push(Finding::error(code, node.place.clone(), message).about(node.id.clone()).help(help));
}

/// A refusal is a decision of a person, with reasons, told in a document (行政许可法 第三十八条, 第五十五条).
fn refusal(cx: &mut Context<'_>, process: &Process, ix: NodeIx, status: PortalStatus) {
    let node = &process.nodes[ix];
    if let NodeKind::SendTask(task) = &node.kind
        && task.document.is_none()
        && process.kind != ProcessKind::Office
    {
        let message = Text::new(format!("“{}”没有书面决定", status.label().zh), format!("`{}` comes without a document", status.code()));
        let help = Text::new("加上 document: {template: …}，写明理由和救济途径", "add `document: {template: …}` with reasons and remedies");
        cx.findings.push(Finding::error("L001", node.place.clone(), message).about(node.id.clone()).help(help));
    }
    remedy(cx, process, ix, status);
    let origins = origins(process, ix);
    for &flow in &origins.actions {
        reasons(cx, process, flow, status);
    }
    for choice in origins.choices {
        let place = process.nodes[choice].place.clone();
        if let Some((name, machine)) = machine_behind(process, choice) {
            let message = Text::new(
                format!("“{}”由“{machine}”算出的“{name}”决定，没有人作出决定", status.label().zh),
                format!("`{}` is decided by `{name}`, which `{machine}` works out: no person decides it", status.code()),
            );
            let help = Text::new(
                "让人工办理环节的动作作出决定，计算结果只供参考",
                "let an action of a user task decide; what is worked out may only advise",
            );
            cx.findings.push(Finding::error("L005", place, message).about(node.id.clone()).help(help));
            continue;
        }
        let message = Text::new(
            format!("由条件而不是由人在“{}”与有利结果之间选择", status.label().zh),
            format!("a condition, not a person, chooses between `{}` and a favourable outcome", status.code()),
        );
        let help = Text::new("用人工办理环节的两个动作代替这个网关", "use two actions of a user task instead of this gateway");
        cx.findings.push(Finding::warning("L006", place, message).about(node.id.clone()).help(help));
    }
    for place in origins.machines {
        let message = Text::new(
            format!("“{}”由系统自动到达，没有人作出决定", status.label().zh),
            format!("`{}` is reached without a person's decision", status.code()),
        );
        let help = Text::new("不利决定须由人工办理环节的动作作出", "let an action of a user task decide it");
        cx.findings.push(Finding::error("L005", place, message).about(node.id.clone()).help(help));
    }
}

/// Ways in which a document tells of remedies: reconsideration, and litigation.
const REMEDIES: [&[&str]; 2] = [&["复议", "reconsideration"], &["诉讼", "litigation", "lawsuit"]];

/// Whoever is refused is told how to object (行政许可法 第三十八条第二款).
fn remedy(cx: &mut Context<'_>, process: &Process, ix: NodeIx, status: PortalStatus) {
    let node = &process.nodes[ix];
    let NodeKind::SendTask(task) = &node.kind else { return };
    let Some(order) =
        task.document.as_ref().filter(|order| process.kind != ProcessKind::Office && cx.around.templates.has(&order.template))
    else {
        return;
    };
    if REMEDIES.iter().all(|words| cx.around.templates.says(&order.template, words)) {
        return;
    }
    let (zh, template) = (status.label().zh, &order.template);
    let message = Text::new(
        format!("“{zh}”的文书“{template}”没有写明行政复议和行政诉讼的权利"),
        format!("the document `{template}` of `{}` does not tell of reconsideration and litigation", status.code()),
    );
    let help = Text::new(
        format!("在 templates/{template}.hbs 中写明救济途径和期限"),
        format!("tell of remedies and their limits in templates/{template}.hbs"),
    );
    cx.findings.push(Finding::warning("L007", order.place.clone(), message).about(node.id.clone()).help(help));
}

/// A script or decision table that writes what the gateway's conditions read: the name, and the task.
fn machine_behind(process: &Process, gateway: NodeIx) -> Option<(String, String)> {
    let flows = process.nodes[gateway].outgoing.iter().filter_map(|&flow| process.flows[flow].condition.as_ref());
    let reads: BTreeSet<&String> = flows.flat_map(|condition| &condition.variables).collect();
    let asked = |name: &String| {
        process
            .nodes
            .iter()
            .any(|node| matches!(&node.kind, NodeKind::UserTask(task) if task.form.iter().any(|form| form.edit.contains(name))))
    };
    process.nodes.iter().find_map(|node| {
        let writes: Vec<&String> = match &node.kind {
            NodeKind::ScriptTask(script) => script.assigns.iter().collect(),
            NodeKind::BusinessRuleTask(rule) => rule.output.iter().collect(),
            _ => Vec::new(),
        };
        // What a person can still fill in is that person's word.
        let name = writes.into_iter().find(|name| reads.contains(name) && !asked(name))?;
        Some((name.clone(), node.id.clone()))
    })
}

fn reasons(cx: &mut Context<'_>, process: &Process, flow: FlowIx, status: PortalStatus) {
    let flow = &process.flows[flow];
    let NodeKind::UserTask(task) = &process.nodes[flow.from].kind else { return };
    let Some(action) = flow.action.as_ref().and_then(|id| task.actions.get(id)) else { return };
    let form_requires = task.form.as_ref().is_some_and(|form| !form.require.is_empty());
    if action.require.is_empty() && !form_requires {
        let message = Text::new(
            format!("动作“{}”导致{}，却不要求写明理由", action.name.zh, status.label().zh),
            format!("this action leads to `{}` but requires no reasons", status.code()),
        );
        let help = Text::new("加上 require: [理由的数据项]", "add `require: [the reasons' data name]`");
        cx.findings.push(Finding::error("L001", action.place.clone(), message).about(process.nodes[flow.from].id.clone()).help(help));
    }
}

/// What leads to a node: actions of people, and machines' own choices.
pub(super) struct Origins {
    pub(super) actions: BTreeSet<FlowIx>,
    machines: Vec<Place>,
    /// Gateways that choose between this and something favourable.
    choices: Vec<NodeIx>,
}

/// Walks back to the last decision on each way. A person's action ends the walk; what a timer or message begins, or a
/// condition chooses, is a machine's.
pub(super) fn origins(process: &Process, ix: NodeIx) -> Origins {
    let mut origins = Origins { actions: BTreeSet::new(), machines: Vec::new(), choices: Vec::new() };
    let mut seen = BTreeSet::from([ix]);
    let mut behind = vec![ix];
    while let Some(ix) = behind.pop() {
        let node = &process.nodes[ix];
        let around = process.scopes[node.scope].node.map(|around| (around, &process.nodes[around].kind));
        match (&node.kind, around) {
            (NodeKind::StartEvent(_), Some((around, NodeKind::SubProcess(_)))) => behind.push(around),
            (NodeKind::BoundaryEvent(_) | NodeKind::StartEvent(_) | NodeKind::CatchEvent(_) | NodeKind::ReceiveTask(_), _) => {
                origins.machines.push(node.place.clone());
                continue;
            }
            (NodeKind::ExclusiveGateway, _) if node.outgoing.len() > 1 && chooses(process, ix) => {
                origins.choices.push(ix);
                continue;
            }
            _ => {}
        }
        for &flow in &node.incoming {
            let from = process.flows[flow].from;
            if process.flows[flow].action.is_some() {
                origins.actions.insert(flow);
            } else if let NodeKind::SubProcess(scope) = process.nodes[from].kind {
                let ends = (0..process.nodes.len()).filter(|&ix| process.nodes[ix].scope == scope && process.nodes[ix].outgoing.is_empty());
                behind.extend(ends.filter(|&end| seen.insert(end)));
            } else if seen.insert(from) {
                behind.push(from);
            }
        }
    }
    origins
}

/// Whether a gateway decides between something unfavourable and something else: what is favourable by itself, or, if what
/// its conditions read was worked out by a machine, anything.
fn chooses(process: &Process, gateway: NodeIx) -> bool {
    chooses_mercy(process, gateway) || machine_behind(process, gateway).is_some() && !always_refuses(process, gateway)
}

/// Whether every way from a gateway comes to something unfavourable before any person is asked, or the case ends.
fn always_refuses(process: &Process, gateway: NodeIx) -> bool {
    use PortalStatus::{NotAccepted, NotRecorded, Refused};
    let mut seen = BTreeSet::from([gateway]);
    let mut ahead = vec![gateway];
    while let Some(ix) = ahead.pop() {
        let node = &process.nodes[ix];
        match &node.kind {
            NodeKind::SendTask(task) if matches!(task.portal, Some(Refused | NotRecorded | NotAccepted)) => continue,
            NodeKind::UserTask(_) => return false,
            _ if node.outgoing.is_empty() => return false,
            _ => {}
        }
        ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to).filter(|&to| seen.insert(to)));
    }
    true
}

/// Whether some branch of a gateway reaches a favourable outcome before any person is asked again.
fn chooses_mercy(process: &Process, gateway: NodeIx) -> bool {
    use PortalStatus::{Accepted, Granted, Recorded};
    let mut seen = BTreeSet::from([gateway]);
    let mut ahead = vec![gateway];
    while let Some(ix) = ahead.pop() {
        match &process.nodes[ix].kind {
            NodeKind::SendTask(task) if matches!(task.portal, Some(Granted | Recorded | Accepted)) => return true,
            NodeKind::UserTask(_) => continue,
            _ => {}
        }
        let targets = process.nodes[ix].outgoing.iter().map(|&flow| process.flows[flow].to);
        ahead.extend(targets.filter(|&to| seen.insert(to)));
    }
    false
}

/// Everything that is missing is told once (行政许可法 第三十二条): an action that can come again to a correction needs `when`.
fn correction_once(cx: &mut Context<'_>, process: &Process, ix: NodeIx) {
    if process.kind == ProcessKind::Report || process.kind == ProcessKind::Office {
        return;
    }
    let after = ahead(process, ix);
    for flow in origins(process, ix).actions {
        let flow = &process.flows[flow];
        let NodeKind::UserTask(task) = &process.nodes[flow.from].kind else { continue };
        let Some(action) = flow.action.as_ref().and_then(|id| task.actions.get(id)) else { continue };
        let twice = match &action.when {
            None => true,
            Some(when) => process.kind == ProcessKind::Licence && still_offered(cx, process, ix, when),
        };
        if after.contains(&flow.from) && twice {
            let message =
                Text::new("可能多次要求补正：这个动作可以反复使用", "a correction can be asked for again and again through this action");
            let help = Text::new(
                "依法须一次性告知：用计数加上 when，例如 when: rounds == 0",
                "the law says once: count and add `when`, such as `when: rounds == 0`",
            );
            cx.findings.push(Finding::error("L002", action.place.clone(), message).about(process.nodes[flow.from].id.clone()).help(help));
        }
    }
}

/// Whether an action is surely offered again after one correction: worked out from the defaults and what the notice sets.
fn still_offered(cx: &Context<'_>, process: &Process, notice: NodeIx, when: &Expression) -> bool {
    let rules = cx.around.rules;
    let mut known = Known { process, values: Map::new() };
    for (name, field) in &process.data.fields {
        known.values.extend(field.default.iter().map(|default| (name.clone(), default.clone())));
    }
    if when.variables.iter().any(|name| !known.values.contains_key(name)) {
        return false;
    }
    for assignment in &process.nodes[notice].set {
        if let Ok(value) = rules.evaluate(&assignment.value, &known) {
            known.values.insert(assignment.name.clone(), value);
        }
    }
    rules.condition(when, &known).unwrap_or(false)
}

struct Known<'p> {
    process: &'p Process,
    values: Map<String, Value>,
}

impl Lookup for Known<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        self.process.data.fields.get(name).map(|field| field.of.clone())
    }
}

fn ahead(process: &Process, ix: NodeIx) -> BTreeSet<NodeIx> {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![ix];
    while let Some(ix) = ahead.pop() {
        for &flow in &process.nodes[ix].outgoing {
            let to = process.flows[flow].to;
            if seen.insert(to) {
                ahead.push(to);
                ahead.extend(&process.nodes[to].boundary);
            }
        }
    }
    seen
}
