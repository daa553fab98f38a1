//! Every state that can be reached, breadth first, so that the way to each is a shortest one.

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::{
    landing::Landings,
    net::Net,
    play::{Move, Player, Raised},
    state::{Frame, Holder, Mark, Part, State},
};
use crate::definition::{FlowIx, NodeIx};

/// Tokens on one flow with which a state is still looked at; beyond, they are taken to become more and more.
pub(super) const TOKENS_MAX: u8 = 8;

/// Messages of one name that are kept until they are taken; more are lost.
const MESSAGES_MAX: u8 = 4;

/// How a state was reached first.
#[derive(Clone, Copy, Debug)]
struct Origin {
    before: usize,
    part: usize,
    /// Where the nodes that happened stand in [`Space::passed`].
    from: usize,
    to: usize,
}

/// One state leads to another.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: usize,
    to: usize,
    /// Only by what comes from outside into a scope.
    rescues: bool,
}

/// An end event that was reached twice.
#[derive(Clone, Debug)]
pub(super) struct EndedTwice {
    /// Its process and the event.
    pub(super) at: (usize, NodeIx),
    /// What happened on the way, the second arrival included.
    pub(super) way: Vec<(usize, NodeIx)>,
}

/// How far to look, and at what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) states_max: usize,
    /// Tokens do not stop where they need not.
    pub(super) swift: bool,
    /// As [`Player::quantities`].
    pub(super) quantities: bool,
}

/// The states that were reached.
pub(super) struct Space {
    states: IndexMap<State, Origin, FixedState>,
    passed: Vec<NodeIx>,
    /// Which state leads to which.
    edges: Vec<Edge>,
    /// Whether states are missing.
    pub(super) cut: bool,
    /// States that were looked at: what can happen in them is known.
    looked_at: Vec<bool>,
    /// By process and node: whether it happened in some state.
    pub(super) happened: Vec<Vec<bool>>,
    /// The first state in which a flow holds two tokens.
    pub(super) doubled: Option<usize>,
    /// The first time that an end event was reached twice.
    pub(super) ended_twice: Option<EndedTwice>,
}

impl Space {
    /// Plays until nothing new is reached, or `states_max` states are.
    pub(super) fn of(net: &Net<'_>, look: Look) -> Self {
        let Look { states_max, swift, quantities } = look;
        let landings: Vec<Option<Landings>> = net.parts.iter().map(|part| swift.then(|| Landings::of_net(part))).collect();
        let players: Vec<Player<'_, '_>> =
            net.parts.iter().zip(&landings).map(|(net, landings)| Player { net, landings: landings.as_ref(), quantities }).collect();
        let happened = net.parts.iter().map(|part| vec![false; part.process.nodes.len()]).collect();
        let cut = net.parts.iter().any(|part| part.cut);
        let states = IndexMap::with_hasher(FixedState::default());
        let mut space =
            Self { states, passed: Vec::new(), edges: Vec::new(), cut, looked_at: Vec::new(), happened, doubled: None, ended_twice: None };
        space.begin(net, &players);
        let mut at = 0;
        while let Some((state, _)) = space.states.get_index(at) {
            if space.states.len() > states_max {
                space.cut = true;
                break;
            }
            if has_too_many(state) {
                space.cut = true;
                space.looked_at.push(false);
            } else {
                space.looked_at.push(true);
                let state = state.clone();
                space.expand(at, &state, &players);
            }
            at += 1;
        }
        space
    }

    fn begin(&mut self, net: &Net<'_>, players: &[Player<'_, '_>]) {
        let mut beginnings: Vec<Vec<Part>> = vec![Vec::new()];
        for player in players {
            let ways = beginning(player);
            let longer = |parts: &Vec<Part>| {
                let with = |way: &Part| parts.iter().chain([way]).cloned().collect::<Vec<_>>();
                ways.iter().map(with).collect::<Vec<_>>()
            };
            beginnings = beginnings.iter().flat_map(longer).collect();
        }
        for parts in beginnings {
            let state = State { parts, messages: vec![0; net.messages.len()] };
            let before = self.states.len();
            self.states.entry(state).or_insert(Origin { before, part: 0, from: 0, to: 0 });
        }
    }

    fn expand(&mut self, at: usize, state: &State, players: &[Player<'_, '_>]) {
        for (part, player) in players.iter().enumerate() {
            match &state.parts[part] {
                Part::Running(frame) => {
                    for after in player.moves(frame, None) {
                        self.add(at, state, part, after);
                    }
                }
                Part::Waiting => {
                    for after in started(player) {
                        self.add(at, state, part, after);
                    }
                }
                Part::Ended => {}
            }
        }
    }

    fn add(&mut self, at: usize, state: &State, part: usize, after: Move<'_>) {
        if after.takes.is_some_and(|message| state.messages[message] == 0) {
            return;
        }
        for &node in &after.passed {
            self.happened[part][node] = true;
        }
        if self.ended_twice.is_none()
            && let Some(end) = ended_twice(&after.frame)
        {
            let here = after.passed.iter().map(|&node| (part, node));
            self.ended_twice = Some(EndedTwice { at: (part, end), way: self.way(at).into_iter().chain(here).collect() });
        }
        let mut messages = state.messages.clone();
        if let Some(message) = after.takes {
            messages[message] -= 1;
        }
        for &message in &after.sends {
            messages[message] = (messages[message] + 1).min(MESSAGES_MAX);
        }
        let ended = after.frame.is_over() || matches!(after.raised, Some(Raised::Error(_)));
        let mut changed = Some(if ended { Part::Ended } else { Part::Running(after.frame) });
        let other = |(ix, other): (usize, &Part)| if ix == part { changed.take() } else { None }.unwrap_or_else(|| other.clone());
        let next = State { parts: state.parts.iter().enumerate().map(other).collect(), messages };
        let from = self.passed.len();
        let to = from + after.passed.len();
        let entry = self.states.entry(next);
        self.edges.push(Edge { from: at, to: entry.index(), rescues: after.rescues });
        if let indexmap::map::Entry::Vacant(vacant) = entry {
            if self.doubled.is_none() && doubled(vacant.key()).is_some() {
                self.doubled = Some(vacant.index());
            }
            vacant.insert(Origin { before: at, part, from, to });
            self.passed.extend(after.passed);
        }
    }

    /// Whether it is known what can happen in a state.
    pub(super) fn looked_at(&self, at: usize) -> bool {
        self.looked_at.get(at).copied().unwrap_or(false)
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn states(&self) -> impl Iterator<Item = (usize, &State)> {
        self.states.keys().enumerate()
    }

    pub(super) fn state(&self, at: usize) -> Option<&State> {
        self.states.get_index(at).map(|(state, _)| state)
    }

    /// What happened on the way to a state: processes with their nodes.
    pub(super) fn way(&self, state: usize) -> Vec<(usize, NodeIx)> {
        let mut way = Vec::new();
        let mut at = state;
        while let Some((_, origin)) = self.states.get_index(at) {
            way.extend(self.passed[origin.from..origin.to].iter().rev().map(|&node| (origin.part, node)));
            if origin.before == at {
                break;
            }
            at = origin.before;
        }
        way.reverse();
        way
    }

    /// By state: whether one of `goals` can be reached from it; with `rescue`, also by what comes from outside into a scope.
    pub(super) fn can_reach(&self, rescue: bool, goals: impl Fn(usize, &State) -> bool) -> Vec<bool> {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.len()];
        self.edges.iter().filter(|edge| rescue || !edge.rescues).for_each(|edge| back[edge.to].push(edge.from));
        let mut can = vec![false; self.len()];
        let mut ahead: Vec<usize> = self.states().filter(|(at, state)| goals(*at, state)).map(|(at, _)| at).collect();
        while let Some(at) = ahead.pop() {
            if !std::mem::replace(&mut can[at], true) {
                ahead.extend(&back[at]);
            }
        }
        can
    }

    /// From a state on, states that lead to each other and to nothing else: where what goes on for ever ends up. Rescue
    /// from outside is left aside.
    pub(super) fn trap(&self, from: usize) -> Vec<usize> {
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); self.len()];
        self.edges.iter().filter(|edge| !edge.rescues).for_each(|edge| after[edge.from].push(edge.to));
        let mut at = from;
        loop {
            let ahead = reached(&after, at);
            let back = self.can_reach(false, |other, _| other == at);
            match ahead.iter().find(|other| !back[**other]) {
                Some(&further) => at = further,
                None => return ahead,
            }
        }
    }

    /// By state: whether something can still happen in it; with `rescue`, also what comes from outside into a scope.
    pub(super) fn goes_on(&self, rescue: bool) -> Vec<bool> {
        let mut goes_on = vec![false; self.len()];
        self.edges.iter().filter(|edge| rescue || !edge.rescues).for_each(|edge| goes_on[edge.from] = true);
        goes_on
    }
}

/// The states that one leads to, itself included.
fn reached(after: &[Vec<usize>], from: usize) -> Vec<usize> {
    let mut seen = vec![false; after.len()];
    let mut found = Vec::new();
    let mut ahead = vec![from];
    while let Some(at) = ahead.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            found.push(at);
            ahead.extend(&after[at]);
        }
    }
    found
}

/// How a process can begin: at each of its start events that needs no message of the others; at the nodes that nothing
/// leads to; or it waits for a message.
fn beginning(player: &Player<'_, '_>) -> Vec<Part> {
    let scope = &player.net.process.scopes[0];
    let free = |ix: &&NodeIx| player.net.takes(**ix).contains(&None);
    let mut ways: Vec<Part> = scope.starts.iter().filter(free).map(|&start| running(player, Some(start))).collect();
    if scope.starts.is_empty() {
        ways.push(running(player, None));
    } else if ways.is_empty() {
        ways.push(Part::Waiting);
    }
    ways
}

fn running(player: &Player<'_, '_>, start: Option<NodeIx>) -> Part {
    let frame = frame_from(player, start);
    if frame.is_over() { Part::Ended } else { Part::Running(frame) }
}

fn frame_from(player: &Player<'_, '_>, start: Option<NodeIx>) -> Frame {
    let mut frame = Frame::new(Holder::Case, 0);
    start.into_iter().for_each(|start| frame.add(Mark::at(start)));
    player.begin_orphans(&mut frame);
    frame
}

/// The case of a process begins when the message of one of its start events has come.
fn started<'p>(player: &Player<'_, 'p>) -> Vec<Move<'p>> {
    let starts = &player.net.process.scopes[0].starts;
    let by = |&start: &NodeIx| {
        let taken = player.net.takes(start).iter();
        taken.map(move |&takes| Move { takes, ..Move::to(frame_from(player, Some(start))) }).collect::<Vec<_>>()
    };
    starts.iter().flat_map(by).collect()
}

fn has_too_many(state: &State) -> bool {
    let many = |frame: &Frame| {
        let too_many = |(mark, count): &(Mark, u8)| (*count > TOKENS_MAX && matches!(mark, Mark::Flow(_))).then_some(());
        frame.counted().iter().find_map(too_many)
    };
    state.parts.iter().any(|part| matches!(part, Part::Running(frame) if first_in(frame, &many).is_some()))
}

/// The first answer in a scope and those that are open inside it.
fn first_in<T>(frame: &Frame, answer: &impl Fn(&Frame) -> Option<T>) -> Option<T> {
    answer(frame).or_else(|| frame.inner().iter().find_map(|inner| first_in(inner, answer)))
}

/// A flow that holds two tokens, with its process.
pub(super) fn doubled(state: &State) -> Option<(usize, FlowIx)> {
    let doubled = |frame: &Frame| {
        frame.counted().iter().find_map(|(mark, count)| match mark {
            Mark::Flow(flow) if *count > 1 => Some(*flow as FlowIx),
            _ => None,
        })
    };
    state.parts.iter().enumerate().find_map(|(part, running)| match running {
        Part::Running(frame) => Some((part, first_in(frame, &doubled)?)),
        Part::Waiting | Part::Ended => None,
    })
}

/// An end event that was reached twice.
fn ended_twice(frame: &Frame) -> Option<NodeIx> {
    first_in(frame, &|frame: &Frame| {
        frame.counted().iter().find_map(|(mark, count)| match mark {
            Mark::Ended(node) if *count > 1 => Some(*node as NodeIx),
            _ => None,
        })
    })
}

/// A scope and those that are open inside it.
fn with_inner(frame: &Frame) -> Vec<&Frame> {
    let inner = frame.inner().iter().flat_map(with_inner);
    std::iter::once(frame).chain(inner).collect()
}

/// Where tokens stand in a state: processes with their nodes.
pub(super) fn standing(state: &State, node_of: impl Fn(usize, Mark) -> NodeIx) -> Vec<(usize, NodeIx)> {
    let mut standing = Vec::new();
    for (part, running) in state.parts.iter().enumerate() {
        if let Part::Running(frame) = running {
            let tokens = with_inner(frame).into_iter().flat_map(Frame::tokens);
            standing.extend(tokens.map(|mark| (part, node_of(part, mark))));
        }
    }
    standing
}
