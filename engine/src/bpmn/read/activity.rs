//! Activities: tasks, calls, sub-processes.

use super::{Ids, Reader, ids::separated};
use crate::{
    bpmn::{
        shrub::{Shrub, plain, scalar},
        xml::{Node, Space, local},
    },
    source::Tree,
};

impl<'d> Reader<'d> {
    pub(super) fn activity(&mut self, node: Node<'d>) -> Shrub {
        let mut item = match node.word() {
            // Zeebe gives them to workers, as it does service tasks.
            "scriptTask" | "businessRuleTask" | "sendTask" if node.extension(Space::Zeebe, "taskDefinition").is_some() => {
                self.head(node, "serviceTask")
            }
            "userTask" => self.for_people(node, "userTask"),
            "manualTask" => self.for_people(node, "manualTask"),
            "serviceTask" => self.head(node, "serviceTask"),
            "sendTask" => self.send_task(node),
            "receiveTask" => self.receive_task(node),
            "scriptTask" => {
                let mut item = self.head(node, "scriptTask");
                self.script(node, node.given("scriptFormat"), &mut item);
                self.zeebe_script(node, &mut item);
                item
            }
            "businessRuleTask" => self.business_rule_task(node),
            "callActivity" => self.call_activity(node),
            "subProcess" => self.sub_process(node, "subProcess"),
            "transaction" => self.sub_process(node, "transaction"),
            "adHocSubProcess" => self.ad_hoc(node),
            _ => self.for_people(node, "task"),
        };
        if node.flag("isForCompensation", false) {
            item.flag("forCompensation", true);
        }
        for quantity in ["startQuantity", "completionQuantity"] {
            // One below 1 says that the activity can never begin or end: told when it is tried.
            if let Some(number) = node.given(quantity).and_then(|number| number.trim().parse::<i64>().ok()).filter(|number| *number != 1) {
                item.put(quantity, plain(node.span(), &number.clamp(0, i64::from(u32::MAX)).to_string()));
            }
        }
        self.repetition(node, &mut item);
        item.put_some("set", self.output_mapping(node));
        if let Some(name) = self.flows.awaited(node).map(str::to_owned) {
            item.text("awaits", &name);
            self.uses_message(name, None);
        }
        item
    }

    fn for_people(&mut self, node: Node<'d>, word: &'static str) -> Shrub {
        let mut item = self.head(node, word);
        item.put_some("lane", self.lane(node));
        item
    }

    fn send_task(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.head(node, "sendTask");
        if let Some(name) = self.message_name(node) {
            item.merge(self.message(node, name, None));
        }
        item
    }

    fn receive_task(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.head(node, "receiveTask");
        let name = self.message_name(node).or_else(|| self.flows.name(node).map(str::to_owned));
        match name {
            Some(name) => {
                let key = self.correlation_key(node);
                item.merge(self.message(node, name, key));
            }
            None => item.flag("unfinished", true),
        }
        if node.flag("instantiate", false) {
            item.flag("instantiate", true);
        }
        item
    }

    /// `script:` if it is rhai.
    pub(super) fn script(&mut self, node: Node<'d>, format: Option<&str>, item: &mut Shrub) {
        let Some(script) = node.child("script") else { return };
        let format = format.unwrap_or_default().to_ascii_lowercase();
        if format.rsplit(['/', '-']).next() == Some("rhai") {
            item.put("script", scalar(script.text_span(), script.text().unwrap_or_default()));
        } else {
            self.left_out(script, format!("脚本的语言是“{format}”，不是 rhai"), format!("a script whose language is `{format}`, not rhai"));
        }
    }

    /// Zeebe's script is one expression whose value gets a name.
    fn zeebe_script(&mut self, node: Node<'d>, item: &mut Shrub) {
        let Some(script) = node.extension(Space::Zeebe, "script").filter(|_| !item.has("script")) else { return };
        let (Some(text), Some(name)) = (script.given("expression"), script.given("resultVariable")) else { return };
        let value = self.rhai(script, text);
        item.put("script", scalar(script.span(), &format!("{name} = {value};")));
    }

    fn business_rule_task(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.head(node, "businessRuleTask");
        self.decision(node, &mut item);
        item
    }

    /// `decision:` and `output:`.
    pub(super) fn decision(&mut self, node: Node<'d>, item: &mut Shrub) {
        let (mut decision, mut output) = (node.vendor(Space::Camunda, "decisionRef"), node.vendor(Space::Camunda, "resultVariable"));
        if let Some(called) = node.extension(Space::Zeebe, "calledDecision") {
            (decision, output) = (called.given("decisionId"), called.given("resultVariable"));
        }
        if let Some(name) = decision {
            let name = self.template(node, name);
            let name = if self.ids == Ids::Snake { separated(&name, '-').unwrap_or(name) } else { name };
            item.text("decision", &name);
            if let Some(output) = output {
                item.text("output", output);
            }
        }
        if node.vendor(Space::Camunda, "mapDecisionResult").is_some() {
            self.changes(node, "决策结果按原样存入，不再换形", "the decision's result is kept as it is, without another shape");
        }
    }

    fn call_activity(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.head(node, "callActivity");
        let called = node.extension(Space::Zeebe, "calledElement").and_then(|called| called.given("processId"));
        match called.or_else(|| node.given("calledElement")) {
            Some(called) => {
                let called = self.called(node, called);
                item.text("process", &called);
            }
            None => item.flag("unfinished", true),
        }
        let mapping = self.call_mapping(node);
        let told = !mapping.with.is_empty() || !mapping.set.is_empty() || mapping.with_all || mapping.set_all;
        let all = !told && !self.has_vendor();
        if all {
            self.changes(node, "没有写明数据的传递：全部带入带出", "what data are passed is not said: all go along and come back");
        }
        item.put_some("with", mapping.with.some());
        item.put_some("set", mapping.set.some());
        for (key, flag) in [("withAll", mapping.with_all || all), ("setAll", mapping.set_all || all)] {
            if flag {
                item.flag(key, true);
            }
        }
        item
    }

    /// The called process under the name that it has in the dialect.
    fn called(&mut self, node: Node<'_>, called: &str) -> String {
        if let Some(found) = self.document.by_id(called) {
            let id = self.id(found);
            if !id.is_empty() {
                return id;
            }
        }
        let name = self.template(node, if called.starts_with(['=', '$', '#']) { called } else { local(called) });
        if self.ids == Ids::Snake { separated(&name, '-').unwrap_or(name) } else { name }
    }

    /// Whether the file speaks a vendor's language, whose rules about calls are known: nothing is passed unless it says so.
    fn has_vendor(&self) -> bool {
        let vendors = ["camunda.org/", "flowable.org/", "activiti.org/"];
        self.document.root().attributes().iter().any(|attribute| vendors.iter().any(|vendor| attribute.value.contains(vendor)))
    }

    fn sub_process(&mut self, node: Node<'d>, word: &'static str) -> Shrub {
        let mut item = self.head(node, word);
        self.scope(node, "do", &mut item);
        item
    }

    fn ad_hoc(&mut self, node: Node<'d>) -> Shrub {
        let mut item = self.sub_process(node, "adHocSubProcess");
        let condition = node.child("completionCondition").and_then(|condition| self.expression(condition));
        item.put_some("completionCondition", condition);
        if let Some(ordering) = node.given("ordering") {
            item.text("ordering", if ordering.eq_ignore_ascii_case("sequential") { "sequential" } else { "parallel" });
        }
        item.flag("cancelRemaining", node.flag("cancelRemainingInstances", true));
        item
    }

    /// The lane that a person's work stands in.
    pub(super) fn lane(&self, node: Node<'d>) -> Option<Tree> {
        let lane = self.index.lane_of(node)?;
        Some(scalar(node.span(), &self.id(lane)))
    }
}
