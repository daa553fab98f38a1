//! `tongban test`: every scenario told on the pure engine, and what none of them went through, with its place.

use std::{collections::BTreeMap, process::ExitCode};

use clap::Args;
use indexmap::IndexMap;
use serde_json::{Value, json};
use tongban_engine::{
    definition::{Bundle, Office, load_office},
    scenario::{Coverage, PureWorld, Scenario, Story, run as tell},
    text::{Language, Text},
};

use super::{OfficeArgs, say, watch};

/// What `tongban test` is given.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// Only scenarios whose path contains this text; coverage is then theirs
    filter: Option<String>,
    /// Print JSON: {scenarios, coverage, passed, failed}
    #[arg(long, conflicts_with = "watch")]
    json: bool,
    /// Tell them again whenever a file of the office changes; Ctrl-C ends it
    #[arg(long)]
    watch: bool,
}

/// Tells the scenarios; exit status 1 if one does not go as told.
pub(super) fn run(arguments: &TestArgs) -> anyhow::Result<ExitCode> {
    let language = arguments.office.lang.into();
    if arguments.watch {
        return watch::repeat(&arguments.office.office, language, || {
            // A file that is half saved is told like any other mistake, and read again at the next change.
            match arguments.office.read() {
                Ok(bundle) => print(&Told::of(&bundle, arguments.filter.as_deref()), language),
                Err(error) => Ok(say(&format!("✕ {error}"))?),
            }
        });
    }
    let told = Told::of(&arguments.office.read()?, arguments.filter.as_deref());
    if arguments.json {
        say(&serde_json::to_string_pretty(&told.json())?)?;
    } else {
        print(&told, language)?;
    }
    Ok(if told.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One scenario's file and what became of it.
struct Scene {
    path: String,
    title: String,
    process: String,
    failure: Option<String>,
}

/// What became of all.
struct Told {
    scenes: Vec<Scene>,
    coverage: IndexMap<String, Coverage>,
}

impl Told {
    fn of(bundle: &Bundle, filter: Option<&str>) -> Self {
        let (office, _) = load_office(bundle);
        let mut stories: BTreeMap<String, Story> = BTreeMap::new();
        let mut scenes = Vec::new();
        let chosen = |path: &str| path.contains("/scenarios/") && filter.is_none_or(|filter| path.contains(filter));
        for (path, text) in bundle.files.iter().filter(|(path, _)| chosen(path)) {
            let (mut scene, outcome) = one(path, text, &office);
            match outcome {
                Ok(told) => told.into_iter().for_each(|(process, story)| stories.entry(process).or_default().merge(story)),
                Err(what) => scene.failure = Some(what),
            }
            scenes.push(scene);
        }
        // Without a filter, a process that no scenario is about is the first thing to know.
        let wanted = |process: &String| filter.is_none() || stories.contains_key(process);
        let none = Story::default();
        let covered = office.definitions.iter().filter(|(process, _)| wanted(process));
        let coverage =
            covered.map(|(process, definition)| (process.clone(), Coverage::of(definition, stories.get(process).unwrap_or(&none))));
        let coverage = coverage.collect();
        Self { scenes, coverage }
    }

    fn failed(&self) -> usize {
        self.scenes.iter().filter(|scene| scene.failure.is_some()).count()
    }

    fn json(&self) -> Value {
        let scenes = self.scenes.iter().map(|scene| {
            json!({"file": scene.path, "scenario": scene.title, "process": scene.process, "passed": scene.failure.is_none(), "failure": scene.failure})
        });
        let missing = |coverage: &Coverage| -> Vec<Value> {
            let places = coverage.missing.iter().map(|missing| {
                let span = missing.place.span;
                json!({"kind": missing.kind, "id": missing.id, "file": &*missing.place.file, "line": span.line, "column": span.column})
            });
            places.collect()
        };
        let coverage = self.coverage.iter().map(|(process, coverage)| {
            let mut told = json!({"process": process, "missing": missing(coverage)});
            for (kind, share) in &coverage.shares {
                if let Some(name) = json!(kind).as_str() {
                    told[name] = json!(share);
                }
            }
            told
        });
        let failed = self.failed();
        json!({
            "scenarios": scenes.collect::<Vec<_>>(),
            "coverage": coverage.collect::<Vec<_>>(),
            "passed": self.scenes.len() - failed,
            "failed": failed,
        })
    }
}

/// Reads and tells one scenario.
fn one(path: &str, text: &str, office: &Office) -> (Scene, Result<IndexMap<String, Story>, String>) {
    let mut scene = Scene { path: path.to_owned(), title: String::new(), process: String::new(), failure: None };
    let scenario: Scenario = match tongban_adapters::yaml::read(text) {
        Ok(scenario) => scenario,
        Err(error) => return (scene, Err(error.to_string())),
    };
    scene.title.clone_from(&scenario.scenario);
    scene.process.clone_from(&scenario.process);
    let mut world = PureWorld::new(office.definitions.values().cloned());
    let told = tell(&scenario, &office.definitions, &mut world).map_err(|failure| failure.to_string());
    (scene, told)
}

fn print(told: &Told, language: Language) -> anyhow::Result<()> {
    for scene in &told.scenes {
        match &scene.failure {
            None => say(&format!("✓ {}", scene.path))?,
            Some(what) => say(&format!("✕ {}\n  {what}", scene.path))?,
        }
    }
    for (process, coverage) in &told.coverage {
        say(shares(process, coverage).get(language))?;
        for missing in &coverage.missing {
            let kind = missing.kind.one();
            let place = &missing.place;
            let line = Text::new(
                format!("  没有走到：{} {}（{place}）", kind.zh, missing.id),
                format!("  not covered: {} {} ({place})", kind.get(Language::En), missing.id),
            );
            say(line.get(language))?;
        }
    }
    let failed = told.failed();
    say(&format!("{} passed, {failed} failed", told.scenes.len() - failed))?;
    Ok(())
}

/// `seal-use: elements 6/6, actions 2/2`.
fn shares(process: &str, coverage: &Coverage) -> Text {
    let all = |language: Language| -> Vec<String> {
        let shares = coverage.shares.iter();
        shares.map(|(kind, share)| format!("{} {}/{}", kind.name().get(language), share.covered, share.all)).collect()
    };
    Text::new(format!("{process}：{}", all(Language::Zh).join("，")), format!("{process}: {}", all(Language::En).join(", ")))
}
