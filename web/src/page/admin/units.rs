//! The tree of units: find one, add one, change, move and close it.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tongban_engine::{
    organisation::{Register, RegisterChange, Unit},
    text::{Language, Text},
};

use super::{Choice, Page, ProblemBox, given, kind_choices, kind_name, may_look, path, unit_choices};
use crate::{desk::Desk, error::Problem, fields::Posted, page, people, session::notify, state::App, view::say};
use tongban_engine::authority::Action;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/units", get(tree))
        .route("/admin/new-unit", get(begin).post(add))
        .route("/admin/units/{id}", get(show).post(change))
        .route("/admin/units/{id}/close", post(close))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    parent: String,
}

#[derive(Serialize)]
struct Tree {
    keyword: String,
    total: usize,
    units: Vec<Branch>,
    rows: Vec<Row>,
    may_change: bool,
}

/// A unit with those below it.
#[derive(Serialize)]
struct Branch {
    href: String,
    name: String,
    kind: String,
    people: usize,
    below: Vec<Branch>,
}

/// The same unit in the table.
#[derive(Serialize)]
struct Row {
    id: String,
    href: String,
    path: String,
    kind: String,
    code: String,
    people: usize,
}

/// `GET /admin/units`
async fn tree(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    may_look(&desk)?;
    let (register, language) = (app.store.register(), desk.language());
    let keyword = asked.q.trim().to_lowercase();
    let found: Vec<&str> = register.open_units().filter(|id| fits(&register, id, &keyword)).collect();
    // what is found is shown with what stands above it
    let mut shown = BTreeSet::new();
    for id in &found {
        let mut at = Some(*id);
        while let Some(id) = at.filter(|id| shown.insert(*id)) {
            at = register.units.get(id).and_then(|unit| unit.parent.as_deref());
        }
    }
    let look = Look { register: &register, organisation: &desk.organisation, language, shown: &shown };
    let rows = found.iter().filter_map(|id| look.row(id)).collect::<Vec<_>>();
    let page = Tree { keyword: asked.q, total: found.len(), units: look.below(None, 0), rows, may_change: desk.has(Action::People) };
    page::draw(&app, &desk, say(language, "units.title"), "page/units", &page, None).await
}

fn fits(register: &Register, id: &str, keyword: &str) -> bool {
    let Some(unit) = register.units.get(id) else { return false };
    let texts = [Some(id), Some(unit.name.zh.as_str()), unit.name.en.as_deref(), unit.code.as_deref()];
    keyword.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(keyword))
}

struct Look<'a> {
    register: &'a Register,
    organisation: &'a tongban_engine::organisation::Organisation,
    language: Language,
    shown: &'a BTreeSet<&'a str>,
}

impl Look<'_> {
    fn below(&self, parent: Option<&str>, depth: usize) -> Vec<Branch> {
        let here = |(id, unit): &(&String, &Unit)| unit.parent.as_deref() == parent && self.shown.contains(id.as_str());
        if depth > self.register.units.len() {
            return Vec::new();
        }
        let branch = |(id, unit): (&String, &Unit)| Branch {
            href: format!("/admin/units/{id}"),
            name: unit.name.get(self.language).to_owned(),
            kind: kind_name(self.language, &unit.kind).to_owned(),
            people: self.people(id),
            below: self.below(Some(id), depth + 1),
        };
        self.register.units.iter().filter(here).map(branch).collect()
    }

    fn people(&self, unit: &str) -> usize {
        self.organisation.people.values().filter(|person| person.posts.iter().any(|post| post.unit == unit)).count()
    }

    fn row(&self, id: &str) -> Option<Row> {
        let unit = self.register.units.get(id)?;
        Some(Row {
            id: id.to_owned(),
            href: format!("/admin/units/{id}"),
            path: path(self.register, self.language, id),
            kind: kind_name(self.language, &unit.kind).to_owned(),
            code: unit.code.clone().unwrap_or_default(),
            people: self.people(id),
        })
    }
}

/// What was typed into a unit's form, or stands in it.
#[derive(Default)]
struct Typed {
    id: String,
    name: String,
    name_en: String,
    kind: String,
    parent: String,
    code: String,
    items: String,
}

#[derive(Serialize)]
struct OneUnit {
    new: bool,
    closed: bool,
    action: String,
    version: u64,
    id: String,
    name: String,
    name_en: String,
    kinds: Vec<Choice>,
    parents: Vec<Choice>,
    code: String,
    items: String,
    path: String,
    may_change: bool,
    close_href: String,
    people_href: String,
    people: usize,
}

impl Typed {
    fn of(id: &str, unit: &Unit) -> Self {
        Self {
            id: id.to_owned(),
            name: unit.name.zh.clone(),
            name_en: unit.name.en.clone().unwrap_or_default(),
            kind: unit.kind.clone(),
            parent: unit.parent.clone().unwrap_or_default(),
            code: unit.code.clone().unwrap_or_default(),
            items: unit.items.join("、"),
        }
    }

    fn posted(posted: &Posted) -> Self {
        let text = |name: &str| posted.get(name).to_owned();
        Self {
            id: text("id"),
            name: text("name"),
            name_en: text("name_en"),
            kind: text("kind"),
            parent: text("parent"),
            code: text("code"),
            items: text("items"),
        }
    }

    fn unit(&self) -> Unit {
        let items = self.items.split(['、', ',', '，', ' ', '\n']).map(str::trim).filter(|item| !item.is_empty());
        Unit {
            name: Text { zh: self.name.clone(), en: given(&self.name_en) },
            kind: self.kind.clone(),
            parent: given(&self.parent),
            code: given(&self.code),
            items: items.map(str::to_owned).collect(),
        }
    }

    async fn draw(self, app: &App, desk: &Desk, known: Option<&str>, problem: Option<&Problem>) -> Page {
        let ((version, register), language) = (app.store.registered(), desk.language());
        let title = known.and_then(|id| register.units.get(id)).map_or(say(language, "units.new"), |unit| unit.name.get(language));
        let title = title.to_owned();
        let held =
            |unit: &str| desk.organisation.people.values().filter(|person| person.posts.iter().any(|post| post.unit == unit)).count();
        let page = OneUnit {
            new: known.is_none(),
            closed: known.is_some_and(|id| register.closed.contains_key(id)),
            action: known.map_or("/admin/new-unit".to_owned(), |id| format!("/admin/units/{id}")),
            version,
            kinds: kind_choices(language, &self.kind),
            parents: unit_choices(&register, language, &self.parent),
            path: known.map(|id| path(&register, language, id)).unwrap_or_default(),
            may_change: desk.has(Action::People),
            close_href: known.map(|id| format!("/admin/units/{id}/close")).unwrap_or_default(),
            people_href: known.map(|id| format!("/admin/people?unit={id}")).unwrap_or_default(),
            people: known.map_or(0, held),
            id: self.id,
            name: self.name,
            name_en: self.name_en,
            code: self.code,
            items: self.items,
        };
        let told = problem.map(|problem| ProblemBox::new(problem, language, true));
        page::draw(app, desk, &title, "page/unit", &page, told.as_ref()).await
    }
}

/// Keeps what was typed beside what was wrong with it; what is nobody's mistake stays a problem.
async fn again(app: &App, desk: &Desk, typed: Typed, known: Option<&str>, problem: Problem) -> Page {
    if !matches!(problem.status.as_u16(), 409 | 422) {
        return Err(problem);
    }
    let mut page = typed.draw(app, desk, known, Some(&problem)).await?;
    *page.status_mut() = problem.status;
    Ok(page)
}

async fn begin(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    desk.must_have(Action::People)?;
    Typed { parent: asked.parent, kind: "division".to_owned(), ..Typed::default() }.draw(&app, &desk, None, None).await
}

async fn add(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let typed = Typed::posted(&posted);
    let changes = [RegisterChange::AddUnit { id: typed.id.clone(), unit: typed.unit() }];
    match people::change(&app, &desk, people::seen(&posted)?, &changes, "").await {
        Ok(_) => {
            Ok(notify(Redirect::to(&format!("/admin/units/{}", typed.id)).into_response(), "good", "units.added", &[("name", &typed.name)]))
        }
        Err(problem) => again(&app, &desk, typed, None, problem).await,
    }
}

/// `GET /admin/units/{id}`
async fn show(State(app): State<App>, desk: Desk, Path(id): Path<String>) -> Page {
    may_look(&desk)?;
    let register = app.store.register();
    let unit = register.units.get(&id).ok_or_else(Problem::not_found)?;
    Typed::of(&id, unit).draw(&app, &desk, Some(&id), None).await
}

async fn change(State(app): State<App>, desk: Desk, Path(id): Path<String>, posted: Posted) -> Page {
    desk.must_have(Action::People)?;
    let register = app.store.register();
    let old = register.units.get(&id).ok_or_else(Problem::not_found)?;
    let typed = Typed { id: id.clone(), ..Typed::posted(&posted) };
    let new = typed.unit();
    let mut changes = Vec::new();
    if old.parent != new.parent {
        changes.push(RegisterChange::MoveUnit { id: id.clone(), parent: new.parent.clone() });
    }
    if (Unit { parent: old.parent.clone(), ..new.clone() }) != *old {
        let Unit { name, kind, code, items, .. } = new;
        changes.push(RegisterChange::ChangeUnit { id: id.clone(), name, kind, code, items });
    }
    let back = Redirect::to(&format!("/admin/units/{id}")).into_response();
    if changes.is_empty() {
        return Ok(notify(back, "warn", "people.nothing", &[]));
    }
    match people::change(&app, &desk, people::seen(&posted)?, &changes, "").await {
        Ok(_) => Ok(notify(back, "good", "people.saved", &[])),
        Err(problem) => again(&app, &desk, typed, Some(&id), problem).await,
    }
}

async fn close(State(app): State<App>, desk: Desk, Path(id): Path<String>, posted: Posted) -> Page {
    let register = app.store.register();
    let unit = register.units.get(&id).ok_or_else(Problem::not_found)?;
    if posted.get("sure") != "yes" {
        let back = Redirect::to(&format!("/admin/units/{id}")).into_response();
        return Ok(notify(back, "warn", "people.not_sure", &[]));
    }
    match people::change(&app, &desk, people::seen(&posted)?, &[RegisterChange::CloseUnit { id: id.clone() }], "").await {
        Ok(_) => Ok(notify(
            Redirect::to("/admin/units").into_response(),
            "good",
            "units.was_closed",
            &[("name", unit.name.get(desk.language()))],
        )),
        Err(problem) => again(&app, &desk, Typed::of(&id, unit), Some(&id), problem).await,
    }
}
