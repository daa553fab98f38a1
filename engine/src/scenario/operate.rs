//! Operations as stories tell them, and what was said of each beforehand.

use serde::{Deserialize, Serialize};

use crate::{
    definition::ResumeWay,
    interpreter::{AllowedOperation, Ask, Case, LocalNo, SignerWay},
};

/// An operation: exactly one of the keys that say which.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Operate {
    /// Extend this clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_clock: Option<String>,
    /// Claim the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// Release it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Transfer the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<String>,
    /// Urge the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urge: Option<String>,
    /// Return the open task at this node; `to` a step, else the previous one.
    #[serde(rename = "return", default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    /// Take back this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_back: Option<String>,
    /// Delegate the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<String>,
    /// Give it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_back: Option<String>,
    /// Add signers to the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_signer: Option<String>,
    /// Remove one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_signer: Option<String>,
    /// Sign the task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
    /// Send copies from the open task at this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_to: Option<String>,
    /// The copy from this node, or the task at it, was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark_read: Option<String>,
    /// Let the token at this node jump to `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<String>,
    /// `suspend`, `resume`, `terminate`, `restart`, or `reopen` with `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// To whom, or to which step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<To>,
    /// How the case goes on after a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<ResumeWay>,
    /// When added signers sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<SignerWay>,
    /// The signer objects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub objects: bool,
    /// Person id.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What was said beforehand: exactly these tasks, by node, are taken away, each once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancels: Option<Vec<String>>,
}

/// One, or several.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum To {
    /// A person or a step.
    One(String),
    /// People.
    Several(Vec<String>),
}

impl Operate {
    fn one(&self) -> Option<String> {
        match &self.to {
            Some(To::One(one)) => Some(one.clone()),
            Some(To::Several(several)) => several.first().cloned(),
            None => None,
        }
    }

    fn several(&self) -> Vec<String> {
        match &self.to {
            Some(To::One(one)) => vec![one.clone()],
            Some(To::Several(several)) => several.clone(),
            None => Vec::new(),
        }
    }

    /// The node whose open task it is about.
    pub(super) fn at(&self) -> Option<&String> {
        let keys = [&self.claim, &self.release, &self.transfer, &self.urge, &self.returns, &self.delegate, &self.give_back];
        let more = [&self.add_signer, &self.remove_signer, &self.sign, &self.copy_to, &self.mark_read];
        keys.into_iter().chain(more).flatten().next()
    }

    /// The command; `task` is the open task at the node.
    pub(super) fn ask(&self, case: &Case, task: LocalNo) -> Result<Ask, String> {
        let reason = self.reason.clone();
        let person = || self.one().ok_or("needs `to`");
        Ok(match self {
            Self { extend_clock: Some(clock), .. } => Ask::ExtendClock { clock: clock.clone(), reason },
            Self { claim: Some(_), .. } => Ask::Claim { task },
            Self { release: Some(_), .. } => Ask::Release { task },
            Self { transfer: Some(_), .. } => Ask::Transfer { task, to: person()?, reason },
            Self { urge: Some(_), .. } => Ask::Urge { task, note: reason },
            Self { returns: Some(_), .. } => Ask::Return { task, to: self.one(), resume: self.resume, reason },
            Self { take_back: Some(step), .. } => Ask::TakeBack { step: step.clone(), reason },
            Self { delegate: Some(_), .. } => Ask::Delegate { task, to: person()?, reason },
            Self { give_back: Some(_), .. } => Ask::GiveBack { task, note: reason },
            Self { add_signer: Some(_), way, .. } => {
                Ask::AddSigner { task, to: self.several(), way: way.unwrap_or(SignerWay::Before), reason }
            }
            Self { remove_signer: Some(_), .. } => Ask::RemoveSigner { task, person: person()?, reason },
            Self { sign: Some(_), .. } => Ask::Sign { task, agrees: !self.objects, opinion: reason },
            Self { copy_to: Some(_), .. } => Ask::CopyTo { task, to: self.several(), note: reason },
            Self { mark_read: Some(node), .. } => {
                let copy = case.copies.iter().find(|(_, copy)| copy.node == *node && copy.person == self.by);
                Ask::MarkRead { no: copy.map_or(task, |(no, _)| *no) }
            }
            Self { jump: Some(node), .. } => {
                let token = case.tokens.iter().find(|(_, token)| token.node == *node).map_or(LocalNo::MAX, |(no, _)| *no);
                Ask::Jump { token, to: person()?, reason }
            }
            Self { case: Some(word), .. } => match word.as_str() {
                "suspend" => Ask::Suspend { reason },
                "resume" => Ask::Resume { reason },
                "terminate" => Ask::Terminate { reason },
                "reopen" => Ask::Reopen { to: self.one(), reason },
                "restart" => Ask::Restart { reason },
                other => return Err(format!("`case: {other}` is no operation")),
            },
            _ => return Err("`operate` says no operation".to_owned()),
        })
    }
}

/// What was said beforehand of a command, if it was one that is said of.
pub(super) fn foretold<'a>(told: &'a [AllowedOperation], ask: &Ask) -> Option<&'a AllowedOperation> {
    let find = |operation: &str, task: Option<LocalNo>, target: Option<&str>| {
        told.iter().find(|told| told.operation == operation && told.task == task && (target.is_none() || told.target.as_deref() == target))
    };
    match ask {
        Ask::Claim { task } => find("claim", Some(*task), None),
        Ask::Release { task } => find("release", Some(*task), None),
        Ask::Urge { task, .. } => find("urge", Some(*task), None),
        Ask::GiveBack { task, .. } => find("giveBack", Some(*task), None),
        Ask::Sign { task, .. } => find("sign", Some(*task), None),
        Ask::Return { task, to, resume, .. } => {
            let fits = |told: &&AllowedOperation| {
                let way = resume.is_none_or(|resume| told.resume == Some(resume));
                told.operation == "return" && told.task == Some(*task) && (to.is_none() || told.target == *to) && way
            };
            // What is left open goes to the first that is allowed.
            told.iter().filter(fits).min_by_key(|told| told.refused.is_some())
        }
        Ask::TakeBack { step, .. } => find("takeBack", None, Some(step)),
        Ask::RemoveSigner { task, person, .. } => find("removeSigner", Some(*task), Some(person)),
        Ask::Suspend { .. } => find("suspend", None, None),
        Ask::Resume { .. } => find("resume", None, None),
        Ask::Terminate { .. } => find("terminate", None, None),
        Ask::Restart { .. } => find("restart", None, None),
        Ask::Reopen { to, .. } => find("reopen", None, to.as_deref()),
        Ask::Jump { token, to, .. } => told.iter().find(|told| told.token == Some(*token) && told.target.as_ref() == Some(to)),
        _ => None,
    }
}
