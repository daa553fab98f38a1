//! One's own account: password, second factor, and where one is logged in.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::accounts::SessionRow;

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::notify,
    state::App,
    view::{fill, parts::Fact, say},
};

/// The routes of one's own account.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/account", get(show)).route("/account/end-session", post(end)).route("/account/end-sessions", post(end_others))
}

#[derive(Serialize)]
struct Account {
    facts: Vec<Fact>,
    has_password: bool,
    has_factor: bool,
    factor: String,
    may_end: bool,
    sessions: Vec<SessionLine>,
    others: bool,
}

/// A session as a line of a list.
#[derive(Serialize)]
pub(super) struct SessionLine {
    id: String,
    from: String,
    begun: String,
    begun_iso: String,
    used: String,
    here: bool,
    end_href: String,
}

impl SessionLine {
    /// Lines of sessions; `here` is the id of the one that looks at them, `end_href` the address that ends one.
    pub(super) fn of(desk: &Desk, rows: &[SessionRow], here: &str, end_href: &str) -> Vec<Self> {
        let unknown = say(desk.language(), "account.from_unknown");
        let line = |row: &SessionRow| {
            let browser = if row.browser.is_empty() { say(desk.language(), "account.from_program") } else { row.browser.as_str() };
            Self {
                from: format!("{browser} · {}", if row.address.is_empty() { unknown } else { &row.address }),
                begun: desk.when.short(row.created_at),
                begun_iso: desk.when.iso(row.created_at),
                used: desk.when.short(row.used_at),
                here: row.id == here,
                id: row.id.clone(),
                end_href: end_href.to_owned(),
            }
        };
        rows.iter().map(line).collect()
    }
}

/// `GET /account`
async fn show(State(app): State<App>, desk: Desk) -> Page {
    let (language, session) = (desk.language(), desk.session()?);
    let fact = |name, value: String| Fact { name: say(language, name), value, href: None };
    let account = app.store.account_of(&desk.id).await?;
    let factor_since = app.store.factor_since(&desk.id).await?;
    let factor = match factor_since {
        Some(since) => {
            let left = app.store.recovery_codes(&desk.id).await?.to_string();
            fill(language, "account.factor_since", &[("since", &desk.when.moment(since)), ("codes", &left)])
        }
        None => say(language, "account.factor_none").to_owned(),
    };
    let mut facts = vec![fact("account.person", desk.person.name.clone())];
    if let Some(account) = &account {
        facts.push(fact("account.login", account.login.clone()));
        facts.push(fact("account.changed_at", desk.when.moment(account.changed_at)));
    }
    for identity in app.store.identities_of(&desk.id).await? {
        facts.push(fact("account.identity", format!("{} · {}", identity.issuer, identity.subject)));
    }
    let rows = app.store.sessions_of(&desk.id).await?;
    let page = Account {
        facts,
        has_password: account.is_some() && !session.login.is_empty(),
        has_factor: factor_since.is_some(),
        factor,
        may_end: factor_since.is_some() && !app.store.passwords().second_factor(),
        others: rows.iter().any(|row| row.id != session.id),
        sessions: SessionLine::of(&desk, &rows, &session.id, "/account/end-session"),
    };
    page::draw(&app, &desk, say(language, "account.title"), "page/account", &page, None).await
}

/// `POST /account/end-session`
async fn end(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let id = posted.get("session");
    if !app.store.end_session(&desk.id, id, &desk.id).await? {
        return Err(Problem::not_found());
    }
    let to = if desk.session()?.id == id { "/login" } else { "/account" };
    Ok(notify(Redirect::to(to).into_response(), "good", "account.ended", &[]))
}

/// `POST /account/end-sessions`: all but this one.
async fn end_others(State(app): State<App>, desk: Desk, _: Posted) -> Page {
    app.store.end_sessions(&desk.id, desk.visit.token(), &desk.id).await?;
    Ok(notify(Redirect::to("/account").into_response(), "good", "account.ended_others", &[]))
}
