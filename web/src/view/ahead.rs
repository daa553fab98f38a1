//! What an action leads to, read from the definition's graph: who acts next, what the applicant is told, how it ends.
//!
//! The preview runs the real engine, but only on a form that is filled in. This can be said as soon as the page is drawn.

use std::collections::BTreeSet;

use tongban_engine::{
    definition::{Action, Definition, Flow, Node, NodeIx, NodeKind, Process, UserTask},
    interpreter::CaseNames,
    text::Language,
};

use super::{fill, say};

/// Looks ahead from a task: the graph, and the case's data for the conditions on the way.
pub struct Ahead<'a> {
    /// The version that the case runs on.
    pub definition: &'a Definition,
    /// What conditions read.
    pub names: CaseNames<'a>,
    /// The task's node.
    pub here: &'a Node,
    /// The reader's.
    pub language: Language,
}

/// What was found on the way.
struct Way<'a> {
    seen: BTreeSet<NodeIx>,
    /// Names that may have changed by then: a condition that reads one of them is not foreseen.
    changed: BTreeSet<&'a str>,
    /// A condition was met that cannot be foreseen: what follows are alternatives.
    open: bool,
    found: Vec<String>,
}

impl<'a> Ahead<'a> {
    /// What follows `action`, in one line; None if there is nothing to say.
    pub fn of(&self, action: &Action) -> Option<String> {
        let process = &self.definition.process;
        let mut way = Way { seen: BTreeSet::new(), changed: BTreeSet::new(), open: false, found: Vec::new() };
        if let NodeKind::UserTask(task) = &self.here.kind {
            way.changed.extend(task.form.iter().flat_map(|form| &form.edit).map(String::as_str));
        }
        way.changed.extend(self.here.set.iter().map(|assignment| assignment.name.as_str()));
        self.walk(process.flows.get(action.flow)?.to, &mut way);
        way.found.dedup();
        let joiner = say(self.language, if way.open { "ahead.or" } else { "app.list_separator" });
        (!way.found.is_empty()).then(|| fill(self.language, "ahead.next", &[("list", &way.found.join(joiner))]))
    }

    fn walk(&self, ix: NodeIx, way: &mut Way<'a>) {
        let process: &'a Process = &self.definition.process;
        if !way.seen.insert(ix) {
            return;
        }
        let Some(node) = process.nodes.get(ix) else { return };
        let title = || node.title().get(self.language).to_owned();
        match &node.kind {
            NodeKind::UserTask(task) => way.found.push(self.person(node, task)),
            NodeKind::ReceiveTask(_) => way.found.push(fill(self.language, "ahead.wait", &[("step", &title())])),
            NodeKind::SendTask(send) if send.portal.is_some_and(|status| status.is_final()) => {
                let status = send.portal.map(|status| status.label().get(self.language).to_owned()).unwrap_or_default();
                way.found.push(fill(self.language, "ahead.told", &[("status", &status)]));
            }
            NodeKind::EndEvent | NodeKind::TerminateEndEvent => self.leave(node, way),
            NodeKind::SubProcess(scope) => process.scopes[*scope].starts.iter().for_each(|start| self.walk(*start, way)),
            _ => self.go_on(node, way),
        }
    }

    /// Out of a scope that is done.
    fn leave(&self, end: &Node, way: &mut Way<'a>) {
        let process: &'a Process = &self.definition.process;
        let around = process.scopes[end.scope].node.map(|ix| &process.nodes[ix]);
        match around {
            Some(node) if matches!(node.kind, NodeKind::SubProcess(_)) => self.go_on(node, way),
            _ => way.found.push(match &end.name {
                Some(name) => fill(self.language, "ahead.ended_as", &[("end", name.get(self.language))]),
                None => say(self.language, "ahead.ended").to_owned(),
            }),
        }
    }

    fn go_on(&self, node: &'a Node, way: &mut Way<'a>) {
        let process: &'a Process = &self.definition.process;
        way.changed.extend(node.set.iter().map(|assignment| assignment.name.as_str()));
        if let NodeKind::ScriptTask(script) = &node.kind {
            way.changed.extend(script.assigns.iter().map(String::as_str));
        }
        let flows: Vec<&Flow> = node.outgoing.iter().map(|flow| &process.flows[*flow]).collect();
        let taken = self.taken(&flows, way);
        taken.iter().for_each(|flow| self.walk(flow.to, way));
    }

    /// The flows that will be taken, as far as that can be foreseen; otherwise all that may be.
    fn taken<'f>(&self, flows: &[&'f Flow], way: &mut Way<'a>) -> Vec<&'f Flow> {
        if flows.iter().all(|flow| flow.condition.is_none()) {
            return flows.to_vec();
        }
        for flow in flows.iter().filter(|flow| !flow.is_default) {
            let holds =
                flow.condition.as_ref().filter(|condition| !condition.variables.iter().any(|name| way.changed.contains(name.as_str())));
            match holds.and_then(|condition| self.definition.rules.condition(condition, &self.names).ok()) {
                Some(true) => return vec![flow],
                Some(false) => {}
                None => {
                    way.open = true;
                    return flows.to_vec();
                }
            }
        }
        flows.iter().filter(|flow| flow.is_default).copied().collect()
    }

    /// Who acts next; and that it is somebody else, where the definition demands it.
    fn person(&self, node: &Node, task: &UserTask) -> String {
        let lane = task.lane.as_ref().and_then(|lane| self.definition.process.lanes.get(lane)).map(|lane| &lane.name);
        let role = task.assign.as_ref().and_then(|assign| self.definition.roles.get(&assign.role)).map(|role| &role.name);
        let doer = lane.or(role).map(|name| name.get(self.language)).unwrap_or_default();
        let key = if task.separate_from.contains(&self.here.id) { "ahead.second" } else { "ahead.task" };
        fill(self.language, key, &[("doer", doer), ("step", node.title().get(self.language))])
    }
}
