//! A small office in a folder of its own, and the built command in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// The built command.
pub(crate) const TONGBAN: &str = env!("CARGO_BIN_EXE_tongban");

/// An office that a test may change.
pub(crate) struct Office {
    folder: TempDir,
}

impl Office {
    /// A copy of `office/`: a process with a decision table, a call, an error, a condition and a signal, and the process that
    /// it calls.
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/office"), folder.path());
        Self { folder }
    }

    /// A file of it.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Replaces a part of a file that stands there once.
    pub(crate) fn change(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.file(path)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
        fs::write(self.file(path), text.replace(from, to)).unwrap();
    }

    /// The command, in the office's folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(TONGBAN);
        command.args(words).current_dir(self.folder.path());
        command
    }

    /// What the command prints, which must succeed.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}\n{}", text(&output), String::from_utf8_lossy(&output.stderr));
        text(&output)
    }
}

/// Standard output as text.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
