//! Compensation: what completed is undone in reverse order, one handler after another (BPMN 2.0 §10.7, §13.5.5).

use serde_json::Map;

use super::super::{
    Compensable, Event, LocalNo,
    run::{Run, Stop},
};
use crate::definition::{Node, NodeIx, NodeKind, Trigger};

impl<'r> Run<'r> {
    /// Remembers an activity that completed, if something can undo it.
    pub(super) fn remember_for_compensation(&mut self, node: &Node, scope: LocalNo) {
        if self.handler(node).is_none() {
            return;
        }
        // An instance's own data go with it; it is remembered where the whole activity stands.
        let (scope, locals) = match self.case.scopes.get(&scope) {
            Some(state) if self.is_instance(scope, node) => (state.parent.unwrap_or(scope), state.locals.clone()),
            _ => (scope, Map::new()),
        };
        self.emit(Event::Compensable { scope, entry: Compensable { node: node.id.clone(), locals, done: Vec::new() } });
    }

    /// Remembers a sub-process that completed, with what completed inside it.
    pub(super) fn remember_scope(&mut self, node: &Node, parent: LocalNo, state: &super::super::ScopeState) {
        if state.done.is_empty() && self.handler(node).is_none() && self.own_compensation(node).is_none() {
            return;
        }
        let entry = Compensable { node: node.id.clone(), locals: state.locals.clone(), done: state.done.clone() };
        self.emit(Event::Compensable { scope: parent, entry });
    }

    /// The activity that undoes `node`: behind its compensation boundary event.
    fn handler(&self, node: &Node) -> Option<&'r Node> {
        let process = &self.definition.process;
        let compensates = |&&ix: &&NodeIx| matches!(&process.nodes[ix].kind, NodeKind::BoundaryEvent(event) if matches!(event.trigger, Trigger::Compensation));
        let event = node.boundary.iter().find(compensates)?;
        let flow = process.nodes[*event].outgoing.first()?;
        Some(&process.nodes[process.flows[*flow].to])
    }

    /// The compensation event sub-process inside a sub-process.
    fn own_compensation(&self, node: &Node) -> Option<&'r Node> {
        let process = &self.definition.process;
        let events = &process.scopes[node.kind.inside()?].event_sub_processes;
        let compensates = |ix: &&NodeIx| matches!(process.nodes[**ix].kind.trigger(), Some(Trigger::Compensation));
        events.iter().find(compensates).map(|&ix| &process.nodes[ix])
    }

    /// A throwing event undoes what completed in its scope (from within an event sub-process: in the scope around it too),
    /// all of it or one activity, and waits for that.
    pub(super) fn throw_compensation(&mut self, token: LocalNo, activity: Option<&str>, scope: LocalNo) -> Result<(), Stop> {
        let mut at = Some(scope);
        while let Some(scope) = at {
            let Some(state) = self.case.scopes.get(&scope) else { break };
            let wanted = |entry: &&Compensable| activity.is_none_or(|activity| entry.node == activity);
            let queue: Vec<Compensable> = state.done.iter().rev().filter(wanted).cloned().collect();
            let in_event = state.node.as_deref().and_then(|id| self.definition.process.node(id));
            let in_event = in_event.is_some_and(|node| matches!(node.kind, NodeKind::EventSubProcess(_)));
            let parent = state.parent;
            if !queue.is_empty() {
                self.emit(Event::CompensationBegun { holder: token, scope, queue });
                return self.compensate_next(token);
            }
            at = parent.filter(|_| in_event || activity.is_some());
        }
        self.leave(token)
    }

    /// Begins the next handler of a throwing token or scope, or lets it go on when none is left.
    pub(super) fn compensate_next(&mut self, holder: LocalNo) -> Result<(), Stop> {
        let (next, from) = match (self.case.tokens.get(&holder), self.case.scopes.get(&holder)) {
            (Some(token), _) => (token.compensation.first().cloned(), token.scope),
            (None, Some(scope)) => (scope.compensation.first().cloned(), holder),
            (None, None) => return Ok(()),
        };
        let Some(entry) = next else { return self.compensated(holder) };
        self.emit(Event::CompensationStepped { holder });
        let node = self.node(&entry.node)?;
        let scope = self.open_scope_of(node, from);
        match (self.handler(node), self.own_compensation(node)) {
            (Some(handler), _) => {
                let token = self.number();
                let (node, compensates) = (handler.id.clone(), Some(holder));
                self.emit(Event::TokenPlaced { token, node, scope, flow: None, compensates, detour: None });
                self.wake(token);
                Ok(())
            }
            (None, Some(event)) => {
                let again = self.open_again(holder, scope, &entry);
                self.open_event_sub_process(event, again)
            }
            (None, None) => {
                let again = self.open_again(holder, scope, &entry);
                let queue = entry.done.into_iter().rev().collect();
                self.emit(Event::CompensationBegun { holder: again, scope: again, queue });
                self.compensate_next(again)
            }
        }
    }

    /// The open scope that `node` stands in, from `scope` outwards.
    fn open_scope_of(&self, node: &Node, scope: LocalNo) -> LocalNo {
        let mut at = scope;
        while self.scope_of(at) != Some(node.scope) {
            let Some(parent) = self.case.scopes.get(&at).and_then(|state| state.parent) else { break };
            at = parent;
        }
        at
    }

    /// Opens a completed sub-process again, with its own data, to undo what was done in it.
    fn open_again(&mut self, holder: LocalNo, parent: LocalNo, entry: &Compensable) -> LocalNo {
        let scope = self.number();
        self.emit(Event::ScopeOpened {
            scope,
            node: entry.node.clone(),
            parent,
            token: None,
            locals: entry.locals.clone(),
            index: None,
            instances: None,
            compensates: Some(holder),
            done: entry.done.clone(),
        });
        scope
    }

    /// Nothing is left to undo: a throwing event goes on, a reopened scope closes, a cancelled transaction ends.
    fn compensated(&mut self, holder: LocalNo) -> Result<(), Stop> {
        if self.case.tokens.contains_key(&holder) {
            return self.leave(holder);
        }
        self.complete_scope_if_empty(holder)
    }

    /// A cancel end event: everything in the transaction is taken away, what completed is undone, then it ends through its
    /// cancel boundary event (BPMN 2.0 §13.3.4).
    pub(super) fn cancel_transaction(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        let Some(transaction) = self.transaction_around(scope) else { return self.complete_scope_if_empty(scope) };
        self.interrupt_inside(transaction, None);
        self.disarm_scope(transaction);
        self.emit(Event::CancellationBegun { scope: transaction });
        let done = self.case.scopes.get(&transaction).map(|state| state.done.clone()).unwrap_or_default();
        let queue = done.into_iter().rev().collect();
        self.emit(Event::CompensationBegun { holder: transaction, scope: transaction, queue });
        self.compensate_next(transaction)
    }

    fn transaction_around(&self, scope: LocalNo) -> Option<LocalNo> {
        let mut at = Some(scope);
        while let Some(no) = at {
            let state = self.case.scopes.get(&no)?;
            let node = state.node.as_deref().and_then(|id| self.definition.process.node(id));
            if matches!(node.map(|node| &node.kind), Some(NodeKind::Transaction(_))) {
                return Some(no);
            }
            at = state.parent;
        }
        None
    }

    /// A cancelled transaction is undone: it ends through its cancel boundary event, or, without one, goes on.
    pub(super) fn cancelled(&mut self, scope: LocalNo) -> Result<(), Stop> {
        let token = self.case.scopes.get(&scope).and_then(|state| state.token);
        self.emit(Event::ScopeClosed { scope, completed: false });
        let Some(token) = token else { return Ok(()) };
        let process = &self.definition.process;
        let around = self.case.tokens.get(&token).and_then(|token| process.node(&token.node));
        let cancels = |ix: &&NodeIx| matches!(process.nodes[**ix].kind.trigger(), Some(Trigger::Cancel));
        match around.and_then(|node| node.boundary.iter().find(cancels)) {
            Some(&boundary) => self.boundary_fires(token, &process.nodes[boundary], &Map::new()),
            None => self.leave(token),
        }
    }
}
