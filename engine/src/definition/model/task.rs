//! Tasks: what people do, what the machine does, what is sent.

use std::sync::OnceLock;

use indexmap::IndexMap;

use super::{FlowIx, Name, Operation, Pattern, PortalStatus, PriorityOf, ReturnPolicy};
use crate::{calendar::Duration, form::Form, rules::Expression, source::Place, text::Text};

/// Which of BPMN's words a task for a person goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskWord {
    /// `userTask`: done here.
    #[default]
    User,
    /// `manualTask`: done outside and ticked off here.
    Manual,
    /// `task`: not said how.
    Plain,
}

impl TaskWord {
    /// The dialect's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "userTask",
            Self::Manual => "manualTask",
            Self::Plain => "task",
        }
    }
}

/// A task for a person.
#[derive(Debug)]
pub struct UserTask {
    /// User, manual or plain task.
    pub word: TaskWord,
    /// Lane id.
    pub lane: Option<String>,
    /// `assign: {role, unit}` instead of a lane.
    pub assign: Option<Assign>,
    /// Form and field rights.
    pub form: Option<TaskForm>,
    /// Limit of the step.
    pub due: Option<Duration>,
    /// How pressing it is; None: [`super::Priority::Normal`].
    pub priority: Option<PriorityOf>,
    /// The clerk's buttons in written order.
    pub actions: IndexMap<String, Action>,
    /// What the law calls the step, if it asks something of it.
    pub procedure: Option<Procedure>,
    /// Node ids whose completers may not complete this one (four eyes).
    pub separate_from: Vec<String>,
    /// Operations that are allowed on it.
    pub operations: Vec<Operation>,
    /// Where it may be returned to, if `return` is allowed.
    pub returns: ReturnPolicy,
}

/// What the law asks more of than of other steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// 听证: chaired by somebody who did not examine the case (行政许可法 第四十八条).
    Hearing,
    /// 实地核查: by two officials at least (行政许可法 第三十四条).
    Inspection,
}

impl Procedure {
    /// The dialect's words.
    pub const WORDS: [&str; 2] = ["hearing", "inspection"];

    /// The one that a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "hearing" => Some(Self::Hearing),
            "inspection" => Some(Self::Inspection),
            _ => None,
        }
    }
}

/// `assign:` of a task: a role at a unit.
#[derive(Debug)]
pub struct Assign {
    /// Role id.
    pub role: String,
    /// Unit expression; None: the case's unit.
    pub unit: Option<Expression>,
}

/// A task's form: what it shows, what may be edited, what must be given whatever the action.
#[derive(Debug)]
pub struct TaskForm {
    /// Form id.
    pub form: String,
    /// Data names shown; None: all.
    pub show: Option<Vec<String>>,
    /// Data names that may be written by this step.
    pub edit: Vec<String>,
    /// Data names that every action requires.
    pub require: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// The form put together, see [`crate::definition::Definition::task_form`].
    pub(in crate::definition) whole: OnceLock<Option<Form>>,
}

/// One button of a user task.
#[derive(Debug)]
pub struct Action {
    /// Its label.
    pub name: Text,
    /// Offered only if true.
    pub when: Option<Expression>,
    /// Data names that this action requires.
    pub require: Vec<String>,
    /// Ask once more before doing it.
    pub confirm: bool,
    /// The flow it takes; None: the task's flows as their conditions say.
    pub flow: Option<FlowIx>,
    /// Where it stands.
    pub place: Place,
}

/// Work done by a named operation: built in, an adapter's, or a worker's topic.
#[derive(Debug)]
pub struct ServiceTask {
    /// Operation name, such as `register.write`; None only in experiments: then somebody completes it.
    pub operation: Option<String>,
    /// What it is given.
    pub with: IndexMap<String, Expression>,
    /// Further literal settings (such as `register: large-events`).
    pub settings: IndexMap<String, serde_json::Value>,
    /// Attempts at most before an incident.
    pub retry: u32,
}

/// A rhai script that assigns declared data.
#[derive(Debug)]
pub struct ScriptTask {
    /// The script; it sees data by bare name and assigns with `name = …`.
    pub script: Expression,
    /// Declared names it assigns.
    pub assigns: Vec<String>,
}

/// A decision table, looked up within the same commit.
#[derive(Debug)]
pub struct BusinessRuleTask {
    /// Decision id, `decisions/ID.yaml`; None only in experiments: then somebody completes it.
    pub decision: Option<String>,
    /// The data name that gets the result.
    pub output: Option<String>,
}

/// Calls another process as a case of its own.
#[derive(Debug)]
pub struct CallActivity {
    /// Process id.
    pub process: String,
    /// Data that the called case begins with.
    pub with: IndexMap<String, Expression>,
    /// All data of this case go along.
    pub with_all: bool,
    /// All data of the called case come back.
    pub set_all: bool,
}

/// What a send task sends, any of them together.
#[derive(Debug, Default)]
pub struct SendTask {
    /// Portal status code.
    pub portal: Option<PortalStatus>,
    /// A notice to people.
    pub notify: Option<Notify>,
    /// A document to make.
    pub document: Option<DocumentOrder>,
    /// A message to others, by name.
    pub message: Option<Name>,
    /// `with:` data of the message, and details of the portal status (what is missing, reasons).
    pub with: IndexMap<String, Expression>,
}

impl SendTask {
    /// Whether it says nothing of what is sent: only in experiments.
    pub fn is_empty(&self) -> bool {
        self.portal.is_none() && self.notify.is_none() && self.document.is_none() && self.message.is_none()
    }
}

/// A notice to people.
#[derive(Debug)]
pub struct Notify {
    /// Template name, `templates/NAME.hbs`.
    pub template: String,
    /// Whom.
    pub to: NotifyTo,
}

/// Whom a notice goes to.
#[derive(Debug)]
pub enum NotifyTo {
    /// `lane.ID`: the lane's people.
    Lane(String),
    /// `task.ID`: whoever has that open task now, else those who may take it.
    Task(String),
    /// `applicant`.
    Applicant,
    /// An expression that gives a unit id or a mail address.
    Expression(Expression),
}

/// A document to make from a template.
#[derive(Debug)]
pub struct DocumentOrder {
    /// Template name, `templates/NAME.hbs`.
    pub template: String,
    /// Number series it takes a number from: `number: NAME`, or `number: {series: NAME, pattern: "…"}`.
    pub number: Option<String>,
    /// The number's pattern (`{year}`, `{seq}` and data); None: the process's own `number` pattern.
    pub number_pattern: Option<Pattern>,
    /// Name under which the document is kept in the case.
    pub save: Option<String>,
    /// Where it stands.
    pub place: Place,
}
