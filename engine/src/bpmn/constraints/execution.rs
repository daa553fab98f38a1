//! What a process needs to be executed: expressions, codes, scripts, messages (`F909`).

use super::{Checker, Node, SUB_PROCESSES, THROWING, is_activity, refer, refer_in};
use crate::{bpmn::xml::Space, expression::is_marked};

const CODE: &str = "F909";
/// Elements that hold an expression.
const EXPRESSIONS: &[&str] = &[
    "conditionExpression",
    "condition",
    "timeDate",
    "timeCycle",
    "timeDuration",
    "loopCondition",
    "loopCardinality",
    "completionCondition",
    "activationCondition",
    "expression",
    "from",
    "to",
];
/// Elements that hold a formal expression without saying so.
const FORMAL: &[&str] = &["formalExpression", "transformation", "messagePath", "dataPath"];

impl<'d> Checker<'d> {
    pub(super) fn execution(&mut self, node: Node<'d>) {
        // The condition of a complex behaviour is formal by its type.
        let formal = FORMAL.contains(&node.word()) || node.parent().is_some_and(|around| around.is("complexBehaviorDefinition"));
        if formal || EXPRESSIONS.contains(&node.word()) {
            self.formal(node, formal);
        }
        match node.word() {
            "escalationEventDefinition" => self.escalation(node),
            "conditionalEventDefinition" if self.in_executable(node) && node.child("condition").is_none() => {
                self.broken(
                    CODE,
                    node,
                    "EXT.123",
                    "可执行流程的条件事件须写明条件",
                    "a conditional event of an executable process has no condition",
                );
            }
            "messageEventDefinition" if self.in_executable(node) => {
                if node.given("messageRef").is_none() {
                    self.broken(
                        CODE,
                        node,
                        "EXT.127",
                        "可执行流程的消息事件须写明 messageRef",
                        "a message event of an executable process has no messageRef",
                    );
                }
                if node.child("operationRef").is_none() {
                    self.broken(
                        CODE,
                        node,
                        "EXT.128",
                        "可执行流程的消息事件须写明 operationRef",
                        "a message event of an executable process has no operationRef",
                    );
                }
            }
            "multiInstanceLoopCharacteristics" if self.in_executable(node) => self.multi_instance(node),
            "receiveTask" if node.flag("instantiate", false) && self.is_entered(node) => {
                self.broken(CODE, node, "EXT.049", "发起流程的接收任务不能有入口", "a flow leads to an instantiating receive task");
            }
            "scriptTask" | "globalScriptTask" => self.script(node),
            "eventDefinitionRef" => self.shared_definition(node),
            _ => {}
        }
        if is_activity(node) {
            for (quantity, rule) in [("startQuantity", "EXT.037"), ("completionQuantity", "EXT.038")] {
                if node.given(quantity).is_some_and(|number| number.parse::<i64>().is_ok_and(|number| number < 1)) {
                    self.broken(CODE, node, rule, format!("{quantity} 不能小于一"), format!("{quantity} is less than one"));
                }
            }
        }
    }

    fn formal(&mut self, node: Node<'d>, by_type: bool) {
        let kind = node.vendor(Space::Schema, "type").map(crate::bpmn::xml::local);
        let formal = by_type || kind == Some("tFormalExpression");
        let empty = node.text().is_none() && node.children().next().is_none();
        if formal && empty {
            self.broken(CODE, node, "EXT.013", "表达式没有内容", "a formal expression has no content");
        }
        if !formal && self.in_executable(node) {
            let rule = if node.is("condition") { "EXT.012, EXT.123" } else { "EXT.012" };
            let (zh, en) = ("可执行流程的表达式须为 tFormalExpression", "an expression of an executable process is no formal expression");
            self.broken(CODE, node, rule, zh, en);
        }
        let Some(text) = node.text().filter(|text| formal && !is_marked(text)) else { return };
        if node.is("completionCondition") && is_literal(text) {
            self.broken(CODE, node, "EXT.071", "完成条件须为真或假", "the completion condition is no condition");
        }
        if !is_time(node.word(), text) {
            let (zh, en) = (format!("“{text}”不是 ISO 8601 的时间"), format!("`{text}` is no time of ISO 8601"));
            self.broken(CODE, node, "EXT.134", zh, en);
        }
    }

    fn escalation(&mut self, node: Node<'d>) {
        let thrown = node.parent().is_some_and(|event| THROWING.contains(&event.word()));
        let escalation = refer(node, "escalationRef").filter(|escalation| escalation.is("escalation"));
        if thrown && escalation.is_some_and(|escalation| escalation.given("escalationCode").is_none()) {
            self.broken(CODE, node, "EXT.011", "抛出的升级须有 escalationCode", "the escalation that is thrown has no escalationCode");
        }
    }

    fn multi_instance(&mut self, node: Node<'d>) {
        if node.child("loopCardinality").is_none() && node.child("loopDataInputRef").is_none() {
            let (zh, en) = (
                "可执行的多实例须有 loopCardinality 或 loopDataInputRef",
                "a multi-instance has neither loopCardinality nor loopDataInputRef",
            );
            self.broken(CODE, node, "EXT.067", zh, en);
        }
        let Some(activity) = node.parent().filter(|activity| !SUB_PROCESSES.contains(&activity.word())) else { return };
        if node.child("loopDataInputRef").is_none() {
            return;
        }
        let found = refer_in(node, "loopDataInputRef");
        if !found.is_some_and(|found| found.is("dataInput") && found.ancestors().any(|around| around == activity)) {
            let (zh, en) = ("loopDataInputRef 须为该任务的 dataInput", "loopDataInputRef is no data input of the task");
            self.broken(CODE, node, "EXT.068", zh, en);
        }
    }

    fn script(&mut self, node: Node<'d>) {
        let key = if node.is("scriptTask") { "scriptFormat" } else { "scriptLanguage" };
        if node.child("script").is_some() && node.given(key).is_none() {
            self.broken(CODE, node, "EXT.053", format!("有脚本就须写明 {key}"), format!("a script without {key}"));
        }
    }

    /// What a throwing event defines is its own.
    fn shared_definition(&mut self, reference: Node<'d>) {
        let Some(definition) = reference.text().and_then(|id| self.document.by_id(id)) else { return };
        if definition.parent().is_some_and(|event| THROWING.contains(&event.word()) && Some(event) != reference.parent()) {
            let (zh, en) = ("抛出事件里的事件定义不能在别处使用", "an event definition of a throwing event is used elsewhere");
            self.broken(CODE, reference, "EXT.095", zh, en);
        }
    }
}

/// A number or a text, which is no condition.
fn is_literal(text: &str) -> bool {
    let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote) && text.matches(quote).count() == 2;
    text.parse::<f64>().is_ok() || quoted('"') || quoted('\'')
}

fn is_time(word: &str, text: &str) -> bool {
    match word {
        "timeDuration" => is_duration(text),
        "timeDate" => is_moment(text),
        "timeCycle" => is_cycle(text),
        _ => true,
    }
}

fn is_duration(text: &str) -> bool {
    text.starts_with(['P', '-', '+']) && text.parse::<jiff::Span>().is_ok()
}

fn is_moment(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::civil::Date>().is_ok()
}

/// `R3/PT10S`, with a start or an end if wanted; a duration; a cron pattern of five to seven fields.
fn is_cycle(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('R') else {
        return is_duration(text) || text.starts_with('@') || (5..=7).contains(&text.split_whitespace().count());
    };
    let mut parts = rest.split('/');
    let times = parts.next().is_some_and(|times| times.is_empty() || times == "-1" || times.parse::<u32>().is_ok());
    let parts: Vec<&str> = parts.collect();
    let known = parts.iter().all(|part| is_duration(part) || is_moment(part));
    times && known && (parts.len() == 2 || parts.len() == 1 && is_duration(parts[0]))
}
