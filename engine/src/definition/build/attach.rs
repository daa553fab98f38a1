//! What is attached to an activity: boundary events.

use super::Builder;
use crate::{
    definition::{
        BoundaryEvent, FlowIx, NodeIx, NodeKind, ScopeIx, Throw, TimerTrigger, Trigger,
        context::{string, strings},
        names::Besides,
        shape,
    },
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
        let node = self.node(id.clone(), span, scope, NodeKind::EndEvent(Throw::None));
        self.describe(node, item);
        match self.required_trigger(item, &id, scope, span) {
            Some(trigger) => {
                if let (Trigger::Timer(TimerTrigger::Every(..) | TimerTrigger::EveryGiven(..)), true, false) =
                    (&trigger, interrupting, self.cx.lenient)
                {
                    self.cx.error("Y018", span, Text::new("every 只能用于不中断的事件", "`every` goes with `interrupting: false` only"));
                }
                self.nodes[node].kind = NodeKind::BoundaryEvent(BoundaryEvent { attached_to: activity, trigger, interrupting });
            }
            None => self.broken = true,
        }
        self.nodes[activity].boundary.push(node);
        self.nodes[node].sends = strings(item.get("sends")).filter_map(|(_, name)| self.name_of(name)).collect();
        let besides = if item.get("message").is_some() { Besides::Message } else { Besides::Nothing };
        // A multi-instance activity's boundary may set what is local to the instance only from inside it.
        self.nodes[node].set = self.assignments_over(item, item, scope, besides);
        self.after_boundary(item, &id, node, interrupting, span)
    }

    fn after_boundary(&mut self, item: &Tree, id: &str, node: NodeIx, interrupting: bool, span: Span) -> Vec<FlowIx> {
        let scope = self.nodes[node].scope;
        let mut open = self.ways_out(item, node, span);
        let handles = matches!(&self.nodes[node].kind, NodeKind::BoundaryEvent(event) if matches!(event.trigger, Trigger::Compensation));
        if let Some(items) = item.get("do") {
            let list = self.list(items, scope);
            if let Some(handler) = list.entry.filter(|_| handles) {
                self.nodes[handler].for_compensation = true;
            }
            if let Some(entry) = list.entry {
                self.connect(&open, entry);
                open = list.open;
            }
        }
        if let Some(to) = item.get("to") {
            self.jump(&open, to);
            Vec::new()
        } else if handles {
            self.end_after(&open, scope, id, span);
            Vec::new()
        } else if interrupting {
            open
        } else {
            self.end_after(&open, scope, id, span);
            Vec::new()
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
