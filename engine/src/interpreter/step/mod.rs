//! Moving a token: it enters a node, does what the node's kind does, and leaves along flows. BPMN 2.0, chapter 13.

mod call;
mod compensate;
mod event;
mod gateway;
mod happen;
mod instances;
mod interrupt;
pub(super) mod join;
mod propagate;
mod rule;
mod scope;
mod send;
mod service;
mod task;
mod throw;

use serde_json::{Map, Value};

use super::{
    Event, LocalNo, Waiter,
    run::{Run, Stop},
};
use crate::definition::{FlowIx, Node, NodeKind, Trigger};

impl Run<'_> {
    /// Lets a token act at the node where it stands.
    pub(super) fn enter(&mut self, token: LocalNo) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope, detour) = (standing.node.clone(), standing.scope, standing.detour.is_some());
        let node = self.node(&id)?;
        if node.start_quantity > 1 && !detour && !self.gather(token, node, scope) {
            return Ok(());
        }
        // What fails after the arrival leaves clocks and boundary events as they began: the law does not wait for a repair.
        self.attempt(|run| run.arrive(token, node, scope))?;
        self.attempt(|run| run.act(token, node, scope))
    }

    /// Whether enough tokens have come to begin the activity once; then they are one.
    fn gather(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> bool {
        let begun = |no: &LocalNo| {
            self.case.tasks.values().any(|task| task.token == *no)
                || self.case.jobs.values().any(|job| job.token == *no)
                || self.case.calls.values().any(|call| call.token == *no)
                || self.case.scopes.values().any(|state| state.token == Some(*no))
                || self.case.waits.values().any(|wait| matches!(&wait.waiter, Waiter::Token { token, .. } if token == no))
        };
        let here = self.case.tokens.iter().filter(|(_, other)| other.node == node.id && other.scope == scope);
        let others: Vec<LocalNo> = here.map(|(no, _)| *no).filter(|no| *no != token && !begun(no)).collect();
        let wanted = node.start_quantity as usize - 1;
        if others.len() < wanted {
            return false;
        }
        for &other in others.iter().take(wanted) {
            self.emit(Event::TokenTaken { token: other, completed: false });
        }
        true
    }

    /// The token is there: clocks see it, and boundary events are armed, for an activity that repeats as a whole.
    fn arrive(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        self.clocks_on_entry(node)?;
        // On a detour nothing on its border can lead elsewhere.
        let detour = self.case.tokens.get(&token).is_some_and(|token| token.detour.is_some());
        if detour || self.passes_through(node) || self.is_instance(scope, node) { Ok(()) } else { self.arm_boundary(token, node, scope) }
    }

    /// Whether a token leaves the node in the step that brings it there, so that nothing on its border can happen.
    fn passes_through(&self, node: &Node) -> bool {
        let at_once = match &node.kind {
            NodeKind::ScriptTask(_) => true,
            NodeKind::SendTask(send) => !send.is_empty(),
            NodeKind::BusinessRuleTask(rule) => rule.decision.is_some(),
            // A sub-process takes as long as its inside, whoever completes what stands in it.
            _ => node.automatic && node.awaits.is_none() && node.kind.inside().is_none(),
        };
        at_once && !node.repeats()
    }

    fn act(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        if node.repeats() && !self.is_instance(scope, node) {
            return self.begin_instances(token, node, scope);
        }
        if let (Some(catch), None) = (&node.awaits, node.kind.inside()) {
            return self.wait_for_message(token, node, catch, scope);
        }
        match &node.kind {
            NodeKind::StartEvent(_) | NodeKind::BoundaryEvent(_) | NodeKind::EventSubProcess(_) => self.leave(token),
            NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => self.throw(token, node, throw, scope),
            NodeKind::UserTask(_) if node.automatic => self.leave(token),
            NodeKind::UserTask(task) => self.open_task(token, node, task, scope),
            NodeKind::ScriptTask(script) => self.run_script(token, node, script, scope),
            NodeKind::BusinessRuleTask(rule) => self.decide_by_table(token, node, rule, scope),
            NodeKind::SendTask(send) if send.is_empty() => self.open_unassigned(token, node, scope),
            NodeKind::SendTask(send) => {
                self.send(node, send, scope)?;
                self.leave(token)
            }
            NodeKind::ServiceTask(service) => self.ask_job(token, node, service, scope),
            NodeKind::CallActivity(_) if node.automatic => self.leave(token),
            NodeKind::CallActivity(call) => self.call(token, node, call, scope),
            NodeKind::ReceiveTask(_) | NodeKind::CatchEvent(Trigger::Unfinished) if node.automatic => self.leave(token),
            NodeKind::ReceiveTask(catch) => self.wait_for_message(token, node, catch, scope),
            NodeKind::CatchEvent(Trigger::Link(_)) => self.leave(token),
            NodeKind::CatchEvent(trigger) => self.wait_for(token, node, trigger, scope),
            NodeKind::ExclusiveGateway => self.choose(token, node, scope),
            NodeKind::ParallelGateway => self.join_and_split(token, node, scope),
            NodeKind::InclusiveGateway => self.arrive_inclusive(token, node, scope),
            NodeKind::ComplexGateway(activation) => self.arrive_complex(token, node, activation.as_ref(), scope),
            NodeKind::EventBasedGateway(_) => self.wait_for_first(token, node, scope),
            NodeKind::SubProcess(inside) | NodeKind::Transaction(inside) => {
                self.open_scope(node, *inside, scope, Some(token), Map::new(), None)
            }
            NodeKind::AdHocSubProcess(ad_hoc) => self.open_scope(node, ad_hoc.scope, scope, Some(token), Map::new(), None),
        }
    }

    /// A token leaves its node in the ordinary way: assignments, then the flows that the node's kind and conditions say.
    pub(super) fn leave(&mut self, token: LocalNo) -> Result<(), Stop> {
        self.leave_with(token, None, &Map::new())
    }

    /// A token leaves by one flow, or by those that are true; `over` is what the node's assignments see first (a message's
    /// data).
    pub(super) fn leave_with(&mut self, token: LocalNo, by: Option<FlowIx>, over: &Map<String, Value>) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope) = (standing.node.clone(), standing.scope);
        let node = self.node(&id)?;
        let flows = if self.is_instance(scope, node) || standing.detour.is_some() {
            Vec::new()
        } else {
            match by {
                Some(flow) => vec![flow],
                None => {
                    // The assignments of the node may decide which flows are true.
                    self.assign_on_leaving(node, scope, over)?;
                    let flows = self.ways(node, scope)?;
                    return self.take(token, node, scope, &flows, by);
                }
            }
        };
        self.assign_on_leaving(node, scope, over)?;
        self.take(token, node, scope, &flows, by)
    }

    /// The instances of an activity that repeats make its assignments, each over its own names; the whole makes none.
    fn assign_on_leaving(&mut self, node: &Node, scope: LocalNo, over: &Map<String, Value>) -> Result<(), Stop> {
        if self.is_instance(scope, node) || !node.repeats() || node.kind.inside().is_some() {
            self.assign(scope, &node.set, over)?;
        }
        Ok(())
    }

    /// The token is taken from its node and goes on along `flows`.
    pub(super) fn take(&mut self, token: LocalNo, node: &Node, scope: LocalNo, flows: &[FlowIx], by: Option<FlowIx>) -> Result<(), Stop> {
        let standing = self.case.tokens.get(&token);
        let (compensates, detour) = standing.map_or((None, None), |token| (token.compensates, token.detour));
        let instance = self.is_instance(scope, node);
        self.disarm(token);
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        if detour.is_some() {
            return self.complete_scope_if_empty(scope);
        }
        if compensates.is_none() && node.kind.inside().is_none() && (instance || !node.repeats()) {
            self.remember_for_compensation(node, scope);
        }
        if instance {
            return self.complete_scope_by(scope, by);
        }
        self.send_besides(node, scope)?;
        if let Some(holder) = compensates {
            return self.compensate_next(holder);
        }
        for &flow in flows {
            for _ in 0..node.completion_quantity {
                self.follow(flow, scope);
            }
        }
        self.ad_hoc_goes_on(node, scope)?;
        self.complete_scope_if_empty(scope)
    }

    fn follow(&mut self, flow: FlowIx, scope: LocalNo) {
        let process = &self.definition.process;
        let flow = &process.flows[flow];
        self.place(&process.nodes[flow.to], scope, Some(&flow.id));
    }

    /// Whether `scope` is one instance of the activity `node` that repeats (a token inside the body).
    pub(super) fn is_instance(&self, scope: LocalNo, node: &Node) -> bool {
        let state = self.case.scopes.get(&scope);
        node.repeats()
            && node.kind.inside().is_none()
            && state.is_some_and(|state| state.index.is_some() && state.node.as_deref() == Some(&node.id))
    }
}
