//! Scopes: the inside of a sub-process, opened by a token, complete when nothing in it can move any more.

use serde_json::{Map, Value};

use super::super::{
    CaseStatus, Event, LocalNo, ROOT, ScopeState,
    run::{Run, Stop},
};
use crate::definition::{FlowIx, Node, NodeKind, ScopeIx};

impl Run<'_> {
    /// Opens the inside of `node` and puts tokens on its start events. `instance` is (index, total) of a multi-instance.
    pub(in super::super) fn open_scope(
        &mut self,
        node: &Node,
        inside: ScopeIx,
        parent: LocalNo,
        token: Option<LocalNo>,
        locals: Map<String, Value>,
        instance: Option<(u32, u32)>,
    ) -> Result<(), Stop> {
        let scope = self.number();
        self.emit(Event::ScopeOpened {
            scope,
            node: node.id.clone(),
            parent,
            token,
            locals,
            index: instance.map(|(index, _)| index),
            instances: instance.map(|(_, total)| total),
            compensates: None,
            done: Vec::new(),
        });
        self.begin_scope(inside, scope)
    }

    /// Begins the process at a start event, and with it what nothing leads to; `data` is what its assignments see first.
    pub(in super::super) fn begin_at(&mut self, start: &Node, data: &Map<String, Value>) -> Result<(), Stop> {
        let token = self.number();
        self.emit(Event::TokenPlaced { token, node: start.id.clone(), scope: ROOT, flow: None, compensates: None, detour: None });
        self.clocks_on_entry(start)?;
        // Before the start event is left: it may lead nowhere, and the process does not end by that.
        self.place_orphans(0, ROOT)?;
        self.leave_with(token, None, data)
    }

    /// Arms a scope's event sub-processes and puts tokens on its start events.
    pub(in super::super) fn begin_scope(&mut self, inside: ScopeIx, scope: LocalNo) -> Result<(), Stop> {
        let process = &self.definition.process;
        for &event in &process.scopes[inside].event_sub_processes {
            self.arm_event_sub_process(&process.nodes[event], scope)?;
        }
        for &start in &process.scopes[inside].starts {
            self.place(&process.nodes[start], scope, None);
        }
        self.place_orphans(inside, scope)?;
        // A sub-process with nothing in it is done.
        self.complete_scope_if_empty(scope)
    }

    /// Puts tokens on the nodes that begin with the scope although nothing leads to them; in an ad-hoc sub-process that is
    /// done one after another, on the first of them.
    pub(in super::super) fn place_orphans(&mut self, inside: ScopeIx, scope: LocalNo) -> Result<(), Stop> {
        let process = &self.definition.process;
        let mut orphans = process.scopes[inside].orphans.iter().map(|&ix| &process.nodes[ix]);
        let around = process.scopes[inside].node.map(|ix| &process.nodes[ix].kind);
        if matches!(around, Some(NodeKind::AdHocSubProcess(ad_hoc)) if ad_hoc.sequential) {
            let first = orphans.next();
            let later: Vec<String> = orphans.map(|node| node.id.clone()).collect();
            if !later.is_empty() {
                self.emit(Event::OrderSet { scope, later });
            }
            first.into_iter().for_each(|node| self.place(node, scope, None));
            return Ok(());
        }
        orphans.for_each(|node| self.place(node, scope, None));
        Ok(())
    }

    /// After an activity of an ad-hoc sub-process completed: it may be complete as its condition says, or the next begins.
    pub(super) fn ad_hoc_goes_on(&mut self, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let process = &self.definition.process;
        let around = process.scopes[node.scope].node.map(|ix| &process.nodes[ix].kind);
        let (Some(NodeKind::AdHocSubProcess(ad_hoc)), true) = (around, node.is_activity()) else { return Ok(()) };
        if let Some(condition) = &ad_hoc.completion
            && self.definition.rules.condition(condition, &self.names(scope))?
        {
            self.emit(Event::OrderSet { scope, later: Vec::new() });
            if ad_hoc.cancel_remaining {
                self.interrupt_inside(scope, None);
            }
        }
        Ok(())
    }

    /// A terminate end event ends its own scope at once.
    pub(super) fn terminate(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        self.assign(scope, &node.set, &Map::new())?;
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        self.interrupt_inside(scope, None);
        if self.case.scopes.get(&scope).is_some_and(|state| !state.later.is_empty()) {
            self.emit(Event::OrderSet { scope, later: Vec::new() });
        }
        self.complete_scope_if_empty(scope)
    }

    /// Completes a scope that holds no token and no open scope any more, and lets what waits outside go on. If that fails,
    /// the scope stays open, and the token outside has the incident.
    pub(in super::super) fn complete_scope_if_empty(&mut self, scope: LocalNo) -> Result<(), Stop> {
        self.complete_scope_by(scope, None)
    }

    /// The same; `by` is the flow that an instance's action stands for.
    pub(super) fn complete_scope_by(&mut self, scope: LocalNo, by: Option<FlowIx>) -> Result<(), Stop> {
        let Some(state) = self.case.scopes.get(&scope).cloned() else { return Ok(()) };
        let busy = self.case.tokens.values().any(|token| token.scope == scope)
            || self.case.scopes.values().any(|inner| inner.parent == Some(scope));
        if busy || self.case.status == CaseStatus::Ended {
            return Ok(());
        }
        if let Some((next, later)) = state.later.split_first() {
            let later = later.to_vec();
            self.emit(Event::OrderSet { scope, later });
            let node = self.node(next)?;
            self.place(node, scope, None);
            return Ok(());
        }
        if !state.compensation.is_empty() {
            return self.compensate_next(scope);
        }
        let outcome = self.attempt(|run| run.complete_scope(scope, &state, by));
        match state.token {
            Some(outside) => Ok(self.guard(outside, outcome)?),
            None => outcome,
        }
    }

    fn complete_scope(&mut self, scope: LocalNo, state: &ScopeState, by: Option<FlowIx>) -> Result<(), Stop> {
        if state.cancelling {
            return self.cancelled(scope);
        }
        self.disarm_scope(scope);
        self.emit(Event::ScopeClosed { scope, completed: true });
        if scope == ROOT {
            self.end_case();
            return Ok(());
        }
        if let Some(holder) = state.compensates {
            return self.compensate_next(holder);
        }
        let node = state.node.as_deref().and_then(|id| self.definition.process.node(id));
        if let (Some(node), Some(parent), Some(_)) = (node.filter(|node| node.kind.inside().is_some()), state.parent, state.token) {
            self.remember_scope(node, parent, state);
        }
        match (state.token, state.index) {
            (Some(token), Some(_)) => self.instance_completed(token, state, by),
            (Some(token), None) => self.leave(token),
            (None, _) => match state.parent {
                Some(parent) => self.complete_scope_if_empty(parent),
                None => Ok(()),
            },
        }
    }

    /// Ends the case whatever stands in it.
    pub(in super::super) fn end_at_once(&mut self) {
        self.interrupt_inside(ROOT, None);
        self.disarm_scope(ROOT);
        self.emit(Event::ScopeClosed { scope: ROOT, completed: false });
        self.end_case();
    }

    fn end_case(&mut self) {
        let running: Vec<String> =
            self.case.clocks.iter().filter(|(_, record)| record.stopped.is_none()).map(|(clock, _)| clock.clone()).collect();
        for clock in running {
            self.stop_clock(&clock);
        }
        // An end event of the process that was passed is where the case ended: its own ones, and those of its event
        // sub-processes.
        let process = &self.definition.process;
        let outermost =
            |scope: ScopeIx| scope == 0 || process.scopes[scope].node.is_some_and(|ix| process.scopes[0].event_sub_processes.contains(&ix));
        let at = process.nodes.iter().filter(|node| {
            let ends = matches!(node.kind, NodeKind::EndEvent(_));
            ends && outermost(node.scope) && self.case.passed.contains_key(&node.id)
        });
        let at = at.map(|node| node.id.clone()).collect();
        self.emit(Event::CaseEnded { at });
    }

    /// Starts an event sub-process of `scope`; an interrupting one takes away all else in it.
    pub(in super::super) fn begin_event_sub_process(&mut self, node: &Node, scope: LocalNo, data: &Map<String, Value>) -> Result<(), Stop> {
        let NodeKind::EventSubProcess(event) = &node.kind else { return Ok(()) };
        self.assign(scope, &node.set, data)?;
        if event.interrupting {
            self.disarm_scope(scope);
            self.interrupt_inside(scope, None);
        }
        self.open_event_sub_process(node, scope)
    }

    pub(super) fn open_event_sub_process(&mut self, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let NodeKind::EventSubProcess(event) = &node.kind else { return Ok(()) };
        self.open_scope(node, event.scope, scope, None, Map::new(), None)
    }
}
