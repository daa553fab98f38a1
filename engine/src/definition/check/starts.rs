//! How a case begins: by something that can happen, and with what is required.

use crate::{
    definition::{NodeKind, Process, StartEvent, Trigger, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Reports start events that begin no case, or that could never give what the parameters require.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let parameter = process.parameters.iter().find(|(_, parameter)| parameter.required).map(|(name, _)| name.as_str());
    for &ix in &process.scopes[0].starts {
        let node = &process.nodes[ix];
        let NodeKind::StartEvent(start) = &node.kind else { continue };
        if start.trigger.as_ref().is_some_and(waits_for_data) {
            let message = Text::new(
                format!("“{}”等待条件成立，而办件发起之前没有数据，条件不会成立", node.id),
                format!("`{}` waits for a condition, but before a case begins there are no data for it to hold of", node.id),
            );
            let help = Text::new("用 timer、message 或 signal 发起", "begin by `timer`, `message` or `signal`");
            cx.findings.push(Finding::warning("F015", node.place.clone(), message).about(node.id.clone()).help(help));
        }
        if let Some(name) = parameter.filter(|_| has_a_way_of_its_own(start)) {
            let message = Text::new(
                format!("流程有参数“{name}”，只能由调用者给出；“{}”却另有发起方式", node.id),
                format!("the process has the parameter `{name}`, which only a caller gives, but `{}` begins in another way", node.id),
            );
            let help = Text::new(
                "去掉触发条件、表单和发起人，或写 required: false",
                "leave out trigger, form and who may start it, or say `required: false`",
            );
            cx.findings.push(Finding::error("Y018", node.place.clone(), message).about(node.id.clone()).help(help));
        }
    }
}

fn has_a_way_of_its_own(start: &StartEvent) -> bool {
    start.trigger.is_some() || start.form.is_some() || start.lane.is_some()
}

/// Whether a trigger needs a condition to hold.
fn waits_for_data(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Condition(_) => true,
        Trigger::Any(several) => several.iter().all(waits_for_data),
        Trigger::All(several) => several.iter().any(waits_for_data),
        _ => false,
    }
}
