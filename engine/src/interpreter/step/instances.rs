//! Activities that run more than once: an inner scope for each instance or round (BPMN 2.0 §13.3.6).

use serde_json::{Map, Value};

use super::super::{
    Event, Instances, LocalNo, ScopeState,
    run::{Run, Stop},
};
use crate::{
    definition::{Completion, FlowIx, MultiInstance, Node, StandardLoop, Throw},
    rules::Expression,
    text::Text,
};

/// A multi-instance over more elements than this is refused.
const INSTANCES_MAX: usize = 500;

impl Run<'_> {
    /// Begins the instances of an activity that repeats: all of a parallel multi-instance, the first of a sequential one or
    /// of a loop. With none, the activity completes at once.
    pub(super) fn begin_instances(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let Some(multi) = &node.multi_instance else { return self.begin_loop(token, node, scope) };
        let mut elements = self.elements(multi, node, scope)?;
        let total = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        let pending = if multi.sequential && total > 0 { elements.split_off(1) } else { Vec::new() };
        self.emit(Event::InstancesBegun { token, total, pending });
        if total == 0 {
            return self.leave(token);
        }
        for (index, element) in (0..).zip(elements) {
            self.begin_instance(token, node, scope, locals_of(multi, element), (index, total))?;
        }
        Ok(())
    }

    /// What the instances are for: the elements of the list, or as many nothings as `count` says.
    fn elements(&self, multi: &MultiInstance, node: &Node, scope: LocalNo) -> Result<Vec<Value>, Stop> {
        let from = multi.collection.as_ref().or(multi.count.as_ref());
        let Some(expression) = from else {
            let message =
                Text::new(format!("{}：没有说明有几个实例", node.place), format!("{}: how many instances is not said", node.place));
            return Err(Stop::Failed(message));
        };
        match self.definition.rules.evaluate(expression, &self.names(scope))? {
            Value::Array(elements) if elements.len() <= INSTANCES_MAX => Ok(elements),
            Value::Null => Ok(Vec::new()),
            Value::Number(count) if multi.collection.is_none() => match count.as_u64().and_then(|count| usize::try_from(count).ok()) {
                Some(count) if count <= INSTANCES_MAX => Ok(vec![Value::Null; count]),
                _ => Err(not_countable(expression, &Value::Number(count))),
            },
            other => Err(not_countable(expression, &other)),
        }
    }

    fn begin_instance(
        &mut self,
        token: LocalNo,
        node: &Node,
        scope: LocalNo,
        locals: Map<String, Value>,
        (index, total): (u32, u32),
    ) -> Result<(), Stop> {
        if let Some(inside) = node.kind.inside() {
            return self.open_scope(node, inside, scope, Some(token), locals, Some((index, total)));
        }
        let inner = self.number();
        self.emit(Event::ScopeOpened {
            scope: inner,
            node: node.id.clone(),
            parent: scope,
            token: Some(token),
            locals,
            index: Some(index),
            instances: Some(total),
            compensates: None,
            done: Vec::new(),
        });
        self.place(node, inner, None);
        Ok(())
    }

    fn begin_loop(&mut self, token: LocalNo, node: &Node, scope: LocalNo) -> Result<(), Stop> {
        let Some(declared) = &node.standard_loop else { return Ok(()) };
        self.emit(Event::InstancesBegun { token, total: 0, pending: Vec::new() });
        if declared.test_before && !self.goes_round(declared, 0, scope)? {
            return self.leave(token);
        }
        self.begin_instance(token, node, scope, Map::new(), (0, 0))
    }

    /// Whether a loop goes round once more after so many rounds.
    fn goes_round(&self, declared: &StandardLoop, rounds: u32, scope: LocalNo) -> Result<bool, Stop> {
        if declared.max.is_some_and(|max| rounds >= max) || rounds as usize >= INSTANCES_MAX {
            return Ok(false);
        }
        match &declared.condition {
            Some(condition) => {
                let over = counters(&Instances { total: rounds, completed: rounds, pending: Vec::new() }, 0);
                Ok(self.definition.rules.condition(condition, &self.names_over(scope, &over))?)
            }
            None => Ok(declared.max.is_some()),
        }
    }

    /// One instance ended: collect what it gave; leave when the completion condition holds, or begin the next one.
    /// `by` is the flow of the action that its task was completed by: the last one decides where all go on.
    pub(super) fn instance_completed(&mut self, token: LocalNo, instance: &ScopeState, by: Option<FlowIx>) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (id, scope) = (standing.node.clone(), standing.scope);
        let node = self.node(&id)?;
        if let Some(multi) = &node.multi_instance {
            self.collect(multi, scope, instance);
        }
        self.emit(Event::InstanceCompleted { token });
        let counts = self.case.tokens.get(&token).and_then(|token| token.instances.clone()).unwrap_or_default();
        if let Some(declared) = &node.standard_loop {
            if self.goes_round(declared, counts.completed, scope)? {
                return self.begin_instance(token, node, scope, Map::new(), (counts.completed, 0));
            }
            return self.leave_with(token, by, &Map::new());
        }
        let Some(multi) = &node.multi_instance else { return Ok(()) };
        self.throw_on_border(token, node, multi, counts.completed)?;
        if !self.case.tokens.contains_key(&token) {
            return Ok(());
        }
        if !self.is_complete(multi, token, &counts, scope)? {
            let Some(next) = counts.pending.first().cloned() else { return Ok(()) };
            self.emit(Event::NextInstanceBegun { token });
            return self.begin_instance(token, node, scope, locals_of(multi, next), (counts.completed, counts.total));
        }
        let rest: Vec<LocalNo> = self.case.scopes.iter().filter(|(_, state)| state.token == Some(token)).map(|(no, _)| *no).collect();
        for inner in rest {
            self.interrupt_scope(inner);
        }
        self.leave_with(token, by, &Map::new())
    }

    /// What an activity throws as its instances end, so that its boundary events see it (BPMN 2.0 §10.3.8).
    fn throw_on_border(&mut self, token: LocalNo, node: &Node, multi: &MultiInstance, completed: u32) -> Result<(), Stop> {
        let first = multi.first_throws.as_ref().filter(|_| completed == 1);
        let thrown = multi.each_throws.as_ref().into_iter().chain(first);
        for throw in thrown {
            let Some(scope) = self.case.tokens.get(&token).map(|token| token.scope) else { return Ok(()) };
            match throw {
                Throw::Message(name, with) => self.send_message(node, name, with, scope)?,
                Throw::Signal(name, with) => self.send_signal(node, name, with, scope)?,
                Throw::Escalation(code) => self.escalate_at(token, code)?,
                Throw::Error(code) => self.throw_error_at(token, code)?,
                // Nothing else can be caught on a border.
                _ => {}
            }
        }
        Ok(())
    }

    fn is_complete(&self, multi: &MultiInstance, token: LocalNo, counts: &Instances, scope: LocalNo) -> Result<bool, Stop> {
        if counts.completed >= counts.total {
            return Ok(true);
        }
        Ok(match &multi.complete {
            Completion::All => false,
            Completion::Any => counts.completed >= 1,
            Completion::Ratio(numerator, denominator) => {
                u64::from(counts.completed) * u64::from(*denominator) >= u64::from(counts.total) * u64::from(*numerator)
            }
            Completion::Expression(condition) => {
                let active = self.case.scopes.values().filter(|state| state.token == Some(token)).count();
                let over = counters(counts, active);
                self.definition.rules.condition(condition, &self.names_over(scope, &over))?
            }
        })
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
    if let Some(variable) = &multi.variable {
        locals.insert(variable.clone(), element);
    }
    locals
}

/// The counts that a completion condition sees: our names, and BPMN's and its engines' names for the same.
fn counters(counts: &Instances, active: usize) -> Map<String, Value> {
    let terminated = 0;
    let named: [(&str, Value); 10] = [
        ("completed", counts.completed.into()),
        ("total", counts.total.into()),
        ("loopCounter", counts.completed.into()),
        ("numberOfInstances", counts.total.into()),
        ("nrOfInstances", counts.total.into()),
        ("numberOfCompletedInstances", counts.completed.into()),
        ("nrOfCompletedInstances", counts.completed.into()),
        ("numberOfActiveInstances", active.into()),
        ("nrOfActiveInstances", active.into()),
        ("numberOfTerminatedInstances", terminated.into()),
    ];
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn not_countable(expression: &Expression, given: &Value) -> Stop {
    let (place, text) = (&expression.place, &expression.text);
    let kind = given.as_array().map_or_else(|| given.to_string(), |list| format!("{} elements", list.len()));
    Stop::Failed(Text::new(
        format!("{place}：“{text}”应当是不超过 {INSTANCES_MAX} 项的列表或个数，得到的是 {kind}"),
        format!("{place}: `{text}` should be a list or a number of at most {INSTANCES_MAX} elements, but is {kind}"),
    ))
}
