//! Each element of a list becomes a node with the flows that leave it.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        Assignment, BusinessRuleTask, CallActivity, FlowIx, Name, NodeIx, NodeKind, ScopeIx, ScriptTask, SendTask, ServiceTask, Throw,
        Trigger,
        context::{entries, string, strings},
        names::{Besides, Names},
    },
    rules::Expression,
    source::{Span, Tree},
    text::Text,
};

/// Attempts of a service task before it becomes an incident, unless it says otherwise.
const RETRY_DEFAULT: u32 = 5;

impl Builder<'_, '_> {
    /// Builds the node of one item and the flows that go on from it.
    pub(super) fn element(&mut self, item: &Tree, word: &str, id: &str, span: Span, scope: ScopeIx) -> (NodeIx, Vec<FlowIx>) {
        let node = self.node(id.to_owned(), span, scope, NodeKind::EndEvent(Throw::None));
        let sub_process = matches!(word, "subProcess" | "transaction" | "adHocSubProcess");
        if !sub_process {
            self.repetition(item, node, scope, None);
        }
        self.beside(item, node, id);
        match word {
            "userTask" | "manualTask" | "task" => return (node, self.user_task(item, word, id, node, scope)),
            "endEvent" => {
                self.nodes[node].kind = NodeKind::EndEvent(self.throw(item, id, scope));
                self.nodes[node].set = self.assignments(item, scope, Besides::Nothing);
                return (node, Vec::new());
            }
            _ if sub_process => self.sub_process(item, word, id, node, scope),
            _ => match self.gateway_kind(item, word, scope) {
                Some(kind) => return (node, self.gateway(item, id, node, kind)),
                None => self.simple(item, word, id, node, scope),
            },
        }
        let besides = match word {
            "receiveTask" | "intermediateCatchEvent" | "startEvent" => Besides::Message,
            "serviceTask" | "callActivity" => Besides::Answer,
            _ => Besides::Nothing,
        };
        self.nodes[node].set = if besides == Besides::Message {
            self.assignments_over(item, item, scope, besides)
        } else {
            self.assignments(item, scope, besides)
        };
        (node, self.ways_out(item, node, span))
    }

    /// What may stand on any element: message flows and what it is there for.
    fn beside(&mut self, item: &Tree, node: NodeIx, id: &str) {
        let sends: Vec<Name> = strings(item.get("sends")).filter_map(|(_, name)| self.name_of(name)).collect();
        let awaits = item.get("awaits").and_then(|message| self.message_catch(message, id));
        let quantity = |key: &str| item.get(key).and_then(Tree::scalar).and_then(|many| many.parse().ok()).unwrap_or(1);
        let (start, completion) = (quantity("startQuantity"), quantity("completionQuantity"));
        let node = &mut self.nodes[node];
        node.start_quantity = start;
        node.completion_quantity = completion;
        node.sends = sends;
        node.awaits = awaits;
        node.for_compensation = item.get("forCompensation").and_then(Tree::boolean).unwrap_or_default();
    }

    /// The flows that go on from an element: spelled out, or one that is connected by the list's order.
    pub(super) fn ways_out(&mut self, item: &Tree, node: NodeIx, span: Span) -> Vec<FlowIx> {
        match item.get("flows") {
            Some(flows) => {
                self.spelled_out(flows, node);
                Vec::new()
            }
            None => vec![self.flow(node, span)],
        }
    }

    fn simple(&mut self, item: &Tree, word: &str, id: &str, node: NodeIx, scope: ScopeIx) {
        let span = self.nodes[node].place.span;
        match self.simple_kind(item, word, id, scope, span) {
            Some(kind) => self.nodes[node].kind = kind,
            None => self.broken = true,
        }
    }

    fn simple_kind(&mut self, item: &Tree, word: &str, id: &str, scope: ScopeIx, span: Span) -> Option<NodeKind> {
        Some(match word {
            "startEvent" => NodeKind::StartEvent(self.start_event(item, id, scope, span)),
            "intermediateCatchEvent" => NodeKind::CatchEvent(self.required_trigger(item, id, scope, span)?),
            "intermediateThrowEvent" => NodeKind::ThrowEvent(self.throw(item, id, scope)),
            "receiveTask" => self.receive_task(item, id, span)?,
            "serviceTask" => NodeKind::ServiceTask(self.service_task(item, id, scope, span)),
            "scriptTask" => NodeKind::ScriptTask(self.script_task(item, id, scope, span)?),
            "businessRuleTask" => NodeKind::BusinessRuleTask(self.business_rule_task(item, id, scope, span)),
            "sendTask" => NodeKind::SendTask(Box::new(self.send_task(item, id, scope, span))),
            "callActivity" => NodeKind::CallActivity(Box::new(self.call_activity(item, scope)?)),
            _ => return None,
        })
    }

    /// In an office the key must stand; an experiment takes the element without it.
    fn needed(&mut self, item: &Tree, key: &str, id: &str, span: Span) {
        if item.get(key).is_none() && !self.cx.lenient {
            self.cx.error("Y011", span, Text::new(format!("“{id}”缺少“{key}”"), format!("`{id}` lacks `{key}`")));
        }
    }

    fn receive_task(&mut self, item: &Tree, id: &str, span: Span) -> Option<NodeKind> {
        self.needed(item, "message", id, span);
        match item.get("message") {
            Some(message) => Some(NodeKind::ReceiveTask(self.message_catch(message, id)?)),
            None if self.cx.lenient => Some(NodeKind::CatchEvent(Trigger::Unfinished)),
            None => None,
        }
    }

    fn business_rule_task(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> BusinessRuleTask {
        self.needed(item, "decision", id, span);
        self.needed(item, "output", id, span);
        let output = item.get("output").and_then(|output| Some((string(output)?, output.span)));
        if let Some((name, span)) = &output {
            self.data_name(name, *span, scope, &[]);
        }
        BusinessRuleTask { decision: item.get("decision").and_then(string), output: output.map(|(name, _)| name) }
    }

    fn call_activity(&mut self, item: &Tree, scope: ScopeIx) -> Option<CallActivity> {
        let flag = |key: &str| item.get(key).and_then(Tree::boolean).unwrap_or_default();
        Some(CallActivity {
            process: string(item.get("process")?)?,
            with: self.expressions(item.get("with"), scope),
            with_all: flag("withAll"),
            set_all: flag("setAll"),
        })
    }

    fn service_task(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> ServiceTask {
        self.needed(item, "operation", id, span);
        let mut settings = IndexMap::new();
        if let Some(register) = item.get("register") {
            settings.insert("register".to_owned(), register.to_json());
        }
        settings.extend(entries(item.get("settings")).map(|(key, _, value)| (key.to_owned(), value.to_json())));
        ServiceTask {
            operation: item.get("operation").and_then(string),
            with: self.expressions(item.get("with"), scope),
            settings,
            retry: item.get("retry").and_then(Tree::scalar).and_then(|times| times.parse().ok()).unwrap_or(RETRY_DEFAULT),
        }
    }

    fn script_task(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> Option<ScriptTask> {
        self.needed(item, "script", id, span);
        let tree = item.get("script");
        if tree.is_none() && !self.cx.lenient {
            return None;
        }
        // A script task of an experiment may have nothing to do.
        let text = tree.and_then(string).unwrap_or_default();
        let place = self.cx.place(tree.map_or(span, |tree| tree.span));
        match self.cx.around.rules.script(&text, place) {
            Ok(script) => {
                let names = Names {
                    data: &self.data.fields,
                    scopes: &self.scopes,
                    scope,
                    instance: &self.instance,
                    brought: &self.brought,
                    besides: Besides::Nothing,
                };
                self.cx.check_names(&script, &names);
                let assigns = script.variables.iter().filter(|name| assigns(&text, name)).cloned().collect();
                Some(ScriptTask { script, assigns })
            }
            Err(finding) => {
                let script = self.cx.failing(finding, tree.map_or(span, |tree| tree.span))?;
                Some(ScriptTask { script, assigns: Vec::new() })
            }
        }
    }

    fn send_task(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> SendTask {
        let message = item.get("message").and_then(|message| self.message_name(message, id));
        let task = SendTask {
            portal: item.get("portal").and_then(|portal| self.portal(portal)),
            notify: item.get("notify").and_then(|notify| self.notify(notify, id, scope)),
            document: item.get("document").and_then(|document| self.document(document, id, scope)),
            message,
            with: self.expressions(item.get("with"), scope),
        };
        if task.message.is_some() {
            self.check_payload(item, &task.with, scope);
        }
        if !self.cx.lenient && ["portal", "notify", "document", "message"].iter().all(|key| item.get(key).is_none()) {
            self.cx.error("Y011", span, Text::new(format!("“{id}”没有发送任何内容"), format!("`{id}` sends nothing"))).help =
                Some(Text::new("写明 portal、notify、document 或 message", "give `portal`, `notify`, `document` or `message`"));
        }
        task
    }

    pub(super) fn expressions(&mut self, tree: Option<&Tree>, scope: ScopeIx) -> IndexMap<String, Expression> {
        entries(tree).filter_map(|(key, _, value)| Some((key.to_owned(), self.expression(value, scope, Besides::Nothing)?))).collect()
    }

    /// `set`: assignments to declared data.
    pub(super) fn assignments(&mut self, item: &Tree, scope: ScopeIx, besides: Besides) -> Vec<Assignment> {
        entries(item.get("set")).filter_map(|(name, span, value)| self.assignment(name, span, value, scope, besides)).collect()
    }

    fn assignment(&mut self, name: &str, span: Span, value: &Tree, scope: ScopeIx, besides: Besides) -> Option<Assignment> {
        self.data_name(name, span, scope, &[]);
        let value = self.expression(value, scope, besides)?;
        let names = self.names(scope, besides);
        let finding = names.data_type(name).and_then(|of| names.check_assignment(self.cx.around.rules, &value, &of));
        self.cx.findings.extend(finding);
        Some(Assignment { name: name.to_owned(), value })
    }
}

/// Whether a script assigns `name`: it stands before `=` (not `==`) or a compound assignment somewhere.
fn assigns(script: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    script.match_indices(name).any(|(at, _)| {
        let after = &script[at + name.len()..];
        let whole = !script[..at].ends_with(|c: char| word(c) || c == '.') && !after.starts_with(word);
        let rest = after.trim_start().trim_start_matches(['+', '-', '*', '/', '%']);
        whole && (rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>") || rest.starts_with(['.', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::assigns;

    #[test]
    fn assignments_are_told_from_reading() {
        assert!(assigns("rounds = rounds + 1", "rounds"));
        assert!(assigns("list += x", "list"));
        assert!(!assigns("if rounds == 1 { other = 2 }", "rounds"));
        assert!(!assigns("all_rounds = 1", "rounds"));
        assert!(!assigns("x.rounds = 1", "rounds"));
    }
}
