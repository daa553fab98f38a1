//! First passwords: made by the administrator, shown once, to be changed at the first log-in.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use tongban_adapters::{accounts::LoginError, store::Deed};
use tongban_engine::organisation::{Official, Register};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, people, random,
    state::App,
    view::{messages::both, say},
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
    if posted.get("as") == "csv" { Ok(csv(&rows)) } else { shown(&app, &desk, rows, remain).await }
}

/// People who could log in but have no account: those an import brought.
pub(super) async fn without_account<'a>(app: &App, register: &'a Register) -> Result<Vec<(&'a str, &'a Official, &'a str)>, Problem> {
    let known = app.store.logins().await?;
    let here = register.people.iter().filter(|(_, official)| official.left.is_none());
    let with_login = here.filter_map(|(id, official)| Some((id.as_str(), official, official.login.as_deref()?)));
    Ok(with_login.filter(|(_, _, login)| !known.contains(*login)).collect())
}

/// Makes the account, notes who made it, and gives the slip.
async fn give(app: &App, desk: &Desk, register: &Register, (id, official, login): (&str, &Official, &str)) -> Result<Row, Problem> {
    let password = random::password();
    let after = Some(serde_json::json!({ "login": login }).to_string());
    let deed = Deed { after, ..people::deed(app, desk, "account.given", "person", id) };
    app.store.note(deed).await?;
    app.store.set_account(login, id, &password, true).await.map_err(|error| match error {
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

/// Comma-separated, with the mark by which spreadsheet programs know UTF-8.
fn csv(rows: &[Row]) -> Response {
    let mut text = String::from("\u{feff}姓名,机构,账号,初始密码\r\n");
    for row in rows {
        text.push_str(&[&row.name, &row.unit, &row.login, &row.password].map(|cell| quoted(cell)).join(","));
        text.push_str("\r\n");
    }
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"passwords.csv\"")];
    let mut response = (headers, text).into_response();
    once(&mut response);
    response
}

/// A cell that no spreadsheet program takes for a formula.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_list_is_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
