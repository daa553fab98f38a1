//! From template files to a registry, and from a registry to text.

use handlebars::Handlebars;
use serde_json::Value;
use sm3::{Digest, Sm3};

use super::{Rendered, Templates};
use crate::{
    diagnostic::Finding,
    rules::RuleError,
    source::{Place, Source, Span},
    text::Text,
};

fn at(file: &str, line: usize, column: usize) -> Place {
    let (line, column) = (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
    Place { file: file.into(), span: Span { line, column, end_line: line, end_column: column } }
}

pub(super) fn compile(files: &[Source]) -> (Templates, Vec<Finding>) {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    let mut findings = Vec::new();
    for file in files {
        let name = file.name.rsplit('/').next().unwrap_or(&file.name).trim_end_matches(".hbs").to_owned();
        if let Err(error) = registry.register_template_string(&name, &*file.text) {
            let (line, column) = error.pos().unwrap_or((1, 1));
            let message = Text::new(format!("模板写法有误：{error}"), format!("the template does not parse: {error}"));
            findings.push(Finding::error("Y050", at(&file.name, line, column), message));
        }
    }
    (Templates { registry }, findings)
}

pub(super) fn render(registry: &Handlebars<'_>, name: &str, data: &Value) -> Result<Rendered, RuleError> {
    let html = registry.render(name, data).map_err(|error| {
        let place = at(&format!("{name}.hbs"), error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
        let what = error.reason();
        RuleError::new(place, Text::new(format!("模板填不出来：{what}"), format!("the template cannot be filled: {what}")))
    })?;
    let hash = hex::encode(Sm3::digest(html.as_bytes()));
    Ok(Rendered { subject: None, html, hash })
}
