//! The left rail: where one can go, and how much waits there.
use tongban_engine::authority::Action;

use super::Problem;
use crate::{
    desk::{Desk, KEEPERS, THREE},
    state::App,
    view::{
        chrome::{RailGroup, RailLink},
        say,
    },
};

/// The rail of somebody who is logged in.
pub(super) async fn rail(app: &App, desk: &Desk) -> Result<Vec<RailGroup>, Problem> {
    let language = desk.language();
    let counts = desk.counts().await?;
    let here = desk.visit.uri().path();
    let link = |href: &'static str, key, count: Option<u64>, alert| RailLink {
        name: say(language, key),
        href,
        current: here == href,
        count: count.filter(|count| *count > 0).map(|count| count.to_string()),
        alert,
    };
    let group = |key, links: Vec<RailLink>| RailGroup { name: say(language, key), links };
    let start = group("rail.start", vec![link("/start", "rail.catalogue", None, false)]);
    if desk.is_applicant() {
        return Ok(vec![group("rail.organisation", vec![link("/portal", "rail.filings", Some(counts.mine), false)]), start]);
    }
    let mut groups = vec![
        group(
            "rail.work",
            vec![
                link("/inbox/todo", "inbox.todo", Some(counts.todo), counts.overdue > 0),
                link("/inbox/doing", "inbox.doing", Some(counts.doing), false),
                link("/inbox/done", "inbox.done", Some(counts.done), false),
                link("/inbox/mine", "inbox.mine", Some(counts.mine), false),
                link("/inbox/copied", "inbox.copied", Some(counts.unread), false),
                link("/inbox/unit", "inbox.unit", None, false),
                link("/inbox/seen", "inbox.seen", None, false),
                link("/me/substitute", "people.my_substitute", None, false),
            ],
        ),
        start,
    ];
    if !desk.handles_cases() {
        groups.clear();
    }
    let mut operations = Vec::new();
    if desk.has(Action::Intake) {
        let waiting = app.store.intake(Some(tongban_adapters::store::IntakeState::Refused), 0).await?.total;
        operations.push(link("/intake", "intake.title", Some(waiting), waiting > 0));
    }
    if desk.has(Action::Outbox) {
        let dead = app.store.outbox(Some("dead"), 0).await?.total;
        operations.push(link("/outbox", "outbox.title", Some(dead), dead > 0));
    }
    if desk.has(Action::Versions) {
        operations.push(link("/versions", "versions.title", None, false));
    }
    if !operations.is_empty() {
        groups.push(group("rail.operations", operations));
    }
    let mut administration = Vec::new();
    if desk.must_have_one_of(&KEEPERS).is_ok() {
        administration.push(link("/admin/units", "units.title", None, false));
        administration.push(link("/admin/people", "people.title", None, false));
        administration.push(link("/accounts", "accounts.title", None, false));
        administration.push(link("/admin/import", "import.title", None, false));
    }
    if desk.must_have_one_of(&THREE).is_ok() {
        let waiting = app.store.proposals_waiting().await?.len() as u64;
        administration.push(link("/admin/proposals", "proposals.title", Some(waiting), false));
    }
    if desk.has(Action::Audit) {
        administration.push(link("/admin/audit", "audit.title", None, false));
    }
    if !administration.is_empty() {
        groups.push(group("rail.administration", administration));
    }
    Ok(groups)
}
