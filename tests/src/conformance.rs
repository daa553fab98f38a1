//! What conformance tests share: the tiny office around each process, telling a story and comparing its trace.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use tongban_engine::{
    definition::{Bundle, Definition, load_office},
    diagnostic::{Severity, render},
    interpreter::{Case, Event, apply},
    scenario::{PureWorld, Scenario, World, run},
    text::Language,
    time::Moment,
};

use crate::office;

/// The office around every process: `conformance/office.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Around {
    files: BTreeMap<String, String>,
    head: BTreeMap<String, String>,
    story: Map<String, Value>,
}

/// Reads a YAML file.
///
/// # Errors
/// What is wrong with it.
pub fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_yaml::from_str(&text).map_err(|error| error.to_string())
}

/// Loads a process, its head completed from the office.
///
/// # Errors
/// Its findings, rendered.
pub fn load(process: &str, templates: &BTreeMap<String, String>, around: &Around) -> Result<Arc<Definition>, String> {
    let calendar = "forms/calendars/cn.yaml";
    let mut files = around.files.clone();
    files.insert(calendar.to_owned(), office::bundle().files[calendar].clone());
    for (name, text) in templates {
        files.insert(format!("workflows/t/trial/templates/{name}.hbs"), text.clone());
    }
    let mut whole = "process: trial\n".to_owned();
    for (key, text) in &around.head {
        if !process.lines().any(|line| line.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with(':'))) {
            whole.push_str(text.trim_end());
            whole.push('\n');
        }
    }
    files.insert("workflows/t/trial/process.yaml".to_owned(), whole + process);
    let (office, mut findings) = load_office(&Bundle { files });
    findings.retain(|finding| finding.severity == Severity::Error);
    office.definitions.get("trial").cloned().ok_or_else(|| render(&findings, &office.sources, Language::En))
}

/// Tells one story, compares the nodes that were passed, and rebuilds each case from its events.
///
/// # Errors
/// What did not go as told.
pub fn tell(story: &Map<String, Value>, definition: &Arc<Definition>, around: &Around) -> Result<(), String> {
    let mut whole = around.story.clone();
    whole.insert("process".to_owned(), "trial".into());
    whole.extend(story.clone());
    let passed = whole.shift_remove("passed");
    let scenario: Scenario = serde_json::from_value(Value::Object(whole)).map_err(|error| error.to_string())?;
    let mut world = Recorded { pure: PureWorld::new([definition.clone()]), last: String::new(), folded: BTreeMap::new() };
    let definitions = IndexMap::from([(scenario.process.clone(), definition.clone())]);
    run(&scenario, &definitions, &mut world).map_err(|failure| failure.to_string())?;
    let Some(passed) = passed else { return Ok(()) };
    let told: Vec<String> = serde_json::from_value(passed).map_err(|error| error.to_string())?;
    let last = world.last.clone();
    let is = trace(&world.events(&last));
    if told == is { Ok(()) } else { Err(format!("passed: told {told:?}\n          is   {is:?}")) }
}

/// Ids of the nodes that tokens left in the ordinary way, in order.
fn trace(events: &[Event]) -> Vec<String> {
    let mut stands = BTreeMap::new();
    let mut passed = Vec::new();
    for event in events {
        match event {
            Event::TokenPlaced { token, node, .. } => drop(stands.insert(*token, node.clone())),
            Event::TokenTaken { token, completed: true } => passed.extend(stands.remove(token).filter(|node| !node.contains("__"))),
            _ => {}
        }
    }
    passed
}

/// The pure world, whose cases are also folded from their events, one command after the other.
struct Recorded {
    pure: PureWorld,
    last: String,
    folded: BTreeMap<String, (Case, usize)>,
}

impl World for Recorded {
    fn submit(&mut self, command: tongban_engine::interpreter::Command) -> Result<(), tongban_engine::interpreter::Rejection> {
        let (id, at) = (command.case.clone(), command.at);
        let before = self.pure.case(&id);
        let outcome = self.pure.submit(command);
        if outcome.is_err() {
            assert_eq!(before, self.pure.case(&id), "a refused command changed the case");
            return outcome;
        }
        self.last.clone_from(&id);
        let events = self.pure.events(&id);
        let (folded, done) = self.folded.entry(id.clone()).or_insert_with(|| (Case { id: id.clone(), ..Case::default() }, 0));
        for event in &events[*done..] {
            apply(folded, event, at);
        }
        *done = events.len();
        folded.seq += 1;
        assert_eq!(Some(&*folded), self.pure.case(&id).as_ref(), "the case is not what its events make of it");
        outcome
    }

    fn signal(&mut self, signal: &str, data: &Map<String, Value>, at: Moment) -> Result<(), tongban_engine::interpreter::Rejection> {
        self.pure.signal(signal, data, at)
    }

    fn cases(&mut self) -> Vec<String> {
        self.pure.cases()
    }

    fn case(&mut self, id: &str) -> Option<Case> {
        self.pure.case(id)
    }

    fn events(&mut self, id: &str) -> Vec<Event> {
        self.pure.events(id)
    }

    fn next_due(&mut self, until: Moment) -> Option<(Moment, String, u32)> {
        self.pure.next_due(until)
    }

    fn organise(&mut self, organisation: tongban_engine::organisation::Organisation) {
        self.pure.organise(organisation);
    }
}
