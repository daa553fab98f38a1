//! Doing something again whenever a file of an office changes.

use std::{path::Path, process::ExitCode, sync::mpsc, time::Duration};

use notify::{Event, EventKind, RecursiveMode, Watcher};
use tongban_engine::text::{Language, Text};

use super::say;

/// Editors save in several strokes: what follows so soon belongs to the same change.
const QUIET: Duration = Duration::from_millis(150);

/// Does `work`, and does it again after each change of a file under `folder`, until the process is ended.
///
/// # Errors
/// If `work` fails, or the folder cannot be watched.
pub(super) fn repeat(folder: &Path, language: Language, mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    let (tell, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Nobody listens any more only when the process ends.
        let _ended = tell.send(event);
    })?;
    // The watch begins before the first reading, so that no change falls between the two.
    for part in ["workflows", "forms"].map(|part| folder.join(part)).into_iter().filter(|part| part.is_dir()) {
        watcher.watch(&part, RecursiveMode::Recursive)?;
    }
    loop {
        work()?;
        say(Text::new("—— 等待文件变化，Ctrl-C 结束 ——", "-- waiting for changes, Ctrl-C ends --").get(language))?;
        while !is_change(&changes.recv()??) {}
        while changes.recv_timeout(QUIET).is_ok() {}
    }
}

/// Whether something was written, not merely looked at: our own reading must not wake us.
fn is_change(event: &Event) -> bool {
    matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Any)
}
