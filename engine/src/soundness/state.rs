//! What a case looks like while it is played: tokens, and the scopes that are open inside each other. Two states that can
//! go on in the same ways are equal.

use crate::definition::{FlowIx, NodeIx, ScopeIx};

/// A count that is as high counts as this high.
const COUNT_MAX: u8 = 200;

/// A mark in an open scope. Numbers are indexes into the process, kept small because states are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// A token that came by a flow, at the node where the flow ends.
    Flow(u32),
    /// A token that stands at a node although it came by no flow.
    At(u32),
    /// The next node of an ad-hoc sub-process that is done one after another, as a position among its first nodes.
    Later(u32),
    /// A transaction that is being undone.
    Cancelling,
    /// An end event that was reached.
    Ended(u32),
    /// An event that does not interrupt and has happened: it is played once in each opening of its scope.
    Fired(u32),
    /// An activity that completed and can be undone.
    Done(u32),
    /// A flow whose token activated a complex gateway that now waits to be reset.
    Used(u32),
}

impl Mark {
    pub(super) fn flow(ix: FlowIx) -> Self {
        Self::Flow(small(ix))
    }

    pub(super) fn at(ix: NodeIx) -> Self {
        Self::At(small(ix))
    }

    pub(super) fn ended(ix: NodeIx) -> Self {
        Self::Ended(small(ix))
    }

    pub(super) fn fired(ix: NodeIx) -> Self {
        Self::Fired(small(ix))
    }

    pub(super) fn done(ix: NodeIx) -> Self {
        Self::Done(small(ix))
    }

    pub(super) fn used(ix: FlowIx) -> Self {
        Self::Used(small(ix))
    }

    pub(super) fn later(position: usize) -> Self {
        Self::Later(small(position))
    }

    /// What holds its scope open.
    fn is_busy(self) -> bool {
        matches!(self, Self::Flow(_) | Self::At(_) | Self::Later(_))
    }

    fn is_token(self) -> bool {
        matches!(self, Self::Flow(_) | Self::At(_))
    }
}

/// Whatever is compiled has fewer than four thousand million nodes.
fn small(ix: usize) -> u32 {
    u32::try_from(ix).unwrap_or(u32::MAX)
}

/// What an open scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Holder {
    /// The case itself.
    Case,
    /// An activity with an inside; the token stands there for as long as the scope is open.
    Activity(NodeIx),
    /// An event sub-process.
    Event(NodeIx),
    /// What undoes an activity: a handler with an inside, or a compensation event sub-process.
    Handler(NodeIx),
}

/// An open scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Frame {
    pub(super) holder: Holder,
    pub(super) inside: ScopeIx,
    /// Marks with their counts, in order.
    marks: Vec<(Mark, u8)>,
    /// Scopes that are open inside, in order.
    inner: Vec<Frame>,
}

impl Frame {
    pub(super) fn new(holder: Holder, inside: ScopeIx) -> Self {
        Self { holder, inside, marks: Vec::new(), inner: Vec::new() }
    }

    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> + '_ {
        self.marks.iter().map(|(mark, _)| *mark)
    }

    pub(super) fn counted(&self) -> &[(Mark, u8)] {
        &self.marks
    }

    pub(super) fn tokens(&self) -> impl Iterator<Item = Mark> + '_ {
        self.marks().filter(|mark| mark.is_token())
    }

    pub(super) fn inner(&self) -> &[Frame] {
        &self.inner
    }

    pub(super) fn has(&self, mark: Mark) -> bool {
        self.marks.binary_search_by_key(&mark, |(mark, _)| *mark).is_ok()
    }

    pub(super) fn add(&mut self, mark: Mark) {
        match self.marks.binary_search_by_key(&mark, |(mark, _)| *mark) {
            Ok(at) => self.marks[at].1 = (self.marks[at].1 + 1).min(COUNT_MAX),
            Err(at) => self.marks.insert(at, (mark, 1)),
        }
    }

    /// Adds a mark that counts once.
    pub(super) fn set(&mut self, mark: Mark) {
        if !self.has(mark) {
            self.add(mark);
        }
    }

    pub(super) fn take(&mut self, mark: Mark) {
        if let Ok(at) = self.marks.binary_search_by_key(&mark, |(mark, _)| *mark) {
            if self.marks[at].1 > 1 {
                self.marks[at].1 -= 1;
            } else {
                self.marks.remove(at);
            }
        }
    }

    pub(super) fn keep(&mut self, such: impl Fn(Mark) -> bool) {
        self.marks.retain(|(mark, _)| such(*mark));
    }

    pub(super) fn open(&mut self, frame: Frame) {
        let at = self.inner.binary_search(&frame).unwrap_or_else(|at| at);
        self.inner.insert(at, frame);
    }

    /// The same without the inner scope at `at`.
    pub(super) fn without(&self, at: usize) -> Self {
        let mut rest = self.clone();
        rest.inner.remove(at);
        rest
    }

    pub(super) fn close_all(&mut self) {
        self.inner.clear();
    }

    /// Takes away all that could still move; what was done stays, because it may have to be undone.
    pub(super) fn interrupt(&mut self) {
        self.close_all();
        self.keep(|mark| matches!(mark, Mark::Done(_)));
    }

    pub(super) fn is_cancelling(&self) -> bool {
        self.has(Mark::Cancelling)
    }

    /// Whether nothing in it can move any more, so that it is complete.
    pub(super) fn is_over(&self) -> bool {
        let busy = |mark: Mark| mark.is_busy() || (matches!(mark, Mark::Done(_)) && self.is_cancelling());
        self.inner.is_empty() && !self.marks().any(busy)
    }
}

/// One process of those that are played together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Its message has not come yet.
    Waiting,
    /// Its case is open.
    Running(Frame),
    /// Its case has ended.
    Ended,
}

/// A state of all processes that are played together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) parts: Vec<Part>,
    /// How many of each message are on their way.
    pub(super) messages: Vec<u8>,
}

impl State {
    /// Whether every case that began has ended.
    pub(super) fn is_complete(&self) -> bool {
        self.parts.iter().all(|part| !matches!(part, Part::Running(_)))
    }
}
