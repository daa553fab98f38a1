//! The token game, played slowly and by the letter.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::graph::{Graph, Kind};

/// A flow: the node it leaves, and which of its ways; the boundary event's way is past all others, `START` leads to node 0.
type Flow = (usize, usize);

const START: Flow = (usize::MAX, 0);

/// More turns than this are a loop without rest.
const TURNS: usize = 1_500;

/// Tokens in the order in which they came: where each stands and by which flow.
pub(super) struct Reference<'g> {
    graph: &'g Graph,
    tokens: BTreeMap<usize, (usize, Flow)>,
    next: usize,
}

impl<'g> Reference<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        Self { graph, tokens: BTreeMap::new(), next: 0 }
    }

    /// Begins; false if it never comes to rest.
    pub(super) fn start(&mut self) -> bool {
        let first = self.come(START, 0);
        self.settle(first.into_iter().collect())
    }

    /// The oldest token at a task goes on (the youngest, if its boundary event interrupts it); false as above.
    pub(super) fn leave(&mut self, node: usize, interrupted: bool) -> bool {
        let mut here = self.tokens.iter().filter(|(_, (at, _))| *at == node).map(|(no, _)| *no);
        let token = if interrupted { here.next_back() } else { here.next() };
        let Some(token) = token else { return true };
        self.tokens.remove(&token);
        let ready = match self.graph.interrupted(node).filter(|_| interrupted) {
            Some(to) => self.come((node, usize::MAX), to).into_iter().collect(),
            None => self.go_on(node),
        };
        self.settle(ready)
    }

    /// Nodes of the tasks that are open, oldest first.
    pub(super) fn open(&self) -> Vec<usize> {
        let task = |node: &usize| matches!(self.graph.kind(*node), Kind::Task { .. });
        self.tokens.values().map(|(node, _)| *node).filter(task).collect()
    }

    pub(super) fn ended(&self) -> bool {
        self.tokens.is_empty()
    }

    /// A token comes to a node; none stays at the end event.
    fn come(&mut self, by: Flow, to: usize) -> Option<usize> {
        if to == Graph::END {
            return None;
        }
        let no = self.next;
        self.next += 1;
        self.tokens.insert(no, (to, by));
        Some(no)
    }

    /// Tokens along the flows that a node takes.
    fn go_on(&mut self, node: usize) -> Vec<usize> {
        let graph = self.graph;
        let mut came = Vec::new();
        for &way in graph.chosen(node) {
            came.extend(self.come((node, way), graph.flows(node)[way]));
        }
        came
    }

    fn settle(&mut self, ready: Vec<usize>) -> bool {
        let mut ready = VecDeque::from(ready);
        for _ in 0..TURNS {
            match ready.pop_front() {
                Some(token) => ready.extend(self.turn(token)),
                None => match self.join_that_goes_on() {
                    Some(came) => ready.extend(came),
                    None => return true,
                },
            }
        }
        false
    }

    fn turn(&mut self, token: usize) -> Vec<usize> {
        let Some(&(node, _)) = self.tokens.get(&token) else { return Vec::new() };
        match self.graph.kind(node) {
            Kind::Task { .. } => Vec::new(),
            Kind::Inclusive if self.incoming(node).len() > 1 => Vec::new(),
            Kind::Parallel if self.incoming(node).len() > 1 => {
                let oldest = self.oldest(node);
                if oldest.len() < self.incoming(node).len() {
                    return Vec::new();
                }
                self.take(&oldest, node)
            }
            _ => {
                self.tokens.remove(&token);
                self.go_on(node)
            }
        }
    }

    fn take(&mut self, tokens: &BTreeMap<Flow, usize>, node: usize) -> Vec<usize> {
        for token in tokens.values() {
            self.tokens.remove(token);
        }
        self.go_on(node)
    }

    /// The oldest token of each flow into a node.
    fn oldest(&self, node: usize) -> BTreeMap<Flow, usize> {
        let mut oldest = BTreeMap::new();
        for (no, _) in self.tokens.iter().filter(|(_, (at, _))| *at == node) {
            oldest.entry(self.tokens[no].1).or_insert(*no);
        }
        oldest
    }

    /// The join that may go on and has the earliest token goes on.
    fn join_that_goes_on(&mut self) -> Option<Vec<usize>> {
        let waiting: Vec<usize> = self.tokens.values().map(|(node, _)| *node).collect();
        let join = |node: &usize| *self.graph.kind(*node) == Kind::Inclusive && self.incoming(*node).len() > 1;
        let node = waiting.into_iter().find(|node| join(node) && self.may_go_on(*node))?;
        let oldest = self.oldest(node);
        Some(self.take(&oldest, node))
    }

    /// "For every directed path formed by sequence flow that starts with a sequence flow that has a token, ends with an
    /// incoming sequence flow of the gateway that has no token, and does not visit the gateway, there is also one that starts
    /// with the same flow, ends with an incoming flow that has a token, and does not visit the gateway."
    fn may_go_on(&self, join: usize) -> bool {
        let has_token: BTreeSet<Flow> = self.oldest(join).into_keys().collect();
        self.tokens.values().filter(|(at, _)| *at != join).all(|(at, _)| {
            let ends = self.paths(*at, join);
            ends.iter().all(|flow| has_token.contains(flow)) || ends.iter().any(|flow| has_token.contains(flow))
        })
    }

    /// The last flows of all simple paths from a node into the join.
    fn paths(&self, from: usize, join: usize) -> BTreeSet<Flow> {
        fn walk(reference: &Reference<'_>, at: usize, join: usize, path: &mut Vec<usize>, ends: &mut BTreeSet<Flow>) {
            for (flow, to) in reference.outgoing(at) {
                if to == join {
                    ends.insert(flow);
                } else if to != Graph::END && !path.contains(&to) {
                    path.push(to);
                    walk(reference, to, join, path, ends);
                    path.pop();
                }
            }
        }
        let mut ends = BTreeSet::new();
        walk(self, from, join, &mut vec![from], &mut ends);
        ends
    }

    /// Flows out of a node, its boundary event's included.
    fn outgoing(&self, node: usize) -> Vec<(Flow, usize)> {
        let own = (0..).zip(self.graph.flows(node)).map(|(way, &to)| ((node, way), to));
        let boundary = self.graph.interrupted(node).map(|to| ((node, usize::MAX), to));
        own.chain(boundary).collect()
    }

    fn incoming(&self, node: usize) -> Vec<Flow> {
        let all = (0..self.graph.len()).flat_map(|from| self.outgoing(from));
        let start = (node == 0).then_some(START);
        all.filter(|(_, to)| *to == node).map(|(flow, _)| flow).chain(start).collect()
    }
}
