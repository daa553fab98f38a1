//! Every input that a fuzz target once failed on, and every seed, passes: `tests/fuzz/{inputs,seeds}/TARGET/`.

use std::{fs, path::Path};

use tongban_tests::{
    fuzz,
    office::{files_below, root},
};

fn run(target: fn(&[u8]), name: &str) {
    let folder = root().join("tests/fuzz");
    let seeds = files_below(&folder.join("seeds").join(name));
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let inputs = files_below(&folder.join("inputs").join(name));
    let bytes = |path: &Path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for path in seeds.iter().chain(&inputs) {
        println!("{}", path.display());
        target(&bytes(path));
    }
}

#[test]
fn definitions() {
    run(fuzz::definitions, "definitions");
}

#[test]
fn rules() {
    run(fuzz::rules, "rules");
}

#[test]
fn bpmn() {
    run(fuzz::bpmn, "bpmn");
}

#[test]
fn decisions() {
    run(fuzz::decisions, "decisions");
}
