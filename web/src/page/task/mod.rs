//! The task page: what to judge, how, and the act itself.

mod act;
pub(super) mod draw;
mod operations;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use tongban_engine::{
    authority::{Action, Dossier, Resource, Sight},
    definition::{Definition, NodeKind, UserTask},
    form::Form,
    interpreter::{Case, CaseId, CaseNames, LocalNo, Task},
    organisation::Organisation,
    text::Language,
    time::Moment,
};

use self::draw::Drawing;
use super::Page;
use crate::{desk::Desk, error::Problem, session::notify, state::App, view::Ahead};

/// The routes of this page.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{case}/tasks/{task}", get(show).post(act::complete))
        .route("/cases/{case}/tasks/{task}/preview", post(act::preview))
        .route("/cases/{case}/tasks/{task}/reveal", post(act::look))
        .merge(operations::routes())
}

/// An open task with what stands around it.
pub(crate) struct OpenTask {
    pub(crate) case: Case,
    pub(crate) definition: Arc<Definition>,
    pub(crate) sight: Sight,
    pub(crate) no: LocalNo,
    pub(crate) task: Task,
}

impl OpenTask {
    /// The task as `desk` may see it; None if it is done or was taken away.
    pub(crate) async fn find(desk: &Desk, case: &str, no: LocalNo) -> Result<(Case, Arc<Definition>, Option<Self>), Problem> {
        let (case, definition, sight) = desk.case(case).await?;
        if sight == Sight::Applicant {
            return Err(Problem::not_found());
        }
        let Some(task) = case.tasks.get(&no).cloned() else { return Ok((case, definition, None)) };
        let of = Dossier { case: &case, definition: &definition };
        let sight = desk.may(Action::SeeTask, Resource::Task(of, no))?.sight.unwrap_or(sight);
        let open = Self { case: case.clone(), definition: definition.clone(), sight, no, task };
        Ok((case, definition, Some(open)))
    }

    /// The case with its version, as rights are asked about.
    pub(crate) fn dossier(&self) -> Dossier<'_> {
        Dossier { case: &self.case, definition: &self.definition }
    }

    /// Refuses what `desk` may not do to the task.
    pub(crate) fn must(&self, desk: &Desk, action: Action) -> Result<(), Problem> {
        desk.may(action, Resource::Task(self.dossier(), self.no)).map(drop)
    }

    /// The task as it was written.
    fn declared(&self) -> Option<&UserTask> {
        match self.definition.process.node(&self.task.node).map(|node| &node.kind) {
            Some(NodeKind::UserTask(task)) => Some(task),
            _ => None,
        }
    }

    /// Its form, with what the step edits besides.
    fn form(&self) -> Option<&Form> {
        self.definition.task_form(self.declared()?.form.as_ref()?)
    }

    /// Names that it may write.
    pub(crate) fn edit(&self) -> &[String] {
        self.declared().and_then(|task| task.form.as_ref()).map_or(&[], |form| &form.edit)
    }

    /// Names that it shows or edits.
    pub(crate) fn shown(&self) -> Vec<String> {
        let Some(form) = self.form() else { return Vec::new() };
        let rights = self.declared().and_then(|task| task.form.as_ref());
        match rights.and_then(|rights| rights.show.as_ref()) {
            Some(show) => show.iter().chain(self.edit()).cloned().collect(),
            None => form.types().into_keys().collect(),
        }
    }

    /// The case's data as the task sees it: that of its scope over that of the scopes around it.
    pub(crate) fn data(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut chain = Vec::new();
        let mut scope = Some(self.task.scope);
        while let Some(state) = scope.and_then(|no| self.case.scopes.get(&no)) {
            chain.push(&state.locals);
            scope = state.parent;
        }
        let mut data = self.case.data.clone();
        for locals in chain.into_iter().rev() {
            data.extend(locals.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        data
    }

    /// Looks ahead from it, for a reader of `language`.
    pub(crate) fn ahead<'a>(&'a self, organisation: &'a Organisation, now: Moment, language: Language) -> Option<Ahead<'a>> {
        let (definition, case) = (&*self.definition, &self.case);
        let names = CaseNames { definition, case, scope: self.task.scope, now, organisation, over: None };
        Some(Ahead { definition, names, here: definition.process.node(&self.task.node)?, language })
    }

    /// The address of its page.
    fn href(&self) -> String {
        format!("/cases/{}/tasks/{}", self.case.id, self.no)
    }

    /// What its draft is called.
    pub(crate) fn draft_name(case: &str, no: LocalNo) -> String {
        format!("task:{case}:{no}")
    }
}

/// `GET /cases/{case}/tasks/{task}`
async fn show(State(app): State<App>, desk: Desk, Path((case, no)): Path<(CaseId, LocalNo)>) -> Page {
    let (case, _, open) = OpenTask::find(&desk, &case, no).await?;
    let Some(open) = open else {
        let response = Redirect::to(&format!("/cases/{}", case.id)).into_response();
        return Ok(notify(response, "warn", "task.closed_title", &[]));
    };
    let typed = draw::draft(&app, &desk, &open).await?;
    Drawing { typed: typed.as_ref(), ..Drawing::of(&app, &desk, &open) }.draw().await
}
