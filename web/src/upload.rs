//! Uploaded files: each goes to the material that its input is for, and is kept before the command is made.

use tongban_adapters::files::{FILES_MAX, FileError, Named};
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

/// Who hands files in, and where they go.
pub struct Handing<'a> {
    /// Her id.
    pub by: &'a str,
    /// The form with its materials.
    pub form: Option<&'a Form>,
    /// Files that the case, or the form that is not sent yet, has besides these.
    pub beside: usize,
}

/// Keeps what was uploaded for the materials of the form; files for anything else are dropped. With a problem that names
/// each file that was not taken, if there are any.
///
/// # Errors
/// The store failed.
pub async fn keep(app: &App, handing: &Handing<'_>, files: Vec<Upload>) -> Result<(Vec<MaterialGiven>, Option<Problem>), Problem> {
    let (mut kept, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        let Some(id) = file.field.strip_prefix("materials.") else { continue };
        let Some(material) = handing.form.and_then(|form| form.materials.iter().find(|material| material.id == id)) else { continue };
        let named = Named { material: id, name: &file.name, declared: file.declared.as_deref(), accept: &material.accept, by: handing.by };
        let taken = match file.content {
            Ok(_) if handing.beside + kept.len() >= FILES_MAX => Err(FileError::TooMany),
            Ok(received) => app.store.keep_file(&named, received).await,
            Err(error) => Err(error),
        };
        match taken {
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
pub async fn keep_all(app: &App, handing: &Handing<'_>, files: Vec<Upload>) -> Result<Vec<MaterialGiven>, Problem> {
    let (kept, refused) = keep(app, handing, files).await?;
    refused.map_or(Ok(kept), Err)
}

fn mistake(path: &str, name: &str, accept: &[String], error: &FileError) -> FieldError {
    let message: Text = match error {
        FileError::TooLarge => both_filled("error.file_too_large", &[("name", name), ("limit", "20 MiB")]),
        FileError::TooMany => both_filled("error.files_too_many", &[("name", name), ("limit", &FILES_MAX.to_string())]),
        FileError::Empty => both_filled("error.file_empty", &[("name", name)]),
        FileError::TooManyPixels => both_filled("error.file_pixels", &[("name", name)]),
        FileError::Infected { signature } => both_filled("error.file_infected", &[("name", name), ("signature", signature)]),
        _ => both_filled("error.file_kind", &[("name", name), ("kinds", &accept.join(", "))]),
    };
    FieldError { path: path.to_owned(), code: "file-refused", message }
}
