//! One step of a case: everything that can happen next in an open scope and in the scopes open inside it. The same rules
//! as in the interpreter's `step`, with every condition unknown (BPMN 2.0, chapter 13).

use super::{
    landing::Landings,
    net::{MessageIx, PartNet},
    state::{Frame, Holder, Mark},
};
use crate::definition::{FlowIx, NodeIx, NodeKind, ScopeIx};

/// What can happen, and the scope after it.
#[derive(Clone, Debug)]
pub(super) struct Move<'p> {
    pub(super) frame: Frame,
    /// Nodes that happened, in order.
    pub(super) passed: Vec<NodeIx>,
    /// The message that it needs.
    pub(super) takes: Option<MessageIx>,
    pub(super) sends: Vec<MessageIx>,
    /// Whether it comes from outside into a scope: an event at its border, or an event sub-process in it. A case that
    /// nothing else moves stands still.
    pub(super) rescues: bool,
    /// What goes outwards to the scopes around.
    pub(super) raised: Option<Raised<'p>>,
}

/// What a scope gives to the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raised<'p> {
    Error(&'p str),
    Escalation(&'p str),
    Cancel,
    /// Undo an activity that completed so many scopes further out.
    Undo {
        up: usize,
        activity: NodeIx,
    },
}

impl Move<'_> {
    pub(super) fn to(frame: Frame) -> Self {
        Self { frame, passed: Vec::new(), takes: None, sends: Vec::new(), rescues: false, raised: None }
    }
}

/// A scope with the ones around it.
#[derive(Clone, Copy)]
pub(super) struct Above<'a> {
    pub(super) frame: &'a Frame,
    pub(super) above: Option<&'a Above<'a>>,
}

/// Plays one process.
pub(super) struct Player<'n, 'p> {
    pub(super) net: &'n PartNet<'p>,
    /// Where tokens go on to without a stop; None: they stop on every flow.
    pub(super) landings: Option<&'n Landings>,
    /// Whether activities gather as many tokens as they ask for, and let out as many as they say.
    pub(super) quantities: bool,
}

impl<'p> Player<'_, 'p> {
    /// Everything that can happen next. What ends by itself ends first, before anything else moves.
    pub(super) fn moves(&self, frame: &Frame, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        self.ending(frame).unwrap_or_else(|| self.going_on(frame, above))
    }

    fn going_on(&self, frame: &Frame, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        if frame.is_cancelling() {
            return self.undoing(frame, above);
        }
        let mut moves = Vec::new();
        for mark in frame.tokens() {
            moves.extend(self.token(frame, mark, above));
        }
        moves.extend(self.event_sub_processes(frame));
        moves.extend(self.inside(frame, above));
        moves
    }

    /// What can happen in the scopes inside, and at the borders of their activities.
    fn inside(&self, frame: &Frame, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        let here = Above { frame, above };
        let mut moves = Vec::new();
        for (at, child) in frame.inner().iter().enumerate() {
            if at > 0 && frame.inner()[at - 1] == *child {
                continue;
            }
            if let (Holder::Activity(node), false) = (child.holder, child.is_cancelling()) {
                let border = self.border(node, frame, || frame.without(at));
                moves.extend(border.into_iter().map(|after| Move { rescues: true, ..after }));
            }
            for inner in self.going_on(child, Some(&here)) {
                moves.extend(self.lift(inner, frame, at));
            }
        }
        moves
    }

    /// A transaction that is cancelled is undone step by step.
    fn undoing(&self, frame: &Frame, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        if !frame.inner().is_empty() {
            return self.inside(frame, above);
        }
        frame
            .marks()
            .filter_map(|mark| match mark {
                Mark::Done(activity) => Some(self.undo(Move::to(frame.clone()), activity as NodeIx)),
                _ => None,
            })
            .collect()
    }

    /// The node where a token stands.
    pub(super) fn node_of(&self, token: Mark) -> NodeIx {
        match token {
            Mark::Flow(flow) => self.net.process.flows[flow as FlowIx].to,
            Mark::At(node) | Mark::Later(node) | Mark::Ended(node) | Mark::Fired(node) | Mark::Done(node) | Mark::Used(node) => {
                node as NodeIx
            }
            Mark::Cancelling => 0,
        }
    }

    /// What a token can do at the node where it stands.
    fn token(&self, frame: &Frame, token: Mark, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        let ix = self.node_of(token);
        let node = &self.net.process.nodes[ix];
        let gathers = if self.quantities && node.is_activity() { node.start_quantity as usize } else { 1 };
        let Some(rest) = self.gathered(ix, frame, token, gathers) else { return Vec::new() };
        let without = || Move::to(rest.clone());
        let joins = node.incoming.len() > 1;
        match &node.kind {
            NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => self.throw(ix, throw, frame, token, above),
            NodeKind::ParallelGateway if joins => self.join_all(ix, frame, token),
            NodeKind::InclusiveGateway if joins => self.join_those_that_come(ix, frame, token),
            NodeKind::ComplexGateway(_) if joins => self.join_complex(ix, frame, token),
            NodeKind::EventBasedGateway(_) => self.first_event(ix, &without()),
            kind if kind.inside().is_some() && node.is_activity() => self.enter(ix, without()),
            NodeKind::CatchEvent(_) => self.triggered(ix, &without()),
            _ if node.is_activity() => {
                let mut moves = self.triggered(ix, &without());
                moves.extend(self.border(ix, frame, || without().frame));
                moves
            }
            _ => self.leave(ix, without()),
        }
    }

    /// The scope without the tokens that begin a node once; None if there are too few, or if another one begins it.
    fn gathered(&self, ix: NodeIx, frame: &Frame, token: Mark, wanted: usize) -> Option<Frame> {
        let mut rest = frame.clone();
        rest.take(token);
        if wanted < 2 {
            return Some(rest);
        }
        for _ in 1..wanted {
            let other = rest.tokens().find(|&other| self.node_of(other) == ix)?;
            rest.take(other);
        }
        self.is_first_at(ix, frame, token).then_some(rest)
    }

    /// An activity with an inside is entered, or not at all if it may run no times.
    fn enter(&self, ix: NodeIx, before: Move<'p>) -> Vec<Move<'p>> {
        let node = &self.net.process.nodes[ix];
        let Some(inside) = node.kind.inside() else { return Vec::new() };
        let skipped = node.multi_instance.is_some() || node.standard_loop.as_ref().is_some_and(|declared| declared.test_before);
        let mut moves = Vec::new();
        let mut entered = before.clone();
        entered.passed.push(ix);
        entered.frame.open(self.begin(Holder::Activity(ix), inside));
        moves.push(entered);
        if skipped {
            moves.extend(self.go_on(ix, before));
        }
        moves
    }

    /// A scope as it begins.
    pub(super) fn begin(&self, holder: Holder, inside: ScopeIx) -> Frame {
        let scope = &self.net.process.scopes[inside];
        let mut frame = Frame::new(holder, inside);
        scope.starts.iter().for_each(|&start| frame.add(Mark::at(start)));
        self.begin_orphans(&mut frame);
        frame
    }

    /// Tokens on the nodes that nothing leads to: all, or the first where they go one after another.
    pub(super) fn begin_orphans(&self, frame: &mut Frame) {
        let orphans = &self.net.process.scopes[frame.inside].orphans;
        let one_by_one = matches!(self.around(frame.inside), Some(NodeKind::AdHocSubProcess(ad_hoc)) if ad_hoc.sequential);
        let now = if one_by_one { 1 } else { orphans.len() };
        orphans.iter().take(now).for_each(|&node| frame.add(Mark::at(node)));
        if orphans.len() > now {
            frame.add(Mark::later(now));
        }
    }

    /// The activity or event sub-process that a scope is the inside of.
    pub(super) fn around(&self, scope: ScopeIx) -> Option<&'p NodeKind> {
        let process = self.net.process;
        process.scopes[scope].node.map(|ix| &process.nodes[ix].kind)
    }

    /// What waits for a trigger goes on when it comes.
    fn triggered(&self, ix: NodeIx, before: &Move<'p>) -> Vec<Move<'p>> {
        let taken = self.net.takes(ix).iter().map(|&takes| Move { takes, ..before.clone() });
        taken.flat_map(|before| self.leave(ix, before)).collect()
    }

    /// The first of the events behind an event-based gateway happens.
    fn first_event(&self, ix: NodeIx, before: &Move<'p>) -> Vec<Move<'p>> {
        let process = self.net.process;
        let mut before = before.clone();
        before.passed.push(ix);
        let events = process.nodes[ix].outgoing.iter().map(|&flow| process.flows[flow].to);
        events.flat_map(|event| self.triggered(event, &before)).collect()
    }

    /// A node happens and goes on by each of its ways.
    pub(super) fn leave(&self, ix: NodeIx, mut before: Move<'p>) -> Vec<Move<'p>> {
        before.passed.push(ix);
        if self.net.handler(ix).is_some() && self.net.process.nodes[ix].kind.inside().is_none() {
            before.frame.set(Mark::done(ix));
        }
        self.go_on(ix, before)
    }

    /// A node that happened goes on by each of its ways.
    pub(super) fn go_on(&self, ix: NodeIx, mut before: Move<'p>) -> Vec<Move<'p>> {
        before.sends.extend(self.net.sends(ix));
        let times = if self.quantities { self.net.process.nodes[ix].completion_quantity } else { 1 };
        let by = |way: &Vec<FlowIx>| (0..times).fold(before.clone(), |after, _| self.follow(after, way));
        let mut moves: Vec<Move<'p>> = self.net.ways(ix).iter().map(by).collect();
        self.may_complete_ad_hoc(ix, &mut moves);
        moves
    }

    pub(super) fn follow(&self, mut after: Move<'p>, flows: &[FlowIx]) -> Move<'p> {
        for &flow in flows {
            match self.landings.and_then(|landings| landings.of(flow)) {
                Some(landing) => {
                    after.passed.extend(&landing.passed);
                    landing.flows.iter().for_each(|&flow| after.frame.add(Mark::flow(flow)));
                }
                None => after.frame.add(Mark::flow(flow)),
            }
        }
        after
    }

    /// After each activity in an ad-hoc sub-process with a completion condition, that condition may hold.
    fn may_complete_ad_hoc(&self, ix: NodeIx, moves: &mut Vec<Move<'p>>) {
        let node = &self.net.process.nodes[ix];
        let Some(NodeKind::AdHocSubProcess(ad_hoc)) = self.around(node.scope) else { return };
        if ad_hoc.completion.is_none() || !node.is_activity() {
            return;
        }
        let complete = |after: &Move<'p>| {
            let mut after = after.clone();
            if ad_hoc.cancel_remaining {
                after.frame.interrupt();
            } else {
                after.frame.keep(|mark| !matches!(mark, Mark::Later(_)));
            }
            after
        };
        let completed: Vec<Move<'p>> = moves.iter().map(complete).collect();
        moves.extend(completed);
    }
}
