//! Who may do what, and why.

use axum::{
    Json,
    extract::{Query, State},
};
use serde::Serialize;
use tongban_engine::authority::Check;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller, shapes::Words};
use crate::{
    error::{Body, Problem},
    state::App,
    view::messages::both,
    why::Question,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(why))
}

/// A decision with every rule that was looked at
#[derive(Serialize, ToSchema)]
struct WhyShape {
    person: String,
    /// Word of the action.
    action: String,
    allowed: bool,
    /// Word of the rule that decided.
    rule: String,
    /// Why not.
    reason: Option<Words>,
    /// What she sees of the case: `office`, `observer`, `consulted`, `applicant`.
    sight: Option<String>,
    /// For whom she acts.
    acts_for: Option<String>,
    checks: Vec<CheckShape>,
}

#[derive(Serialize, ToSchema)]
struct CheckShape {
    /// Stable word.
    rule: String,
    question: Words,
    holds: bool,
    note: Option<Words>,
}

impl From<&Check> for CheckShape {
    fn from(check: &Check) -> Self {
        Self {
            rule: check.rule.to_owned(),
            question: Words::from(&check.question),
            holds: check.holds,
            note: check.note.as_ref().map(Words::from),
        }
    }
}

/// Why a person may do something, or may not: for those who keep people or roles, and officials of the case
#[utoipa::path(get, path = "/why", tag = "case", params(Question),
    responses((status = 200, body = WhyShape), (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn why(State(app): State<App>, Caller(desk): Caller, Query(question): Query<Question>) -> Answered<WhyShape> {
    let asked = question.find(&app, &desk).await?;
    let person = question.person().ok_or_else(|| Problem::invalid("person", both("why.person_needed")))?;
    let action = question.action()?;
    let explained = asked.explain(&desk, person, action);
    let checks = explained.checks.iter().map(CheckShape::from).collect();
    let shape = WhyShape {
        person: person.to_owned(),
        action: action.word().to_owned(),
        allowed: explained.decision.is_ok(),
        rule: explained.decision.as_ref().map_or_else(|refusal| refusal.rule, |grant| grant.rule).to_owned(),
        reason: explained.decision.as_ref().err().map(|refusal| Words::from(&refusal.rejection.message)),
        sight: explained.decision.as_ref().ok().and_then(|grant| grant.sight).map(|sight| sight.word().to_owned()),
        acts_for: explained.decision.as_ref().ok().and_then(|grant| grant.standing.absent()).map(str::to_owned),
        checks,
    };
    Ok(Json(shape))
}
