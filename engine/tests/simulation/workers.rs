//! What works beside the committer: timers, the outbox, jobs; and what one case asks of another.

use serde_json::Map;
use tongban_engine::{
    interpreter::{Actor, Ask, Caller, CaseId, CaseStatus, Command, Effect, INSIDE, Start, WaitKind},
    time::Moment,
};

use super::{
    defects::Defect,
    disk::EntryKey,
    town::{Checked, Delivery, LEASE_MS, Town},
};

impl Town {
    /// A worker fires a timer that is due, perhaps late, perhaps while another one does.
    pub(crate) fn fire(&mut self) {
        let due: Vec<_> = self.disk.timers.iter().filter(|(_, due)| **due <= self.now).map(|(key, _)| key.clone()).collect();
        let Some((case, timer)) = self.chance.one_of(due) else { return };
        let command = Command { case, key: format!("timer:{timer}"), actor: Actor::System, at: self.now, ask: Ask::FireTimer { timer } };
        let waits = |town: &Self| {
            town.tickets
                .iter()
                .any(|ticket| ticket.told.is_none() && ticket.command.case == command.case && ticket.command.key == command.key)
        };
        if !waits(self) || self.chance.percent(self.swarm.taken_twice) {
            self.submit(command);
        }
    }

    /// Somebody outside answers a job, or fails it.
    pub(crate) fn work(&mut self) {
        let (folded, chance) = (&self.folded, &mut self.chance);
        self.jobs.retain(|(case, job)| folded[case].case.jobs.contains_key(job));
        let Some((case, job)) = chance.one_of(self.jobs.clone()) else { return };
        let (ask, key) = if chance.percent(75) {
            (Ask::AnswerJob { job, output: Map::new() }, format!("answer:{job}"))
        } else {
            (Ask::FailJob { job, reason: "坏了".to_owned(), give_up: false }, format!("fail:{job}:{}", self.tickets.len()))
        };
        self.submit(Command { case, key, actor: Actor::System, at: self.now, ask });
    }

    /// A worker takes one entry of the outbox.
    pub(crate) fn deliver(&mut self) -> Checked {
        let heads = self.heads();
        match self.chance.one_of(heads) {
            Some(entry) => self.send(entry),
            None => Ok(()),
        }
    }

    /// Takes every entry that can be taken; false if there is none.
    pub(crate) fn deliver_all(&mut self) -> Result<bool, String> {
        let heads = self.heads();
        let any = !heads.is_empty();
        heads.into_iter().try_for_each(|entry| self.send(entry))?;
        Ok(any)
    }

    /// The first entry that is not done of each case and destination, unless somebody has it.
    fn heads(&self) -> Vec<EntryKey> {
        let mut streams = std::collections::BTreeSet::new();
        let mut heads = Vec::new();
        for (key, entry) in self.disk.outbox.iter().filter(|(_, entry)| !entry.done) {
            let first = streams.insert((key.0.clone(), entry.effect.destination()));
            if (first || self.defect == Some(Defect::OrderLost)) && entry.lease_until <= self.now {
                heads.push(key.clone());
            }
        }
        heads
    }

    fn send(&mut self, at: EntryKey) -> Checked {
        let now = self.now;
        let Some(entry) = self.disk.outbox.get_mut(&at) else { return Ok(()) };
        entry.attempts += 1;
        entry.lease_until = Moment(now.0 + LEASE_MS);
        let (effect, attempt) = (entry.effect.clone(), entry.attempts);
        let mut key = format!("{}:{}:{}", at.0, at.1, at.2);
        if self.defect == Some(Defect::KeyByAttempt) {
            key = format!("{key}:{attempt}");
        }
        let inside = effect.destination() == INSIDE || matches!(effect, Effect::Message { .. });
        if !inside {
            self.arrive(&at, &key, &effect)?;
        }
        let asks = if inside { self.asks_of(&at, &effect) } else { Vec::new() };
        let tickets: Vec<usize> = asks
            .into_iter()
            .map(|(case, ask)| self.submit(Command { case, key: key.clone(), actor: Actor::System, at: now, ask }))
            .collect();
        if !self.chance.percent(self.swarm.worker_dies) {
            self.deliveries.push(Delivery { entry: at, tickets });
        }
        Ok(())
    }

    /// Something arrives outside: once for each effect, however often it is sent, and in order.
    fn arrive(&mut self, at: &EntryKey, key: &str, effect: &Effect) -> Checked {
        let body = serde_json::to_string(effect).unwrap();
        let known = self.keys_of.entry(at.clone()).or_insert_with(|| key.to_owned());
        if known != key {
            return Err(format!("the effect {at:?} came under two keys, {known} and {key}"));
        }
        if let Effect::Job { job, .. } = effect
            && !self.jobs.contains(&(at.0.clone(), *job))
        {
            self.jobs.push((at.0.clone(), *job));
        }
        if let Some(before) = self.arrived.insert(key.to_owned(), body.clone()) {
            return if before == body { Ok(()) } else { Err(format!("under {key} came {before} and {body}")) };
        }
        let stream = (at.0.clone(), effect.destination());
        match self.arrived_last.insert(stream, (at.1, at.2)) {
            Some(last) if last >= (at.1, at.2) => Err(format!("{at:?} arrived after {last:?}")),
            _ => Ok(()),
        }
    }

    /// Whom an effect is for, and what it asks there; decided once and kept.
    fn asks_of(&mut self, at: &EntryKey, effect: &Effect) -> Vec<(CaseId, Ask)> {
        let entry = &self.disk.outbox[at];
        let targets = entry.targets.clone().unwrap_or_else(|| self.targets(at, effect, &entry.refused_by));
        let asks = targets.iter().map(|case| (case.clone(), self.ask_of(at, effect))).collect();
        if let Some(entry) = self.disk.outbox.get_mut(at) {
            entry.targets = Some(targets);
        }
        asks
    }

    fn targets(&self, at: &EntryKey, effect: &Effect, refused: &[CaseId]) -> Vec<CaseId> {
        let waiting = |kind: WaitKind, name: &str| {
            let hears = |case: &&tongban_engine::interpreter::Case| {
                case.waits.values().any(|wait| wait.kind == kind && wait.message == name) && !refused.contains(&case.id)
            };
            self.cases().filter(hears).map(|case| case.id.clone()).collect::<Vec<_>>()
        };
        match effect {
            Effect::Call { .. } => vec![format!("{}/{}.{}", at.0, at.1, at.2)],
            Effect::Answer { caller, .. } => vec![caller.case.clone()],
            Effect::CancelCall { call } => {
                let by = Caller { case: at.0.clone(), call: *call };
                self.cases().filter(|case| case.facts.caller.as_ref() == Some(&by)).map(|case| case.id.clone()).collect()
            }
            Effect::Signal { signal, .. } => waiting(WaitKind::Signal, signal).into_iter().filter(|case| *case != at.0).collect(),
            Effect::Message { message, .. } => {
                let keeps = self.cases().find(|case| case.status == CaseStatus::Running && !refused.contains(&case.id));
                let keeps = keeps.map(|case| case.id.clone());
                waiting(WaitKind::Message, message).into_iter().next().or(keeps).into_iter().collect()
            }
            Effect::Portal { .. } | Effect::Mail { .. } | Effect::Job { .. } => Vec::new(),
        }
    }

    fn ask_of(&self, at: &EntryKey, effect: &Effect) -> Ask {
        match effect {
            Effect::Call { call, process, data } => {
                let by = &self.folded[&at.0].case;
                Ask::Start(Box::new(Start {
                    process: process.clone(),
                    caller: Some(Caller { case: at.0.clone(), call: *call }),
                    unit: by.facts.unit.clone(),
                    source: "office".to_owned(),
                    received_at: by.facts.received_at,
                    data: data.clone(),
                    ..Start::default()
                }))
            }
            Effect::Answer { caller, outcome } => Ask::AnswerCall { call: caller.call, outcome: outcome.clone() },
            Effect::Signal { signal, data } => Ask::Signal { signal: signal.clone(), data: data.clone() },
            Effect::Message { message, data, .. } => Ask::Deliver { message: message.clone(), data: data.clone(), materials: Vec::new() },
            _ => Ask::Cancel,
        }
    }

    /// Notes which deliveries are done. A message that was refused looks for another case; one that nobody takes is lost.
    pub(crate) fn settle(&mut self) {
        let deliveries = std::mem::take(&mut self.deliveries);
        for delivery in deliveries {
            if self.chance.percent(self.swarm.worker_dies / 4) {
                continue;
            }
            if delivery.tickets.iter().any(|&ticket| self.tickets[ticket].told.is_none()) {
                self.deliveries.push(delivery);
                continue;
            }
            let refused = delivery.tickets.iter().any(|&ticket| matches!(self.tickets[ticket].told, Some(Err(_))));
            let Some(entry) = self.disk.outbox.get_mut(&delivery.entry) else { continue };
            if refused && matches!(entry.effect, Effect::Message { .. }) {
                entry.refused_by.extend(entry.targets.take().unwrap_or_default());
                entry.lease_until = self.now;
            } else {
                entry.done = true;
            }
        }
    }
}
