//! Whatever well-structured process runs, and whatever is asked of it: the invariants hold after each command, the events
//! make the case that was decided on, deciding twice gives the same, and who keeps working comes to the end.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use serde_json::{Map, json};
use tongban_engine::{
    definition::{Definition, NodeKind, ResumeWay},
    interpreter::{
        Actor, Applicant, Ask, Case, CaseStatus, Command, Context, Event, LocalNo, SignerWay, Start, TimerPurpose, Waiter, apply, decide,
        decided, invariant, may_act,
    },
    organisation::{Organisation, Person, Post, Unit},
    text::Text,
    time::Moment,
};

use super::processes::{Wanted, block, load};

/// A case under random commands.
struct Run {
    definition: Arc<Definition>,
    organisation: Organisation,
    series: BTreeMap<String, u64>,
    case: Option<Case>,
    at: Moment,
    /// What was carried out, for whoever reads of a failure.
    done: Vec<String>,
}

impl Run {
    fn new(definition: Arc<Definition>) -> Self {
        let mut organisation = Organisation::default();
        let hall = Unit { name: Text::zh("大厅"), kind: "district".to_owned(), parent: None, code: None, items: Vec::new() };
        organisation.units.insert("hall".to_owned(), hall);
        let posts = vec![Post { role: "clerk".to_owned(), unit: "hall".to_owned() }];
        for person in ["ann", "bob"] {
            organisation.people.insert(person.to_owned(), Person { name: person.to_owned(), posts: posts.clone(), ..Person::default() });
        }
        let at = definition.calendar.parse_moment("2026-03-02T10:00+08:00").unwrap();
        Self { definition, organisation, series: BTreeMap::new(), case: None, at, done: Vec::new() }
    }

    /// Asks; whether it was carried out.
    fn ask(&mut self, person: Option<&str>, ask: Ask) -> Result<bool, TestCaseError> {
        let actor = person.map_or(Actor::System, |person| Actor::Person(person.to_owned()));
        let command = Command { case: "c".to_owned(), key: "k".to_owned(), actor, at: self.at, ask };
        let context = Context { organisation: &self.organisation, series: &self.series, choices: None };
        let first = decided(&self.definition, self.case.as_ref(), &command, &context);
        let again = decide(&self.definition, self.case.as_ref(), &command, &context);
        prop_assert_eq!(first.as_ref().map(|(_, events)| events), again.as_ref(), "deciding twice gives the same");
        let Ok((after, events)) = first else { return Ok(false) };
        let mut folded = self.case.clone().unwrap_or_else(|| Case { id: command.case.clone(), ..Case::default() });
        for event in &events {
            let text = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), event, "an event read again is the same");
            apply(&mut folded, event, self.at);
        }
        prop_assert_eq!(&folded, &after, "the events make the case that was decided on");
        let broken = invariant::check(&self.definition, &folded);
        prop_assert!(broken.is_empty(), "{:?} after {:?}", broken, command.ask);
        self.case = Some(folded);
        self.done.push(format!("{person:?} {:?}", command.ask));
        Ok(true)
    }

    fn start(&mut self, parts: usize) -> Result<(), TestCaseError> {
        let names: Vec<String> = (0..parts).map(|part| format!("p{part}")).collect();
        let start = Start {
            at: None,
            caller: None,
            process: "trial".to_owned(),
            message: None,
            unit: "hall".to_owned(),
            applicant: Applicant::default(),
            application_no: None,
            source: "office".to_owned(),
            received_at: self.at,
            data: std::iter::once(("parts".to_owned(), json!(names))).collect(),
            materials: Vec::new(),
        };
        let begun = self.ask(None, Ask::Start(Box::new(start)))?;
        prop_assert!(begun, "a case begins");
        Ok(())
    }

    /// All that can be asked now, sense or no sense.
    fn possible(&self) -> Vec<(Option<&'static str>, Ask)> {
        let case = self.case.as_ref().unwrap();
        let mut asks = vec![(Some("ann"), Ask::Claim { task: LocalNo::MAX }), (None, deliver("none"))];
        for (&task, open) in &case.tasks {
            asks.push((Some("ann"), Ask::Claim { task }));
            asks.push((Some("bob"), Ask::Release { task }));
            asks.push((Some("nobody"), complete_task(task, "go")));
            let Some(NodeKind::UserTask(declared)) = self.definition.process.node(&open.node).map(|node| &node.kind) else { continue };
            for action in declared.actions.keys() {
                asks.extend(["ann", "bob"].map(|person| (Some(person), complete_task(task, action))));
            }
        }
        for &timer in case.timers.keys() {
            asks.push((None, Ask::FireTimer { timer }));
        }
        asks.extend(self.definition.process.messages.keys().map(|message| (None, deliver(message))));
        for &job in case.jobs.keys() {
            asks.push((None, Ask::AnswerJob { job, output: Map::new() }));
            asks.push((None, Ask::FailJob { job, reason: "坏了".to_owned(), give_up: false }));
        }
        asks.extend(case.incidents.keys().map(|&incident| (None, Ask::Retry { incident })));
        // Each operation, no more often than the commands that work the case off.
        let steps = self.definition.process.nodes.iter().filter(|node| node.is_activity() && !node.id.contains("__"));
        let steps: Vec<&str> = steps.map(|node| node.id.as_str()).collect();
        for (at, (&task, _)) in case.tasks.iter().enumerate() {
            asks.extend(operations_on(task, steps.get(at).copied()));
        }
        for (at, &token) in case.tokens.keys().enumerate() {
            let to = steps.iter().cycle().nth(at * 7 + case.next as usize).copied().unwrap_or_default();
            asks.push((None, Ask::Jump { token, to: to.to_owned(), reason: REASON.to_owned() }));
        }
        for person in ["ann", "bob"] {
            asks.extend(steps.iter().map(|step| (Some(person), Ask::TakeBack { step: (*step).to_owned(), reason: String::new() })));
        }
        asks.push((None, Ask::Suspend { reason: REASON.to_owned() }));
        asks.push((None, Ask::Resume { reason: String::new() }));
        asks.push((None, Ask::Reopen { to: None, reason: REASON.to_owned() }));
        asks.push((None, Ask::Restart { reason: REASON.to_owned() }));
        asks
    }

    /// Any of them; for a timer the clock is turned to its time first.
    fn random(&mut self, choice: usize) -> Result<(), TestCaseError> {
        let mut asks = self.possible();
        let (person, ask) = asks.swap_remove(choice % asks.len());
        if let Ask::FireTimer { timer } = &ask {
            self.turn_to(*timer);
        }
        self.ask(person, ask).map(drop)
    }

    fn turn_to(&mut self, timer: LocalNo) {
        self.at = self.at.max(self.case.as_ref().unwrap().timers[&timer].due);
    }

    /// What somebody who keeps working does next.
    fn onward(&self) -> Option<(Option<&'static str>, Ask)> {
        let case = self.case.as_ref().unwrap();
        let kind = |id: &str| self.definition.process.node(id).map(|node| &node.kind);
        if let Some((&job, _)) = case.jobs.iter().next() {
            return Some((None, Ask::AnswerJob { job, output: Map::new() }));
        }
        if case.suspended.is_some() {
            return Some((None, Ask::Resume { reason: String::new() }));
        }
        for (&task, open) in &case.tasks {
            let who = if open.assignee.as_deref() == Some("bob") { "bob" } else { "ann" };
            if open.extra.signs.is_some() {
                return Some((Some(who), Ask::Sign { task, agrees: true, opinion: String::new() }));
            }
            if open.extra.delegated.is_some() {
                return Some((Some(who), Ask::GiveBack { task, note: String::new() }));
            }
            let actor = Actor::Person(who.to_owned());
            if may_act(&self.definition, case, task, &actor, &self.organisation, self.at).is_ok() {
                return Some((Some(who), complete_task(task, "go")));
            }
        }
        let receives =
            |waiter: &Waiter| matches!(waiter, Waiter::Token { node, .. } if matches!(kind(node), Some(NodeKind::ReceiveTask(_))));
        if let Some(wait) = case.waits.values().find(|wait| receives(&wait.waiter)) {
            return Some((None, deliver(&wait.message)));
        }
        let pauses =
            |of: &TimerPurpose| matches!(of, TimerPurpose::Token { node, .. } if matches!(kind(node), Some(NodeKind::CatchEvent(_))));
        case.timers.iter().find(|(_, timer)| pauses(&timer.purpose)).map(|(&timer, _)| (None, Ask::FireTimer { timer }))
    }
}

const REASON: &str = "试";

/// What may be done with a task besides its actions.
fn operations_on(task: LocalNo, step: Option<&str>) -> Vec<(Option<&'static str>, Ask)> {
    let reason = || REASON.to_owned();
    let mut asks = Vec::new();
    for person in ["ann", "bob"] {
        let other = if person == "ann" { "bob" } else { "ann" };
        for resume in [ResumeWay::Through, ResumeWay::Here] {
            for to in [None, step.map(str::to_owned)] {
                asks.push((Some(person), Ask::Return { task, to, resume: Some(resume), reason: reason() }));
            }
        }
        asks.push((Some(person), Ask::Delegate { task, to: other.to_owned(), reason: reason() }));
        asks.push((Some(person), Ask::GiveBack { task, note: String::new() }));
        for way in SignerWay::ALL {
            asks.push((Some(person), Ask::AddSigner { task, to: vec![other.to_owned()], way, reason: reason() }));
        }
        asks.push((Some(person), Ask::RemoveSigner { task, person: other.to_owned(), reason: reason() }));
        asks.extend([true, false].map(|agrees| (Some(person), Ask::Sign { task, agrees, opinion: reason() })));
    }
    asks
}

fn complete_task(task: LocalNo, action: &str) -> Ask {
    Ask::Complete { task, action: action.to_owned(), data: Map::new() }
}

fn deliver(message: &str) -> Ask {
    Ask::Deliver { message: message.to_owned(), data: Map::new(), materials: Vec::new() }
}

/// Steps after which a case that somebody keeps working on has surely ended.
const ONWARD_MAX: usize = 3_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]
    #[test]
    fn any_process_under_any_commands_keeps_its_invariants_and_can_be_brought_to_its_end(
        block in block(),
        beside in any::<Option<bool>>(),
        parts in 0_usize..4,
        choices in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let wanted = Wanted { id: "trial", block: &block, beside, numbered: false };
        let mut run = Run::new(load(&[wanted]).remove(0));
        run.start(parts)?;
        for choice in choices {
            run.random(choice)?;
        }
        for _ in 0..ONWARD_MAX {
            if run.case.as_ref().unwrap().status == CaseStatus::Ended {
                return Ok(());
            }
            let next = run.onward();
            prop_assert!(next.is_some(), "nothing leads on after {:#?} from {:?}", run.done, run.case);
            let (person, ask) = next.unwrap();
            if let Ask::FireTimer { timer } = &ask {
                run.turn_to(*timer);
            }
            let told = format!("{ask:?}");
            prop_assert!(run.ask(person, ask)?, "{} is refused", told);
        }
        prop_assert!(false, "the case does not end: {:?}", run.case);
    }
}
