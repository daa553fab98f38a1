//! Columns: cycles broken where a depth-first walk meets its own path, then each item as far right as its longest path.

use super::graph::{Edge, Item};

/// Column of each of `count` items.
pub(super) fn layers(count: usize, edges: &[Edge]) -> Vec<usize> {
    let successors = acyclic(count, edges);
    let mut incoming = vec![0_usize; count];
    successors.iter().flatten().for_each(|&to| incoming[to] += 1);
    let mut ready: Vec<Item> = (0..count).filter(|&item| incoming[item] == 0).collect();
    let mut layer = vec![0; count];
    while let Some(item) = ready.pop() {
        for &to in &successors[item] {
            layer[to] = layer[to].max(layer[item] + 1);
            incoming[to] -= 1;
            if incoming[to] == 0 {
                ready.push(to);
            }
        }
    }
    layer
}

/// Successors of each item without the edges that lead back, nor those from an item to itself.
fn acyclic(count: usize, edges: &[Edge]) -> Vec<Vec<Item>> {
    let mut successors = vec![Vec::new(); count];
    for edge in edges.iter().filter(|edge| edge.from != edge.to) {
        if !successors[edge.from].contains(&edge.to) {
            successors[edge.from].push(edge.to);
        }
    }
    let mut forward = vec![Vec::new(); count];
    let mut state = vec![State::New; count];
    for root in 0..count {
        // An explicit stack: a hostile definition must not exhaust the machine's.
        let mut stack = vec![(root, 0)];
        if state[root] != State::New {
            continue;
        }
        state[root] = State::OnPath;
        while let Some((item, next)) = stack.pop() {
            let Some(&to) = successors[item].get(next) else {
                state[item] = State::Left;
                continue;
            };
            stack.push((item, next + 1));
            if state[to] != State::OnPath {
                forward[item].push(to);
            }
            if state[to] == State::New {
                state[to] = State::OnPath;
                stack.push((to, 0));
            }
        }
    }
    forward
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Left,
}
