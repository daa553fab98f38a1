//! From BPMN 2.0 XML to trees of the dialect, with findings and a report of what an import means.

mod activity;
mod data;
mod event;
mod gateway;
mod global;
mod ids;
mod index;
mod item;
mod pools;
mod process;
mod refer;
mod repeat;
mod report;
mod scope;
mod timer;
mod vendor;

use std::collections::BTreeMap;

use indexmap::IndexMap;

pub(super) use event::definitions;
pub(super) use ids::{ACTIVITIES, is_flow_node};
pub use report::{Outcome, ReportLine};
pub(super) use scope::is_event_sub_process;

use super::{
    shrub::scalar,
    xml::{self, Document, Node},
};
use crate::{
    diagnostic::Finding,
    expression,
    source::{Source, Tree},
    text::Text,
};
use ids::Names;
use index::Index;
use pools::MessageFlows;

/// More processes than this in one file are not read.
const PROCESSES_MAX: usize = 200;

/// What becomes of the ids in the XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ids {
    /// They stay as they are: an experiment talks about the model's own ids.
    #[default]
    Keep,
    /// They become `snake_case` (processes `kebab-case`), as an office writes them; the report tells the mapping.
    Snake,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// What becomes of ids.
    pub ids: Ids,
}

/// What a file held.
#[derive(Debug, Default)]
pub struct Read {
    /// One tree of the dialect for each `<process>` and each global task, in written order.
    pub trees: Vec<Tree>,
    /// What is wrong with the XML: errors if it cannot be read, else warnings and notes.
    pub findings: Vec<Finding>,
    /// What the import means: what maps, what changes its meaning, what is left out.
    pub report: Vec<ReportLine>,
}

/// Reads the processes of a BPMN 2.0 XML file.
///
/// Nothing that an unfinished model lacks is fatal: an event without its message, time or condition becomes
/// `unfinished: true`, a flow that leads nowhere is left out with a finding.
///
/// # Errors
/// Findings of severity error, if the text is not XML that is taken (`Y900`), holds no process (`Y901`) or uses an id twice
/// (`Y902`). Trees may be returned besides.
pub fn read(source: &Source, options: ReadOptions) -> Read {
    let document = match xml::parse(source) {
        Ok(document) => document,
        Err(finding) => return Read { findings: vec![*finding], ..Read::default() },
    };
    let mut findings = Vec::new();
    let names = Names::of(&document, options.ids, &mut findings);
    let index = Index::of(&document, &mut findings);
    let mut reader = Reader {
        document: &document,
        ids: options.ids,
        flows: MessageFlows::default(),
        names,
        index,
        findings,
        report: Vec::new(),
        counted: BTreeMap::new(),
        messages: IndexMap::new(),
    };
    reader.flows = MessageFlows::of(&mut reader);
    let trees = reader.processes();
    Read { trees, findings: reader.findings, report: reader.report }
}

/// What is known while a file is read.
struct Reader<'d> {
    document: &'d Document,
    ids: Ids,
    names: Names,
    index: Index<'d>,
    flows: MessageFlows,
    findings: Vec<Finding>,
    report: Vec<ReportLine>,
    /// How often each kind of element was mapped in the process being read.
    counted: BTreeMap<&'static str, usize>,
    /// Messages that the process being read uses, with their correlation keys.
    messages: IndexMap<String, Option<Tree>>,
}

impl<'d> Reader<'d> {
    fn processes(&mut self) -> Vec<Tree> {
        let root = self.document.root();
        if !root.is("definitions") {
            let message = Text::new("不是 BPMN 2.0 文件：根元素不是 definitions", "not BPMN 2.0: the root element is not `definitions`");
            self.findings.push(Finding::error("Y901", root.place(), message));
            return Vec::new();
        }
        let mut trees = Vec::new();
        for child in root.children() {
            if trees.len() >= PROCESSES_MAX {
                let message = Text::new(
                    format!("流程超过 {PROCESSES_MAX} 个，其余略去"),
                    format!("more than {PROCESSES_MAX} processes: the rest is left out"),
                );
                self.findings.push(Finding::error("Y901", child.place(), message));
                break;
            }
            if child.is("process") {
                trees.push(self.process(child));
            } else if let Some(word) = global::word(child) {
                trees.push(self.global_task(child, word));
            }
        }
        if trees.is_empty() {
            self.findings.push(Finding::error("Y901", root.place(), Text::new("文件里没有流程", "there is no process in the file")));
        }
        trees
    }

    /// The id that an element has in the dialect.
    fn id(&self, node: Node<'_>) -> String {
        self.names.of_node(node)
    }

    fn warn(&mut self, code: &'static str, node: Node<'_>, message: Text) {
        let element = self.names.about(node);
        let finding = Finding::warning(code, node.place(), message);
        self.findings.push(Finding { element, ..finding });
    }

    /// The text of an element as a rhai expression; None if it is empty.
    fn expression(&mut self, node: Node<'d>) -> Option<Tree> {
        let text = node.text()?;
        let foreign = node.given("language").filter(|language| !expression::is_marked(text) && is_foreign(language));
        if let Some(language) = foreign {
            self.untranslated(node, text, &Text::new(format!("语言是 {language}"), format!("its language is {language}")));
        }
        Some(scalar(node.text_span(), &self.rhai(node, text)))
    }

    /// An expression as rhai; as it is, with a finding, if it cannot be translated.
    fn rhai(&mut self, node: Node<'_>, text: &str) -> String {
        expression::rhai(text).unwrap_or_else(|why| {
            self.untranslated(node, text, &why.0);
            text.trim().to_owned()
        })
    }

    /// A name, code or other text that may hold expressions.
    fn template(&mut self, node: Node<'_>, text: &str) -> String {
        expression::template(text).unwrap_or_else(|why| {
            self.untranslated(node, text, &why.0);
            text.trim().to_owned()
        })
    }

    fn untranslated(&mut self, node: Node<'_>, text: &str, why: &Text) {
        let en = why.en.as_deref().unwrap_or(&why.zh);
        let message = Text::new(
            format!("表达式“{text}”无法翻译成 rhai：{}", why.zh),
            format!("the expression `{text}` cannot be translated into rhai: {en}"),
        );
        let element = self.names.about(node);
        self.findings.push(Finding { element, ..Finding::warning("Y903", node.text_place(), message) });
    }
}

/// Whether a declared expression language is none of those that are translated.
fn is_foreign(language: &str) -> bool {
    let lower = language.to_ascii_lowercase();
    !["rhai", "juel", "feel", "xpath", "el"].iter().any(|known| lower.ends_with(known) || lower.contains("feel"))
}

#[cfg(test)]
mod tests;
