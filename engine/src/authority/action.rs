//! What may be done, and to what: closed lists, so that nothing is allowed that was not thought of.

use crate::{
    definition::Definition,
    interpreter::{Case, LocalNo},
    text::Text,
};

/// Everything that pages and API can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look at a case, and at what of it one's sight shows.
    SeeCase,
    /// Look at its journal.
    SeeJournal,
    /// Look at an open task, with what its step shows.
    SeeTask,
    /// Look at a document that the case made.
    SeeDocument,
    /// Open an attachment.
    OpenFile,
    /// See masked data of a step whole, for a stated purpose.
    Reveal,
    /// Complete a task by one of its actions, or preview that.
    Act,
    /// Keep or read a draft of a task.
    Draft,
    /// Use an operation: what exactly is allowed, the engine says with [`crate::interpreter::allowed`].
    Operate,
    /// Send what was asked for, as the applicant.
    Supplement,
    /// Withdraw, as the applicant.
    Withdraw,
    /// Try again what failed.
    Repair,
    /// Begin a case of a process.
    Start,
    /// One's own: lists, sessions, password, drafts of starts.
    Own,
    /// Work off messages that no process accepted.
    Intake,
    /// Look after deliveries.
    Outbox,
    /// Mend what failed, in every unit.
    Incidents,
    /// Move cases between versions.
    Versions,
    /// Keep units, people and accounts.
    People,
    /// Give and take roles.
    Grants,
    /// Read and verify the audit.
    Audit,
    /// Ask who may see and do what, and why.
    Explain,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 22] = [
        Self::SeeCase,
        Self::SeeJournal,
        Self::SeeTask,
        Self::SeeDocument,
        Self::OpenFile,
        Self::Reveal,
        Self::Act,
        Self::Draft,
        Self::Operate,
        Self::Supplement,
        Self::Withdraw,
        Self::Repair,
        Self::Start,
        Self::Own,
        Self::Intake,
        Self::Outbox,
        Self::Incidents,
        Self::Versions,
        Self::People,
        Self::Grants,
        Self::Audit,
        Self::Explain,
    ];

    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::SeeCase => "see-case",
            Self::SeeJournal => "see-journal",
            Self::SeeTask => "see-task",
            Self::SeeDocument => "see-document",
            Self::OpenFile => "open-file",
            Self::Reveal => "reveal",
            Self::Act => "act",
            Self::Draft => "draft",
            Self::Operate => "operate",
            Self::Supplement => "supplement",
            Self::Withdraw => "withdraw",
            Self::Repair => "repair",
            Self::Start => "start",
            Self::Own => "own",
            Self::Intake => "intake",
            Self::Outbox => "outbox",
            Self::Incidents => "incidents",
            Self::Versions => "versions",
            Self::People => "people",
            Self::Grants => "grants",
            Self::Audit => "audit",
            Self::Explain => "explain",
        }
    }

    /// The action of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// What it is, shown.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::SeeCase => ("查看办件", "see the case"),
            Self::SeeJournal => ("查看办理记录", "see the journal"),
            Self::SeeTask => ("查看待办任务", "see a task"),
            Self::SeeDocument => ("查看文书", "see a document"),
            Self::OpenFile => ("打开材料", "open an attachment"),
            Self::Reveal => ("显示隐去的信息", "see masked data whole"),
            Self::Act => ("办理任务", "complete a task"),
            Self::Draft => ("保存草稿", "keep a draft"),
            Self::Operate => ("使用操作", "use an operation"),
            Self::Supplement => ("补正", "supplement"),
            Self::Withdraw => ("撤回申请", "withdraw"),
            Self::Repair => ("重试故障", "repair"),
            Self::Start => ("发起办件", "start a case"),
            Self::Own => ("使用自己的账号", "use one's own account"),
            Self::Intake => ("处理待认领消息", "work off the intake list"),
            Self::Outbox => ("处理投递", "look after deliveries"),
            Self::Incidents => ("处理故障", "mend incidents"),
            Self::Versions => ("管理流程版本", "move cases between versions"),
            Self::People => ("管理机构和人员", "keep units and people"),
            Self::Grants => ("授予角色", "give and take roles"),
            Self::Audit => ("查阅审计", "read the audit"),
            Self::Explain => ("查询谁能看、谁能办", "ask who may do what"),
        };
        Text::new(zh, en)
    }

    /// The duty that it takes; None: it depends on a case, a process, or nothing.
    pub fn duty(self) -> Option<&'static str> {
        let duties = [Self::Intake, Self::Outbox, Self::Incidents, Self::Versions, Self::People, Self::Grants, Self::Audit];
        duties.contains(&self).then(|| self.word())
    }
}

/// A case with the version that it runs on.
#[derive(Clone, Copy, Debug)]
pub struct Dossier<'a> {
    /// Its state.
    pub case: &'a Case,
    /// Its definition.
    pub definition: &'a Definition,
}

/// What an action is about.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// The office, or one's own account.
    Office,
    /// A process that may be started.
    Process(&'a Definition),
    /// A case.
    Case(Dossier<'a>),
    /// An open task of a case.
    Task(Dossier<'a>, LocalNo),
    /// A document of a case.
    Document {
        /// Its case.
        of: Dossier<'a>,
        /// Its number.
        no: LocalNo,
        /// Whether it was sent to the applicant, as the journal says.
        sent: bool,
    },
    /// An attachment of a case, by its file id.
    File(Dossier<'a>, &'a str),
}

impl<'a> Resource<'a> {
    /// The case that it belongs to.
    pub fn dossier(&self) -> Option<Dossier<'a>> {
        match *self {
            Self::Office | Self::Process(_) => None,
            Self::Case(of) | Self::Task(of, _) | Self::Document { of, .. } | Self::File(of, _) => Some(of),
        }
    }

    /// The task that it is.
    pub fn task(&self) -> Option<LocalNo> {
        match *self {
            Self::Task(_, no) => Some(no),
            _ => None,
        }
    }
}
