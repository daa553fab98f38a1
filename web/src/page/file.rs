//! Files as given: looked at as pictures of our own, or downloaded; never run by our origin.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tongban_adapters::files::{FileError, FileState, PreviewSize};
use tongban_engine::{
    authority::{Action, Dossier, Resource},
    interpreter::{Case, CaseId, MaterialGiven},
};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    page,
    state::App,
    view::{
        messages::both,
        parts, say,
        standing::{Mark, Standing},
    },
};

/// Nothing that a file holds is run, wherever it is shown.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// The routes of files.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{case}/files/{file}", get(download))
        .route("/cases/{case}/files/{file}/view", get(view))
        .route("/cases/{case}/files/{file}/picture", get(picture))
}

/// A file of a case, for those who may see its files, noted as looked at.
async fn given(desk: &Desk, id: &str, file: &str) -> Result<(Case, String, MaterialGiven), Problem> {
    let (case, definition, _) = desk.case(id).await?;
    desk.may(Action::OpenFile, Resource::File(Dossier { case: &case, definition: &definition }, file))?;
    let given = case.materials.iter().find(|given| given.file == file).cloned().ok_or_else(Problem::not_found)?;
    let material = parts::application_form(&definition).and_then(|form| form.materials.iter().find(|known| known.id == given.material));
    let material = material.map_or(given.material.as_str(), |material| material.name.get(desk.language())).to_owned();
    desk.note_read(id, &format!("file:{}", given.material)).await?;
    Ok((case, material, given))
}

/// `GET /cases/{case}/files/{file}`: as it was given, always as a download.
async fn download(State(app): State<App>, desk: Desk, Path((id, file)): Path<(CaseId, String)>) -> Page {
    let (_, _, given) = given(&desk, &id, &file).await?;
    // it was taken with the case: if nothing opens it any more, its key was destroyed
    let kept = app.store.file(&file).await?.ok_or_else(Problem::destroyed)?;
    let size = kept.size;
    let mut response = Body::from_stream(kept.stream()).into_response();
    let headers = response.headers_mut();
    let text = |value: &str| HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, text(&given.media_type));
    headers.insert(header::CONTENT_LENGTH, size.into());
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(&given.name)));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

/// RFC 6266: a name of ASCII letters for old browsers, and the name itself in UTF-8, percent-encoded as RFC 8187 says.
fn disposition(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    let ascii: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let encoded: String =
        name.bytes().map(|byte| if plain(char::from(byte)) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[derive(Deserialize)]
struct Size {
    size: Option<String>,
}

/// `GET /cases/{case}/files/{file}/picture`: the pixels of a picture, drawn anew.
async fn picture(State(app): State<App>, desk: Desk, Path((id, file)): Path<(CaseId, String)>, Query(asked): Query<Size>) -> Page {
    let (_, _, given) = given(&desk, &id, &file).await?;
    let size = if asked.size.as_deref() == Some("small") { PreviewSize::Small } else { PreviewSize::Large };
    let drawn = app
        .store
        .file_preview(&file, size)
        .await?
        .ok_or_else(|| if is_picture(&given) { Problem::destroyed() } else { Problem::not_found() })?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok::<Response, _>((headers, drawn).into_response())
}

#[derive(Serialize)]
struct FilePage {
    back: String,
    back_name: String,
    title: String,
    material: String,
    size: String,
    mark: Option<Mark>,
    /// What to do where it may not be opened.
    held: Option<&'static str>,
    href: String,
    picture: Option<String>,
}

/// `GET /cases/{case}/files/{file}/view`: what it is, and how it looks if it is a picture.
async fn view(State(app): State<App>, desk: Desk, Path((id, file)): Path<(CaseId, String)>) -> Page {
    let (case, material, given) = given(&desk, &id, &file).await?;
    let (language, standing) = (desk.language(), Standing::of(&app, &case).await?);
    let href = format!("{}/files/{file}", parts::case_href(&id));
    let opens = standing.opens(&file);
    let page = FilePage {
        back: parts::case_href(&id),
        back_name: case.facts.number.clone().unwrap_or_else(|| say(language, "case.title").to_owned()),
        material,
        size: parts::size(given.size),
        mark: standing.mark(&file, language),
        held: (!opens).then(|| say(language, advice(standing.state(&file)))),
        picture: (opens && is_picture(&given)).then(|| format!("{href}/picture")),
        title: given.name,
        href,
    };
    page::draw(&app, &desk, &page.title, "page/file", &page, None).await
}

fn is_picture(given: &MaterialGiven) -> bool {
    given.media_type.starts_with("image/")
}

fn advice(state: FileState) -> &'static str {
    match state {
        FileState::Infected => "files.infected_next",
        FileState::Unscanned => "files.unscanned_next",
        FileState::Waiting | FileState::Clean => "files.waiting_next",
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        let held = |status, code: &str, title| Self { status, ..Self::invalid(code, both(title)).titled(both("files.held")) };
        match error {
            FileError::Store(error) => error.into(),
            FileError::Held(state) => {
                let status = if state == FileState::Infected { StatusCode::GONE } else { StatusCode::CONFLICT };
                held(status, &format!("file-{}", state.word()), advice(state))
            }
            // it was taken, and still cannot be drawn
            _ => held(StatusCode::UNPROCESSABLE_ENTITY, "file-undrawable", "files.undrawable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_cannot_end_the_header_or_name_a_path() {
        let cases = [
            ("说明 1.pdf", "attachment; filename=\"___1.pdf\"; filename*=UTF-8''%E8%AF%B4%E6%98%8E%201.pdf"),
            ("../a\"\r\nb.pdf", "attachment; filename=\".._a___b.pdf\"; filename*=UTF-8''..%2Fa%22%0D%0Ab.pdf"),
        ];
        for (name, header) in cases {
            assert_eq!(disposition(name), header);
            assert!(HeaderValue::from_str(header).is_ok());
        }
    }
}
