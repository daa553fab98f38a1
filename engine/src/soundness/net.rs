//! What the player looks up again and again, worked out once for each process: ways out of a node, what is sent and
//! awaited, what can happen by itself, who undoes what.

use std::collections::{BTreeMap, BTreeSet};

use super::reach;
use crate::definition::{FlowIx, MessageCatch, NodeIx, NodeKind, Process, ScopeIx, SendTask, Throw, Trigger};

/// Conditional flows out of one node of which every choice is played.
const CONDITIONS_MAX: usize = 8;

/// A message that is played: its place among [`Net::messages`].
pub(super) type MessageIx = usize;

/// The processes that are played together.
pub(super) struct Net<'p> {
    pub(super) parts: Vec<PartNet<'p>>,
    /// Messages that one process sends to another one of them. Every other message may come at any time.
    pub(super) messages: Vec<&'p str>,
}

/// One process.
pub(super) struct PartNet<'p> {
    pub(super) process: &'p Process,
    /// By node: sets of flows, of which one is taken.
    ways: Vec<Vec<Vec<FlowIx>>>,
    /// By node: messages that it sends when it completes.
    sends: Vec<Vec<MessageIx>>,
    /// By node: what it can be triggered by; None: what the world decides.
    takes: Vec<Vec<Option<MessageIx>>>,
    /// By node: whether it can happen without being thrown inside the process.
    spontaneous: Vec<bool>,
    /// By node: what undoes it.
    handlers: Vec<Option<NodeIx>>,
    /// By join (inclusive or complex, with several ways in): by incoming flow, the nodes from which it can be reached.
    behind: BTreeMap<NodeIx, Vec<Vec<bool>>>,
    /// Whether some node has more conditional flows than are played in every choice.
    pub(super) cut: bool,
}

impl<'p> Net<'p> {
    pub(super) fn of(processes: &[&'p Process]) -> Self {
        let messages = between(processes);
        let parts = processes.iter().map(|process| PartNet::of(process, &messages)).collect();
        Self { parts, messages }
    }
}

impl<'p> PartNet<'p> {
    fn of(process: &'p Process, messages: &[&str]) -> Self {
        let nodes = 0..process.nodes.len();
        let number = |names: Vec<&str>| names.iter().filter_map(|name| messages.iter().position(|known| known == name)).collect();
        let (ways, cuts): (Vec<_>, Vec<_>) = nodes.clone().map(|ix| ways(process, ix)).unzip();
        Self {
            process,
            ways,
            sends: nodes.clone().map(|ix| number(sent(process, ix))).collect(),
            takes: nodes.clone().map(|ix| takes(process, ix, messages)).collect(),
            spontaneous: nodes.clone().map(|ix| spontaneous(process, ix)).collect(),
            handlers: handlers(process),
            behind: nodes.filter(|&ix| looks_around(process, ix)).map(|ix| (ix, reach::behind(process, ix))).collect(),
            cut: cuts.contains(&true),
        }
    }

    pub(super) fn ways(&self, node: NodeIx) -> &[Vec<FlowIx>] {
        &self.ways[node]
    }

    pub(super) fn sends(&self, node: NodeIx) -> &[MessageIx] {
        &self.sends[node]
    }

    pub(super) fn takes(&self, node: NodeIx) -> &[Option<MessageIx>] {
        &self.takes[node]
    }

    pub(super) fn is_spontaneous(&self, node: NodeIx) -> bool {
        self.spontaneous[node]
    }

    /// The activity or compensation event sub-process that undoes a node, if something ever asks for it.
    pub(super) fn handler(&self, node: NodeIx) -> Option<NodeIx> {
        self.handlers[node]
    }

    /// By incoming flow of a join: the nodes from which it can be reached without passing the join.
    pub(super) fn behind(&self, join: NodeIx) -> &[Vec<bool>] {
        self.behind.get(&join).map_or(&[], Vec::as_slice)
    }

    /// Whether `scope` is `around` or somewhere inside it.
    pub(super) fn is_within(&self, scope: ScopeIx, around: ScopeIx) -> bool {
        is_within(self.process, scope, around)
    }
}

fn is_within(process: &Process, scope: ScopeIx, around: ScopeIx) -> bool {
    let mut at = Some(scope);
    while let Some(ix) = at {
        if ix == around {
            return true;
        }
        at = process.scopes[ix].parent;
    }
    false
}

fn looks_around(process: &Process, ix: NodeIx) -> bool {
    let node = &process.nodes[ix];
    matches!(node.kind, NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_)) && node.incoming.len() > 1
}

/// Names that one of several processes sends and another one catches.
fn between<'p>(processes: &[&'p Process]) -> Vec<&'p str> {
    let mut names = BTreeSet::new();
    for (sender, process) in processes.iter().enumerate() {
        let mine = (0..process.nodes.len()).flat_map(|ix| sent(process, ix));
        let others = processes.iter().enumerate().filter(|(ix, _)| *ix != sender);
        let caught: BTreeSet<&str> = others.flat_map(|(_, other)| (0..other.nodes.len()).flat_map(|ix| caught(other, ix))).collect();
        names.extend(mine.filter(|name| caught.contains(name)));
    }
    names.into_iter().collect()
}

/// Names of the messages that a node sends.
fn sent(process: &Process, ix: NodeIx) -> Vec<&str> {
    fn thrown<'a>(throw: &'a Throw, names: &mut Vec<&'a str>) {
        match throw {
            Throw::Message(name, _) => names.push(&name.text),
            Throw::All(several) => several.iter().for_each(|one| thrown(one, names)),
            _ => {}
        }
    }
    let node = &process.nodes[ix];
    let mut names: Vec<&str> = node.sends.iter().map(|name| name.text.as_str()).collect();
    match &node.kind {
        NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => thrown(throw, &mut names),
        NodeKind::SendTask(send) => names.extend(message_of(send)),
        _ => {}
    }
    names
}

fn message_of(send: &SendTask) -> Option<&str> {
    send.message.as_ref().map(|name| name.text.as_str())
}

/// The trigger that a node waits for; an event sub-process's start event waits through its event sub-process.
fn awaited(process: &Process, ix: NodeIx) -> (Option<&Trigger>, Option<&MessageCatch>) {
    let node = &process.nodes[ix];
    match &node.kind {
        NodeKind::ReceiveTask(catch) => (None, Some(catch)),
        _ if node.kind.inside().is_none() && node.awaits.is_some() => (None, node.awaits.as_ref()),
        _ => (node.kind.trigger(), None),
    }
}

fn caught(process: &Process, ix: NodeIx) -> Vec<&str> {
    fn names<'a>(trigger: &'a Trigger, found: &mut Vec<&'a str>) {
        match trigger {
            Trigger::Message(catch) => found.push(&catch.message),
            Trigger::Any(several) | Trigger::All(several) => several.iter().for_each(|one| names(one, found)),
            _ => {}
        }
    }
    let (trigger, catch) = awaited(process, ix);
    let mut found = Vec::new();
    trigger.into_iter().for_each(|trigger| names(trigger, &mut found));
    found.extend(catch.map(|catch| catch.message.as_str()));
    found
}

/// What can trigger a node. Of several that are all needed, one message that is played is enough to wait for.
fn takes(process: &Process, ix: NodeIx, messages: &[&str]) -> Vec<Option<MessageIx>> {
    fn of(trigger: &Trigger, number: &impl Fn(&str) -> Option<MessageIx>) -> Vec<Option<MessageIx>> {
        match trigger {
            Trigger::Message(catch) => vec![number(&catch.message)],
            Trigger::Any(several) => several.iter().flat_map(|one| of(one, number)).collect(),
            Trigger::All(several) => vec![several.iter().flat_map(|one| of(one, number)).find(Option::is_some).flatten()],
            _ => vec![None],
        }
    }
    let number = |name: &str| messages.iter().position(|known| *known == name);
    let (trigger, catch) = awaited(process, ix);
    let mut found: Vec<Option<MessageIx>> = trigger.map(|trigger| of(trigger, &number)).unwrap_or_default();
    found.extend(catch.map(|catch| number(&catch.message)));
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { vec![None] } else { found }
}

/// Whether a boundary event or an event sub-process can happen by itself. Errors and escalations that something inside
/// throws come from there only; others may come out of any task or called case.
fn spontaneous(process: &Process, ix: NodeIx) -> bool {
    let node = &process.nodes[ix];
    match &node.kind {
        NodeKind::BoundaryEvent(event) => by_itself(process, &event.trigger, process.nodes[event.attached_to].kind.inside()),
        NodeKind::EventSubProcess(event) => by_itself(process, &event.trigger, Some(node.scope)),
        _ => false,
    }
}

fn by_itself(process: &Process, trigger: &Trigger, around: Option<ScopeIx>) -> bool {
    match trigger {
        Trigger::Compensation | Trigger::Cancel | Trigger::Link(_) => false,
        Trigger::Error(_) | Trigger::Escalation(_) => {
            let inside = |ix: &usize| around.is_some_and(|around| is_within(process, process.nodes[*ix].scope, around));
            let throws = |ix: usize| match &process.nodes[ix].kind {
                NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => fits(throw, trigger),
                _ => false,
            };
            !(0..process.nodes.len()).filter(inside).any(throws)
        }
        Trigger::Any(several) => several.iter().any(|one| by_itself(process, one, around)),
        _ => true,
    }
}

/// Whether a throw can be caught by a trigger.
fn fits(throw: &Throw, trigger: &Trigger) -> bool {
    match (throw, trigger) {
        (Throw::Error(code), Trigger::Error(caught)) | (Throw::Escalation(code), Trigger::Escalation(caught)) => {
            caught.as_ref().is_none_or(|caught| caught == code)
        }
        (Throw::All(several), _) => several.iter().any(|one| fits(one, trigger)),
        _ => false,
    }
}

/// What undoes each node: the activity behind its compensation boundary event, or the compensation event sub-process in
/// it. Nothing, if nothing in the process ever asks to undo.
fn handlers(process: &Process) -> Vec<Option<NodeIx>> {
    let asks = |throw: &Throw| matches!(throw, Throw::Compensate(_) | Throw::Cancel);
    let undoes = process.nodes.iter().any(|node| match &node.kind {
        NodeKind::EndEvent(Throw::All(several)) | NodeKind::ThrowEvent(Throw::All(several)) => several.iter().any(asks),
        NodeKind::EndEvent(throw) | NodeKind::ThrowEvent(throw) => asks(throw),
        _ => false,
    });
    let compensates = |ix: &&NodeIx| matches!(process.nodes[**ix].kind.trigger(), Some(Trigger::Compensation));
    let handler = |ix: NodeIx| {
        let node = &process.nodes[ix];
        if let Some(&event) = node.boundary.iter().find(compensates) {
            return process.nodes[event].outgoing.first().map(|&flow| process.flows[flow].to);
        }
        process.scopes[node.kind.inside()?].event_sub_processes.iter().find(compensates).copied()
    };
    (0..process.nodes.len()).map(|ix| undoes.then(|| handler(ix)).flatten()).collect()
}

/// The sets of flows of which one is taken when a node is left, whatever data say; and whether there are more of them.
fn ways(process: &Process, ix: NodeIx) -> (Vec<Vec<FlowIx>>, bool) {
    let node = &process.nodes[ix];
    let flow = |flow: &FlowIx| &process.flows[*flow];
    let one_each = || node.outgoing.iter().map(|&flow| vec![flow]).collect::<Vec<_>>();
    let by_action = node.outgoing.first().is_some_and(|first| flow(first).action.is_some());
    if node.outgoing.is_empty() {
        return (vec![Vec::new()], false);
    }
    if matches!(node.kind, NodeKind::ExclusiveGateway | NodeKind::EventBasedGateway(_)) || by_action {
        return (one_each(), false);
    }
    if matches!(node.kind, NodeKind::ParallelGateway) {
        return (vec![node.outgoing.clone()], false);
    }
    let (default, others): (Vec<FlowIx>, Vec<FlowIx>) = node.outgoing.iter().partition(|ix| flow(ix).is_default);
    let (conditional, mut always): (Vec<FlowIx>, Vec<FlowIx>) = others.into_iter().partition(|ix| flow(ix).condition.is_some());
    let chooses = matches!(node.kind, NodeKind::InclusiveGateway | NodeKind::ComplexGateway(_));
    let conditional = if chooses && conditional.is_empty() && node.outgoing.len() > 1 { std::mem::take(&mut always) } else { conditional };
    let cut = conditional.len() > CONDITIONS_MAX;
    let with = |chosen: &[FlowIx]| always.iter().chain(chosen).copied().collect::<Vec<_>>();
    let mut ways: Vec<Vec<FlowIx>> = chosen_of(&conditional).iter().map(|chosen| with(chosen)).collect();
    let otherwise = with(default.get(..1).unwrap_or_default());
    if !otherwise.is_empty() {
        ways.push(otherwise);
    }
    (ways, cut)
}

/// Every choice of at least one; of too many, each one alone and all together.
pub(super) fn chosen_of(flows: &[FlowIx]) -> Vec<Vec<FlowIx>> {
    if flows.len() > CONDITIONS_MAX {
        return flows.iter().map(|&flow| vec![flow]).chain([flows.to_vec()]).collect();
    }
    let chosen = |bits: usize| flows.iter().enumerate().filter(move |(ix, _)| bits >> ix & 1 == 1).map(|(_, &flow)| flow).collect();
    (1..1_usize << flows.len()).map(chosen).collect()
}
