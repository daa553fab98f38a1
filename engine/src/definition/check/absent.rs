//! Names that are read where some way has not written them, each with that way.
//!
//! | code | about |
//! |---|---|
//! | `D050` | the reading fails without a value: an error |
//! | `D051` | a comparison that is silently false without a value |
//! | `D052` | something is passed on that may be nothing |
//! | `D053` | an action requires what its step may not fill in and some way has not written |

use super::{reach, way, written::Written};
use crate::{
    definition::{
        NodeIx, NodeKind, NotifyTo, Pattern, PatternPart, PriorityOf, Process, TimerTrigger, Trigger, UserTask, context::Context,
    },
    diagnostic::{Finding, Severity},
    rules::{Expression, Need, Use},
    source::Place,
    text::Text,
};

/// Adds the findings.
pub(super) fn check(cx: &mut Context<'_>, process: &Process, written: &Written) {
    if cx.names_unsure {
        return;
    }
    let mut look = Look { cx, process, written, told: Vec::new() };
    // What nothing leads to is told as such.
    for ix in reach::reached(process) {
        look.node(ix);
    }
    if let Some(&start) = process.scopes[0].starts.first() {
        process.title.iter().chain(&process.number).for_each(|pattern| look.pattern(start, pattern, true));
    }
    let told = std::mem::take(&mut look.told);
    cx.findings.extend(told);
}

struct Look<'l, 'a> {
    cx: &'l Context<'a>,
    process: &'l Process,
    written: &'l Written,
    told: Vec<Finding>,
}

impl Look<'_, '_> {
    fn node(&mut self, ix: NodeIx) {
        let node = &self.process.nodes[ix];
        match &node.kind {
            NodeKind::UserTask(task) => self.task(ix, task),
            NodeKind::SendTask(send) => {
                send.with.values().for_each(|value| self.read(ix, value, Use::Passes));
                send.message.iter().filter_map(|name| name.pattern.as_ref()).for_each(|pattern| self.pattern(ix, pattern, false));
                let number = send.document.iter().filter_map(|order| order.number_pattern.as_ref());
                number.for_each(|pattern| self.pattern(ix, pattern, false));
                if let Some(NotifyTo::Expression(to)) = send.notify.as_ref().map(|notify| &notify.to) {
                    self.read(ix, to, Use::Fails);
                }
            }
            NodeKind::ServiceTask(service) => service.with.values().for_each(|value| self.read(ix, value, Use::Passes)),
            NodeKind::CallActivity(call) => call.with.values().for_each(|value| self.read(ix, value, Use::Passes)),
            NodeKind::ScriptTask(script) => {
                let needs = self.cx.around.rules.effect(&script.script).needs;
                self.tell(ix, &needs, false);
            }
            _ => node.kind.trigger().into_iter().for_each(|trigger| self.trigger(ix, trigger)),
        }
        for &flow in &node.outgoing {
            if let Some(condition) = &self.process.flows[flow].condition {
                self.condition(ix, flow, condition);
            }
        }
        if let Some(again) = node.standard_loop.as_ref().and_then(|again| again.condition.as_ref()) {
            self.read(ix, again, Use::Fails);
        }
        let after = !matches!(node.kind, NodeKind::UserTask(_));
        node.set.iter().for_each(|assignment| self.assignment(ix, &assignment.value, after));
    }

    /// A flow's condition is looked at where those before it did not hold.
    fn condition(&mut self, ix: NodeIx, flow: usize, condition: &Expression) {
        let rules = self.cx.around.rules;
        let mut proved = Vec::new();
        if matches!(self.process.nodes[ix].kind, NodeKind::ExclusiveGateway) {
            let earlier = self.process.nodes[ix].outgoing.iter().take_while(|&&other| other != flow);
            proved.extend(
                earlier.filter_map(|&other| self.process.flows[other].condition.as_ref()).flat_map(|other| rules.proves(other, false)),
            );
        }
        let needs: Vec<Need> = rules.needs(condition, Use::Fails).into_iter().filter(|need| !proved.contains(&need.name)).collect();
        self.tell(ix, &needs, false);
    }

    fn task(&mut self, ix: NodeIx, task: &UserTask) {
        let lane = task.lane.as_ref().and_then(|lane| self.process.lanes.get(lane));
        let unit = task.assign.as_ref().map_or_else(|| lane.and_then(|lane| lane.unit.as_ref()), |assign| assign.unit.as_ref());
        unit.into_iter().for_each(|unit| self.read(ix, unit, Use::Fails));
        if let Some(PriorityOf::Given(priority)) = &task.priority {
            self.read(ix, priority, Use::Fails);
        }
        let edit: &[String] = task.form.as_ref().map(|form| form.edit.as_slice()).unwrap_or_default();
        for action in task.actions.values() {
            // What the step fills in is seen by its conditions, too.
            if let Some(when) = &action.when {
                let given = task.form.iter().flat_map(|form| &form.require).chain(&action.require);
                let given: Vec<&String> = given.filter(|name| edit.contains(name)).collect();
                let needs = self.cx.around.rules.needs(when, Use::Fails);
                let needs: Vec<Need> = needs.into_iter().filter(|need| !given.contains(&&need.name)).collect();
                self.tell(ix, &needs, false);
            }
            let wanted = action.require.iter().filter(|name| !edit.contains(name));
            for name in wanted.filter(|name| self.written.may_be_absent(ix, name)) {
                self.unfillable(ix, name, &action.place);
            }
        }
    }

    /// An action that cannot be taken where nothing was written. What nobody writes at all is told as D002.
    fn unfillable(&mut self, ix: NodeIx, name: &str, place: &Place) {
        if self.cx.findings.iter().any(|finding| finding.code == "D002" && finding.place == *place) {
            return;
        }
        let id = &self.process.nodes[ix].id;
        let way = self.way(ix, name);
        let message = Text::new(
            format!("“{id}”的动作要求“{name}”，这一步不能填写，而有的路径还没有写入：{way}"),
            format!("this action of `{id}` requires `{name}`, which the step may not edit and some way has not written: {way}"),
        );
        let help = Text::new(format!("在 form.edit 中加上 {name}"), format!("add {name} to `form.edit`"));
        self.told.push(Finding::warning("D053", place.clone(), message).about(id.clone()).help(help));
    }

    fn trigger(&mut self, ix: NodeIx, trigger: &Trigger) {
        match trigger {
            Trigger::Timer(TimerTrigger::AfterGiven(given) | TimerTrigger::At(given)) => self.read(ix, given, Use::Fails),
            Trigger::Signal(name) => name.pattern.iter().for_each(|pattern| self.pattern(ix, pattern, false)),
            Trigger::Message(catch) => catch.pattern.iter().for_each(|pattern| self.pattern(ix, pattern, false)),
            Trigger::Any(several) | Trigger::All(several) => several.iter().for_each(|one| self.trigger(ix, one)),
            // A condition that reads what is not there yet does not hold yet.
            _ => {}
        }
    }

    fn pattern(&mut self, ix: NodeIx, pattern: &Pattern, after: bool) {
        for part in &pattern.parts {
            if let PatternPart::Expression(expression) = part {
                let needs = self.cx.around.rules.needs(expression, Use::Passes);
                self.tell(ix, &needs, after);
            }
        }
    }

    fn read(&mut self, ix: NodeIx, expression: &Expression, whole: Use) {
        let needs = self.cx.around.rules.needs(expression, whole);
        self.tell(ix, &needs, false);
    }

    /// What is assigned sees what the element itself has written; a value that is merely passed on may be nothing.
    fn assignment(&mut self, ix: NodeIx, value: &Expression, after: bool) {
        let mut needs = self.cx.around.rules.needs(value, Use::Passes);
        if let NodeKind::UserTask(task) = &self.process.nodes[ix].kind {
            let filled = |name: &String| {
                let by_form = task.form.as_ref().is_some_and(|form| form.require.contains(name));
                by_form || !task.actions.is_empty() && task.actions.values().all(|action| action.require.contains(name))
            };
            needs.retain(|need| !filled(&need.name));
        }
        // Names of a message or an answer are not known.
        needs.retain(|need| need.name != "result");
        let brought = matches!(self.process.nodes[ix].kind, NodeKind::ReceiveTask(_))
            || matches!(self.process.nodes[ix].kind.trigger(), Some(Trigger::Message(_) | Trigger::Signal(_)));
        needs.retain(|_| !brought);
        self.tell(ix, &needs, after);
    }

    fn tell(&mut self, ix: NodeIx, needs: &[Need], after: bool) {
        for need in needs {
            let absent = if after { self.written.may_be_absent_after(ix, &need.name) } else { self.written.may_be_absent(ix, &need.name) };
            let twice = |finding: &&Finding| {
                finding.place.span.line == need.place.span.line && finding.message.zh.contains(&format!("“{}”", need.name))
            };
            if absent && !self.told.iter().any(|finding| twice(&finding)) {
                self.absent(ix, need);
            }
        }
    }

    fn absent(&mut self, ix: NodeIx, need: &Need) {
        let (name, way) = (&need.name, self.way(ix, &need.name));
        let (code, severity, zh, en) = match need.how {
            Use::Fails => ("D050", Severity::Error, "可能还没有值，读取会失败", "may have no value yet, and reading it fails"),
            Use::Compares => (
                "D051",
                Severity::Warning,
                "可能还没有值，比较会悄然不成立",
                "may have no value yet: the comparison would silently not hold",
            ),
            Use::Passes => ("D052", Severity::Note, "可能还没有值，传递的会是空值", "may have no value yet: nothing would be passed on"),
        };
        let message = Text::new(
            format!("“{name}”在这里{zh}；没有写入它的路径：{way}"),
            format!("`{name}` {en}; a way that has not written it: {way}"),
        );
        let help = match need.how {
            Use::Passes => Text::new(format!("先写入，或写 {name} ?? 默认值"), format!("write it before, or say `{name} ?? DEFAULT`")),
            _ => Text::new(
                format!("先写入或声明 default，或写 is_set({name}) && …"),
                format!("write it before, declare a `default`, or say `is_set({name}) && …`"),
            ),
        };
        let finding = Finding { severity, ..Finding::error(code, need.place.clone(), message) };
        self.told.push(finding.about(self.process.nodes[ix].id.clone()).help(help));
    }

    fn way(&self, ix: NodeIx, name: &str) -> String {
        way::told(self.process, &way::without(self.process, self.written, ix, name))
    }
}
