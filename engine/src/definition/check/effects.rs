//! What each element surely writes, and what taking a flow proves.

use crate::{
    definition::{FlowIx, Node, NodeKind, Process, UserTask, context::Context},
    form::{FieldType, Form},
};

/// The effects of a process's elements.
pub(super) struct Effects<'s, 'a> {
    pub(super) cx: &'s Context<'a>,
    pub(super) process: &'s Process,
}

impl Effects<'_, '_> {
    /// Names that surely have a value when the node's work is done, besides its `set`.
    pub(super) fn of_node(&self, node: &Node) -> Vec<String> {
        match &node.kind {
            NodeKind::StartEvent(start) if node.scope == 0 => {
                let by_form = start.form.as_ref().or(self.process.data.form.as_ref());
                let given = self.process.parameters.iter().filter(|(_, parameter)| parameter.required).map(|(name, _)| name.clone());
                by_form.and_then(|id| self.cx.around.forms.get(id)).map(required).unwrap_or_default().into_iter().chain(given).collect()
            }
            NodeKind::UserTask(task) => self.of_task(task),
            NodeKind::ScriptTask(script) => self.cx.around.rules.effect(&script.script).assigned,
            NodeKind::BusinessRuleTask(rule) => rule.output.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// What every action of a task requires, and what its form does.
    fn of_task(&self, task: &UserTask) -> Vec<String> {
        let Some(rights) = &task.form else { return Vec::new() };
        let form = self.cx.around.forms.get(&rights.form);
        let of_form = form.map(required).unwrap_or_default().into_iter().filter(|name| rights.edit.contains(name));
        let unticked = rights.edit.iter().filter(|name| self.is_boolean(name)).cloned();
        of_form.chain(rights.require.iter().cloned()).chain(unticked).collect()
    }

    /// Whether a data name, or one that instances have for themselves, is a boolean: what a step offers and is not ticked is
    /// written as false.
    fn is_boolean(&self, name: &str) -> bool {
        let local = || self.process.nodes.iter().find_map(|node| node.multi_instance.as_ref()?.types.get(name));
        self.process.data.fields.get(name).map(|field| &field.of).or_else(local) == Some(&FieldType::Boolean)
    }

    /// Names that surely have a value once the flow is taken, since its action requires them or its condition proves them.
    pub(super) fn of_flow(&self, node: &Node, flow: FlowIx) -> Vec<String> {
        let rules = self.cx.around.rules;
        let taken = &self.process.flows[flow];
        let mut names = Vec::new();
        if let NodeKind::UserTask(task) = &node.kind
            && let Some(action) = taken.action.as_ref().and_then(|id| task.actions.get(id))
        {
            names.extend(action.require.iter().cloned());
            names.extend(action.when.iter().flat_map(|when| rules.proves(when, true)));
        }
        names.extend(taken.condition.iter().flat_map(|condition| rules.proves(condition, true)));
        if matches!(node.kind, NodeKind::ExclusiveGateway) || taken.is_default {
            let earlier = node.outgoing.iter().take_while(|&&other| taken.is_default || other != flow);
            let untaken = earlier.filter(|&&other| other != flow).filter_map(|&other| self.process.flows[other].condition.as_ref());
            names.extend(untaken.flat_map(|condition| rules.proves(condition, false)));
        }
        names
    }
}

/// What a form surely gives: fields and rows that it requires. A boolean that is not ticked is false.
fn required(form: &Form) -> Vec<String> {
    let mut names = Vec::new();
    for group in &form.groups {
        match &group.repeat {
            Some(rows) => names.extend(group.required.then(|| rows.clone())),
            None => {
                let sure = group.fields.iter().filter(|field| field.required || field.field.of == FieldType::Boolean);
                names.extend(sure.map(|field| field.field.name.clone()));
            }
        }
    }
    names
}
