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
        });
        self.begin_scope(inside, scope)
    }

    /// Begins the process at a start event; `data` is what its assignments see first.
    pub(in super::super) fn begin_at(&mut self, start: &Node, data: &Map<String, Value>) -> Result<(), Stop> {
        let token = self.number();
        self.emit(Event::TokenPlaced { token, node: start.id.clone(), scope: ROOT, flow: None });
        self.clocks_on_entry(start)?;
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
        Ok(())
    }

    /// A none end event takes its token.
    pub(super) fn end_here(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        self.assign(scope, &node.set, &Map::new())?;
        self.emit(Event::TokenTaken { token, completed: true });
        self.clocks_on_exit(node);
        self.complete_scope_if_empty(scope)
    }

    /// A terminate end event ends its own scope at once.
    pub(super) fn terminate(&mut self, token: LocalNo, scope: LocalNo) -> Result<(), Stop> {
        self.emit(Event::TokenTaken { token, completed: true });
        self.interrupt_inside(scope, None);
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
        let outcome = self.attempt(|run| run.complete_scope(scope, &state, by));
        match state.token {
            Some(outside) => Ok(self.guard(outside, outcome)?),
            None => outcome,
        }
    }

    fn complete_scope(&mut self, scope: LocalNo, state: &ScopeState, by: Option<FlowIx>) -> Result<(), Stop> {
        self.disarm_scope(scope);
        self.emit(Event::ScopeClosed { scope, completed: true });
        if scope == ROOT {
            self.end_case();
            return Ok(());
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
            let ends = matches!(node.kind, NodeKind::EndEvent | NodeKind::TerminateEndEvent);
            ends && outermost(node.scope) && self.case.passed.contains_key(&node.id)
        });
        let at = at.map(|node| node.id.clone()).collect();
        self.emit(Event::CaseEnded { at });
    }

    /// Starts an event sub-process of `scope`; an interrupting one takes away all else in it.
    pub(super) fn begin_event_sub_process(&mut self, node: &Node, scope: LocalNo, data: &Map<String, Value>) -> Result<(), Stop> {
        let NodeKind::EventSubProcess(event) = &node.kind else { return Ok(()) };
        self.assign(scope, &node.set, data)?;
        if event.interrupting {
            self.disarm_scope(scope);
            self.interrupt_inside(scope, None);
        }
        self.open_scope(node, event.scope, scope, None, Map::new(), None)
    }
}
