//! Words of nodes and flows, the same in the picture and in the twin: kinds, triggers, who, due, labels.

use super::{Overlay, bands::role};
use crate::{
    definition::{Flow, Node, NodeKind, Process, TimerTrigger, Trigger, UserTask},
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
        NodeKind::EndEvent => Text::new("结束", "end"),
        NodeKind::TerminateEndEvent => Text::new("终止", "terminate"),
        NodeKind::UserTask(_) => Text::new("人工", "user task"),
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
        NodeKind::EndEvent | NodeKind::TerminateEndEvent => "end-event",
        NodeKind::UserTask(_) => "user-task",
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
    match trigger {
        Trigger::Message(message) => Text::new(format!("收到 {}", message.message), format!("on {}", message.message)),
        Trigger::Timer(TimerTrigger::After(after)) => {
            let words = after.words();
            Text::new(format!("{}后", words.zh), format!("after {}", en(&words)))
        }
        Trigger::Timer(TimerTrigger::At(at)) => Text::new(format!("到 {}", at.text), format!("at {}", at.text)),
        Trigger::Timer(TimerTrigger::Every(every, times)) => {
            let words = every.words();
            let (zh, more) =
                times.map_or((String::new(), String::new()), |times| (format!("，至多 {times} 次"), format!(", at most {times} times")));
            Text::new(format!("每 {}{zh}", words.zh), format!("every {}{more}", en(&words)))
        }
        Trigger::Timer(TimerTrigger::Cron(pattern)) => Text::new(format!("定时 {pattern}"), format!("at {pattern}")),
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
    if flow.is_default {
        return Some(Text::new("否则", "otherwise"));
    }
    flow.condition.as_ref().map(|condition| Text::new(condition.text.clone(), condition.text.clone()))
}

fn action_name(task: &UserTask, action: &str) -> Text {
    task.actions.get(action).map_or_else(|| Text::zh(action), |action| action.name.clone())
}
