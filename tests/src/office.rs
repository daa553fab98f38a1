//! The repository's own office: every file under `workflows/` and `forms/`, as the engine takes them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use tongban_engine::definition::Bundle;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository").to_path_buf()
}

/// Every file of the office.
pub fn bundle() -> Bundle {
    let mut files = BTreeMap::new();
    for folder in ["workflows", "forms"] {
        gather(&root(), &root().join(folder), &mut files);
    }
    Bundle { files }
}

/// Paths of all scenario files, relative to the root, in order.
pub fn scenarios() -> Vec<String> {
    bundle().files.into_keys().filter(|path| path.contains("/scenarios/") && path.ends_with(".yaml")).collect()
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            gather(root, &path, files);
        } else if let (Ok(name), Ok(text)) = (path.strip_prefix(root), std::fs::read_to_string(&path)) {
            files.insert(name.to_string_lossy().replace('\\', "/"), text);
        }
    }
}

/// Every file below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs_entries(folder) {
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn fs_entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}
