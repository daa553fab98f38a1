//! `/admin/people/{id}/hand-over`: what waits for somebody who leaves, to whom it goes, and why something cannot go.

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
    routing::get,
};
use serde::Serialize;
use tongban_adapters::{
    hand_over::{LeavingTask, Stake},
    store::Filter,
};
use tongban_engine::text::Language;

use super::{Choice, Page, person::SubstitutionRow};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    hand_over::{HandedOver, Receivers, carry_out, post_key},
    page,
    session::notify,
    state::App,
    view::{fill, say},
};
use tongban_engine::authority::Action;

/// What a select for one post is called in the address.
const OF_POST: &str = "to:";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/admin/people/{id}/hand-over", get(show).post(execute))
}

#[derive(Serialize)]
struct Leaver {
    name: String,
    href: String,
    person_href: String,
    left: Option<String>,
    total: usize,
    movable: usize,
    people: Vec<Choice>,
    groups: Vec<Group>,
    substitutions: Vec<SubstitutionRow>,
    drafts: usize,
    cases: u64,
    posts: Vec<String>,
    /// What the confirming form sends along.
    chosen: Vec<Hidden>,
}

#[derive(Serialize)]
struct Hidden {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Group {
    name: String,
    field: String,
    people: Vec<Choice>,
    tasks: Vec<TaskLine>,
}

#[derive(Serialize)]
struct TaskLine {
    case: String,
    process: String,
    step: String,
    due: String,
    stake: &'static str,
    to: Option<String>,
    /// The chosen one cannot receive it, and why; or nobody can.
    why: Vec<String>,
}

/// Who was chosen, by the names of the form's fields.
fn receivers(pairs: &[(String, String)]) -> Receivers {
    let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).filter(|id| !id.is_empty());
    let post = |(name, value): &(String, String)| {
        let post = name.strip_prefix(OF_POST).filter(|_| !value.is_empty())?;
        Some((post.to_owned(), value.clone()))
    };
    Receivers { all: value("all"), by_post: pairs.iter().filter_map(post).collect() }
}

/// `GET /admin/people/{id}/hand-over`: the preview; the address holds who was chosen.
async fn show(State(app): State<App>, desk: Desk, Path(id): Path<String>, Query(asked): Query<Vec<(String, String)>>) -> Page {
    desk.must_have(Action::People)?;
    let (register, language) = (app.store.register(), desk.language());
    let official = register.people.get(&id).ok_or_else(Problem::not_found)?;
    let leaving = app.store.leaving(&id).await?;
    let mut chosen = receivers(&asked);
    if chosen.all.is_none() {
        chosen.all = Receivers::proposed(&leaving);
    }
    let name = |id: &str| register.people.get(id).map_or(id, |official| official.name.as_str()).to_owned();
    let mut groups: Vec<(String, Group)> = Vec::new();
    let mut everybody: Vec<&str> = Vec::new();
    for task in &leaving.tasks {
        everybody.extend(task.receivers.iter().filter(|(_, refused)| refused.is_none()).map(|(id, _)| id.as_str()));
        let key = post_key(task);
        if groups.last().is_none_or(|(last, _)| *last != key) {
            groups.push((key.clone(), group(&app, &desk, task, &leaving.tasks, &chosen)));
        }
        if let Some((_, group)) = groups.last_mut() {
            group.tasks.push(line(&desk, task, &chosen, &name));
        }
    }
    everybody.sort_unstable();
    everybody.dedup();
    let choice = |id: &&str| Choice { id: (*id).to_owned(), name: name(id), chosen: chosen.all.as_deref() == Some(id) };
    let page = Leaver {
        name: official.name.clone(),
        href: format!("/admin/people/{id}/hand-over"),
        person_href: format!("/admin/people/{id}"),
        left: official.left.map(|at| desk.when.moment(at)),
        total: leaving.tasks.len(),
        movable: leaving.tasks.iter().filter(|task| task.receiver(chosen.wanted(task)).is_some()).count(),
        people: everybody.iter().map(choice).collect(),
        groups: groups.into_iter().map(|(_, group)| group).collect(),
        substitutions: super::person::substitutions(&app, &register, language, &id, app.now()),
        drafts: leaving.drafts.len(),
        cases: app.store.doing(&id, &Filter::default()).await?.total,
        posts: official
            .posts
            .iter()
            .filter(|tenure| tenure.term.until.is_none_or(|until| until > app.now()))
            .map(|tenure| post_words(&app, language, &tenure.post))
            .collect(),
        chosen: hidden(&chosen),
    };
    page::draw(&app, &desk, &fill(language, "hand_over.title", &[("name", &official.name)]), "page/hand_over", &page, None).await
}

fn hidden(chosen: &Receivers) -> Vec<Hidden> {
    let all = chosen.all.iter().map(|id| Hidden { name: "all".to_owned(), value: id.clone() });
    all.chain(chosen.by_post.iter().map(|(post, id)| Hidden { name: format!("{OF_POST}{post}"), value: id.clone() })).collect()
}

fn post_words(app: &App, language: Language, post: &tongban_engine::organisation::Post) -> String {
    let role = app.roles.get(&post.role).map_or(post.role.as_str(), |role| role.name.get(language));
    format!("{} · {role}", super::path(&app.store.register(), language, &post.unit))
}

/// A post's tasks, with everybody who could receive one of them.
fn group(app: &App, desk: &Desk, first: &LeavingTask, tasks: &[LeavingTask], chosen: &Receivers) -> Group {
    let key = post_key(first);
    let register = app.store.register();
    let of_group = || tasks.iter().filter(|task| post_key(task) == key);
    let total = of_group().count();
    let mut ids: Vec<&str> = of_group().flat_map(|task| task.receivers.keys().map(String::as_str)).collect();
    ids.sort_unstable();
    ids.dedup();
    let choice = |id: &str| {
        let could = of_group().filter(|task| task.receivers.get(id).is_some_and(Option::is_none)).count();
        let name = register.people.get(id).map_or(id, |official| official.name.as_str());
        let (could_text, total) = (could.to_string(), total.to_string());
        let name = fill(desk.language(), "hand_over.could", &[("name", name), ("could", &could_text), ("total", &total)]);
        (could > 0).then(|| Choice { id: id.to_owned(), name, chosen: chosen.by_post.get(&key).map(String::as_str) == Some(id) })
    };
    let people = ids.into_iter().filter_map(choice).collect();
    Group { name: post_words(app, desk.language(), &first.post), field: format!("{OF_POST}{key}"), people, tasks: Vec::new() }
}

fn line(desk: &Desk, task: &LeavingTask, chosen: &Receivers, name: &dyn Fn(&str) -> String) -> TaskLine {
    let language = desk.language();
    let wanted = chosen.wanted(task);
    let to = task.receiver(wanted);
    let refused = |id: &String, why: &Option<tongban_engine::interpreter::Rejection>| {
        why.as_ref().map(|why| fill(language, "hand_over.cannot", &[("name", &name(id)), ("why", why.message.get(language))]))
    };
    let mut why: Vec<String> = match to {
        // only why it is not who was wanted
        Some(to) => {
            task.receivers.iter().filter(|(id, _)| wanted == Some(id) && *id != to).filter_map(|(id, why)| refused(id, why)).collect()
        }
        None => task.receivers.iter().filter_map(|(id, why)| refused(id, why)).collect(),
    };
    if task.receivers.is_empty() {
        why.push(say(language, "hand_over.nobody").to_owned());
    }
    let stake = match task.stake {
        Stake::Has => "hand_over.has",
        Stake::Alone => "hand_over.alone",
        Stake::Delegated => "hand_over.delegated",
        Stake::Delegate => "hand_over.delegate",
        Stake::Signs => "hand_over.signs",
    };
    TaskLine {
        case: task.number.clone().unwrap_or_else(|| task.case.clone()),
        process: task.process.get(language).to_owned(),
        step: task.step.get(language).to_owned(),
        due: task.due.map(|due| desk.when.short(due)).unwrap_or_default(),
        stake: say(language, stake),
        to: to.map(name),
        why,
    }
}

/// `POST /admin/people/{id}/hand-over`
async fn execute(State(app): State<App>, desk: Desk, Path(id): Path<String>, posted: Posted) -> Page {
    desk.must_have(Action::People)?;
    let back = Redirect::to(&format!("/admin/people/{id}/hand-over")).into_response();
    if posted.get("sure") != "yes" {
        return Ok(notify(back, "warn", "people.not_sure", &[]));
    }
    if posted.get("reason").is_empty() {
        return Ok(notify(back, "warn", "hand_over.reason_needed", &[]));
    }
    let asked = (posted.get("reason"), posted.get("leaves") == "yes");
    let HandedOver { moved, stayed, left, proposal } = carry_out(&app, &desk, &id, &receivers(&posted.fields), asked).await?;
    let (moved, stayed_text) = (moved.to_string(), stayed.to_string());
    let counts = [("moved", moved.as_str()), ("stayed", stayed_text.as_str())];
    if proposal.is_some() {
        return Ok(notify(back, "good", "hand_over.waits", &counts));
    }
    Ok(match (left, stayed) {
        (true, 0) => notify(Redirect::to(&format!("/admin/people/{id}")).into_response(), "good", "hand_over.left_now", &counts),
        (_, 0) => notify(back, "good", "hand_over.done", &counts),
        _ => notify(back, "warn", "hand_over.stayed", &counts),
    })
}
