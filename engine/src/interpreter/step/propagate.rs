//! Errors and escalations: from where they are thrown outwards, to the first that catches them (BPMN 2.0 §10.5.7, §13.5).

use serde_json::Map;

use super::super::{
    Event, LocalNo, ROOT,
    run::{Run, Stop},
};
use crate::definition::{Node, NodeKind, Trigger};

/// What is thrown outwards.
#[derive(Clone, Copy)]
enum Thrown<'a> {
    Error(&'a str),
    Escalation(&'a str),
}

/// How well a trigger fits what is thrown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Catches every code.
    Any,
    /// Names the code.
    Code,
}

impl Thrown<'_> {
    fn fit(self, trigger: &Trigger) -> Option<Fit> {
        let (code, caught) = match (self, trigger) {
            (Self::Error(code), Trigger::Error(caught)) | (Self::Escalation(code), Trigger::Escalation(caught)) => (code, caught),
            (_, Trigger::Any(several) | Trigger::All(several)) => return several.iter().filter_map(|one| self.fit(one)).max(),
            _ => return None,
        };
        match caught {
            None => Some(Fit::Any),
            Some(caught) => (caught == code).then_some(Fit::Code),
        }
    }
}

/// Who catches it.
enum Catcher<'a> {
    EventSubProcess(&'a Node, LocalNo),
    Boundary(&'a Node, LocalNo),
}

impl<'r> Run<'r> {
    /// An error out of the activity where `token` stands: its own boundary events come first.
    pub(in super::super) fn throw_error_at(&mut self, token: LocalNo, code: &str) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (node, scope) = (self.node(&standing.node)?, standing.scope);
        if !self.is_instance(scope, node)
            && let Some(boundary) = self.catching_boundary(node, Thrown::Error(code))
        {
            self.emit(Event::ErrorThrown { node: node.id.clone(), code: code.to_owned() });
            return self.boundary_fires(token, boundary, &Map::new());
        }
        self.throw_error(&node.id, code, scope)
    }

    /// An error thrown inside `scope`: the innermost that catches it interrupts; if nothing does, the case ends by it.
    pub(super) fn throw_error(&mut self, node: &str, code: &str, scope: LocalNo) -> Result<(), Stop> {
        self.emit(Event::ErrorThrown { node: node.to_owned(), code: code.to_owned() });
        match self.catcher(scope, Thrown::Error(code)) {
            Some(Catcher::EventSubProcess(event, scope)) => self.begin_event_sub_process(event, scope, &Map::new()),
            Some(Catcher::Boundary(boundary, token)) => self.boundary_fires(token, boundary, &Map::new()),
            None => {
                self.emit(Event::ErrorUncaught { code: code.to_owned() });
                self.end_at_once();
                Ok(())
            }
        }
    }

    /// An escalation thrown inside `scope`; one that nothing catches changes nothing here, but a caller may catch it.
    pub(super) fn escalate(&mut self, node: &str, code: &str, scope: LocalNo) -> Result<(), Stop> {
        let catcher = self.catcher(scope, Thrown::Escalation(code));
        let no = self.number();
        self.emit(Event::EscalationThrown { no, node: node.to_owned(), code: code.to_owned(), caught: catcher.is_some() });
        match catcher {
            Some(Catcher::EventSubProcess(event, scope)) => self.begin_event_sub_process(event, scope, &Map::new()),
            Some(Catcher::Boundary(boundary, token)) => self.boundary_fires(token, boundary, &Map::new()),
            None => Ok(()),
        }
    }

    /// An escalation that left a called case: it goes on from the call activity outwards.
    pub(super) fn escalate_at(&mut self, token: LocalNo, code: &str) -> Result<(), Stop> {
        let Some(standing) = self.case.tokens.get(&token) else { return Ok(()) };
        let (node, scope) = (self.node(&standing.node)?, standing.scope);
        match self.catching_boundary(node, Thrown::Escalation(code)).filter(|_| !self.is_instance(scope, node)) {
            Some(boundary) => self.boundary_fires(token, boundary, &Map::new()),
            None => self.escalate(&node.id, code, scope),
        }
    }

    /// The first that catches, from the inside out: event sub-processes of a scope, then the border of its activity.
    fn catcher(&self, from: LocalNo, thrown: Thrown<'_>) -> Option<Catcher<'r>> {
        let (mut scope, mut inner) = (from, None);
        loop {
            let state = self.case.scopes.get(&scope)?;
            if let Some(event) = self.catching_event_sub_process(scope, inner, thrown) {
                return Some(Catcher::EventSubProcess(event, scope));
            }
            if let Some(token) = state.token {
                let around = self.case.tokens.get(&token).and_then(|token| self.definition.process.node(&token.node))?;
                if let Some(boundary) = self.catching_boundary(around, thrown) {
                    return Some(Catcher::Boundary(boundary, token));
                }
            }
            if scope == ROOT {
                return None;
            }
            inner = Some(scope);
            scope = state.parent?;
        }
    }

    /// An event sub-process of an open scope that catches; not the one that it comes out of, and none once the scope was
    /// interrupted by another.
    fn catching_event_sub_process(&self, scope: LocalNo, inner: Option<LocalNo>, thrown: Thrown<'_>) -> Option<&'r Node> {
        let process = &self.definition.process;
        if self.is_interrupted(scope) {
            return None;
        }
        let out_of = inner.and_then(|inner| self.case.scopes.get(&inner)).and_then(|state| state.node.clone());
        let inside = self.scope_of(scope)?;
        let events = process.scopes[inside].event_sub_processes.iter().map(|&ix| &process.nodes[ix]);
        let fits = events.filter(|event| Some(&event.id) != out_of.as_ref()).filter_map(|event| {
            let fit = thrown.fit(event.kind.trigger()?)?;
            Some((fit, event))
        });
        best(fits)
    }

    /// Whether an event sub-process that interrupts has begun in a scope: no other begins there any more.
    pub(super) fn is_interrupted(&self, scope: LocalNo) -> bool {
        let process = &self.definition.process;
        let interrupts =
            |id: &str| matches!(process.node(id).map(|node| &node.kind), Some(NodeKind::EventSubProcess(event)) if event.interrupting);
        self.case.scopes.values().any(|open| open.parent == Some(scope) && open.node.as_deref().is_some_and(interrupts))
    }

    fn catching_boundary(&self, activity: &Node, thrown: Thrown<'_>) -> Option<&'r Node> {
        let process = &self.definition.process;
        let events = activity.boundary.iter().map(|&ix| &process.nodes[ix]);
        best(events.filter_map(|event| Some((thrown.fit(event.kind.trigger()?)?, event))))
    }
}

/// The first of those that fit best: one that names the code before one that catches all.
fn best<'a>(fits: impl Iterator<Item = (Fit, &'a Node)>) -> Option<&'a Node> {
    let mut best: Option<(Fit, &Node)> = None;
    for (fit, node) in fits {
        if best.is_none_or(|(other, _)| fit > other) {
            best = Some((fit, node));
        }
    }
    best.map(|(_, node)| node)
}
