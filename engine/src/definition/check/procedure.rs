//! What the Administrative Licensing Law asks of a licence's procedure, as far as it can be seen in what is declared.
//!
//! | code | about |
//! |---|---|
//! | `L008` | a grant that is not delivered, or not within ten working days (art. 38 to 40, 44) |
//! | `L009` | a correction that another unit than the handling one asks for (art. 35) |
//! | `L010` | a hearing that somebody who examined the case could chair (art. 48) |
//! | `L011` | a field check that one person alone could do (art. 34) |

use std::collections::BTreeSet;

use super::{law, time};
use crate::{
    calendar::{Duration, DurationUnit},
    definition::{
        MultiInstance, Node, NodeIx, NodeKind, PortalStatus, Procedure, Process, ProcessKind, TimerTrigger, Trigger, UserTask,
        context::Context,
    },
    diagnostic::Finding,
    rules::Expression,
    text::Text,
};

/// Within how many working days a decision to grant is delivered.
const DELIVERY_DAYS: i64 = 10;

/// So many calendar days are more than ten working days, whatever holidays fall into them.
const DELIVERY_CALENDAR_DAYS: i64 = 24;

/// Adds the findings.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    if process.kind != ProcessKind::Licence {
        return;
    }
    for (ix, node) in process.nodes.iter().enumerate() {
        match &node.kind {
            NodeKind::SendTask(send) if send.portal == Some(PortalStatus::Granted) => {
                if send.document.is_none() {
                    cx.findings.push(not_delivered(node));
                }
                cx.findings.extend(waits_before(process, ix).map(|wait| delivered_late(node, wait)));
            }
            NodeKind::SendTask(send) if send.portal == Some(PortalStatus::Correction) => {
                cx.findings.extend(asked_by_another(process, ix));
            }
            NodeKind::UserTask(task) => match task.procedure {
                Some(Procedure::Hearing) => cx.findings.extend(chaired_by_examiner(process, ix, task)),
                Some(Procedure::Inspection) if !by_two(cx, node, task) => cx.findings.push(by_one(node)),
                _ => {}
            },
            _ => {}
        }
    }
}

fn not_delivered(node: &Node) -> Finding {
    let message = Text::new("“准予许可”没有书面决定可以送达", "`granted` comes without a document: nothing is delivered");
    let help = Text::new(
        "加上 document: {template: …}，十个工作日内送达许可证件",
        "add `document: {template: …}`: the permit is delivered within ten working days",
    );
    Finding::error("L008", node.place.clone(), message).about(node.id.clone()).help(help)
}

fn delivered_late(node: &Node, wait: Duration) -> Finding {
    let message = Text::new(
        format!("决定之后要等 {wait} 才送达，超过十个工作日"),
        format!("between the decision and its delivery stand {wait}, more than ten working days"),
    );
    let help = Text::new("先送达，再等待", "deliver first, then wait");
    Finding::error("L008", node.place.clone(), message).about(node.id.clone()).help(help)
}

/// Timers that are waited for between the last decision of a person and a node, and that are surely too long.
fn waits_before(process: &Process, ix: NodeIx) -> impl Iterator<Item = Duration> {
    let mut seen = BTreeSet::from([ix]);
    let mut behind = vec![ix];
    let mut found = Vec::new();
    while let Some(ix) = behind.pop() {
        for flow in process.nodes[ix].incoming.iter().map(|&flow| &process.flows[flow]) {
            if flow.action.is_none() && seen.insert(flow.from) {
                behind.push(flow.from);
                if let NodeKind::CatchEvent(Trigger::Timer(TimerTrigger::After(wait))) = &process.nodes[flow.from].kind {
                    found.push(*wait);
                }
            }
        }
    }
    found.into_iter().filter(|wait| match wait.unit {
        DurationUnit::WorkingDays => wait.amount > DELIVERY_DAYS,
        DurationUnit::Days => wait.amount > DELIVERY_CALENDAR_DAYS,
        DurationUnit::WorkingHours | DurationUnit::Milliseconds => false,
    })
}

/// What was handed in goes up with the case: who decides further up asks the applicant for nothing that is in the file.
fn asked_by_another(process: &Process, ix: NodeIx) -> Vec<Finding> {
    let asks = |flow: usize| {
        let flow = &process.flows[flow];
        let node = &process.nodes[flow.from];
        let NodeKind::UserTask(task) = &node.kind else { return None };
        let unit = unit_of(process, task)?;
        let place = flow.action.as_ref().and_then(|id| task.actions.get(id)).map_or(&node.place, |action| &action.place);
        let message = Text::new(
            format!("“{}”由“{unit}”办理，却向申请人要求补正", node.id),
            format!("`{}` is done at `{unit}`, and asks the applicant for a correction", node.id),
        );
        let help = Text::new(
            "上级机关不得要求申请人重复提供材料：退回受理机关，或只要案卷里没有的",
            "an authority further up asks for nothing twice: return it to the handling unit, or ask only for what the file lacks",
        );
        Some(Finding::warning("L009", place.clone(), message).about(node.id.clone()).help(help))
    };
    law::origins(process, ix).actions.into_iter().filter_map(asks).collect()
}

/// The unit of a task as it is written; None: the case's own.
fn unit_of<'p>(process: &'p Process, task: &'p UserTask) -> Option<&'p str> {
    let lane = || process.lanes.get(task.lane.as_deref()?)?.unit.as_ref();
    let unit: Option<&Expression> = task.assign.as_ref().map_or_else(lane, |assign| assign.unit.as_ref());
    unit.map(|unit| unit.text.as_str()).filter(|unit| *unit != "meta.unit")
}

/// Whoever examined the application at the same unit must not chair the hearing on it.
fn chaired_by_examiner(process: &Process, hearing: NodeIx, task: &UserTask) -> Option<Finding> {
    let node = &process.nodes[hearing];
    let examiner = |(ix, other): (usize, &Node)| match &other.kind {
        NodeKind::UserTask(examines) => {
            ix != hearing
                && unit_of(process, examines) == unit_of(process, task)
                && !task.separate_from.contains(&other.id)
                && comes_to(process, ix, hearing)
        }
        _ => false,
    };
    let examiners: Vec<&str> =
        process.nodes.iter().enumerate().filter(|&(ix, other)| examiner((ix, other))).map(|(_, other)| other.id.as_str()).collect();
    if examiners.is_empty() {
        return None;
    }
    let (zh, en) = (examiners.join("、"), examiners.join(", "));
    let message = Text::new(
        format!("听证“{}”可能由办理过 {zh} 的人主持", node.id),
        format!("the hearing `{}` could be chaired by whoever did {en}", node.id),
    );
    let help = Text::new(format!("在 separateFrom 中加上 {zh}"), format!("add {en} to `separateFrom`"));
    Some(Finding::error("L010", node.place.clone(), message).about(node.id.clone()).help(help))
}

/// Whether a way leads from one node to another.
fn comes_to(process: &Process, from: NodeIx, to: NodeIx) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut ahead = vec![from];
    while let Some(ix) = ahead.pop() {
        let next = time::onwards(process, ix).into_iter().chain(process.nodes[ix].boundary.iter().copied());
        ahead.extend(next.filter(|&next| seen.insert(next)).collect::<Vec<_>>());
    }
    from != to && seen.contains(&to)
}

/// Whether a task surely takes two people: several instances, none of which may be done by who did another.
fn by_two(cx: &Context<'_>, node: &Node, task: &UserTask) -> bool {
    let several = node.multi_instance.as_ref().is_some_and(|multi| at_least_two(cx, multi));
    several && task.separate_from.contains(&node.id)
}

/// A number of instances that is written down, or a list of which the field standard says that it has two members.
fn at_least_two(cx: &Context<'_>, multi: &MultiInstance) -> bool {
    let counted = multi.count.as_ref().and_then(|count| count.text.trim().parse::<u32>().ok());
    let listed = || {
        let list = multi.collection.as_ref()?.text.trim();
        cx.around.standard.fields.get(list)?.min.as_ref()?.as_u64()
    };
    counted.map(u64::from).or_else(listed).is_some_and(|least| least >= 2)
}

fn by_one(node: &Node) -> Finding {
    let message = Text::new(
        format!("实地核查“{}”须由两名以上工作人员进行，这里一个人就能完成", node.id),
        format!("the field check `{}` takes two officials at least, but here one could do it alone", node.id),
    );
    let help = Text::new(
        "写 multiInstance: {count: 2}，并在 separateFrom 中写上它自己",
        "say `multiInstance: {count: 2}`, and name the task itself in `separateFrom`",
    );
    Finding::error("L011", node.place.clone(), message).about(node.id.clone()).help(help)
}
