//! Each element of a list becomes a node with the flows that leave it.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        Assignment, EventSubProcess, FlowIx, MessageCatch, NodeIx, NodeKind, Scope, ScopeIx, ScriptTask, SendTask, ServiceTask, StartEvent,
        TimerTrigger, Trigger,
        context::{Refers, duration, entries, string},
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
        let node = self.node(id.to_owned(), span, scope, NodeKind::EndEvent);
        if word != "subProcess" {
            self.multi_instance(item, node, scope, None);
        }
        match word {
            "userTask" => return (node, self.user_task(item, id, node, scope)),
            "subProcess" => self.sub_process(item, id, node, scope),
            "exclusiveGateway" => return (node, self.gateway(item, id, node, NodeKind::ExclusiveGateway)),
            "parallelGateway" => return (node, self.gateway(item, id, node, NodeKind::ParallelGateway)),
            "endEvent" => {
                if item.get("terminate").and_then(Tree::boolean) == Some(true) {
                    self.nodes[node].kind = NodeKind::TerminateEndEvent;
                }
                return (node, Vec::new());
            }
            _ => {
                if let Some(kind) = self.simple(item, word, id, scope, span) {
                    self.nodes[node].kind = kind;
                } else {
                    self.broken = true;
                }
            }
        }
        let besides = match word {
            "receiveTask" | "intermediateCatchEvent" | "startEvent" => Besides::Message,
            "serviceTask" => Besides::Answer,
            _ => Besides::Nothing,
        };
        self.nodes[node].set = self.assignments(item, scope, besides);
        let flow = self.flow(node, span);
        (node, vec![flow])
    }

    fn simple(&mut self, item: &Tree, word: &str, id: &str, scope: ScopeIx, span: Span) -> Option<NodeKind> {
        Some(match word {
            "startEvent" => NodeKind::StartEvent(self.start_event(item, id, scope, span)),
            "intermediateCatchEvent" => NodeKind::CatchEvent(self.required_trigger(item, id, scope, span)?),
            "receiveTask" => NodeKind::ReceiveTask(MessageCatch { message: self.cx.refer(Refers::Message, item.get("message")?, id)? }),
            "serviceTask" => NodeKind::ServiceTask(self.service_task(item, scope)?),
            "scriptTask" => NodeKind::ScriptTask(self.script_task(item, scope)?),
            "sendTask" => NodeKind::SendTask(Box::new(self.send_task(item, id, scope, span))),
            _ => return None,
        })
    }

    fn start_event(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> StartEvent {
        let lane = item.get("lane").and_then(|lane| self.cx.refer(Refers::Lane, lane, id));
        let role = item.get("role").and_then(|role| self.cx.refer(Refers::Role, role, id));
        let trigger = self.trigger(item, id, scope, span);
        if scope != 0 && trigger.is_some() {
            self.cx.error("Y018", span, Text::new("子流程内的开始事件不能有触发条件", "a start event inside a sub-process has no trigger"));
        }
        // A lane stands for its role: whoever holds it anywhere may start.
        let lane = lane.map(|lane| self.lanes.get(&lane).map_or(lane, |lane| lane.role.clone()));
        StartEvent { trigger, form: item.get("form").and_then(|form| self.cx.refer(Refers::Form, form, id)), lane: lane.or(role) }
    }

    pub(super) fn required_trigger(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> Option<Trigger> {
        let trigger = self.trigger(item, id, scope, span);
        if trigger.is_none() && item.get("message").is_none() && item.get("timer").is_none() {
            self.cx.error("Y018", span, Text::new(format!("事件“{id}”没有触发条件"), format!("the event `{id}` has no trigger"))).help =
                Some(Text::new("写明 message 或 timer", "give `message` or `timer`"));
        }
        trigger
    }

    /// What triggers an event; at most one.
    pub(super) fn trigger(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> Option<Trigger> {
        let (message, timer) = (item.get("message"), item.get("timer"));
        if message.is_some() && timer.is_some() {
            self.cx.error(
                "Y018",
                span,
                Text::new(format!("事件“{id}”只能有一个触发条件"), format!("the event `{id}` may have one trigger only")),
            );
        }
        match (message, timer) {
            (Some(message), _) => Some(Trigger::Message(MessageCatch { message: self.cx.refer(Refers::Message, message, id)? })),
            (None, Some(timer)) => self.timer(timer, scope).map(Trigger::Timer),
            (None, None) => None,
        }
    }

    fn timer(&mut self, tree: &Tree, scope: ScopeIx) -> Option<TimerTrigger> {
        let given = ["after", "at", "every", "cron"].iter().filter(|key| tree.get(key).is_some()).count();
        if given != 1 && tree.map().is_some() {
            self.cx.error(
                "Y018",
                tree.span,
                Text::new("定时须且只能写 after、at、every、cron 之一", "a timer has one of `after`, `at`, `every`, `cron`"),
            );
            return None;
        }
        if let Some(after) = tree.get("after") {
            return duration(after).map(TimerTrigger::After);
        }
        if let Some(at) = tree.get("at") {
            return self.expression(at, scope, Besides::Nothing).map(TimerTrigger::At);
        }
        if let Some(every) = tree.get("every") {
            let times = tree.get("times").and_then(Tree::scalar).and_then(|times| times.parse().ok());
            return Some(TimerTrigger::Every(duration(every)?, times));
        }
        let cron = tree.get("cron")?;
        let pattern = string(cron)?;
        if let Err(problem) = crate::calendar::Calendar::check_cron(&pattern) {
            self.cx.error("T005", cron.span, problem);
        }
        Some(TimerTrigger::Cron(pattern))
    }

    fn service_task(&mut self, item: &Tree, scope: ScopeIx) -> Option<ServiceTask> {
        let mut settings = IndexMap::new();
        if let Some(register) = item.get("register") {
            settings.insert("register".to_owned(), register.to_json());
        }
        settings.extend(entries(item.get("settings")).map(|(key, _, value)| (key.to_owned(), value.to_json())));
        Some(ServiceTask {
            operation: string(item.get("operation")?)?,
            with: self.expressions(item.get("with"), scope),
            settings,
            retry: item.get("retry").and_then(Tree::scalar).and_then(|times| times.parse().ok()).unwrap_or(RETRY_DEFAULT),
        })
    }

    fn script_task(&mut self, item: &Tree, scope: ScopeIx) -> Option<ScriptTask> {
        let tree = item.get("script")?;
        let text = string(tree)?;
        let place = self.cx.place(tree.span);
        match self.cx.around.rules.script(&text, place) {
            Ok(script) => {
                let names =
                    Names { data: &self.data.fields, scopes: &self.scopes, scope, instance: &self.instance, besides: Besides::Nothing };
                self.cx.check_names(&script, &names);
                let assigns = script.variables.iter().filter(|name| assigns(&text, name)).cloned().collect();
                Some(ScriptTask { script, assigns })
            }
            Err(finding) => {
                self.cx.findings.push(finding);
                None
            }
        }
    }

    fn send_task(&mut self, item: &Tree, id: &str, scope: ScopeIx, span: Span) -> SendTask {
        let message = item.get("message").and_then(|message| self.cx.refer(Refers::Message, message, id));
        let task = SendTask {
            portal: item.get("portal").and_then(|portal| self.portal(portal)),
            notify: item.get("notify").and_then(|notify| self.notify(notify, id, scope)),
            document: item.get("document").and_then(|document| self.document(document, id, scope)),
            message,
            with: self.expressions(item.get("with"), scope),
        };
        if ["portal", "notify", "document", "message"].iter().all(|key| item.get(key).is_none()) {
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

    fn sub_process(&mut self, item: &Tree, id: &str, node: NodeIx, scope: ScopeIx) {
        let inside = self.scopes.len();
        self.scopes.push(Scope { node: Some(node), parent: Some(scope), ..Scope::default() });
        self.nodes[node].kind = NodeKind::SubProcess(inside);
        self.multi_instance(item, node, scope, Some(inside));
        self.inside(item, id, inside);
        if let Some(list) = item.get("eventSubProcesses") {
            self.event_sub_processes(list, inside);
        }
    }

    fn inside(&mut self, item: &Tree, id: &str, scope: ScopeIx) {
        if let Some(items) = item.get("do") {
            let list = self.scope_list(scope, items, id);
            self.end_after(&list.open, scope, id, items.span);
        }
    }

    pub(super) fn event_sub_processes(&mut self, list: &Tree, scope: ScopeIx) {
        for item in list.list().unwrap_or_default() {
            let Some((id, span)) = item.get("eventSubProcess").and_then(|id| Some((string(id)?, id.span))) else { continue };
            let inside = self.scopes.len();
            let node = self.node(id.clone(), span, scope, NodeKind::EndEvent);
            self.describe(node, item);
            self.scopes.push(Scope { node: Some(node), parent: Some(scope), ..Scope::default() });
            self.scopes[scope].event_sub_processes.push(node);
            if let Some(start) = item.get("start")
                && let Some(trigger) = self.required_trigger(start, &id, scope, start.span)
            {
                let interrupting = start.get("interrupting").and_then(Tree::boolean).unwrap_or(true);
                self.nodes[node].kind = NodeKind::EventSubProcess(EventSubProcess { trigger, interrupting, scope: inside });
            } else {
                self.broken = true;
            }
            self.inside(item, &id, inside);
        }
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
