//! Parameters: what a caller gives can only be given by a caller.

use crate::{
    definition::{NodeKind, Process, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Finds fault with ways to begin a case that could never give what is required.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let Some((name, _)) = process.parameters.iter().find(|(_, parameter)| parameter.required) else { return };
    for &ix in &process.scopes[0].starts {
        let node = &process.nodes[ix];
        let NodeKind::StartEvent(start) = &node.kind else { continue };
        if start.trigger.is_none() && start.form.is_none() && start.lane.is_none() {
            continue;
        }
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
