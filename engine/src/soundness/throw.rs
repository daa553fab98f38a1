//! What throwing events do: end, raise, terminate, cancel, undo, jump.

use super::{
    play::{Above, Move, Player, Raised},
    state::{Frame, Holder, Mark},
};
use crate::definition::{NodeIx, NodeKind, Throw, Trigger};

/// A second arrival at an end event is told; how many more there are does not matter.
const ARRIVALS_MAX: u8 = 2;

impl<'p> Player<'_, 'p> {
    /// A token throws what its event throws, then goes on or ends. Of several throws, the first that is more than a message
    /// or a signal decides.
    pub(super) fn throw(&self, ix: NodeIx, throw: &'p Throw, frame: &Frame, token: Mark, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        let mut rest = frame.clone();
        rest.take(token);
        if matches!(self.net.process.nodes[ix].kind, NodeKind::EndEvent(_)) {
            arrive(&mut rest, ix);
        }
        let before = Move::to(rest);
        match decisive(throw) {
            Throw::Error(code) => {
                let raised = Move { passed: vec![ix], sends: self.net.sends(ix).to_vec(), raised: Some(Raised::Error(code)), ..before };
                vec![self.caught_beside(raised, None)]
            }
            Throw::Escalation(code) => {
                let raised = |after: Move<'p>| self.caught_beside(Move { raised: Some(Raised::Escalation(code)), ..after }, None);
                self.leave(ix, before).into_iter().map(raised).collect()
            }
            Throw::Terminate => {
                let mut after = Move { passed: vec![ix], sends: self.net.sends(ix).to_vec(), ..before };
                after.frame.interrupt();
                vec![after]
            }
            Throw::Cancel => vec![Move { passed: vec![ix], sends: self.net.sends(ix).to_vec(), raised: Some(Raised::Cancel), ..before }],
            Throw::Compensate(activity) => self.compensate(ix, activity.as_deref(), frame, before, above),
            Throw::Link(name) => self.jump(ix, name, before),
            Throw::None | Throw::Message(..) | Throw::Signal(..) | Throw::All(_) => self.leave(ix, before),
        }
    }

    /// Goes on where the catching link of the same name stands.
    fn jump(&self, ix: NodeIx, name: &str, mut before: Move<'p>) -> Vec<Move<'p>> {
        let nodes = &self.net.process.nodes;
        let catches = |other: &NodeIx| {
            let other = &nodes[*other];
            other.scope == nodes[ix].scope && matches!(&other.kind, NodeKind::CatchEvent(Trigger::Link(caught)) if caught == name)
        };
        let Some(target) = (0..nodes.len()).find(catches) else { return Vec::new() };
        before.passed.push(ix);
        before.frame.add(Mark::at(target));
        vec![before]
    }

    /// The thrower waits until all that it asks to undo is undone, one thing after another; the order is left open.
    fn compensate(&self, ix: NodeIx, activity: Option<&str>, frame: &Frame, done: Move<'p>, above: Option<&Above<'_>>) -> Vec<Move<'p>> {
        let activity = activity.and_then(|id| self.net.process.by_id.get(id)).copied();
        let mut level = Some(Above { frame, above });
        let mut up = 0;
        // A handler that throws does not wait for itself.
        let mut from: Option<&Frame> = None;
        while let Some(here) = level {
            let others = here.frame.inner().iter().filter(|inner| Some(*inner) != from);
            if others.into_iter().any(|inner| matches!(inner.holder, Holder::Handler(_))) {
                return Vec::new();
            }
            let wanted: Vec<NodeIx> = self.wanted(here.frame, activity);
            if !wanted.is_empty() {
                return wanted.into_iter().map(|wanted| self.ask_to_undo(frame, up, wanted)).collect();
            }
            let further = activity.is_some() || matches!(here.frame.holder, Holder::Event(_));
            level = here.above.filter(|_| further).copied();
            up += 1;
            from = Some(here.frame);
        }
        self.leave(ix, done)
    }

    fn wanted(&self, frame: &Frame, activity: Option<NodeIx>) -> Vec<NodeIx> {
        let nodes = &self.net.process.nodes;
        let inside = activity.and_then(|activity| nodes[activity].kind.inside());
        let wanted = |done: NodeIx| {
            activity.is_none_or(|activity| done == activity) || inside.is_some_and(|inside| self.net.is_within(nodes[done].scope, inside))
        };
        let done = frame.marks().filter_map(|mark| if let Mark::Done(ix) = mark { Some(ix as NodeIx) } else { None });
        done.filter(|&done| wanted(done)).collect()
    }

    fn ask_to_undo(&self, frame: &Frame, up: usize, activity: NodeIx) -> Move<'p> {
        let here = Move::to(frame.clone());
        if up == 0 { self.undo(here, activity) } else { Move { raised: Some(Raised::Undo { up, activity }), ..here } }
    }

    /// An activity that completed in the scope is undone by its handler.
    pub(super) fn undo(&self, before: Move<'p>, activity: NodeIx) -> Move<'p> {
        let mut after = before;
        after.frame.take(Mark::done(activity));
        let Some(handler) = self.net.handler(activity) else { return after };
        after.passed.push(handler);
        match self.net.process.nodes[handler].kind.inside() {
            Some(inside) => after.frame.open(self.begin(Holder::Handler(handler), inside)),
            None => after.sends.extend(self.net.sends(handler)),
        }
        after
    }
}

/// What of a throw decides how the token goes on.
fn decisive(throw: &Throw) -> &Throw {
    match throw {
        Throw::All(several) => {
            let plain = |one: &&Throw| matches!(one, Throw::None | Throw::Message(..) | Throw::Signal(..) | Throw::All(_));
            several.iter().find(|one| !plain(one)).unwrap_or(throw)
        }
        one => one,
    }
}

fn arrive(frame: &mut Frame, end: NodeIx) {
    let before = frame.counted().iter().find(|(mark, _)| *mark == Mark::ended(end)).map_or(0, |(_, count)| *count);
    if before < ARRIVALS_MAX {
        frame.add(Mark::ended(end));
    }
}
