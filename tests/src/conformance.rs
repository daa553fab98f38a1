//! What conformance tests share: the tiny office around each process, telling a story and comparing its trace.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use tongban_engine::{
    definition::{Bundle, Definition, Mapping, load_pinned},
    diagnostic::Severity,
    interpreter::{Actor, Ask, Case, CaseStatus, Command, Context, Event, Rejection, apply, migrated},
    organisation::Organisation,
    scenario::{PureWorld, Scenario, World, run},
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

impl Around {
    /// The files of the office with one process, its head completed.
    pub fn bundle(&self, process: &str, templates: &BTreeMap<String, String>) -> Bundle {
        let calendar = "forms/calendars/cn.yaml";
        let mut files = self.files.clone();
        files.insert(calendar.to_owned(), office::bundle().files[calendar].clone());
        for (name, text) in templates {
            files.insert(format!("workflows/t/trial/templates/{name}.hbs"), text.clone());
        }
        let mut whole = "process: trial\n".to_owned();
        for (key, text) in &self.head {
            if !process.lines().any(|line| line.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with(':'))) {
                whole.push_str(text.trim_end());
                whole.push('\n');
            }
        }
        files.insert(PROCESS.to_owned(), whole + process);
        Bundle { files }
    }

    /// A story with what every story begins with.
    ///
    /// # Errors
    /// It is no scenario.
    pub fn story(&self, story: Map<String, Value>) -> Result<Scenario, String> {
        let mut whole = self.story.clone();
        whole.insert("process".to_owned(), "trial".into());
        whole.extend(story);
        serde_json::from_value(Value::Object(whole)).map_err(|error| error.to_string())
    }
}

/// Where the one process stands.
const PROCESS: &str = "workflows/t/trial/process.yaml";

/// Loads a process, its head completed from the office.
///
/// # Errors
/// Its findings, rendered.
pub fn load(process: &str, templates: &BTreeMap<String, String>, around: &Around) -> Result<Arc<Definition>, String> {
    loaded(&around.bundle(process, templates))
}

/// The one process of some files, as deployed: some stories are about what checking would not have let through.
///
/// # Errors
/// Its findings.
pub fn loaded(bundle: &Bundle) -> Result<Arc<Definition>, String> {
    load_pinned(bundle).map_err(|findings| {
        let wrong = findings.iter().filter(|finding| finding.severity == Severity::Error);
        wrong.map(|finding| format!("{} {}: {}", finding.place, finding.code, finding.message)).collect::<Vec<_>>().join("\n")
    })
}

/// The same process under another content hash.
fn twin(definition: &Definition) -> Result<Arc<Definition>, String> {
    static KNOWN: Mutex<BTreeMap<String, Arc<Definition>>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(twin) = known().get(&definition.hash) {
        return Ok(twin.clone());
    }
    let mut files = definition.files.clone();
    if let Some(text) = files.get_mut(PROCESS) {
        text.push_str("\n# the same\n");
    }
    let twin = loaded(&Bundle { files })?;
    known().insert(definition.hash.clone(), twin.clone());
    Ok(twin)
}

/// Tells one story, compares the nodes that were passed, rebuilds each case from its events, and moves each case after
/// each command to a version that says the same, and back.
///
/// # Errors
/// What did not go as told.
pub fn tell(story: &Map<String, Value>, definition: &Arc<Definition>, around: &Around) -> Result<(), String> {
    let mut story = story.clone();
    let passed = story.shift_remove("passed");
    let scenario = around.story(story)?;
    let (pure, versions) = (PureWorld::new([definition.clone()]), (definition.clone(), twin(definition)?));
    let mut world = Recorded { pure, last: String::new(), folded: BTreeMap::new(), versions, organisation: Organisation::default() };
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
    /// The definition, and the same under another hash.
    versions: (Arc<Definition>, Arc<Definition>),
    organisation: Organisation,
}

impl Recorded {
    /// A version that says the same changes nothing of a case but its version, there and back, wherever the case stands.
    fn migrates_unchanged(&self, case: &Case, at: Moment) {
        let context = Context { organisation: &self.organisation, series: &BTreeMap::new(), choices: None };
        let moved = |from: &Definition, to: &Definition, case: &Case| {
            let ask = Ask::Migrate { to: to.hash.clone(), mapping: Mapping::default() };
            let command = Command { case: case.id.clone(), key: "migrate".to_owned(), actor: Actor::System, at, ask };
            migrated(from, to, case, &command, &context).unwrap_or_else(|rejection| panic!("not migrated: {rejection} {case:#?}"))
        };
        let (here, there) = &self.versions;
        let (other, events) = moved(here, there, case);
        assert!(matches!(events.as_slice(), [Event::Migrated { .. }]), "the same process changes {events:?}");
        assert_eq!(Case { definition: here.hash.clone(), ..other.clone() }, *case, "the same process changes the case");
        assert_eq!(moved(there, here, &other).0, *case, "there and back is not where it was");
    }
}

impl World for Recorded {
    fn submit(&mut self, command: Command) -> Result<(), Rejection> {
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
        let folded = folded.clone();
        if folded.status == CaseStatus::Running {
            self.migrates_unchanged(&folded, at);
        }
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

    fn organise(&mut self, organisation: Organisation) {
        self.organisation = organisation.clone();
        self.pure.organise(organisation);
    }
}
