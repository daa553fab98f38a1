//! Reads a posted form with attachments.

use axum::extract::Multipart;
use tongban_engine::form::{Attached, FieldError};

use super::super::platform::{Platform, Upload};

/// What was posted: fields in order, and files that have a name.
#[derive(Default)]
pub(super) struct Posted {
    pub(super) fields: Vec<(String, String)>,
    pub(super) uploads: Vec<Upload>,
}

/// The prefix of file inputs, as the engine draws them.
const MATERIALS: &str = "materials.";
/// The hidden field that names a file which came with a form that was not accepted: `MATERIAL/FILE/NAME`.
const KEPT: &str = "_kept";

/// Files that the platform keeps until the form is right, so that nobody attaches them twice.
#[derive(Default)]
pub(super) struct Kept {
    /// As the form shows them.
    pub(super) attached: Vec<Attached>,
    /// What the page's hidden fields say.
    pub(super) fields: Vec<String>,
}

impl Kept {
    /// Keeps what was uploaded, but for files that are mistakes themselves.
    pub(super) fn keep(platform: &Platform, uploads: &[Upload], errors: &[FieldError]) -> std::io::Result<Self> {
        let wrong = |upload: &&Upload| errors.iter().any(|error| error.path.strip_prefix(MATERIALS) == Some(&upload.material));
        let good: Vec<Upload> = uploads.iter().filter(|upload| !wrong(upload)).cloned().collect();
        let files = platform.store_files(&good)?;
        let fields = good.iter().zip(files).map(|(upload, file)| format!("{}/{file}/{}", upload.material, upload.name)).collect();
        let attached = good.into_iter().map(|upload| Attached { material: upload.material, name: upload.name, href: None }).collect();
        Ok(Self { attached, fields })
    }
}

impl Posted {
    /// What was posted, with the files that `platform` kept from the attempt before; a new file replaces those of its material.
    pub(super) async fn read(multipart: Multipart, platform: &Platform) -> Result<Self, String> {
        let mut posted = Self::read_fields(multipart).await?;
        let kept = posted.fields.iter().filter(|(name, _)| name == KEPT).filter_map(|(_, value)| {
            let mut parts = value.splitn(3, '/');
            let (material, file, name) = (parts.next()?, parts.next()?, parts.next()?);
            let replaced = posted.uploads.iter().any(|upload| upload.material == material);
            let bytes = if replaced { None } else { platform.kept_file(file) };
            Some(Upload { material: material.to_owned(), name: name.to_owned(), bytes: bytes? })
        });
        let kept: Vec<Upload> = kept.collect();
        posted.uploads.splice(0..0, kept);
        Ok(posted)
    }

    async fn read_fields(mut multipart: Multipart) -> Result<Self, String> {
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
