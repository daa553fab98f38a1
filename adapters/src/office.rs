//! An office's files from a folder on disk, as the engine takes them.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use tongban_engine::definition::Bundle;

/// The folders of an office, under its root.
const FOLDERS: [&str; 2] = ["workflows", "forms"];
/// Files larger than this are no definitions.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Endings of the files that belong to an office.
const ENDINGS: [&str; 4] = ["yaml", "yml", "hbs", "rhai"];

/// Reads every definition file under `root`, with paths relative to it.
///
/// # Errors
/// If `root` has no `workflows` folder, or a file cannot be read as UTF-8.
pub fn read(root: &Path) -> io::Result<Bundle> {
    if !root.join(FOLDERS[0]).is_dir() {
        let message = format!("{} has no `{}` folder; name the office's folder with --office", root.display(), FOLDERS[0]);
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if belongs(&path) && entry.metadata()?.len() <= FILE_BYTES_MAX {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                let text = std::fs::read_to_string(&path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
                files.insert(name, text);
            }
        }
    }
    Ok(Bundle { files })
}

fn belongs(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending))
}
