//! Page templates: handlebars in strict mode, embedded in the binary, one registry a language.

use std::sync::LazyLock;

use handlebars::{Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason};
use rust_embed::RustEmbed;
use serde::Serialize;
use tongban_engine::text::Language;

use super::messages;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Files;

static ZH: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(Language::Zh));
static EN: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(Language::En));

/// `{{t "section.key" name=value}}`: a text of the language that the registry speaks.
struct Translate(Language);

impl HelperDef for Translate {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let key = helper.param(0).and_then(|p| p.value().as_str()).unwrap_or_default();
        let missing = || RenderError::from(RenderErrorReason::Other(format!("no text {key}")));
        let mut text = messages::find(self.0, key).ok_or_else(missing)?.to_owned();
        for (name, value) in helper.hash() {
            let value = value.value().as_str().map_or_else(|| value.value().to_string(), str::to_owned);
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        Ok(out.write(&handlebars::html_escape(&text))?)
    }
}

fn registry(language: Language) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_helper("t", Box::new(Translate(language)));
    for path in Files::iter() {
        let Some(name) = path.strip_suffix(".hbs") else { continue };
        let file = Files::get(&path).expect("listed a line above");
        let text = String::from_utf8_lossy(&file.data);
        registry.register_template_string(name, text).expect("a test compiles every template");
    }
    registry
}

/// Fills in a template. An error is a mistake of ours: a name in a template that the page does not give.
pub fn render(language: Language, name: &str, data: &impl Serialize) -> Result<String, RenderError> {
    match language {
        Language::Zh => ZH.render(name, data),
        Language::En => EN.render(name, data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_a_template_names_exists() {
        let mut seen = 0;
        for path in Files::iter().filter(|p| p.ends_with(".hbs")) {
            let file = Files::get(&path).expect("listed");
            let text = String::from_utf8_lossy(&file.data).into_owned();
            for rest in text.split("t \"").skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(messages::find(Language::Zh, key).is_some(), "{path}: {key}");
                seen += 1;
            }
        }
        assert!(seen > 100, "found {seen} texts only");
    }

    #[test]
    fn no_text_is_kept_that_nothing_says() {
        let mut said = String::new();
        for path in Files::iter() {
            said.push_str(&String::from_utf8_lossy(&Files::get(&path).expect("listed").data));
        }
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    said.push_str(&std::fs::read_to_string(entry).expect("a source"));
                }
            }
        }
        let idle: Vec<&str> = messages::keys().filter(|key| !said.contains(&format!("\"{key}\""))).collect();
        assert!(idle.is_empty(), "{idle:?}");
    }

    #[test]
    fn templates_hold_no_inline_style_or_script() {
        for path in Files::iter() {
            let file = Files::get(&path).expect("listed");
            let text = String::from_utf8_lossy(&file.data).into_owned();
            for banned in [" style=", " onclick=", "<style", "javascript:"] {
                assert!(!text.contains(banned), "{path}: {banned}");
            }
        }
    }

    #[test]
    fn every_template_compiles() {
        assert!(ZH.has_template("layout") && EN.has_template("page/inbox"));
    }
}
