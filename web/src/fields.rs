//! What a page's form posted: fields in order and uploaded files, from urlencoded or multipart bodies.

use axum::{
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header},
};

use tongban_adapters::files::{FILES_MAX, FileError, Received};

use crate::{error::Problem, session::Visit, state::App, view::messages::both_filled};

/// Bytes of one request at most: a form with its files.
pub const BODY_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Fields at most; a form of 200 rows with ten members stays well below.
const FIELDS_MAX: usize = 4_000;
/// A field at most.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// A file as it came: sealed on its way, so that memory never holds it.
pub struct Upload {
    /// The input's name.
    pub field: String,
    /// The file's name, data only.
    pub name: String,
    /// The media type that was declared.
    pub declared: Option<String>,
    /// What came, or why it was not taken.
    pub content: Result<Received, FileError>,
}

/// What was posted. Reading it checks the session's token: every posting form goes through here.
#[derive(Default)]
pub struct Posted {
    /// Names and values in order, the page's own (`_csrf`, `_key`, …) included.
    pub fields: Vec<(String, String)>,
    /// Files.
    pub files: Vec<Upload>,
}

impl Posted {
    /// The first value of a field, trimmed; empty if it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
    }

    /// The same as it was typed, for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// A field of the page's own that must be there.
    pub fn key(&self) -> Result<&str, Problem> {
        match self.get("_key") {
            "" => Err(Problem::csrf()),
            key => Ok(key),
        }
    }

    /// Reads a request. No file is taken before the token that came ahead of it satisfies `may`.
    pub(crate) async fn read(app: &App, request: Request, may: impl Fn(&str) -> bool + Send) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            return Self::multipart(app, request, may).await;
        }
        let body = axum::body::to_bytes(request.into_body(), 2 * 1024 * 1024).await.map_err(|_| Problem::too_large("2 MiB"))?;
        Ok(Self { fields: form_urlencoded::parse(&body).into_owned().take(FIELDS_MAX).collect(), files: Vec::new() })
    }

    async fn multipart(app: &App, request: Request, may: impl Fn(&str) -> bool + Send) -> Result<Self, Problem> {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|error| broken(&error))?;
        let mut posted = Self::default();
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                // an input that nothing was chosen for
                Some(file) if file.is_empty() => {}
                Some(_) if posted.files.len() > FILES_MAX => {}
                Some(_) if !may(posted.get("_csrf")) => return Err(Problem::csrf()),
                Some(file) => {
                    let declared = part.content_type().map(str::to_owned);
                    let content = if posted.files.len() == FILES_MAX { Err(FileError::TooMany) } else { receive(app, part).await? };
                    posted.files.push(Upload { field: name, name: file, declared, content });
                }
                None if posted.fields.len() < FIELDS_MAX => {
                    let bytes = bounded(part, FIELD_BYTES_MAX, "64 KiB").await?;
                    posted.fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
                }
                None => return Err(Problem::too_large("4000")),
            }
        }
        Ok(posted)
    }
}

/// Seals a file as it comes. One that is too large is still read to its end, so that what was typed after it is kept.
async fn receive(app: &App, mut part: Field<'_>) -> Result<Result<Received, FileError>, Problem> {
    let (mut incoming, mut refused) = (app.store.incoming().await?, None);
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        if refused.is_none() {
            refused = incoming.push(&chunk).err();
        }
    }
    Ok(refused.map_or_else(|| incoming.finish(), Err))
}

/// Reads a part, and stops as soon as it is too long.
async fn bounded(mut part: Field<'_>, max: usize, limit: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > max {
            return Err(Problem::too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

// by value, as `map_err` hands it over
#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn unreadable(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = both_filled("error.form_too_large", &[("limit", "100 MiB")]);
        return Problem { detail: Box::new(detail), ..Problem::too_large("") };
    }
    broken(&error)
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request(both_filled("error.broken", &[("error", &error.to_string())]))
}

impl FromRequest<App> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or_else(Problem::csrf)?;
        let posted = Self::read(app, request, |token| visit.accepts(token)).await?;
        if visit.accepts(posted.get("_csrf")) { Ok(posted) } else { Err(Problem::csrf()) }
    }
}
