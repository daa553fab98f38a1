//! 谁能看、谁能办: who may see a case and who may do its open task, and for one person each rule with yes or no.

use axum::{
    Router,
    extract::{Query, State},
    routing::get,
};
use serde::Serialize;
use tongban_engine::{
    authority::{Action, Relation},
    interpreter::LocalNo,
    text::Language,
};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    page,
    state::App,
    view::{fill, parts, say},
    why::{Asked, Question},
};

/// Actions that a question about a case may be about, and those about a task.
const OF_CASE: [Action; 6] = [Action::SeeCase, Action::SeeJournal, Action::Operate, Action::Supplement, Action::Withdraw, Action::Repair];
const OF_TASK: [Action; 4] = [Action::SeeTask, Action::Act, Action::Reveal, Action::Draft];
/// Duties that a question without a case may be about.
const OF_OFFICE: [Action; 7] =
    [Action::Intake, Action::Outbox, Action::Incidents, Action::Versions, Action::People, Action::Grants, Action::Audit];

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/why", get(show))
}

#[derive(Serialize)]
struct Why {
    title: &'static str,
    /// Number of the case, with its page if the reader sees it.
    number: Option<String>,
    case: String,
    case_href: Option<String>,
    people: Vec<Choice>,
    actions: Vec<Choice>,
    tasks: Vec<Choice>,
    answer: Option<Answer>,
    seers: Vec<Seer>,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

#[derive(Serialize)]
struct Answer {
    allowed: bool,
    sentence: String,
    reason: String,
    checks: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    question: String,
    holds: bool,
    note: String,
}

/// Somebody who sees the case.
#[derive(Serialize)]
struct Seer {
    name: String,
    href: String,
    post: String,
    sight: String,
    relations: String,
    /// Whether she may do the task.
    acts: bool,
}

/// `GET /why`
async fn show(State(app): State<App>, desk: Desk, Query(question): Query<Question>) -> Page {
    let language = desk.language();
    let asked = question.find(&app, &desk).await?;
    let action = question.action()?;
    let seen = match &asked.found {
        Some((case, _)) => desk.case(&case.id).await.is_ok(),
        None => false,
    };
    let page = Why {
        title: say(language, "why.title"),
        number: asked.found.as_ref().and_then(|(case, _)| case.facts.number.clone()),
        case: asked.found.as_ref().map(|(case, _)| case.id.clone()).unwrap_or_default(),
        case_href: asked.found.as_ref().filter(|_| seen).map(|(case, _)| parts::case_href(&case.id)),
        people: people(&desk, question.person()),
        actions: actions(&asked, action, language),
        tasks: tasks(&asked, language),
        answer: question.person().map(|person| answer(&desk, &asked, person, action)).transpose()?,
        seers: seers(&desk, &asked),
    };
    page::draw(&app, &desk, page.title, "page/why", &page, None).await
}

fn people(desk: &Desk, chosen: Option<&str>) -> Vec<Choice> {
    let choice = |(id, person): (&String, &tongban_engine::organisation::Person)| Choice {
        id: id.clone(),
        name: person.name.clone(),
        chosen: Some(id.as_str()) == chosen,
    };
    desk.organisation.people.iter().map(choice).collect()
}

fn actions(asked: &Asked, chosen: Action, language: Language) -> Vec<Choice> {
    let offered: Vec<Action> = match (&asked.found, asked.task) {
        (Some(_), Some(_)) => OF_CASE.into_iter().chain(OF_TASK).collect(),
        (Some(_), None) => OF_CASE.into(),
        (None, _) => OF_OFFICE.into(),
    };
    let choice =
        |action: Action| Choice { id: action.word().to_owned(), name: action.name().get(language).to_owned(), chosen: action == chosen };
    offered.into_iter().map(choice).collect()
}

fn tasks(asked: &Asked, language: Language) -> Vec<Choice> {
    let Some((case, definition)) = &asked.found else { return Vec::new() };
    let title = |node: &str| definition.process.node(node).map(tongban_engine::definition::Node::title).unwrap_or_default();
    let choice = |(no, task): (&LocalNo, &tongban_engine::interpreter::Task)| Choice {
        id: no.to_string(),
        name: title(&task.node).get(language).to_owned(),
        chosen: asked.task == Some(*no),
    };
    case.tasks.iter().map(choice).collect()
}

fn answer(desk: &Desk, asked: &Asked, person: &str, action: Action) -> Result<Answer, Problem> {
    let language = desk.language();
    let name = &desk.organisation.people.get(person).ok_or_else(Problem::not_found)?.name;
    let explained = asked.explain(desk, person, action);
    let allowed = explained.decision.is_ok();
    let what = action.name();
    let words = [("who", name.as_str()), ("what", what.get(language))];
    let reason = match &explained.decision {
        Ok(grant) => grant.sight.map(|sight| sight.name().get(language).to_owned()).unwrap_or_default(),
        Err(refusal) => refusal.rejection.message.get(language).to_owned(),
    };
    let line = |check: &tongban_engine::authority::Check| Line {
        question: check.question.get(language).to_owned(),
        holds: check.holds,
        note: check.note.as_ref().map(|note| note.get(language).to_owned()).unwrap_or_default(),
    };
    Ok(Answer {
        allowed,
        sentence: fill(language, if allowed { "why.may" } else { "why.may_not" }, &words),
        reason,
        checks: explained.checks.iter().map(line).collect(),
    })
}

/// Everybody who sees the case, those who see most first.
fn seers(desk: &Desk, asked: &Asked) -> Vec<Seer> {
    let Some((case, definition)) = &asked.found else { return Vec::new() };
    let (language, authority) = (desk.language(), desk.authority());
    let of = tongban_engine::authority::Dossier { case, definition };
    let mut seers = Vec::new();
    for (id, person) in &desk.organisation.people {
        let explained = asked.explain(desk, id, Action::SeeCase);
        let Some(sight) = explained.decision.ok().and_then(|grant| grant.sight) else { continue };
        let ties = Relation::ALL.into_iter().filter_map(|relation| Some((relation, authority.tie(id, of, relation)?)));
        let names: Vec<String> = ties
            .map(|(relation, standing)| {
                let name = relation.name().get(language).to_owned();
                let absent = standing.absent().and_then(|absent| desk.organisation.people.get(absent));
                absent.map_or(name.clone(), |absent| fill(language, "why.for", &[("what", &name), ("who", &absent.name)]))
            })
            .collect();
        let acts = asked.task.is_some() && asked.explain(desk, id, Action::Act).decision.is_ok();
        let post = person.posts.first().and_then(|post| desk.organisation.units.get(&post.unit));
        let href = format!("/why?case={}&person={id}&action={}", case.id, if acts { "act" } else { "see-case" });
        let seer = Seer {
            name: person.name.clone(),
            href,
            post: post.map(|unit| unit.name.get(language).to_owned()).unwrap_or_default(),
            sight: sight.name().get(language).to_owned(),
            relations: names.join(if language == Language::Zh { "；" } else { "; " }),
            acts,
        };
        seers.push((sight, seer));
    }
    seers.sort_by_key(|(sight, _)| std::cmp::Reverse(*sight));
    seers.into_iter().map(|(_, seer)| seer).collect()
}
