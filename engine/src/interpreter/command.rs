//! What may be asked of a case, by whom, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Applicant, Caller, CaseId, LocalNo, MaterialGiven, Rejection, SignerWay};
use crate::{
    definition::{Mapping, ResumeWay},
    organisation::Organisation,
    text::{Language, Text},
    time::Moment,
};

/// A command: who asks what of which case, when, under which idempotency key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The case. For [`Ask::Start`] the identifier that the new case shall have.
    pub case: CaseId,
    /// Idempotency key: the same key twice has the effect of once and gets the same answer.
    pub key: String,
    /// Who asks.
    pub actor: Actor,
    /// When, by the shell's clock.
    pub at: Moment,
    /// What is asked.
    pub ask: Ask,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person with an account; what she may do follows from her posts in [`Context::organisation`].
    Person(String),
    /// A platform on behalf of its applicant (verified signature).
    Platform(String),
    /// The system itself: timers, deliveries, repairs.
    System,
}

impl Actor {
    /// The person's id, if it is a person.
    pub fn person(&self) -> Option<&str> {
        match self {
            Self::Person(id) => Some(id),
            _ => None,
        }
    }
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask")]
pub enum Ask {
    /// Begin a case.
    Start(Box<Start>),
    /// Complete a task by one of its actions.
    Complete {
        /// The task.
        task: LocalNo,
        /// Action id.
        action: String,
        /// What the step's form gave.
        data: Map<String, Value>,
    },
    /// Take a task for oneself.
    Claim {
        /// The task.
        task: LocalNo,
    },
    /// Give a claimed task back to its post.
    Release {
        /// The task.
        task: LocalNo,
    },
    /// 转办: give a task to another holder of its post.
    Transfer {
        /// The task.
        task: LocalNo,
        /// Person id.
        to: String,
        /// Why.
        reason: String,
    },
    /// 移交: what somebody who leaves has to do with a task goes to another one, on somebody's order.
    HandOver {
        /// The task.
        task: LocalNo,
        /// Person id of who leaves.
        from: String,
        /// Person id of who receives it.
        to: String,
        /// Person id of who ordered it.
        by: String,
        /// Why.
        reason: String,
    },
    /// 催办.
    Urge {
        /// The task.
        task: LocalNo,
        /// What to say.
        note: String,
    },
    /// 退回.
    Return {
        /// The task.
        task: LocalNo,
        /// A step that was passed; None: the previous one.
        #[serde(default)]
        to: Option<String>,
        /// How the case goes on then; None: as the process says, else through.
        #[serde(default)]
        resume: Option<ResumeWay>,
        /// Why.
        reason: String,
    },
    /// 撤回: take back a step that one has completed.
    TakeBack {
        /// The step's node id.
        step: String,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// 委派.
    Delegate {
        /// The task.
        task: LocalNo,
        /// Person id.
        to: String,
        /// Why.
        reason: String,
    },
    /// Give a delegated task back, or call it back.
    GiveBack {
        /// The task.
        task: LocalNo,
        /// What was found.
        #[serde(default)]
        note: String,
    },
    /// 加签.
    AddSigner {
        /// The task.
        task: LocalNo,
        /// Person ids.
        to: Vec<String>,
        /// When they sign.
        way: SignerWay,
        /// Why.
        reason: String,
    },
    /// 减签.
    RemoveSigner {
        /// The task that is signed.
        task: LocalNo,
        /// Person id.
        person: String,
        /// Why.
        reason: String,
    },
    /// A signer signs.
    Sign {
        /// The signer's own task.
        task: LocalNo,
        /// Agrees, or objects.
        agrees: bool,
        /// In words; needed to object.
        #[serde(default)]
        opinion: String,
    },
    /// 抄送.
    CopyTo {
        /// The task it is sent from.
        task: LocalNo,
        /// Person ids.
        to: Vec<String>,
        /// What to say.
        #[serde(default)]
        note: String,
    },
    /// 已阅: a copy that is for oneself, or a task that one may do.
    MarkRead {
        /// The copy's or the task's number.
        no: LocalNo,
    },
    /// 挂起.
    Suspend {
        /// Why.
        reason: String,
    },
    /// 恢复.
    Resume {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// 终止.
    Terminate {
        /// Why.
        reason: String,
    },
    /// 重新打开 a case that has ended.
    Reopen {
        /// A step of the process that was passed; None: the last task.
        #[serde(default)]
        to: Option<String>,
        /// Why.
        reason: String,
    },
    /// 跳转.
    Jump {
        /// The token that jumps.
        token: LocalNo,
        /// An activity.
        to: String,
        /// Why.
        reason: String,
    },
    /// 重启.
    Restart {
        /// Why.
        reason: String,
    },
    /// Extend a legal clock.
    ExtendClock {
        /// Clock id.
        clock: String,
        /// Told to the applicant.
        reason: String,
    },
    /// A message for the case.
    Deliver {
        /// Message name.
        message: String,
        /// Its data.
        data: Map<String, Value>,
        /// Its attachments.
        #[serde(default)]
        materials: Vec<MaterialGiven>,
    },
    /// A message for one wait of the case, whose key has been looked at: for experiments.
    Hand {
        /// The wait.
        wait: LocalNo,
        /// The message's data.
        data: Map<String, Value>,
    },
    /// A due timer.
    FireTimer {
        /// The timer.
        timer: LocalNo,
    },
    /// A job's answer.
    AnswerJob {
        /// The job.
        job: LocalNo,
        /// What it gave.
        output: Map<String, Value>,
    },
    /// A job that failed.
    FailJob {
        /// The job.
        job: LocalNo,
        /// Why.
        reason: String,
        /// No further attempt will help.
        give_up: bool,
    },
    /// A signal that every case hears.
    Signal {
        /// Signal name.
        signal: String,
        /// Its data.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// What became of a called case.
    AnswerCall {
        /// The call.
        call: LocalNo,
        /// What became of it.
        outcome: CallOutcome,
    },
    /// End the case, and what it called, at once.
    Cancel,
    /// A BPMN error out of an open task.
    Throw {
        /// The task.
        task: LocalNo,
        /// Error code.
        error: String,
        /// Data that is written first.
        #[serde(default)]
        data: Map<String, Value>,
    },
    /// Make happen what `node` waits for, due or not: for experiments and repairs.
    Trigger {
        /// A catching event, or an activity.
        node: String,
    },
    /// Write data of the case: for experiments and repairs.
    Set {
        /// Name → value.
        data: Map<String, Value>,
    },
    /// Go on under another version of the process; carried out by [`super::migrated`], which knows both.
    Migrate {
        /// Content hash of that version.
        to: String,
        /// What answers to what, and what is decided for this case.
        #[serde(default)]
        mapping: Mapping,
    },
    /// Try again what an incident stopped.
    Retry {
        /// The incident.
        incident: LocalNo,
    },
}

/// What became of a called case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It ended; its data.
    Completed {
        /// Name → value.
        data: Map<String, Value>,
    },
    /// It ended by an error that nothing in it caught.
    Error {
        /// Error code.
        code: String,
    },
    /// It could not be begun.
    Failed {
        /// Why.
        message: Text,
    },
    /// It goes on, but an escalation left it.
    Escalation {
        /// Escalation code.
        code: String,
    },
}

impl CallOutcome {
    /// The called process did not take the start: an incident of the case that calls, to be tried again once it is mended.
    pub fn refused(process: &str, rejection: &Rejection) -> Self {
        let fields = |language: Language| -> String {
            rejection.fields.iter().map(|field| format!("; {} {}", field.path, field.message.get(language))).collect()
        };
        let (zh, en) = (&rejection.message.zh, rejection.message.get(Language::En));
        Self::Failed {
            message: Text::new(
                format!("流程“{process}”没有接受调用：{zh}{}", fields(Language::Zh)),
                format!("the process `{process}` did not take the call: {en}{}", fields(Language::En)),
            ),
        }
    }
}

/// How a case begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Process id.
    pub process: String,
    /// The message that starts it; None: by form or by hand.
    pub message: Option<String>,
    /// The start event, or another node that nothing leads to, where it begins; None: as `message` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The case that calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// The unit that handles it.
    pub unit: String,
    /// Who applies.
    pub applicant: Applicant,
    /// The application's number at its source; None: the case's identifier.
    pub application_no: Option<String>,
    /// Where it came from: a platform's id, `portal` or `office`.
    pub source: String,
    /// When it was received at the source.
    pub received_at: Moment,
    /// The application's data.
    pub data: Map<String, Value>,
    /// Its attachments.
    #[serde(default)]
    pub materials: Vec<MaterialGiven>,
}

/// What `decide` may know besides the definition, the case and the command; loaded by the shell beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Units, people, posts.
    pub organisation: &'a Organisation,
    /// Last value of each number series, by key (`SERIES/YEAR`); an absent key counts as 0.
    pub series: &'a BTreeMap<String, u64>,
    /// Which flows gateways take whatever their conditions say: gateway → flows. Experiments only.
    pub choices: Option<&'a BTreeMap<String, Vec<String>>>,
}
