//! A mutant whose sources have moved is found here, and not after hours of `make soak`.

use std::process::Command;

use tongban_tests::office::root;

use super::{files, told};

#[test]
fn every_mutant_applies_and_says_what_finds_it() {
    let patches = files("tests/mutants", ".patch");
    assert!(patches.len() >= 30, "{} mutants", patches.len());
    let mut wrong = Vec::new();
    for patch in patches {
        let text = std::fs::read_to_string(&patch).expect("a patch");
        for part in ["What: ", "Found by: cargo test "] {
            if !text.lines().any(|line| line.starts_with(part)) {
                wrong.push(format!("{}: no line `{part}…`", patch.display()));
            }
        }
        let checked = Command::new("git").arg("apply").arg("--check").arg(&patch).current_dir(root()).output().expect("git runs");
        if !checked.status.success() {
            wrong.push(format!("{}: {}", patch.display(), String::from_utf8_lossy(&checked.stderr).trim()));
        }
    }
    told(&wrong, "make the mutant anew on the sources as they are:");
}
