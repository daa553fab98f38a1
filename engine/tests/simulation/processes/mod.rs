//! Random processes: pieces that are entered once and left once, written as a designer would, loaded as an office would.

mod office;
mod writer;

use proptest::prelude::*;

pub(crate) use office::{Wanted, load, load_free};

/// The process that [`Block::Call`] calls.
pub(crate) const CALLED: &str = "helper";

/// A piece of a process that is entered once and left once.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    User {
        boundary: Boundary,
        again: bool,
    },
    Script,
    Receive {
        boundary: Boundary,
    },
    Pause,
    Service {
        boundary: Boundary,
    },
    EachTask {
        complete: Complete,
        boundary: Boundary,
    },
    Sequence(Vec<Block>),
    Choice(Box<Block>, Box<Block>),
    Both(Box<Block>, Box<Block>),
    Inside {
        body: Box<Block>,
        boundary: Boundary,
        beside: Option<bool>,
    },
    EachInside {
        body: Box<Block>,
        complete: Complete,
        boundary: Boundary,
    },
    /// Calls the process [`CALLED`].
    Call {
        boundary: Boundary,
    },
    /// Throws the signal that [`Block::Listen`] waits for.
    Hail,
    Listen,
    /// Sends the message that [`Block::Hear`] waits for.
    Tell,
    Hear,
    /// A message or a time, whatever comes first.
    First,
    /// An inclusive gateway, of which one way or both are taken.
    Some(Box<Block>, Box<Block>),
    /// Something that is done and then compensated.
    Undo,
    /// A sub-process that may fail, and is caught.
    Try(Box<Block>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Boundary {
    None,
    Timer,
    Cycle,
    Message,
    Notice,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Complete {
    All,
    Any,
    Half,
    Expression,
}

fn boundary() -> impl Strategy<Value = Boundary> {
    prop_oneof![
        3 => Just(Boundary::None),
        1 => Just(Boundary::Timer),
        1 => Just(Boundary::Cycle),
        1 => Just(Boundary::Message),
        1 => Just(Boundary::Notice),
    ]
}

fn complete() -> impl Strategy<Value = Complete> {
    prop_oneof![Just(Complete::All), Just(Complete::Any), Just(Complete::Half), Just(Complete::Expression)]
}

/// Pieces of one process that talks to nobody of its kind.
pub(crate) fn block() -> impl Strategy<Value = Block> {
    nest(leaf().boxed(), false)
}

/// Pieces of processes that call, signal, tell and compensate besides.
pub(crate) fn lively() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        5 => leaf(),
        2 => boundary().prop_map(|boundary| Block::Call { boundary }),
        1 => Just(Block::Hail),
        1 => Just(Block::Listen),
        1 => Just(Block::Tell),
        1 => Just(Block::Hear),
        1 => Just(Block::First),
        1 => Just(Block::Undo),
    ];
    nest(leaf.boxed(), true)
}

fn leaf() -> impl Strategy<Value = Block> {
    prop_oneof![
        3 => (boundary(), any::<bool>()).prop_map(|(boundary, again)| Block::User { boundary, again }),
        1 => Just(Block::Script),
        1 => boundary().prop_map(|boundary| Block::Receive { boundary }),
        1 => Just(Block::Pause),
        1 => boundary().prop_map(|boundary| Block::Service { boundary }),
        1 => (complete(), boundary()).prop_map(|(complete, boundary)| Block::EachTask { complete, boundary }),
    ]
}

fn nest(leaf: BoxedStrategy<Block>, lively: bool) -> impl Strategy<Value = Block> {
    leaf.prop_recursive(4, 14, 3, move |inner| {
        let one = || inner.clone().prop_map(Box::new);
        let more = u32::from(lively);
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Block::Sequence),
            1 => (one(), one()).prop_map(|(a, b)| Block::Choice(a, b)),
            2 => (one(), one()).prop_map(|(a, b)| Block::Both(a, b)),
            2 => (one(), boundary(), any::<Option<bool>>()).prop_map(|(body, boundary, beside)| Block::Inside { body, boundary, beside }),
            1 => (one(), complete(), boundary()).prop_map(|(body, complete, boundary)| Block::EachInside { body, complete, boundary }),
            more => (one(), one()).prop_map(|(a, b)| Block::Some(a, b)),
            more => one().prop_map(Block::Try),
        ]
    })
}
