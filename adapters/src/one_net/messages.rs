//! What the messages mean to us, whatever a platform calls it: the values that a mapping reads and writes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An attachment that was uploaded before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialSent {
    /// Material id of the form.
    pub material: String,
    /// File name, data only.
    pub name: String,
    /// The message id of its upload.
    pub upload: String,
}

/// Who applies, as the platform knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantSent {
    /// Name.
    pub name: String,
    /// `person`, `enterprise`, `institution`, `organisation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The platform's own identifier. Opaque, no identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Mail address for notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// A new application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// The same for every attempt.
    pub message_id: String,
    /// The application's number at the platform.
    pub application_no: String,
    /// `ITEM@UNIT`.
    pub task: String,
    /// When the citizen submitted it, UTC milliseconds.
    pub received_at: i64,
    /// Who.
    pub applicant: ApplicantSent,
    /// The form's values.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Attachments.
    #[serde(default)]
    pub materials: Vec<MaterialSent>,
}

/// What was missing; or a withdrawal, with neither data nor materials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supplement {
    /// The same for every attempt.
    pub message_id: String,
    /// The application's number at the platform.
    pub application_no: String,
    /// When the citizen sent it, UTC milliseconds.
    pub received_at: i64,
    /// The form's values that change.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Attachments.
    #[serde(default)]
    pub materials: Vec<MaterialSent>,
    /// Why, in the citizen's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// 好差评: one rating a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The same for every attempt.
    pub message_id: String,
    /// The application's number at the platform.
    pub application_no: String,
    /// When, UTC milliseconds.
    pub received_at: i64,
    /// 5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意.
    pub level: String,
    /// In the citizen's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether she gives her name (a bad rating with a name is answered within a working day).
    #[serde(default)]
    pub named: bool,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done, and on disk.
    Accepted,
    /// Authentic and on disk, but the process could not take it: a clerk works it off.
    Intake,
    /// 已评价: the case has its rating.
    Rated,
    /// Not what the mapping describes.
    Malformed,
    /// Not believed: unknown key, stale, or the signature does not fit.
    Forged,
    /// The nonce was used, or the message id came with another body.
    Replayed,
    /// Nothing here by that name.
    Unknown,
    /// Longer than a message may be.
    TooLarge,
    /// Our fault: again, later.
    Failed,
}

/// The answer to a message of the platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSent {
    /// What became of it.
    pub outcome: Outcome,
    /// In words.
    pub message: String,
    /// The application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_no: Option<String>,
}

/// The answer to an uploaded file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAnswer {
    /// What became of it.
    pub outcome: Outcome,
    /// In words.
    pub message: String,
    /// Its id, to be named in the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// As detected from its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}
