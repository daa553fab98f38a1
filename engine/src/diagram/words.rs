//! Words of nodes and flows, the same in the picture and in the twin: kinds, triggers, who, due, labels.

use super::{Overlay, bands::role};
use crate::{
    definition::{Flow, Node, NodeKind, Process, TaskWord, Throw, TimerTrigger, Trigger, UserTask},
    text::{Language, Text},
};

/// English of a text, or its Chinese.
pub(super) fn en(text: &Text) -> &str {
    text.get(Language::En)
}

/// What a node is.
pub(super) fn kind(kind: &NodeKind) -> Text {
    match kind {
        NodeKind::StartEvent(_) => Text::new("开始", "start"),
        NodeKind::EndEvent(Throw::Terminate) => Text::new("终止", "terminate"),
        NodeKind::EndEvent(_) => Text::new("结束", "end"),
        NodeKind::UserTask(task) => match task.word {
            TaskWord::User => Text::new("人工", "user task"),
            TaskWord::Manual => Text::new("线下", "manual task"),
            TaskWord::Plain => Text::new("任务", "task"),
        },
        NodeKind::BusinessRuleTask(_) => Text::new("决策", "business rule task"),
        NodeKind::CallActivity(_) => Text::new("调用流程", "call activity"),
        NodeKind::ThrowEvent(_) => Text::new("抛出", "throw"),
        NodeKind::InclusiveGateway => Text::new("包容", "inclusive gateway"),
        NodeKind::ComplexGateway(_) => Text::new("复杂", "complex gateway"),
        NodeKind::EventBasedGateway(_) => Text::new("等候先到", "event-based gateway"),
        NodeKind::Transaction(_) => Text::new("事务", "transaction"),
        NodeKind::AdHocSubProcess(_) => Text::new("自由子流程", "ad-hoc sub-process"),
        NodeKind::ServiceTask(_) => Text::new("服务", "service task"),
        NodeKind::ScriptTask(_) => Text::new("脚本", "script"),
        NodeKind::SendTask(_) => Text::new("发送", "send task"),
        NodeKind::ReceiveTask(_) => Text::new("等待消息", "receive task"),
        NodeKind::CatchEvent(_) => Text::new("等待", "wait"),
        NodeKind::ExclusiveGateway => Text::new("判断", "decision"),
        NodeKind::ParallelGateway => Text::new("并行", "parallel"),
        NodeKind::SubProcess(_) => Text::new("子流程", "sub-process"),
        NodeKind::EventSubProcess(_) => Text::new("事件子流程", "event sub-process"),
        NodeKind::BoundaryEvent(_) => Text::new("边界事件", "boundary event"),
    }
}

/// The name of a node; of one that the designer did not write, what it is.
pub(super) fn name(node: &Node) -> Text {
    match &node.name {
        None if node.id.contains("__") => kind(&node.kind),
        _ => node.title(),
    }
}

/// Class name of a node: its BPMN element in kebab-case.
pub(super) fn class(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::StartEvent(_) => "start-event",
        NodeKind::EndEvent(_) => "end-event",
        NodeKind::UserTask(task) => match task.word {
            TaskWord::User => "user-task",
            TaskWord::Manual => "manual-task",
            TaskWord::Plain => "task",
        },
        NodeKind::BusinessRuleTask(_) => "business-rule-task",
        NodeKind::CallActivity(_) => "call-activity",
        NodeKind::ThrowEvent(_) => "throw-event",
        NodeKind::InclusiveGateway => "inclusive-gateway",
        NodeKind::ComplexGateway(_) => "complex-gateway",
        NodeKind::EventBasedGateway(_) => "event-based-gateway",
        NodeKind::Transaction(_) => "transaction",
        NodeKind::AdHocSubProcess(_) => "ad-hoc-sub-process",
        NodeKind::ServiceTask(_) => "service-task",
        NodeKind::ScriptTask(_) => "script-task",
        NodeKind::SendTask(_) => "send-task",
        NodeKind::ReceiveTask(_) => "receive-task",
        NodeKind::CatchEvent(_) => "catch-event",
        NodeKind::ExclusiveGateway => "exclusive-gateway",
        NodeKind::ParallelGateway => "parallel-gateway",
        NodeKind::SubProcess(_) => "sub-process",
        NodeKind::EventSubProcess(_) => "event-sub-process",
        NodeKind::BoundaryEvent(_) => "boundary-event",
    }
}

/// What triggers an event: 5 个工作日后, 收到 one-net.withdrawal.
pub(super) fn trigger(trigger: &Trigger) -> Text {
    let coded = |zh: &str, en: &str, code: &Option<String>| match code {
        Some(code) => Text::new(format!("{zh} {code}"), format!("{en} {code}")),
        None => Text::new(format!("任何{zh}"), format!("any {en}")),
    };
    match trigger {
        Trigger::Message(message) => Text::new(format!("收到 {}", message.message), format!("on {}", message.message)),
        Trigger::Timer(timer) => time(timer),
        Trigger::Signal(name) => Text::new(format!("信号 {}", name.text), format!("signal {}", name.text)),
        Trigger::Error(code) => coded("错误", "error", code),
        Trigger::Escalation(code) => coded("升级", "escalation", code),
        Trigger::Condition(condition) => Text::new(format!("当 {}", condition.text), format!("when {}", condition.text)),
        Trigger::Compensation => Text::new("补偿", "compensation"),
        Trigger::Cancel => Text::new("取消", "cancel"),
        Trigger::Link(name) => Text::new(format!("链接 {name}"), format!("link {name}")),
        Trigger::Any(triggers) => several(triggers, " 或 ", " or "),
        Trigger::All(triggers) => several(triggers, " 且 ", " and "),
        Trigger::Unfinished => Text::new("未写明", "not said yet"),
    }
}

fn several(triggers: &[Trigger], zh: &str, en_between: &str) -> Text {
    let words: Vec<Text> = triggers.iter().map(trigger).collect();
    let zh = words.iter().map(|words| words.zh.clone()).collect::<Vec<_>>().join(zh);
    Text::new(zh, words.iter().map(|words| en(words).to_owned()).collect::<Vec<_>>().join(en_between))
}

fn time(timer: &TimerTrigger) -> Text {
    match timer {
        TimerTrigger::After(after) => {
            let words = after.words();
            Text::new(format!("{}后", words.zh), format!("after {}", en(&words)))
        }
        TimerTrigger::AfterGiven(after) => Text::new(format!("{} 之后", after.text), format!("after {}", after.text)),
        TimerTrigger::At(at) => Text::new(format!("到 {}", at.text), format!("at {}", at.text)),
        TimerTrigger::Every(every, times) => {
            let words = every.words();
            let (zh, more) =
                times.map_or((String::new(), String::new()), |times| (format!("，至多 {times} 次"), format!(", at most {times} times")));
            Text::new(format!("每 {}{zh}", words.zh), format!("every {}{more}", en(&words)))
        }
        TimerTrigger::EveryGiven(every, _) => Text::new(format!("每 {}", every.text), format!("every {}", every.text)),
        TimerTrigger::Cron(pattern) => Text::new(format!("定时 {pattern}"), format!("at {pattern}")),
    }
}

/// The trigger of a node, if it has one; for boundary events and event sub-processes also whether it interrupts.
pub(super) fn trigger_of(kind: &NodeKind) -> Option<Text> {
    let with = |words: Text, interrupting: bool| match interrupting {
        true => Text::new(format!("{}，中断", words.zh), format!("{}, interrupting", en(&words))),
        false => Text::new(format!("{}，不中断", words.zh), format!("{}, not interrupting", en(&words))),
    };
    match kind {
        NodeKind::StartEvent(start) => start.trigger.as_ref().map(trigger),
        NodeKind::CatchEvent(caught) => Some(trigger(caught)),
        NodeKind::ReceiveTask(message) => Some(Text::new(format!("收到 {}", message.message), format!("on {}", message.message))),
        NodeKind::BoundaryEvent(event) => Some(with(trigger(&event.trigger), event.interrupting)),
        NodeKind::EventSubProcess(event) => Some(with(trigger(&event.trigger), event.interrupting)),
        _ => None,
    }
}

/// Who does a node: the lane, or the role it is assigned to.
pub(super) fn who(process: &Process, node: &Node, overlay: &Overlay) -> Option<Text> {
    let NodeKind::UserTask(task) = &node.kind else { return None };
    let lane = task.lane.as_ref().map(|id| process.lanes.get(id).map_or_else(|| Text::zh(id), |lane| lane.name.clone()));
    lane.or_else(|| task.assign.as_ref().map(|assign| role(overlay, &assign.role)))
}

/// The step's limit.
pub(super) fn due(node: &Node) -> Option<Text> {
    match &node.kind {
        NodeKind::UserTask(task) => task.due.map(crate::calendar::Duration::words),
        _ => None,
    }
}

/// Under which action or condition a flow is taken; None: always.
pub(super) fn label(process: &Process, flow: &Flow) -> Option<Text> {
    if let (Some(action), NodeKind::UserTask(task)) = (&flow.action, &process.nodes[flow.from].kind) {
        return Some(action_name(task, action));
    }
    if let Some(name) = &flow.name {
        return Some(name.clone());
    }
    if flow.is_default {
        return Some(Text::new("否则", "otherwise"));
    }
    flow.condition.as_ref().map(|condition| Text::new(condition.text.clone(), condition.text.clone()))
}

fn action_name(task: &UserTask, action: &str) -> Text {
    task.actions.get(action).map_or_else(|| Text::zh(action), |action| action.name.clone())
}
