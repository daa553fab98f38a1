//! Moving a token: it enters a node, does what the node's kind does, and leaves along flows. BPMN 2.0, chapter 13.

mod event;
mod gateway;
mod instances;
mod interrupt;
mod scope;
mod send;
mod service;
mod task;

use serde_json::Map;

use super::{
    Event, LocalNo,
    run::{Run, Stop},
};
use crate::definition::{FlowIx, Node, NodeKind};

impl Run<'_> {
    /// Lets a token act at the node where it stands.
    pub(super) fn enter(&mut self, token: LocalNo) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope) = (standing.node.clone(), standing.scope);
        let node = self.node(&id)?;
        // What fails after the arrival leaves clocks and boundary events as they began: the law does not wait for a repair.
        self.attempt(|run| run.arrive(token, node, scope))?;
        self.attempt(|run| run.act(token, node, scope))
    }

    /// The token is there: clocks see it, and boundary events are armed, for a multi-instance activity as a whole.
    fn arrive(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        self.clocks_on_entry(node)?;
        let passes = matches!(node.kind, NodeKind::ScriptTask(_) | NodeKind::SendTask(_)) && node.multi_instance.is_none();
        if passes || self.is_instance(scope, node) { Ok(()) } else { self.arm_boundary(token, node, scope) }
    }

    fn act(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.multi_instance.is_some() && !self.is_instance(scope, node) {
            return self.begin_instances(token, node, scope);
        }
        match &node.kind {
            NodeKind::StartEvent(_) | NodeKind::BoundaryEvent(_) | NodeKind::EventSubProcess(_) => self.leave(token),
            NodeKind::EndEvent => self.end_here(token, node, scope),
            NodeKind::TerminateEndEvent => self.terminate(token, scope),
            NodeKind::UserTask(task) => self.open_task(token, node, task, scope),
            NodeKind::ScriptTask(script) => {
                let values = self.definition.rules.run(&script.script, &self.names(scope), &script.assigns)?;
                self.write(scope, values);
                self.leave(token)
            }
            NodeKind::SendTask(send) => {
                self.send(node, send, scope)?;
                self.leave(token)
            }
            NodeKind::ServiceTask(service) => self.ask_job(token, node, service, scope),
            NodeKind::ReceiveTask(catch) => self.wait_for_message(token, node, catch, scope),
            NodeKind::CatchEvent(trigger) => self.wait_for(token, node, trigger, scope),
            NodeKind::ExclusiveGateway => self.choose(token, node, scope),
            NodeKind::ParallelGateway => self.join_and_split(token, node, scope),
            NodeKind::SubProcess(inside) => self.open_scope(node, *inside, scope, Some(token), Map::new(), None),
        }
    }

    /// A token leaves its node in the ordinary way: assignments, then every outgoing flow.
    pub(super) fn leave(&mut self, token: LocalNo) -> Result<(), Stop> {
        self.leave_with(token, None, &Map::new())
    }

    /// A token leaves by one flow, or by all; `over` is what the node's assignments see first (a message's data).
    pub(super) fn leave_with(&mut self, token: LocalNo, by: Option<FlowIx>, over: &Map<String, serde_json::Value>) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope) = (standing.node.clone(), standing.scope);
        let node = self.node(&id)?;
        let instance = self.is_instance(scope, node);
        // The instances of a multi-instance task make its assignments, each over its own names; the whole makes none.
        if instance || node.multi_instance.is_none() || matches!(node.kind, NodeKind::SubProcess(_)) {
            self.assign(scope, &node.set, over)?;
        }
        self.disarm(token);
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        if instance {
            return self.complete_scope_by(scope, by);
        }
        let flows = match (by, &node.kind) {
            (Some(flow), _) => vec![flow],
            // The flows of a user task are its actions; one is taken, also if no instance took one.
            (None, NodeKind::UserTask(_)) => node.outgoing.first().copied().into_iter().collect(),
            (None, _) => node.outgoing.clone(),
        };
        for flow in flows {
            self.follow(flow, scope);
        }
        self.complete_scope_if_empty(scope)
    }

    fn follow(&mut self, flow: FlowIx, scope: LocalNo) {
        let process = &self.definition.process;
        let flow = &process.flows[flow];
        self.place(&process.nodes[flow.to], scope, Some(&flow.id));
    }

    /// Whether `scope` is one instance of the multi-instance activity `node` itself (a token inside the body).
    pub(super) fn is_instance(&self, scope: LocalNo, node: &Node) -> bool {
        let state = self.case.scopes.get(&scope);
        node.multi_instance.is_some()
            && !matches!(node.kind, NodeKind::SubProcess(_))
            && state.is_some_and(|state| state.index.is_some() && state.node.as_deref() == Some(&node.id))
    }
}
