//! What this repository's own office wrote loads without errors, and each version loads again from its pinned files.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads the repository")]

use std::{collections::BTreeMap, fs, path::Path};

use tongban_engine::{
    definition::{Bundle, load_office, load_pinned},
    diagnostic::{Severity, render},
    text::Language,
};

/// The repository's `workflows/` and `forms/`.
fn bundle() -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = BTreeMap::new();
    for folder in ["workflows", "forms"] {
        read(&root, &root.join(folder), &mut files);
    }
    Bundle { files }
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_office_has_no_errors() {
    let bundle = bundle();
    let (office, findings) = load_office(&bundle);
    let shown = render(&findings, &office.sources, Language::En);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{shown}");
    assert!(!office.definitions.is_empty());
}

#[test]
fn a_pinned_version_loads_again_as_it_was() {
    let (office, _) = load_office(&bundle());
    for definition in office.definitions.values() {
        let again = load_pinned(&Bundle { files: definition.files.clone() }).expect("a pinned version loads");
        assert_eq!(again.hash, definition.hash);
        assert_eq!(again.files, definition.files);
        assert_eq!(again.process.nodes.len(), definition.process.nodes.len());
    }
}
