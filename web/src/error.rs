//! What went wrong, once for pages and API: the only place that knows which refusal is which status.
//!
//! An answer to the API is `application/problem+json` (RFC 9457); the page layer turns the same [`Problem`] into a page.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tongban_adapters::{
    accounts::Awaited,
    store::{ProposalError, RegisterError, StoreError, SubmitError},
};
use tongban_engine::{
    authority::Refusal,
    form::FieldError,
    interpreter::{Rejection, codes},
    text::{Language, Text},
};

use crate::view::messages::{both, both_filled};

/// The media type of problems, RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// The code of [`Problem::awaited`] for a password.
pub const CHANGE_PASSWORD: &str = "change-password";
/// The code of [`Problem::awaited`] for the second factor.
pub const SECOND_FACTOR: &str = "second-factor-needed";
/// The code of [`Problem::awaited`] for having a second factor at all.
pub const ENROL_FACTOR: &str = "enrol-second-factor";
/// The code of [`Problem::step_up`].
pub const STEP_UP: &str = "step-up-needed";

/// A refusal or a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable kebab-case code.
    pub code: String,
    /// What it is.
    pub title: Box<Text>,
    /// What exactly, and what would work.
    pub detail: Box<Text>,
    /// Mistakes by field.
    pub fields: Vec<FieldError>,
    /// Finds the log line of a failure of ours.
    pub reference: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, title: Text, detail: Text) -> Self {
        Self { status, code: code.to_owned(), title: Box::new(title), detail: Box::new(detail), fields: Vec::new(), reference: None }
    }

    /// 404, also for what the asker may not know about.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", both("error.not_found"), both("error.not_found_detail"))
    }

    /// 401: no session, or it has ended.
    pub fn log_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "log-in", both("login.title"), both("login.ended"))
    }

    /// 403: something must be done before anything else.
    pub fn awaited(awaited: Awaited) -> Self {
        let (code, title, detail) = match awaited {
            Awaited::SecondFactor => (SECOND_FACTOR, both("factor.title"), both("factor.needed")),
            Awaited::NewPassword => (CHANGE_PASSWORD, both("password.title"), both("password.first")),
            Awaited::Enrolment => (ENROL_FACTOR, both("factor.enrol_title"), both("factor.must_enrol")),
        };
        Self::new(StatusCode::FORBIDDEN, code, title, detail)
    }

    /// 403: it takes having shown who one is within the last minutes.
    pub fn step_up() -> Self {
        Self::new(StatusCode::FORBIDDEN, STEP_UP, both("step_up.title"), both("step_up.why"))
    }

    /// 403.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, codes::NOT_PERMITTED, both("error.forbidden"), both("error.forbidden_next"))
    }

    /// 403: the form's token does not belong to the session, or the request came from another site.
    pub fn csrf() -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", both("error.csrf"), both("error.csrf_detail"))
    }

    /// 400: the request itself is malformed.
    pub fn bad_request(detail: Text) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", both("error.invalid"), detail)
    }

    /// The framework refused the request by itself; what it said, in English, tells what is malformed.
    pub fn of_request(status: StatusCode, said: String) -> Self {
        let code = match status {
            StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "media-type",
            StatusCode::PAYLOAD_TOO_LARGE => "too-large",
            _ => "bad-request",
        };
        let plain = if said.is_empty() { both("error.request_detail") } else { Text::zh(said) };
        Self::new(status, code, both("error.invalid"), plain)
    }

    /// The same under another title.
    pub fn titled(self, title: Text) -> Self {
        Self { title: Box::new(title), ..self }
    }

    /// 409: it cannot be done as things stand.
    pub fn refused(detail: Text) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", both("error.conflict"), detail)
    }

    /// 422 with one sentence.
    pub fn invalid(code: &str, detail: Text) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, both("error.invalid"), detail)
    }

    /// 413.
    pub fn too_large(limit: &str) -> Self {
        let detail = both_filled("error.too_large_detail", &[("limit", limit)]);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", both("error.too_large"), detail)
    }

    /// 429.
    pub fn wait(seconds: u64) -> Self {
        let detail = both_filled("login.wait_detail", &[("seconds", &seconds.to_string())]);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", both("login.wait"), detail)
    }

    /// 410: its key was destroyed.
    pub fn destroyed() -> Self {
        Self::new(StatusCode::GONE, codes::DATA_DESTROYED, both("reveal.destroyed"), both("reveal.destroyed_detail"))
    }

    /// 429: she looks at personal data in full too often.
    pub fn too_many_reveals(detail: Text) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-reveals", both("reveal.too_many_title"), detail)
    }

    /// 500: ours. What happened goes to the log under a reference, never to the asker.
    pub fn ours(error: &dyn std::fmt::Display) -> Self {
        let reference = crate::random::hex(6);
        tracing::error!(%reference, %error, "request failed");
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", both("error.failed"), both("error.failed_detail"));
        Self { reference: Some(reference), ..problem }
    }

    /// The JSON body of RFC 9457.
    pub fn body(&self, language: Language) -> Body {
        Body {
            r#type: format!("urn:tongban:problem:{}", self.code),
            status: self.status.as_u16(),
            code: self.code.clone(),
            title: self.title.get(language).to_owned(),
            detail: self.detail.get(language).to_owned(),
            fields: self
                .fields
                .iter()
                .map(|field| BodyField {
                    path: field.path.clone(),
                    code: field.code.to_string(),
                    message: field.message.get(language).to_owned(),
                })
                .collect(),
            reference: self.reference.clone(),
        }
    }

    /// The answer to the API.
    pub fn answer(&self, language: Language) -> Response {
        let mut response = (self.status, Json(self.body(language))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}

/// Which status a refusal code has. Codes not listed are conflicts with the case as it stands.
fn status_of(code: &str) -> StatusCode {
    match code {
        codes::FORM_INVALID
        | codes::RULE_FAILED
        | codes::TOO_MANY_STEPS
        | codes::KEY_REUSED
        | codes::REASON_REQUIRED
        | codes::PERSON_NOT_SUITABLE => StatusCode::UNPROCESSABLE_ENTITY,
        codes::NOT_PERMITTED | codes::FOUR_EYES | codes::RECUSED => StatusCode::FORBIDDEN,
        codes::CASE_UNKNOWN | codes::PROCESS_UNKNOWN | codes::VERSION_UNKNOWN => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let status = status_of(&rejection.code);
        let title = match status {
            StatusCode::UNPROCESSABLE_ENTITY => both("error.invalid"),
            StatusCode::FORBIDDEN => both("error.forbidden"),
            StatusCode::NOT_FOUND => both("error.not_found"),
            _ => both("error.conflict"),
        };
        Self { fields: rejection.fields, ..Self::new(status, &rejection.code, title, rejection.message) }
    }
}

/// Who may not know of something is told that it is not there.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        if refusal.hidden { Self::not_found() } else { refusal.rejection.into() }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::ours(&error)
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Faults(fields) => Self { fields, ..Self::invalid("register-refused", both("people.refused")) },
            RegisterError::Stale(_) => {
                Self::new(StatusCode::CONFLICT, "changed-meanwhile", both("error.overtaken"), both("error.overtaken_detail"))
            }
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<ProposalError> for Problem {
    fn from(error: ProposalError) -> Self {
        let refused = |status, code: &str, detail: &'static str| Self::new(status, code, both("proposals.cannot"), both(detail));
        match error {
            ProposalError::Unknown => Self::not_found(),
            ProposalError::Closed => refused(StatusCode::CONFLICT, "proposal-closed", "proposals.closed"),
            ProposalError::NotEntitled(_) => Self::forbidden(),
            ProposalError::SamePerson => refused(StatusCode::FORBIDDEN, "same-person", "proposals.same_person"),
            ProposalError::ReasonNeeded => refused(StatusCode::UNPROCESSABLE_ENTITY, "reason", "proposals.reason_needed"),
            ProposalError::NothingChanges => refused(StatusCode::UNPROCESSABLE_ENTITY, "nothing-changes", "proposals.nothing"),
            ProposalError::Register(error) => error.into(),
            ProposalError::Store(error) => error.into(),
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => rejection.into(),
            other => Self::ours(&other),
        }
    }
}

/// The body of a problem, as the API answers it.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Body {
    /// URN of the kind of problem.
    pub r#type: String,
    /// HTTP status.
    pub status: u16,
    /// Stable kebab-case code.
    pub code: String,
    /// What it is, in the asker's language.
    pub title: String,
    /// What exactly, and what would work.
    pub detail: String,
    /// Mistakes by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<BodyField>,
    /// Finds the log line of a failure of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A mistake at a field.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BodyField {
    /// Where: `stewards.0.mobile`.
    pub path: String,
    /// Stable kebab-case code.
    pub code: String,
    /// What to do.
    pub message: String,
}

/// Carries the problem as an extension, so that the page layer can draw it instead.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer(Language::default());
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_that_their_code_promises() {
        for (code, status) in [
            (codes::FORM_INVALID, 422),
            (codes::TASK_NOT_OPEN, 409),
            (codes::ACTION_NOT_OFFERED, 409),
            (codes::NOT_PERMITTED, 403),
            (codes::FOUR_EYES, 403),
            (codes::CASE_UNKNOWN, 404),
            (codes::KEY_REUSED, 422),
            (codes::GONE, 409),
        ] {
            let problem = Problem::from(Rejection::new(code, Text::zh("x")));
            assert_eq!((problem.status.as_u16(), problem.code.as_str()), (status, code));
        }
    }

    #[test]
    fn a_failure_of_ours_tells_a_reference_and_nothing_else() {
        let body = Problem::ours(&"secret path").body(Language::En);
        assert_eq!(body.status, 500);
        assert!(body.reference.is_some() && !body.detail.contains("secret"));
    }
}
