//! Reads a posted form with attachments.

use axum::extract::Multipart;

use super::super::platform::Upload;

/// What was posted: fields in order, and files that have a name.
#[derive(Default)]
pub(super) struct Posted {
    pub(super) fields: Vec<(String, String)>,
    pub(super) uploads: Vec<Upload>,
}

/// The prefix of file inputs, as the engine draws them.
const MATERIALS: &str = "materials.";

impl Posted {
    pub(super) async fn read(mut multipart: Multipart) -> Result<Self, String> {
        let mut posted = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(|error| error.to_string())? {
            let name = field.name().unwrap_or_default().to_owned();
            match (name.strip_prefix(MATERIALS), field.file_name().map(str::to_owned)) {
                (Some(material), Some(file)) => {
                    let bytes = field.bytes().await.map_err(|error| error.to_string())?.to_vec();
                    if !file.is_empty() && !bytes.is_empty() {
                        posted.uploads.push(Upload { material: material.to_owned(), name: file, bytes });
                    }
                }
                _ => posted.fields.push((name, field.text().await.map_err(|error| error.to_string())?)),
            }
        }
        Ok(posted)
    }
}
