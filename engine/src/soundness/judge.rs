//! From the states that were reached to a verdict with its witnesses.

use super::{
    Passed, Report, Verdict, Violation, Witness,
    explore::{Look, Space, doubled, standing},
    net::Net,
    state::{Mark, State},
};
use crate::definition::{FlowIx, NodeIx, NodeKind, Process, Trigger};

/// States in which every stop of every token is looked at.
const STOPS_STATES_MAX: usize = 10_000;

/// States looked at in all: more would take longer than a designer waits.
const STATES_MAX: usize = 30_000;

/// Plays some processes together and judges what can happen. One process is played by itself; of several, what one sends to
/// another comes only when it is sent.
///
/// The way to what is wrong is a shortest one if there are few states (up to 10,000 with every stop of every token); else it is one with
/// as few decisions as can be. Past 30,000 states the rest is left out, and what is not decided is None.
pub fn verdict(processes: &[&Process]) -> Report {
    let net = Net::of(processes);
    let mut report = by_size(&net, false);
    let asks = |process: &&Process| process.nodes.iter().any(|node| node.start_quantity != 1 || node.completion_quantity != 1);
    if processes.iter().any(asks) {
        report.witnesses.retain(|witness| !is_stuck(witness));
        let stuck = by_size(&net, true).witnesses.into_iter().filter(is_stuck);
        report.witnesses = stuck.chain(report.witnesses).collect();
    }
    report
}

fn is_stuck(witness: &Witness) -> bool {
    matches!(witness.violation, Violation::Deadlock | Violation::Livelock)
}

/// Where nothing is wrong, it does not matter at which stops tokens rest; a way that is told is looked for at every stop.
fn by_size(net: &Net<'_>, quantities: bool) -> Report {
    let space = Space::of(net, Look { states_max: STATES_MAX, swift: true, quantities });
    let report = Judge { net, space: &space }.report();
    if report.witnesses.is_empty() || space.cut {
        return report;
    }
    let stops = Space::of(net, Look { states_max: STOPS_STATES_MAX, swift: false, quantities });
    if stops.cut { report } else { Judge { net, space: &stops }.report() }
}

/// The same in each of the two ways of playing, for tests that compare them.
#[doc(hidden)]
pub fn verdict_by(processes: &[&Process], swift: bool, states_max: usize) -> Report {
    let net = Net::of(processes);
    let space = Space::of(&net, Look { states_max, swift, quantities: false });
    Judge { net: &net, space: &space }.report()
}

struct Judge<'a, 'p> {
    net: &'a Net<'p>,
    space: &'a Space,
}

impl Judge<'_, '_> {
    fn report(&self) -> Report {
        let complete = !self.space.cut;
        let dead = self.dead();
        let stuck = self.deadlock().into_iter().chain(self.livelock()).collect::<Vec<_>>();
        let (twice, doubled) = (self.ends_twice(), self.doubled());
        let unless = |wrong: bool| if wrong { Some(false) } else { complete.then_some(true) };
        let nodes = |witness: &Witness| &self.net.parts[witness.at.process].process.nodes[witness.at.node];
        let dead_activity = dead.iter().any(|witness| nodes(witness).is_activity());
        let verdict = Verdict {
            safe: unless(doubled.is_some()),
            option_to_complete: self.option_to_complete(),
            proper_completion: unless(twice.is_some()),
            // What has happened is alive whatever else there is.
            no_dead_activities: if dead_activity { complete.then_some(false) } else { Some(true) },
        };
        let dead = if complete { dead } else { Vec::new() };
        let witnesses = stuck.into_iter().chain(twice).chain(doubled).chain(dead).collect();
        Report { verdict, witnesses, states: self.space.len(), complete }
    }

    fn passed(&self, (process, node): (usize, NodeIx)) -> Passed {
        let standing = &self.net.parts[process].process.nodes[node];
        Passed { process, node, id: standing.id.clone(), place: standing.place.clone() }
    }

    fn witness(&self, violation: Violation, at: (usize, NodeIx), way: Vec<(usize, NodeIx)>) -> Witness {
        Witness { violation, at: self.passed(at), way: way.into_iter().map(|passed| self.passed(passed)).collect() }
    }

    /// Whether an end can be reached from every state. What was not looked at any more does not count as stuck.
    fn option_to_complete(&self) -> Option<bool> {
        if self.space.cut {
            let goes_on = self.space.goes_on(true);
            let stuck = |(at, state): (usize, &State)| self.space.looked_at(at) && !goes_on[at] && !state.is_complete();
            return self.space.states().any(stuck).then_some(false);
        }
        let can = self.space.can_reach(true, |_, state| state.is_complete());
        Some(can.iter().all(|can| *can))
    }

    /// The first state in which nothing can happen but what comes from outside into a scope, although it is not the end.
    fn deadlock(&self) -> Option<Witness> {
        let goes_on = self.space.goes_on(false);
        let stuck = |&(at, state): &(usize, &State)| self.space.looked_at(at) && !goes_on[at] && !state.is_complete();
        let (at, state) = self.space.states().find(stuck)?;
        Some(self.witness(Violation::Deadlock, self.waiting(state), self.space.way(at)))
    }

    /// The first state that what can neither end nor stand still goes round in.
    fn livelock(&self) -> Option<Witness> {
        if self.space.cut {
            return None;
        }
        let goes_on = self.space.goes_on(false);
        let can = self.space.can_reach(false, |at, state| !goes_on[at] || state.is_complete());
        let doomed = can.iter().position(|can| !can)?;
        let at = self.space.trap(doomed).into_iter().min()?;
        let state = self.space.state(at)?;
        Some(self.witness(Violation::Livelock, self.waiting(state), self.space.way(at)))
    }

    /// Where a state is stuck: at a join, if a token stands at one.
    fn waiting(&self, state: &State) -> (usize, NodeIx) {
        let process = |part: usize| self.net.parts[part].process;
        let node_of = |part: usize, mark: Mark| match mark {
            Mark::Flow(flow) => process(part).flows[flow as FlowIx].to,
            Mark::At(node) => node as NodeIx,
            _ => 0,
        };
        let standing = standing(state, node_of);
        let joins = |&&(part, node): &&(usize, NodeIx)| {
            let node = &process(part).nodes[node];
            node.is_gateway() && node.incoming.len() > 1
        };
        standing.iter().find(joins).or(standing.first()).copied().unwrap_or_default()
    }

    fn doubled(&self) -> Option<Witness> {
        let at = self.space.doubled?;
        let (part, flow) = self.space.state(at).and_then(doubled)?;
        let from = self.net.parts[part].process.flows[flow].from;
        Some(self.witness(Violation::Unsafe, (part, from), self.space.way(at)))
    }

    fn ends_twice(&self) -> Option<Witness> {
        let twice = self.space.ended_twice.clone()?;
        Some(self.witness(Violation::EndsTwice, twice.at, twice.way))
    }

    /// Nodes that never happened.
    fn dead(&self) -> Vec<Witness> {
        let mut dead = Vec::new();
        for (part, happened) in self.space.happened.iter().enumerate() {
            let process = self.net.parts[part].process;
            let never = (0..happened.len()).filter(|&node| !happened[node] && can_count(process, node));
            dead.extend(never.map(|node| self.witness(Violation::Dead, (part, node), Vec::new())));
        }
        dead
    }
}

/// Whether a node is one that has a token of its own: a compensation boundary event has none, nor what follows a handler.
fn can_count(process: &Process, node: NodeIx) -> bool {
    let standing = &process.nodes[node];
    let compensates = matches!(&standing.kind, NodeKind::BoundaryEvent(event) if matches!(event.trigger, Trigger::Compensation));
    let from = |&flow: &FlowIx| &process.nodes[process.flows[flow].from];
    let after_handler = !standing.incoming.is_empty() && standing.incoming.iter().all(|flow| from(flow).for_compensation);
    !compensates && !after_handler
}
