//! Why a case does not simply go on under another version.

use serde::{Deserialize, Serialize};

use super::{
    super::{Rejection, codes},
    Sort,
};
use crate::text::{Language, Text};

/// The new version has no such node, and the mapping names none.
pub const NODE_GONE: &str = "node-gone";
/// The node is of another kind.
pub const KIND_CHANGED: &str = "kind-changed";
/// The node stands in another sub-process.
pub const SCOPE_CHANGED: &str = "scope-changed";
/// The activity repeats otherwise.
pub const REPEATS_CHANGED: &str = "repeats-changed";
/// The flow by which a token came to a join is gone.
pub const FLOW_GONE: &str = "flow-gone";
/// The last token of a scope would be dropped.
pub const NOTHING_LEFT: &str = "nothing-left";
/// What completed and may have to be undone is not in the new version.
pub const UNDO_GONE: &str = "undo-gone";
/// A value does not fit the type that the new version gives it.
pub const DATA_MISFIT: &str = "data-misfit";
/// The mapping writes what cannot be written.
pub const DATA_FAILS: &str = "data-fails";
/// A clock starts where the case has been already.
pub const CLOCK_START_BEHIND: &str = "clock-start-behind";
/// A clock stops where the case has been already.
pub const CLOCK_STOP_BEHIND: &str = "clock-stop-behind";
/// Whom a task falls to cannot be said.
pub const POST_FAILS: &str = "post-fails";
/// An action was chosen that the new version does not offer.
pub const ACTION_GONE: &str = "action-gone";
/// What an event waits for cannot be said.
pub const TRIGGER_FAILS: &str = "trigger-fails";
/// Several things are waited for together, some have come, and the new version asks for others.
pub const HALF_HAPPENED: &str = "half-happened";
/// From where it stands, the case could not end.
pub const CANNOT_END: &str = "cannot-end";
/// From where it stands, the case would end twice.
pub const ENDS_TWICE: &str = "ends-twice";
/// What follows by itself is refused.
pub const REJECTED: &str = "rejected";
/// An invariant of cases would be broken.
pub const NOT_WHOLE: &str = "not-whole";
/// The version that the case is on cannot be loaded.
pub const VERSION_BROKEN: &str = "version-broken";

/// Why a case does not simply go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable kebab-case code, one of this module's.
    pub code: String,
    /// [`Sort::Undecided`] if a mapping can help, else [`Sort::Refused`].
    pub sort: Sort,
    /// The node, data name or clock that it is about, by its id in the new version or the old one if it is only there.
    pub about: Option<String>,
    /// In words, with what would help.
    pub message: Text,
}

impl Reason {
    pub(super) fn undecided(code: &str, about: &str, message: Text) -> Self {
        Self { code: code.to_owned(), sort: Sort::Undecided, about: Some(about.to_owned()), message }
    }

    /// A reason that no mapping helps against.
    pub fn refused(code: &str, about: Option<&str>, message: Text) -> Self {
        Self { code: code.to_owned(), sort: Sort::Refused, about: about.map(str::to_owned), message }
    }
}

/// What whoever asks is told.
pub(super) fn rejection(reasons: &[Reason]) -> Option<Rejection> {
    let worst = reasons.iter().map(|reason| reason.sort).max()?;
    let code = if worst == Sort::Refused { codes::MIGRATION_REFUSED } else { codes::MIGRATION_UNDECIDED };
    let all = |language| reasons.iter().map(|reason| reason.message.get(language)).collect::<Vec<_>>();
    Some(Rejection::new(code, Text::new(all(Language::Zh).join("；"), all(Language::En).join("; "))))
}
