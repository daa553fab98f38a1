//! Findings about what an office wrote: a stable code, a place, a sentence in two languages, and help.

mod codes;
mod render;

use serde::Serialize;

pub use codes::{CODES, Code, explain};
pub use render::{render, summary, to_json};

use crate::{source::Place, text::Text};

/// How bad a finding is. What has an error is not deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is deployed while it stands.
    Error,
    /// Deployed, but somebody should look.
    Warning,
    /// Worth knowing.
    Note,
}

/// One finding. Codes are a letter by group and three digits: Y shape, R references, F flow, D data,
/// T time, P people, L law.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The stable code, such as `R010`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub place: Place,
    /// The id of the element it is about, if there is one.
    pub element: Option<String>,
    /// What is wrong, naming the offending value.
    pub message: Text,
    /// What would work.
    pub help: Option<Text>,
}

impl Finding {
    /// An error at `place`.
    pub fn error(code: &'static str, place: Place, message: Text) -> Self {
        Self { code, severity: Severity::Error, place, element: None, message, help: None }
    }

    /// A warning at `place`.
    pub fn warning(code: &'static str, place: Place, message: Text) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Adds what would work.
    #[must_use]
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// Adds the element it is about.
    #[must_use]
    pub fn about(mut self, element: impl Into<String>) -> Self {
        self.element = Some(element.into());
        self
    }
}
