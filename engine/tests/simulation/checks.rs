//! What must hold: after each commit, with each answer, and in the end.

use std::collections::{BTreeMap, BTreeSet};

use tongban_engine::{
    definition::{NodeKind, Process},
    interpreter::{Ask, CallOutcome, Case, CaseStatus, Event, LocalNo, apply, effect, invariant},
};

use super::{
    disk::{Answer, Row, effects_of, fresh},
    flows::{Course, enough_is_done, none_waits_in_vain},
    town::{Checked, Town},
};

/// A case as its journal makes it.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    pub(crate) case: Case,
}

/// A case changed: its journal goes on without a gap, makes the state that is stored, has asked for what the outbox holds,
/// waits for the timers in the table, and is in order.
pub(crate) fn changed(town: &mut Town, id: &str) -> Checked {
    let mut case = town.folded.get(id).map_or_else(|| fresh(id), |folded| folded.case.clone());
    let from = case.seq + 1;
    let rows: Vec<&Row> = town.disk.journal.range((id.to_owned(), from)..=(id.to_owned(), u64::MAX)).map(|(_, row)| row).collect();
    if rows.is_empty() {
        return Err(format!("{id} changed, but its journal did not go on from {}", case.seq));
    }
    let told = |what: String| format!("{what}, after {}", rows.iter().map(|row| row.request.as_str()).collect::<Vec<_>>().join("; "));
    for (row, seq) in rows.iter().zip(from..) {
        if row.answer.seq != seq || town.disk.keys.get(&(id.to_owned(), row.key.clone())) != Some(&seq) {
            return Err(told(format!("row {} of {id}, expected {seq}, is not what its key {} names", row.answer.seq, row.key)));
        }
        one_row(town, &mut case, row).map_err(&told)?;
    }
    let definition = &town.office.definitions[&case.process];
    crowded(&definition.process, &case).map_err(&told)?;
    none_waits_in_vain(&definition.process, &case).map_err(&told)?;
    let stored = town.disk.states.get(id).cloned().unwrap_or_default();
    let made = serde_json::to_string(&case).unwrap();
    if stored != made {
        return Err(told(format!("stored is {stored}, the journal makes {made}")));
    }
    let timers: Vec<_> = case.timers.iter().map(|(no, timer)| (*no, timer.due)).collect();
    let table = town.disk.timers.range((id.to_owned(), 0)..=(id.to_owned(), LocalNo::MAX)).map(|((_, no), due)| (*no, *due));
    if table.collect::<Vec<_>>() != timers {
        return Err(told(format!("the table of timers is not {timers:?}")));
    }
    let mut broken = invariant::check(definition, &case);
    broken.extend(stalled(&case));
    if !broken.is_empty() {
        return Err(told(format!("{broken:?}")));
    }
    town.folded.insert(id.to_owned(), Folded { case });
    Ok(())
}

/// A row on its own: its events can be written down, take no token from nowhere, and ask for what the outbox holds.
fn one_row(town: &Town, case: &mut Case, row: &Row) -> Checked {
    if row.answer.seq.is_multiple_of(8) {
        let text = serde_json::to_string(&row.events).unwrap();
        if serde_json::from_str::<Vec<Event>>(&text).ok().as_ref() != Some(&row.events) {
            return Err(format!("read again, the events are not {text}"));
        }
    }
    let (mut ways, mut course) = (Ways::default(), Course::default());
    let mut asked = Vec::new();
    if case.status == CaseStatus::Ended {
        return Err(format!("{} had ended", case.id));
    }
    for event in &row.events {
        ways.see(case, event);
        course.see_jobs(event)?;
        if let Some(definition) = town.office.definitions.get(&case.process) {
            course.see(&definition.process, case, event)?;
            enough_is_done(&definition.process, case, event)?;
        }
        rightly(case, event, row)?;
        apply(case, event, row.at);
        asked.extend(effect(case, event));
    }
    case.seq = row.answer.seq;
    messages(row)?;
    ways.judge(&town.office.definitions[&case.process].process)?;
    let id = &row.answer.case;
    let entries = town.disk.outbox.range((id.clone(), row.answer.seq, 0)..=(id.clone(), row.answer.seq, usize::MAX));
    let held: Vec<_> = entries.map(|(_, entry)| entry.effect.clone()).collect();
    if held != asked {
        return Err(format!("the outbox holds {held:?}, the journal asks for {asked:?}"));
    }
    Ok(())
}

/// An event that must not happen as the case stands.
fn rightly(case: &Case, event: &Event, row: &Row) -> Checked {
    let fault = match event {
        Event::TimerFired { timer } => case.timers.get(timer).is_none_or(|timer| timer.due > row.at),
        Event::TaskCompleted { task, by, .. } => {
            let other = case.tasks.get(task).and_then(|task| task.assignee.as_ref()).is_some_and(|assignee| by.as_ref() != Some(assignee));
            other || by.as_deref() == Some("nobody") || !case.tasks.contains_key(task)
        }
        Event::MessageReceived { wait: Some(wait), .. } => !case.waits.contains_key(wait),
        Event::JobAnswered { job, .. } => !case.jobs.contains_key(job),
        Event::CallAnswered { call } => !case.calls.contains_key(call),
        Event::KeptMessageGone { message, .. } => !case.kept.iter().any(|kept| kept.message == *message),
        _ => false,
    };
    if fault { Err(format!("{event:?} must not happen at {:?}", row.at)) } else { Ok(()) }
}

/// A message is received as often as it came: now, or earlier and was kept until now.
fn messages(row: &Row) -> Checked {
    let count = |such: fn(&Event) -> bool| row.events.iter().filter(|event| such(event)).count();
    let received = count(|event| matches!(event, Event::MessageReceived { wait: Some(_), .. }));
    let gone = count(|event| matches!(event, Event::KeptMessageGone { .. }));
    let came = usize::from(row.request.contains("\"ask\":\"deliver\""));
    if received <= gone + came {
        Ok(())
    } else {
        Err(format!("{received} messages were received, {came} came and {gone} were kept until now"))
    }
}

/// A running case waits for something.
pub(crate) fn stalled(case: &Case) -> Option<String> {
    let waits = [case.tasks.len(), case.timers.len(), case.waits.len(), case.jobs.len(), case.calls.len(), case.incidents.len()];
    let stands = case.status == CaseStatus::Running && waits == [0; 6];
    stands.then(|| format!("{} waits for nothing: {:?}", case.id, case.tokens))
}

/// What is generated is sound and safe: no two tokens stand at one node of one scope, but behind an event that does not
/// interrupt and so may happen again, and at a join.
fn crowded(process: &Process, case: &Case) -> Checked {
    let mut seen = BTreeSet::new();
    for token in case.tokens.values() {
        let Some(node) = process.node(&token.node) else { continue };
        let joins = node.incoming.len() > 1 && matches!(node.kind, NodeKind::ParallelGateway | NodeKind::InclusiveGateway);
        if !joins && token.compensates.is_none() && !seen.insert((token.scope, &token.node)) && !behind_event(process, &token.node) {
            return Err(format!("two tokens stand at `{}`", token.node));
        }
    }
    Ok(())
}

/// Whether a node stands behind a boundary event that does not interrupt.
fn behind_event(process: &Process, id: &str) -> bool {
    let mut ahead: Vec<usize> = (0..process.nodes.len())
        .filter(|&ix| matches!(&process.nodes[ix].kind, NodeKind::BoundaryEvent(event) if !event.interrupting))
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(ix) = ahead.pop() {
        if seen.insert(ix) {
            ahead.extend(process.nodes[ix].outgoing.iter().map(|&flow| process.flows[flow].to));
        }
    }
    seen.iter().any(|&ix| process.nodes[ix].id == id)
}

/// What one command did to tokens: by scope, how many left a node, and how many came by a flow.
#[derive(Debug, Default)]
struct Ways {
    left: BTreeMap<(LocalNo, String), usize>,
    came: BTreeMap<(LocalNo, String), usize>,
}

impl Ways {
    fn see(&mut self, case: &Case, event: &Event) {
        match event {
            Event::TokenTaken { token, .. } => {
                if let Some(token) = case.tokens.get(token) {
                    *self.left.entry((token.scope, token.node.clone())).or_default() += 1;
                }
            }
            Event::TokenPlaced { flow: Some(flow), scope, .. } => *self.came.entry((*scope, flow.clone())).or_default() += 1,
            _ => {}
        }
    }

    /// A parallel join takes a token for each way in; an exclusive gateway and a task send each token one way.
    fn judge(&self, process: &Process) -> Checked {
        for ((scope, flow), came) in &self.came {
            let Some(flow) = process.flows.iter().find(|known| known.id == *flow) else { continue };
            let node = &process.nodes[flow.from];
            let left = self.left.get(&(*scope, node.id.clone())).copied().unwrap_or_default();
            let all: usize = node.outgoing.iter().filter_map(|&out| self.came.get(&(*scope, process.flows[out].id.clone()))).sum();
            let needed = match &node.kind {
                NodeKind::ParallelGateway => came * node.incoming.len().max(1),
                NodeKind::ExclusiveGateway | NodeKind::UserTask(_) => all,
                _ => continue,
            };
            if left < needed {
                return Err(format!("{left} tokens left `{}`, but {came} came by `{}` and {all} in all", node.id, flow.id));
            }
        }
        Ok(())
    }
}

/// Somebody was told that a command was carried out: then the journal has it, and the case shows it.
pub(crate) fn acknowledged(town: &Town, ticket: usize, answer: &Answer) -> Checked {
    let command = &town.tickets[ticket].command;
    in_journal(town, ticket, answer)?;
    let Some(Folded { case }) = town.folded.get(&command.case) else { return Err(format!("{} is not there", command.case)) };
    let gone = match &command.ask {
        Ask::Complete { task, .. } => !case.tasks.contains_key(task),
        Ask::FireTimer { timer } => !case.timers.contains_key(timer),
        Ask::AnswerJob { job, .. } => !case.jobs.contains_key(job) || !case.incidents.is_empty(),
        Ask::AnswerCall { call, outcome: CallOutcome::Completed { .. } } => !case.calls.contains_key(call) || !case.incidents.is_empty(),
        Ask::Cancel => case.status == CaseStatus::Ended,
        _ => true,
    };
    if gone { Ok(()) } else { Err(format!("{command:?} was acknowledged, but the case does not show it")) }
}

fn in_journal(town: &Town, ticket: usize, answer: &Answer) -> Checked {
    let command = &town.tickets[ticket].command;
    let row = town.disk.journal.get(&(answer.case.clone(), answer.seq));
    let kept = row.is_some_and(|row| row.key == command.key && row.answer == *answer);
    if kept { Ok(()) } else { Err(format!("{command:?} was acknowledged with {answer:?}, but the journal has {row:?}")) }
}

/// In the end nothing acknowledged is lost, nothing happened twice, and everything that was asked for has arrived.
pub(crate) fn whole(town: &Town) -> Checked {
    for (number, ticket) in town.tickets.iter().enumerate() {
        match &ticket.told {
            Some(Ok(answer)) if ticket.earlier_is_same() => in_journal(town, number, answer)?,
            Some(_) => {}
            None => return Err(format!("{:?} was never answered", ticket.command)),
        }
    }
    for (id, folded) in &town.folded {
        whole_case(town, id, &folded.case)?;
    }
    if let Some((at, entry)) = town.disk.outbox.iter().find(|(_, entry)| !entry.done) {
        return Err(format!("{at:?} was never delivered: {entry:?}"));
    }
    let mut taken: Vec<(&str, u64)> = town.disk.journal.values().flat_map(|row| &row.events).filter_map(number).collect();
    taken.sort_unstable();
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for (series, number) in taken {
        let before = last.insert(series, number).unwrap_or_default();
        if number != before + 1 {
            return Err(format!("in {series}, {number} follows {before}"));
        }
    }
    Ok(())
}

fn number(event: &Event) -> Option<(&str, u64)> {
    match event {
        Event::NumberTaken { series, value, .. } => Some((series, *value)),
        _ => None,
    }
}

fn whole_case(town: &Town, id: &str, last: &Case) -> Checked {
    let rows: Vec<&Row> = town.disk.journal.range((id.to_owned(), 0)..=(id.to_owned(), u64::MAX)).map(|(_, row)| row).collect();
    let mut case = fresh(id);
    let mut keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    keys.sort_unstable();
    if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("{id} carried {} out twice", twice[0]));
    }
    let numbered = rows.iter().flat_map(|row| &row.events).filter(|event| matches!(event, Event::NumberTaken { .. })).count();
    if numbered > 1 {
        return Err(format!("{id} took {numbered} numbers"));
    }
    for row in rows {
        effects_of(row, &mut case);
    }
    if case != *last {
        return Err(format!("from its journal {id} is {case:?}, not {last:?}"));
    }
    if let (Some(caller), CaseStatus::Running) = (&last.facts.caller, last.status) {
        let waits = town.folded.get(&caller.case).is_some_and(|folded| folded.case.calls.contains_key(&caller.call));
        if !waits {
            return Err(format!("{id} runs on, but {} does not wait for it any more", caller.case));
        }
    }
    for (no, call) in &last.calls {
        let by = |case: &&Case| case.facts.caller.as_ref().is_some_and(|caller| caller.case == id && caller.call == *no);
        let called = town.cases().find(by);
        let waits = called.is_some_and(|called| called.status == CaseStatus::Running);
        let stuck = last.incidents.values().any(|incident| incident.token == call.token);
        if !waits && !stuck {
            return Err(format!("{id} waits for its call {no}, but what it called is {:?}", called.map(|called| called.status)));
        }
    }
    Ok(())
}
