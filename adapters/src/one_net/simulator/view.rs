//! Draws pages: handlebars templates, texts in two languages, and the few helpers that templates need.

use std::collections::BTreeMap;

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason};
use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tongban_engine::text::{Language, Text};

const TEXTS: &str = include_str!("texts.yaml");

const TEMPLATES: [(&str, &str); 12] = [
    ("layout", include_str!("templates/layout.hbs")),
    ("home", include_str!("templates/home.hbs")),
    ("guide", include_str!("templates/guide.hbs")),
    ("apply", include_str!("templates/apply.hbs")),
    ("login", include_str!("templates/login.hbs")),
    ("mine", include_str!("templates/mine.hbs")),
    ("application", include_str!("templates/application.hbs")),
    ("supplement", include_str!("templates/supplement.hbs")),
    ("withdraw", include_str!("templates/withdraw.hbs")),
    ("document", include_str!("templates/document.hbs")),
    ("operator", include_str!("templates/operator.hbs")),
    ("message", include_str!("templates/message.hbs")),
];

/// Templates and texts, compiled.
pub(super) struct View {
    handlebars: Handlebars<'static>,
    texts: IndexMap<String, Text>,
}

/// What is wrong with the simulator's own templates or texts: found by its first test.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// A template.
    #[error("{0}")]
    Template(#[from] Box<handlebars::TemplateError>),
    /// The texts.
    #[error("texts.yaml: {0}")]
    Texts(String),
}

impl View {
    pub(super) fn new() -> Result<Self, ViewError> {
        let texts: IndexMap<String, Text> = crate::yaml::read(TEXTS).map_err(|error| ViewError::Texts(error.to_string()))?;
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        for (name, template) in TEMPLATES {
            handlebars.register_template_string(name, template).map_err(Box::new)?;
        }
        let words = texts.clone();
        let t =
            move |h: &Helper<'_>, _: &Handlebars<'_>, c: &Context, _: &mut RenderContext<'_, '_>, out: &mut dyn Output| -> HelperResult {
                let key: String = h.params().iter().map(|part| part.value().as_str().unwrap_or_default()).collect();
                let text = words.get(&key).ok_or_else(|| wrong(format!("no text `{key}`")))?;
                out.write(&handlebars::html_escape(text.get(language(c))))?;
                Ok(())
            };
        handlebars.register_helper("t", Box::new(t));
        handlebars.register_helper("text", Box::new(text_helper));
        handlebars.register_helper("time", Box::new(time_helper));
        Ok(Self { handlebars, texts })
    }

    /// The text called `key`.
    pub(super) fn text(&self, key: &str, language: Language) -> &str {
        self.texts.get(key).map_or("", |text| text.get(language))
    }

    /// A page. `zone` is the platform's.
    pub(super) fn page(
        &self,
        template: &str,
        language: Language,
        title: &str,
        frame: &BTreeMap<&str, Value>,
        page: &Value,
    ) -> Result<String, RenderError> {
        let mut data = json!({"lang": if language == Language::Zh { "zh-CN" } else { "en" }, "title": title, "page": page});
        for (key, value) in frame {
            data[*key] = value.clone();
        }
        self.handlebars.render(template, &data)
    }
}

fn wrong(reason: String) -> RenderError {
    RenderErrorReason::Other(reason).into()
}

fn language(context: &Context) -> Language {
    if context.data()["lang"] == "en" { Language::En } else { Language::Zh }
}

/// `{{text value}}`: a text in two languages, or a plain one.
fn text_helper(h: &Helper<'_>, _: &Handlebars<'_>, c: &Context, _: &mut RenderContext<'_, '_>, out: &mut dyn Output) -> HelperResult {
    let value = h.param(0).map_or(&Value::Null, |param| param.value());
    let other = if language(c) == Language::En { value["en"].as_str() } else { None };
    let text = other.or(value["zh"].as_str()).or(value.as_str()).unwrap_or_default();
    out.write(&handlebars::html_escape(text))?;
    Ok(())
}

/// `{{time ms}}`: a moment as people read it.
fn time_helper(h: &Helper<'_>, _: &Handlebars<'_>, c: &Context, _: &mut RenderContext<'_, '_>, out: &mut dyn Output) -> HelperResult {
    let Some(ms) = h.param(0).and_then(|param| param.value().as_i64()) else { return Ok(()) };
    let zone = c.data()["zone"].as_str().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_millisecond(ms).map_err(|error| wrong(error.to_string()))?;
    out.write(&zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string())?;
    Ok(())
}
