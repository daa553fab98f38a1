//! What an expression sees: the case's data by bare name, from its scope outwards, and its facts as `meta`.

use serde_json::{Map, Value, json};

use super::{Case, LocalNo};
use crate::{
    definition::Definition,
    form::{Class, FieldType},
    organisation::Organisation,
    rules::Lookup,
    text::Language,
    time::Moment,
};

/// Names of counts inside an instance.
const COUNTERS: [&str; 7] = [
    "loopCounter",
    "numberOfInstances",
    "nrOfInstances",
    "numberOfCompletedInstances",
    "nrOfCompletedInstances",
    "numberOfActiveInstances",
    "nrOfActiveInstances",
];

/// The names of a case as seen from one of its scopes.
#[derive(Clone, Copy, Debug)]
pub struct CaseNames<'a> {
    /// The definition that types the names.
    pub definition: &'a Definition,
    /// The case.
    pub case: &'a Case,
    /// The scope that looks.
    pub scope: LocalNo,
    /// The present moment, as handed in.
    pub now: Moment,
    /// Units' and people's names.
    pub organisation: &'a Organisation,
    /// Names that come before all others: a message's data, a form's input, a number's parts.
    pub over: Option<&'a Map<String, Value>>,
}

impl CaseNames<'_> {
    /// The scope that holds `name`, from the looking scope outwards; the process scope if none does.
    pub fn holder(&self, name: &str) -> LocalNo {
        let mut at = Some(self.scope);
        while let Some(no) = at {
            let Some(state) = self.case.scopes.get(&no) else { break };
            if state.locals.contains_key(name) {
                return no;
            }
            at = state.parent;
        }
        super::ROOT
    }

    /// What BPMN and its engines call the counts of the multi-instance or loop around, for whoever reads them inside an
    /// instance; the first instance is 0.
    fn counter(&self, name: &str) -> Option<Value> {
        if !COUNTERS.contains(&name) {
            return None;
        }
        let mut at = self.case.scopes.get(&self.scope);
        while let Some(state) = at.filter(|state| state.index.is_none()) {
            at = state.parent.and_then(|parent| self.case.scopes.get(&parent));
        }
        let state = at?;
        let outside = state.token.and_then(|token| self.case.tokens.get(&token));
        let counts = outside.and_then(|token| token.instances.as_ref());
        let count = match name {
            "loopCounter" => state.index,
            "numberOfInstances" | "nrOfInstances" => state.instances,
            "numberOfCompletedInstances" | "nrOfCompletedInstances" => counts.map(|counts| counts.completed),
            _ => u32::try_from(self.case.scopes.values().filter(|other| other.token == state.token).count()).ok(),
        };
        count.map(Value::from)
    }

    /// The case's facts as expressions and templates see them.
    pub fn meta(&self) -> Value {
        let facts = &self.case.facts;
        let unit_name =
            self.organisation.units.get(&facts.unit).map_or_else(|| facts.unit.clone(), |unit| unit.name.get(Language::Zh).to_owned());
        let moment = |at: Moment| self.definition.calendar.format_moment(at);
        json!({
            "number": facts.number,
            "title": facts.title,
            "unit": facts.unit,
            "unit_name": unit_name,
            "applicant": { "name": facts.applicant.name, "unit": facts.applicant.unit, "person": facts.applicant.person },
            "application_no": facts.application_no,
            "source": facts.source,
            "started_at": moment(facts.started_at),
            "received_at": moment(facts.received_at),
            "now": moment(self.now),
        })
    }
}

impl Lookup for CaseNames<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.over.and_then(|over| over.get(name)) {
            return Some(value.clone());
        }
        match name {
            "meta" => return Some(self.meta()),
            "application_no" => return Some(Value::String(self.case.facts.application_no.clone())),
            _ => {}
        }
        let holder = self.holder(name);
        let found = match self.case.scopes.get(&holder) {
            Some(state) if holder != super::ROOT => state.locals.get(name),
            _ => self.case.data.get(name),
        };
        let declared = || self.definition.process.data.fields.get(name).and_then(|field| field.default.clone());
        found.cloned().or_else(declared).or_else(|| self.counter(name))
    }

    fn type_of(&self, name: &str) -> Option<FieldType> {
        if self.over.is_some_and(|over| over.contains_key(name)) && !self.definition.process.data.fields.contains_key(name) {
            return None;
        }
        let declared = self.definition.process.data.fields.get(name).map(|field| field.of.clone());
        declared.or_else(|| self.definition.standard.fields.get(name).map(|field| field.of.clone()))
    }

    fn is_sensitive(&self, name: &str) -> bool {
        self.definition.standard.fields.get(name).is_some_and(|field| field.class >= Class::P3)
    }
}
