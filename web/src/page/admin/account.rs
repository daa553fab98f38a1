//! First passwords: made by the administrator, shown once, to be changed at the first log-in.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use tongban_adapters::accounts::LoginError;
use tongban_engine::organisation::{Official, Register};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, people, random,
    state::App,
    view::{export, messages::both, say},
};
use tongban_engine::authority::Action;

/// Passwords that one request makes: hashing one takes a tenth of a second, on purpose.
const PASSWORDS_MAX: usize = 100;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/admin/people/{id}/first-password", post(one)).route("/admin/import/first-passwords", post(all))
}

#[derive(Serialize)]
struct Passwords {
    total: usize,
    rows: Vec<Row>,
    /// Who still waits for one.
    remain: usize,
}

/// A slip for one person.
#[derive(Clone, Debug, Serialize)]
struct Row {
    name: String,
    unit: String,
    login: String,
    password: String,
}

/// `POST /admin/people/{id}/first-password`: a new first password; the old one and all sessions are over.
async fn one(State(app): State<App>, desk: Desk, Path(id): Path<String>, posted: Posted) -> Page {
    desk.must_have(Action::People)?;
    let register = app.store.register();
    let official = register.people.get(&id).filter(|official| official.left.is_none()).ok_or_else(Problem::not_found)?;
    let Some(login) = official.login.clone() else { return Err(Problem::refused(both("people.no_login"))) };
    if posted.get("sure") != "yes" {
        return Err(Problem::refused(both("people.not_sure")));
    }
    people::must_be_hers(&app, &id, official).await?;
    let row = give(&app, &desk, &register, (&id, official, &login)).await?;
    shown(&app, &desk, vec![row], 0).await
}

/// `POST /admin/import/first-passwords`: for everybody who has a login and no account yet.
async fn all(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    desk.must_have(Action::People)?;
    let register = app.store.register();
    let without = without_account(&app, &register).await?;
    let remain = without.len().saturating_sub(PASSWORDS_MAX);
    let mut rows = Vec::new();
    for person in without.into_iter().take(PASSWORDS_MAX) {
        rows.push(give(&app, &desk, &register, person).await?);
    }
    if posted.get("as") == "csv" { csv(&rows) } else { shown(&app, &desk, rows, remain).await }
}

/// People who could log in but have no account: those an import brought.
pub(super) async fn without_account<'a>(app: &App, register: &'a Register) -> Result<Vec<(&'a str, &'a Official, &'a str)>, Problem> {
    let known = app.store.logins().await?;
    let here = register.people.iter().filter(|(_, official)| official.left.is_none());
    let with_login = here.filter_map(|(id, official)| Some((id.as_str(), official, official.login.as_deref()?)));
    Ok(with_login.filter(|(_, _, login)| !known.contains(*login)).collect())
}

/// Makes the account, and gives the slip.
async fn give(app: &App, desk: &Desk, register: &Register, (id, official, login): (&str, &Official, &str)) -> Result<Row, Problem> {
    let password = random::password();
    app.store.give_password(login, id, &password, true, &desk.id).await.map_err(|error| match error {
        LoginError::Store(error) => error.into(),
        other => Problem::ours(&other),
    })?;
    let unit = official.posts.first().and_then(|tenure| register.units.get(&tenure.post.unit));
    let unit = unit.map(|unit| unit.name.get(desk.language()).to_owned()).unwrap_or_default();
    Ok(Row { name: official.name.clone(), unit, login: login.to_owned(), password })
}

async fn shown(app: &App, desk: &Desk, rows: Vec<Row>, remain: usize) -> Page {
    let page = Passwords { total: rows.len(), rows, remain };
    let mut response = page::draw(app, desk, say(desk.language(), "people.passwords"), "page/passwords", &page, None).await?;
    once(&mut response);
    Ok(response)
}

/// What is shown once stays in no cache.
fn once(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
}

/// The slips as a table.
fn csv(rows: &[Row]) -> Page {
    let cells = rows.iter().map(|Row { name, unit, login, password }| [name, unit, login, password].map(String::clone));
    let text = export::csv(["姓名", "机构", "账号", "初始密码"], cells).map_err(|error| Problem::ours(&error))?;
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"passwords.csv\"")];
    let mut response = (headers, text).into_response();
    once(&mut response);
    Ok(response)
}
