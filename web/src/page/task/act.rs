//! Submitting a task, previewing it, and revealing masked data.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Serialize;
use tongban_engine::{
    authority::Action,
    interpreter::{Actor, Ask, CaseId, Event, LocalNo, codes},
};

use super::{
    OpenTask,
    draw::{Drawing, Preview, PreviewField, Typed, entered},
};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page::{self, Page},
    reveal::{self, Stated},
    session::notify,
    state::App,
    view::{
        fill,
        messages::{both, both_filled},
        say,
        templates::render,
        words::Teller,
    },
};

/// `POST /cases/{case}/tasks/{task}`
pub(super) async fn complete(State(app): State<App>, desk: Desk, Path((case, no)): Path<(CaseId, LocalNo)>, posted: Posted) -> Page {
    let (_, _, open) = OpenTask::find(&desk, &case, no).await?;
    let typed = Typed { fields: posted.fields.clone(), saved: None };
    let Some(open) = open else { return closed(&app, &desk, &case, no, &posted).await };
    let drawing = Drawing { typed: Some(&typed), ..Drawing::of(&app, &desk, &open) };
    if tongban_engine::form::added_row(&posted.fields).is_some() {
        return drawing.draw().await;
    }
    let conflict = conflict(&app, &desk, &open, posted.get("_version")).await?;
    if conflict.is_some() {
        return with_status(StatusCode::CONFLICT, Drawing { conflict, ..drawing }.draw().await);
    }
    let action = posted.get("_action").to_owned();
    let declared = open.declared().and_then(|task| task.actions.get(&action));
    let Some(declared) = declared else {
        let problem = Problem::invalid("action-missing", both("task.action_needed"));
        return with_status(StatusCode::UNPROCESSABLE_ENTITY, Drawing { problem: Some(&problem), ..drawing }.draw().await);
    };
    if declared.confirm && posted.get("_confirm") != "1" {
        let name = declared.name.get(desk.language()).to_owned();
        let problem = Problem::invalid("confirm", both_filled("task.confirm_needed", &[("name", &name)]));
        let drawing = Drawing { problem: Some(&problem), confirm: Some(name), ..drawing };
        return with_status(StatusCode::UNPROCESSABLE_ENTITY, drawing.draw().await);
    }
    let ask = Ask::Complete { task: no, action: action.clone(), data: entered(&open, &posted.fields) };
    match app.store.submit(desk.command(&case, posted.key()?, ask)).await.map_err(Problem::from) {
        Ok(_) => {
            app.store.drop_draft(&desk.id, &OpenTask::draft_name(&case, no)).await?;
            let teller = Teller::new(&open.definition, &desk.organisation, &desk.when);
            let (step, action) = (teller.step(&open.task.node), teller.action(&open.task.node, &action));
            Ok(notify(Redirect::to("/inbox/todo").into_response(), "good", "task.done", &[("step", &step), ("action", &action)]))
        }
        Err(problem) if problem.code == codes::TASK_NOT_OPEN => closed(&app, &desk, &case, no, &posted).await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => with_status(problem.status, Drawing { problem: Some(&problem), ..drawing }.draw().await),
    }
}

fn with_status(status: StatusCode, page: Page) -> Page {
    page.map(|mut page| {
        *page.status_mut() = status;
        page
    })
}

/// Who changed the case since the page was drawn, in words; None if nobody did, or only the machine.
async fn conflict(app: &App, desk: &Desk, open: &OpenTask, version: &str) -> Result<Option<String>, Problem> {
    let Ok(version) = version.parse::<u64>() else { return Ok(None) };
    if version >= open.case.seq {
        return Ok(None);
    }
    let matters = |event: &Event| {
        matches!(event, Event::DataSet { .. } | Event::MaterialsAdded { .. } | Event::TaskAssigned { .. } | Event::TaskCompleted { .. })
    };
    let mine = Actor::Person(desk.id.clone());
    let journal = app.store.journal(&open.case.id).await?;
    let last = journal.iter().rfind(|row| row.seq > version && row.actor != mine && row.events.iter().any(matters));
    Ok(last.map(|row| {
        let who = crate::view::parts::who(&row.actor, &desk.organisation, desk.language());
        fill(desk.language(), "task.conflict", &[("who", &who), ("at", &desk.when.short(row.at))])
    }))
}

#[derive(Serialize)]
struct Closed {
    title: &'static str,
    text: String,
    kept: Vec<String>,
    case_href: String,
}

/// The task is gone. The same key again gets the answer it got; else what was typed is shown, so that nothing is lost.
async fn closed(app: &App, desk: &Desk, case: &CaseId, no: LocalNo, posted: &Posted) -> Page {
    let replay = Ask::Complete { task: no, action: posted.get("_action").to_owned(), data: serde_json::Map::new() };
    if let Ok(answer) = app.store.submit(desk.command(case, posted.key()?, replay)).await
        && answer.replayed
    {
        return Ok(Redirect::to("/inbox/todo").into_response());
    }
    let language = desk.language();
    let own = |(name, value): &&(String, String)| !name.starts_with('_') && !value.trim().is_empty();
    let page = Closed {
        title: say(language, "task.closed_title"),
        text: say(language, "task.closed_next").to_owned(),
        kept: posted.fields.iter().filter(own).map(|(_, value)| value.clone()).collect(),
        case_href: crate::view::parts::case_href(case),
    };
    with_status(StatusCode::CONFLICT, page::draw(app, desk, page.title, "page/closed", &page, None).await)
}

/// `POST /cases/{case}/tasks/{task}/preview`: decided and thrown away. A fragment for htmx, the whole page otherwise.
pub(super) async fn preview(
    State(app): State<App>,
    desk: Desk,
    Path((case, no)): Path<(CaseId, LocalNo)>,
    headers: HeaderMap,
    posted: Posted,
) -> Page {
    let (_, _, open) = OpenTask::find(&desk, &case, no).await?;
    let open = open.ok_or_else(Problem::not_found)?;
    let preview = consequences(&app, &desk, &open, &posted).await?;
    if headers.contains_key("hx-request") {
        return fragment(&desk, preview);
    }
    let typed = Typed { fields: posted.fields.clone(), saved: None };
    Drawing { typed: Some(&typed), preview: Some(preview), ..Drawing::of(&app, &desk, &open) }.draw().await
}

#[derive(Serialize)]
struct Fragment {
    preview: Preview,
}

fn fragment(desk: &Desk, preview: Preview) -> Result<Response, Problem> {
    let html = render(desk.language(), "part/preview", &Fragment { preview }).map_err(|error| Problem::ours(&error))?;
    Ok(Html(html).into_response())
}

async fn consequences(app: &App, desk: &Desk, open: &OpenTask, posted: &Posted) -> Result<Preview, Problem> {
    let language = desk.language();
    let teller = Teller::new(&open.definition, &desk.organisation, &desk.when);
    let action = posted.get("_action").to_owned();
    let title = fill(language, "task.preview_title", &[("name", &teller.action(&open.task.node, &action))]);
    let mut preview = Preview { title, problem: None, fields: Vec::new(), lines: Vec::new() };
    if action.is_empty() {
        preview.title = say(language, "task.preview_hint").to_owned();
        return Ok(preview);
    }
    let ask = Ask::Complete { task: open.no, action, data: entered(open, &posted.fields) };
    match app.store.preview(desk.command(&open.case.id, &crate::random::hex(16), ask)).await.map_err(Problem::from) {
        Ok((_, events)) => {
            preview.lines = events.iter().filter_map(|event| teller.consequence(event)).collect();
            preview.lines.dedup();
            if preview.lines.is_empty() {
                preview.lines.push(say(language, "preview.nothing").to_owned());
            }
        }
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => {
            preview.problem = Some(format!("{} {}", say(language, "preview.refused"), problem.detail.get(language)));
            let message = |field: &tongban_engine::form::FieldError| PreviewField { message: field.message.get(language).to_owned() };
            preview.fields = problem.fields.iter().map(message).collect();
        }
    }
    Ok(preview)
}

/// `POST /cases/{case}/tasks/{task}/reveal`: personal data whole, for a stated purpose, on record.
pub(super) async fn look(State(app): State<App>, desk: Desk, Path((case, no)): Path<(CaseId, LocalNo)>, posted: Posted) -> Page {
    let (_, _, open) = OpenTask::find(&desk, &case, no).await?;
    let open = open.ok_or_else(Problem::not_found)?;
    open.must(&desk, Action::Reveal)?;
    let fields = reveal::masked_names(&open.definition, open.shown().iter(), &open.data());
    reveal::demand(&app, &desk, ("case", &case), fields, Stated { purpose: posted.get("purpose"), remark: posted.get("remark") }).await?;
    let typed = super::draw::draft(&app, &desk, &open).await?;
    Drawing { revealed: true, typed: typed.as_ref(), ..Drawing::of(&app, &desk, &open) }.draw().await
}
