//! From the items of a flow to nodes and sequence flows: one graph for blocks and for free flows.

mod attach;
mod element;
mod event;
mod gateway;
mod list;
mod payload;
mod repeat;
mod scope;
mod task;
mod wire;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{
    DataModel, Declarations, Flow, FlowIx, Lane, MessageDeclaration, Node, NodeIx, NodeKind, Scope, ScopeIx,
    context::{Context, text},
    names::{Besides, Names},
};
use crate::{
    form::FieldType,
    source::{Place, Source, Span, Tree},
    text::Text,
};

/// The target of a flow that is not connected yet.
pub(super) const UNSET: NodeIx = NodeIx::MAX;

/// A flow with a named target, resolved when all nodes are known.
struct Jump {
    flow: FlowIx,
    target: String,
    place: Place,
}

/// A place where one item goes on into the next without saying so.
struct Fall {
    /// Where the item that falls begins.
    from: Span,
    into: NodeIx,
}

/// The graph while it is built.
pub(super) struct Builder<'c, 'a> {
    pub(super) cx: &'c mut Context<'a>,
    pub(super) data: &'c DataModel,
    pub(super) scopes: Vec<Scope>,
    pub(super) nodes: Vec<Node>,
    pub(super) flows: Vec<Flow>,
    pub(super) by_id: BTreeMap<String, NodeIx>,
    /// Whether a mistake left holes in the graph, so that checks of the flow would only repeat it.
    pub(super) broken: bool,
    lanes: &'c IndexMap<String, Lane>,
    messages: &'c IndexMap<String, MessageDeclaration>,
    declared: &'c Declarations,
    /// The file that the inside of the next sub-process is written in, if it is a fragment's.
    written_in: Option<&'a Source>,
    /// Names that the instances of the multi-instance task being built see besides.
    instance: IndexMap<String, FieldType>,
    /// What the message or signal brings whose assignments are being read.
    brought: IndexMap<String, FieldType>,
    jumps: Vec<Jump>,
    falls: Vec<Fall>,
}

/// What a built item offers to its neighbours.
struct Built {
    /// Where a flow enters it; None for a start event.
    entry: Option<NodeIx>,
    /// Flows that go on from it.
    open: Vec<FlowIx>,
}

/// A built list of items.
struct BuiltList {
    entry: Option<NodeIx>,
    open: Vec<FlowIx>,
}

impl<'c, 'a> Builder<'c, 'a> {
    /// Builds the whole process: its flow and its event sub-processes.
    pub(super) fn build(
        cx: &'c mut Context<'a>,
        data: &'c DataModel,
        lanes: &'c IndexMap<String, Lane>,
        messages: &'c IndexMap<String, MessageDeclaration>,
        declared: &'c Declarations,
        root: &Tree,
    ) -> Self {
        let (jumps, falls) = (Vec::new(), Vec::new());
        let mut builder = Self {
            cx,
            data,
            scopes: vec![Scope::default()],
            nodes: Vec::new(),
            flows: Vec::new(),
            by_id: BTreeMap::new(),
            broken: false,
            lanes,
            messages,
            declared,
            written_in: None,
            instance: IndexMap::new(),
            brought: IndexMap::new(),
            jumps,
            falls,
        };
        if let Some(flow) = root.get("flow") {
            let list = builder.scope_list(0, flow, "process__start");
            if builder.cx.lenient {
                builder.end_after(&list.open, 0, "process", flow.span);
            } else if !list.open.is_empty() {
                let end = list.open.first().map_or(flow.span, |&flow| builder.flows[flow].place.span);
                builder.broken = true;
                builder.cx.error("F003", end, Text::new("最后一项之后没有结束", "the flow runs off its end")).help =
                    Some(Text::new("加上 - endEvent: 标识，或写明 next", "add `- endEvent: ID`, or say `next`"));
            }
        }
        if let Some(list) = root.get("eventSubProcesses") {
            builder.event_sub_processes(list, 0);
        }
        builder.wire();
        builder.find_orphans();
        builder
    }

    fn node(&mut self, id: String, span: Span, scope: ScopeIx, kind: NodeKind) -> NodeIx {
        let ix = self.nodes.len();
        if let Some(&earlier) = self.by_id.get(&id) {
            let line = self.nodes[earlier].place.span.line;
            self.broken = true;
            self.cx.error(
                "Y014",
                span,
                Text::new(format!("标识“{id}”已在第 {line} 行用过"), format!("the id `{id}` is already used in line {line}")),
            );
        } else {
            self.by_id.insert(id.clone(), ix);
        }
        self.nodes.push(Node {
            id,
            name: None,
            public: None,
            doc: None,
            place: self.cx.place(span),
            scope,
            kind,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            boundary: Vec::new(),
            multi_instance: None,
            standard_loop: None,
            sends: Vec::new(),
            awaits: None,
            for_compensation: false,
            start_quantity: 1,
            completion_quantity: 1,
            automatic: false,
            set: Vec::new(),
        });
        ix
    }

    /// Takes name, public text and explanation from the item.
    fn describe(&mut self, node: NodeIx, item: &Tree) {
        let node = &mut self.nodes[node];
        node.name = item.get("name").and_then(text);
        node.public = item.get("public").and_then(text);
        node.doc = item.get("doc").and_then(text);
    }

    fn flow(&mut self, from: NodeIx, span: Span) -> FlowIx {
        let ix = self.flows.len();
        let place = self.cx.place(span);
        self.flows.push(Flow { id: String::new(), from, to: UNSET, condition: None, is_default: false, action: None, name: None, place });
        ix
    }

    fn connect(&mut self, flows: &[FlowIx], to: NodeIx) {
        for &flow in flows {
            self.flows[flow].to = to;
        }
    }

    /// Sends flows to the node that `target` names.
    fn jump(&mut self, flows: &[FlowIx], target: &Tree) {
        let Some(name) = super::context::string(target) else { return self.broken = true };
        for &flow in flows {
            self.jumps.push(Jump { flow, target: name.clone(), place: self.cx.place(target.span) });
        }
    }

    fn names(&self, scope: ScopeIx, besides: Besides) -> Names<'_> {
        Names { data: &self.data.fields, scopes: &self.scopes, scope, instance: &self.instance, brought: &self.brought, besides }
    }

    /// Compiles an expression that is read in `scope`.
    fn expression(&mut self, tree: &Tree, scope: ScopeIx, besides: Besides) -> Option<crate::rules::Expression> {
        let names =
            Names { data: &self.data.fields, scopes: &self.scopes, scope, instance: &self.instance, brought: &self.brought, besides };
        self.cx.expression(tree, &names)
    }

    /// Compiles a condition that is read in `scope`.
    fn condition(&mut self, tree: &Tree, scope: ScopeIx, besides: Besides) -> Option<crate::rules::Expression> {
        let names =
            Names { data: &self.data.fields, scopes: &self.scopes, scope, instance: &self.instance, brought: &self.brought, besides };
        self.cx.condition(tree, &names)
    }

    /// Compiles a text with `{expression}` in it that is filled in `scope`.
    fn pattern(&mut self, tree: &Tree, scope: ScopeIx, besides: Besides) -> Option<super::Pattern> {
        let names =
            Names { data: &self.data.fields, scopes: &self.scopes, scope, instance: &self.instance, brought: &self.brought, besides };
        self.cx.pattern(tree, &names)
    }
}
