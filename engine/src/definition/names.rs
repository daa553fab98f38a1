//! Which names an expression may read at a given point of a process, and of which types they are.

use indexmap::IndexMap;

use super::{DataField, Scope, ScopeIx, shape::suggestion};
use crate::{
    diagnostic::Finding,
    form::FieldType,
    rules::{Expression, Rules},
    text::Text,
};

/// Names besides the case's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Besides {
    Nothing,
    /// `year` and `seq` of the number series.
    Series,
    /// `completed` and `total` of a multi-instance.
    Instances,
    /// Whatever the message brings: names cannot be known.
    Message,
}

/// The case's facts, readable everywhere.
pub(super) const META: &str = "meta";

/// Names at one point of a process.
pub(super) struct Names<'a> {
    pub(super) data: &'a IndexMap<String, DataField>,
    pub(super) scopes: &'a [Scope],
    pub(super) scope: ScopeIx,
    pub(super) besides: Besides,
}

impl Names<'_> {
    /// The type of `name`, if it is a data name or a local one here.
    pub(super) fn data_type(&self, name: &str) -> Option<FieldType> {
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
        let mut names: Vec<&str> = self.data.keys().map(String::as_str).collect();
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|ix| self.scopes.get(ix)) {
            names.extend(scope.local_types.keys().map(String::as_str));
            at = scope.parent;
        }
        names
    }

    /// The type of a readable name; None if it cannot be read here.
    fn type_of(&self, name: &str) -> Option<FieldType> {
        match (self.besides, name) {
            (_, META) => Some(FieldType::Record(META.to_owned())),
            (Besides::Series, "year" | "seq") | (Besides::Instances, "completed" | "total") => Some(FieldType::Integer),
            _ => self.data_type(name),
        }
    }

    /// Findings of one expression: names that are not there, and types that do not go together.
    pub(super) fn check(&self, rules: &Rules, expression: &Expression) -> Vec<Finding> {
        let mut findings: Vec<Finding> = expression
            .variables
            .iter()
            .filter(|name| self.besides != Besides::Message && self.type_of(name).is_none())
            .map(|name| {
                let mut known = self.all();
                known.push(META);
                Finding::error(
                    "R013",
                    expression.place.clone(),
                    Text::new(format!("表达式中的“{name}”没有声明"), format!("`{name}` in this expression is not declared")),
                )
                .help(suggestion(name, &known))
            })
            .collect();
        if findings.is_empty() && self.besides != Besides::Message {
            findings.extend(rules.findings(expression, &|name| self.type_of(name)));
        }
        findings
    }
}
