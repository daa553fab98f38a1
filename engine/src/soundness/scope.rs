//! Where scopes meet: how one ends, what comes out of it, events at its border, event sub-processes in it.

use super::{
    play::{Move, Player, Raised},
    state::{Frame, Holder, Mark},
};
use crate::definition::{NodeIx, NodeKind, Trigger};

impl<'p> Player<'_, 'p> {
    /// What ends by itself as soon as it can: a scope in which nothing can move, from the inside out; the next one of
    /// those that go one after another.
    pub(super) fn ending(&self, frame: &Frame) -> Option<Vec<Move<'p>>> {
        for (at, child) in frame.inner().iter().enumerate() {
            if child.is_over() {
                return Some(self.close(frame, at));
            }
            if let Some(moves) = self.ending(child) {
                return Some(moves.into_iter().map(|inner| replaced(inner, frame, at)).collect());
            }
        }
        let position = frame.marks().find_map(|mark| if let Mark::Later(position) = mark { Some(position as usize) } else { None })?;
        (frame.inner().is_empty() && frame.tokens().next().is_none()).then(|| vec![Move::to(self.next_one(frame, position))])
    }

    fn next_one(&self, frame: &Frame, position: usize) -> Frame {
        let orphans = &self.net.process.scopes[frame.inside].orphans;
        let mut frame = frame.clone();
        frame.take(Mark::later(position));
        orphans.get(position).into_iter().for_each(|&node| frame.add(Mark::at(node)));
        if position + 1 < orphans.len() {
            frame.add(Mark::later(position + 1));
        }
        frame
    }

    /// The scope at `at` inside `frame` is over.
    fn close(&self, frame: &Frame, at: usize) -> Vec<Move<'p>> {
        let child = &frame.inner()[at];
        let mut outside = frame.without(at);
        let Holder::Activity(ix) = child.holder else { return vec![Move::to(outside)] };
        if child.is_cancelling() {
            return self.cancelled(ix, outside);
        }
        if self.net.handler(ix).is_some() {
            outside.set(Mark::done(ix));
        } else {
            child.marks().filter(|mark| matches!(mark, Mark::Done(_))).for_each(|done| outside.set(done));
        }
        let mut moves = self.go_on(ix, Move::to(outside.clone()));
        if self.net.process.nodes[ix].repeats() {
            outside.open(self.begin(child.holder, child.inside));
            moves.push(Move::to(outside));
        }
        moves
    }

    /// A cancelled transaction that is undone ends through its cancel boundary event, or goes on without one.
    fn cancelled(&self, ix: NodeIx, outside: Frame) -> Vec<Move<'p>> {
        let process = self.net.process;
        let cancels = |ix: &&NodeIx| matches!(process.nodes[**ix].kind.trigger(), Some(Trigger::Cancel));
        match process.nodes[ix].boundary.iter().find(cancels) {
            Some(&boundary) => self.leave(boundary, Move::to(outside)),
            None => self.go_on(ix, Move::to(outside)),
        }
    }

    /// Boundary events of an activity where a token stands can happen; `interrupted` is the scope without it.
    pub(super) fn border(&self, activity: NodeIx, frame: &Frame, interrupted: impl Fn() -> Frame) -> Vec<Move<'p>> {
        let process = self.net.process;
        let mut moves = Vec::new();
        for &ix in process.nodes[activity].boundary.iter().filter(|&&ix| self.net.is_spontaneous(ix)) {
            let NodeKind::BoundaryEvent(event) = &process.nodes[ix].kind else { continue };
            let after = if event.interrupting { Some(interrupted()) } else { fired(frame, ix) };
            let Some(after) = after else { continue };
            for &takes in self.net.takes(ix) {
                moves.extend(self.leave(ix, Move { takes, ..Move::to(after.clone()) }));
            }
        }
        moves
    }

    /// Event sub-processes of a scope can happen for as long as none has interrupted it.
    pub(super) fn event_sub_processes(&self, frame: &Frame) -> Vec<Move<'p>> {
        let events = &self.net.process.scopes[frame.inside].event_sub_processes;
        if events.is_empty() || self.is_interrupted(frame) {
            return Vec::new();
        }
        let mut moves = Vec::new();
        for &ix in events.iter().filter(|&&ix| self.net.is_spontaneous(ix)) {
            let begun = self.begin_event(Move::to(frame.clone()), ix);
            if begun.frame != *frame {
                moves.extend(self.net.takes(ix).iter().map(|&takes| Move { takes, rescues: true, ..begun.clone() }));
            }
        }
        moves
    }

    fn is_interrupted(&self, frame: &Frame) -> bool {
        frame.inner().iter().any(|inner| match inner.holder {
            Holder::Event(ix) => matches!(&self.net.process.nodes[ix].kind, NodeKind::EventSubProcess(event) if event.interrupting),
            _ => false,
        })
    }

    /// Begins an event sub-process; one that does not interrupt only once.
    fn begin_event(&self, before: Move<'p>, ix: NodeIx) -> Move<'p> {
        let NodeKind::EventSubProcess(event) = &self.net.process.nodes[ix].kind else { return before };
        let mut after = before;
        if event.interrupting {
            after.frame.interrupt();
        } else {
            match fired(&after.frame, ix) {
                Some(frame) => after.frame = frame,
                None => return after,
            }
        }
        after.passed.push(ix);
        after.frame.open(self.begin(Holder::Event(ix), event.scope));
        after
    }

    /// What happened in the scope at `at` inside `frame`, seen from `frame`: what came out of it is caught or goes on
    /// outwards.
    pub(super) fn lift(&self, inner: Move<'p>, frame: &Frame, at: usize) -> Vec<Move<'p>> {
        let child = &frame.inner()[at];
        let Some(raised) = inner.raised else { return vec![replaced(inner, frame, at)] };
        match (raised, child.holder) {
            (Raised::Cancel, Holder::Activity(ix)) if matches!(self.net.process.nodes[ix].kind, NodeKind::Transaction(_)) => {
                vec![replaced(cancelling(inner), frame, at)]
            }
            (Raised::Cancel, _) => vec![replaced(inner, frame, at)],
            (Raised::Undo { up: 1, activity }, _) => {
                let here = Move { raised: None, ..replaced(inner, frame, at) };
                vec![self.undo(here, activity)]
            }
            (Raised::Undo { up, activity }, _) => {
                let further = Raised::Undo { up: up - 1, activity };
                vec![Move { raised: Some(further), ..replaced(inner, frame, at) }]
            }
            (_, Holder::Activity(ix)) => match self.catching(&self.net.process.nodes[ix].boundary, raised) {
                Some(boundary) => self.caught_at_border(inner, boundary, frame, at),
                None => vec![self.caught_beside(replaced(inner, frame, at), None)],
            },
            (_, Holder::Event(ix)) => vec![self.caught_beside(replaced(inner, frame, at), Some(ix))],
            (_, Holder::Handler(_) | Holder::Case) => vec![self.caught_beside(replaced(inner, frame, at), None)],
        }
    }

    fn caught_at_border(&self, inner: Move<'p>, boundary: NodeIx, frame: &Frame, at: usize) -> Vec<Move<'p>> {
        let interrupts = matches!(&self.net.process.nodes[boundary].kind, NodeKind::BoundaryEvent(event) if event.interrupting);
        if interrupts {
            return self.leave(boundary, Move { frame: frame.without(at), raised: None, ..inner });
        }
        let here = Move { raised: None, ..replaced(inner, frame, at) };
        match fired(&here.frame, boundary) {
            Some(frame) => self.leave(boundary, Move { frame, ..here }),
            None => vec![here],
        }
    }

    /// An event sub-process of the scope catches what was raised in it, unless it came `out_of` that one.
    pub(super) fn caught_beside(&self, raised: Move<'p>, out_of: Option<NodeIx>) -> Move<'p> {
        let Some(what) = raised.raised else { return raised };
        let events = &self.net.process.scopes[raised.frame.inside].event_sub_processes;
        let others: Vec<NodeIx> = events.iter().copied().filter(|&ix| Some(ix) != out_of).collect();
        match self.catching(&others, what) {
            Some(event) if !self.is_interrupted(&raised.frame) => self.begin_event(Move { raised: None, ..raised }, event),
            _ => raised,
        }
    }

    /// The one that catches: one that names the code before one that catches all.
    fn catching(&self, events: &[NodeIx], raised: Raised<'_>) -> Option<NodeIx> {
        let trigger = |ix: NodeIx| self.net.process.nodes[ix].kind.trigger();
        let fits = |ix: NodeIx| trigger(ix).and_then(|trigger| fit(trigger, raised));
        let best = events.iter().filter_map(|&ix| fits(ix)).max()?;
        events.iter().copied().find(|&ix| fits(ix) == Some(best))
    }
}

/// Whether a trigger catches, and whether by the very code.
fn fit(trigger: &Trigger, raised: Raised<'_>) -> Option<bool> {
    match (trigger, raised) {
        (Trigger::Any(several) | Trigger::All(several), _) => several.iter().filter_map(|one| fit(one, raised)).max(),
        (Trigger::Error(caught), Raised::Error(code)) | (Trigger::Escalation(caught), Raised::Escalation(code)) => match caught {
            None => Some(false),
            Some(caught) => (caught == code).then_some(true),
        },
        _ => None,
    }
}

/// The scope in which an event that does not interrupt has happened; None if it has already.
fn fired(frame: &Frame, event: NodeIx) -> Option<Frame> {
    if frame.has(Mark::fired(event)) {
        return None;
    }
    let mut frame = frame.clone();
    frame.set(Mark::fired(event));
    Some(frame)
}

/// The scope around, with what happened inside.
fn replaced<'p>(inner: Move<'p>, frame: &Frame, at: usize) -> Move<'p> {
    let mut outside = frame.without(at);
    outside.open(inner.frame);
    Move { frame: outside, ..inner }
}

/// A transaction that is to be undone.
fn cancelling(inner: Move<'_>) -> Move<'_> {
    let mut inner = inner;
    inner.frame.interrupt();
    inner.frame.set(Mark::Cancelling);
    Move { raised: None, ..inner }
}
