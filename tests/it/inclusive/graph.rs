//! Random graphs of tasks and gateways, and the same as a process of the dialect.

use std::fmt::Write;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A task; a boundary event of it leads to that node.
    Task {
        interrupted: Option<usize>,
    },
    Exclusive,
    Inclusive,
    Parallel,
}

/// A graph whose node 0 is where the process begins.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<(Kind, Vec<usize>)>,
    /// Which of its flows each gateway takes.
    chosen: Vec<Vec<usize>>,
}

/// Reads numbers out of bytes; zeros after their end.
struct Bytes<'b>(std::slice::Iter<'b, u8>);

impl Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        self.0.next().map_or(0, |&byte| byte as usize % limit.max(1))
    }
}

impl Graph {
    /// The target that is the end event.
    pub(super) const END: usize = usize::MAX;

    /// A graph made of entropy: node 0 splits to every node that nothing else leads to.
    pub(super) fn of(entropy: &[u8]) -> Self {
        let mut bytes = Bytes(entropy.iter());
        let count = 4 + bytes.below(6);
        let mut nodes = vec![(Kind::Parallel, Vec::new())];
        for _ in 1..count {
            let target = |bytes: &mut Bytes<'_>| match bytes.below(count + 1) {
                0 => Self::END,
                at if at == count => Self::END,
                at => at,
            };
            let kind = match bytes.below(8) {
                0..=2 => Kind::Task { interrupted: (bytes.below(3) == 0).then(|| target(&mut bytes)) },
                3 => Kind::Exclusive,
                4 => Kind::Parallel,
                _ => Kind::Inclusive,
            };
            let ways = if matches!(kind, Kind::Task { .. }) { 1 } else { 1 + bytes.below(3) };
            let mut to: Vec<usize> = (0..ways).map(|_| target(&mut bytes)).collect();
            to.dedup();
            nodes.push((kind, to));
        }
        let led_to = |node: usize, nodes: &[(Kind, Vec<usize>)]| {
            nodes.iter().any(|(kind, to)| to.contains(&node) || matches!(kind, Kind::Task { interrupted: Some(at) } if *at == node))
        };
        let first: Vec<usize> = (1..count).filter(|&node| !led_to(node, &nodes) || bytes.below(4) == 0).collect();
        nodes[0].1 = if first.is_empty() { vec![1] } else { first };
        let mut graph = Self::from_nodes(nodes);
        for node in 1..count {
            let ways = graph.nodes[node].1.len();
            graph.chosen[node] = match graph.nodes[node].0 {
                Kind::Exclusive => vec![bytes.below(ways)],
                Kind::Inclusive => {
                    let taken: Vec<usize> = (0..ways).filter(|_| bytes.below(3) > 0).collect();
                    if taken.is_empty() { vec![0] } else { taken }
                }
                _ => (0..ways).collect(),
            };
        }
        graph
    }

    /// A graph whose gateways take all their flows, exclusive ones their first.
    pub(super) fn from_nodes(nodes: Vec<(Kind, Vec<usize>)>) -> Self {
        let chosen = nodes.iter().map(|(kind, to)| if *kind == Kind::Exclusive { vec![0] } else { (0..to.len()).collect() }).collect();
        Self { nodes, chosen }
    }

    pub(super) fn kind(&self, node: usize) -> &Kind {
        &self.nodes[node].0
    }

    /// Where the flows out of a node lead, in order; flow `w` of node `n` is (n, w).
    pub(super) fn flows(&self, node: usize) -> &[usize] {
        &self.nodes[node].1
    }

    /// The flows that it takes.
    pub(super) fn chosen(&self, node: usize) -> &[usize] {
        &self.chosen[node]
    }

    /// Where the boundary event of a task leads.
    pub(super) fn interrupted(&self, node: usize) -> Option<usize> {
        match self.nodes[node].0 {
            Kind::Task { interrupted } => interrupted,
            _ => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What exclusive and inclusive gateways choose: gateway and ids of flows.
    pub(super) fn choices(&self) -> Vec<(String, Vec<String>)> {
        let chooses = |node: &usize| matches!(self.nodes[*node].0, Kind::Exclusive | Kind::Inclusive);
        (0..self.len())
            .filter(chooses)
            .map(|node| (format!("n{node}"), self.chosen[node].iter().map(|way| format!("f{node}_{way}")).collect()))
            .collect()
    }

    /// The graph in the dialect.
    pub(super) fn model(&self) -> String {
        let mut text = "process: p\nflow:\n  - {startEvent: s, flows: [{to: n0}]}\n".to_owned();
        for (node, (kind, to)) in self.nodes.iter().enumerate() {
            let (word, ways) = match kind {
                Kind::Task { .. } => ("userTask", "flows"),
                Kind::Exclusive => ("exclusiveGateway", "branches"),
                Kind::Inclusive => ("inclusiveGateway", "branches"),
                Kind::Parallel => ("parallelGateway", "branches"),
            };
            let flows: Vec<String> = (0..).zip(to).map(|(way, &to)| format!("{{to: {}, id: f{node}_{way}}}", name(to))).collect();
            let _ = write!(text, "  - {word}: n{node}\n    {ways}: [{}]\n", flows.join(", "));
            if let Kind::Task { interrupted: Some(to) } = kind {
                let _ = writeln!(text, "    boundary: [{{boundaryEvent: b{node}, message: stop, flows: [{{to: {}}}]}}]", name(*to));
            }
        }
        text + "  - endEvent: e\n"
    }
}

fn name(node: usize) -> String {
    if node == Graph::END { "e".to_owned() } else { format!("n{node}") }
}
