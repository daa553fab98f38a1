//! `GET /`: everyone's own first page.

use axum::response::{IntoResponse, Redirect};
use tongban_engine::authority::Action;

use super::Page;
use crate::desk::Desk;

/// An applicant's organisation: the portal; auditor, administrators and who looks after deliveries: there; else the inbox.
pub(super) async fn show(desk: Desk) -> Page {
    let to = match () {
        () if desk.is_applicant() => "/portal",
        () if desk.has(Action::Audit) => "/admin/audit",
        () if !desk.handles_cases() => "/admin/people",
        () if desk.has(Action::Outbox) && desk.has(Action::Intake) => "/intake",
        () => "/inbox/todo",
    };
    Ok(Redirect::to(to).into_response())
}
