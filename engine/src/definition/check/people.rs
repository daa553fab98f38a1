//! People: four eyes need two pairs.

use crate::{
    definition::{NodeKind, Process, UserTask, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// Warns of four eyes where one role does both steps: it works only if the role has two holders.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for node in &process.nodes {
        let NodeKind::UserTask(task) = &node.kind else { continue };
        for other in &task.separate_from {
            if let Some(NodeKind::UserTask(before)) = process.node(other).map(|node| &node.kind)
                && let (Some(role), Some(other_role)) = (role(process, task), role(process, before))
                && role == other_role
            {
                let message = Text::new(
                    format!("“{}”与“{other}”须由不同的人办理，但都属于角色“{role}”", node.id),
                    format!("`{}` and `{other}` must be done by different people, but both belong to the role `{role}`", node.id),
                );
                let help = Text::new(
                    "确认每个单位至少有两人担任，或改用不同角色",
                    "see that two people hold it at each unit, or use different roles",
                );
                cx.findings.push(Finding::warning("P002", node.place.clone(), message).about(node.id.clone()).help(help));
            }
        }
    }
}

fn role<'a>(process: &'a Process, task: &'a UserTask) -> Option<&'a str> {
    match (&task.assign, &task.lane) {
        (Some(assign), _) => Some(&assign.role),
        (None, Some(lane)) => process.lanes.get(lane).map(|lane| lane.role.as_str()),
        (None, None) => None,
    }
}
