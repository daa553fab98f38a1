//! 待办, 在办, 已办, 我发起, 本单位, 可查看: find and take the next piece of work.

use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use tongban_adapters::store::{CaseRow, CopyMark, Filter, Page as StorePage, TaskRow};
use tongban_engine::{
    calendar::{ClockRecord, Duration, Light},
    definition::NodeKind,
    time::Moment,
};

use super::{Page, pages::Pages};
use crate::{
    desk::Desk,
    error::Problem,
    page,
    state::App,
    view::{Lamp, listed, parts::case_href, say},
};

/// What may stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    process: String,
    #[serde(default)]
    light: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Option<u32>,
}

impl Asked {
    /// The page asked for, from 0.
    pub(super) fn page(&self) -> u32 {
        self.page.unwrap_or(1).max(1) - 1
    }
}

/// The boxes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Box {
    Todo,
    Doing,
    Done,
    Mine,
    Copied,
    Unit,
    Seen,
}

impl Box {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "todo" => Self::Todo,
            "doing" => Self::Doing,
            "done" => Self::Done,
            "mine" => Self::Mine,
            "copied" => Self::Copied,
            "unit" => Self::Unit,
            "seen" => Self::Seen,
            _ => return None,
        })
    }

    /// Title and explanation.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Todo => ("inbox.todo", "inbox.todo_sub"),
            Self::Doing => ("inbox.doing", "inbox.doing_sub"),
            Self::Done => ("inbox.done", "inbox.done_sub"),
            Self::Mine => ("inbox.mine", "inbox.mine_sub"),
            Self::Copied => ("inbox.copied", "inbox.copied_sub"),
            Self::Unit => ("inbox.unit", "inbox.unit_sub"),
            Self::Seen => ("inbox.seen", "inbox.seen_sub"),
        }
    }
}

#[derive(Serialize)]
struct Inbox {
    title: &'static str,
    sub: &'static str,
    total: u64,
    overdue: u64,
    today: u64,
    action: String,
    processes: Vec<Choice>,
    lights: Vec<Choice>,
    keyword: String,
    filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
    empty: Empty,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

#[derive(Serialize)]
struct Row {
    light: Lamp,
    href: String,
    title: String,
    process: String,
    number: String,
    step: String,
    applicant: String,
    /// The day; the time of day stands in `received_full`.
    received: String,
    received_full: String,
    received_iso: String,
    /// How long it has waited; empty once nobody waits any more.
    waiting: String,
    who: String,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Empty {
    title: &'static str,
    text: &'static str,
    href: Option<String>,
    action: &'static str,
}

/// `GET /inbox/{box}`
pub(super) async fn show(State(app): State<App>, desk: Desk, Path(word): Path<String>, Query(asked): Query<Asked>) -> Page {
    let which = Box::of(&word).ok_or_else(Problem::not_found)?;
    let language = desk.language();
    let filter = filter(&app, &asked);
    let counts = desk.counts().await?;
    let (rows, total) = match which {
        Box::Todo => {
            let StorePage { rows, total, .. } = app.store.todo_counted(&desk.id, &filter, counts).await?;
            (rows.iter().map(|row| task_row(&app, &desk, row)).collect::<Vec<_>>(), total)
        }
        _ => {
            let StorePage { rows, total, .. } = match which {
                Box::Doing => app.store.doing(&desk.id, &filter).await?,
                Box::Done => app.store.done(&desk.id, &filter).await?,
                Box::Mine => app.store.mine(&desk.id, &filter).await?,
                Box::Copied => app.store.copied(&desk.id, &filter).await?,
                Box::Seen => app.store.seen(&desk.id, &filter).await?,
                _ => app.store.of_units(&desk.id, &filter).await?,
            };
            (rows.iter().map(|row| case_row(&desk, row)).collect(), total)
        }
    };
    let (title, sub) = which.keys();
    let filtered = !(asked.process.is_empty() && asked.light.is_empty() && asked.q.trim().is_empty());
    let action = format!("/inbox/{word}");
    let inbox = Inbox {
        title: say(language, title),
        sub: say(language, sub),
        total,
        overdue: if which == Box::Todo { counts.overdue } else { 0 },
        today: 0,
        processes: processes(&app, &desk, &asked.process),
        lights: lights(&desk, &asked.light),
        keyword: asked.q.clone(),
        pages: Pages::new(&desk.visit, total, filter.page),
        empty: empty(&desk, which, filtered, &action),
        action,
        filtered,
        rows,
    };
    page::draw(&app, &desk, inbox.title, "page/inbox", &inbox, None).await
}

fn filter(app: &App, asked: &Asked) -> Filter {
    let text = |value: &str| (!value.trim().is_empty()).then(|| value.trim().to_owned());
    let now = app.now();
    let due_before = match asked.light.as_str() {
        "overdue" => Some(now),
        "today" => Some(end_of_day(app, now, 0)),
        "soon" => Some(end_of_day(app, now, 3)),
        _ => None,
    };
    Filter { process: text(&asked.process), text: text(&asked.q), due_before, page: asked.page(), ..Filter::default() }
}

/// The end of the working day that many working days from now.
fn end_of_day(app: &App, now: Moment, working_days: i64) -> Moment {
    match working_days {
        0 => app.calendar.closing_time(app.calendar.date_of(now)).plus_ms(1),
        days => app.calendar.due(now, Duration::working_days(days)).at.plus_ms(1),
    }
}

fn processes(app: &App, desk: &Desk, chosen: &str) -> Vec<Choice> {
    let choice = |definition: &std::sync::Arc<tongban_engine::definition::Definition>| Choice {
        id: definition.process.id.clone(),
        name: definition.process.name.get(desk.language()).to_owned(),
        chosen: definition.process.id == chosen,
    };
    app.store.processes().iter().map(choice).collect()
}

fn lights(desk: &Desk, chosen: &str) -> Vec<Choice> {
    let choice =
        |(id, key): (&str, &'static str)| Choice { id: id.to_owned(), name: say(desk.language(), key).to_owned(), chosen: id == chosen };
    [("overdue", "light.overdue"), ("today", "light.today"), ("soon", "light.soon")].into_iter().map(choice).collect()
}

fn empty(desk: &Desk, which: Box, filtered: bool, action: &str) -> Empty {
    let language = desk.language();
    let (title, text) = match which {
        _ if filtered => ("inbox.empty_filter", "inbox.empty_filter_text"),
        Box::Todo => ("inbox.empty_todo", "inbox.empty_todo_text"),
        Box::Copied => ("inbox.empty_copied", "inbox.empty_copied_text"),
        _ => ("inbox.empty_other", "inbox.empty_other_text"),
    };
    let href = filtered.then(|| action.to_owned());
    Empty { title: say(language, title), text: say(language, text), href, action: say(language, "inbox.reset") }
}

/// The light of a task in a list: of its step, from the version that is the latest; where that has another limit than the
/// task was opened with, by the due moment alone.
fn task_light(app: &App, row: &TaskRow, now: Moment) -> Light {
    let Some(due) = row.due else { return Light::none() };
    let latest = app.store.latest(&row.process);
    let limit = latest.as_ref().and_then(|definition| match definition.process.node(&row.node).map(|node| &node.kind) {
        Some(NodeKind::UserTask(task)) => task.due,
        _ => None,
    });
    let calendar = latest.as_ref().map_or(&app.calendar, |definition| &definition.calendar);
    let limit = limit.filter(|limit| calendar.due(row.opened_at, *limit).at == due);
    let limit = limit.unwrap_or_else(|| Duration::milliseconds(due.0 - row.opened_at.0));
    calendar.light(&ClockRecord::new(row.opened_at, limit), &[], now)
}

fn task_row(app: &App, desk: &Desk, row: &TaskRow) -> Row {
    let (language, when) = (desk.language(), &desk.when);
    let who = match &row.assignee {
        Some(person) if *person == desk.id => say(language, "inbox.me").to_owned(),
        Some(person) => desk.organisation.people.get(person).map_or_else(|| person.clone(), |p| p.name.clone()),
        None => say(language, "inbox.unclaimed").to_owned(),
    };
    let mut tags = Vec::new();
    if !row.priority.is_normal() {
        tags.push(row.priority.label().get(language).to_owned());
    }
    if row.urged > 0 {
        tags.push(say(language, "inbox.urged").to_owned());
    }
    if row.law_paused {
        tags.push(say(language, "inbox.paused").to_owned());
    }
    Row {
        light: Lamp::new(&task_light(app, row, when.now()), when),
        href: format!("/cases/{}/tasks/{}", row.case, row.task),
        title: row.title.clone(),
        process: row.process_name.get(language).to_owned(),
        number: row.number.clone().unwrap_or_default(),
        step: row.name.get(language).to_owned(),
        applicant: row.applicant.clone(),
        received: when.day(row.received_at),
        received_full: when.moment(row.received_at),
        received_iso: when.iso(row.received_at),
        waiting: when.waiting(row.opened_at),
        who,
        tags,
    }
}

/// Who sent a copy, and from which step.
fn sender(desk: &Desk, copy: &CopyMark) -> String {
    let person = copy.by.as_ref().map(|id| desk.organisation.people.get(id).map_or(id.as_str(), |person| person.name.as_str()));
    let step = copy.name.get(desk.language());
    person.map_or_else(|| step.to_owned(), |person| format!("{person} · {step}"))
}

fn case_row(desk: &Desk, row: &CaseRow) -> Row {
    let (language, when) = (desk.language(), &desk.when);
    let standing: Vec<&str> = row.standing.iter().map(|name| name.get(language)).collect();
    let ended = row.ended_at.is_some();
    let step = if ended { say(language, "inbox.ended").to_owned() } else { listed(language, &standing) };
    let mut tags = Vec::new();
    if row.incidents > 0 || row.quarantined.is_some() {
        tags.push(say(language, "case.incident").to_owned());
    }
    if row.copy.as_ref().is_some_and(|copy| copy.read.is_none()) {
        tags.push(say(language, "inbox.unread").to_owned());
    }
    let light = match row.due {
        Some(due) if !ended => Lamp::until(due, when),
        _ => Lamp::new(&Light::none(), when),
    };
    Row {
        light,
        href: case_href(&row.case),
        title: row.title.clone(),
        process: row.process_name.get(language).to_owned(),
        number: row.number.clone().unwrap_or_default(),
        step,
        applicant: row.applicant.clone(),
        received: when.day(row.received_at),
        received_full: when.moment(row.received_at),
        received_iso: when.iso(row.received_at),
        waiting: if ended { String::new() } else { when.waiting(row.received_at) },
        who: match (&row.mine, &row.copy) {
            (Some(mark), _) => format!("{}：{}", mark.name.get(language), mark.action.get(language)),
            (None, Some(copy)) => sender(desk, copy),
            (None, None) => String::new(),
        },
        tags,
    }
}
