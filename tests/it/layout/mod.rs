//! The tidy test: rules of the house that neither compiler nor clippy sees. Each tells all places at once.

mod mutants;
mod office_words;
mod rust;

use std::path::{Path, PathBuf};

use rust::{Named, Part, Rust};
use tongban_tests::office::root;

/// The longest a file may be.
const LINES_MAX: usize = 500;

/// What the pure engine may not name: whoever calls it hands these in.
const IMPURE: &[&str] = &[
    "SystemTime",
    "async",
    "await",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "axum",
    "getrandom",
    "rand",
    "reqwest",
    "sqlx",
    "tokio",
];

fn is_skipped(name: &str) -> bool {
    ["target", "node_modules", "data"].contains(&name) || name.starts_with('.')
}

/// All files under `folder` of the repository whose name ends with `ending`, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn gather(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && !is_skipped(&name) {
                gather(&path, ending, found);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    gather(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

fn sources(folders: &[&str]) -> Vec<Rust> {
    let paths: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder, ".rs")).collect();
    let found = Rust::read_all(&root(), &paths);
    assert!(!found.is_empty(), "no Rust source under {folders:?}");
    found
}

const ALL: &[&str] = &["engine", "adapters", "web", "tests"];

fn told(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}\n  {}", wrong.join("\n  "));
}

fn names(path: &str, banned: &str) -> bool {
    path == banned
        || path.starts_with(&format!("{banned}::"))
        || path.ends_with(&format!("::{banned}"))
        || path.contains(&format!("::{banned}::"))
}

fn places<'a>(rust: &'a Rust, part: &'a Part, banned: &'a str) -> impl Iterator<Item = String> + 'a {
    let hit = move |named: &&Named| names(&named.text, banned);
    part.paths.iter().filter(hit).map(move |named| format!("{}:{}: {}", rust.path, named.line, named.text))
}

#[test]
fn the_engine_is_pure() {
    let sources = sources(&["engine/src"]);
    let wrong: Vec<String> = sources.iter().flat_map(|rust| IMPURE.iter().flat_map(|banned| places(rust, &rust.product, banned))).collect();
    told(&wrong, "the engine takes clock, files, environment and chance from its caller, and waits for nothing:");
}

#[test]
fn the_engine_does_not_hang_on_the_order_of_a_hash() {
    let sources = sources(&["engine/src"]);
    let wrong: Vec<String> =
        sources.iter().flat_map(|rust| ["HashMap", "HashSet"].into_iter().flat_map(|banned| places(rust, &rust.product, banned))).collect();
    told(&wrong, "use IndexMap or BTreeMap:");
}

#[test]
fn the_engine_depends_on_nothing_impure() {
    let manifest = std::fs::read_to_string(root().join("engine/Cargo.toml")).expect("engine/Cargo.toml");
    let wrong: Vec<String> = manifest
        .lines()
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| ["tokio", "sqlx", "axum", "rand", "getrandom", "reqwest", "tongban-adapters", "tongban-web"].contains(name))
        .map(str::to_owned)
        .collect();
    told(&wrong, "engine/Cargo.toml lists crates that belong to the shell:");
}

#[test]
fn sqlx_and_axum_stay_where_they_belong() {
    let at_home = |path: &str, crate_name: &str| match crate_name {
        "sqlx" => path.starts_with("adapters/src/store/"),
        _ => path.starts_with("web/") || path.starts_with("adapters/src/one_net/simulator/"),
    };
    let sources = sources(&["engine", "adapters", "web"]);
    let wrong: Vec<String> = ["sqlx", "axum"]
        .into_iter()
        .flat_map(|name| {
            sources.iter().filter(move |rust| !at_home(&rust.path, name)).flat_map(move |rust| places(rust, &rust.product, name))
        })
        .collect();
    told(&wrong, "sqlx is used under adapters/src/store only, axum in web and in the simulator only:");
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for rust in sources(ALL) {
        let lines = rust.text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines, at most {LINES_MAX}", rust.path));
        }
        if !rust.text.starts_with("//! ") {
            wrong.push(format!("{}:1: the first line says with `//!` what the file is for", rust.path));
        }
    }
    told(&wrong, "files have one idea each:");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let wrong: Vec<String> = sources(ALL)
        .iter()
        .flat_map(|rust| rust.text.lines().enumerate().map(move |(at, line)| (rust, at + 1, line.trim_start())))
        .filter(|(_, _, line)| line.starts_with("#[allow(") || line.starts_with("#![allow("))
        .map(|(rust, line, text)| format!("{}:{line}: {text}", rust.path))
        .collect();
    told(&wrong, "write #[expect(lint, reason = \"…\")]:");
}

#[test]
fn every_process_has_scenarios() {
    let processes = files("workflows", "process.yaml");
    assert!(!processes.is_empty(), "no process under workflows/");
    let without = |process: &&PathBuf| {
        let folder = process.parent().expect("a file has a folder").join("scenarios");
        !std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| entry.path().extension().is_some_and(|kind| kind == "yaml"))
    };
    let wrong: Vec<String> = processes.iter().filter(without).map(|process| process.display().to_string()).collect();
    told(&wrong, "a process comes with scenarios/*.yaml:");
}

#[test]
fn every_rejection_code_is_met_by_a_scenario_or_a_test() {
    let codes = Rust::read(&root(), &root().join("engine/src/interpreter/rejection.rs"));
    let constants: Vec<(String, String)> = codes
        .text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub const ")?.split_once(": &str = \""))
        .map(|(name, code)| (name.to_owned(), code.trim_end_matches("\";").to_owned()))
        .collect();
    assert!(constants.len() > 10, "the codes are no longer found in {}", codes.path);
    let scenarios: String =
        files("workflows", ".yaml").iter().chain(&files("tests", ".yaml")).filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let sources = sources(ALL);
    let met = |name: &str, code: &str| {
        scenarios.contains(&format!(" {code}"))
            || sources.iter().any(|rust| {
                rust.tests.texts.iter().any(|text| text.text == code)
                    || rust.tests.paths.iter().any(|path| path.text.ends_with(&format!("codes::{name}")))
            })
    };
    let wrong: Vec<String> = constants.iter().filter(|(name, code)| !met(name, code)).map(|(_, code)| code.clone()).collect();
    told(&wrong, "no scenario and no test is refused with:");
}
