//! A template and its data become a document, or an error that says where.

use std::io::{self, Write};

use handlebars::{Context, RenderError, RenderErrorReason};
use serde_json::Value;
use sm3::{Digest, Sm3};

use super::{
    Rendered, Templates, at,
    markup::{self, Node},
    write,
};
use crate::{rules::RuleError, text::Text};

/// Bytes that a document may have.
pub(super) const BYTES_MAX: usize = 1 << 20;

/// Output with an end.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn render(templates: &Templates, name: &str, data: &Value) -> Result<Rendered, RuleError> {
    let Some(source) = templates.files.get(name) else {
        let message = Text::new(format!("没有模板“{name}”"), format!("there is no template `{name}`"));
        return Err(RuleError::new(at(&format!("{name}.hbs"), 1, 1), message));
    };
    let mut out = Limited(Vec::new());
    let context = Context::from(present(data));
    templates.registry.render_with_context_to_write(name, &context, &mut out).map_err(|error| failed(templates, name, &error))?;
    let written = String::from_utf8_lossy(&out.0);
    let tree = markup::parse(&written).map_err(|refused| {
        let excerpt: String = written.get(refused.offset..).unwrap_or_default().chars().take(30).collect();
        let en = refused.message.get(crate::text::Language::En).to_owned();
        let message = Text::new(format!("{}（在“{excerpt}”处）", refused.message.zh), format!("{en} (at `{excerpt}`)"));
        RuleError::new(at(&source.name, 1, 1), message)
    })?;
    Ok(document(tree))
}

/// Takes the subject out, and seals what remains with its hash.
fn document(mut tree: Vec<Node>) -> Rendered {
    let title = tree.iter().position(|node| matches!(node, Node::Element(element) if element.name == "title"));
    let subject = match title.map(|index| tree.remove(index)) {
        Some(Node::Element(element)) => Some(write::line(&element)),
        _ => first_heading(&tree),
    };
    let html = write::html(&tree);
    let hash = hex::encode(Sm3::digest(html.as_bytes()));
    Rendered { subject: subject.filter(|subject| !subject.is_empty()), html, hash }
}

fn first_heading(nodes: &[Node]) -> Option<String> {
    nodes.iter().find_map(|node| match node {
        Node::Element(element) if element.name == "h1" => Some(write::line(element)),
        Node::Element(element) => first_heading(&element.children),
        Node::Text(_) => None,
    })
}

/// The data without what is null, so that an absent value is missing and not an empty text.
fn present(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(members.map(|(name, member)| (name.clone(), present(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(present).collect()),
        other => other.clone(),
    }
}

fn failed(templates: &Templates, name: &str, error: &RenderError) -> RuleError {
    let inside = error.template_name.as_deref().unwrap_or(name);
    let file = templates.files.get(inside).map_or_else(|| format!("{inside}.hbs"), |source| source.name.to_string());
    let place = at(&file, error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
    let message = match error.reason() {
        RenderErrorReason::MissingVariable(Some(path)) => Text::new(format!("“{path}”没有值"), format!("`{path}` is missing")),
        RenderErrorReason::MissingVariable(None) => Text::new("这里的值不存在", "a value is missing here"),
        RenderErrorReason::IOError(_) => Text::new("文书超过 1 MiB", "the document is larger than 1 MiB"),
        other => Text::new(format!("模板填不出来：{other}"), format!("the template cannot be filled: {other}")),
    };
    RuleError::new(place, message)
}
