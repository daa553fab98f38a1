//! Operations as they are asked for, by a page or by a call: words to commands.

use serde::Deserialize;
use tongban_engine::{
    definition::ResumeWay,
    interpreter::{Ask, LocalNo, SignerWay},
    text::Text,
};
use utoipa::ToSchema;

use crate::error::Problem;

/// An operation that is asked for. Which members count depends on it; what is allowed, with its targets, is listed beforehand.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationAsked {
    /// The dialect's word: `return`, `takeBack`, `transfer`, `delegate`, `giveBack`, `addSigner`, `removeSigner`, `sign`,
    /// `urge`, `copyTo`, `markRead`, `extendClock`, `suspend`, `resume`, `terminate`, `reopen`, `jump`, `restart`; also
    /// `claim`, `release`.
    pub operation: String,
    /// The task that it is about; for `markRead` also a copy's number.
    pub task: Option<u32>,
    /// The token that jumps.
    pub token: Option<u32>,
    /// A step's node id, a clock's id, or the person of a signer to be removed.
    pub target: Option<String>,
    /// Person ids.
    pub to: Vec<String>,
    /// `here` or `through`, for `return`.
    pub resume: Option<String>,
    /// `before`, `beside` or `after`, for `addSigner`.
    pub way: Option<String>,
    /// For `sign`: false to object.
    pub agrees: Option<bool>,
    /// Why; what to say.
    pub reason: String,
}

impl OperationAsked {
    /// The command.
    ///
    /// # Errors
    /// 400 if there is no such operation, or a member is missing.
    pub fn ask(self) -> Result<Ask, Problem> {
        let (task, target) = (self.task, self.target.clone());
        let task = || task.ok_or_else(|| lacks("task"));
        let step = || target.clone().ok_or_else(|| lacks("target"));
        let person = || self.to.first().cloned().ok_or_else(|| lacks("to"));
        let reason = self.reason.clone();
        Ok(match self.operation.as_str() {
            "claim" => Ask::Claim { task: task()? },
            "release" => Ask::Release { task: task()? },
            "transfer" => Ask::Transfer { task: task()?, to: person()?, reason },
            "urge" => Ask::Urge { task: task()?, note: reason },
            "return" => Ask::Return { task: task()?, to: target, resume: self.resume()?, reason },
            "takeBack" => Ask::TakeBack { step: step()?, reason },
            "delegate" => Ask::Delegate { task: task()?, to: person()?, reason },
            "giveBack" => Ask::GiveBack { task: task()?, note: reason },
            "addSigner" => Ask::AddSigner { task: task()?, way: self.way()?, to: self.to, reason },
            "removeSigner" => Ask::RemoveSigner { task: task()?, person: step()?, reason },
            "sign" => Ask::Sign { task: task()?, agrees: self.agrees.unwrap_or(true), opinion: reason },
            "copyTo" => Ask::CopyTo { task: task()?, to: self.to, note: reason },
            "markRead" => Ask::MarkRead { no: task()? },
            "extendClock" => Ask::ExtendClock { clock: step()?, reason },
            "suspend" => Ask::Suspend { reason },
            "resume" => Ask::Resume { reason },
            "terminate" => Ask::Terminate { reason },
            "reopen" => Ask::Reopen { to: target, reason },
            "jump" => Ask::Jump { token: self.token.ok_or_else(|| lacks("token"))?, to: step()?, reason },
            "restart" => Ask::Restart { reason },
            other => {
                let text = Text::new(format!("没有操作“{other}”"), format!("there is no operation `{other}`"));
                return Err(Problem::bad_request(text));
            }
        })
    }

    /// The number of the task, for the way back to its page.
    pub fn task(&self) -> Option<LocalNo> {
        self.task
    }

    fn resume(&self) -> Result<Option<ResumeWay>, Problem> {
        match self.resume.as_deref() {
            None | Some("") => Ok(None),
            Some("here") => Ok(Some(ResumeWay::Here)),
            Some("through") => Ok(Some(ResumeWay::Through)),
            Some(_) => Err(lacks("resume")),
        }
    }

    fn way(&self) -> Result<SignerWay, Problem> {
        match self.way.as_deref() {
            Some("before") => Ok(SignerWay::Before),
            Some("beside") => Ok(SignerWay::Beside),
            Some("after") => Ok(SignerWay::After),
            _ => Err(lacks("way")),
        }
    }
}

fn lacks(member: &str) -> Problem {
    Problem::bad_request(Text::new(format!("缺少 {member}，或其值不对"), format!("`{member}` is missing or wrong")))
}
