//! Notices and documents: handlebars templates, rendered to a small safe HTML subset.

use serde_json::Value;

use crate::{diagnostic::Finding, rules::RuleError, source::Source};

/// A rendered document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: the template's `<title>`, else its first `<h1>`.
    pub subject: Option<String>,
    /// The body: a small safe subset of HTML, written canonically.
    pub html: String,
    /// SM3 of `html`, in hex (GB/T 32905-2016).
    pub hash: String,
}

/// The compiled templates of one process.
#[derive(Debug, Default)]
pub struct Templates {
    registry: handlebars::Handlebars<'static>,
}

impl Templates {
    /// Compiles `templates/NAME.hbs`; a template is known by NAME.
    pub fn compile(files: &[Source]) -> (Self, Vec<Finding>) {
        compile::compile(files)
    }

    /// Whether there is a template of that name.
    pub fn has(&self, name: &str) -> bool {
        self.registry.has_template(name)
    }

    /// Renders a template.
    ///
    /// # Errors
    /// A [`RuleError`] at the template's line, if a value is missing or what comes out is no permitted HTML.
    pub fn render(&self, name: &str, data: &Value) -> Result<Rendered, RuleError> {
        compile::render(&self.registry, name, data)
    }
}

mod compile;
