//! Findings for people (a caret under the place, help below) and for tools (JSON).

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Finding, Severity};
use crate::{
    source::{Source, Span},
    text::{Language, Text},
};

/// Wider lines are cut around the caret.
const WIDTH: usize = 160;

/// Findings as rustc shows its own: severity and code, `file:line:column`, the line with carets under the exact range,
/// help. Plain text; full-width characters count as two columns. A finding whose file is not among `sources` is shown
/// without its line.
pub fn render(findings: &[Finding], sources: &IndexMap<String, Source>, language: Language) -> String {
    let renderer = Renderer::plain().term_width(WIDTH);
    let shown: Vec<String> = findings.iter().map(|finding| renderer.render(&[group(finding, sources, language)])).collect();
    let mut text = shown.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// How many errors and warnings there are, as one line.
pub fn summary(findings: &[Finding]) -> Text {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    Text::new(format!("{errors} 个错误，{warnings} 个警告"), format!("{errors} errors, {warnings} warnings"))
}

/// Findings for tools: an array of `{code, severity, file, line, column, end_line, end_column, element, message, help}`;
/// message and help are `{zh, en}`.
pub fn to_json(findings: &[Finding]) -> Value {
    findings.iter().map(one).collect()
}

fn one(finding: &Finding) -> Value {
    let Span { line, column, end_line, end_column } = finding.place.span;
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "file": &*finding.place.file,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "element": finding.element,
        "message": finding.message,
        "help": finding.help,
    })
}

fn group<'a>(finding: &'a Finding, sources: &'a IndexMap<String, Source>, language: Language) -> Group<'a> {
    let (level, word, help_word) = match (finding.severity, language) {
        (Severity::Error, Language::Zh) => (Level::ERROR, "错误", "建议"),
        (Severity::Warning, Language::Zh) => (Level::WARNING, "警告", "建议"),
        (Severity::Note, Language::Zh) => (Level::NOTE, "提示", "建议"),
        (Severity::Error, Language::En) => (Level::ERROR, "error", "help"),
        (Severity::Warning, Language::En) => (Level::WARNING, "warning", "help"),
        (Severity::Note, Language::En) => (Level::NOTE, "note", "help"),
    };
    let title = level.with_name(word).primary_title(finding.message.get(language)).id(finding.code);
    let span = finding.place.span;
    let range = sources.get(&*finding.place.file).and_then(|source| Some((source, range(&source.text, span)?)));
    let group = match range {
        Some((source, range)) => {
            title.element(Snippet::source(&*source.text).path(&*finding.place.file).annotation(AnnotationKind::Primary.span(range)))
        }
        None => title.element(Origin::path(&*finding.place.file).line(span.line as usize).char_column(span.column as usize)),
    };
    match &finding.help {
        Some(help) => group.element(Level::HELP.with_name(help_word).message(help.get(language))),
        None => group,
    }
}

/// The bytes of `span`, on its first line only: a caret points, it does not frame.
fn range(text: &str, span: Span) -> Option<std::ops::Range<usize>> {
    let index = usize::try_from(span.line.checked_sub(1)?).ok()?;
    let line = text.split_inclusive('\n').nth(index)?;
    let begin: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let content = line.trim_end_matches(['\n', '\r']);
    let byte = |column: u32| content.char_indices().nth(column.saturating_sub(1) as usize).map_or(content.len(), |(at, _)| at);
    let start = byte(span.column);
    let end = if span.end_line > span.line { content.trim_end().len() } else { byte(span.end_column) };
    Some(begin + start..begin + end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    #[test]
    fn carets_stand_under_full_width_text() {
        let text = "lanes:\n  窗口: {role: 无}\n";
        let source = Source { name: "p.yaml".into(), text: text.into() };
        let span = Span { line: 2, column: 14, end_line: 2, end_column: 15 };
        let finding = Finding::error("P001", Place { file: source.name.clone(), span }, Text::new("没有角色“无”", "there is no role `无`"))
            .help(Text::new("可用：window", "possible: window"));
        let shown = render(&[finding], &IndexMap::from([("p.yaml".to_owned(), source)]), Language::Zh);
        let expected =
            "错误[P001]: 没有角色“无”\n --> p.yaml:2:14\n  |\n2 |   窗口: {role: 无}\n  |                ^^\n  |\n  = 建议: 可用：window\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_place_past_the_file_is_still_told() {
        let finding = Finding::warning("T001", Place { file: "gone.yaml".into(), span: Span::default() }, Text::zh("x"));
        let shown = render(&[finding], &IndexMap::new(), Language::En);
        assert!(shown.contains("warning[T001]") && shown.contains("gone.yaml"), "{shown}");
    }
}
