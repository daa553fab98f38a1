//! Reading values of one file: texts, durations, expressions, names that are resolved later. Shape mistakes are silent
//! here, because the shape table has already told them.

use indexmap::IndexMap;

use super::{Pattern, PatternPart, Role};
use crate::{
    calendar::Duration,
    diagnostic::Finding,
    document::Templates,
    form::{FieldStandard, Form},
    rules::{Expression, Rules},
    source::{Place, Source, Span, Tree},
    text::Text,
};

use super::names::Names;

/// What a name refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refers {
    Lane,
    Role,
    Form,
    Template,
    Message,
    Clock,
    /// A node that a clock starts, stops or pauses at.
    Node,
    /// A user task.
    UserTask,
    /// An activity.
    Activity,
    Signal,
    /// An error code.
    Error,
    /// An escalation code.
    Escalation,
}

/// A name that must resolve once everything is read.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) refers: Refers,
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) element: String,
}

/// What the files around a process offer.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) standard: &'a FieldStandard,
    pub(super) forms: &'a IndexMap<String, Form>,
    pub(super) roles: &'a IndexMap<String, Role>,
    pub(super) rules: &'a Rules,
    pub(super) templates: &'a Templates,
    pub(super) fragments: &'a IndexMap<String, super::fragment::Fragment>,
    pub(super) decisions: &'a IndexMap<String, crate::decision::DecisionTable>,
    /// Decision tables that are written and could not be read.
    pub(super) broken_decisions: &'a [String],
}

/// Reads one `process.yaml`.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source,
    pub(super) around: Surroundings<'a>,
    pub(super) findings: Vec<Finding>,
    pub(super) references: Vec<Reference>,
    /// Set if the application form could not be read: then nobody can say which data names there are.
    pub(super) names_unsure: bool,
    /// The fragment whose flow is being read; None: the process's own file.
    pub(super) inside: Option<&'a Source>,
    /// Where fragments were used.
    pub(super) uses: Vec<super::fragment::Use>,
    /// Whatever can be executed is taken: unfinished events, tasks without people, undeclared messages.
    pub(super) lenient: bool,
    /// The files were checked when they were deployed.
    pub(super) deployed: bool,
    /// Clocks that are written but could not be compiled: naming them is no mistake of its own.
    pub(super) dropped: Vec<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(source: &'a Source, around: Surroundings<'a>) -> Self {
        Self {
            source,
            around,
            findings: Vec::new(),
            references: Vec::new(),
            names_unsure: false,
            inside: None,
            uses: Vec::new(),
            lenient: false,
            deployed: false,
            dropped: Vec::new(),
        }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.inside.unwrap_or(self.source).name.clone(), span }
    }

    pub(super) fn error(&mut self, code: &'static str, span: Span, message: Text) -> &mut Finding {
        let finding = Finding::error(code, self.place(span), message);
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Notes that the name written in `tree` must resolve, and gives it back.
    pub(super) fn refer(&mut self, refers: Refers, tree: &Tree, element: &str) -> Option<String> {
        let name = string(tree)?;
        self.refer_at(refers, &name, tree.span, element);
        Some(name)
    }

    pub(super) fn refer_at(&mut self, refers: Refers, name: &str, span: Span, element: &str) {
        let place = self.place(span);
        self.references.push(Reference { refers, name: name.to_owned(), place, element: element.to_owned() });
    }

    /// Compiles an expression and checks the names in it.
    pub(super) fn expression(&mut self, tree: &Tree, names: &Names<'_>) -> Option<Expression> {
        let text = string(tree)?;
        match self.around.rules.expression(&text, self.place(tree.span)) {
            Ok(expression) => {
                self.check_names(&expression, names);
                Some(expression)
            }
            Err(finding) => self.failing(finding, tree.span),
        }
    }

    /// In an experiment an expression that cannot be compiled fails when it is evaluated, and not before.
    pub(super) fn failing(&mut self, finding: Finding, span: Span) -> Option<Expression> {
        let place = self.place(span);
        self.findings.push(finding);
        if self.lenient { self.around.rules.expression("not_translated()", place).ok() } else { None }
    }

    /// Compiles a condition: an expression that must give true or false.
    pub(super) fn condition(&mut self, tree: &Tree, names: &Names<'_>) -> Option<Expression> {
        let text = string(tree)?;
        match self.around.rules.expression(&text, self.place(tree.span)) {
            Ok(expression) if self.names_unsure => Some(expression),
            Ok(expression) => {
                self.findings.extend(names.check_condition(self.around.rules, &expression));
                Some(expression)
            }
            Err(finding) => self.failing(finding, tree.span),
        }
    }

    /// Checks the names that a compiled expression reads.
    pub(super) fn check_names(&mut self, expression: &Expression, names: &Names<'_>) {
        if !self.names_unsure {
            self.findings.extend(names.check(self.around.rules, expression));
        }
    }

    /// Compiles a text with `{expression}` in it and checks the names.
    pub(super) fn pattern(&mut self, tree: &Tree, names: &Names<'_>) -> Option<Pattern> {
        let text = string(tree)?;
        match self.around.rules.pattern(&text, self.place(tree.span)) {
            Ok(pattern) => {
                for part in &pattern.parts {
                    if let PatternPart::Expression(expression) = part {
                        self.check_names(expression, names);
                    }
                }
                Some(pattern)
            }
            Err(finding) => {
                self.findings.push(finding);
                None
            }
        }
    }
}

/// The scalar under a key.
pub(super) fn string(tree: &Tree) -> Option<String> {
    tree.scalar().filter(|_| !tree.is_null()).map(str::to_owned)
}

/// A text, or `{zh, en}`.
pub(super) fn text(tree: &Tree) -> Option<Text> {
    match string(tree) {
        Some(zh) => Some(Text::zh(zh)),
        None => Some(Text { zh: string(tree.get("zh")?)?, en: tree.get("en").and_then(string) }),
    }
}

/// A duration, where it is one.
pub(super) fn duration(tree: &Tree) -> Option<Duration> {
    Duration::parse(tree.scalar()?).ok()
}

/// The scalars of a list with their trees.
pub(super) fn strings(tree: Option<&Tree>) -> impl Iterator<Item = (String, &Tree)> {
    tree.and_then(Tree::list).unwrap_or_default().iter().filter_map(|item| Some((string(item)?, item)))
}

/// The entries of a mapping.
pub(super) fn entries(tree: Option<&Tree>) -> impl Iterator<Item = (&str, Span, &Tree)> {
    tree.and_then(Tree::map).unwrap_or_default().iter().map(|(key, value)| (key.text.as_str(), key.span, value))
}
