//! Operations besides a task's actions: what offices do with a task or a whole case, and who may.

/// An operation, on a task or on a whole case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// 转办: to another holder of the task's post.
    Transfer,
    /// 催办.
    Urge,
    /// 抄送.
    CopyTo,
    /// 延期 of a clock.
    ExtendClock,
    /// 退回 to a step that was passed.
    Return,
    /// 撤回: who completed a step takes it back, while nobody has acted on what followed.
    TakeBack,
    /// 委派: somebody else does the work and gives it back.
    Delegate,
    /// 加签.
    AddSigner,
    /// 减签.
    RemoveSigner,
    /// 挂起: people stop working on the case.
    Suspend,
    /// 恢复.
    Resume,
    /// 终止: the case ends at once.
    Terminate,
    /// 重新打开 of a case that has ended.
    Reopen,
    /// 跳转 to any step.
    Jump,
    /// 重启: the case begins anew.
    Restart,
}

impl Operation {
    /// Every operation, those on a task first.
    pub const ALL: [Self; 15] = [
        Self::Transfer,
        Self::Urge,
        Self::CopyTo,
        Self::ExtendClock,
        Self::Return,
        Self::TakeBack,
        Self::Delegate,
        Self::AddSigner,
        Self::RemoveSigner,
        Self::Suspend,
        Self::Resume,
        Self::Terminate,
        Self::Reopen,
        Self::Jump,
        Self::Restart,
    ];
    /// Those on a whole case.
    pub const OF_CASE: [Self; 6] = [Self::Suspend, Self::Resume, Self::Terminate, Self::Reopen, Self::Jump, Self::Restart];

    /// The dialect's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Urge => "urge",
            Self::CopyTo => "copyTo",
            Self::ExtendClock => "extendClock",
            Self::Return => "return",
            Self::TakeBack => "takeBack",
            Self::Delegate => "delegate",
            Self::AddSigner => "addSigner",
            Self::RemoveSigner => "removeSigner",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Terminate => "terminate",
            Self::Reopen => "reopen",
            Self::Jump => "jump",
            Self::Restart => "restart",
        }
    }

    /// The operation that a word of the dialect names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.word() == word)
    }
}

/// `return: {to, resume}` of a user task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnPolicy {
    /// Which steps.
    pub to: ReturnTo,
    /// How the case goes on from there; None: the clerk chooses.
    pub resume: Option<ResumeWay>,
}

/// Which passed steps a task may be returned to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReturnTo {
    /// The one before (without `return:`).
    #[default]
    Previous,
    /// `any`: every step that was passed on the way here.
    Any,
    /// These, if they were passed on the way here.
    Steps(Vec<String>),
}

/// How a case goes on once a step that it was returned to is done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResumeWay {
    /// 重新走: as the process says from there; what came after it is undone.
    #[default]
    Through,
    /// 改后直送我: straight back to the task that returned it, which is held meanwhile; nothing else changes.
    Here,
}

impl ResumeWay {
    /// The dialect's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Through => "through",
            Self::Here => "here",
        }
    }
}

/// `operations:` of a process: who may do what with a whole case. None may without it.
#[derive(Debug, Default)]
pub struct CasePolicy {
    /// Lanes whose people may.
    pub lanes: Vec<String>,
    /// Which operations; [`Operation::OF_CASE`] if `allow` is absent.
    pub allow: Vec<Operation>,
    /// Clocks that stand still while a case is suspended, because the law says so. All others go on.
    pub pauses: Vec<String>,
}
