//! Plays every order in which tokens can move through a scope, to find joins that wait for ever and flows that carry two
//! tokens at once. Past [`STATES_MAX`] states it says so and
//! stops.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::{
    definition::{FlowIx, NodeIx, NodeKind, Process, ScopeIx, Throw, context::Context},
    diagnostic::Finding,
    text::Text,
};

/// States looked at in one scope at most.
const STATES_MAX: usize = 20_000;

/// How many tokens wait on each flow, and which non-interrupting boundary events have fired (each is played once).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct State {
    tokens: BTreeMap<FlowIx, u8>,
    fired: BTreeSet<NodeIx>,
}

/// Reports deadlocks and unsafe flows, scope by scope.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    for scope in 0..process.scopes.len() {
        let (deadlock, doubled) = play(process, scope);
        cx.findings.extend(deadlock.into_iter().chain(doubled));
    }
}

/// The first deadlock and the first doubled token, each with the shortest way to it.
fn play(process: &Process, scope: ScopeIx) -> (Option<Finding>, Option<Finding>) {
    let mut doubled = None;
    let starts: Vec<State> = process.scopes[scope].starts.iter().map(|&start| start_state(process, start)).collect();
    let mut seen: HashMap<State, Option<(State, NodeIx)>> = starts.iter().map(|state| (state.clone(), None)).collect();
    let mut ahead: VecDeque<State> = starts.into();
    while let Some(state) = ahead.pop_front() {
        if seen.len() > STATES_MAX {
            return (Some(too_many(process, scope)), doubled);
        }
        if let Some((&flow, _)) = state.tokens.iter().find(|(_, tokens)| **tokens > 1) {
            doubled.get_or_insert_with(|| two_at_once(process, flow));
            continue;
        }
        let next = steps(process, &state);
        if next.is_empty() && !state.tokens.is_empty() {
            return (Some(deadlock(process, &state, &seen)), doubled);
        }
        for (node, after) in next {
            if !seen.contains_key(&after) {
                seen.insert(after.clone(), Some((state.clone(), node)));
                ahead.push_back(after);
            }
        }
    }
    (None, doubled)
}

fn start_state(process: &Process, start: NodeIx) -> State {
    put(&State::default(), &process.nodes[start].outgoing)
}

fn put(state: &State, flows: &[FlowIx]) -> State {
    let mut state = state.clone();
    for &flow in flows {
        *state.tokens.entry(flow).or_default() += 1;
    }
    state
}

fn take(state: &State, flows: &[FlowIx]) -> State {
    let mut state = state.clone();
    for flow in flows {
        if let Some(tokens) = state.tokens.get_mut(flow) {
            *tokens -= 1;
        }
    }
    state.tokens.retain(|_, tokens| *tokens > 0);
    state
}

/// Every state that one node can lead to.
fn steps(process: &Process, state: &State) -> Vec<(NodeIx, State)> {
    let mut next = Vec::new();
    let mut joins = BTreeSet::new();
    for &flow in state.tokens.keys() {
        let ix = process.flows[flow].to;
        let node = &process.nodes[ix];
        if matches!(node.kind, NodeKind::ParallelGateway) {
            if joins.insert(ix) && node.incoming.iter().all(|flow| state.tokens.contains_key(flow)) {
                next.push((ix, put(&take(state, &node.incoming), &node.outgoing)));
            }
            continue;
        }
        next.extend(leave(process, ix, &take(state, &[flow])).into_iter().map(|state| (ix, state)));
    }
    next
}

/// Every way in which an entered node can be left; `state` has no token on it any more.
fn leave(process: &Process, ix: NodeIx, state: &State) -> Vec<State> {
    let node = &process.nodes[ix];
    if matches!(node.kind, NodeKind::EndEvent(Throw::Terminate)) {
        return vec![State::default()];
    }
    let choice = matches!(node.kind, NodeKind::ExclusiveGateway | NodeKind::UserTask(_));
    let mut ways: Vec<State> =
        if choice { node.outgoing.iter().map(|&flow| put(state, &[flow])).collect() } else { vec![put(state, &node.outgoing)] };
    for &event in &node.boundary {
        let NodeKind::BoundaryEvent(boundary) = &process.nodes[event].kind else { continue };
        let out = &process.nodes[event].outgoing;
        if boundary.interrupting {
            ways.push(put(state, out));
        } else if !state.fired.contains(&event) {
            let besides: Vec<State> = ways.iter().map(|way| fire(way, event, out)).collect();
            ways.extend(besides);
        }
    }
    ways
}

fn fire(state: &State, event: NodeIx, out: &[FlowIx]) -> State {
    let mut state = put(state, out);
    state.fired.insert(event);
    state
}

fn deadlock(process: &Process, state: &State, seen: &HashMap<State, Option<(State, NodeIx)>>) -> Finding {
    let mut way = Vec::new();
    let mut at = state;
    while let Some(Some((before, node))) = seen.get(at) {
        way.push(process.nodes[*node].id.as_str());
        at = before;
    }
    way.reverse();
    let flow = state.tokens.keys().next().copied().unwrap_or_default();
    let join = &process.nodes[process.flows[flow].to];
    let way = way.join(" → ");
    let message = Text::new(
        format!("并行汇合“{}”可能永远等不齐：{way}", join.id),
        format!("the parallel join `{}` may wait for ever: {way}", join.id),
    );
    Finding::error("F040", join.place.clone(), message).about(join.id.clone()).help(Text::new(
        "排他分支之后用 exclusiveGateway 汇合，或用带 do 的分支块",
        "join what an exclusive choice has split with an exclusiveGateway, or use branches with `do`",
    ))
}

/// What could not be looked at to the end must not pass for sound.
fn too_many(process: &Process, scope: ScopeIx) -> Finding {
    let place = process.scopes[scope].node.map_or(&process.place, |node| &process.nodes[node].place);
    let message = Text::new(
        format!("并行路径过多（超过 {STATES_MAX} 种状态），未能检查是否会死锁"),
        format!("more than {STATES_MAX} states: whether it can deadlock was not checked to the end"),
    );
    Finding::warning("F042", place.clone(), message)
}

fn two_at_once(process: &Process, flow: FlowIx) -> Finding {
    let node = &process.nodes[process.flows[flow].from];
    let message = Text::new(
        format!("“{}”可能被同时进入两次，同一环节会办两遍", node.id),
        format!("`{}` may be entered twice at once: what follows would be done twice", node.id),
    );
    Finding::warning("F041", node.place.clone(), message)
        .about(node.id.clone())
        .help(Text::new("并行分支须先用 parallelGateway 汇合", "join parallel branches with a parallelGateway first"))
}
