//! What an action leads to, read from the definition's graph: who acts next, what the applicant is told, how it ends.
//!
//! The preview runs the real engine, but only on a form that is filled in. This can be said as soon as the page is drawn.

use std::collections::BTreeSet;

use tongban_engine::{
    definition::{Action, Definition, Flow, Node, NodeIx, NodeKind, PortalStatus, Process, Throw, Trigger, UserTask},
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
        match action.flow {
            Some(flow) => {
                way.changed.extend(written(self.here));
                self.walk(process.flows.get(flow)?.to, &mut way);
            }
            None => self.go_on(self.here, &mut way),
        }
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
        match &node.kind {
            NodeKind::UserTask(task) => way.found.push(self.person(node, task)),
            NodeKind::ReceiveTask(_) | NodeKind::CallActivity(_) => way.found.push(self.waits(node)),
            NodeKind::CatchEvent(trigger) if !matches!(trigger, Trigger::Link(_)) => way.found.push(self.waits(node)),
            NodeKind::SendTask(send) if send.portal.is_some_and(PortalStatus::is_final) => {
                let status = send.portal.map(|status| status.label().get(self.language).to_owned()).unwrap_or_default();
                way.found.push(fill(self.language, "ahead.told", &[("status", &status)]));
            }
            NodeKind::EndEvent(thrown) => self.leave(node, thrown, way),
            NodeKind::ThrowEvent(Throw::Link(name)) => {
                let lands = |node: &Node| matches!(&node.kind, NodeKind::CatchEvent(Trigger::Link(link)) if link == name);
                (0..process.nodes.len()).filter(|ix| lands(&process.nodes[*ix])).for_each(|ix| self.walk(ix, way));
            }
            kind => match kind.inside() {
                Some(inside) => {
                    let scope = &process.scopes[inside];
                    scope.starts.iter().chain(&scope.orphans).for_each(|start| self.walk(*start, way));
                }
                None => self.go_on(node, way),
            },
        }
    }

    /// Out of a scope that is done; by a boundary event, if an error or a cancellation ends it.
    fn leave(&self, end: &Node, thrown: &Throw, way: &mut Way<'a>) {
        let process: &'a Process = &self.definition.process;
        let around = process.scopes[end.scope].node.map(|ix| &process.nodes[ix]);
        let around = around.filter(|node| !matches!(node.kind, NodeKind::EventSubProcess(_)));
        let Some(around) = around else {
            way.found.push(match &end.name {
                Some(name) => fill(self.language, "ahead.ended_as", &[("end", name.get(self.language))]),
                None => say(self.language, "ahead.ended").to_owned(),
            });
            return;
        };
        let caught = around.boundary.iter().filter(|ix| {
            let trigger = process.nodes[**ix].kind.trigger();
            matches!((thrown, trigger), (Throw::Error(_), Some(Trigger::Error(_))) | (Throw::Cancel, Some(Trigger::Cancel)))
        });
        match thrown {
            Throw::Error(_) | Throw::Cancel => caught.for_each(|ix| self.walk(*ix, way)),
            _ => self.go_on(around, way),
        }
    }

    fn go_on(&self, node: &'a Node, way: &mut Way<'a>) {
        let process: &'a Process = &self.definition.process;
        way.changed.extend(written(node));
        way.open |= matches!(node.kind, NodeKind::EventBasedGateway(_)) && node.outgoing.len() > 1;
        let flows: Vec<&Flow> = node.outgoing.iter().map(|flow| &process.flows[*flow]).collect();
        let first_only = matches!(node.kind, NodeKind::ExclusiveGateway);
        self.taken(&flows, first_only, way).iter().for_each(|flow| self.walk(flow.to, way));
    }

    /// The flows that will be taken, as far as that can be foreseen; otherwise all that may be.
    fn taken<'f>(&self, flows: &[&'f Flow], first_only: bool, way: &mut Way<'a>) -> Vec<&'f Flow> {
        let (mut taken, mut certain) = (Vec::new(), false);
        for flow in flows.iter().filter(|flow| !flow.is_default) {
            let holds = match &flow.condition {
                None => Some(true),
                Some(condition) if condition.variables.iter().any(|name| way.changed.contains(name.as_str())) => None,
                Some(condition) => self.definition.rules.condition(condition, &self.names).ok(),
            };
            if holds != Some(false) {
                taken.push(*flow);
            }
            way.open |= holds.is_none();
            certain |= holds == Some(true);
            if certain && first_only {
                break;
            }
        }
        if !certain {
            taken.extend(flows.iter().filter(|flow| flow.is_default));
        }
        taken
    }

    fn waits(&self, node: &Node) -> String {
        fill(self.language, "ahead.wait", &[("step", node.title().get(self.language))])
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

/// The names that a node writes when it is left.
fn written(node: &Node) -> impl Iterator<Item = &str> {
    let by_kind = match &node.kind {
        NodeKind::ScriptTask(script) => script.assigns.as_slice(),
        NodeKind::BusinessRuleTask(task) => task.output.as_slice(),
        _ => &[],
    };
    node.set.iter().map(|assignment| assignment.name.as_str()).chain(by_kind.iter().map(String::as_str))
}
