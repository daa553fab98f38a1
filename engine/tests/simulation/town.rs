//! A town under faults: a few nodes over one disk, people and machines that ask, and everything that can go wrong between
//! them. One thread, one order, all from one seed.

use std::{collections::BTreeMap, sync::Arc};

use tongban_engine::{
    definition::Definition,
    interpreter::{Ask, Case, CaseId, Command, LocalNo, Rejection, codes},
    organisation::Organisation,
    time::Moment,
};

use super::{
    chance::Chance,
    checks::{self, Folded},
    defects::Defect,
    disk::{Answer, Disk, EntryKey},
    node::Node,
};

/// What every node has deployed, and who works there.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) definitions: BTreeMap<String, Arc<Definition>>,
    pub(crate) organisation: Organisation,
}

/// Which faults this seed knows, each in so many of a hundred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swarm {
    /// A node crashes.
    crash: usize,
    /// A node crashes between commit and answer.
    answer_lost: usize,
    /// Somebody sends again what was answered.
    duplicate: usize,
    /// A worker dies after it delivered and before it noted that.
    pub(crate) worker_dies: usize,
    /// Two workers take the same.
    pub(crate) taken_twice: usize,
    /// The clock jumps by days.
    jump: usize,
}

impl Swarm {
    const NONE: Self = Self { crash: 0, answer_lost: 0, duplicate: 0, worker_dies: 0, taken_twice: 0, jump: 0 };

    fn of(chance: &mut Chance) -> Self {
        let mut rate = |most: usize| if chance.percent(40) { 0 } else { chance.below(most + 1) };
        Self { crash: rate(5), answer_lost: rate(25), duplicate: rate(12), worker_dies: rate(30), taken_twice: rate(30), jump: rate(30) }
    }
}

/// A command on its way.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) command: Command,
    pub(crate) told: Option<Result<Answer, Rejection>>,
    /// Nobody works on it any more: whoever asked must ask again.
    lost: bool,
    /// The answer that an earlier ticket with the same key got, and whether the body is the same.
    earlier: Option<(Answer, bool)>,
}

impl Ticket {
    /// Whether it asks what was asked first under its key.
    pub(crate) fn earlier_is_same(&self) -> bool {
        self.earlier.as_ref().is_none_or(|(_, same)| *same)
    }
}

/// An entry of the outbox on its way to cases.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) entry: EntryKey,
    pub(crate) tickets: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) office: Arc<Office>,
    pub(crate) chance: Chance,
    pub(crate) swarm: Swarm,
    pub(crate) disk: Disk,
    nodes: Vec<Node>,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) now: Moment,
    /// Cases as their journals tell them.
    pub(crate) folded: BTreeMap<CaseId, Folded>,
    pub(crate) deliveries: Vec<Delivery>,
    /// What arrived outside: key → body.
    pub(crate) arrived: BTreeMap<String, String>,
    /// The last first arrival for each case and destination.
    pub(crate) arrived_last: BTreeMap<(CaseId, String), (u64, usize)>,
    /// Which key each effect arrived under.
    pub(crate) keys_of: BTreeMap<EntryKey, String>,
    /// Jobs that arrived and are worked on.
    pub(crate) jobs: Vec<(CaseId, LocalNo)>,
    pub(crate) defect: Option<Defect>,
}

/// What is wrong, in words.
pub(crate) type Checked = Result<(), String>;

impl Town {
    pub(crate) fn new(office: Arc<Office>, seed: u64, defect: Option<Defect>) -> Self {
        let mut chance = Chance::of(seed);
        let swarm = Swarm::of(&mut chance);
        let nodes = (0..1 + chance.below(3)).map(|_| Node::default()).collect();
        Self {
            office,
            chance,
            swarm,
            nodes,
            defect,
            now: Moment(1_772_416_800_000),
            disk: Disk::default(),
            tickets: Vec::new(),
            folded: BTreeMap::new(),
            deliveries: Vec::new(),
            arrived: BTreeMap::new(),
            arrived_last: BTreeMap::new(),
            keys_of: BTreeMap::new(),
            jobs: Vec::new(),
        }
    }

    /// So many random moves; then faults stop, everything comes to rest, and the whole is looked at.
    pub(crate) fn live(&mut self, moves: usize) -> Checked {
        for _ in 0..moves {
            self.move_on()?;
        }
        self.swarm = Swarm::NONE;
        self.rest()?;
        checks::whole(self)
    }

    fn move_on(&mut self) -> Checked {
        match self.chance.below(100) {
            0..25 => self.wish(),
            25..45 => self.prepare(),
            45..65 => self.commit()?,
            65..72 => self.retry(),
            72..77 => self.tick(),
            77..82 => self.fire(),
            82..92 => self.deliver()?,
            92..96 => self.work(),
            _ => self.settle(),
        }
        if self.chance.percent(self.swarm.crash) {
            let node = self.chance.below(self.nodes.len());
            self.crash(node);
        }
        if self.chance.percent(self.swarm.duplicate) {
            self.repeat();
        }
        Ok(())
    }

    /// Lets everything that is under way come to its end, without faults.
    fn rest(&mut self) -> Checked {
        for _ in 0..REST_MAX {
            self.retry_all();
            for node in 0..self.nodes.len() {
                self.nodes[node].prepare(&self.disk, &self.office, self.defect);
                self.commit_at(node)?;
            }
            self.settle();
            // Whoever died has lost the lease by then.
            self.now = Moment(self.now.0 + LEASE_MS);
            let delivered = self.deliver_all()?;
            let busy = self.tickets.iter().any(|ticket| ticket.told.is_none()) || !self.deliveries.is_empty() || delivered;
            if !busy {
                return Ok(());
            }
        }
        Err("without faults, it does not come to rest".to_owned())
    }

    /// Hands a command to some node.
    pub(crate) fn submit(&mut self, command: Command) -> usize {
        let number = self.tickets.len();
        self.tickets.push(Ticket { command: command.clone(), told: None, lost: false, earlier: None });
        self.hand_in(number, command);
        number
    }

    fn hand_in(&mut self, ticket: usize, command: Command) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].waiting.push_back((ticket, command));
    }

    fn prepare(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].prepare(&self.disk, &self.office, self.defect);
    }

    fn commit(&mut self) -> Checked {
        let node = self.chance.below(self.nodes.len());
        self.commit_at(node)
    }

    fn commit_at(&mut self, node: usize) -> Checked {
        let lost = self.chance.percent(self.swarm.answer_lost);
        if self.defect == Some(Defect::AnswerFirst) {
            for (ticket, outcome) in self.nodes[node].told_early() {
                self.tickets[ticket].told = Some(outcome);
            }
            if lost {
                self.crash(node);
            }
        }
        let Some((told, changed)) = self.nodes[node].commit(&mut self.disk, self.defect) else { return Ok(()) };
        for case in changed {
            checks::changed(self, &case)?;
        }
        if lost {
            told.iter().for_each(|(ticket, _)| self.tickets[*ticket].lost = true);
            self.crash(node);
            return Ok(());
        }
        told.into_iter().try_for_each(|(ticket, outcome)| self.tell(ticket, &outcome))
    }

    fn tell(&mut self, number: usize, outcome: &Result<Answer, Rejection>) -> Checked {
        let ticket = &mut self.tickets[number];
        ticket.told = Some(outcome.clone());
        let told = format!("{:?} {:?}", ticket.command, outcome);
        match (&ticket.earlier, outcome) {
            (Some((answer, true)), outcome) if outcome.as_ref() != Ok(answer) => {
                Err(format!("answered otherwise before: {answer:?}; {told}"))
            }
            (Some((_, false)), Ok(_)) => Err(format!("another body under the same key was taken: {told}")),
            (Some((_, false)), Err(rejection)) if rejection.code != codes::KEY_REUSED => {
                Err(format!("not told that the key is used: {told}"))
            }
            (None, Ok(answer)) => checks::acknowledged(self, number, &answer.clone()),
            _ => Ok(()),
        }
    }

    fn crash(&mut self, node: usize) {
        for ticket in self.nodes[node].crash() {
            let ticket = &mut self.tickets[ticket];
            ticket.lost = ticket.told.is_none();
        }
    }

    /// Somebody who heard nothing asks again, under the same key.
    fn retry(&mut self) {
        let lost: Vec<usize> = (0..self.tickets.len()).filter(|&ticket| self.tickets[ticket].lost).collect();
        if let Some(ticket) = self.chance.one_of(lost) {
            self.ask_again(ticket);
        }
    }

    fn retry_all(&mut self) {
        for ticket in 0..self.tickets.len() {
            if self.tickets[ticket].lost {
                self.ask_again(ticket);
            }
        }
    }

    fn ask_again(&mut self, ticket: usize) {
        self.tickets[ticket].lost = false;
        let command = Command { at: self.now, ..self.tickets[ticket].command.clone() };
        self.hand_in(ticket, command);
    }

    /// Somebody sends again what was carried out: the same, or something else under the same key.
    fn repeat(&mut self) {
        let answered = |ticket: &Ticket| match &ticket.told {
            Some(Ok(answer)) if ticket.earlier.is_none() => Some((ticket.command.clone(), answer.clone())),
            _ => None,
        };
        let Some((mut command, answer)) = self.chance.one_of(self.tickets.iter().filter_map(answered).collect()) else { return };
        let same = !self.chance.percent(25);
        if !same {
            command.ask = Ask::Set { data: std::iter::once(("count".to_owned(), 99.into())).collect() };
        }
        command.at = self.now;
        let ticket = self.submit(command);
        self.tickets[ticket].earlier = Some((answer, same));
    }

    fn tick(&mut self) {
        let hours = if self.chance.percent(self.swarm.jump) { 24 + self.chance.below(24 * 12) } else { self.chance.below(6) };
        self.now = Moment(self.now.0 + hours as i64 * 3_600_000 + self.chance.below(60_000) as i64);
    }

    /// Cases, as their journals tell them.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.folded.values().map(|folded| &folded.case)
    }
}

/// How long a delivery is nobody else's.
pub(crate) const LEASE_MS: i64 = 60_000;
/// Rounds after which everything has surely come to rest.
const REST_MAX: usize = 400;
