//! Units, people and posts from a spreadsheet: looked at with every fault, applied only when it is confirmed; and back.

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tongban_adapters::{
    files::{FileError, Received},
    spreadsheet::{self, SpreadsheetError},
};
use tongban_engine::{
    authority::Action,
    organisation::{
        RegisterChange,
        sheet::{self, Import, SheetKind},
    },
    text::Language,
};

use super::{Page, ProblemBox, account::without_account, may_look};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page, people,
    session::notify,
    state::App,
    view::{
        fill,
        messages::{both, both_filled},
        say,
    },
};

/// Under which what was looked at is kept until it is confirmed.
const DRAFT: &str = "import:register";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/import", get(show).post(upload))
        .route("/admin/import/confirm", post(confirm))
        .route("/admin/import/template", get(template))
        .route("/admin/import/export", get(export))
}

/// What was looked at.
#[derive(Serialize, Deserialize)]
struct Looked {
    version: u64,
    changes: Vec<RegisterChange>,
}

#[derive(Serialize, Default)]
struct Importing {
    may_change: bool,
    file: String,
    /// Something was looked at.
    looked: bool,
    faults: Vec<FaultRow>,
    fault_count: usize,
    more: usize,
    sums: Vec<Sum>,
    total: usize,
    /// Some of it takes two administrators, so that a reason is asked for.
    takes_two: bool,
    version: u64,
    aside: Option<String>,
    waiting: usize,
}

#[derive(Serialize)]
struct FaultRow {
    sheet: String,
    row: String,
    cell: String,
    column: String,
    message: String,
}

#[derive(Serialize)]
struct Sum {
    name: &'static str,
    added: usize,
    changed: usize,
    same: usize,
}

async fn show(State(app): State<App>, desk: Desk) -> Page {
    may_look(&desk)?;
    draw(&app, &desk, Importing::default(), None).await
}

async fn draw(app: &App, desk: &Desk, page: Importing, problem: Option<&Problem>) -> Page {
    let may_change = desk.has(Action::People);
    let waiting = if may_change { without_account(app, &app.store.register()).await?.len() } else { 0 };
    let page = Importing { may_change, waiting, ..page };
    let told = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let mut drawn = page::draw(app, desk, say(desk.language(), "import.title"), "page/import", &page, told.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

/// Which sheets somebody may apply.
pub(crate) fn hers(desk: &Desk, kind: SheetKind) -> bool {
    desk.has(if kind == SheetKind::Posts { Action::Grants } else { Action::People })
}

/// A spreadsheet as it would change the register, with the version that was looked at.
///
/// # Errors
/// 422 if it cannot be read.
pub(crate) async fn looked_at(app: &App, desk: &Desk, bytes: Vec<u8>) -> Result<(u64, Import), Problem> {
    let read = tokio::task::spawn_blocking(move || spreadsheet::read(&bytes)).await.map_err(|error| Problem::ours(&error))?;
    let sheets = read.map_err(|error| unread(&error))?;
    let (version, register) = app.store.registered();
    let (calendar, roles, now) = (app.calendar.clone(), app.roles.clone(), app.now());
    let mine: Vec<SheetKind> = SheetKind::ALL.into_iter().filter(|kind| hers(desk, *kind)).collect();
    let planned = move || {
        let none = std::collections::BTreeSet::new();
        let ground = tongban_engine::organisation::Ground { roles: &roles, processes: &none, busy: &none, now };
        sheet::plan(&register, &sheets, &|kind| mine.contains(&kind), &calendar, &ground)
    };
    Ok((version, tokio::task::spawn_blocking(planned).await.map_err(|error| Problem::ours(&error))?))
}

fn unread(error: &SpreadsheetError) -> Problem {
    let detail = match error {
        SpreadsheetError::TooLarge => both_filled("error.too_large_detail", &[("limit", "2 MiB")]),
        SpreadsheetError::Macros => both("import.macros"),
        SpreadsheetError::TooMuch(_) => both_filled("import.too_much", &[("rows", &spreadsheet::ROWS_MAX.to_string())]),
        SpreadsheetError::Unreadable(_) | SpreadsheetError::Unwritten(_) => both("import.unreadable"),
    };
    Problem::invalid("spreadsheet-refused", detail).titled(both("import.not_read"))
}

/// What was uploaded; nothing of it is kept.
async fn sheet_of(content: Result<Received, FileError>) -> Result<Vec<u8>, Problem> {
    match content {
        Ok(received) => Ok(received.bytes().await?),
        Err(FileError::Store(error)) => Err(error.into()),
        Err(FileError::TooLarge) => Err(unread(&SpreadsheetError::TooLarge)),
        Err(error) => Err(unread(&SpreadsheetError::Unreadable(error.to_string()))),
    }
}

/// `POST /admin/import`: looks at a spreadsheet.
async fn upload(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    may_look(&desk)?;
    let Some(file) = posted.files.into_iter().find(|file| file.field == "file") else {
        let problem = Problem::invalid("spreadsheet-refused", both("import.no_file")).titled(both("import.not_read"));
        return draw(&app, &desk, Importing::default(), Some(&problem)).await;
    };
    let looked = match sheet_of(file.content).await {
        Ok(bytes) => looked_at(&app, &desk, bytes).await,
        Err(problem) => Err(problem),
    };
    let (version, import) = match looked {
        Ok(looked) => looked,
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => return draw(&app, &desk, Importing { file: file.name, ..Importing::default() }, Some(&problem)).await,
    };
    if import.faults.is_empty() {
        let looked = Looked { version, changes: import.changes.clone() };
        let body = serde_json::to_value(&looked).map_err(|error| Problem::ours(&error))?;
        app.store.save_draft(&desk.id, DRAFT, &body).await?;
    } else {
        app.store.drop_draft(&desk.id, DRAFT).await?;
    }
    draw(&app, &desk, drawn(&app, &desk, file.name, version, &import), None).await
}

fn drawn(app: &App, desk: &Desk, file: String, version: u64, import: &Import) -> Importing {
    let register = app.store.register();
    let language = desk.language();
    let fault = |fault: &sheet::SheetFault| FaultRow {
        sheet: fault.sheet.clone(),
        row: if fault.row == 0 { String::new() } else { fault.row.to_string() },
        cell: fault.cell(),
        column: fault.heading.clone(),
        message: fault.message.get(language).to_owned(),
    };
    let sum = |(kind, counted): (&SheetKind, &sheet::Counted)| Sum {
        name: kind_name(language, *kind),
        added: counted.added,
        changed: counted.changed,
        same: counted.same,
    };
    let others: Vec<&str> = SheetKind::ALL.into_iter().filter(|kind| !hers(desk, *kind)).map(|kind| kind_name(language, kind)).collect();
    Importing {
        file,
        looked: true,
        fault_count: import.faults.len() + import.more,
        faults: import.faults.iter().map(fault).collect(),
        more: import.more,
        sums: import.counts.iter().map(sum).collect(),
        total: import.changes.len(),
        takes_two: import.changes.iter().any(|change| change.takes_two(&register, &app.roles)),
        version,
        aside: (!others.is_empty()).then(|| fill(language, "import.aside", &[("sheets", &crate::view::listed(language, &others))])),
        ..Importing::default()
    }
}

fn kind_name(language: Language, kind: SheetKind) -> &'static str {
    say(
        language,
        match kind {
            SheetKind::Units => "import.units",
            SheetKind::People => "import.people",
            SheetKind::Posts => "import.posts",
        },
    )
}

/// `POST /admin/import/confirm`: what was looked at becomes so, all of it.
async fn confirm(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    may_look(&desk)?;
    let back = Redirect::to("/admin/import").into_response();
    if posted.get("sure") != "yes" {
        return Ok(notify(back, "warn", "people.not_sure", &[]));
    }
    let draft = app.store.draft(&desk.id, DRAFT).await?;
    let Some(looked) = draft.and_then(|draft| serde_json::from_value::<Looked>(draft.body).ok()) else {
        return Ok(notify(back, "warn", "import.gone", &[]));
    };
    // the form belongs to what is shown, not to what another window looked at since
    if people::seen(&posted)? != looked.version {
        return Ok(notify(back, "warn", "import.gone", &[]));
    }
    match people::change(&app, &desk, looked.version, &looked.changes, posted.get("reason")).await {
        Ok(changed) => {
            app.store.drop_draft(&desk.id, DRAFT).await?;
            let told = if changed.proposal.is_some() { "import.done_waits" } else { "import.done" };
            Ok(notify(back, "good", told, &[("count", &looked.changes.len().to_string())]))
        }
        Err(problem) if matches!(problem.status.as_u16(), 409 | 422) => draw(&app, &desk, Importing::default(), Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn template(desk: Desk) -> Page {
    may_look(&desk)?;
    Ok(file("template.xlsx", spreadsheet::template().map_err(|error| Problem::ours(&error))?))
}

async fn export(State(app): State<App>, desk: Desk) -> Page {
    may_look(&desk)?;
    desk.must_be_fresh()?;
    exported(&app, &desk).await
}

/// The register as a spreadsheet, noted before it leaves.
pub(crate) async fn exported(app: &App, desk: &Desk) -> Page {
    let (register, calendar) = (app.store.register(), app.calendar.clone());
    let written = move || spreadsheet::written(&register, &calendar);
    let written = tokio::task::spawn_blocking(written).await.map_err(|error| Problem::ours(&error))?;
    let bytes = written.map_err(|error| Problem::ours(&error))?;
    desk.note("register.exported", "register", "organisation", None).await?;
    Ok(file("organisation.xlsx", bytes))
}

fn file(name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, spreadsheet::MEDIA_TYPE.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
