//! Gateways where several ways meet: parallel, inclusive and complex (BPMN 2.0 §13.4).

use super::{
    play::{Move, Player},
    state::{Frame, Holder, Mark},
};
use crate::definition::{FlowIx, NodeIx};

impl<'p> Player<'_, 'p> {
    /// A parallel join needs a token on every way in.
    pub(super) fn join_all(&self, ix: NodeIx, frame: &Frame, token: Mark) -> Vec<Move<'p>> {
        let incoming = &self.net.process.nodes[ix].incoming;
        if !self.is_first_at(ix, frame, token) || !incoming.iter().all(|&flow| frame.has(Mark::flow(flow))) {
            return Vec::new();
        }
        self.leave(ix, Move::to(taken(frame, incoming)))
    }

    /// An inclusive join needs a token on every way in that one can still come by.
    pub(super) fn join_those_that_come(&self, ix: NodeIx, frame: &Frame, token: Mark) -> Vec<Move<'p>> {
        let incoming = &self.net.process.nodes[ix].incoming;
        let (arrived, missing): (Vec<FlowIx>, Vec<FlowIx>) = incoming.iter().partition(|&&flow| frame.has(Mark::flow(flow)));
        if !self.is_first_at(ix, frame, token) || self.more_can_come(ix, frame, &missing) {
            return Vec::new();
        }
        let mut rest = taken(frame, &arrived);
        if arrived.is_empty() {
            rest.take(token);
        }
        self.leave(ix, Move::to(rest))
    }

    /// A complex gateway may be activated by any tokens that are there, as its condition says; then it waits to be reset.
    pub(super) fn join_complex(&self, ix: NodeIx, frame: &Frame, token: Mark) -> Vec<Move<'p>> {
        if !self.is_first_at(ix, frame, token) {
            return Vec::new();
        }
        let incoming = &self.net.process.nodes[ix].incoming;
        let is_used = |flow: &FlowIx| frame.has(Mark::used(*flow));
        if incoming.iter().any(is_used) {
            return self.reset(ix, frame);
        }
        let arrived: Vec<FlowIx> = incoming.iter().copied().filter(|&flow| frame.has(Mark::flow(flow))).collect();
        let mut rest = taken(frame, &arrived);
        if arrived.is_empty() {
            rest.take(token);
        }
        arrived.iter().for_each(|&flow| rest.set(Mark::used(flow)));
        self.leave(ix, Move::to(rest))
    }

    /// Once no token can come any more by the ways that were not used, they are emptied and the gateway starts anew; its
    /// conditional flows may be taken once more.
    fn reset(&self, ix: NodeIx, frame: &Frame) -> Vec<Move<'p>> {
        let process = self.net.process;
        let node = &process.nodes[ix];
        let unused = node.incoming.iter().copied().filter(|&flow| !frame.has(Mark::used(flow)));
        let (arrived, missing): (Vec<FlowIx>, Vec<FlowIx>) = unused.partition(|&flow| frame.has(Mark::flow(flow)));
        if self.more_can_come(ix, frame, &missing) {
            return Vec::new();
        }
        let mut rest = taken(frame, &arrived);
        node.incoming.iter().for_each(|&flow| rest.take(Mark::used(flow)));
        let mut before = Move::to(rest);
        before.passed.push(ix);
        let conditional: Vec<FlowIx> = node.outgoing.iter().copied().filter(|&flow| process.flows[flow].condition.is_some()).collect();
        let ways = super::net::chosen_of(&conditional);
        ways.iter().map(Vec::as_slice).chain([&[][..]]).map(|way| self.follow(before.clone(), way)).collect()
    }

    /// Tokens at one join are looked at together, for the first of them.
    pub(super) fn is_first_at(&self, ix: NodeIx, frame: &Frame, token: Mark) -> bool {
        frame.tokens().find(|&other| self.node_of(other) == ix) == Some(token)
    }

    /// Whether a token elsewhere in the scope can still reach one of the flows `missing` without passing the join, and none
    /// of its other incoming flows.
    fn more_can_come(&self, join: NodeIx, frame: &Frame, missing: &[FlowIx]) -> bool {
        let incoming = &self.net.process.nodes[join].incoming;
        let behind = self.net.behind(join);
        let comes = |at: NodeIx| {
            let reaches = |wanted: bool| incoming.iter().zip(behind).any(|(flow, from)| missing.contains(flow) == wanted && from[at]);
            at != join && reaches(true) && !reaches(false)
        };
        let held = frame.inner().iter().filter_map(|inner| if let Holder::Activity(ix) = inner.holder { Some(ix) } else { None });
        frame.tokens().map(|token| self.node_of(token)).chain(held).any(comes)
    }
}

/// The scope without one token on each of the flows.
fn taken(frame: &Frame, flows: &[FlowIx]) -> Frame {
    let mut rest = frame.clone();
    flows.iter().for_each(|&flow| rest.take(Mark::flow(flow)));
    rest
}
