//! What a page's form posted: fields in order and uploaded files, from urlencoded or multipart bodies.

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::header,
};

use crate::{error::Problem, session::Visit, view::messages::both_filled};

/// A file at most.
pub const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Fields at most; a form of 200 rows with ten members stays well below.
const FIELDS_MAX: usize = 4_000;
/// A field at most.
const FIELD_BYTES_MAX: usize = 64 * 1024;
/// Files at most in one request.
const FILES_MAX: usize = 50;

/// A file as it came.
#[derive(Debug)]
pub struct Upload {
    /// The input's name.
    pub field: String,
    /// The file's name, data only.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What was posted. Reading it checks the session's token: every posting form goes through here.
#[derive(Debug, Default)]
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

    /// Reads a request without looking at its token.
    pub(crate) async fn read(request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            return Self::multipart(request).await;
        }
        let body = axum::body::to_bytes(request.into_body(), 2 * 1024 * 1024).await.map_err(|_| Problem::too_large("2 MiB"))?;
        Ok(Self { fields: form_urlencoded::parse(&body).into_owned().take(FIELDS_MAX).collect(), files: Vec::new() })
    }

    async fn multipart(request: Request) -> Result<Self, Problem> {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|error| broken(&error))?;
        let mut posted = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file) => {
                    let bytes = bounded(part, FILE_BYTES_MAX, "20 MiB").await?;
                    if !(file.is_empty() || bytes.is_empty()) && posted.files.len() < FILES_MAX {
                        posted.files.push(Upload { field: name, name: file, bytes });
                    }
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

/// Reads a part, and stops as soon as it is too long.
async fn bounded(mut part: Field<'_>, max: usize, limit: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > max {
            return Err(Problem::too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request(both_filled("error.broken", &[("error", &error.to_string())]))
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let visit = request.extensions().get::<Visit>().cloned().ok_or_else(Problem::csrf)?;
        let posted = Self::read(request).await?;
        if visit.accepts(posted.get("_csrf")) { Ok(posted) } else { Err(Problem::csrf()) }
    }
}
