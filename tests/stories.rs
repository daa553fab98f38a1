//! What models do, told as `tongban run` would drive them: files of `conformance/run/` and `conformance/patterns/`.
//!
//! A file holds a `model` (or several `models`, deployed together; YAML of the dialect or BPMN XML), which activities are
//! `automatic`, and `stories`. A story is a list of `steps`: a step of `tongban run` as a mapping with `do`, or in short
//! (`start p`, `complete a`, `message m key`, `signal s`, `trigger n`, `advance 10s`, `fire t`, `set {…}`); one that is to be
//! `refused`; or what is to `see` by then. After every step each case must be one that its process can have.

use std::{
    fmt::Write,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongban_engine::{
    definition::{Automatic, Definition, load_experiment},
    diagnostic::render,
    source::Source,
    text::Language,
    time::Moment,
    world::{Answer, CaseSeen, Step, World},
};
use tongban_tests::office;

/// 2026-01-01T00:00:00Z, as `tongban run` begins.
const NOW: Moment = Moment(1_767_225_600_000);

/// The folders of `conformance/` that hold such files.
const FOLDERS: [&str; 2] = ["run", "patterns"];

/// A file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    models: Vec<String>,
    #[serde(default)]
    automatic: Vec<String>,
    stories: Vec<Story>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    story: String,
    steps: Vec<Value>,
}

/// What is to be seen; what is not said is not looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Nodes completed since the last look, in order.
    completed: Option<Vec<String>>,
    /// Flows taken since the last look, in any order.
    taken: Option<Vec<String>>,
    /// What scripts said since the last look.
    log: Option<Vec<String>>,
    /// Open work over all cases, in any order.
    open: Option<Vec<String>>,
    /// Nodes whose timers run, in any order.
    timers: Option<Vec<String>>,
    /// Nodes that wait, in any order.
    waiting: Option<Vec<String>>,
    /// Whether every case has ended.
    ended: Option<bool>,
    /// The error that the first case ended by.
    error: Option<String>,
    /// Where the first case has an incident.
    incident: Option<String>,
    /// Data of the first case, those that are named.
    data: Option<Map<String, Value>>,
    /// Process and state of every case.
    cases: Option<Vec<String>>,
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = office::root().join("tests/conformance");
    let mut trials = Vec::new();
    for path in FOLDERS.iter().flat_map(|name| office::files_below(&folder.join(name))) {
        let name = path.strip_prefix(&folder).map(|path| path.display().to_string()).unwrap_or_default();
        match read(&path) {
            Ok(shown) => {
                let file = Arc::new(File { shown, definitions: Mutex::default() });
                for at in 0..file.shown.stories.len() {
                    let (file, title) = (file.clone(), format!("{name}: {}", file.shown.stories[at].story));
                    trials.push(Trial::test(title, move || file.tell(at).map_err(Failed::from)));
                }
            }
            Err(wrong) => trials.push(Trial::test(name, move || Err(Failed::from(wrong)))),
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn read(path: &Path) -> Result<Shown, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_yaml::from_str(&text).map_err(|error| error.to_string())
}

/// A file whose models are deployed once; its stories are told one at a time, since they share what scripts say.
struct File {
    shown: Shown,
    definitions: Mutex<Option<Vec<Arc<Definition>>>>,
}

impl File {
    fn tell(&self, at: usize) -> Result<(), String> {
        let mut loaded = self.definitions.lock().map_err(|_| "an earlier story of the file panicked")?;
        if loaded.is_none() {
            *loaded = Some(deploy(&self.shown)?);
        }
        tell(&self.shown.stories[at], World::new(loaded.clone().unwrap_or_default(), NOW))
    }
}

fn deploy(shown: &Shown) -> Result<Vec<Arc<Definition>>, String> {
    let texts = shown.model.iter().chain(&shown.models);
    let sources: Vec<Source> =
        (1..).zip(texts).map(|(number, text)| Source { name: format!("model{number}").into(), text: text.as_str().into() }).collect();
    let automatic = match shown.automatic.iter().any(|id| id == "all") {
        true => Automatic::Everything,
        false => Automatic::These(shown.automatic.clone()),
    };
    load_experiment(&sources, &automatic).map_err(|findings| {
        let named = sources.iter().map(|source| (source.name.to_string(), source.clone())).collect();
        render(&findings, &named, Language::En)
    })
}

/// Tells one story.
fn tell(story: &Story, mut world: World) -> Result<(), String> {
    let mut since = Since::default();
    let mut answer = None;
    for told in &story.steps {
        if let Some(see) = told.get("see") {
            let seen: Seen = serde_json::from_value(see.clone()).map_err(|error| format!("{see}: {error}"))?;
            let Some(answer) = &answer else { return Err("nothing has happened yet".to_owned()) };
            look(&seen, &std::mem::take(&mut since), answer)?;
            continue;
        }
        let (step, refused) = match told.get("refused") {
            Some(step) => (step, true),
            None => (told, false),
        };
        let given = world.step(&step_of(step)?);
        if given.ok == refused {
            return Err(format!("{step}: ok is {}: {}", given.ok, given.error.unwrap_or_default()));
        }
        let broken = world.broken();
        if !broken.is_empty() {
            return Err(format!("after {step}: {}", broken.join("; ")));
        }
        since.add(&given);
        answer = Some(given);
    }
    Ok(())
}

/// What happened since the last look.
#[derive(Default)]
struct Since {
    completed: Vec<String>,
    taken: Vec<String>,
    log: Vec<String>,
}

impl Since {
    fn add(&mut self, answer: &Answer) {
        self.completed.extend(answer.completed.iter().filter(|id| !id.contains("__")).cloned());
        self.taken.extend(answer.taken.iter().cloned());
        self.log.extend(answer.log.iter().cloned());
    }
}

/// A step as it is written, or in short.
fn step_of(told: &Value) -> Result<Step, String> {
    let whole = match told {
        Value::String(short) => {
            let mut words = short.split_whitespace();
            let (verb, what) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let more = words.collect::<Vec<_>>().join(" ");
            match verb {
                "start" => {
                    json!({ "do": "start", "process": if what.is_empty() { "p" } else { what }, "event": (!more.is_empty()).then_some(more) })
                }
                "complete" => json!({ "do": "complete", "task": what }),
                "throw" => json!({ "do": "throw", "task": what, "error": more }),
                "message" => json!({ "do": "message", "name": what, "key": (!more.is_empty()).then_some(more) }),
                "signal" => json!({ "do": "signal", "name": what }),
                "trigger" => json!({ "do": "trigger", "node": what }),
                "advance" => json!({ "do": "advance", "by": what }),
                "fire" => json!({ "do": "fire", "timer": what }),
                "cancel" => json!({ "do": "cancel", "case": what.parse::<usize>().unwrap_or(1) }),
                _ => return Err(format!("no step is `{short}`")),
            }
        }
        Value::Object(step) if step.contains_key("set") => json!({ "do": "set", "data": step["set"] }),
        other => other.clone(),
    };
    serde_json::from_value(whole).map_err(|error| format!("{told}: {error}"))
}

fn look(seen: &Seen, since: &Since, answer: &Answer) -> Result<(), String> {
    let mut wrong = String::new();
    let mut same = |what: &str, told: Option<Value>, is: Value| {
        if let Some(told) = told.filter(|told| *told != is) {
            let _ = write!(wrong, "\n  {what}: told {told}\n  {:1$}is {is}", "", what.len());
        }
    };
    let all = |of: fn(&CaseSeen) -> Vec<String>| sorted(answer.cases.iter().flat_map(of).collect());
    same("completed", seen.completed.as_ref().map(|ids| json!(ids)), json!(since.completed));
    same("taken", seen.taken.clone().map(sorted), sorted(since.taken.clone()));
    same("log", seen.log.as_ref().map(|lines| json!(lines)), json!(since.log));
    same("open", seen.open.clone().map(sorted), all(|case| case.open.iter().map(|open| open.task.clone()).collect()));
    same("timers", seen.timers.clone().map(sorted), all(|case| case.timers.iter().map(|timer| timer.id.clone()).collect()));
    same("waiting", seen.waiting.clone().map(sorted), all(|case| case.waiting.iter().map(|wait| wait.node.clone()).collect()));
    same("ended", seen.ended.map(Value::from), answer.cases.iter().all(|case| case.state == "ended").into());
    let states: Vec<String> = answer.cases.iter().map(|case| format!("{} {}", case.process, case.state)).collect();
    same("cases", seen.cases.as_ref().map(|cases| json!(cases)), json!(states));
    let first = answer.cases.first();
    same("error", seen.error.clone().map(Value::from), json!(first.and_then(|case| case.error.clone())));
    let incident = first.and_then(|case| case.incident.as_ref()).map(|incident| incident.element.clone());
    same("incident", seen.incident.clone().map(Value::from), json!(incident));
    for (name, value) in seen.data.iter().flatten() {
        same(name, Some(value.clone()), first.and_then(|case| case.data.get(name)).cloned().unwrap_or_default());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn sorted(mut ids: Vec<String>) -> Value {
    ids.sort();
    json!(ids)
}
