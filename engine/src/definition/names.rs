//! Which names an expression may read at a given point of a process, and of which types they are.

use indexmap::IndexMap;

use super::{DataField, Scope, ScopeIx, shape::suggestion};
use crate::{
    diagnostic::Finding,
    form::FieldType,
    rules::{Expression, Rules},
    text::{Language, Text},
};

/// Names besides the case's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Besides {
    Nothing,
    /// `year` and `seq` of the number series.
    Series,
    /// `completed` and `total` of a multi-instance.
    Instances,
    /// `activationCount` of a complex gateway.
    Arrivals,
    /// Whatever the message brings: names cannot be known.
    Message,
    /// `result`: what a service task's work gave.
    Answer,
}

/// The case's facts, readable everywhere; the application's number is readable by its own name too.
pub(super) const META: &str = "meta";

/// What a service task's work gave, by the name that its assignments see it.
const RESULT: &str = "result";

/// Names at one point of a process.
pub(super) struct Names<'a> {
    pub(super) data: &'a IndexMap<String, DataField>,
    pub(super) scopes: &'a [Scope],
    pub(super) scope: ScopeIx,
    /// Names of a multi-instance task's own instances, which have no scope in the model.
    pub(super) instance: &'a IndexMap<String, FieldType>,
    /// What a message or signal brings, where its declaration says so: these come before all others.
    pub(super) brought: &'a IndexMap<String, FieldType>,
    pub(super) besides: Besides,
}

/// No names of an instance.
pub(super) static NO_INSTANCE: std::sync::LazyLock<IndexMap<String, FieldType>> = std::sync::LazyLock::new(IndexMap::new);

impl Names<'_> {
    /// The type of `name`, if it is a data name or a local one here.
    pub(super) fn data_type(&self, name: &str) -> Option<FieldType> {
        if let Some(of) = self.instance.get(name) {
            return Some(of.clone());
        }
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|ix| self.scopes.get(ix)) {
            if let Some(of) = scope.local_types.get(name) {
                return Some(of.clone());
            }
            at = scope.parent;
        }
        self.data.get(name).map(|field| field.of.clone())
    }

    /// Every data name and local name here, for suggestions.
    pub(super) fn all(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.data.keys().chain(self.instance.keys()).chain(self.brought.keys()).map(String::as_str).collect();
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|ix| self.scopes.get(ix)) {
            names.extend(scope.local_types.keys().map(String::as_str));
            at = scope.parent;
        }
        names
    }

    /// The type of a readable name; None if it cannot be read here.
    pub(super) fn type_of(&self, name: &str) -> Option<FieldType> {
        if let Some(of) = self.brought.get(name) {
            return Some(of.clone());
        }
        match (self.besides, name) {
            (_, META) => Some(FieldType::Record(META.to_owned())),
            (Besides::Answer, RESULT) => Some(FieldType::Record(RESULT.to_owned())),
            (_, "application_no") => Some(FieldType::Text),
            (Besides::Series, "year" | "seq") | (Besides::Instances, "completed" | "total") | (Besides::Arrivals, "activationCount") => {
                Some(FieldType::Integer)
            }
            _ => self.data_type(name),
        }
    }

    /// Findings of one expression: names that are not there, and types that do not go together.
    pub(super) fn check(&self, rules: &Rules, expression: &Expression) -> Vec<Finding> {
        self.told(expression, rules.findings(expression, &|name| self.type_of(name)))
    }

    /// As [`Names::check`], for an expression that must be true or false.
    pub(super) fn check_condition(&self, rules: &Rules, expression: &Expression) -> Vec<Finding> {
        self.told(expression, rules.condition_findings(expression, &|name| self.type_of(name)))
    }

    /// Finds fault with a value of the wrong kind for `target`, where its type can be told.
    pub(super) fn check_assignment(&self, rules: &Rules, value: &Expression, target: &FieldType) -> Option<Finding> {
        let of = rules.type_of(value, &|name| self.type_of(name))?;
        if kind(&of) == kind(target) || (of == FieldType::Integer && matches!(target, FieldType::Decimal | FieldType::Money)) {
            return None;
        }
        let message = Text::new(format!("类型不符：需要 {target}，却是 {of}"), format!("types differ: {target} is wanted, this is {of}"));
        Some(Finding::error("D004", value.place.clone(), message))
    }

    /// Without what cannot be known of a message, and with what was perhaps meant.
    fn told(&self, expression: &Expression, findings: Vec<Finding>) -> Vec<Finding> {
        let wanted = |finding: &Finding| self.besides != Besides::Message || finding.code != "R040";
        findings.into_iter().filter(wanted).map(|finding| self.helped(expression, finding)).collect()
    }

    /// An unknown name with the caret under all of it, and the names there are.
    fn helped(&self, expression: &Expression, mut finding: Finding) -> Finding {
        let said = finding.message.get(Language::En);
        let unknown = |name: &&String| self.type_of(name).is_none() && said.contains(&format!("`{name}`"));
        if let Some(name) = expression.variables.iter().find(unknown).filter(|_| finding.code == "R040") {
            let span = &mut finding.place.span;
            if span.line == span.end_line && span.end_column <= span.column + 1 {
                span.end_column = span.column + u32::try_from(name.chars().count()).unwrap_or(1);
            }
            finding.help.get_or_insert_with(|| suggestion(name, &self.all()));
        }
        finding
    }
}

/// Types that JSON writes alike are told apart when the value is checked, not here.
fn kind(of: &FieldType) -> u8 {
    match of {
        FieldType::Integer => 0,
        FieldType::Boolean => 1,
        FieldType::List(_) => 2,
        FieldType::Record(_) => 3,
        _ => 4,
    }
}
