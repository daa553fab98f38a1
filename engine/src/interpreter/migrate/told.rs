//! What a migration changes, in words.

use super::super::{Case, Event, TimerPurpose};
use crate::{definition::Definition, text::Text};

/// What one event of a migration changes on the case as it was; what goes without saying is not told.
pub(super) fn told(event: &Event, before: &Case, new: &Definition) -> Vec<Text> {
    let moment = |at| new.calendar.format_moment(at);
    let one = |zh: String, en: String| vec![Text::new(zh, en)];
    match event {
        Event::Migrated { nodes, .. } => before
            .tokens
            .values()
            .filter_map(|token| {
                let new = nodes.get(&token.node)?;
                Some(Text::new(format!("环节“{}”改为“{new}”", token.node), format!("`{}` is `{new}` now", token.node)))
            })
            .collect(),
        Event::TaskMoved { task, post, due, .. } => {
            let node = before.tasks.get(task).map_or("?", |task| task.node.as_str());
            let due = due.map_or_else(|| "—".to_owned(), moment);
            let post = format!("{}@{}", post.role, post.unit);
            one(format!("待办“{node}”：岗位 {post}，期限 {due}"), format!("task `{node}`: post {post}, due {due}"))
        }
        Event::TaskCancelled { node, .. } => one(format!("待办“{node}”收回"), format!("task `{node}` is taken away")),
        Event::TimerReset { purpose, due, .. } | Event::TimerSet { purpose, due, .. } => {
            let what = what(purpose);
            let due = moment(*due);
            one(format!("定时“{what}”到 {due}"), format!("timer `{what}` is due {due}"))
        }
        Event::TimerMoved { timer, due, .. } => {
            let what = before.timers.get(timer).map_or_else(|| "?".to_owned(), |timer| what(&timer.purpose));
            let due = moment(*due);
            one(format!("定时“{what}”改到 {due}"), format!("timer `{what}` moves to {due}"))
        }
        Event::TimerCancelled { timer } => {
            let what = before.timers.get(timer).map_or_else(|| "?".to_owned(), |timer| what(&timer.purpose));
            one(format!("定时“{what}”取消"), format!("timer `{what}` is cancelled"))
        }
        Event::WaitBegun { message, .. } => one(format!("开始等待“{message}”"), format!("`{message}` is waited for")),
        Event::WaitCancelled { wait } => {
            let message = before.waits.get(wait).map_or("?", |wait| wait.message.as_str());
            one(format!("不再等待“{message}”"), format!("`{message}` is not waited for any more"))
        }
        Event::ClockStarted { clock, due, .. } => {
            let due = moment(*due);
            one(format!("时限“{clock}”起算，到 {due}"), format!("clock `{clock}` starts, due {due}"))
        }
        Event::ClockLimited { clock, due, .. } | Event::ClockTakenUp { clock, due, .. } | Event::ClockResumed { clock, due, .. } => {
            let due = moment(*due);
            one(format!("时限“{clock}”到 {due}"), format!("clock `{clock}` is due {due}"))
        }
        Event::ClockPaused { clock, .. } => one(format!("时限“{clock}”中止计时"), format!("clock `{clock}` pauses")),
        Event::ClockLaidAside { clock } | Event::ClockStopped { clock } => {
            one(format!("时限“{clock}”不再计算"), format!("clock `{clock}` stops"))
        }
        Event::DataSet { values, .. } => {
            let names: Vec<&str> = values.keys().map(String::as_str).collect();
            let names = names.join(", ");
            one(format!("写入数据 {names}"), format!("data is written: {names}"))
        }
        Event::TokenPlaced { node, .. } if !node.contains("__") => one(format!("进入“{node}”"), format!("goes on to `{node}`")),
        Event::MessageReceived { message, .. } => one(format!("收到先前的“{message}”"), format!("takes the kept `{message}`")),
        Event::CaseEnded { .. } => one("办件办结".to_owned(), "the case ends".to_owned()),
        Event::IncidentRaised { node, message, .. } => {
            one(format!("“{node}”故障：{}", message.zh), format!("`{node}` fails: {}", message.get(crate::text::Language::En)))
        }
        _ => Vec::new(),
    }
}

fn what(purpose: &TimerPurpose) -> String {
    match purpose {
        TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } => node.clone(),
        TimerPurpose::Clock { clock, .. } => clock.clone(),
    }
}
