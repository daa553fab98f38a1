//! Choices: whatever the data, some way is taken; and every way is taken for some data.
//!
//! | code | about |
//! |---|---|
//! | `F006` | data for which no way out of a gateway, or of an activity with conditions on all its flows, is taken |
//! | `F008` | data for which none of a task's actions is offered |
//! | `F013` | a branch that is never taken, since its condition never holds or earlier ones take all that it would |

use super::written::Written;
use crate::{
    decision::Choice,
    definition::{FlowIx, Node, NodeIx, NodeKind, Process, UserTask, context::Context, names::Besides},
    diagnostic::Finding,
    rules::{Asked, Expression, Logic},
    text::Text,
};

/// Adds the findings on choices; without `written`, since the graph has holes, every value counts as given.
pub(super) fn check(cx: &mut Context<'_>, process: &Process, written: Option<&Written>) {
    for (ix, node) in process.nodes.iter().enumerate() {
        let flows: Vec<FlowIx> = (0..process.flows.len()).filter(|&flow| process.flows[flow].from == ix).collect();
        let mut look = Look { cx, process, written, node: ix };
        match &node.kind {
            NodeKind::UserTask(task) if task.actions.values().all(|action| action.when.is_some()) => look.actions(node, task),
            NodeKind::UserTask(task) if flows.iter().any(|&flow| process.flows[flow].action.is_some()) => look.never_offered(node, task),
            NodeKind::ParallelGateway | NodeKind::EventBasedGateway(_) | NodeKind::ComplexGateway(_) => {}
            kind => look.flows(node, &flows, matches!(kind, NodeKind::ExclusiveGateway)),
        }
    }
}

struct Look<'l, 'a> {
    cx: &'l mut Context<'a>,
    process: &'l Process,
    written: Option<&'l Written>,
    node: NodeIx,
}

impl Look<'_, '_> {
    fn flows(&mut self, node: &Node, flows: &[FlowIx], in_order: bool) {
        let conditions: Vec<(FlowIx, &Expression)> =
            flows.iter().filter_map(|&flow| Some((flow, self.process.flows[flow].condition.as_ref()?))).collect();
        if conditions.is_empty() {
            return;
        }
        let logics: Vec<Logic> = conditions.iter().map(|(_, condition)| self.logic(node, condition)).collect();
        let falls_back = conditions.len() < flows.len();
        if !falls_back {
            self.gap(node, &logics);
        }
        for index in self.never(&logics, in_order) {
            let flow = &self.process.flows[conditions[index].0];
            self.never_taken(node, conditions[index].1, index > 0 && in_order, flow.name.as_ref());
        }
    }

    fn actions(&mut self, node: &Node, task: &UserTask) {
        let logics: Vec<Logic> =
            task.actions.values().filter_map(|action| action.when.as_ref()).map(|when| self.logic(node, when)).collect();
        if let Some((zh, en)) = self.uncovered(&logics) {
            let id = &node.id;
            let message = Text::new(
                format!("“{id}”的每个动作都有条件，可能无路可走：{zh}时没有一个成立"),
                format!("every action of `{id}` has a condition: there may be no way out; none holds for {en}"),
            );
            let help = Text::new("至少一个动作不带 when", "leave `when` out of at least one action");
            self.cx.findings.push(Finding::error("F008", node.place.clone(), message).about(id.clone()).help(help));
        }
        self.never_offered(node, task);
    }

    fn never_offered(&mut self, node: &Node, task: &UserTask) {
        for action in task.actions.values() {
            let Some(when) = &action.when else { continue };
            let logic = [self.logic(node, when)];
            if !self.never(&logic, false).is_empty() {
                self.never_taken(node, when, false, Some(&action.name));
            }
        }
    }

    fn logic(&self, node: &Node, condition: &Expression) -> Logic {
        let names = super::names_at(self.process, node, Besides::Nothing);
        self.cx.around.rules.logic(condition, &|name| names.type_of(name))
    }

    fn gap(&mut self, node: &Node, logics: &[Logic]) {
        let Some((zh, en)) = self.uncovered(logics) else { return };
        let id = &node.id;
        let what = if node.is_gateway() { ("网关", "the gateway ") } else { ("", "") };
        let message = Text::new(
            format!("{}“{id}”没有 otherwise：{zh}时没有一个条件成立", what.0),
            format!("{}`{id}` has no `otherwise`: no condition holds for {en}", what.1),
        );
        let help = Text::new("加上 - otherwise: true，或补上这种情况", "add `- otherwise: true`, or cover this");
        self.cx.findings.push(Finding::error("F006", node.place.clone(), message).about(id.clone()).help(help));
    }

    /// Data for which none of the conditions holds; if there are too many cases to look at, that is what is told.
    fn uncovered(&self, logics: &[Logic]) -> Option<(String, String)> {
        match self.choice(logics) {
            Some(choice) => choice.gap(),
            None => Some(("情况过多，未能逐一检查；有".to_owned(), "cases too many to look at: perhaps".to_owned())),
        }
    }

    fn never(&self, logics: &[Logic], in_order: bool) -> Vec<usize> {
        let Some(choice) = self.choice(logics) else { return Vec::new() };
        (0..logics.len()).filter(|&index| !choice.is_taken(index, in_order)).collect()
    }

    fn choice<'c>(&'c self, logics: &'c [Logic]) -> Option<Choice<'c>> {
        let absent = |asked: &Asked| {
            let unwritten = |name: &String| self.written.is_some_and(|written| written.may_be_absent(self.node, name));
            asked.optional || asked.names.iter().any(unwritten)
        };
        Choice::of(logics.iter().collect(), &absent, self.cx.around.standard, self.cx.around.rules.zone())
    }

    fn never_taken(&mut self, node: &Node, condition: &Expression, after_others: bool, name: Option<&Text>) {
        let id = &node.id;
        let called = name.map(|name| format!("“{}”", name.zh)).unwrap_or_default();
        let message = if after_others {
            Text::new(
                format!("“{id}”的分支{called}永远不会走：前面的条件已全部覆盖，或它本身不能成立"),
                format!("this branch of `{id}` is never taken: earlier conditions cover it, or it cannot hold"),
            )
        } else {
            Text::new(
                format!("“{id}”的分支{called}永远不会走：没有数据能使条件成立"),
                format!("this branch of `{id}` is never taken: no data can make its condition true"),
            )
        };
        let help = Text::new("删去它，或调整条件与次序", "remove it, or change its condition or the order");
        self.cx.findings.push(Finding::warning("F013", condition.place.clone(), message).about(id.clone()).help(help));
    }
}
