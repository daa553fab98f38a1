//! Why a command is refused: the asker's fault or misfortune, never ours. A refused command changes nothing.

use serde::Serialize;

use crate::{form::FieldError, text::Text};

/// A refusal with a stable kebab-case code.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejection {
    /// Stable code, from [`codes`].
    pub code: String,
    /// What was asked, what stands in its way, and what would work.
    pub message: Text,
    /// Mistakes by field, if the data was at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

impl Rejection {
    /// A refusal.
    pub fn new(code: &str, message: Text) -> Self {
        Self { code: code.to_owned(), message, fields: Vec::new() }
    }

    /// A refusal because of the data.
    pub fn form(fields: Vec<FieldError>) -> Self {
        let count = fields.len();
        Self {
            code: codes::FORM_INVALID.to_owned(),
            message: Text::new(format!("表单有 {count} 处需要改正"), format!("{count} field(s) need correction")),
            fields,
        }
    }
}

/// All codes.
pub mod codes {
    /// The data does not fit the form. (422)
    pub const FORM_INVALID: &str = "form-invalid";
    /// The task is not open (done, or taken away). (409)
    pub const TASK_NOT_OPEN: &str = "task-not-open";
    /// The action does not exist, or its condition does not hold. (409)
    pub const ACTION_NOT_OFFERED: &str = "action-not-offered";
    /// The actor may not do this. (403)
    pub const NOT_PERMITTED: &str = "not-permitted";
    /// The actor did a step that this one must be separate from. (403)
    pub const FOUR_EYES: &str = "four-eyes";
    /// The actor must keep away from the case. (403)
    pub const RECUSED: &str = "recused";
    /// Somebody else has claimed the task. (409)
    pub const CLAIMED_BY_OTHER: &str = "claimed-by-other";
    /// Nothing waits for this message now, and it is not kept. (409)
    pub const MESSAGE_NOT_EXPECTED: &str = "message-not-expected";
    /// The clock may not be extended (again). (409)
    pub const CLOCK_CANNOT_EXTEND: &str = "clock-cannot-extend";
    /// The case has ended. (409)
    pub const CASE_ENDED: &str = "case-ended";
    /// The case exists already. (409)
    pub const CASE_EXISTS: &str = "case-exists";
    /// The case does not exist. (404)
    pub const CASE_UNKNOWN: &str = "case-unknown";
    /// The process does not exist, or cannot be started this way. (404)
    pub const PROCESS_UNKNOWN: &str = "process-unknown";
    /// The process takes no such start. (409)
    pub const START_NOT_OFFERED: &str = "start-not-offered";
    /// The timer, job or incident is gone. (409)
    pub const GONE: &str = "gone";
    /// The timer is not due yet. (409)
    pub const NOT_DUE: &str = "not-due";
    /// An expression failed while deciding. (422)
    pub const RULE_FAILED: &str = "rule-failed";
    /// The case would loop without rest. (422)
    pub const TOO_MANY_STEPS: &str = "too-many-steps";
    /// The operation is not allowed on this task. (409)
    pub const OPERATION_NOT_ALLOWED: &str = "operation-not-allowed";
    /// The operation needs a reason. (422)
    pub const REASON_REQUIRED: &str = "reason-required";
    /// The person is not known, or not one who can be chosen here. (422)
    pub const PERSON_NOT_SUITABLE: &str = "person-not-suitable";
    /// The step was not passed on the way to this task. (409)
    pub const RETURN_TARGET_NOT_PASSED: &str = "return-target-not-passed";
    /// The process does not allow a return to that step, or on that way. (409)
    pub const RETURN_NOT_ALLOWED: &str = "return-not-allowed";
    /// The step is done again for another one, and goes back there. (409)
    pub const ON_DETOUR: &str = "on-detour";
    /// Steps are being undone; that is finished first. (409)
    pub const COMPENSATING: &str = "compensating";
    /// Not the last to do it, or others have acted since. (409)
    pub const CANNOT_TAKE_BACK: &str = "cannot-take-back";
    /// The task waits for somebody else. (409)
    pub const TASK_HELD: &str = "task-held";
    /// The task is with a delegate. (409)
    pub const TASK_DELEGATED: &str = "task-delegated";
    /// The task is not delegated. (409)
    pub const NOT_DELEGATED: &str = "not-delegated";
    /// That person has nothing to sign there. (409)
    pub const SIGNER_UNKNOWN: &str = "signer-unknown";
    /// People do not work on the case now. (409)
    pub const CASE_SUSPENDED: &str = "case-suspended";
    /// The case is not suspended. (409)
    pub const CASE_NOT_SUSPENDED: &str = "case-not-suspended";
    /// The case has not ended. (409)
    pub const CASE_NOT_ENDED: &str = "case-not-ended";
    /// The case that called it goes on without it. (409)
    pub const CALLER_ANSWERED: &str = "caller-answered";
    /// The token cannot jump there. (409)
    pub const JUMP_TARGET_NOT_ALLOWED: &str = "jump-target-not-allowed";
    /// The case cannot go on under that version. (409)
    pub const MIGRATION_REFUSED: &str = "migration-refused";
    /// The case could go on under that version if somebody decided something first. (409)
    pub const MIGRATION_UNDECIDED: &str = "migration-undecided";
    /// There is no such version of the process, or it cannot be loaded. (404)
    pub const VERSION_UNKNOWN: &str = "version-unknown";
    /// The key of the case's sensitive data was destroyed. (409)
    pub const DATA_DESTROYED: &str = "data-destroyed";
    /// The same idempotency key came with another body. (422)
    pub const KEY_REUSED: &str = "key-reused";
}
