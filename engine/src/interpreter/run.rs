//! One decision under way: a copy of the case, the events so far, and the tokens that still have to move.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::{Actor, Case, CaseNames, Context, Event, LocalNo, Rejection, apply, codes};
use crate::{
    definition::{Assignment, Definition, Node, ScopeIx},
    rules::RuleError,
    text::Text,
    time::Moment,
};

/// A command that moves tokens more often than this would loop without rest.
pub(crate) const STEPS_MAX: u32 = 2_000;

/// A decision under way.
pub(super) struct Run<'a> {
    pub(super) definition: &'a Definition,
    pub(super) context: &'a Context<'a>,
    pub(super) actor: &'a Actor,
    pub(super) at: Moment,
    pub(super) case: Case,
    pub(super) events: Vec<Event>,
    /// Numbers taken by this decision, which the context does not know yet.
    pub(super) series: BTreeMap<String, u64>,
    /// Tasks that tokens are to open for a person: who did the step before gets it again.
    pub(super) given: BTreeMap<LocalNo, String>,
    /// The case as the command found it.
    found: &'a Case,
    ready: VecDeque<LocalNo>,
}

/// What stops a decision or a step.
#[derive(Debug)]
pub(super) enum Stop {
    /// The command is refused.
    Refused(Rejection),
    /// The step fails; the case goes on waiting there with an incident.
    Failed(Text),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<RuleError> for Stop {
    fn from(error: RuleError) -> Self {
        let place = &error.place;
        Self::Failed(Text::new(
            format!("{place}：{}", error.message.zh),
            format!("{place}: {}", error.message.get(crate::text::Language::En)),
        ))
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(definition: &'a Definition, found: &'a Case, actor: &'a Actor, at: Moment, context: &'a Context<'a>) -> Self {
        let (events, series, ready) = (Vec::new(), BTreeMap::new(), VecDeque::new());
        Self { definition, context, actor, at, case: found.clone(), events, series, given: BTreeMap::new(), found, ready }
    }

    /// Records an event on the working copy and keeps it.
    pub(super) fn emit(&mut self, event: Event) {
        apply(&mut self.case, &event, self.at);
        self.events.push(event);
    }

    /// The next free local number.
    pub(super) fn number(&self) -> LocalNo {
        self.case.next
    }

    /// The case's names as seen from `scope`.
    pub(super) fn names(&self, scope: LocalNo) -> CaseNames<'_> {
        CaseNames {
            definition: self.definition,
            case: &self.case,
            scope,
            now: self.at,
            organisation: self.context.organisation,
            over: None,
        }
    }

    /// The same, with names that come before all others.
    pub(super) fn names_over<'b>(&'b self, scope: LocalNo, over: &'b Map<String, Value>) -> CaseNames<'b> {
        CaseNames { over: Some(over), ..self.names(scope) }
    }

    /// The node called `id`. Every id in a case was taken from its own definition.
    pub(super) fn node(&self, id: &str) -> Result<&'a Node, Stop> {
        self.definition.process.node(id).ok_or_else(|| {
            Stop::Failed(Text::new(format!("此版本的流程中没有节点“{id}”"), format!("this version of the process has no node `{id}`")))
        })
    }

    /// The part of the process that is inside an open scope; None: the body of a task that repeats, which is one node.
    pub(super) fn scope_of(&self, scope: LocalNo) -> Option<ScopeIx> {
        match &self.case.scopes.get(&scope)?.node {
            None => Some(0),
            Some(id) => self.definition.process.node(id)?.kind.inside(),
        }
    }

    /// Puts a token on a node; it moves when its turn comes.
    pub(super) fn place(&mut self, node: &Node, scope: LocalNo, flow: Option<&str>) {
        let token = self.number();
        let (node, flow) = (node.id.clone(), flow.map(str::to_owned));
        self.emit(Event::TokenPlaced { token, node, scope, flow, compensates: None, detour: None });
        self.ready.push_back(token);
    }

    /// Lets a token that stands still act again.
    pub(super) fn wake(&mut self, token: LocalNo) {
        self.ready.push_back(token);
    }

    /// Moves tokens, first in first out, until all wait, no kept message fits what they wait for, no join can go on, and
    /// no condition has become true. A step that fails becomes an incident where it stands.
    pub(super) fn settle(&mut self) -> Result<(), Rejection> {
        let mut steps = 0;
        loop {
            steps += 1;
            if steps > STEPS_MAX {
                return Err(too_many_steps());
            }
            match self.ready.pop_front() {
                Some(token) => self.turn(token)?,
                None if self.take_kept()? || self.look_at_joins()? || self.look_at_conditions()? => {}
                None => return Ok(()),
            }
        }
    }

    /// One token's turn: it acts where it stands.
    pub(super) fn turn(&mut self, token: LocalNo) -> Result<(), Rejection> {
        if !self.case.tokens.contains_key(&token) {
            return Ok(());
        }
        let outcome = self.enter(token);
        self.guard(token, outcome)
    }

    /// The case, what happened, and the tokens whose turn is still to come.
    pub(super) fn into_parts(self) -> (Case, Vec<Event>, VecDeque<LocalNo>) {
        (self.case, self.events, self.ready)
    }

    /// Does a step wholly or, if it fails, not at all: no number is taken for a document that was not made.
    pub(super) fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        let done = self.events.len();
        let outcome = step(self);
        if matches!(outcome, Err(Stop::Failed(_))) {
            self.undo(done);
        }
        outcome
    }

    /// Goes back to where only the first `done` events had happened.
    fn undo(&mut self, done: usize) {
        self.events.truncate(done);
        self.case = self.found.clone();
        self.series.clear();
        for event in &self.events {
            apply(&mut self.case, event, self.at);
            if let Event::NumberTaken { series, value, .. } = event {
                self.series.insert(series.clone(), *value);
            }
        }
        let tokens = &self.case.tokens;
        self.ready.retain(|token| tokens.contains_key(token));
    }

    /// Turns a failed step into an incident at its token; passes a refusal on.
    pub(super) fn guard(&mut self, token: LocalNo, outcome: Result<(), Stop>) -> Result<(), Rejection> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Refused(rejection)) => Err(rejection),
            Err(Stop::Failed(message)) => {
                self.raise(token, message);
                Ok(())
            }
        }
    }

    /// Raises an incident at a token, instead of one that is there already.
    pub(super) fn raise(&mut self, token: LocalNo, message: Text) {
        let Some(node) = self.case.tokens.get(&token).map(|token| token.node.clone()) else { return };
        self.clear_incidents(token);
        let incident = self.number();
        self.emit(Event::IncidentRaised { incident, token, node, message });
    }

    /// Evaluates assignments and writes each name where it lives.
    pub(super) fn assign(&mut self, scope: LocalNo, assignments: &[Assignment], over: &Map<String, Value>) -> Result<(), Stop> {
        let mut written: BTreeMap<LocalNo, Map<String, Value>> = BTreeMap::new();
        for assignment in assignments {
            let names = self.names_over(scope, over);
            let value = self.definition.rules.evaluate(&assignment.value, &names)?;
            written.entry(names.holder(&assignment.name)).or_default().insert(assignment.name.clone(), value);
        }
        self.write_all(written);
        Ok(())
    }

    /// Writes values, each name where it lives as seen from `scope`.
    pub(super) fn write(&mut self, scope: LocalNo, values: Map<String, Value>) {
        let mut written: BTreeMap<LocalNo, Map<String, Value>> = BTreeMap::new();
        for (name, value) in values {
            let holder = self.names(scope).holder(&name);
            written.entry(holder).or_default().insert(name, value);
        }
        self.write_all(written);
    }

    fn write_all(&mut self, written: BTreeMap<LocalNo, Map<String, Value>>) {
        for (scope, values) in written {
            self.emit(Event::DataSet { scope, values });
        }
    }
}

/// Why a command that moves tokens without end is refused.
pub(crate) fn too_many_steps() -> Rejection {
    Rejection::new(
        codes::TOO_MANY_STEPS,
        Text::new(
            format!("一次操作走了超过 {STEPS_MAX} 步，流程可能在空转"),
            format!("one command moved more than {STEPS_MAX} steps; the process seems to loop"),
        ),
    )
}
