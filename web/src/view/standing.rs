//! How the files of a case stand with the scanner, and what is said of it.

use std::collections::BTreeMap;

use tongban_adapters::{files::FileState, store::Store};
use tongban_engine::{interpreter::Case, text::Language};

use super::say;
use crate::{error::Problem, state::App};

/// The states of a case's files.
pub struct Standing {
    states: BTreeMap<String, FileState>,
    store: Store,
}

/// What is said of a file: colour, shape and words.
#[derive(Debug, serde::Serialize)]
pub struct Mark {
    tone: &'static str,
    shape: &'static str,
    text: &'static str,
}

impl Standing {
    /// Those of `case`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn of(app: &App, case: &Case) -> Result<Self, Problem> {
        let states = app.store.file_states(case.materials.iter().map(|given| given.file.as_str())).await?;
        Ok(Self { states, store: app.store.clone() })
    }

    /// The state of a file; one that is not known waits.
    pub fn state(&self, file: &str) -> FileState {
        self.states.get(file).copied().unwrap_or(FileState::Waiting)
    }

    /// Whether those who may see it may open it.
    pub fn opens(&self, file: &str) -> bool {
        self.store.opens(self.state(file))
    }

    /// What is to be said of it; nothing if it is clean.
    pub fn mark(&self, file: &str, language: Language) -> Option<Mark> {
        let (tone, shape, key) = match self.state(file) {
            FileState::Clean => return None,
            FileState::Waiting => ("soon", "▲", "files.waiting"),
            FileState::Infected => ("overdue", "✕", "files.infected"),
            FileState::Unscanned => ("none", "–", "files.unscanned"),
        };
        Some(Mark { tone, shape, text: say(language, key) })
    }
}
