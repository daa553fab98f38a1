//! What people and machines ask of a case: what leads on, and what makes no sense.

use serde_json::{Map, json};
use tongban_engine::{
    definition::NodeKind,
    interpreter::{Actor, Applicant, Ask, Case, CaseStatus, Command, LocalNo, Start},
};

use super::town::Town;

/// Cases that people begin.
const CASES_MAX: usize = 3;

type Wish = (Option<&'static str>, Ask);

impl Town {
    /// Somebody wishes something.
    pub(crate) fn wish(&mut self) {
        let begun = self.tickets.iter().filter(|ticket| matches!(ticket.command.ask, Ask::Start(_)) && !ticket.command.case.contains('/'));
        let begun = begun.count();
        let running: Vec<String> = self.cases().filter(|case| case.status == CaseStatus::Running).map(|case| case.id.clone()).collect();
        if begun == 0 || begun < CASES_MAX && self.chance.percent(20) {
            return self.begin(begun);
        }
        let Some(id) = self.chance.one_of(running) else { return };
        let case = &self.folded[&id].case;
        let (onward, possible) = (self.onward(case), self.possible(case));
        if self.chance.percent(1) {
            return self.ask(&id, None, Ask::Cancel);
        }
        let leads_on = !onward.is_empty() && self.chance.percent(65);
        let wish = if leads_on { self.chance.one_of(onward) } else { self.chance.one_of(possible) };
        if let Some((person, ask)) = wish {
            self.ask(&id, person, ask);
        }
    }

    fn ask(&mut self, case: &str, person: Option<&str>, ask: Ask) {
        let key = format!("k{}", self.tickets.len());
        let actor = person.map_or(Actor::System, |person| Actor::Person(person.to_owned()));
        self.submit(Command { case: case.to_owned(), key, actor, at: self.now, ask });
    }

    fn begin(&mut self, number: usize) {
        let parts: Vec<String> = (0..self.chance.below(4)).map(|part| format!("p{part}")).collect();
        let start = Start {
            process: "trial".to_owned(),
            unit: "hall".to_owned(),
            applicant: Applicant::default(),
            source: "office".to_owned(),
            received_at: self.now,
            data: std::iter::once(("parts".to_owned(), json!(parts))).collect(),
            ..Start::default()
        };
        self.ask(&format!("c{number}"), None, Ask::Start(Box::new(start)));
    }

    /// What somebody who works does.
    fn onward(&self, case: &Case) -> Vec<Wish> {
        let who = |assignee: Option<&str>| if assignee == Some("bob") { "bob" } else { "ann" };
        let tasks = case.tasks.iter().map(|(&task, open)| (Some(who(open.assignee.as_deref())), complete(task, "go")));
        let waits = case.waits.values().map(|wait| (None, deliver(&wait.message)));
        tasks.chain(waits).collect()
    }

    /// All that can be asked, sense or no sense.
    fn possible(&self, case: &Case) -> Vec<Wish> {
        let mut asks = vec![(Some("ann"), Ask::Claim { task: LocalNo::MAX }), (None, deliver("none"))];
        let process = &self.office.definitions[&case.process].process;
        for (&task, open) in &case.tasks {
            asks.push((Some("ann"), Ask::Claim { task }));
            asks.push((Some("bob"), Ask::Release { task }));
            asks.push((Some("nobody"), complete(task, "go")));
            asks.push((None, Ask::Throw { task, error: "broken".to_owned(), data: Map::new() }));
            let Some(NodeKind::UserTask(declared)) = process.node(&open.node).map(|node| &node.kind) else { continue };
            for action in declared.actions.keys() {
                asks.extend(["ann", "bob"].map(|person| (Some(person), complete(task, action))));
            }
        }
        asks.extend(case.timers.keys().map(|&timer| (None, Ask::FireTimer { timer })));
        asks.extend(process.messages.keys().map(|message| (None, deliver(message))));
        for &job in case.jobs.keys() {
            asks.push((None, Ask::FailJob { job, reason: "坏了".to_owned(), give_up: false }));
        }
        asks.extend(case.incidents.keys().map(|&incident| (None, Ask::Retry { incident })));
        asks
    }
}

fn complete(task: LocalNo, action: &str) -> Ask {
    Ask::Complete { task, action: action.to_owned(), data: Map::new() }
}

fn deliver(message: &str) -> Ask {
    Ask::Deliver { message: message.to_owned(), data: Map::new(), materials: Vec::new() }
}
