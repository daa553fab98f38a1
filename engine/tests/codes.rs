//! Every code that the engine's sources use is explained, and every explained code is used.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads the sources")]

use std::{collections::BTreeSet, fs, path::Path};

use tongban_engine::diagnostic::CODES;

fn used(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("diagnostic/codes") {
            continue;
        }
        if path.is_dir() {
            used(&path, codes);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("diagnostic/codes.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            codes.extend(product.split('"').filter(|word| is_code(word)).map(str::to_owned));
        }
    }
}

fn is_code(word: &str) -> bool {
    word.len() == 4 && word.starts_with(['Y', 'R', 'F', 'D', 'T', 'P', 'L']) && word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn every_code_is_explained_and_used() {
    let mut found = BTreeSet::new();
    used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let explained: BTreeSet<String> = CODES.iter().map(|code| code.code.to_owned()).collect();
    assert_eq!(found.difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new(), "used, but not explained");
    assert_eq!(explained.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "explained, but not used");
}
