//! Every name that was written must be there.

use indexmap::IndexMap;

use crate::{
    definition::{
        Declaration, NodeKind, Process,
        context::{Context, Reference, Refers},
        shape::suggestion,
    },
    diagnostic::Finding,
    text::Text,
};

/// Reports references that lead nowhere.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let references = std::mem::take(&mut cx.references);
    let missing: Vec<Finding> = references.iter().filter_map(|reference| missing(cx, process, reference)).collect();
    cx.findings.extend(missing);
}

fn missing(cx: &Context<'_>, process: &Process, reference: &Reference) -> Option<Finding> {
    let name = &reference.name;
    let around = &cx.around;
    let (code, zh, en, known): (_, _, _, Vec<&str>) = match reference.refers {
        Refers::Lane => ("R001", "泳道", "lane", process.lanes.keys().map(String::as_str).collect()),
        Refers::Role => ("P001", "角色", "role", around.roles.keys().map(String::as_str).collect()),
        Refers::Form => ("R003", "表单", "form", around.forms.keys().map(String::as_str).collect()),
        Refers::Message => ("R006", "消息", "message", process.messages.keys().map(String::as_str).collect()),
        Refers::Clock => ("R009", "时限", "clock", process.clocks.keys().chain(&cx.dropped).map(String::as_str).collect()),
        Refers::Node => ("R008", "环节", "element", written_nodes(process, |_| true)),
        Refers::UserTask => ("R010", "人工办理环节", "user task", written_nodes(process, |kind| matches!(kind, NodeKind::UserTask(_)))),
        Refers::Activity => {
            let activity = |node: &&crate::definition::Node| node.is_activity() && !node.id.contains("__");
            ("R010", "环节", "activity", process.nodes.iter().filter(activity).map(|node| node.id.as_str()).collect())
        }
        Refers::Signal => ("R030", "信号", "signal", declared(process.declared.signals.as_ref())?),
        Refers::Error | Refers::Escalation if is_outcome(cx, name) => return None,
        Refers::Error => ("R030", "错误", "error", declared(process.declared.errors.as_ref())?),
        Refers::Escalation => ("R030", "升级", "escalation", declared(process.declared.escalations.as_ref())?),
        Refers::Template => return (!around.templates.has(name)).then(|| missing_template(reference)),
    };
    if known.contains(&name.as_str()) {
        return None;
    }
    let message = Text::new(format!("没有{zh}“{name}”"), format!("there is no {en} `{name}`"));
    Some(Finding::error(code, reference.place.clone(), message).about(reference.element.clone()).help(suggestion(name, &known)))
}

/// The names of a kind; None: none is declared, and all are free.
fn declared(of_kind: Option<&IndexMap<String, Declaration>>) -> Option<Vec<&str>> {
    of_kind.map(|declared| declared.keys().map(String::as_str).collect())
}

/// Whether a code is the outcome of a fragment, by which it is left.
fn is_outcome(cx: &Context<'_>, code: &str) -> bool {
    cx.uses.iter().any(|used| code.starts_with(&used.prefix))
}

fn written_nodes(process: &Process, of: impl Fn(&NodeKind) -> bool) -> Vec<&str> {
    process.nodes.iter().filter(|node| of(&node.kind) && !node.id.contains("__")).map(|node| node.id.as_str()).collect()
}

fn missing_template(reference: &Reference) -> Finding {
    let name = &reference.name;
    let message = Text::new(format!("没有模板“{name}”"), format!("there is no template `{name}`"));
    let help = Text::new(format!("在流程旁加上 templates/{name}.hbs"), format!("add templates/{name}.hbs beside the process"));
    Finding::error("R005", reference.place.clone(), message).about(reference.element.clone()).help(help)
}
