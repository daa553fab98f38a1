//! User tasks: people, form, actions, operations; and what send tasks send.

use std::sync::OnceLock;

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        Action, Assign, DocumentOrder, FlowIx, NodeIx, NodeKind, Notify, NotifyTo, PortalStatus, Priority, PriorityOf, Procedure, ScopeIx,
        TaskForm, TaskWord, UserTask,
        context::{Refers, duration, entries, string, strings, text},
        names::Besides,
        policy::{operations, returns},
        remind::{Moment, moment, reminders},
        shape,
    },
    form::FieldType,
    source::{Span, Tree},
    text::Text,
};

impl Builder<'_, '_> {
    /// Builds a user task; the flows of actions that go on.
    pub(super) fn user_task(&mut self, item: &Tree, word: &str, id: &str, node: NodeIx, scope: ScopeIx) -> Vec<FlowIx> {
        let span = self.nodes[node].place.span;
        let lane = item.get("lane").and_then(|lane| self.cx.refer(Refers::Lane, lane, id));
        let assign = item.get("assign").and_then(|assign| self.assign(assign, id, scope));
        self.check_people(item, id, span);
        self.check_reminders(item, id);
        let form = item.get("form").and_then(|form| self.task_form(form, id, scope));
        let (actions, open) = self.actions(item, node, scope, form.as_ref());
        let task = UserTask {
            word: match word {
                "manualTask" => TaskWord::Manual,
                "task" => TaskWord::Plain,
                _ => TaskWord::User,
            },
            lane,
            assign,
            form,
            due: item.get("due").and_then(duration),
            priority: item.get("priority").and_then(|priority| self.priority(priority, scope)),
            actions,
            procedure: item.get("procedure").and_then(Tree::scalar).and_then(Procedure::from_word),
            separate_from: self.separate_from(item, id),
            operations: operations(self.cx, item.get("operations")),
            returns: returns(self.cx, item.get("return"), id),
        };
        self.nodes[node].kind = NodeKind::UserTask(Box::new(task));
        self.nodes[node].set = self.assignments(item, scope, Besides::Nothing);
        open
    }

    fn check_people(&mut self, item: &Tree, id: &str, span: Span) {
        match (item.get("lane").is_some(), item.get("assign").is_some()) {
            (false, false) if !self.cx.lenient => {
                self.cx.error("P003", span, Text::new(format!("没有说明谁办理“{id}”"), format!("nobody is named who does `{id}`"))).help =
                    Some(Text::new("写明 lane 或 assign", "give `lane` or `assign`"));
            }
            (true, true) => {
                self.cx.error(
                    "Y018",
                    span,
                    Text::new(format!("“{id}”只能写 lane 或 assign 之一"), format!("`{id}` has either `lane` or `assign`")),
                );
            }
            _ => {}
        }
    }

    /// One of the words, or an expression that gives one.
    fn priority(&mut self, tree: &Tree, scope: ScopeIx) -> Option<PriorityOf> {
        if let Some(fixed) = tree.scalar().and_then(Priority::from_word) {
            return Some(PriorityOf::Fixed(fixed));
        }
        let given = self.expression(tree, scope, Besides::Nothing)?;
        let names = self.names(scope, Besides::Nothing);
        let finding = names.check_assignment(self.cx.around.rules, &given, &FieldType::Text);
        self.cx.findings.extend(finding);
        Some(PriorityOf::Given(given))
    }

    /// A reminder says when it comes, and that is after the task was opened.
    fn check_reminders(&mut self, item: &Tree, id: &str) {
        let due = item.get("due").and_then(duration);
        for reminder in reminders(item).iter().filter(|reminder| reminder.map().is_some()) {
            if reminder.get("left").is_some() == reminder.get("over").is_some() {
                let message = Text::new("提醒须且只能写 left、over 之一", "a reminder has one of `left` and `over`");
                self.cx.error("Y018", reminder.span, message);
                continue;
            }
            let (zh, en) = match due {
                None => ("却没有办理期限 due", "has no `due`"),
                Some(due) if matches!(moment(due, reminder), Some(Moment::Never)) => {
                    ("而它与办理期限的单位不同，或不短于办理期限", "its reminder is in another unit than `due`, or not shorter")
                }
                Some(_) => continue,
            };
            let message = Text::new(format!("“{id}”写了提醒，{zh}"), format!("`{id}` reminds, but {en}"));
            let help = Text::new("例如 due: 5wd 与 left: 2wd", "such as `due: 5wd` with `left: 2wd`");
            self.cx.error("T007", reminder.span, message).help = Some(help);
        }
    }

    fn assign(&mut self, tree: &Tree, id: &str, scope: ScopeIx) -> Option<Assign> {
        let role = self.cx.refer(Refers::Role, tree.get("role")?, id)?;
        Some(Assign { role, unit: tree.get("unit").and_then(|unit| self.expression(unit, scope, Besides::Nothing)) })
    }

    fn task_form(&mut self, tree: &Tree, id: &str, scope: ScopeIx) -> Option<TaskForm> {
        let form = self.cx.refer(Refers::Form, tree.get("use")?, id)?;
        let show = tree.get("show").filter(|show| show.list().is_some()).map(|show| self.form_names(Some(show), &form, scope));
        let edit = self.form_names(tree.get("edit"), &form, scope);
        let require = self.form_names(tree.get("require"), &form, scope);
        Some(TaskForm { form, show, edit, require, place: self.cx.place(tree.span), whole: OnceLock::new() })
    }

    /// Data names and materials that a form may show or take.
    fn form_names(&mut self, tree: Option<&Tree>, form: &str, scope: ScopeIx) -> Vec<String> {
        let forms = self.cx.around.forms;
        let materials: Vec<&str> = forms.get(form).map(|form| form.materials.iter().map(|m| m.id.as_str()).collect()).unwrap_or_default();
        strings(tree)
            .map(|(name, item)| {
                self.data_name(&name, item.span, scope, &materials);
                name
            })
            .collect()
    }

    fn actions(&mut self, item: &Tree, node: NodeIx, scope: ScopeIx, form: Option<&TaskForm>) -> (IndexMap<String, Action>, Vec<FlowIx>) {
        let mut actions = IndexMap::new();
        let mut open = Vec::new();
        for (id, span, tree) in entries(item.get("actions")) {
            let flow = self.flow(node, span);
            self.flows[flow].action = Some(id.to_owned());
            match tree.get("to") {
                Some(to) => self.jump(&[flow], to),
                None => open.push(flow),
            }
            let action = self.action(id, span, tree, scope, Some(flow), form);
            actions.insert(id.to_owned(), action);
        }
        if actions.is_empty() {
            let spelled_out = item.get("flows").is_some();
            open = self.ways_out(item, node, self.nodes[node].place.span);
            let flow = open.first().copied().filter(|_| !spelled_out);
            if let Some(flow) = flow {
                self.flows[flow].action = Some("complete".to_owned());
            }
            let (name, place) = (Text::new("完成", "Complete"), self.nodes[node].place.clone());
            actions.insert("complete".to_owned(), Action { name, when: None, require: Vec::new(), confirm: false, flow, place });
        }
        (actions, open)
    }

    fn action(&mut self, id: &str, span: Span, tree: &Tree, scope: ScopeIx, flow: Option<FlowIx>, form: Option<&TaskForm>) -> Action {
        let require = match form {
            Some(form) => self.form_names(tree.get("require"), &form.form, scope),
            None => self.form_names(tree.get("require"), "", scope),
        };
        Action {
            name: tree.get("name").and_then(text).unwrap_or_else(|| Text::zh(id)),
            when: tree.get("when").and_then(|when| self.condition(when, scope, Besides::Nothing)),
            require,
            confirm: tree.get("confirm").and_then(Tree::boolean).unwrap_or_default(),
            flow,
            place: self.cx.place(span),
        }
    }

    fn separate_from(&mut self, item: &Tree, id: &str) -> Vec<String> {
        strings(item.get("separateFrom"))
            .map(|(name, tree)| {
                self.cx.refer_at(Refers::UserTask, &name, tree.span, id);
                name
            })
            .collect()
    }

    pub(super) fn portal(&mut self, tree: &Tree) -> Option<PortalStatus> {
        let code = string(tree)?;
        let status = PortalStatus::from_code(&code);
        if status.is_none() {
            let help = shape::suggestion(&code, &PortalStatus::ALL.map(PortalStatus::code));
            self.cx
                .error("Y017", tree.span, Text::new(format!("没有办理状态“{code}”"), format!("there is no portal status `{code}`")))
                .help = Some(help);
        }
        status
    }

    pub(super) fn notify(&mut self, tree: &Tree, id: &str, scope: ScopeIx) -> Option<Notify> {
        let template = self.cx.refer(Refers::Template, tree.get("template")?, id)?;
        let to = tree.get("to")?;
        let written = string(to)?;
        let to = if let Some(lane) = written.strip_prefix("lane.") {
            self.cx.refer_at(Refers::Lane, lane, to.span, id);
            NotifyTo::Lane(lane.to_owned())
        } else if let Some(task) = written.strip_prefix("task.") {
            self.cx.refer_at(Refers::UserTask, task, to.span, id);
            NotifyTo::Task(task.to_owned())
        } else if written == "applicant" {
            NotifyTo::Applicant
        } else {
            NotifyTo::Expression(self.expression(to, scope, Besides::Nothing)?)
        };
        Some(Notify { template, to })
    }

    pub(super) fn document(&mut self, tree: &Tree, id: &str, scope: ScopeIx) -> Option<DocumentOrder> {
        let template = self.cx.refer(Refers::Template, tree.get("template")?, id)?;
        if let Some(save) = tree.get("save")
            && let Some(name) = string(save)
            && crate::rules::is_reserved(&name)
        {
            self.cx.error("D001", save.span, Text::new(format!("“{name}”是保留字"), format!("`{name}` is reserved in rhai")));
        }
        let number = tree.get("number");
        Some(DocumentOrder {
            template,
            number: number.and_then(|number| string(number).or_else(|| string(number.get("series")?))),
            number_pattern: number.and_then(|number| self.pattern(number.get("pattern")?, scope, Besides::Series)),
            save: tree.get("save").and_then(string),
            place: self.cx.place(tree.span),
        })
    }
}
