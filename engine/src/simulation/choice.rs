//! What can be done next.

use serde_json::{Map, Value};

use super::{Asked, Simulation};
use crate::{
    calendar::Duration,
    definition::{Definition, NodeKind, Process, Trigger},
    interpreter::{Case, CaseStatus, LocalNo, Task, TimerPurpose, WaitKind, Waiter, offered_actions},
    organisation::Post,
    scenario::{Act, Failing, Step, Submission, Throwing},
    text::{Language, Text},
    time::Moment,
};

/// One thing that can be done next.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it is, in words.
    pub label: Text,
    /// What it asks to be filled in.
    pub fields: Vec<Asked>,
    /// The step without its data and its person.
    step: Step,
    who: Who,
}

/// Whose step it is.
#[derive(Clone, Debug)]
enum Who {
    /// Somebody who holds the post.
    Post(Post),
    /// Somebody who may complete the task of the case.
    Task(String, LocalNo),
    /// Nobody's: the system's, or the applicant's.
    Nobody,
}

impl Simulation {
    /// What can be done now, in the order of cases: their tasks, work, messages, signals, conditions, errors, repairs; then
    /// letting time pass to the next timer. Without a case: how one can begin.
    pub fn choices(&self) -> Vec<Choice> {
        let cases = self.cases();
        if cases.is_empty() {
            return self.beginnings();
        }
        let mut choices = Vec::new();
        let running: Vec<&(String, &Case)> = cases.iter().filter(|(_, case)| case.status == CaseStatus::Running).collect();
        let several = running.len() > 1;
        for (called, case) in running {
            let mut found = self.tasks(case);
            found.extend(self.jobs(case));
            found.extend(self.waits(called, case));
            found.extend(repairs(case));
            for choice in &mut found {
                choice.step.case = (cases.len() > 1).then(|| called.clone());
                if several {
                    choice.label = Text::new(format!("{called}：{}", choice.label.zh), format!("{called}: {}", en(&choice.label)));
                }
            }
            choices.extend(found);
        }
        choices.extend(self.next_timer());
        choices
    }

    /// The step that a choice stands for, done by somebody with data.
    pub(super) fn step_of(&mut self, choice: &Choice, data: Map<String, Value>) -> Result<Step, String> {
        let mut step = choice.step.clone();
        let by = match &choice.who {
            Who::Post(post) => Some(self.person_at(post)?),
            Who::Task(case, no) => {
                let at = self.at;
                let case = self.states[at].case(case).ok_or("the case is not there")?;
                Some(self.person_for(&case, *no)?)
            }
            Who::Nobody => None,
        };
        match &mut step {
            Step { act: Some(act), .. } => {
                act.by = by.unwrap_or_default();
                act.data = data;
            }
            Step { start: Some(start), .. } => {
                start.by = by.unwrap_or_default();
                start.data = data;
            }
            Step { throw: Some(throwing), .. } => throwing.data = data,
            Step { set, .. } if !set.is_empty() => *set = data,
            step => step.data.extend(data),
        }
        Ok(step)
    }

    fn beginnings(&self) -> Vec<Choice> {
        let definition = self.definition();
        let process = &definition.process;
        let starts = process.scopes[0].starts.iter().map(|&ix| &process.nodes[ix]);
        let mut choices = Vec::new();
        for node in starts {
            let NodeKind::StartEvent(start) = &node.kind else { continue };
            let form = start.form.as_ref().or(process.data.form.as_ref()).and_then(|id| definition.forms.get(id));
            let fields = form.map(|form| self.form_fields(definition, form)).unwrap_or_default();
            let materials = form.iter().flat_map(|form| &form.materials).filter(|material| material.required);
            let materials: Vec<String> = materials.map(|material| material.id.clone()).collect();
            match &start.trigger {
                None => {
                    let role = start.lane.clone().unwrap_or_else(|| "starter".to_owned());
                    let submission = Submission {
                        process: None,
                        called: false,
                        by: String::new(),
                        unit: self.unit.clone(),
                        application_no: "A1".to_owned(),
                        data: Map::new(),
                        materials,
                    };
                    let name = form.map_or_else(|| process.name.clone(), |form| form.name.clone());
                    let label = Text::new(format!("填写“{}”发起", name.zh), format!("begin with “{}”", en(&name)));
                    let post = Post { role, unit: self.unit.clone() };
                    choices.push(Choice { label, fields, step: Step { start: Some(submission), ..Step::default() }, who: Who::Post(post) });
                }
                Some(trigger) => choices.extend(self.begins_from_outside(process, trigger, fields, materials)),
            }
        }
        choices
    }

    fn begins_from_outside(&self, process: &Process, trigger: &Trigger, fields: Vec<Asked>, materials: Vec<String>) -> Option<Choice> {
        match trigger {
            Trigger::Message(catch) => {
                let mut data = Map::new();
                data.extend(process.item.iter().map(|item| ("item".to_owned(), Value::from(item.clone()))));
                data.insert("unit".to_owned(), Value::from(self.unit.clone()));
                data.insert("application_no".to_owned(), Value::from("A1"));
                let name = &catch.message;
                let label = Text::new(format!("收到消息“{name}”发起"), format!("begin by the message {name}"));
                // What the message carries besides the form stands in its head already.
                let fields = fields.into_iter().filter(|field| !data.contains_key(&field.name)).collect();
                Some(Choice {
                    label,
                    fields,
                    step: Step { send: Some(name.clone()), data, materials, ..Step::default() },
                    who: Who::Nobody,
                })
            }
            Trigger::Signal(name) => Some(signal(&name.text)),
            _ => None,
        }
    }

    fn tasks(&self, case: &Case) -> Vec<Choice> {
        let definition = self.definition_of(case);
        let mut choices = Vec::new();
        for (no, task) in &case.tasks {
            let Some(node) = definition.process.node(&task.node) else { continue };
            let title = node.title();
            let NodeKind::UserTask(declared) = &node.kind else { continue };
            // Several at one node are told apart by their units.
            let several = case.tasks.values().filter(|other| other.node == task.node).count() > 1;
            let unit = several.then(|| task.post.unit.clone());
            let organisation = self.state().world.inside().organisation();
            for (id, action, offered) in offered_actions(definition, case, *no, organisation, self.now()) {
                if !offered {
                    continue;
                }
                let whose = unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
                let label = Text::new(
                    format!("办理“{}”{whose}：{}", title.zh, action.name.zh),
                    format!("do “{}”{whose}: {}", en(&title), en(&action.name)),
                );
                let act = Act { task: task.node.clone(), by: String::new(), action: id.to_owned(), data: Map::new(), unit: unit.clone() };
                let fields = self.task_fields(definition, declared, action);
                let step = Step { act: Some(act), ..Step::default() };
                choices.push(Choice { label, fields, step, who: Who::Task(case.id.clone(), *no) });
            }
            choices.extend(errors(definition, task));
        }
        choices
    }

    fn jobs(&self, case: &Case) -> Vec<Choice> {
        let definition = self.definition_of(case);
        let each = case.jobs.values().flat_map(|job| {
            let title = definition.process.node(&job.node).map(crate::definition::Node::title).unwrap_or_default();
            let operation = &job.operation;
            let done = Text::new(format!("“{}”（{operation}）答复", title.zh), format!("“{}” ({operation}) answers", en(&title)));
            let failed = Text::new(format!("“{}”（{operation}）失败", title.zh), format!("“{}” ({operation}) fails", en(&title)));
            let failing = Failing { task: job.node.clone(), reason: "—".to_owned(), give_up: true };
            [
                plain(done, Step { answer: Some(job.node.clone()), ..Step::default() }),
                plain(failed, Step { fail: Some(failing), ..Step::default() }),
            ]
        });
        each.collect()
    }

    fn waits(&self, called: &str, case: &Case) -> Vec<Choice> {
        let definition = self.definition_of(case);
        let each = case.waits.values().filter_map(|wait| {
            let (Waiter::Token { node, .. } | Waiter::Scope { node, .. }) = &wait.waiter;
            let title = definition.process.node(node).map(crate::definition::Node::title).unwrap_or_default();
            let name = &wait.message;
            match wait.kind {
                WaitKind::Message => {
                    let label =
                        Text::new(format!("“{}”：收到消息“{name}”", title.zh), format!("“{}”: the message {name} comes", en(&title)));
                    let mut data = Map::new();
                    data.insert("application_no".to_owned(), Value::from(called));
                    Some(plain(label, Step { send: Some(name.clone()), data, ..Step::default() }))
                }
                WaitKind::Signal => Some(signal(name)),
                WaitKind::Condition => self.condition(definition, name, &title),
                WaitKind::Unfinished => None,
            }
        });
        each.collect()
    }

    /// Data that the condition reads are to be changed.
    fn condition(&self, definition: &Definition, condition: &str, title: &Text) -> Option<Choice> {
        let words: Vec<&str> = condition.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        let fields: Vec<Asked> = definition
            .process
            .data
            .fields
            .iter()
            .filter(|(name, _)| words.contains(&name.as_str()))
            .map(|(name, field)| {
                let label = definition.standard.field_for(name, &field.of).label;
                Asked { name: name.clone(), label, of: field.of.clone(), required: true, sample: None }
            })
            .collect();
        let label = Text::new(
            format!("“{}”：改变数据，使 {condition} 成立", title.zh),
            format!("“{}”: change data, so that {condition} holds", en(title)),
        );
        let set = fields.iter().map(|field| (field.name.clone(), Value::Null)).collect();
        (!fields.is_empty()).then(|| Choice { label, fields, step: Step { set, ..Step::default() }, who: Who::Nobody })
    }

    /// Letting time pass until the next timer.
    fn next_timer(&self) -> Option<Choice> {
        let world = self.state().world.inside();
        let (due, id, no) = world.next_timer(Moment(i64::MAX))?;
        let case = world.case(&id)?;
        let definition = self.definition_of(case);
        let wait = Duration::milliseconds((due.0 - self.now().0).max(0));
        let what = match &case.timers.get(&no)?.purpose {
            TimerPurpose::Token { node, .. } | TimerPurpose::Scope { node, .. } => {
                definition.process.node(node).map(crate::definition::Node::title).unwrap_or_default()
            }
            TimerPurpose::Clock { clock, .. } => {
                let name = definition.process.clocks.get(clock).map(|clock| clock.name.clone()).unwrap_or_default();
                Text::new(format!("“{}”预警", name.zh), format!("a warning of “{}”", en(&name)))
            }
        };
        let at = definition.calendar.format_moment(due);
        let label = Text::new(format!("等到 {at}：{}", what.zh), format!("wait until {at}: {}", en(&what)));
        Some(plain(label, Step { pass: Some(wait.to_string()), ..Step::default() }))
    }
}

/// Errors that a boundary event of the task catches.
fn errors(definition: &Definition, task: &Task) -> Vec<Choice> {
    let process = &definition.process;
    let Some(node) = process.node(&task.node) else { return Vec::new() };
    let caught = node.boundary.iter().filter_map(|&ix| match process.nodes[ix].kind.trigger() {
        Some(Trigger::Error(code)) => Some((&process.nodes[ix], code.clone().unwrap_or_else(|| "error".to_owned()))),
        _ => None,
    });
    let choices = caught.map(|(event, error)| {
        let (title, event) = (node.title(), event.title());
        let label =
            Text::new(format!("“{}”出错 {error}（{}）", title.zh, event.zh), format!("“{}” throws {error} ({})", en(&title), en(&event)));
        plain(label, Step { throw: Some(Throwing { task: task.node.clone(), error, data: Map::new() }), ..Step::default() })
    });
    choices.collect()
}

fn repairs(case: &Case) -> Vec<Choice> {
    let each = case.incidents.values().map(|incident| {
        let (node, what) = (&incident.node, &incident.message);
        let label = Text::new(format!("重试“{node}”（{}）", what.zh), format!("try `{node}` again ({})", en(what)));
        plain(label, Step { repair: Some(node.clone()), ..Step::default() })
    });
    each.collect()
}

fn signal(name: &str) -> Choice {
    let label = Text::new(format!("发出信号“{name}”"), format!("the signal {name} is sent"));
    plain(label, Step { signal: Some(name.to_owned()), ..Step::default() })
}

/// A choice that asks nothing and is nobody's.
fn plain(label: Text, step: Step) -> Choice {
    Choice { label, fields: Vec::new(), step, who: Who::Nobody }
}

fn en(text: &Text) -> &str {
    text.get(Language::En)
}
