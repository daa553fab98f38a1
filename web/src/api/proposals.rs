//! Changes that a second administrator decides on.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tongban_adapters::store::{Change, Proposal, Verdict};
use tongban_engine::text::Text;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answered, Caller};
use crate::{
    desk::THREE,
    error::{Body, Problem},
    state::App,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, propose)).routes(routes!(one)).routes(routes!(decide))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those that were decided, instead of those that wait.
    decided: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct ProposalShape {
    id: String,
    /// `register`
    kind: String,
    /// Ids of what would change.
    about: String,
    /// What would change, as it was; JSON.
    before: Option<String>,
    /// What would change, as it would be; JSON.
    after: Option<String>,
    reason: String,
    /// The duty of who decides, such as `grants`.
    decides: String,
    proposed_by: String,
    proposed_at: String,
    expires_at: String,
    /// `approved`, `refused`, `withdrawn`, `expired`; null: it waits.
    verdict: Option<&'static str>,
    decided_by: Option<String>,
    decided_at: Option<String>,
    decision_reason: Option<String>,
}

#[derive(Deserialize, ToSchema)]
struct NewProposal {
    /// `register`
    kind: String,
    /// Of `register`: `version`, the one that was seen, and `changes`, as `POST /register/changes` takes them.
    #[schema(value_type = Object)]
    body: Value,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct Made {
    id: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decided {
    /// `approved`, `refused` or `withdrawn`.
    verdict: String,
    #[serde(default)]
    reason: String,
}

fn shape(app: &App, proposal: Proposal) -> ProposalShape {
    let at = |moment| app.calendar.format_moment(moment);
    let decision = proposal.decision;
    ProposalShape {
        kind: proposal.change.kind().to_owned(),
        id: proposal.id,
        about: proposal.about,
        before: proposal.before,
        after: proposal.after,
        reason: proposal.reason,
        decides: proposal.decides,
        proposed_by: proposal.proposed_by,
        proposed_at: at(proposal.proposed_at),
        expires_at: at(proposal.expires_at),
        verdict: decision.as_ref().map(|decision| decision.verdict.word()),
        decided_at: decision.as_ref().map(|decision| at(decision.at)),
        decision_reason: decision.as_ref().map(|decision| decision.reason.clone()),
        decided_by: decision.map(|decision| decision.by),
    }
}

/// Proposals that wait, oldest first; or those that were decided, latest first
#[utoipa::path(get, path = "/proposals", tag = "administration", params(Asked),
    responses((status = 200, body = Vec<ProposalShape>), (status = 403, body = Body)), security(("session" = []), ("bearer" = [])))]
async fn list(State(app): State<App>, Caller(desk): Caller, Query(asked): Query<Asked>) -> Answered<Vec<ProposalShape>> {
    desk.must_have_one_of(&THREE)?;
    let found = if asked.decided == Some(true) { app.store.proposals_decided().await? } else { app.store.proposals_waiting().await? };
    Ok(Json(found.into_iter().map(|proposal| shape(&app, proposal)).collect()))
}

/// One proposal
#[utoipa::path(get, path = "/proposals/{id}", tag = "administration", params(("id" = String, Path)),
    responses((status = 200, body = ProposalShape), (status = 403, body = Body), (status = 404, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn one(State(app): State<App>, Caller(desk): Caller, Path(id): Path<String>) -> Answered<ProposalShape> {
    desk.must_have_one_of(&THREE)?;
    let proposal = app.store.proposal(&id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(shape(&app, proposal)))
}

/// Propose a change; it takes effect when a second administrator approves it
#[utoipa::path(post, path = "/proposals", tag = "administration", request_body = NewProposal,
    responses((status = 200, body = Made), (status = 400, body = Body), (status = 403, body = Body), (status = 409, body = Body),
        (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn propose(State(app): State<App>, Caller(desk): Caller, Json(new): Json<NewProposal>) -> Answered<Made> {
    desk.must_have_one_of(&THREE)?;
    desk.must_be_fresh()?;
    let NewProposal { kind, body, reason } = new;
    let change: Change = serde_json::from_value(json!({"kind": kind, "body": body}))
        .map_err(|error| Problem::bad_request(Text::new(format!("变更内容有误：{error}"), format!("no such change: {error}"))))?;
    Ok(Json(Made { id: app.store.propose(change, &reason, &desk.id).await? }))
}

/// Decide on a proposal, or withdraw one's own
#[utoipa::path(post, path = "/proposals/{id}/decision", tag = "administration", params(("id" = String, Path)), request_body = Decided,
    responses((status = 204), (status = 400, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 409, body = Body), (status = 422, body = Body)),
    security(("session" = []), ("bearer" = [])))]
async fn decide(
    State(app): State<App>,
    Caller(desk): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Decided>,
) -> Result<StatusCode, Problem> {
    desk.must_have_one_of(&THREE)?;
    desk.must_be_fresh()?;
    let known = [Verdict::Approved, Verdict::Refused, Verdict::Withdrawn];
    let verdict = known.into_iter().find(|verdict| verdict.word() == asked.verdict).ok_or_else(|| {
        Problem::bad_request(Text::new("verdict 须为 approved、refused、withdrawn", "verdict is approved, refused or withdrawn"))
    })?;
    app.store.decide_proposal(&id, &desk.id, verdict, &asked.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
