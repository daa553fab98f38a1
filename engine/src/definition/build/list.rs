//! A list of items: its order is the default sequence flow.

use super::{Builder, Built, BuiltList, Fall};
use crate::{
    definition::{FlowIx, NodeIx, NodeKind, ScopeIx, Throw, context::string, fragment::Use, remind, shape},
    source::{Span, Tree},
    text::Text,
};

/// Fragments that one process may use, counted through fragments that use fragments.
const USES_MAX: usize = 64;

impl Builder<'_, '_> {
    /// Builds the items of a list; what is still open after the last one is handed back.
    pub(super) fn list(&mut self, items: &Tree, scope: ScopeIx) -> BuiltList {
        let mut list = BuiltList { entry: None, open: Vec::new() };
        let mut last: Option<Span> = None;
        for item in items.list().unwrap_or_default() {
            let Some((word, id, id_span)) = self.head(item) else { continue };
            let begins = item.map().and_then(<[_]>::first).map_or(item.span, |(key, _)| key.span);
            let built = self.item(item, &word, &id, id_span, scope);
            match built.entry {
                Some(entry) => {
                    list.entry.get_or_insert(entry);
                    if let (Some(from), false) = (last, list.open.is_empty()) {
                        self.falls.push(Fall { from, into: entry });
                    }
                    self.connect(&list.open, entry);
                    list.open = self.go_on(item, built.open);
                }
                None => self.another_start(&mut list.open, item, &id, id_span, built.open),
            }
            last = Some(begins);
        }
        if list.entry.is_none() && items.list().is_some_and(<[_]>::is_empty) {
            self.broken = true;
            self.cx.error("F012", items.span, Text::new("这里没有任何环节", "there is nothing in here"));
        }
        list
    }

    /// Start events stand side by side: each goes on to the first item that is none.
    fn another_start(&mut self, open: &mut Vec<FlowIx>, item: &Tree, id: &str, span: Span, starts: Vec<FlowIx>) {
        let runs_into = open.iter().any(|&flow| !matches!(self.nodes[self.flows[flow].from].kind, NodeKind::StartEvent(_)));
        if runs_into {
            self.broken = true;
            self.cx
                .error(
                    "F009",
                    span,
                    Text::new(format!("流程不能进入开始事件“{id}”"), format!("the flow cannot run into the start event `{id}`")),
                )
                .help =
                Some(Text::new("把开始事件放在最前，或在前一项写明 next", "put start events first, or say `next` on the item before"));
        }
        open.extend(self.go_on(item, starts));
    }

    /// Follows `next`, if there is one.
    fn go_on(&mut self, item: &Tree, open: Vec<FlowIx>) -> Vec<FlowIx> {
        match item.get("next") {
            Some(next) if open.is_empty() => {
                self.cx.error(
                    "F011",
                    next.span,
                    Text::new(
                        "这一项的每条出路都已写明去向，next 不起作用",
                        "every way out of this item says where it goes; `next` has no effect",
                    ),
                );
                open
            }
            Some(next) => {
                self.jump(&open, next);
                Vec::new()
            }
            None => open,
        }
    }

    /// A fragment in place of its use: a sub-process whose inside stands in the fragment's own file.
    fn fragment(&mut self, item: &Tree, name: &str, span: Span, scope: ScopeIx) -> Built {
        let around = self.cx.around;
        let Some(fragment) = around.fragments.get(name) else {
            let known: Vec<&str> = around.fragments.keys().map(String::as_str).collect();
            let message = Text::new(format!("没有片段“{name}”"), format!("there is no fragment `{name}`"));
            self.cx.error("R017", span, message).help = Some(shape::suggestion(name, &known));
            return self.no_fragment(name, span, scope);
        };
        if self.cx.uses.len() >= USES_MAX {
            let message = Text::new("片段用得过多，或自己引用自己", "too many fragments are used, or one uses itself");
            self.cx.error("R017", span, message);
            return self.no_fragment(name, span, scope);
        }
        let expanded = fragment.expand(self.cx, item, name, span);
        let prefix = expanded.map().and_then(<[_]>::first).and_then(|(_, id)| string(id)).unwrap_or_default();
        self.cx.uses.push(Use { file: fragment.source.name.clone(), prefix: format!("{prefix}."), at: self.cx.place(span) });
        let shape = fragment.with_arguments(item).map(|flow| shape::check_flow(&fragment.source, &flow));
        self.cx.findings.extend(shape.unwrap_or_default());
        self.written_in = Some(&fragment.source);
        self.item(&expanded, "subProcess", &prefix, span, scope)
    }

    /// What stands in the flow for a fragment that cannot be put in.
    fn no_fragment(&mut self, name: &str, span: Span, scope: ScopeIx) -> Built {
        self.broken = true;
        let node = self.node(name.to_owned(), span, scope, NodeKind::EndEvent(Throw::None));
        Built { entry: Some(node), open: vec![self.flow(node, span)] }
    }

    fn flows_elsewhere(&self, item: &Tree) -> bool {
        item.get("flows").is_some() && ["next", "actions", "branches"].iter().any(|key| item.get(key).is_some())
    }

    /// The element's word and id.
    fn head(&mut self, item: &Tree) -> Option<(String, String, Span)> {
        let (key, id) = item.map()?.first()?;
        let Some(name) = string(id).filter(|_| shape::element(&key.text).is_some()) else {
            self.broken = true;
            return None;
        };
        Some((key.text.clone(), name, id.span))
    }

    fn item(&mut self, item: &Tree, word: &str, id: &str, span: Span, scope: ScopeIx) -> Built {
        if word == "use" {
            return self.fragment(item, id, span, scope);
        }
        let item = &*remind::spelled_out(item);
        let (node, mut open) = self.element(item, word, id, span, scope);
        if open.is_empty() && self.flows_elsewhere(item) {
            self.cx.error(
                "Y018",
                span,
                Text::new("flows 与 next、actions、branches 不能并用", "`flows` excludes `next`, `actions` and `branches`"),
            );
        }
        self.describe(node, item);
        self.instance.clear();
        open.extend(self.boundary(item, node, scope));
        let entry = Some(node).filter(|&node: &NodeIx| !matches!(self.nodes[node].kind, NodeKind::StartEvent(_)));
        Built { entry, open }
    }
}
