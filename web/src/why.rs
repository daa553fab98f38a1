//! Who may see and do what, and why: the question that page and API share.

use std::sync::Arc;

use serde::Deserialize;
use tongban_engine::{
    authority::{Action, Dossier, Explained, Resource},
    definition::Definition,
    interpreter::{Case, LocalNo},
};
use utoipa::IntoParams;

use crate::{desk::Desk, error::Problem, state::App, view::messages::both};

/// Whether a person may do something, to a case, a task of it, a process, or at all.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// Person id.
    pub person: Option<String>,
    /// Word of an action: `see-case`, `act`, `start`, a duty's word, …
    pub action: Option<String>,
    /// Identifier or number of a case.
    pub case: Option<String>,
    /// An open task of the case.
    pub task: Option<String>,
    /// Process id, for `start`.
    pub process: Option<String>,
}

/// What a question is about, found.
pub struct Asked {
    /// The case with its version.
    pub found: Option<(Case, Arc<Definition>)>,
    /// The open task.
    pub task: Option<LocalNo>,
    process: Option<Arc<Definition>>,
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl Question {
    /// Finds what it is about, for one who may ask.
    ///
    /// # Errors
    /// She may not ask, or there is nothing such.
    pub async fn find(&self, app: &App, desk: &Desk) -> Result<Asked, Problem> {
        let Some(case) = given(self.case.as_ref()) else {
            desk.must_have(Action::Explain)?;
            let process = given(self.process.as_ref()).map(|process| app.store.latest(process).ok_or_else(Problem::not_found));
            return Ok(Asked { found: None, task: None, process: process.transpose()? });
        };
        let id = app.store.case_by_number(case).await?.unwrap_or_else(|| case.to_owned());
        let opened = app.store.case(&id).await?.ok_or_else(Problem::not_found)?;
        let of = Dossier { case: &opened.case, definition: &opened.definition };
        desk.may(Action::Explain, Resource::Case(of))?;
        let task = given(self.task.as_ref()).map(|no| no.parse().map_err(|_| Problem::not_found())).transpose()?;
        let task = task.or_else(|| of.case.tasks.keys().next().copied());
        Ok(Asked { found: Some((opened.case, opened.definition)), task, process: None })
    }

    /// The action that it asks for.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn action(&self) -> Result<Action, Problem> {
        let named = given(self.action.as_ref()).map_or(Some(Action::SeeCase), Action::from_word);
        named.ok_or_else(|| Problem::invalid("action", both("why.no_such_action")))
    }

    /// The person that it asks about, if it does.
    pub fn person(&self) -> Option<&str> {
        given(self.person.as_ref())
    }
}

impl Asked {
    /// The answer, with every rule.
    pub fn explain<'d>(&self, desk: &'d Desk, person: &str, action: Action) -> Explained<'d> {
        let of_task = matches!(action, Action::SeeTask | Action::Act | Action::Reveal | Action::Draft);
        let dossier = self.found.as_ref().map(|(case, definition)| Dossier { case, definition });
        let resource = match (dossier, self.task, &self.process) {
            _ if action.duty().is_some() || matches!(action, Action::Own) => Resource::Office,
            (Some(of), Some(no), _) if of_task => Resource::Task(of, no),
            (Some(of), ..) => Resource::Case(of),
            (None, _, Some(process)) => Resource::Process(process),
            (None, _, None) => Resource::Office,
        };
        desk.authority().why(person, action, resource)
    }
}
