//! Files that came with a form that was not accepted: kept with the person's drafts, so that nobody attaches them twice.

use tongban_engine::{form::Attached, interpreter::MaterialGiven};

use crate::{desk::Desk, error::Problem, fields::Upload, state::App};

/// The files of one form that is not sent yet.
pub(super) struct Kept<'a> {
    app: &'a App,
    person: &'a str,
    about: String,
}

impl<'a> Kept<'a> {
    /// Those of `desk` for the form that `draft` names.
    pub(super) fn of(app: &'a App, desk: &'a Desk, draft: &str) -> Self {
        Self { app, person: &desk.id, about: format!("files:{draft}") }
    }

    /// What was kept.
    pub(super) async fn files(&self) -> Result<Vec<MaterialGiven>, Problem> {
        let draft = self.app.store.draft(self.person, &self.about).await?;
        Ok(draft.and_then(|draft| serde_json::from_value(draft.body).ok()).unwrap_or_default())
    }

    /// What was kept, with `new` in place of what was kept for the same materials.
    pub(super) async fn with(&self, new: Vec<MaterialGiven>) -> Result<Vec<MaterialGiven>, Problem> {
        let mut files = self.files().await?;
        files.retain(|kept| !new.iter().any(|new| new.material == kept.material));
        files.extend(new);
        Ok(files)
    }

    /// How many were kept for materials that nothing was uploaded for now.
    pub(super) async fn beside(&self, uploads: &[Upload]) -> Result<usize, Problem> {
        let replaced = |kept: &MaterialGiven| uploads.iter().any(|upload| upload.field.strip_prefix("materials.") == Some(&kept.material));
        Ok(self.files().await?.iter().filter(|kept| !replaced(kept)).count())
    }

    /// Keeps these for the next attempt.
    pub(super) async fn keep(&self, files: &[MaterialGiven]) -> Result<(), Problem> {
        let body = serde_json::to_value(files).map_err(|error| Problem::ours(&error))?;
        Ok(self.app.store.save_draft(self.person, &self.about, &body).await?)
    }

    /// The form was sent.
    pub(super) async fn forget(&self) -> Result<(), Problem> {
        Ok(self.app.store.drop_draft(self.person, &self.about).await?)
    }
}

/// Files as a form shows them.
pub(super) fn attached(files: &[MaterialGiven]) -> Vec<Attached> {
    files.iter().map(|given| Attached { material: given.material.clone(), name: given.name.clone(), href: None }).collect()
}
