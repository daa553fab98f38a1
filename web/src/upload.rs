//! Uploaded files: each goes to the material that its input is for, and is kept before the command is made.

use tongban_adapters::files::FileError;
use tongban_engine::{
    form::{FieldError, Form},
    interpreter::MaterialGiven,
    text::Text,
};

use crate::{
    error::Problem,
    fields::Upload,
    state::App,
    view::messages::{both, both_filled},
};

/// Keeps what was uploaded for the materials of `form`; files for anything else are dropped. With a problem that names
/// each file that was not taken, if there are any.
///
/// # Errors
/// The store failed.
pub async fn keep(app: &App, form: Option<&Form>, files: &[Upload]) -> Result<(Vec<MaterialGiven>, Option<Problem>), Problem> {
    let (mut kept, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        let Some(id) = file.field.strip_prefix("materials.") else { continue };
        let Some(material) = form.and_then(|form| form.materials.iter().find(|material| material.id == id)) else { continue };
        match app.store.keep_file(id, &file.name, None, &material.accept, file.bytes.as_slice()).await {
            Ok(given) => kept.push(given),
            Err(FileError::Store(error)) => return Err(error.into()),
            Err(error) => wrong.push(mistake(&file.field, &file.name, &material.accept, &error)),
        }
    }
    let problem = (!wrong.is_empty()).then(|| Problem { fields: wrong, ..Problem::invalid("file-refused", both("error.file_refused")) });
    Ok((kept, problem))
}

/// As [`keep`], all or nothing.
///
/// # Errors
/// A problem that names each file that was not taken; or the store failed.
pub async fn keep_all(app: &App, form: Option<&Form>, files: &[Upload]) -> Result<Vec<MaterialGiven>, Problem> {
    let (kept, refused) = keep(app, form, files).await?;
    refused.map_or(Ok(kept), Err)
}

fn mistake(path: &str, name: &str, accept: &[String], error: &FileError) -> FieldError {
    let message: Text = match error {
        FileError::TooLarge => both_filled("error.too_large_detail", &[("limit", "20 MiB")]),
        FileError::Empty => both_filled("error.file_empty", &[("name", name)]),
        _ => both_filled("error.file_kind", &[("name", name), ("kinds", &accept.join(", "))]),
    };
    FieldError { path: path.to_owned(), code: "file-refused", message }
}
