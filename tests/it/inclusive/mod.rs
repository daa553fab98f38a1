//! Inclusive joins on random graphs: the interpreter against a slow reference that enumerates paths as BPMN 2.0 §13.4.3 words it.
//!
//! Graphs have tasks (some with a boundary event that interrupts), exclusive, inclusive and parallel gateways, and flows
//! that lead anywhere, backwards too. After every step both must hold the same open tasks.

mod graph;
mod reference;

use graph::{Graph, Kind};
use proptest::prelude::*;
use reference::Reference;
use tongban_engine::{
    definition::{Automatic, load_experiment},
    source::Source,
    time::Moment,
    world::{Answer, Step, World},
};

/// How many steps each story takes at most.
const STEPS: usize = 12;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joins_wait_exactly_as_long_as_the_standard_says(entropy in proptest::collection::vec(any::<u8>(), 80), steps in proptest::collection::vec(any::<u8>(), STEPS)) {
        let graph = Graph::of(&entropy);
        compare(&graph, &steps).map_err(|wrong| TestCaseError::fail(format!("{wrong}\n{}", graph.model())))?;
    }
}

/// A join that another join waits for, in a circle: both have one token, and each could still get one from the other. The
/// text lets neither go on; so does the interpreter.
#[test]
fn joins_that_wait_for_each_other_both_wait() {
    let flow = |to| vec![to];
    let kinds = [
        (Kind::Parallel, vec![1, 2]),
        (Kind::Task { interrupted: None }, flow(3)),
        (Kind::Task { interrupted: None }, flow(4)),
        (Kind::Inclusive, flow(5)),
        (Kind::Inclusive, flow(6)),
        (Kind::Exclusive, vec![4, Graph::END]),
        (Kind::Exclusive, vec![3, Graph::END]),
    ];
    let graph = Graph::from_nodes(kinds.to_vec());
    assert_eq!(compare(&graph, &[0, 0, 0, 0]), Ok(()));
}

/// Plays the same steps on both; says where they differ.
fn compare(graph: &Graph, steps: &[u8]) -> Result<(), String> {
    let source = Source { name: "graph.yaml".into(), text: graph.model().into() };
    let definitions = load_experiment(&[source], &Automatic::Nothing).map_err(|findings| format!("{findings:?}"))?;
    let mut world = World::new(definitions, Moment(0));
    for (gateway, flows) in graph.choices() {
        world.step(&Step::Choose { gateway, flows });
    }
    let mut reference = Reference::new(graph);
    let started = world.step(&Step::Start { process: "p".to_owned(), event: None, data: Default::default() });
    if !reference.start() || !started.ok {
        // One that loops without rest is refused; a reference that counts turns alike says the same, or nearly.
        return Ok(());
    }
    same(&started, &reference, "start")?;
    for &step in steps {
        let open = reference.open();
        let Some(&node) = open.get(step as usize % open.len().max(1)) else { break };
        let interrupts = step >= 128 && graph.interrupted(node).is_some();
        let told = match interrupts {
            true => Step::Trigger { node: format!("b{node}") },
            false => serde_json::from_value(serde_json::json!({ "do": "complete", "task": format!("n{node}") }))
                .map_err(|error| error.to_string())?,
        };
        let answer = world.step(&told);
        if !reference.leave(node, interrupts) || !answer.ok {
            return Ok(());
        }
        same(&answer, &reference, &format!("{told:?}"))?;
    }
    Ok(())
}

fn same(answer: &Answer, reference: &Reference<'_>, after: &str) -> Result<(), String> {
    let mut open: Vec<String> = answer.cases.iter().flat_map(|case| case.open.iter().map(|open| open.task.clone())).collect();
    let mut told: Vec<String> = reference.open().iter().map(|node| format!("n{node}")).collect();
    open.sort();
    told.sort();
    let ended = answer.cases.iter().all(|case| case.state == "ended");
    if open == told && ended == reference.ended() {
        return Ok(());
    }
    Err(format!("after {after}: the interpreter has {open:?}, ended {ended}; the reference {told:?}, ended {}", reference.ended()))
}
