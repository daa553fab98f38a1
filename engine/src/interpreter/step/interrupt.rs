//! Taking away: what an interruption removes, from the inside out.

use super::super::{Event, LocalNo, TimerPurpose, Waiter, run::Run};

impl Run<'_> {
    /// Takes away every token and open scope inside `scope`, except the open scope `keep`.
    pub(in super::super) fn interrupt_inside(&mut self, scope: LocalNo, keep: Option<LocalNo>) {
        let inner: Vec<LocalNo> =
            self.case.scopes.iter().filter(|(no, state)| state.parent == Some(scope) && Some(**no) != keep).map(|(no, _)| *no).collect();
        for no in inner {
            self.interrupt_scope(no);
        }
        let tokens: Vec<LocalNo> = self.case.tokens.iter().filter(|(_, token)| token.scope == scope).map(|(no, _)| *no).collect();
        for token in tokens {
            self.interrupt_token(token);
        }
    }

    /// Takes away an open scope with everything in it.
    pub(in super::super) fn interrupt_scope(&mut self, scope: LocalNo) {
        if !self.case.scopes.contains_key(&scope) {
            return;
        }
        self.interrupt_inside(scope, None);
        self.disarm_scope(scope);
        self.emit(Event::ScopeClosed { scope, completed: false });
    }

    /// Takes away a token with whatever waits for it: tasks, jobs, incidents, timers, messages, open scopes.
    pub(in super::super) fn interrupt_token(&mut self, token: LocalNo) {
        // What it was found with may have taken it away already.
        if !self.case.tokens.contains_key(&token) {
            return;
        }
        let inner: Vec<LocalNo> = self.case.scopes.iter().filter(|(_, state)| state.token == Some(token)).map(|(no, _)| *no).collect();
        for scope in inner {
            self.interrupt_scope(scope);
        }
        self.disarm(token);
        let id = self.case.tokens.get(&token).map(|token| token.node.clone());
        self.emit(Event::TokenTaken { token, completed: false });
        if let Some(node) = id.and_then(|id| self.definition.process.node(&id)) {
            self.clocks_on_exit(node);
        }
    }

    /// Takes away all that waits for a token: its task, job, incidents, timers and messages, boundary ones included.
    pub(in super::super) fn disarm(&mut self, token: LocalNo) {
        self.disarm_where(token, |_| true);
    }

    /// The same, but what its boundary events wait for stays.
    pub(in super::super) fn disarm_own(&mut self, token: LocalNo, node: &str) {
        self.disarm_where(token, |waiting| waiting == node);
    }

    fn disarm_where(&mut self, token: LocalNo, at: impl Fn(&str) -> bool) {
        let tasks: Vec<_> =
            self.case.tasks.iter().filter(|(_, task)| task.token == token).map(|(no, task)| (*no, task.node.clone())).collect();
        for (task, node) in tasks {
            self.emit(Event::TaskCancelled { task, node });
            self.interrupt_detours(task);
        }
        let jobs: Vec<_> = self.case.jobs.iter().filter(|(_, job)| job.token == token).map(|(no, _)| *no).collect();
        for job in jobs {
            self.emit(Event::JobCancelled { job });
        }
        let calls: Vec<_> = self.case.calls.iter().filter(|(_, call)| call.token == token).map(|(no, _)| *no).collect();
        for call in calls {
            self.emit(Event::CallCancelled { call });
        }
        self.clear_incidents(token);
        self.cancel_timers(|purpose| matches!(purpose, TimerPurpose::Token { token: of, node } if *of == token && at(node)));
        self.cancel_waits(|waiter| matches!(waiter, Waiter::Token { token: of, node } if *of == token && at(node)));
    }

    /// Takes away whoever does a step again for a task that is gone.
    fn interrupt_detours(&mut self, task: LocalNo) {
        let detours: Vec<_> = self.case.tokens.iter().filter(|(_, token)| token.detour == Some(task)).map(|(no, _)| *no).collect();
        for token in detours {
            self.interrupt_token(token);
        }
    }

    /// Takes the incidents of a token away.
    pub(in super::super) fn clear_incidents(&mut self, token: LocalNo) {
        let incidents: Vec<_> = self.case.incidents.iter().filter(|(_, incident)| incident.token == token).map(|(no, _)| *no).collect();
        for incident in incidents {
            self.emit(Event::IncidentCleared { incident });
        }
    }

    /// Takes away the triggers of a scope's event sub-processes.
    pub(in super::super) fn disarm_scope(&mut self, scope: LocalNo) {
        self.cancel_timers(|purpose| matches!(purpose, TimerPurpose::Scope { scope: of, .. } if *of == scope));
        self.cancel_waits(|waiter| matches!(waiter, Waiter::Scope { scope: of, .. } if *of == scope));
    }

    /// Takes away the timers whose purpose is such.
    pub(in super::super) fn cancel_timers(&mut self, such: impl Fn(&TimerPurpose) -> bool) {
        let timers: Vec<_> = self.case.timers.iter().filter(|(_, timer)| such(&timer.purpose)).map(|(no, _)| *no).collect();
        for timer in timers {
            self.emit(Event::TimerCancelled { timer });
        }
    }

    fn cancel_waits(&mut self, such: impl Fn(&Waiter) -> bool) {
        let waits: Vec<_> = self.case.waits.iter().filter(|(_, wait)| such(&wait.waiter)).map(|(no, _)| *no).collect();
        for wait in waits {
            self.emit(Event::WaitCancelled { wait });
        }
    }
}
