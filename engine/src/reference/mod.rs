//! The reference that `tongban docs` prints: texts of `engine/reference`, and what is generated from the engine's own tables.

use crate::{
    definition::{Part, vocabulary},
    diagnostic::CODES,
    rules,
    text::{Language, Text},
};

/// A topic of the reference.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The word by which it is asked for.
    pub word: &'static str,
    /// What it is about.
    pub about: Text,
    page: Page,
}

/// Where a topic's text comes from.
#[derive(Clone, Copy, Debug)]
enum Page {
    /// A text in Chinese and English.
    Written(&'static str, &'static str),
    /// A text, then the functions of rhai.
    Functions,
    /// The shape table.
    Dialect,
    /// The codes of findings.
    Codes,
}

/// All topics, in the order in which they are best read.
pub fn topics() -> Vec<Topic> {
    let topic = |word, zh: &str, en: &str, page| Topic { word, about: Text::new(zh, en), page };
    vec![
        topic("dialect", "流程文件的每个元素和键", "every element and key of a process file", Page::Dialect),
        topic("functions", "表达式可以调用的函数", "functions that expressions may call", Page::Functions),
        topic(
            "semantics",
            "BPMN 留有余地之处的取舍",
            "what happens where BPMN leaves a choice",
            Page::Written(include_str!("../../reference/semantics.zh.md"), include_str!("../../reference/semantics.en.md")),
        ),
        topic(
            "scenarios",
            "场景的写法",
            "how scenarios are written",
            Page::Written(include_str!("../../reference/scenarios.zh.md"), include_str!("../../reference/scenarios.en.md")),
        ),
        topic(
            "run",
            "tongban run 的步骤与回答",
            "the steps and answers of tongban run",
            Page::Written(include_str!("../../reference/run.zh.md"), include_str!("../../reference/run.en.md")),
        ),
        topic("codes", "检查发现的全部代码", "the codes of all findings", Page::Codes),
    ]
}

impl Topic {
    /// The topic called `word`.
    pub fn called(word: &str) -> Option<Self> {
        topics().into_iter().find(|topic| topic.word == word)
    }

    /// Its text, as Markdown.
    pub fn text(&self, language: Language) -> String {
        match self.page {
            Page::Written(zh, en) => of(language, zh, en).to_owned(),
            Page::Functions => {
                let written =
                    of(language, include_str!("../../reference/functions.zh.md"), include_str!("../../reference/functions.en.md"));
                format!("{written}\n{}\n", rules::standard_functions().join(", "))
            }
            Page::Dialect => dialect(language),
            Page::Codes => codes(language),
        }
    }
}

fn of<'a>(language: Language, zh: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

fn dialect(language: Language) -> String {
    let mut text = of(
        language,
        "# 方言：流程文件的每个元素和键\n\n由检查器所用的表生成。元素在列表中以自己的名称为第一个键，其值是标识，如 `- userTask: review`。带 * 的必须写。\n",
        "# The dialect: every element and key of a process file\n\nGenerated from the table that the checker uses. An element in a list \
         begins with its own word, whose value is its id, such as `- userTask: review`. Keys with * must stand.\n",
    )
    .to_owned();
    for part in vocabulary() {
        text.push_str(&section(&part, language));
    }
    text
}

fn section(part: &Part, language: Language) -> String {
    let head = of(language, "| 键 | 值 | 含义 |", "| key | value | means |");
    let mut text =
        format!("\n## {}{}\n{}\n\n{head}\n|---|---|---|\n", part.name, if part.headed { ":" } else { "" }, part.doc.get(language));
    for key in &part.keys {
        let star = if key.required { " *" } else { "" };
        text.push_str(&format!("| `{}`{star} | {} | {} |\n", key.word, key.of.get(language), key.doc.get(language)));
    }
    text
}

fn codes(language: Language) -> String {
    let mut text = of(
        language,
        "# 检查发现的代码\n\nY 书写，R 引用，F 流向，D 数据，T 期限，P 人员，L 法律。\n",
        "# Codes of findings\n\nY shape, R references, F flow, D data, T time, P people, L law.\n",
    )
    .to_owned();
    let mut sorted: Vec<_> = CODES.iter().collect();
    sorted.sort_by_key(|code| code.code);
    for code in sorted {
        text.push_str(&format!("\n## {} {}\n{}\n", code.code, code.title().get(language), code.explanation().get(language)));
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_both_languages() {
        for topic in topics() {
            let (zh, en) = (topic.text(Language::Zh), topic.text(Language::En));
            assert!(zh.starts_with("# ") && en.starts_with("# ") && zh != en, "{}", topic.word);
        }
    }

    #[test]
    fn generated_topics_are_complete() {
        let dialect = Topic::called("dialect").unwrap().text(Language::En);
        for word in ["## userTask:", "## boundaryEvent:", "| `multiInstance` |", "| `process` * |"] {
            assert!(dialect.contains(word), "{word}");
        }
        let codes = Topic::called("codes").unwrap().text(Language::Zh);
        assert!(CODES.iter().all(|code| codes.contains(&format!("## {} ", code.code))));
    }

    #[test]
    fn every_function_of_ours_is_told() {
        let functions = Topic::called("functions").unwrap().text(Language::En);
        for name in rules::own_functions() {
            assert!(functions.contains(&format!("`{name}(")), "{name}");
        }
    }

    #[test]
    fn every_step_of_run_is_told() {
        for language in [Language::Zh, Language::En] {
            let run = Topic::called("run").unwrap().text(language);
            let steps = run.lines().filter_map(|line| line.strip_prefix("| `{\"do\":\"")?.split('"').next());
            let told: Vec<&str> = steps.collect();
            let known = ["start", "complete", "throw", "message", "signal", "trigger", "advance", "fire", "set", "choose", "cancel"];
            assert_eq!(told, known);
            // What the world does not know is refused with the words that it knows.
            let refused = serde_json::from_str::<crate::world::Step>("{\"do\":\"?\"}").unwrap_err().to_string();
            assert!(known.iter().all(|word| refused.contains(&format!("`{word}`"))), "{refused}");
            assert_eq!(refused.matches('`').count() / 2, known.len() + 1, "{refused}");
        }
    }
}
