//! What is always true of a case between two commands, whatever was done to it: the marking is one that the process can
//! have, and nothing waits that nobody stands behind.

mod operations;
mod triggers;

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, CaseStatus, LocalNo, ROOT, ScopeState, TimerPurpose, Token, Waiter};
use crate::definition::{Definition, Node, NodeKind, ScopeIx, Trigger};

/// Every sentence that should be true of `case` and is not; none if all is well. `case` stands between two commands.
#[must_use]
pub fn check(definition: &Definition, case: &Case) -> Vec<String> {
    let mut look = Look { definition, case, broken: Vec::new() };
    look.numbers();
    look.scopes();
    look.tokens();
    look.rows();
    look.waiting();
    look.triggers();
    look.clocks();
    look.operations();
    look.status();
    look.serialises();
    look.broken
}

/// One look at a case.
struct Look<'a> {
    definition: &'a Definition,
    case: &'a Case,
    broken: Vec<String>,
}

impl<'a> Look<'a> {
    fn must(&mut self, holds: bool, sentence: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(sentence());
        }
    }

    fn node(&self, id: &str) -> Option<&'a Node> {
        self.definition.process.node(id)
    }

    /// The part of the process that is inside an open scope; None: the body of a multi-instance task, which is one node.
    fn inside(&self, scope: &ScopeState) -> Option<ScopeIx> {
        let Some(id) = &scope.node else { return Some(0) };
        self.node(id).and_then(|node| node.kind.inside())
    }

    /// Whether a token stands for a whole multi-instance activity rather than for one of its instances.
    fn is_whole(&self, token: &Token, node: &Node) -> bool {
        let within = self.case.scopes.get(&token.scope);
        let instance = within.is_some_and(|scope| scope.node.as_deref() == Some(&node.id) && self.inside(scope).is_none());
        node.repeats() && !instance
    }

    fn has_incident(&self, token: LocalNo) -> bool {
        self.case.incidents.values().any(|incident| incident.token == token)
    }

    /// Local numbers are unique within the case and below the next one.
    fn numbers(&mut self) {
        let case = self.case;
        let documents = case.documents.iter().map(|document| &document.no);
        let all = case.scopes.keys().chain(case.tokens.keys()).chain(case.tasks.keys()).chain(case.timers.keys());
        let all = all
            .chain(case.waits.keys())
            .chain(case.jobs.keys())
            .chain(case.calls.keys())
            .chain(case.incidents.keys())
            .chain(documents)
            .chain(case.copies.keys());
        let mut seen = BTreeSet::new();
        for no in all {
            self.must(seen.insert(*no), || format!("the number {no} is used twice"));
            self.must(*no < case.next, || format!("the number {no} is in use, but the next is {}", case.next));
        }
    }

    /// Every open scope has an open scope around it and a reason to be open.
    fn scopes(&mut self) {
        let case = self.case;
        for (no, scope) in case.scopes.iter().filter(|(no, _)| **no != ROOT) {
            let around = scope.parent.and_then(|parent| case.scopes.get(&parent));
            self.must(around.is_some(), || format!("the scope {no} is open, but the one around it is not"));
            let node = scope.node.as_deref().and_then(|id| self.node(id));
            let Some(node) = node else {
                self.must(false, || format!("the scope {no} belongs to no node"));
                continue;
            };
            let stands = scope.token.and_then(|token| case.tokens.get(&token));
            match node.kind {
                NodeKind::EventSubProcess(_) => {
                    self.must(scope.token.is_none(), || format!("the event sub-process scope {no} has a token outside"));
                }
                // It is open again to undo what was done in it.
                _ if scope.compensates.is_some() => {
                    let holder = scope.compensates.is_some_and(|no| case.tokens.contains_key(&no) || case.scopes.contains_key(&no));
                    self.must(holder, || format!("the scope {no} of `{}` is undone for nobody", node.id));
                }
                _ => self.must(stands.is_some_and(|token| token.node == node.id && Some(token.scope) == scope.parent), || {
                    format!("no token stands at `{}` for its open scope {no}", node.id)
                }),
            }
            let busy = case.tokens.values().any(|token| token.scope == *no) || case.scopes.values().any(|inner| inner.parent == Some(*no));
            let stuck = scope.token.is_some_and(|token| self.has_incident(token));
            self.must(busy || stuck, || format!("nothing is left in the open scope {no} of `{}`", node.id));
        }
    }

    /// Every token stands in an open scope, at a node of that scope where one can stand.
    fn tokens(&mut self) {
        for (no, token) in &self.case.tokens {
            let Some(node) = self.node(&token.node) else {
                self.must(false, || format!("the token {no} stands at `{}`, which is no node", token.node));
                continue;
            };
            let Some(scope) = self.case.scopes.get(&token.scope) else {
                self.must(false, || format!("the token {no} at `{}` stands in no open scope", node.id));
                continue;
            };
            let belongs = self.inside(scope).map_or(scope.node.as_deref() == Some(&node.id), |inside| node.scope == inside);
            self.must(belongs, || format!("the token {no} stands at `{}` in the scope {} of another part", node.id, token.scope));
            let rests = match &node.kind {
                NodeKind::UserTask(_)
                | NodeKind::ServiceTask(_)
                | NodeKind::ReceiveTask(_)
                | NodeKind::CatchEvent(_)
                | NodeKind::SubProcess(_) => true,
                NodeKind::ParallelGateway => node.incoming.len() > 1,
                NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_) => node.incoming.len() > 1,
                NodeKind::EventBasedGateway(_)
                | NodeKind::CallActivity(_)
                | NodeKind::Transaction(_)
                | NodeKind::AdHocSubProcess(_)
                | NodeKind::SendTask(_)
                | NodeKind::BusinessRuleTask(_) => true,
                NodeKind::ScriptTask(_) if node.awaits.is_some() => true,
                // It waits for what it has begun to undo.
                NodeKind::ThrowEvent(_) | NodeKind::EndEvent(_) => case_undoes(self.case, *no),
                _ => self.is_whole(token, node) || node.start_quantity > 1,
            };
            self.must(rests || self.has_incident(*no), || format!("the token {no} came to rest at `{}`", node.id));
        }
    }

    /// Every task, job, incident, timer and wait is held by a live token, or by an open scope.
    fn rows(&mut self) {
        let case = self.case;
        let tasks = case.tasks.iter().map(|(no, task)| ("task", *no, task.token, &task.node));
        let jobs = case.jobs.iter().map(|(no, job)| ("job", *no, job.token, &job.node));
        let incidents = case.incidents.iter().map(|(no, incident)| ("incident", *no, incident.token, &incident.node));
        let calls = case.calls.iter().map(|(no, call)| ("call", *no, call.token, &call.node));
        for (what, no, token, node) in tasks.chain(jobs).chain(incidents).chain(calls) {
            let held = case.tokens.get(&token).is_some_and(|token| token.node == *node);
            self.must(held, || format!("no token stands at `{node}` for the {what} {no}"));
        }
        for (no, task) in &case.tasks {
            let scope = case.tokens.get(&task.token).map(|token| token.scope);
            self.must(scope == Some(task.scope), || format!("the task {no} reads from another scope than its token's"));
        }
        for (no, timer) in &case.timers {
            let held = match &timer.purpose {
                TimerPurpose::Token { token, node } => self.token_holds(*token, node),
                TimerPurpose::Scope { scope, node } => self.scope_holds(*scope, node),
                TimerPurpose::Clock { clock, .. } => {
                    case.clocks.get(clock).is_some_and(|record| record.stopped.is_none() && record.pauses.iter().all(|p| p.to.is_some()))
                }
            };
            self.must(held, || format!("nothing holds the timer {no}, {:?}", timer.purpose));
        }
        for (no, wait) in &case.waits {
            let held = match &wait.waiter {
                Waiter::Token { token, node } => self.token_holds(*token, node),
                Waiter::Scope { scope, node } => self.scope_holds(*scope, node),
            };
            self.must(held, || format!("nothing holds the wait {no} for `{}`, {:?}", wait.message, wait.waiter));
        }
    }

    /// Whether the token stands at the waiting node, or at the whole activity that the boundary event is attached to.
    fn token_holds(&self, token: LocalNo, waiting: &str) -> bool {
        let Some(token) = self.case.tokens.get(&token) else { return false };
        let (Some(stands), Some(waiting)) = (self.node(&token.node), self.node(waiting)) else { return false };
        match &waiting.kind {
            NodeKind::BoundaryEvent(boundary) => {
                let activity = &self.definition.process.nodes[boundary.attached_to];
                activity.id == stands.id && (!activity.repeats() || self.is_whole(token, stands))
            }
            _ if matches!(stands.kind, NodeKind::EventBasedGateway(_)) => {
                let process = &self.definition.process;
                stands.outgoing.iter().any(|&flow| process.nodes[process.flows[flow].to].id == waiting.id)
            }
            _ => waiting.id == stands.id || self.is_behind(stands, waiting),
        }
    }

    /// Whether `event` stands right behind the event-based gateway `node`, which waits for it.
    fn is_behind(&self, node: &Node, event: &Node) -> bool {
        let process = &self.definition.process;
        let gateway = matches!(node.kind, NodeKind::EventBasedGateway(_));
        gateway && node.outgoing.iter().any(|&flow| process.nodes[process.flows[flow].to].id == event.id)
    }

    fn scope_holds(&self, scope: LocalNo, event: &str) -> bool {
        let inside = self.case.scopes.get(&scope).and_then(|scope| self.inside(scope));
        let events = inside.map(|inside| &self.definition.process.scopes[inside].event_sub_processes);
        events.is_some_and(|events| events.iter().any(|&ix| self.definition.process.nodes[ix].id == event))
    }

    /// Every token that waits has exactly what it waits for, or an incident.
    fn waiting(&mut self) {
        let case = self.case;
        for (no, token) in &case.tokens {
            let Some(node) = self.node(&token.node) else { continue };
            let open = case.scopes.values().filter(|scope| scope.token == Some(*no)).count();
            let tasks = case.tasks.values().filter(|task| task.token == *no && task.extra.signs.is_none()).count();
            let jobs = case.jobs.values().filter(|job| job.token == *no).count();
            let jobs = jobs + case.calls.values().filter(|call| call.token == *no).count();
            let own = |at: LocalNo, of: &str| at == *no && of == node.id;
            let waits =
                case.waits.values().filter(|wait| matches!(&wait.waiter, Waiter::Token { token, node } if own(*token, node))).count();
            let timers =
                case.timers.values().filter(|timer| matches!(&timer.purpose, TimerPurpose::Token { token, node } if own(*token, node)));
            let has = [open, tasks, jobs, waits + timers.count()];
            let fits = self.needs(token, node).contains(&has)
                || self.has_incident(*no)
                    && self.needs(token, node).iter().any(|needs| has.iter().zip(needs).all(|(has, needs)| has <= needs));
            self.must(fits, || format!("the token {no} at `{}` has {has:?} scopes, tasks, jobs or calls, waits", node.id));
        }
    }

    /// What a token that waits at a node may have: numbers of open scopes, tasks, jobs or calls, waits or timers.
    fn needs(&self, token: &Token, node: &Node) -> Vec<[usize; 4]> {
        let mut needs = Vec::new();
        if node.start_quantity > 1 {
            needs.push([0; 4]);
        }
        if self.is_whole(token, node) {
            let left = token.instances.as_ref().map_or(0, |instances| {
                let left = instances.total.saturating_sub(instances.completed) as usize;
                left.saturating_sub(instances.pending.len())
            });
            needs.push([if node.standard_loop.is_some() { 1 } else { left }, 0, 0, 0]);
            return needs;
        }
        if node.awaits.is_some() && node.kind.inside().is_none() {
            needs.push([0, 0, 0, 1]);
            return needs;
        }
        match &node.kind {
            NodeKind::SubProcess(_) | NodeKind::Transaction(_) | NodeKind::AdHocSubProcess(_) => needs.push([1, 0, 0, 0]),
            NodeKind::UserTask(_) | NodeKind::SendTask(_) | NodeKind::BusinessRuleTask(_) => needs.push([0, 1, 0, 0]),
            NodeKind::ServiceTask(_) => needs.extend([[0, 0, 1, 0], [0, 1, 0, 0]]),
            NodeKind::CallActivity(_) => needs.push([0, 0, 1, 0]),
            NodeKind::ReceiveTask(_) => needs.push([0, 0, 0, 1]),
            NodeKind::CatchEvent(trigger) => match (trigger, triggers::armed(trigger)) {
                (Trigger::All(_), several) => needs.extend((1..=several).map(|left| [0, 0, 0, left])),
                (_, armed) => needs.push([0, 0, 0, armed]),
            },
            _ => needs.push([0; 4]),
        }
        needs
    }

    /// An ended case holds nothing; a running one can go on.
    fn status(&mut self) {
        let case = self.case;
        match case.status {
            CaseStatus::Ended => {
                let left = [case.scopes.len(), case.tokens.len(), case.tasks.len(), case.timers.len()];
                let more = [case.waits.len(), case.jobs.len() + case.calls.len(), case.incidents.len()];
                self.must(left == [0; 4] && more == [0; 3], || {
                    format!("the case has ended, but holds {left:?} scopes, tokens, tasks, timers and {more:?} waits, jobs, incidents")
                });
            }
            CaseStatus::Running => {
                self.must(case.scopes.contains_key(&ROOT), || "the case runs without the scope of its process".to_owned());
                self.must(!case.tokens.is_empty(), || "the case runs without a token".to_owned());
            }
        }
    }

    /// A case that is written down and read again is the same.
    fn serialises(&mut self) {
        let again = serde_json::to_string(self.case).and_then(|text| serde_json::from_str::<Case>(&text));
        self.must(again.as_ref().is_ok_and(|again| again == self.case), || format!("written and read again, the case is {again:?}"));
    }
}

/// Whether a handler or a reopened scope works for this throwing token.
fn case_undoes(case: &Case, no: LocalNo) -> bool {
    case.tokens.values().any(|token| token.compensates == Some(no)) || case.scopes.values().any(|scope| scope.compensates == Some(no))
}

/// How often each armed trigger waits: by holder and node.
fn count<'k, H: Ord + Copy>(armed: impl Iterator<Item = (H, &'k str)>) -> BTreeMap<(H, &'k str), usize> {
    let mut counted = BTreeMap::new();
    for key in armed {
        *counted.entry(key).or_default() += 1;
    }
    counted
}
