//! One person: who she is, her posts with their terms, who stands in for her, what she keeps away from, what was done.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_engine::{
    organisation::{Concern, Official, Post, Recusal, Register, RegisterChange, Substitution, Tenure},
    text::Language,
    time::Moment,
};

use super::{Choice, Page, ProblemBox, may_look, people::entry, role_choices, unit_choices};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, people, random,
    session::notify,
    state::App,
    view::{audit, listed, say},
};
use tongban_engine::authority::Action;

/// Deeds of the audit that are shown.
const DEEDS_SHOWN: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/admin/people/{id}", get(show)).route("/admin/people/{id}/{what}", post(change))
}

#[derive(Serialize)]
struct OnePerson {
    id: String,
    action: String,
    version: u64,
    /// What was typed into the form that was not accepted, else what stands in the register.
    name: String,
    login: String,
    mail: String,
    left: Option<String>,
    has_account: bool,
    may_change: bool,
    may_grant: bool,
    hand_over_href: String,
    posts: Vec<PostRow>,
    units: Vec<Choice>,
    roles: Vec<Choice>,
    post_from: String,
    post_until: String,
    post_reason: String,
    substitutions: Vec<SubstitutionRow>,
    people: Vec<Choice>,
    processes: Vec<Choice>,
    by: String,
    by_from: String,
    by_until: String,
    recusals: Vec<RecusalRow>,
    about: Vec<Choice>,
    reason: String,
    recused_from: String,
    recused_until: String,
    deeds: Vec<DeedRow>,
}

#[derive(Serialize)]
struct PostRow {
    role: String,
    unit: String,
    /// With the units above it.
    path: String,
    role_id: String,
    unit_id: String,
    term: String,
    /// As the form sends it back.
    from: String,
    state: &'static str,
    over: bool,
}

#[derive(Serialize)]
pub(super) struct SubstitutionRow {
    id: String,
    words: String,
    term: String,
    processes: String,
    over: bool,
}

#[derive(Serialize)]
struct RecusalRow {
    id: String,
    about: String,
    reason: String,
    term: String,
    over: bool,
}

#[derive(Serialize)]
struct DeedRow {
    at: String,
    iso: String,
    who: String,
    what: String,
}

/// `GET /admin/people/{id}`
async fn show(State(app): State<App>, desk: Desk, Path(id): Path<String>) -> Page {
    may_look(&desk)?;
    draw(&app, &desk, &id, None, None).await
}

/// The page, with what was typed into the form `what` and what was wrong with it.
pub(super) async fn draw(app: &App, desk: &Desk, id: &str, typed: Option<(&str, &Posted)>, problem: Option<&Problem>) -> Page {
    let ((version, register), language, now) = (app.store.registered(), desk.language(), app.now());
    let official = register.people.get(id).ok_or_else(Problem::not_found)?;
    let form = |what: &str, name: &str, kept: &str| match typed {
        Some((typed, posted)) if typed == what => posted.get(name).to_owned(),
        _ => kept.to_owned(),
    };
    let kept = |text: &Option<String>| text.clone().unwrap_or_default();
    let has_account = match &official.login {
        Some(login) => app.store.has_account(login).await?,
        None => false,
    };
    let page = OnePerson {
        id: id.to_owned(),
        action: format!("/admin/people/{id}"),
        version,
        name: form("entry", "name", &official.name),
        login: form("entry", "login", &kept(&official.login)),
        mail: form("entry", "mail", &kept(&official.mail)),
        left: official.left.map(|at| desk.when.moment(at)),
        has_account,
        may_change: desk.has(Action::People) && official.left.is_none(),
        may_grant: desk.has(Action::Grants) && official.left.is_none() && id != desk.id,
        hand_over_href: format!("/admin/people/{id}/hand-over"),
        posts: posts(app, &register, language, official, now),
        units: unit_choices(&register, language, &form("give-post", "unit", "")),
        roles: role_choices(app, language, &form("give-post", "role", "")),
        post_from: form("give-post", "from", ""),
        post_until: form("give-post", "until", ""),
        post_reason: form("give-post", "reason", ""),
        substitutions: substitutions(app, &register, language, id, now),
        people: others(&register, id),
        processes: processes(app, language),
        by: form("substitution", "by", ""),
        by_from: form("substitution", "from", ""),
        by_until: form("substitution", "until", ""),
        recusals: recusals(app, &register, language, id, now),
        about: unit_choices(&register, language, &form("recusal", "unit", "")),
        reason: form("recusal", "reason", ""),
        recused_from: form("recusal", "from", ""),
        recused_until: form("recusal", "until", ""),
        deeds: deeds(app, desk, &register, id).await?,
    };
    let told = problem.map(|problem| ProblemBox::new(problem, language, false));
    let mut drawn = page::draw(app, desk, &official.name, "page/person", &page, told.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

fn posts(app: &App, register: &Register, language: Language, official: &Official, now: Moment) -> Vec<PostRow> {
    let row = |tenure: &Tenure| {
        let (post, term) = (&tenure.post, tenure.term);
        let over = term.until.is_some_and(|until| until <= now);
        let state = match term.from {
            _ if over => "people.over",
            Some(from) if from > now => "people.to_come",
            _ => "people.current",
        };
        PostRow {
            role: app.roles.get(&post.role).map_or(post.role.as_str(), |role| role.name.get(language)).to_owned(),
            unit: register.units.get(&post.unit).map_or(post.unit.as_str(), |unit| unit.name.get(language)).to_owned(),
            path: super::path(register, language, &post.unit),
            role_id: post.role.clone(),
            unit_id: post.unit.clone(),
            term: people::term_words(app, language, term),
            from: term.from.map(|from| from.0.to_string()).unwrap_or_default(),
            state: say(language, state),
            over,
        }
    };
    let mut rows: Vec<PostRow> = official.posts.iter().map(row).collect();
    rows.sort_by_key(|row| row.over);
    rows
}

/// Substitutions that somebody is in, on either side, that are not over.
pub(super) fn substitutions(app: &App, register: &Register, language: Language, id: &str, now: Moment) -> Vec<SubstitutionRow> {
    let name = |id: &str| register.people.get(id).map_or(id, |official| official.name.as_str()).to_owned();
    let process = |id: &String| app.store.latest(id).map_or(id.clone(), |definition| definition.process.name.get(language).to_owned());
    let row = |s: &Substitution| SubstitutionRow {
        id: s.id.clone(),
        words: crate::view::fill(language, "people.stands_in", &[("by", &name(&s.by)), ("absent", &name(&s.absent))]),
        term: people::term_words(app, language, s.term),
        processes: match s.processes.as_slice() {
            [] => say(language, "people.all_processes").to_owned(),
            some => listed(language, &some.iter().map(process).collect::<Vec<_>>()),
        },
        over: s.term.until.is_some_and(|until| until <= now),
    };
    register.substitutions.iter().filter(|s| s.absent == id || s.by == id).map(row).filter(|row| !row.over).collect()
}

fn recusals(app: &App, register: &Register, language: Language, id: &str, now: Moment) -> Vec<RecusalRow> {
    let row = |recusal: &Recusal| RecusalRow {
        id: recusal.id.clone(),
        about: match &recusal.about {
            Concern::Unit(unit) => super::path(register, language, unit),
            Concern::Case(case) => case.clone(),
        },
        reason: recusal.reason.clone(),
        term: people::term_words(app, language, recusal.term),
        over: recusal.term.until.is_some_and(|until| until <= now),
    };
    register.recusals.iter().filter(|recusal| recusal.person == id).map(row).filter(|row| !row.over).collect()
}

/// Everybody else who is here.
pub(in crate::page) fn others(register: &Register, but: &str) -> Vec<Choice> {
    let here = register.people.iter().filter(|(id, official)| *id != but && official.left.is_none());
    here.map(|(id, official)| Choice { id: id.clone(), name: official.name.clone(), chosen: false }).collect()
}

pub(super) fn processes(app: &App, language: Language) -> Vec<Choice> {
    let choice = |definition: &std::sync::Arc<tongban_engine::definition::Definition>| Choice {
        id: definition.process.id.clone(),
        name: definition.process.name.get(language).to_owned(),
        chosen: false,
    };
    app.store.processes().iter().map(choice).collect()
}

async fn deeds(app: &App, desk: &Desk, register: &Register, id: &str) -> Result<Vec<DeedRow>, Problem> {
    let language = desk.language();
    let row = |deed: tongban_adapters::store::Deed| DeedRow {
        at: desk.when.short(deed.at),
        iso: desk.when.iso(deed.at),
        who: register.people.get(&deed.actor).map_or(deed.actor.clone(), |official| official.name.clone()),
        what: audit::deed(language, &deed.deed),
    };
    Ok(app.store.deeds_about("person", id, DEEDS_SHOWN).await?.into_iter().map(row).collect())
}

/// `POST /admin/people/{id}/{what}`: one form of the page.
async fn change(State(app): State<App>, desk: Desk, Path((id, what)): Path<(String, String)>, posted: Posted) -> Page {
    may_look(&desk)?;
    let back = Redirect::to(&format!("/admin/people/{id}")).into_response();
    if what.starts_with("end-") && posted.get("sure") != "yes" {
        return Ok(notify(back, "warn", "people.not_sure", &[]));
    }
    let outcome = match asked(&app, &id, &what, &posted) {
        Ok(change) => people::change(&app, &desk, people::seen(&posted)?, &[change], posted.get("reason")).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(changed) if changed.proposal.is_some() => Ok(notify(back, "good", "people.waits", &[])),
        Ok(_) => Ok(notify(back, "good", "people.saved", &[])),
        Err(problem) if matches!(problem.status.as_u16(), 409 | 422) => {
            draw(&app, &desk, &id, Some((&what, &posted)), Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

/// The change that a form asks for.
fn asked(app: &App, id: &str, what: &str, posted: &Posted) -> Result<RegisterChange, Problem> {
    let (person, text) = (id.to_owned(), |name: &str| posted.get(name).to_owned());
    let post = || Post { role: text("role"), unit: text("unit") };
    Ok(match what {
        "entry" => RegisterChange::ChangePerson { id: person, entry: entry(posted) },
        "give-post" => RegisterChange::GivePost { person, tenure: Tenure { post: post(), term: people::term(app, posted)? } },
        "end-post" => {
            let from = posted.get("began").parse().ok().map(Moment);
            // without a day it ends now; what has not begun is taken back
            let until = people::term(app, posted)?.until.unwrap_or(app.now()).max(from.unwrap_or(Moment(i64::MIN)));
            RegisterChange::EndPost { person, post: post(), from, until: Some(until) }
        }
        "substitution" => RegisterChange::Substitute { substitution: substitution(app, &person, posted)? },
        "end-substitution" => RegisterChange::EndSubstitution { id: text("which") },
        "recusal" => {
            let about = Concern::Unit(text("unit"));
            let (id, reason, term) = (random::hex(16), text("reason"), people::term(app, posted)?);
            RegisterChange::Recuse { recusal: Recusal { id, person, about, reason, term } }
        }
        "end-recusal" => RegisterChange::EndRecusal { id: text("which") },
        _ => return Err(Problem::not_found()),
    })
}

/// The substitution that a form asks for, for `absent`.
pub(super) fn substitution(app: &App, absent: &str, posted: &Posted) -> Result<Substitution, Problem> {
    Ok(Substitution {
        id: random::hex(16),
        absent: absent.to_owned(),
        by: people::named(app, posted.get("by")).into_owned(),
        term: people::term(app, posted)?,
        processes: posted.fields.iter().filter(|(name, _)| name == "process").map(|(_, process)| process.clone()).collect(),
    })
}
