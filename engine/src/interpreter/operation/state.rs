//! What operations leave on a case: the trail of passes, signers, delegations, copies, a suspension.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::LocalNo;
use crate::time::Moment;

/// What was passed in one open scope: node id → its last pass.
pub type Trail = BTreeMap<String, Pass>;

/// The last time that a node was passed in a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Counts passes over the whole case, from 1; 0: not passed any more, or before this was counted.
    #[serde(default)]
    pub order: u32,
    /// Person who completed it, for a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// 委派: the work is with somebody else, who gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Person who delegated it and gets it back.
    pub from: String,
}

/// When an added signer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignerWay {
    /// 前加签: before the task is worked on.
    Before,
    /// 后加签: after an action was chosen; the case goes on when all have agreed.
    After,
    /// 并行加签: at the same time; the case goes on when an action was chosen and all have agreed.
    Beside,
}

impl SignerWay {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Before, Self::Beside, Self::After];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Beside => "beside",
            Self::After => "after",
        }
    }
}

/// Somebody who was added to a task to sign it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Person id.
    pub person: String,
    /// When.
    pub way: SignerWay,
    /// Person who added the signer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was signed; None: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signature>,
}

/// A signer's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Agrees, or objects.
    pub agrees: bool,
    /// In words.
    pub opinion: String,
    /// When.
    pub at: Moment,
}

/// An action that was chosen, but waits for signers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Action id.
    pub action: String,
    /// Person who chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// For whom, if she stood in for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_for: Option<String>,
}

/// A copy for somebody to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCopy {
    /// Node whose task it was sent from.
    pub node: String,
    /// Person it is for.
    pub person: String,
    /// Person who sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When it was sent.
    pub at: Moment,
    /// When it was read; None: 待阅.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Moment>,
}

/// A case that people do not work on for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub since: Moment,
    /// Person who suspended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    pub reason: String,
}

/// What a task has besides, once an operation touched it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskExtra {
    /// This is a signer's task, for the task of this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs: Option<LocalNo>,
    /// Who was added to sign, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// Delegated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated: Option<Delegation>,
    /// Completed as far as its own people go; signers are waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// How many of the signers belong to a choice that was lifted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lifted: usize,
    /// For whom its assignee claimed it, if she stood in for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_for: Option<String>,
    /// 已阅: persons who have read it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub read_by: BTreeSet<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl TaskExtra {
    /// Whether no operation touched the task.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
