//! Fragments: parts of a flow that several processes share, expanded where they are used.
//!
//! `workflows/fragments/NAME/fragment.yaml` declares parameters, outcomes and a flow. `- use: NAME` becomes an embedded
//! sub-process whose nodes are called `AS.ID`. A scalar that is `$parameter` stands for what `with:` gives. An end event
//! names its outcome: the first outcome ends the sub-process in the ordinary way, every other leaves it as an error does,
//! through a boundary event that goes where `outcomes:` says. So a fragment needs nothing of the interpreter.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{
    context::{Context, entries, string, strings},
    shape,
};
use crate::{
    diagnostic::Finding,
    source::{Key, Kind, Source, Span, Tree},
    text::Text,
};

/// Where fragments stand.
const FOLDER: &str = "workflows/fragments/";
const FILE: &str = "/fragment.yaml";

/// Keys whose values name nodes of the same flow.
const TARGETS: [&str; 4] = ["next", "to", "compensate", "separateFrom"];

/// What stands before a task's id where a notice goes to whoever has it.
const TASK: &str = "task.";

/// One `fragment.yaml`.
#[derive(Debug)]
pub(super) struct Fragment {
    pub(super) source: Source,
    tree: Tree,
    parameters: Vec<String>,
    outcomes: Vec<String>,
}

/// A place where a fragment was used, so that its findings can say so.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) file: std::sync::Arc<str>,
    pub(super) prefix: String,
    pub(super) at: crate::source::Place,
}

/// The name of the fragment that stands at `path`, if one does.
pub(super) fn name_of(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_suffix(FILE).filter(|name| !name.contains('/'))
}

impl Fragment {
    /// Reads a fragment; mistakes in its flow are told where it is used.
    pub(super) fn read(source: Source, tree: Tree) -> (Self, Vec<Finding>) {
        let findings = shape::check(&source, &tree, &shape::FRAGMENT);
        let parameters = entries(tree.get("parameters")).map(|(name, ..)| name.to_owned()).collect();
        let outcomes = strings(tree.get("outcomes")).map(|(name, _)| name).collect();
        (Self { source, tree, parameters, outcomes }, findings)
    }

    /// The flow with arguments in place of parameters, its ids as they are written: what its shape is checked on.
    pub(super) fn with_arguments(&self, item: &Tree) -> Option<Tree> {
        let given: IndexMap<&str, &Tree> = entries(item.get("with")).map(|(key, _, value)| (key, value)).collect();
        // What lacks an argument is told as such.
        let all = self.parameters.iter().all(|parameter| given.contains_key(parameter.as_str()));
        all.then(|| self.tree.get("flow").map(|flow| fill(flow, &given)))?
    }

    /// The sub-process that a `use` item stands for, as an item of the dialect: its head and the keys of the use stand in the
    /// process, what is inside stands in the fragment.
    pub(super) fn expand(&self, cx: &mut Context<'_>, item: &Tree, name: &str, span: Span) -> Tree {
        let prefix = item.get("as").and_then(string).unwrap_or_else(|| name.replace('-', "_"));
        let given: IndexMap<&str, &Tree> = entries(item.get("with")).map(|(key, _, value)| (key, value)).collect();
        self.check_arguments(cx, item, name, span);
        let mut ids = BTreeSet::new();
        if let Some(flow) = self.tree.get("flow") {
            collect_ids(flow, &mut ids);
        }
        let rewrite = Rewrite { fragment: self, prefix: &prefix, given: &given, ids: &ids };
        let inside = self.tree.get("flow").map(|flow| rewrite.tree(flow));
        let mut keys = vec![(key("subProcess", span), scalar(&prefix, span))];
        for word in ["name", "doc", "public", "next", "flows"] {
            keys.extend(item.get(word).map(|value| (key(word, value.span), value.clone())));
        }
        let outcomes = self.ways_out(cx, item, name, &prefix, span, &mut keys);
        keys.push((key("boundary", span), Tree { span, kind: Kind::List(outcomes) }));
        keys.push((key("do", span), inside.unwrap_or(Tree { span, kind: Kind::List(Vec::new()) })));
        Tree { span, kind: Kind::Map(keys) }
    }

    fn check_arguments(&self, cx: &mut Context<'_>, item: &Tree, name: &str, span: Span) {
        let known: Vec<&str> = self.parameters.iter().map(String::as_str).collect();
        for (argument, at, _) in entries(item.get("with")).filter(|(argument, ..)| !known.contains(argument)) {
            let message =
                Text::new(format!("片段“{name}”没有参数“{argument}”"), format!("the fragment `{name}` has no parameter `{argument}`"));
            cx.error("R017", at, message).help = Some(shape::suggestion(argument, &known));
        }
        for missing in known.iter().filter(|parameter| item.get("with").and_then(|with| with.get(parameter)).is_none()) {
            let message =
                Text::new(format!("片段“{name}”缺少参数“{missing}”"), format!("the fragment `{name}` lacks its parameter `{missing}`"));
            cx.error("R017", span, message).help =
                Some(Text::new(format!("在 with 中写明 {missing}"), format!("give {missing} under `with`")));
        }
    }

    /// The boundary events of outcomes that leave otherwise; the first outcome goes on, or where it is mapped.
    fn ways_out(&self, cx: &mut Context<'_>, item: &Tree, name: &str, prefix: &str, span: Span, keys: &mut Vec<(Key, Tree)>) -> Vec<Tree> {
        let mapped: IndexMap<&str, &Tree> = entries(item.get("outcomes")).map(|(outcome, _, to)| (outcome, to)).collect();
        let known: Vec<&str> = self.outcomes.iter().map(String::as_str).collect();
        for (outcome, at, _) in entries(item.get("outcomes")).filter(|(outcome, ..)| !known.contains(outcome)) {
            let message =
                Text::new(format!("片段“{name}”没有结果“{outcome}”"), format!("the fragment `{name}` has no outcome `{outcome}`"));
            cx.error("R018", at, message).help = Some(shape::suggestion(outcome, &known));
        }
        let mut events = Vec::new();
        for (number, outcome) in known.iter().enumerate() {
            match mapped.get(outcome) {
                Some(to) if number == 0 => {
                    keys.retain(|(key, _)| key.text != "next");
                    keys.push((key("next", to.span), (*to).clone()));
                }
                Some(to) => events.push(boundary_event(prefix, outcome, to, span)),
                None if number == 0 => {}
                None => {
                    let message = Text::new(
                        format!("片段“{name}”的结果“{outcome}”没有写明去向"),
                        format!("where the outcome `{outcome}` of the fragment `{name}` goes is not said"),
                    );
                    let help = format!("outcomes: {{{outcome}: …}}");
                    cx.error("R018", span, message).help = Some(Text::new(help.clone(), help));
                }
            }
        }
        events
    }
}

fn boundary_event(prefix: &str, outcome: &str, to: &Tree, span: Span) -> Tree {
    let entry = |word: &str, text: &str| (key(word, span), scalar(text, span));
    let entries = vec![
        entry("boundaryEvent", &format!("{prefix}.on_{outcome}")),
        entry("error", &format!("{prefix}.{outcome}")),
        (key("to", to.span), to.clone()),
    ];
    Tree { span, kind: Kind::Map(entries) }
}

/// Every id of a flow, at whatever depth.
fn collect_ids(tree: &Tree, ids: &mut BTreeSet<String>) {
    match &tree.kind {
        Kind::List(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        Kind::Map(entries) => {
            if let Some((word, id)) = entries.first()
                && (shape::element(&word.text).is_some() || matches!(word.text.as_str(), "boundaryEvent" | "eventSubProcess"))
            {
                ids.extend(string(id));
            }
            entries.iter().for_each(|(_, value)| collect_ids(value, ids));
        }
        Kind::Scalar { .. } => {}
    }
}

/// Puts arguments in for parameters and the prefix before ids.
struct Rewrite<'a> {
    fragment: &'a Fragment,
    prefix: &'a str,
    given: &'a IndexMap<&'a str, &'a Tree>,
    ids: &'a BTreeSet<String>,
}

impl Rewrite<'_> {
    fn tree(&self, tree: &Tree) -> Tree {
        match &tree.kind {
            Kind::List(items) => Tree { span: tree.span, kind: Kind::List(items.iter().map(|item| self.tree(item)).collect()) },
            Kind::Map(entries) => self.map(tree.span, entries),
            Kind::Scalar { .. } => fill(tree, self.given),
        }
    }

    fn map(&self, span: Span, entries: &[(Key, Tree)]) -> Tree {
        let mut rewritten = Vec::with_capacity(entries.len());
        for (number, (word, value)) in entries.iter().enumerate() {
            let heads = number == 0 && string(value).is_some_and(|id| self.ids.contains(&id));
            let value = match word.text.as_str() {
                _ if heads => self.named(value),
                "outcome" => {
                    // The first outcome is the ordinary end.
                    let outcome = string(value).unwrap_or_default();
                    if self.fragment.outcomes.first() == Some(&outcome) {
                        continue;
                    }
                    rewritten.push((key("error", word.span), scalar(&format!("{}.{outcome}", self.prefix), value.span)));
                    continue;
                }
                target if TARGETS.contains(&target) => self.named(value),
                _ => self.tree(value),
            };
            rewritten.push((word.clone(), value));
        }
        Tree { span, kind: Kind::Map(rewritten) }
    }

    /// Names of nodes of the fragment get its prefix.
    fn named(&self, value: &Tree) -> Tree {
        match &value.kind {
            Kind::Scalar { text, plain } if self.ids.contains(text) => {
                Tree { span: value.span, kind: Kind::Scalar { text: format!("{}.{text}", self.prefix), plain: *plain } }
            }
            Kind::Scalar { text, plain } if text.strip_prefix(TASK).is_some_and(|id| self.ids.contains(id)) => {
                let text = text.replacen(TASK, &format!("{TASK}{}.", self.prefix), 1);
                Tree { span: value.span, kind: Kind::Scalar { text, plain: *plain } }
            }
            Kind::List(items) => Tree { span: value.span, kind: Kind::List(items.iter().map(|item| self.named(item)).collect()) },
            _ => self.tree(value),
        }
    }
}

/// Arguments in place of parameters, nothing else.
fn fill(tree: &Tree, given: &IndexMap<&str, &Tree>) -> Tree {
    let kind = match &tree.kind {
        Kind::List(items) => Kind::List(items.iter().map(|item| fill(item, given)).collect()),
        Kind::Map(entries) => Kind::Map(entries.iter().map(|(key, value)| (key.clone(), fill(value, given))).collect()),
        Kind::Scalar { text, .. } => match text.strip_prefix('$').and_then(|name| given.get(name)) {
            Some(argument) => argument.kind.clone(),
            None => tree.kind.clone(),
        },
    };
    Tree { span: tree.span, kind }
}

fn key(text: &str, span: Span) -> Key {
    Key { text: text.to_owned(), span }
}

fn scalar(text: &str, span: Span) -> Tree {
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: true } }
}
