//! Accounts of others, for who keeps them: a new password, sessions, identities; and for who gives rights: a lost second
//! factor. Each act takes having shown within the last minutes who one is, and is noted in the audit.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_engine::{authority::Action, organisation::Official};

use super::{Page, account::SessionLine};
use crate::{
    desk::{Desk, KEEPERS},
    error::Problem,
    fields::Posted,
    page, people, random,
    session::notify,
    state::App,
    view::{parts::Fact, say},
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/accounts", get(list))
        .route("/accounts/{person}", get(show))
        .route("/accounts/{person}/new-password", post(new_password))
        .route("/accounts/{person}/disable", post(disable))
        .route("/accounts/{person}/enable", post(enable))
        .route("/accounts/{person}/end-session", post(end_session))
        .route("/accounts/{person}/end-sessions", post(end_sessions))
        .route("/accounts/{person}/end-factor", post(end_factor))
        .route("/accounts/{person}/bind", post(bind))
        .route("/accounts/{person}/unbind", post(unbind))
}

#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    href: String,
    login: String,
    state: &'static str,
    factor: &'static str,
}

fn may_look(desk: &Desk) -> Result<(), Problem> {
    desk.must_have_one_of(&KEEPERS)
}

/// Somebody else's account to act on, by who has the duty and has just shown who she is.
fn act(app: &App, desk: &Desk, person: &str, duty: Action) -> Result<Official, Problem> {
    desk.must_have(duty)?;
    if person == desk.id {
        // one's own is at /account, by the rules for everybody
        return Err(Problem::forbidden());
    }
    let official = app.store.register().people.get(person).cloned().ok_or_else(Problem::not_found)?;
    desk.must_be_fresh()?;
    Ok(official)
}

/// `GET /accounts`
async fn list(State(app): State<App>, desk: Desk) -> Page {
    may_look(&desk)?;
    let (language, accounts, register) = (desk.language(), app.store.accounts().await?, app.store.register());
    let row = |(id, official): (&String, &Official)| {
        let account = accounts.iter().find(|account| account.person == *id);
        let state = match account {
            _ if official.left.is_some_and(|left| left <= app.now()) => "accounts.left",
            None => "accounts.none",
            Some(account) if account.disabled => "accounts.disabled",
            Some(account) if account.must_change => "accounts.given",
            Some(_) => "accounts.open",
        };
        let factor = account.is_some_and(|account| account.factor_since.is_some());
        Row {
            name: official.name.clone(),
            href: format!("/accounts/{id}"),
            login: account.map(|account| account.login.clone()).or(official.login.clone()).unwrap_or_default(),
            state: say(language, state),
            factor: say(language, if factor { "accounts.yes" } else { "accounts.no" }),
        }
    };
    let page = List { rows: register.people.iter().map(row).collect() };
    page::draw(&app, &desk, say(language, "accounts.title"), "page/accounts", &page, None).await
}

#[derive(Serialize)]
struct Account {
    name: String,
    href: String,
    facts: Vec<Fact>,
    people: bool,
    grants: bool,
    own: bool,
    /// How she logs in is her own affair.
    hers: bool,
    disabled: bool,
    has_account: bool,
    has_factor: bool,
    may_give: bool,
    sessions: Vec<SessionLine>,
    platform: Option<String>,
    identities: Vec<IdentityLine>,
    password: Option<String>,
}

#[derive(Serialize)]
struct IdentityLine {
    issuer: String,
    subject: String,
    since: String,
}

/// `GET /accounts/{person}`
async fn show(State(app): State<App>, desk: Desk, Path(person): Path<String>) -> Page {
    may_look(&desk)?;
    draw(&app, &desk, &person, None).await
}

async fn draw(app: &App, desk: &Desk, person: &str, password: Option<String>) -> Page {
    let language = desk.language();
    let official = app.store.register().people.get(person).cloned().ok_or_else(Problem::not_found)?;
    let account = app.store.account_of(person).await?;
    let factor_since = app.store.factor_since(person).await?;
    let fact = |name, value: String| Fact { name: say(language, name), value, href: None };
    let login = account.as_ref().map(|account| account.login.clone()).or(official.login.clone());
    let mut facts = vec![fact("account.login", login.clone().unwrap_or_else(|| say(language, "accounts.none").to_owned()))];
    if let Some(account) = &account {
        facts.push(fact("account.changed_at", desk.when.moment(account.changed_at)));
    }
    let factor = factor_since.map_or_else(|| say(language, "account.factor_none").to_owned(), |since| desk.when.moment(since));
    facts.push(fact("accounts.factor_since", factor));
    let identities = app.store.identities_of(person).await?.into_iter();
    let identities = identities.map(|one| IdentityLine { since: desk.when.short(one.at), issuer: one.issuer, subject: one.subject });
    let rows = if desk.has(Action::People) { app.store.sessions_of(person).await? } else { Vec::new() };
    let page = Account {
        href: format!("/accounts/{person}"),
        facts,
        people: desk.has(Action::People),
        grants: desk.has(Action::Grants),
        own: person == desk.id,
        hers: people::must_be_hers(app, person, &official).await.is_err(),
        disabled: account.as_ref().is_some_and(|account| account.disabled),
        has_account: account.is_some(),
        has_factor: factor_since.is_some(),
        may_give: login.is_some(),
        sessions: SessionLine::of(desk, &rows, &desk.session()?.id, &format!("/accounts/{person}/end-session")),
        platform: app.identity.as_ref().map(|platform| platform.name().get(language).to_owned()),
        identities: identities.collect(),
        password,
        name: official.name,
    };
    page::draw(app, desk, &page.name.clone(), "page/account_of", &page, None).await
}

fn done(person: &str, key: &'static str) -> Page {
    Ok(notify(Redirect::to(&format!("/accounts/{person}")).into_response(), "good", key, &[]))
}

/// `POST /accounts/{person}/new-password`: shown in the answer and never again; its owner must change it.
async fn new_password(State(app): State<App>, desk: Desk, Path(person): Path<String>, _: Posted) -> Page {
    let official = act(&app, &desk, &person, Action::People)?;
    people::must_be_hers(&app, &person, &official).await?;
    let account = app.store.account_of(&person).await?;
    let login = account.map(|account| account.login).or(official.login).ok_or_else(Problem::not_found)?;
    let password = random::password();
    let given = app.store.give_password(&login, &person, &password, true, &desk.id).await;
    given.map_err(|error| super::gate::problem(&app, error))?;
    draw(&app, &desk, &person, Some(password)).await
}

/// `POST /accounts/{person}/disable`
async fn disable(State(app): State<App>, desk: Desk, Path(person): Path<String>, _: Posted) -> Page {
    let official = act(&app, &desk, &person, Action::People)?;
    people::must_be_hers(&app, &person, &official).await?;
    app.store.disable_account(&person, true, &desk.id).await?;
    done(&person, "accounts.disabled_done")
}

/// `POST /accounts/{person}/enable`
async fn enable(State(app): State<App>, desk: Desk, Path(person): Path<String>, _: Posted) -> Page {
    act(&app, &desk, &person, Action::People)?;
    app.store.disable_account(&person, false, &desk.id).await?;
    done(&person, "accounts.enabled_done")
}

/// `POST /accounts/{person}/end-session`
async fn end_session(State(app): State<App>, desk: Desk, Path(person): Path<String>, posted: Posted) -> Page {
    act(&app, &desk, &person, Action::People)?;
    if !app.store.end_session(&person, posted.get("session"), &desk.id).await? {
        return Err(Problem::not_found());
    }
    done(&person, "account.ended")
}

/// `POST /accounts/{person}/end-sessions`
async fn end_sessions(State(app): State<App>, desk: Desk, Path(person): Path<String>, _: Posted) -> Page {
    act(&app, &desk, &person, Action::People)?;
    app.store.end_sessions(&person, None, &desk.id).await?;
    done(&person, "accounts.ended_all")
}

/// `POST /accounts/{person}/end-factor`
async fn end_factor(State(app): State<App>, desk: Desk, Path(person): Path<String>, _: Posted) -> Page {
    act(&app, &desk, &person, Action::Grants)?;
    app.store.end_factor(&person, None, &desk.id).await?;
    done(&person, "accounts.factor_reset")
}

/// `POST /accounts/{person}/bind`
async fn bind(State(app): State<App>, desk: Desk, Path(person): Path<String>, posted: Posted) -> Page {
    let official = act(&app, &desk, &person, Action::People)?;
    people::must_be_hers(&app, &person, &official).await?;
    let platform = app.identity.as_ref().ok_or_else(Problem::not_found)?;
    let subject = posted.get("subject");
    if subject.is_empty() || !app.store.bind_identity(platform.issuer(), subject, &person, &desk.id).await? {
        return Ok(notify(Redirect::to(&format!("/accounts/{person}")).into_response(), "bad", "accounts.bound_already", &[]));
    }
    done(&person, "accounts.bound")
}

/// `POST /accounts/{person}/unbind`
async fn unbind(State(app): State<App>, desk: Desk, Path(person): Path<String>, posted: Posted) -> Page {
    act(&app, &desk, &person, Action::People)?;
    app.store.unbind_identity(posted.get("issuer"), posted.get("subject"), &person, &desk.id).await?;
    done(&person, "accounts.unbound")
}
