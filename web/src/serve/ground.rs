//! The ground an office stands on: its files, from a folder or built in.

use std::path::Path;

use rust_embed::RustEmbed;
use tongban_adapters::office;
use tongban_engine::definition::Bundle;

#[derive(RustEmbed)]
#[folder = "../workflows"]
#[prefix = "workflows/"]
struct Workflows;

#[derive(RustEmbed)]
#[folder = "../forms"]
#[prefix = "forms/"]
struct Forms;

/// The office's files: of the folder that was named; of the working folder, if it holds an office; else those built in.
///
/// # Errors
/// If the folder cannot be read.
pub(super) fn bundle(named: Option<&Path>) -> std::io::Result<Bundle> {
    match named {
        Some(folder) => office::read(folder),
        None if Path::new("workflows").is_dir() => office::read(Path::new(".")),
        None => Ok(built_in()),
    }
}

pub(super) fn built_in() -> Bundle {
    let workflows = Workflows::iter().filter_map(|path| Some((path.to_string(), Workflows::get(&path)?)));
    let forms = Forms::iter().filter_map(|path| Some((path.to_string(), Forms::get(&path)?)));
    let text = |(path, file): (String, rust_embed::EmbeddedFile)| Some((path, String::from_utf8(file.data.into_owned()).ok()?));
    Bundle { files: workflows.chain(forms).filter_map(text).collect() }
}

#[cfg(test)]
mod tests {
    use tongban_engine::{definition::load_office, diagnostic::Severity};

    use super::*;

    #[test]
    fn the_office_that_is_built_in_has_no_mistakes() {
        let (office, findings) = load_office(&built_in());
        let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty() && !office.definitions.is_empty(), "{errors:?}");
    }
}
