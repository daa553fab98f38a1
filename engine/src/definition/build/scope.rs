//! Scopes: the process, sub-processes of every kind, event sub-processes; where each begins and ends.

use super::{Builder, BuiltList};
use crate::{
    definition::{
        AdHocSubProcess, EventSubProcess, FlowIx, NodeIx, NodeKind, Scope, ScopeIx, StartEvent, Throw, Trigger, context::string,
        names::Besides,
    },
    source::{Span, Tree},
};

impl Builder<'_, '_> {
    /// Builds the items directly inside a scope, with its start event, written or implied as `start`.
    pub(super) fn scope_list(&mut self, scope: ScopeIx, items: &Tree, start: &str) -> BuiltList {
        let list = self.list(items, scope);
        self.scopes[scope].starts = (0..self.nodes.len())
            .filter(|&ix| self.nodes[ix].scope == scope && matches!(self.nodes[ix].kind, NodeKind::StartEvent(_)))
            .collect();
        // What is spelled out flow by flow begins where nothing leads to; see `find_orphans`.
        let spelled_out = self.cx.lenient && items.list().is_some_and(|items| items.iter().all(says_where_it_goes));
        if self.scopes[scope].starts.is_empty() && !spelled_out {
            let start = self.start_before(list.entry, scope, start, items.span);
            self.scopes[scope].starts.push(start);
        }
        list
    }

    fn start_before(&mut self, entry: Option<NodeIx>, scope: ScopeIx, id: &str, span: Span) -> NodeIx {
        let start = self.node(id.to_owned(), span, scope, NodeKind::StartEvent(StartEvent { trigger: None, form: None, lane: None }));
        if let Some(entry) = entry {
            let flow = self.flow(start, span);
            self.connect(&[flow], entry);
        }
        start
    }

    /// Ends what is open with the implied end event.
    pub(super) fn end_after(&mut self, open: &[FlowIx], scope: ScopeIx, id: &str, span: Span) {
        if !open.is_empty() {
            let end = self.node(format!("{id}__end"), span, scope, NodeKind::EndEvent(Throw::None));
            self.connect(open, end);
        }
    }

    /// Builds a sub-process, a transaction or an ad-hoc sub-process.
    pub(super) fn sub_process(&mut self, item: &Tree, word: &str, id: &str, node: NodeIx, scope: ScopeIx) {
        let inside = self.scopes.len();
        self.scopes.push(Scope { node: Some(node), parent: Some(scope), ..Scope::default() });
        self.repetition(item, node, scope, Some(inside));
        if word == "adHocSubProcess" {
            self.nodes[node].kind = NodeKind::AdHocSubProcess(Box::new(self.ad_hoc(item, inside)));
            if let Some(items) = item.get("do") {
                self.unordered(items, inside);
            }
        } else {
            self.nodes[node].kind = if word == "transaction" { NodeKind::Transaction(inside) } else { NodeKind::SubProcess(inside) };
            self.inside(item, id, inside, &format!("{id}__start"));
        }
        if let Some(list) = item.get("eventSubProcesses") {
            self.event_sub_processes(list, inside);
        }
    }

    fn ad_hoc(&mut self, item: &Tree, scope: ScopeIx) -> AdHocSubProcess {
        AdHocSubProcess {
            scope,
            completion: item.get("completionCondition").and_then(|condition| self.condition(condition, scope, Besides::Instances)),
            sequential: item.get("ordering").and_then(Tree::scalar) == Some("sequential"),
            cancel_remaining: item.get("cancelRemaining").and_then(Tree::boolean).unwrap_or(true),
        }
    }

    /// The items of an ad-hoc sub-process: their order is no sequence.
    fn unordered(&mut self, items: &Tree, scope: ScopeIx) {
        for item in items.list().unwrap_or_default() {
            let alone = Tree { kind: crate::source::Kind::List(vec![item.clone()]), span: item.span };
            let list = self.list(&alone, scope);
            let id = item.map().and_then(<[_]>::first).and_then(|(_, id)| string(id)).unwrap_or_default();
            self.end_after(&list.open, scope, &id, item.span);
        }
    }

    fn inside(&mut self, item: &Tree, id: &str, scope: ScopeIx, start: &str) {
        let Some(items) = item.get("do") else { return };
        let around = self.cx.inside;
        self.cx.inside = self.written_in.take().or(around);
        let list = self.scope_list(scope, items, start);
        self.end_after(&list.open, scope, id, items.span);
        self.cx.inside = around;
    }

    /// Builds the event sub-processes of a scope.
    pub(super) fn event_sub_processes(&mut self, list: &Tree, scope: ScopeIx) {
        for item in list.list().unwrap_or_default() {
            let Some((id, span)) = item.get("eventSubProcess").and_then(|id| Some((string(id)?, id.span))) else { continue };
            let inside = self.scopes.len();
            let node = self.node(id.clone(), span, scope, NodeKind::EndEvent(Throw::None));
            self.describe(node, item);
            self.scopes.push(Scope { node: Some(node), parent: Some(scope), ..Scope::default() });
            self.scopes[scope].event_sub_processes.push(node);
            let start = item.get("start");
            let trigger = start.and_then(|start| self.required_trigger(start, &id, scope, start.span));
            match trigger {
                Some(trigger) => {
                    let interrupting = start.and_then(|start| start.get("interrupting")).and_then(Tree::boolean).unwrap_or(true);
                    let besides = if matches!(trigger, Trigger::Message(_)) { Besides::Message } else { Besides::Nothing };
                    self.nodes[node].kind = NodeKind::EventSubProcess(EventSubProcess { trigger, interrupting, scope: inside });
                    let named = start.unwrap_or(item);
                    let mut set = self.assignments_over(item, named, scope, besides);
                    set.extend(start.into_iter().flat_map(|start| self.assignments_over(start, start, scope, besides)));
                    self.nodes[node].set = set;
                }
                None => self.broken = true,
            }
            self.event_inside(item, &id, inside, start);
            if let Some(list) = item.get("eventSubProcesses") {
                self.event_sub_processes(list, inside);
            }
        }
    }

    /// The inside of an event sub-process: its start event is implied, under its own id if it has one, and goes on to the
    /// first item, or where its own flows lead.
    fn event_inside(&mut self, item: &Tree, id: &str, scope: ScopeIx, start: Option<&Tree>) {
        let named = start.and_then(|start| start.get("id")).and_then(string).unwrap_or_else(|| format!("{id}__start"));
        let (Some(items), Some(start), Some(flows)) = (item.get("do"), start, start.and_then(|start| start.get("flows"))) else {
            self.inside(item, id, scope, &named);
            return self.named_start(item, scope, start, &named);
        };
        let list = self.list(items, scope);
        let begins = self.start_before(None, scope, &named, start.span);
        self.describe(begins, start);
        self.spelled_out(flows, begins);
        self.scopes[scope].starts.push(begins);
        self.end_after(&list.open, scope, id, items.span);
    }

    /// A start event that has an id of its own is there also before a lone end event.
    fn named_start(&mut self, item: &Tree, scope: ScopeIx, start: Option<&Tree>, id: &str) {
        let (true, Some(start)) = (self.scopes[scope].starts.is_empty(), start.filter(|start| start.get("id").is_some())) else { return };
        let first = item.get("do").and_then(Tree::list).and_then(<[Tree]>::first).and_then(Tree::map).and_then(<[_]>::first);
        let entry = first.and_then(|(_, id)| string(id)).and_then(|id| self.by_id.get(&id).copied());
        let begins = self.start_before(entry, scope, id, start.span);
        self.scopes[scope].starts.push(begins);
    }

    /// Nodes that nothing leads to begin with their scope (BPMN 2.0 §13.2), except those that something else begins.
    pub(super) fn find_orphans(&mut self) {
        for ix in 0..self.nodes.len() {
            let node = &self.nodes[ix];
            let begun_otherwise = node.for_compensation
                || matches!(
                    node.kind,
                    NodeKind::StartEvent(_)
                        | NodeKind::EventSubProcess(_)
                        | NodeKind::BoundaryEvent(_)
                        | NodeKind::CatchEvent(Trigger::Link(_))
                );
            let in_ad_hoc =
                self.scopes[node.scope].node.is_some_and(|around| matches!(self.nodes[around].kind, NodeKind::AdHocSubProcess(_)));
            if node.incoming.is_empty() && !begun_otherwise && (self.cx.lenient || in_ad_hoc) {
                self.scopes[node.scope].orphans.push(ix);
            }
        }
    }
}

/// Whether an item spells its ways out, as what was drawn elsewhere does.
fn says_where_it_goes(item: &Tree) -> bool {
    ["flows", "branches", "endEvent"].iter().any(|key| item.get(key).is_some())
}
