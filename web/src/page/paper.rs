//! Documents as issued.

use axum::{
    extract::{Path, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;
use tongban_adapters::store::DocumentRow;
use tongban_engine::{
    authority::{Action, Dossier, Resource},
    document::{PRINT_CSS, PageKind, Rendered, page as print_page},
    form::DESTROYED,
    interpreter::{Case, CaseId, LocalNo},
    text::Language,
};

use super::Page;
use crate::{desk::Desk, error::Problem, page, state::App, view::say};

#[derive(Serialize)]
struct Document {
    back: String,
    back_name: String,
    title: String,
    at: String,
    hash: String,
    html: String,
    print_href: String,
}

/// A document that `desk` may read: officials all, the applicant those that were sent to her.
async fn find(app: &App, desk: &Desk, id: &str, no: LocalNo) -> Result<(Case, DocumentRow), Problem> {
    let (case, definition, sight) = desk.case(id).await?;
    let of = Dossier { case: &case, definition: &definition };
    // what was sent matters to those only who do not see the whole
    let sent = !sight.is_whole() && super::portal::public_documents(app, &case).await?.contains(&no);
    desk.may(Action::SeeDocument, Resource::Document { of, no, sent })?;
    let row = app.store.document(id, no).await?.ok_or_else(Problem::not_found)?;
    if row.html == DESTROYED {
        return Err(Problem::destroyed());
    }
    desk.note_read(id, &format!("document:{no}")).await?;
    Ok((case, row))
}

/// `GET /cases/{case}/documents/{no}/print`: the document alone, as it goes on paper.
pub(super) async fn print(State(app): State<App>, desk: Desk, Path((id, no)): Path<(CaseId, LocalNo)>) -> Page {
    let (_, row) = find(&app, &desk, &id, no).await?;
    let rendered = Rendered { subject: Some(row.title), html: row.html, hash: row.hash };
    // documents are issued in Chinese, whatever the reader's language
    Ok(Html(print_page(&rendered, PageKind::Official, Language::Zh)).into_response())
}

/// `GET /assets/print.css`: the style sheet of print pages.
pub(crate) async fn print_css() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], PRINT_CSS).into_response()
}

/// `GET /cases/{case}/documents/{no}`
pub(super) async fn document(State(app): State<App>, desk: Desk, Path((id, no)): Path<(CaseId, LocalNo)>) -> Page {
    let (case, row) = find(&app, &desk, &id, no).await?;
    let number = case.facts.number.clone().unwrap_or_else(|| say(desk.language(), "case.title").to_owned());
    let page = Document {
        back: format!("/cases/{id}"),
        back_name: number,
        at: desk.when.moment(row.made_at),
        hash: row.hash,
        html: row.html,
        title: row.title,
        print_href: format!("/cases/{id}/documents/{no}/print"),
    };
    page::draw(&app, &desk, &page.title, "page/document", &page, None).await
}
