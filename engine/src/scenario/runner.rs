//! Telling the story: each step becomes a command, or turns the clock, or compares.

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Act, KeepsFrom, Operate, Posts, Refused, Scenario, StandsIn, Step, Story, Submission, Throwing, World, operate::foretold};
use crate::{
    calendar::Duration,
    definition::{Definition, NodeKind, Trigger},
    interpreter::{
        Actor, Applicant, Ask, Caller, CaseId, Command, Consequences, LocalNo, MaterialGiven, Rejection, Start, Task, allowed, invariant,
    },
    organisation::{Concern, Organisation, Person, Post, Recusal, StandIn, Term, Unit},
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

/// How far a story has been told: plain data, so that a teller can go back to where she was.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    /// The time in the story.
    pub now: Moment,
    /// Application number → case id, in the order in which they began.
    pub cases: IndexMap<String, CaseId>,
    /// The case that the last step was about.
    pub last: Option<CaseId>,
    /// Who there is.
    pub people: IndexMap<String, Posts>,
    commands: u32,
}

/// Runs a scenario in a world whose cases may be of any of `definitions`. What it went through comes by process.
///
/// # Errors
/// The first step that did not go as told.
pub fn run(
    scenario: &Scenario,
    definitions: &IndexMap<String, Arc<Definition>>,
    world: &mut dyn World,
) -> Result<IndexMap<String, Story>, Failure> {
    let mut telling = begin(scenario, definitions, world).map_err(|what| Failure { step: 0, what })?;
    for (index, step) in scenario.steps.iter().enumerate() {
        tell(scenario, definitions, world, &mut telling, step).map_err(|what| Failure { step: index + 1, what })?;
    }
    Ok(Story::of(world))
}

/// Begins a story: its people take their posts, and its clock is set.
///
/// # Errors
/// What is wrong with the head of the scenario.
pub fn begin(scenario: &Scenario, definitions: &IndexMap<String, Arc<Definition>>, world: &mut dyn World) -> Result<Telling, String> {
    let definition = main_definition(scenario, definitions)?;
    let now = definition.calendar.parse_moment(&scenario.at).ok_or_else(|| format!("`at: {}` is no moment", scenario.at))?;
    world.organise(organisation(&scenario.people, &scenario.steps)?);
    Ok(Telling { now, people: scenario.people.clone(), ..Telling::default() })
}

/// Tells one step.
///
/// # Errors
/// How it did not go as told, or which invariant of a case it broke.
pub fn tell(
    scenario: &Scenario,
    definitions: &IndexMap<String, Arc<Definition>>,
    world: &mut dyn World,
    telling: &mut Telling,
    step: &Step,
) -> Result<(), String> {
    let definition = main_definition(scenario, definitions)?;
    let mut teller = Teller { scenario, definitions, definition, world, telling, broken: Vec::new() };
    let told = teller.step(step);
    if !teller.broken.is_empty() {
        return Err(format!("an invariant is broken: {}", teller.broken.join("; ")));
    }
    told
}

fn main_definition<'a>(scenario: &Scenario, definitions: &'a IndexMap<String, Arc<Definition>>) -> Result<&'a Arc<Definition>, String> {
    definitions.get(&scenario.process).ok_or_else(|| {
        let process = &scenario.process;
        format!("流程 {process} 不存在或有错误 / process {process} does not exist or has errors")
    })
}

pub(super) struct Teller<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) definitions: &'a IndexMap<String, Arc<Definition>>,
    /// The scenario's own process.
    pub(super) definition: &'a Arc<Definition>,
    pub(super) world: &'a mut dyn World,
    pub(super) telling: &'a mut Telling,
    /// Invariants that a command has broken.
    broken: Vec<String>,
}

/// People of the story, and every unit that it names.
pub(crate) fn organisation(people: &IndexMap<String, Posts>, steps: &[Step]) -> Result<Organisation, String> {
    let mut organisation = Organisation::default();
    for (id, told) in people {
        let posts = told;
        let posts: Vec<Post> = posts.iter().map(|(role, unit)| Post { role: role.to_owned(), unit: unit.to_owned() }).collect();
        if posts.iter().any(|post| post.unit.is_empty()) {
            return Err(format!("each post of {id} should be role@unit"));
        }
        for post in &posts {
            organisation.units.entry(post.unit.clone()).or_insert_with(|| unit(&post.unit));
        }
        let mut person = Person { name: id.clone(), mail: Some(format!("{id}@example.test")), posts, ..Person::default() };
        if let Posts::Described(described) = told {
            person.stands_in = described.stands_in.iter().map(stand_in).collect();
            let recusal = |(n, from): (usize, &KeepsFrom)| recusal(format!("{id}-{n}"), id, from);
            organisation.recusals.extend(described.keeps_from.iter().enumerate().map(recusal));
        }
        organisation.people.insert(id.clone(), person);
    }
    for step in steps {
        let named = step.data.get("unit").and_then(Value::as_str).or(step.start.as_ref().map(|start| start.unit.as_str()));
        if let Some(name) = named {
            organisation.units.entry(name.to_owned()).or_insert_with(|| unit(name));
        }
    }
    Ok(organisation)
}

impl Teller<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.turn_to(step.case.as_deref())?;
        if !step.people.is_empty() {
            return self.organise(&step.people);
        }
        if let Some(refused) = &step.refused {
            return self.refused(refused);
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
            Step { throw: Some(throwing), .. } => self.throw(throwing)?,
            Step { signal: Some(signal), .. } => self.signal(signal, &step.data),
            Step { set, .. } if !set.is_empty() => self.system(Ask::Set { data: set.clone() })?,
            Step { repair: Some(node), .. } => self.repair(node)?,
            _ => {
                let verbs = "send, start, act, operate, answer, fail, throw, signal, set, repair, people, refused, pass, expect";
                return Err(format!("a step needs one of {verbs}"));
            }
        };
        outcome.map_err(|rejection| format!("was refused: {}", told(&rejection)))
    }

    /// Takes it that some people are otherwise from now on.
    fn organise(&mut self, people: &IndexMap<String, Posts>) -> Result<(), String> {
        self.telling.people.extend(people.clone());
        self.world.organise(organisation(&self.telling.people, &self.scenario.steps)?);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Result<(), String> {
        self.turn_to(refused.case.as_deref())?;
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
        match outcome {
            Err(rejection) if rejection.code == refused.code => Ok(()),
            Err(rejection) => Err(format!("should be refused with {}, but was with {}", refused.code, told(&rejection))),
            Ok(()) => Err(format!("should be refused with {}, but was carried out", refused.code)),
        }
    }

    /// Makes the case that a step names the one that it is about.
    fn turn_to(&mut self, named: Option<&str>) -> Result<(), String> {
        if let Some(named) = named {
            self.telling.last = Some(self.case_called(named)?);
        }
        Ok(())
    }

    /// The case of an application number, or the newest of a process.
    pub(super) fn case_called(&mut self, named: &str) -> Result<CaseId, String> {
        if let Some(case) = self.telling.cases.get(named) {
            return Ok(case.clone());
        }
        let newest = self.world.cases().into_iter().rev().find(|id| self.world.case(id).is_some_and(|case| case.process == named));
        newest.ok_or_else(|| format!("no case has the number {named}, and none is of a process of that name"))
    }

    /// The definition that a case runs on.
    pub(super) fn definition_of(&mut self, case: &str) -> &Arc<Definition> {
        let process = self.world.case(case).map(|case| case.process);
        process.and_then(|process| self.definitions.get(&process)).unwrap_or(self.definition)
    }

    fn submit(&mut self, case: &str, actor: Actor, ask: Ask) -> Result<(), Rejection> {
        self.telling.commands += 1;
        self.telling.last = Some(case.to_owned());
        let key = format!("{case}:{}", self.telling.commands);
        let outcome = self.world.submit(Command { case: case.to_owned(), key, actor, at: self.telling.now, ask });
        self.look_at_all();
        outcome
    }

    /// What one case asks of others may break those.
    fn look_at_all(&mut self) {
        for id in self.world.cases() {
            let Some(case) = self.world.case(&id) else { continue };
            let definition = self.definitions.get(&case.process).unwrap_or(self.definition);
            self.broken.extend(invariant::check(definition, &case));
        }
    }

    /// Asks something of the case at hand as the system.
    fn system(&mut self, ask: Ask) -> Result<Result<(), Rejection>, String> {
        let case = self.telling.last.clone().ok_or("no case yet")?;
        Ok(self.submit(&case, Actor::System, ask))
    }

    fn signal(&mut self, signal: &str, data: &Map<String, Value>) -> Result<(), Rejection> {
        let outcome = self.world.signal(signal, data, self.telling.now);
        self.look_at_all();
        outcome
    }

    fn throw(&mut self, throwing: &Throwing) -> Result<Result<(), Rejection>, String> {
        let (_, task) = self.task(&throwing.task, None, "")?;
        self.system(Ask::Throw { task, error: throwing.error.clone(), data: throwing.data.clone() })
    }

    fn send(&mut self, message: &str, data: &Map<String, Value>, materials: &[String]) -> Result<Result<(), Rejection>, String> {
        let application_no = data.get("application_no").and_then(Value::as_str).ok_or("a message needs `application_no`")?.to_owned();
        let mut part = data.clone();
        let Some(definition) = self.begun_by(message, data.get("item").and_then(Value::as_str)) else {
            let case = self.case_called(&application_no)?;
            let materials = given_materials(self.definition_of(&case), materials)?;
            let source = self.world.case(&case).map(|case| case.facts.source).unwrap_or_default();
            let ask = Ask::Deliver { message: message.to_owned(), data: part, materials };
            return Ok(self.submit(&case, Actor::Platform(source), ask));
        };
        let materials = given_materials(definition, materials)?;
        let process = definition.process.id.clone();
        let unit = part.shift_remove("unit").and_then(|unit| unit.as_str().map(str::to_owned)).ok_or("an application needs `unit`")?;
        part.shift_remove("item");
        let start = Start {
            process,
            message: Some(message.to_owned()),
            unit,
            applicant: Applicant { name: "申请人".to_owned(), ..Applicant::default() },
            application_no: Some(application_no.clone()),
            source: PLATFORM.to_owned(),
            received_at: self.telling.now,
            data: part,
            materials,
            ..Start::default()
        };
        let case = case_id(&application_no);
        let outcome = self.submit(&case, Actor::Platform(PLATFORM.to_owned()), Ask::Start(Box::new(start)));
        self.telling.cases.insert(application_no, case);
        Ok(outcome)
    }

    /// The process that a message begins: the scenario's own if it does, else the one whose item the message names.
    fn begun_by(&self, message: &str, item: Option<&str>) -> Option<&'_ Arc<Definition>> {
        let begins = |definition: &&Arc<Definition>| {
            let process = &definition.process;
            process.scopes[0].starts.iter().any(|&ix| match &process.nodes[ix].kind {
                NodeKind::StartEvent(event) => matches!(&event.trigger, Some(Trigger::Message(catch)) if catch.message == message),
                _ => false,
            })
        };
        let named = |definition: &&Arc<Definition>| item.is_some() && definition.process.item.as_deref() == item;
        let other = || self.definitions.values().find(|definition| named(definition) && begins(definition));
        Some(self.definition).filter(|own| begins(own) && (named(own) || other().is_none())).or_else(other)
    }

    fn start(&mut self, submission: &Submission) -> Result<Result<(), Rejection>, String> {
        let posts = self.telling.people.get(&submission.by).ok_or_else(|| format!("no person {}", submission.by))?;
        let at = posts.iter().next().map(|(_, unit)| unit.to_owned());
        let process = submission.process.as_ref().unwrap_or(&self.scenario.process);
        let definition = self.definitions.get(process).ok_or_else(|| format!("no process {process}"))?;
        let no = &submission.application_no;
        let start = Start {
            process: process.clone(),
            unit: submission.unit.clone(),
            applicant: Applicant {
                name: at.clone().unwrap_or_default(),
                person: Some(submission.by.clone()),
                unit: at,
                ..Applicant::default()
            },
            application_no: Some(no.clone()),
            source: "portal".to_owned(),
            received_at: self.telling.now,
            data: submission.data.clone(),
            materials: given_materials(definition, &submission.materials)?,
            ..Start::default()
        };
        let case = case_id(no);
        self.telling.cases.insert(no.clone(), case.clone());
        if submission.called {
            let caller = Some(Caller { case: "case-outside".to_owned(), call: 1 });
            return Ok(self.submit(&case, Actor::System, Ask::Start(Box::new(Start { caller, ..start }))));
        }
        Ok(self.submit(&case, Actor::Person(submission.by.clone()), Ask::Start(Box::new(start))))
    }

    /// The open task at a node: with a unit, the one that falls to it; else the oldest that the person's posts fit.
    fn task(&mut self, node: &str, unit: Option<&str>, by: &str) -> Result<(String, LocalNo), String> {
        let case = self.telling.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let posts = self.telling.people.get(by);
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
            None => (self.telling.last.clone().ok_or("no case yet")?, LocalNo::MAX),
        };
        let case = self.world.case(&id).ok_or("no case yet")?;
        let definition = self.definition_of(&id).clone();
        let ask = operate.ask(&case, task)?;
        let said = allowed(&definition, &case, &by, &organisation(&self.telling.people, &self.scenario.steps)?, self.telling.now);
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
            let causes = Consequences::of(&definition, &events);
            if outcome.is_ok() && causes != said.causes && operate.to.is_some() == said.target.is_some() && !operate.objects {
                return Err(format!("beforehand it would cause {:?}, and did {causes:?}", said.causes));
            }
        }
        if let (Some(told), Ok(())) = (&operate.cancels, &outcome) {
            let gone = Consequences::of(&definition, &events).tasks;
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
        let case = self.telling.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let job = state.jobs.iter().find(|(_, job)| job.node == node).map_or(LocalNo::MAX, |(no, _)| *no);
        Ok(self.submit(&case, Actor::System, ask(job)))
    }

    fn repair(&mut self, node: &str) -> Result<Result<(), Rejection>, String> {
        let case = self.telling.last.clone().ok_or("no case yet")?;
        let state = self.world.case(&case).ok_or("no case yet")?;
        let incident = state.incidents.iter().find(|(_, incident)| incident.node == node).map_or(LocalNo::MAX, |(no, _)| *no);
        Ok(self.submit(&case, Actor::System, Ask::Retry { incident }))
    }

    fn pass(&mut self, text: &str) -> Result<(), String> {
        let duration = Duration::parse(text).map_err(|wrong| wrong.zh)?;
        let until = self.definition.calendar.due(self.telling.now, duration).at;
        let last = self.telling.last.clone();
        for _ in 0..TIMERS_MAX {
            let Some((due, case, timer)) = self.world.next_due(until) else {
                self.telling.now = until;
                self.telling.last = last;
                return Ok(());
            };
            self.telling.now = due.max(self.telling.now);
            self.submit(&case, Actor::System, Ask::FireTimer { timer })
                .map_err(|rejection| format!("a timer was refused: {}", told(&rejection)))?;
        }
        Err(format!("more than {TIMERS_MAX} timers fired in {text}"))
    }
}

/// The id of the case that a story calls by an application number.
fn case_id(application_no: &str) -> CaseId {
    format!("case-{application_no}")
}

fn stand_in(told: &StandsIn) -> StandIn {
    match told {
        StandsIn::Always(absent) => StandIn { absent: absent.clone(), processes: Vec::new() },
        StandsIn::In { r#for, processes } => StandIn { absent: r#for.clone(), processes: processes.clone() },
    }
}

fn recusal(id: String, person: &str, from: &KeepsFrom) -> Recusal {
    let about = match from {
        KeepsFrom::Case { case } => Concern::Case(case_id(case)),
        KeepsFrom::Unit { unit } => Concern::Unit(unit.clone()),
    };
    Recusal { id, person: person.to_owned(), about, reason: "利害关系".to_owned(), term: Term::default() }
}

fn unit(id: &str) -> Unit {
    Unit { name: Text::zh(id), kind: "district".to_owned(), parent: None, code: None, items: Vec::new() }
}

fn told(rejection: &Rejection) -> String {
    let fields: Vec<String> = rejection.fields.iter().map(|error| format!("{} {}: {}", error.path, error.code, error.message)).collect();
    format!("{rejection} {}", fields.join("; "))
}

/// Attachments that stand for real ones: each has the first extension that its form takes.
fn given_materials(definition: &Definition, ids: &[String]) -> Result<Vec<MaterialGiven>, String> {
    let declared = |id: &String| definition.forms.values().flat_map(|form| &form.materials).find(|material| material.id == *id);
    let given = |id: &String| {
        let declared = declared(id).ok_or_else(|| format!("no form asks for material {id}"))?;
        let extension = declared.accept.first().map_or("pdf", String::as_str);
        Ok(MaterialGiven {
            material: id.clone(),
            file: format!("file-{id}"),
            name: format!("{id}.{extension}"),
            size: 1,
            media_type: "application/pdf".to_owned(),
        })
    };
    ids.iter().map(given).collect()
}
