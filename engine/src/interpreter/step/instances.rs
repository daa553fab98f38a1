//! Parallel multi-instance: an inner scope for each element, complete when its condition says so (BPMN 2.0 §13.3.6).

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, ScopeState,
    run::{Run, Stop},
};
use crate::{
    definition::{Completion, FlowIx, MultiInstance, Node, NodeKind},
    text::Text,
};

/// A multi-instance over more elements than this is refused.
const INSTANCES_MAX: usize = 500;

impl Run<'_> {
    /// Begins one instance for each element; with none, the activity completes at once.
    pub(super) fn begin_instances(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let Some(multi) = &node.multi_instance else { return Ok(()) };
        let elements = match self.definition.rules.evaluate(&multi.collection, &self.names(scope))? {
            Value::Array(elements) if elements.len() <= INSTANCES_MAX => elements,
            Value::Null => Vec::new(),
            other => {
                let place = &multi.collection.place;
                let text = &multi.collection.text;
                let kind = other.as_array().map_or_else(|| other.to_string(), |list| format!("{} elements", list.len()));
                return Err(Stop::Failed(Text::new(
                    format!("{place}：“{text}”应当是不超过 {INSTANCES_MAX} 项的列表，得到的是 {kind}"),
                    format!("{place}: `{text}` should be a list of at most {INSTANCES_MAX} elements, but is {kind}"),
                )));
            }
        };
        let total = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        self.emit(Event::InstancesBegun { token, total });
        if total == 0 {
            return self.leave(token);
        }
        for (index, element) in (0..).zip(elements) {
            let locals = locals_of(multi, element);
            match &node.kind {
                NodeKind::SubProcess(inside) => self.open_scope(node, *inside, scope, Some(token), locals, Some((index, total)))?,
                _ => {
                    let inner = self.number();
                    self.emit(Event::ScopeOpened {
                        scope: inner,
                        node: node.id.clone(),
                        parent: scope,
                        token: Some(token),
                        locals,
                        index: Some(index),
                        instances: Some(total),
                    });
                    self.place(node, inner, None);
                }
            }
        }
        Ok(())
    }

    /// One instance ended: collect what it gave; leave when the completion condition holds.
    /// `by` is the flow of the action that its task was completed by: the last one decides where all go on.
    pub(super) fn instance_completed(&mut self, token: LocalNo, instance: &ScopeState, by: Option<FlowIx>) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope) = (standing.node.clone(), standing.scope);
        let Some(multi) = &self.node(&id)?.multi_instance else { return Ok(()) };
        self.collect(multi, scope, instance);
        self.emit(Event::InstanceCompleted { token });
        let counts = self.case.tokens.get(&token).and_then(|token| token.instances).unwrap_or_default();
        let all = counts.completed >= counts.total;
        let done = all
            || match &multi.complete {
                Completion::All => false,
                Completion::Any => counts.completed >= 1,
                Completion::Ratio(numerator, denominator) => {
                    u64::from(counts.completed) * u64::from(*denominator) >= u64::from(counts.total) * u64::from(*numerator)
                }
                Completion::Expression(condition) => {
                    let mut over = Map::new();
                    over.insert("completed".to_owned(), counts.completed.into());
                    over.insert("total".to_owned(), counts.total.into());
                    self.definition.rules.condition(condition, &self.names_over(scope, &over))?
                }
            };
        if !done {
            return Ok(());
        }
        let rest: Vec<LocalNo> = self.case.scopes.iter().filter(|(_, state)| state.token == Some(token)).map(|(no, _)| *no).collect();
        for inner in rest {
            self.interrupt_scope(inner);
        }
        self.leave_with(token, by, &Map::new())
    }

    fn collect(&mut self, multi: &MultiInstance, scope: LocalNo, instance: &ScopeState) {
        for (outer, inner) in &multi.collect {
            let Some(given) = instance.locals.get(inner).filter(|value| !value.is_null()) else { continue };
            let names = self.names(scope);
            let mut list = match crate::rules::Lookup::value(&names, outer) {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            };
            list.push(given.clone());
            self.write(scope, std::iter::once((outer.clone(), Value::Array(list))).collect());
        }
    }
}

/// What an instance sees as its own: its element, and the names that are collected from it.
fn locals_of(multi: &MultiInstance, element: Value) -> Map<String, Value> {
    let mut locals: Map<String, Value> = multi.collect.values().map(|inner| (inner.clone(), Value::Null)).collect();
    locals.insert(multi.variable.clone(), element);
    locals
}
