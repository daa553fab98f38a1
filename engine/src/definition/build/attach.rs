//! What is attached to an activity: boundary events and multi-instance.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        BoundaryEvent, Completion, FlowIx, MultiInstance, NodeIx, NodeKind, ScopeIx, TimerTrigger, Trigger,
        context::{entries, string},
        names::Besides,
        shape,
    },
    form::FieldType,
    source::{Span, Tree},
    text::Text,
};

impl Builder<'_, '_> {
    /// Builds the boundary events of an activity; the flows that go on after the activity.
    pub(super) fn boundary(&mut self, item: &Tree, activity: NodeIx, scope: ScopeIx) -> Vec<FlowIx> {
        let events = item.get("boundary").and_then(Tree::list).unwrap_or_default();
        events.iter().flat_map(|event| self.boundary_event(event, activity, scope)).collect()
    }

    fn boundary_event(&mut self, item: &Tree, activity: NodeIx, scope: ScopeIx) -> Vec<FlowIx> {
        let Some((id, span)) = item.get("boundaryEvent").and_then(|id| Some((string(id)?, id.span))) else {
            self.broken = true;
            return Vec::new();
        };
        let interrupting = item.get("interrupting").and_then(Tree::boolean).unwrap_or(true);
        let node = self.node(id.clone(), span, scope, NodeKind::EndEvent);
        self.describe(node, item);
        match self.required_trigger(item, &id, scope, span) {
            Some(trigger) => {
                if let (Trigger::Timer(TimerTrigger::Every(..)), true) = (&trigger, interrupting) {
                    self.cx.error("Y018", span, Text::new("every 只能用于不中断的事件", "`every` goes with `interrupting: false` only"));
                }
                self.nodes[node].kind = NodeKind::BoundaryEvent(BoundaryEvent { attached_to: activity, trigger, interrupting });
            }
            None => self.broken = true,
        }
        self.nodes[activity].boundary.push(node);
        let besides = if item.get("message").is_some() { Besides::Message } else { Besides::Nothing };
        // A multi-instance activity's boundary may set what is local to the instance only from inside it.
        self.nodes[node].set = self.assignments(item, scope, besides);
        self.after_boundary(item, &id, node, interrupting, span)
    }

    fn after_boundary(&mut self, item: &Tree, id: &str, node: NodeIx, interrupting: bool, span: Span) -> Vec<FlowIx> {
        let scope = self.nodes[node].scope;
        let mut open = vec![self.flow(node, span)];
        if let Some(items) = item.get("do") {
            let list = self.list(items, scope);
            if let Some(entry) = list.entry {
                self.connect(&open, entry);
                open = list.open;
            }
        }
        if let Some(to) = item.get("to") {
            self.jump(&open, to);
            Vec::new()
        } else if interrupting {
            open
        } else {
            self.end_after(&open, scope, id, span);
            Vec::new()
        }
    }

    /// Reads `multiInstance`; `inside` is the sub-process's scope, where its names are local.
    pub(super) fn multi_instance(&mut self, item: &Tree, node: NodeIx, scope: ScopeIx, inside: Option<ScopeIx>) {
        let Some(tree) = item.get("multiInstance") else { return };
        let Some((variable, span, list)) = entries(tree.get("parallel")).next() else {
            self.broken = true;
            if tree.map().is_some() && tree.get("sequential").is_none() {
                self.cx.error(
                    "Y011",
                    tree.span,
                    Text::new("multiInstance 缺少 parallel: {变量: 列表}", "`multiInstance` lacks `parallel: {VARIABLE: LIST}`"),
                );
            }
            return;
        };
        if crate::rules::is_reserved(variable) {
            self.cx.error("D001", span, Text::new(format!("“{variable}”是保留字"), format!("`{variable}` is reserved in rhai")));
        }
        let Some(collection) = self.expression(list, scope, Besides::Nothing) else { return };
        let of = self.element_type(&collection.text, scope, list.span);
        let collect = self.collect(tree, scope);
        let locals: IndexMap<String, FieldType> =
            std::iter::once((variable.to_owned(), of)).chain(collect.values().map(|(inner, of)| (inner.clone(), of.clone()))).collect();
        let complete = tree.get("complete").map_or(Some(Completion::All), |complete| self.completion(complete, scope));
        if let Some(inside) = inside {
            self.scopes[inside].locals = locals.keys().cloned().collect();
            self.scopes[inside].local_types.clone_from(&locals);
        } else {
            self.instance.clone_from(&locals);
        }
        self.nodes[node].multi_instance = Some(MultiInstance {
            variable: variable.to_owned(),
            collection,
            complete: complete.unwrap_or(Completion::All),
            types: locals,
            collect: collect.into_iter().map(|(outer, (inner, _))| (outer, inner)).collect(),
        });
    }

    /// The type of an element of the list, where the list is a plain data name.
    fn element_type(&mut self, collection: &str, scope: ScopeIx, span: Span) -> FieldType {
        match self.names(scope, Besides::Nothing).data_type(collection.trim()) {
            Some(FieldType::List(of)) => *of,
            None => FieldType::Text,
            Some(other) => {
                self.cx.error("D005", span, Text::new(format!("“{collection}”不是列表"), format!("`{collection}` is not a list")));
                other
            }
        }
    }

    /// `collect: {outer: inner}` with the inner names' types.
    fn collect(&mut self, tree: &Tree, scope: ScopeIx) -> IndexMap<String, (String, FieldType)> {
        let mut collected = IndexMap::new();
        for (outer, span, inner) in entries(tree.get("collect")) {
            let Some(inner_name) = string(inner) else { continue };
            self.data_name(outer, span, scope, &[]);
            let of = match self.names(scope, Besides::Nothing).data_type(outer) {
                Some(FieldType::List(of)) => *of,
                Some(_) => {
                    self.cx.error("D005", span, Text::new(format!("“{outer}”不是列表"), format!("`{outer}` is not a list"))).help =
                        Some(Text::new("声明为 list<类型>", "declare it as `list<TYPE>`"));
                    FieldType::Text
                }
                None => FieldType::Text,
            };
            collected.insert(outer.to_owned(), (inner_name, of));
        }
        collected
    }

    fn completion(&mut self, tree: &Tree, scope: ScopeIx) -> Option<Completion> {
        let text = string(tree)?;
        match text.as_str() {
            "all" => Some(Completion::All),
            "any" => Some(Completion::Any),
            _ => match ratio(&text) {
                Some((part, whole)) if part > 0 && part <= whole => Some(Completion::Ratio(part, whole)),
                Some(_) => {
                    self.cx.error(
                        "Y017",
                        tree.span,
                        Text::new(format!("比例“{text}”须大于 0 且不超过 1"), format!("the ratio `{text}` must be above 0 and at most 1")),
                    );
                    None
                }
                None => self.condition(tree, scope, Besides::Instances).map(Completion::Expression),
            },
        }
    }

    /// Reports a data name that is not declared; `offered` are further names that are fine.
    pub(super) fn data_name(&mut self, name: &str, span: Span, scope: ScopeIx, offered: &[&str]) {
        let names = self.names(scope, Besides::Nothing);
        if self.cx.names_unsure || names.data_type(name).is_some() || offered.contains(&name) {
            return;
        }
        let help = shape::suggestion(name, &names.all());
        self.cx.error("R004", span, Text::new(format!("没有数据项“{name}”"), format!("there is no data name `{name}`"))).help = Some(help);
    }
}

/// `2/3` or `0.5` as numerator and denominator.
fn ratio(text: &str) -> Option<(u32, u32)> {
    if let Some((part, whole)) = text.split_once('/') {
        let (part, whole) = (part.trim().parse().ok()?, whole.trim().parse().ok()?);
        return (whole > 0).then_some((part, whole));
    }
    let (units, decimals) = text.split_once('.')?;
    let whole = 10_u32.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let (units, decimals): (u32, u32) = (units.parse().ok()?, decimals.parse().ok()?);
    Some((units.checked_mul(whole)?.checked_add(decimals)?, whole))
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn ratios_are_exact() {
        assert_eq!(ratio("2/3"), Some((2, 3)));
        assert_eq!(ratio("0.5"), Some((5, 10)));
        assert_eq!(ratio("1.0"), Some((10, 10)));
        assert_eq!(ratio("1/0"), None);
        assert_eq!(ratio("completed >= 2"), None);
    }
}
