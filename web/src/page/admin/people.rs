//! The list of people: search, narrow to a unit or a role, page by page; and adding one.

use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::PAGE_ROWS;
use tongban_engine::{
    organisation::{Entry, Official, Register, RegisterChange},
    text::Language,
    time::Moment,
};

use super::{Choice, Page, Pages, ProblemBox, given, may_look, role_choices, unit_choices};
use crate::{
    desk::Desk,
    fields::Posted,
    page, people,
    session::notify,
    state::App,
    view::{listed, say},
};
use tongban_engine::authority::Action;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/admin/people", get(list)).route("/admin/new-person", get(begin).post(add))
}

/// What a list of people is narrowed to.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) q: String,
    #[serde(default)]
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) left: String,
    #[serde(default)]
    pub(crate) page: Option<u32>,
}

impl Asked {
    /// Whether a person is wanted: by her id, name, login or mail; at the unit or one below it, with the role.
    pub(crate) fn takes(&self, register: &Register, id: &str, official: &Official, now: Moment) -> bool {
        let keyword = self.q.trim().to_lowercase();
        let texts = [Some(id), Some(official.name.as_str()), official.login.as_deref(), official.mail.as_deref()];
        let named = keyword.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&keyword));
        let left = official.left.is_some_and(|left| left <= now);
        let holds = self.unit.is_empty() && self.role.is_empty()
            || official.posts.iter().any(|tenure| {
                let current = tenure.term.until.is_none_or(|until| until > now) || left;
                let unit = self.unit.is_empty() || register.is_within(&tenure.post.unit, &self.unit);
                current && unit && (self.role.is_empty() || tenure.post.role == self.role)
            });
        named && holds && left == (self.left == "yes")
    }
}

#[derive(Serialize)]
struct List {
    total: usize,
    keyword: String,
    units: Vec<Choice>,
    roles: Vec<Choice>,
    left: bool,
    filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
    may_change: bool,
}

#[derive(Serialize)]
struct Row {
    id: String,
    href: String,
    name: String,
    posts: String,
    login: String,
    left: String,
}

/// `GET /admin/people`
async fn list(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    may_look(&desk)?;
    let (register, language, now) = (app.store.register(), desk.language(), app.now());
    let mut found: Vec<(&String, &Official)> =
        register.people.iter().filter(|(id, official)| asked.takes(&register, id, official, now)).collect();
    found.sort_by(|a, b| a.0.cmp(b.0));
    let at = asked.page.unwrap_or(1).max(1) - 1;
    let shown = found.iter().skip(at as usize * PAGE_ROWS as usize).take(PAGE_ROWS as usize);
    let row = |(id, official): &(&String, &Official)| Row {
        id: (*id).clone(),
        href: format!("/admin/people/{id}"),
        name: official.name.clone(),
        posts: post_words(&app, &register, language, official, now),
        login: official.login.clone().unwrap_or_default(),
        left: official.left.map(|at| desk.when.day(at)).unwrap_or_default(),
    };
    let page = List {
        total: found.len(),
        units: unit_choices(&register, language, &asked.unit),
        roles: role_choices(&app, language, &asked.role),
        left: asked.left == "yes",
        filtered: [&asked.q, &asked.unit, &asked.role, &asked.left].into_iter().any(|text| !text.is_empty()),
        rows: shown.map(row).collect(),
        pages: Pages::new(&desk.visit, found.len() as u64, at),
        may_change: desk.has(Action::People),
        keyword: asked.q.clone(),
    };
    page::draw(&app, &desk, say(language, "people.title"), "page/people", &page, None).await
}

/// The posts that somebody holds now, or held when she left.
fn post_words(app: &App, register: &Register, language: Language, official: &Official, now: Moment) -> String {
    let word = |tenure: &tongban_engine::organisation::Tenure| {
        let role = app.roles.get(&tenure.post.role).map_or(tenure.post.role.as_str(), |role| role.name.get(language));
        let unit = register.units.get(&tenure.post.unit).map_or(tenure.post.unit.as_str(), |unit| unit.name.get(language));
        format!("{unit} {role}")
    };
    let held = official.posts.iter().filter(|tenure| tenure.term.covers(now));
    listed(language, &held.map(word).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct New {
    version: u64,
    id: String,
    name: String,
    login: String,
    mail: String,
}

async fn begin(State(app): State<App>, desk: Desk) -> Page {
    desk.must_have(Action::People)?;
    let version = app.store.registered().0;
    let page = New { version, id: String::new(), name: String::new(), login: String::new(), mail: String::new() };
    page::draw(&app, &desk, say(desk.language(), "people.new"), "page/new_person", &page, None).await
}

/// What a form says of a person.
pub(super) fn entry(posted: &Posted) -> Entry {
    Entry { name: posted.get("name").to_owned(), login: given(posted.get("login")), mail: given(posted.get("mail")) }
}

async fn add(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let id = posted.get("id").to_owned();
    let changes = [RegisterChange::AddPerson { id: id.clone(), entry: entry(&posted) }];
    let problem = match people::change(&app, &desk, people::seen(&posted)?, &changes, "").await {
        Ok(_) => {
            return Ok(notify(
                Redirect::to(&format!("/admin/people/{id}")).into_response(),
                "good",
                "people.added",
                &[("name", posted.get("name"))],
            ));
        }
        Err(problem) if matches!(problem.status.as_u16(), 409 | 422) => problem,
        Err(problem) => return Err(problem),
    };
    let text = |name: &str| posted.get(name).to_owned();
    let page = New { version: app.store.registered().0, id, name: text("name"), login: text("login"), mail: text("mail") };
    let told = ProblemBox::new(&problem, desk.language(), true);
    let mut drawn = page::draw(&app, &desk, say(desk.language(), "people.new"), "page/new_person", &page, Some(&told)).await?;
    *drawn.status_mut() = problem.status;
    Ok(drawn)
}
