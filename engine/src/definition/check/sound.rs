//! Whether every case can end, ends once, and uses all that is written: what [`crate::soundness`] found, as findings.

use std::collections::BTreeSet;

use super::reach;
use crate::{
    definition::{NodeIx, NodeKind, Process, context::Context},
    diagnostic::{Finding, Severity},
    soundness::{Report, Violation, Witness, verdict},
    text::Text,
};

/// Nodes of a way that are told at its beginning and at its end; what lies between is left out.
const TOLD_EACH_SIDE: usize = 20;

/// Reports what [`verdict`] finds, except what [`reach`] has told already.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let report = verdict(&[process]);
    let told = cx.findings.iter().any(|finding| finding.code == "F005");
    let stuck: Vec<NodeIx> = report.witnesses.iter().filter(|witness| is_stuck(witness)).map(|witness| witness.at.node).collect();
    let behind = behind(process, &stuck);
    let reached = reach::reached(process);
    for witness in &report.witnesses {
        let skipped = match witness.violation {
            Violation::Livelock => told,
            // What follows from a standstill, or from another dead element, needs no finding of its own.
            Violation::Dead => {
                told || behind.contains(&witness.at.node)
                    || !reached.contains(&witness.at.node)
                    || follows(process, &report, witness.at.node)
            }
            _ => false,
        };
        if !skipped {
            cx.findings.push(finding(process, witness));
        }
    }
    if !report.complete {
        cx.findings.push(not_decided(process, &report));
    }
}

/// What is told of models that are looked at by themselves, together: warnings, since nothing is deployed of them.
pub fn soundness_findings(processes: &[&Process], report: &Report) -> Vec<Finding> {
    let told = report.witnesses.iter().filter_map(|witness| Some(finding(processes.get(witness.at.process)?, witness)));
    let undecided = processes.first().filter(|_| !report.complete).map(|process| not_decided(process, report));
    told.chain(undecided).map(|finding| Finding { severity: finding.severity.max(Severity::Warning), ..finding }).collect()
}

fn is_stuck(witness: &Witness) -> bool {
    matches!(witness.violation, Violation::Deadlock | Violation::Livelock)
}

/// The nodes `from` and all that flows lead to from there.
fn behind(process: &Process, from: &[NodeIx]) -> BTreeSet<NodeIx> {
    let mut found = BTreeSet::new();
    let mut ahead = from.to_vec();
    while let Some(ix) = ahead.pop() {
        if found.insert(ix) {
            let node = &process.nodes[ix];
            ahead.extend(node.outgoing.iter().map(|&flow| process.flows[flow].to));
            ahead.extend(&node.boundary);
            ahead.extend((0..process.nodes.len()).filter(|&inner| process.scopes[process.nodes[inner].scope].node == Some(ix)));
            ahead.extend(process.scopes[node.scope].node);
        }
    }
    found
}

/// Whether a dead node is so because what leads to it is dead.
fn follows(process: &Process, report: &Report, ix: NodeIx) -> bool {
    let node = &process.nodes[ix];
    let dead = |ix: NodeIx| report.witnesses.iter().any(|witness| witness.violation == Violation::Dead && witness.at.node == ix);
    let attached = match &node.kind {
        NodeKind::BoundaryEvent(event) => dead(event.attached_to),
        _ => false,
    };
    let froms: Vec<NodeIx> = node.incoming.iter().map(|&flow| process.flows[flow].from).collect();
    attached || process.scopes[node.scope].node.is_some_and(dead) || froms.iter().any(|&from| dead(from))
}

fn finding(process: &Process, witness: &Witness) -> Finding {
    let (id, place, way) = (&witness.at.id, witness.at.place.clone(), way(witness));
    let node = &process.nodes[witness.at.node];
    let finding = match witness.violation {
        Violation::Deadlock if matches!(node.kind, NodeKind::ParallelGateway) => Finding::error(
            "F040",
            place,
            Text::new(format!("并行汇合“{id}”可能永远等不齐：{way}"), format!("the parallel join `{id}` may wait for ever: {way}")),
        )
        .help(Text::new(
            "排他分支之后用 exclusiveGateway 汇合，或用带 do 的分支块",
            "join what an exclusive choice has split with an exclusiveGateway, or use branches with `do`",
        )),
        Violation::Deadlock => Finding::error(
            "F040",
            place,
            Text::new(format!("办件可能停在“{id}”再也不动：{way}"), format!("a case may stand still at `{id}` for ever: {way}")),
        ),
        Violation::Livelock => Finding::error(
            "F043",
            place,
            Text::new(
                format!("办件可能一直转下去，到不了结束：{way}"),
                format!("a case may go round for ever without reaching an end: {way}"),
            ),
        )
        .help(Text::new("给循环留一条通向结束的路", "leave the loop a way to an end")),
        Violation::Unsafe => Finding::warning(
            "F041",
            place,
            Text::new(
                format!("“{id}”可能被同时进入两次，同一环节会办两遍：{way}"),
                format!("`{id}` may be entered twice at once: what follows would be done twice: {way}"),
            ),
        )
        .help(Text::new("并行分支须先用 parallelGateway 汇合", "join parallel branches with a parallelGateway first")),
        Violation::EndsTwice => Finding::error(
            "F044",
            place,
            Text::new(format!("一个办件可能两次到达结束“{id}”：{way}"), format!("one case may reach the end `{id}` twice: {way}")),
        )
        .help(Text::new("并行分支须先汇合，或各有各的结束", "join parallel branches first, or give each an end of its own")),
        Violation::Dead => Finding::warning(
            "F045",
            place,
            Text::new(
                format!("“{id}”永远不会发生：没有一种走法能到达它"),
                format!("`{id}` can never happen: no course of a case gets there"),
            ),
        ),
    };
    finding.about(id.clone())
}

/// The way to it, as ids with their lines.
fn way(witness: &Witness) -> String {
    let told: Vec<String> = witness.way.iter().map(|passed| format!("{}:{}", passed.id, passed.place.span.line)).collect();
    if told.len() <= 2 * TOLD_EACH_SIDE {
        return told.join(" → ");
    }
    let (first, last) = (&told[..TOLD_EACH_SIDE], &told[told.len() - TOLD_EACH_SIDE..]);
    format!("{} → … → {}", first.join(" → "), last.join(" → "))
}

/// What could not be looked at to the end must not pass for sound.
fn not_decided(process: &Process, report: &Report) -> Finding {
    let states = report.states;
    let checked = |decided: Option<bool>| decided.is_some();
    let verdict = report.verdict;
    let open: Vec<(&str, &str)> = [
        (verdict.option_to_complete, ("能否办结", "whether every case can end")),
        (verdict.proper_completion, ("会否结束两次", "whether one ends twice")),
        (verdict.safe, ("会否同时办两遍", "whether anything is done twice at once")),
        (verdict.no_dead_activities, ("有无不会发生的环节", "whether every element can happen")),
    ]
    .into_iter()
    .filter(|(decided, _)| !checked(*decided))
    .map(|(_, words)| words)
    .collect();
    let (zh, en): (Vec<&str>, Vec<&str>) = open.into_iter().unzip();
    let message = Text::new(
        format!("状态过多，只检查了最先的 {states} 种，其中未见问题；未能断定：{}", zh.join("、")),
        format!(
            "too many states: the first {states} were looked at, and what is not told here is sound in them; not decided: {}",
            en.join(", ")
        ),
    );
    Finding::warning("F042", process.place.clone(), message)
}
