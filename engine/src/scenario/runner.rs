//! Telling the story: each step becomes a command, or turns the clock, or compares.

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Act, Expectation, ExpectedClock, Operate, Scenario, Step, Submission, World, operate::foretold};
use crate::{
    calendar::{Calendar, Duration},
    definition::{Definition, NodeKind, Trigger},
    interpreter::{
        Actor, Applicant, Ask, Caller, Case, CaseStatus, Command, Consequences, Event, LocalNo, MaterialGiven, Rejection, Start, Task,
        allowed, invariant,
    },
    organisation::{Organisation, Person, Post, Unit},
    text::Text,
    time::Moment,
};

/// The platform that scenarios' messages come from.
const PLATFORM: &str = "one-net";
/// Timers that one `pass` may fire before the story counts as endless.
const TIMERS_MAX: u32 = 10_000;

/// A step that did not go as told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step}: {what}")]
pub struct Failure {
    /// Which step, from 1.
    pub step: usize,
    /// What was told, and what happened.
    pub what: String,
}

/// What a story went through: for coverage.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// Ids of nodes that a token came to.
    pub nodes: BTreeSet<String>,
    /// Actions taken, as `node.action`.
    pub actions: BTreeSet<String>,
    /// Ids of sequence flows taken.
    pub flows: BTreeSet<String>,
}

/// Runs a scenario in a world.
///
/// # Errors
/// The first step that did not go as told.
pub fn run(scenario: &Scenario, definition: &Arc<Definition>, world: &mut dyn World) -> Result<Story, Failure> {
    let failed = |step: usize| move |what: String| Failure { step, what };
    let now = definition.calendar.parse_moment(&scenario.at).ok_or_else(|| failed(0)(format!("`at: {}` is no moment", scenario.at)))?;
    let mut teller = Teller { scenario, definition, world, now, cases: IndexMap::new(), last: None, commands: 0, broken: Vec::new() };
    let organisation = teller.organisation().map_err(failed(0))?;
    teller.world.organise(organisation);
    for (index, step) in scenario.steps.iter().enumerate() {
        let told = teller.step(step);
        if !teller.broken.is_empty() {
            return Err(failed(index + 1)(format!("an invariant is broken: {}", teller.broken.join("; "))));
        }
        told.map_err(failed(index + 1))?;
    }
    Ok(teller.story())
}

struct Teller<'a> {
    scenario: &'a Scenario,
    definition: &'a Arc<Definition>,
    world: &'a mut dyn World,
    now: Moment,
    /// Application number → case id.
    cases: IndexMap<String, String>,
    last: Option<String>,
    commands: u32,
    /// Invariants that a command has broken.
    broken: Vec<String>,
}

impl Teller<'_> {
    /// The people of the story, and every unit that it names.
    fn organisation(&self) -> Result<Organisation, String> {
        let mut organisation = Organisation::default();
        for (id, posts) in &self.scenario.people {
            let posts: Vec<Post> = posts.iter().map(|(role, unit)| Post { role: role.to_owned(), unit: unit.to_owned() }).collect();
            if posts.iter().any(|post| post.unit.is_empty()) {
                return Err(format!("each post of {id} should be role@unit"));
            }
            for post in &posts {
                organisation.units.entry(post.unit.clone()).or_insert_with(|| unit(&post.unit));
            }
            organisation.people.insert(id.clone(), Person { name: id.clone(), mail: Some(format!("{id}@example.test")), posts });
        }
        for step in &self.scenario.steps {
            let named = step.data.get("unit").and_then(Value::as_str).or(step.start.as_ref().map(|start| start.unit.as_str()));
            if let Some(name) = named {
                organisation.units.entry(name.to_owned()).or_insert_with(|| unit(name));
            }
        }
        Ok(organisation)
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        if let Some(refused) = &step.refused {
            let outcome = match (&refused.send, &refused.start, &refused.operate, &refused.task) {
                (Some(message), ..) => self.send(message, &refused.data, &refused.materials)?,
                (_, Some(start), ..) => self.start(start)?,
                (.., Some(operate), _) => self.operate(operate)?,
                (.., Some(task)) => {
                    let by = refused.by.clone().ok_or("`refused` with a task needs `by`")?;
                    let action = refused.action.clone().unwrap_or_else(|| "complete".to_owned());
                    self.act(&Act { task: task.clone(), by, action, data: refused.data.clone(), unit: refused.unit.clone() })?
                }
                _ => return Err("`refused` needs task, send, start or operate".to_owned()),
            };
            return match outcome {
                Err(rejection) if rejection.code == refused.code => Ok(()),
                Err(rejection) => Err(format!("should be refused with {}, but was with {}", refused.code, told(&rejection))),
                Ok(()) => Err(format!("should be refused with {}, but was carried out", refused.code)),
            };
        }
        if let Some(pass) = &step.pass {
            return self.pass(pass);
        }
        if let Some(expected) = &step.expect {
            return self.expect(expected);
        }
        let outcome = match step {
            Step { send: Some(message), .. } => self.send(message, &step.data, &step.materials)?,
            Step { start: Some(start), .. } => self.start(start)?,
            Step { act: Some(act), .. } => self.act(act)?,
            Step { operate: Some(operate), .. } => self.operate(operate)?,
            Step { answer: Some(node), .. } => self.job(node, |job| Ask::AnswerJob { job, output: step.data.clone() })?,
            Step { fail: Some(failing), .. } => {
                let (reason, give_up) = (failing.reason.clone(), failing.give_up);
                self.job(&failing.task, |job| Ask::FailJob { job, reason, give_up })?
            }
            Step { repair: Some(node), .. } => self.repair(node)?,
            _ => return Err("a step needs one of send, start, act, operate, answer, fail, repair, refused, pass, expect".to_owned()),
        };
        outcome.map_err(|rejection| format!("was refused: {}", told(&rejection)))
    }

    fn submit(&mut self, case: &str, actor: Actor, ask: Ask) -> Result<(), Rejection> {
        self.commands += 1;
        self.last = Some(case.to_owned());
        let outcome =
            self.world.submit(Command { case: case.to_owned(), key: format!("{case}:{}", self.commands), actor, at: self.now, ask });
        if let Some(case) = self.world.case(case) {
            self.broken.extend(invariant::check(self.definition, &case));
        }
        outcome
    }

    fn send(&mut self, message: &str, data: &Map<String, Value>, materials: &[String]) -> Result<Result<(), Rejection>, String> {
        let application_no = data.get("application_no").and_then(Value::as_str).ok_or("a message needs `application_no`")?.to_owned();
        let materials = self.materials(materials)?;
        let process = &self.definition.process;
        let starts = process.scopes[0].starts.iter().any(|&ix| match &process.nodes[ix].kind {
            NodeKind::StartEvent(event) => matches!(&event.trigger, Some(Trigger::Message(catch)) if catch.message == message),
            _ => false,
        });
        let mut part = data.clone();
        if !starts {
            let case = self.cases.get(&application_no).cloned().ok_or_else(|| format!("no case {application_no}"))?;
            let source = self.world.case(&case).map(|case| case.facts.source).unwrap_or_default();
            let ask = Ask::Deliver { message: message.to_owned(), data: part, materials };
            return Ok(self.submit(&case, Actor::Platform(source), ask));
        }
        let unit = part.shift_remove("unit").and_then(|unit| unit.as_str().map(str::to_owned)).ok_or("an application needs `unit`")?;
        part.shift_remove("item");
        let applicant = Applicant { name: "申请人".to_owned(), ..Applicant::default() };
        let start = self.start_of(Some(message), unit, applicant, &application_no, PLATFORM, part, materials);
        let case = format!("case-{application_no}");
        let outcome = self.submit(&case, Actor::Platform(PLATFORM.to_owned()), Ask::Start(Box::new(start)));
        self.cases.insert(application_no, case);
        Ok(outcome)
    }

    fn start(&mut self, submission: &Submission) -> Result<Result<(), Rejection>, String> {
        let posts = self.scenario.people.get(&submission.by).ok_or_else(|| format!("no person {}", submission.by))?;
        let at = posts.iter().next().map(|(_, unit)| unit.to_owned());
        let applicant =
            Applicant { name: at.clone().unwrap_or_default(), person: Some(submission.by.clone()), unit: at, subject: None, mail: None };
        let materials = self.materials(&submission.materials)?;
        let no = &submission.application_no;
        let start = self.start_of(None, submission.unit.clone(), applicant, no, "portal", submission.data.clone(), materials);
        let case = format!("case-{no}");
        self.cases.insert(no.clone(), case.clone());
        if submission.called {
            let caller = Some(Caller { case: "case-outside".to_owned(), call: 1 });
            return Ok(self.submit(&case, Actor::System, Ask::Start(Box::new(Start { caller, ..start }))));
        }
        Ok(self.submit(&case, Actor::Person(submission.by.clone()), Ask::Start(Box::new(start))))
    }

    #[expect(clippy::too_many_arguments, reason = "one place that names every part of a start")]
    fn start_of(
        &self,
        message: Option<&str>,
        unit: String,
        applicant: Applicant,
        application_no: &str,
        source: &str,
        data: Map<String, Value>,
        materials: Vec<MaterialGiven>,
    ) -> Start {
        Start {
            at: None,
            caller: None,
            process: self.definition.process.id.clone(),
            message: message.map(str::to_owned),
            unit,
            applicant,
            application_no: Some(application_no.to_owned()),
            source: source.to_owned(),
            received_at: self.now,
            data,
            materials,
        }
    }

    /// Attachments that stand for real ones: each has the first extension that its form takes.
    fn materials(&self, ids: &[String]) -> Result<Vec<MaterialGiven>, String> {
        let declared = |id: &String| self.definition.forms.values().flat_map(|form| &form.materials).find(|material| material.id == *id);
        ids.iter()
            .map(|id| {
                let extension =
                    declared(id).ok_or_else(|| format!("no form asks for material {id}"))?.accept.first().map_or("pdf", String::as_str);
                let name = format!("{id}.{extension}");
                Ok(MaterialGiven {
                    material: id.clone(),
                    file: format!("file-{id}"),
                    name,
                    size: 1,
                    media_type: "application/pdf".to_owned(),
                })
            })
            .collect()
    }

    /// The open task at a node: with a unit, the one that falls to it; else the oldest that the person's posts fit.
    fn task(&mut self, node: &str, unit: Option<&str>, by: &str) -> Result<(String, LocalNo), String> {
        let case = self.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let posts = self.scenario.people.get(by);
        let fits = |post: &Post| match unit {
            Some(unit) => post.unit == unit,
            None => posts.is_some_and(|posts| posts.iter().any(|own| own == (&post.role, &post.unit))),
        };
        let open: Vec<_> = state.tasks.iter().filter(|(_, task)| task.node == node && task.extra.signs.is_none()).collect();
        let own = open.iter().find(|(_, task)| unit.is_none() && task.assignee.as_deref() == Some(by));
        let chosen = own.or_else(|| open.iter().find(|(_, task)| fits(&task.post))).or(open.first());
        // A task that is not open gets a number that no task has, so that the engine itself says why not.
        Ok((case, chosen.map_or(LocalNo::MAX, |(no, _)| **no)))
    }

    fn act(&mut self, act: &Act) -> Result<Result<(), Rejection>, String> {
        let (case, task) = self.task(&act.task, act.unit.as_deref(), &act.by)?;
        let ask = Ask::Complete { task, action: act.action.clone(), data: act.data.clone() };
        Ok(self.submit(&case, Actor::Person(act.by.clone()), ask))
    }

    /// Carries out an operation, and compares what was said of it beforehand.
    fn operate(&mut self, operate: &Operate) -> Result<Result<(), Rejection>, String> {
        let by = Actor::Person(operate.by.clone());
        let (id, task) = match operate.at() {
            Some(node) => self.operated(node, operate)?,
            None => (self.last.clone().ok_or("no case yet")?, LocalNo::MAX),
        };
        let case = self.world.case(&id).ok_or("no case yet")?;
        let ask = operate.ask(&case, task)?;
        let said = allowed(self.definition, &case, &by, &self.organisation()?, self.now);
        let before = self.world.events(&id).len();
        let needs_more = operate.reason.is_empty();
        let outcome = self.submit(&id, by, ask.clone());
        let events = self.world.events(&id).split_off(before);
        if let Some(said) = foretold(&said, &ask) {
            let code = said.refused.as_ref().map(|refused| refused.code.clone());
            let is = outcome.as_ref().err().map(|refused| refused.code.clone());
            let unlike = code != is && !(code.is_none() && needs_more);
            if unlike {
                return Err(format!("beforehand the answer was {code:?}, and is {is:?}"));
            }
            let causes = Consequences::of(self.definition, &events);
            if outcome.is_ok() && causes != said.causes && operate.to.is_some() == said.target.is_some() && !operate.objects {
                return Err(format!("beforehand it would cause {:?}, and did {causes:?}", said.causes));
            }
        }
        if let (Some(told), Ok(())) = (&operate.cancels, &outcome) {
            let gone = Consequences::of(self.definition, &events).tasks;
            let gone: BTreeSet<&String> = gone.values().collect();
            if gone != told.iter().collect() {
                return Err(format!("takes away: told {told:?}, is {gone:?}"));
            }
        }
        Ok(outcome)
    }

    /// The task that an operation is about: of several at the node the person's own, else one of her posts.
    fn operated(&mut self, node: &str, operate: &Operate) -> Result<(String, LocalNo), String> {
        let (id, task) = self.task(node, None, &operate.by)?;
        let case = self.world.case(&id).ok_or("no case yet")?;
        let signs = operate.sign.is_some();
        let at = |task: &&Task| task.node == node && task.extra.signs.is_some() == signs;
        let own = |task: &Task| {
            let from = task.extra.delegated.as_ref().map(|delegation| &delegation.from);
            task.assignee.as_ref() == Some(&operate.by) || from == Some(&operate.by)
        };
        let own = case.tasks.iter().find(|(_, task)| at(task) && own(task));
        let kept = case.tasks.get(&task).filter(at).map(|_| task);
        let any = case.tasks.iter().find(|(_, task)| at(task)).map(|(no, _)| *no);
        Ok((id, own.map(|(no, _)| *no).or(kept).or(any).unwrap_or(LocalNo::MAX)))
    }

    /// What an adapter tells of the oldest job that a node waits for.
    fn job(&mut self, node: &str, ask: impl FnOnce(LocalNo) -> Ask) -> Result<Result<(), Rejection>, String> {
        let case = self.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let job = state.jobs.iter().find(|(_, job)| job.node == node).map_or(LocalNo::MAX, |(no, _)| *no);
        Ok(self.submit(&case, Actor::System, ask(job)))
    }

    fn repair(&mut self, node: &str) -> Result<Result<(), Rejection>, String> {
        let case = self.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let incident = state.incidents.iter().find(|(_, incident)| incident.node == node).map_or(LocalNo::MAX, |(no, _)| *no);
        Ok(self.submit(&case, Actor::System, Ask::Retry { incident }))
    }

    fn pass(&mut self, text: &str) -> Result<(), String> {
        let duration = Duration::parse(text).map_err(|wrong| wrong.zh)?;
        let until = self.definition.calendar.due(self.now, duration).at;
        let last = self.last.clone();
        for _ in 0..TIMERS_MAX {
            let Some((due, case, timer)) = self.world.next_due(until) else {
                self.now = until;
                self.last = last;
                return Ok(());
            };
            self.now = due.max(self.now);
            self.submit(&case, Actor::System, Ask::FireTimer { timer })
                .map_err(|rejection| format!("a timer was refused: {}", told(&rejection)))?;
        }
        Err(format!("more than {TIMERS_MAX} timers fired in {text}"))
    }

    fn expect(&mut self, expected: &Expectation) -> Result<(), String> {
        let id = match &expected.case {
            Some(no) => self.cases.get(no).cloned(),
            None => self.last.clone(),
        };
        let id = id.ok_or("no case to look at")?;
        let case = self.world.case(&id).ok_or("the case does not exist")?;
        let events = self.world.events(&id);
        let mut wrong = Vec::new();
        let mut compare = |what: &str, told: String, is: String| {
            if told != is {
                wrong.push(format!("{what}: told {told}, is {is}"));
            }
        };
        if let Some(at) = &expected.at {
            let told: BTreeSet<&str> = at.iter().map(String::as_str).collect();
            compare("at", format!("{told:?}"), format!("{:?}", waiting(self.definition, &case)));
        }
        if let Some(portal) = &expected.portal {
            compare("portal", portal.clone(), case.portal.map_or("none", crate::definition::PortalStatus::code).to_owned());
        }
        if let Some(ended) = expected.ended {
            compare("ended", ended.to_string(), (case.status == CaseStatus::Ended).to_string());
        }
        let incidents: Vec<&str> = case.incidents.values().map(|incident| incident.message.zh.as_str()).collect();
        compare("incident", expected.incident.unwrap_or(false).to_string(), (!incidents.is_empty()).to_string());
        if let Some(suspended) = expected.suspended {
            compare("suspended", suspended.to_string(), case.suspended.is_some().to_string());
        }
        if let Some(calls) = expected.calls {
            compare("calls", calls.to_string(), case.calls.len().to_string());
        }
        for (node, person) in &expected.assigned {
            let is = case.tasks.values().find(|task| task.node == *node).and_then(|task| task.assignee.clone());
            compare(&format!("{node} is with"), person.clone(), is.unwrap_or_else(|| "nobody".to_owned()));
        }
        for (name, value) in &expected.data {
            let is = case.data.get(name).cloned().or_else(|| self.definition.process.data.fields.get(name)?.default.clone());
            let is = is.unwrap_or(Value::Null);
            if *value != is {
                compare(&format!("data {name}"), value.to_string(), is.to_string());
            }
        }
        if let Some(documents) = &expected.documents {
            let told: BTreeSet<&str> = documents.iter().map(String::as_str).collect();
            let made: BTreeSet<&str> = case.documents.iter().filter_map(|document| document.name.as_deref()).collect();
            compare("documents", format!("{told:?}"), format!("{made:?}"));
        }
        for template in &expected.notices {
            let sent = events.iter().any(|event| matches!(event, Event::NoticeSent { template: of, .. } if of == template));
            compare(&format!("notice {template}"), "sent".to_owned(), if sent { "sent" } else { "not sent" }.to_owned());
        }
        for (clock, state) in &expected.clock {
            let (told, is) = clock_state(&self.definition.calendar, &case, clock, state, self.now);
            compare(&format!("clock {clock}"), told, is);
        }
        if wrong.is_empty() {
            return Ok(());
        }
        wrong.extend(incidents.iter().map(|incident| format!("incident: {incident}")));
        Err(wrong.join("\n  "))
    }

    fn story(&mut self) -> Story {
        let mut story = Story::default();
        let ids: Vec<String> = self.cases.values().cloned().collect();
        for event in ids.iter().flat_map(|id| self.world.events(id)) {
            match event {
                Event::TokenPlaced { node, flow, .. } => {
                    story.nodes.insert(node);
                    story.flows.extend(flow);
                }
                Event::TaskCompleted { node, action, .. } => drop(story.actions.insert(format!("{node}.{action}"))),
                Event::ScopeOpened { node, .. } => drop(story.nodes.insert(node)),
                _ => {}
            }
        }
        story
    }
}

fn unit(id: &str) -> Unit {
    Unit { name: Text::zh(id), kind: "district".to_owned(), parent: None, code: None, items: Vec::new() }
}

fn told(rejection: &Rejection) -> String {
    let fields: Vec<String> = rejection.fields.iter().map(|error| format!("{} {}: {}", error.path, error.code, error.message)).collect();
    format!("{rejection} {}", fields.join("; "))
}

/// The nodes that wait, each once: neither the sub-processes around them nor joins that are not complete.
fn waiting<'a>(definition: &Definition, case: &'a Case) -> BTreeSet<&'a str> {
    let waits = |node: &str| {
        let kind = definition.process.node(node).map(|node| &node.kind);
        !matches!(kind, Some(NodeKind::SubProcess(_) | NodeKind::EventSubProcess(_) | NodeKind::ParallelGateway))
    };
    case.tokens.values().map(|token| token.node.as_str()).filter(|node| waits(node)).collect()
}

fn clock_state(calendar: &Calendar, case: &Case, clock: &str, expected: &ExpectedClock, now: Moment) -> (String, String) {
    let record = case.clocks.get(clock);
    match expected {
        ExpectedClock::State(state) => {
            let is = match record {
                None => "not-started",
                Some(record) if record.stopped.is_some() => "stopped",
                Some(record) if record.pause_at(now).is_some() => "paused",
                Some(_) => "running",
            };
            (state.clone(), is.to_owned())
        }
        ExpectedClock::Left { left } => {
            let told = Duration::parse(left).map_or_else(|wrong| wrong.zh, |duration| duration.amount.to_string());
            let is = record.map_or("not-started".to_owned(), |record| calendar.clock_left(record, now).amount.to_string());
            (told, is)
        }
    }
}
