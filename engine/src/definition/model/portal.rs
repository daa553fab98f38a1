//! What an applicant is told of where a case stands.

use crate::text::Text;

/// A portal status: one list for all platforms; what each calls it stands in its mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalStatus {
    /// 已收件.
    Received,
    /// 已受理.
    Accepted,
    /// 补正.
    Correction,
    /// 不予受理 (final).
    NotAccepted,
    /// 转报.
    Forwarded,
    /// 准予 (final).
    Granted,
    /// 不予许可 (final).
    Refused,
    /// 已备案 (final).
    Recorded,
    /// 不予备案 (final).
    NotRecorded,
    /// 已撤回 (final).
    Withdrawn,
    /// 逾期未补正，已终止 (final).
    Lapsed,
}

impl PortalStatus {
    /// Every status, in order.
    pub const ALL: [Self; 11] = [
        Self::Received,
        Self::Accepted,
        Self::Correction,
        Self::NotAccepted,
        Self::Forwarded,
        Self::Granted,
        Self::Refused,
        Self::Recorded,
        Self::NotRecorded,
        Self::Withdrawn,
        Self::Lapsed,
    ];

    /// Its code, as written in YAML.
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Correction => "correction",
            Self::NotAccepted => "not_accepted",
            Self::Forwarded => "forwarded",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Recorded => "recorded",
            Self::NotRecorded => "not_recorded",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The status called `code`.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Its label.
    pub fn label(self) -> Text {
        match self {
            Self::Received => Text::new("已收件", "Received"),
            Self::Accepted => Text::new("已受理", "Accepted"),
            Self::Correction => Text::new("补正", "Correction needed"),
            Self::NotAccepted => Text::new("不予受理", "Not accepted"),
            Self::Forwarded => Text::new("已转报", "Forwarded"),
            Self::Granted => Text::new("准予许可", "Granted"),
            Self::Refused => Text::new("不予许可", "Refused"),
            Self::Recorded => Text::new("已备案", "Recorded"),
            Self::NotRecorded => Text::new("不予备案", "Not recorded"),
            Self::Withdrawn => Text::new("已撤回", "Withdrawn"),
            Self::Lapsed => Text::new("逾期未补正，已终止", "Lapsed"),
        }
    }

    /// Whether it implies 办结.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Received | Self::Accepted | Self::Correction | Self::Forwarded)
    }
}
