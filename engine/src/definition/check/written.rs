//! Which data has surely been written wherever a case may stand: a must-analysis, forward over the graph.
//!
//! Where ways meet that exclude each other, only what all of them have written counts; where parallel ways are joined,
//! what any of them has. A boundary event knows what was there when its activity began, an event sub-process what was there
//! when its scope began. Instances of a multi-instance may be none, so what they write does not count after it.

use indexmap::IndexSet;

use super::effects::Effects;
use crate::definition::{FlowIx, NodeIx, NodeKind, Process, ScopeIx, Throw, Trigger, context::Context};

/// Rounds over the graph before it is left as it is, which is never too little told: each round only takes names away.
const ROUNDS_MAX: usize = 10_000;

/// The application's number, which every case has, whether or not a form asks for it.
const APPLICATION_NO: &str = "application_no";

/// A set of data names, by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set(Vec<u64>);

impl Set {
    fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn all(size: usize) -> Self {
        Self(vec![u64::MAX; size.div_ceil(64)])
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn put(&mut self, at: usize, there: bool) {
        let bit = 1 << (at % 64);
        if there { self.0[at / 64] |= bit } else { self.0[at / 64] &= !bit }
    }

    fn meet(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// The outcome: what has surely been written where.
pub(super) struct Written {
    names: IndexSet<String>,
    /// By node: as it is entered.
    before: Vec<Set>,
    /// By node: when its work is done, before it is left.
    done: Vec<Set>,
    /// By flow: when it is taken.
    along: Vec<Set>,
}

impl Written {
    /// Looks at a process whose graph has no holes.
    pub(super) fn of(cx: &Context<'_>, process: &Process) -> Self {
        let mut names: IndexSet<String> = process.data.fields.keys().cloned().collect();
        for scope in &process.scopes {
            names.extend(scope.locals.iter().cloned());
        }
        names.extend(process.nodes.iter().filter_map(|node| node.multi_instance.as_ref()).flat_map(|multi| multi.types.keys().cloned()));
        let size = names.len();
        let all = || Set::all(size);
        let written = Self {
            before: vec![all(); process.nodes.len()],
            done: vec![all(); process.nodes.len()],
            along: vec![all(); process.flows.len()],
            names,
        };
        let mut search = Search { process, effects: Effects { cx, process }, written, defaults: Set::none(size) };
        search.settle();
        search.written
    }

    fn holds(&self, set: &Set, name: &str) -> bool {
        name == APPLICATION_NO || self.names.get_index_of(name).is_none_or(|at| set.has(at))
    }

    /// Whether a name may have no value when the node is entered. Names that are no data always have one.
    pub(super) fn may_be_absent(&self, node: NodeIx, name: &str) -> bool {
        !self.holds(&self.before[node], name)
    }

    /// Whether a name may have no value when the node's work is done.
    pub(super) fn may_be_absent_after(&self, node: NodeIx, name: &str) -> bool {
        !self.holds(&self.done[node], name)
    }

    /// Whether a name may have no value when a flow has been taken.
    pub(super) fn may_be_absent_along(&self, flow: FlowIx, name: &str) -> bool {
        !self.holds(&self.along[flow], name)
    }
}

struct Search<'s, 'a> {
    process: &'s Process,
    effects: Effects<'s, 'a>,
    written: Written,
    defaults: Set,
}

impl Search<'_, '_> {
    fn settle(&mut self) {
        for (name, field) in &self.process.data.fields {
            if field.default.is_some()
                && let Some(at) = self.written.names.get_index_of(name)
            {
                self.defaults.put(at, true);
            }
        }
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for ix in 0..self.process.nodes.len() {
                changed |= self.step(ix);
            }
            if !changed {
                return;
            }
        }
    }

    /// One node anew; whether anything changed.
    fn step(&mut self, ix: NodeIx) -> bool {
        let before = self.entering(ix);
        let done = self.done(ix, &before);
        let mut changed = before != self.written.before[ix] || done != self.written.done[ix];
        for &flow in &self.process.nodes[ix].outgoing {
            let along = self.along(ix, flow, &done);
            changed |= along != self.written.along[flow];
            self.written.along[flow] = along;
        }
        self.written.before[ix] = before;
        self.written.done[ix] = done;
        changed
    }

    fn entering(&self, ix: NodeIx) -> Set {
        let node = &self.process.nodes[ix];
        match &node.kind {
            NodeKind::BoundaryEvent(event) if matches!(event.trigger, Trigger::Compensation) => {
                self.written.done[event.attached_to].clone()
            }
            NodeKind::BoundaryEvent(event) => self.written.before[event.attached_to].clone(),
            NodeKind::EventSubProcess(_) => self.scope_begins(node.scope),
            NodeKind::CatchEvent(Trigger::Link(name)) => {
                let throws =
                    |node: &&crate::definition::Node| matches!(&node.kind, NodeKind::ThrowEvent(Throw::Link(thrown)) if thrown == name);
                let froms = (0..self.process.nodes.len()).filter(|&ix| throws(&&self.process.nodes[ix]));
                self.meet(froms.map(|from| &self.written.done[from]).chain(node.incoming.iter().map(|&flow| &self.written.along[flow])))
            }
            _ if node.incoming.is_empty() => self.scope_begins(node.scope),
            NodeKind::ParallelGateway => {
                let mut joined = self.written.along[node.incoming[0]].clone();
                node.incoming.iter().for_each(|&flow| joined.join(&self.written.along[flow]));
                joined
            }
            _ => self.meet(node.incoming.iter().map(|&flow| &self.written.along[flow])),
        }
    }

    fn meet<'m>(&self, sets: impl Iterator<Item = &'m Set>) -> Set {
        sets.fold(Set::all(self.written.names.len()), |mut all, one| {
            all.meet(one);
            all
        })
    }

    /// What is there when a scope begins: at the process's beginning the defaults, in a sub-process what was there around
    /// it, except what each instance has for itself.
    fn scope_begins(&self, scope: ScopeIx) -> Set {
        let Some(around) = self.process.scopes[scope].node else {
            return if scope == 0 { self.event_begins() } else { self.defaults.clone() };
        };
        let mut begins = match &self.process.nodes[around].kind {
            NodeKind::EventSubProcess(_) => self.written.done[around].clone(),
            _ => self.written.before[around].clone(),
        };
        let multi = self.process.nodes[around].multi_instance.as_ref();
        for local in &self.process.scopes[scope].locals {
            let is_element = multi.is_some_and(|multi| multi.variable.as_ref() == Some(local));
            self.put(&mut begins, local, is_element);
        }
        begins
    }

    /// What is there when the case begins, for what does not hang on how it begins: event sub-processes of the process.
    fn event_begins(&self) -> Set {
        let starts = self.process.scopes[0].starts.iter().map(|&ix| &self.written.done[ix]);
        let mut begins = self.meet(starts);
        if self.process.scopes[0].starts.is_empty() {
            begins = self.defaults.clone();
        }
        begins
    }

    fn put(&self, set: &mut Set, name: &str, there: bool) {
        if let Some(at) = self.written.names.get_index_of(name) {
            set.put(at, there);
        }
    }

    fn done(&self, ix: NodeIx, before: &Set) -> Set {
        let node = &self.process.nodes[ix];
        let mut done = match &node.kind {
            NodeKind::StartEvent(_) if node.scope == 0 => self.defaults.clone(),
            NodeKind::SubProcess(scope) | NodeKind::Transaction(scope) if node.multi_instance.is_none() => self.ends(*scope, before),
            _ => before.clone(),
        };
        let skipped = node.multi_instance.is_some() || node.standard_loop.as_ref().is_some_and(|again| again.test_before);
        if skipped {
            return before.clone();
        }
        for name in self.effects.of_node(node) {
            self.put(&mut done, &name, true);
        }
        if !matches!(node.kind, NodeKind::UserTask(_)) {
            self.assign(ix, &mut done);
        }
        done
    }

    /// The assignments of `set:`; what may be assigned nothing is no longer sure.
    fn assign(&self, ix: NodeIx, set: &mut Set) {
        let seen = set.clone();
        for assignment in &self.process.nodes[ix].set {
            let gives = self.effects.cx.around.rules.surely_gives(&assignment.value, &|name| self.written.holds(&seen, name));
            self.put(set, &assignment.name, gives);
        }
    }

    /// What is there when a sub-process is complete: what all its ends have.
    fn ends(&self, scope: ScopeIx, before: &Set) -> Set {
        let process = self.process;
        let is_end = |ix: &NodeIx| {
            let node = &process.nodes[*ix];
            let leaves = matches!(&node.kind, NodeKind::EndEvent(Throw::Error(_) | Throw::Cancel) | NodeKind::EventSubProcess(_));
            node.scope == scope && node.outgoing.is_empty() && !leaves && !node.for_compensation && self.is_reached_by_flow(*ix)
        };
        let ends = (0..process.nodes.len()).filter(is_end).map(|ix| &self.written.done[ix]);
        let interrupting = process.scopes[scope].event_sub_processes.iter().filter_map(|&ix| match &process.nodes[ix].kind {
            NodeKind::EventSubProcess(event) if event.interrupting => Some(self.ends(event.scope, before)),
            _ => None,
        });
        let interrupting: Vec<Set> = interrupting.collect();
        let mut set = self.meet(ends.chain(&interrupting));
        for local in &process.scopes[scope].locals {
            let there = self.written.holds(before, local);
            self.put(&mut set, local, there);
        }
        set
    }

    /// What a non-interrupting event began ends beside the scope's own course, and before or after it.
    fn is_reached_by_flow(&self, end: NodeIx) -> bool {
        let process = self.process;
        let mut seen = vec![end];
        let mut at = 0;
        while let Some(&ix) = seen.get(at) {
            at += 1;
            let node = &process.nodes[ix];
            match &node.kind {
                NodeKind::BoundaryEvent(event) if !event.interrupting || matches!(event.trigger, Trigger::Compensation) => continue,
                NodeKind::BoundaryEvent(_) | NodeKind::StartEvent(_) => return true,
                _ if node.incoming.is_empty() => return true,
                _ => {}
            }
            for &flow in &node.incoming {
                let from = process.flows[flow].from;
                if !seen.contains(&from) {
                    seen.push(from);
                }
            }
        }
        false
    }

    fn along(&self, ix: NodeIx, flow: FlowIx, done: &Set) -> Set {
        let node = &self.process.nodes[ix];
        let mut along = done.clone();
        for name in self.effects.of_flow(node, flow) {
            self.put(&mut along, &name, true);
        }
        if matches!(node.kind, NodeKind::UserTask(_)) && !node.repeats() {
            self.assign(ix, &mut along);
        }
        along
    }
}
