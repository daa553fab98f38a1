//! A person at work: her account, her posts, the organisation around her, in her language.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use tokio::sync::OnceCell;
use tongban_adapters::{
    accounts::{Awaited, FRESH_MS, Session},
    store::{Counts, Deed, SYSTEM},
};
use tongban_engine::{
    authority::{Action, Authority, Dossier, Grant, Resource, Sight},
    definition::{Definition, Role},
    interpreter::{Actor, Ask, Case, Command, LocalNo},
    organisation::{Organisation, Person},
    text::Language,
};

use crate::{
    error::Problem,
    session::Visit,
    state::App,
    view::{listed, say, when::When},
};

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Desk {
    /// Her request.
    pub visit: Visit,
    /// Her id.
    pub id: String,
    /// She.
    pub person: Person,
    /// Units and people.
    pub organisation: Arc<Organisation>,
    /// Moments in her language.
    pub when: When,
    counts: Arc<OnceCell<Counts>>,
    app: App,
}

/// Where one may go before what is awaited is done.
fn may_go(awaited: Awaited, path: &str) -> bool {
    match awaited {
        Awaited::SecondFactor => false,
        Awaited::NewPassword => matches!(path, "/password" | "/api/v1/session"),
        Awaited::Enrolment => matches!(path, "/account/factor" | "/account/factor/confirm" | "/step-up" | "/api/v1/session"),
    }
}

/// Who keeps people and who grants rights: both see units and people.
pub const KEEPERS: [Action; 2] = [Action::People, Action::Grants];
/// What the three administrators (三员) do.
pub const THREE: [Action; 3] = [Action::People, Action::Grants, Action::Audit];

impl Desk {
    /// The desk of a visitor with a session.
    pub fn of(app: &App, visit: &Visit) -> Result<Self, Problem> {
        let session = visit.session().ok_or_else(Problem::log_in)?;
        if let Some(awaited) = session.awaits
            && !may_go(awaited, visit.uri().path())
        {
            return Err(Problem::awaited(awaited));
        }
        let organisation = app.store.organisation();
        let person = organisation.people.get(&session.person).cloned().ok_or_else(Problem::log_in)?;
        let when = app.when(visit.language());
        Ok(Self { visit: visit.clone(), id: session.person.clone(), person, organisation, when, counts: Arc::default(), app: app.clone() })
    }

    /// Her language.
    pub fn language(&self) -> Language {
        self.visit.language()
    }

    /// Her posts' names, each once.
    pub fn post_names(&self) -> String {
        let roles = &self.app.roles;
        let mut names: Vec<&str> = Vec::new();
        for post in &self.person.posts {
            let name = roles.get(&post.role).map_or(post.role.as_str(), |role| role.name.get(self.language()));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        listed(self.language(), &names)
    }

    /// Her unit's name.
    pub fn unit_name(&self) -> String {
        let unit = self.person.posts.first().and_then(|post| self.organisation.units.get(&post.unit));
        unit.map(|unit| unit.name.get(self.language()).to_owned()).unwrap_or_default()
    }

    /// Whether she acts for an applicant organisation.
    pub fn is_applicant(&self) -> bool {
        self.organisation.applicant_unit(&self.person).is_some()
    }

    /// What rights are decided on, now.
    pub fn authority(&self) -> Authority<'_> {
        Authority { organisation: &self.organisation, roles: &self.app.roles, now: self.app.now() }
    }

    /// Whether she may do it, and what she then sees.
    ///
    /// # Errors
    /// The refusal, as a problem; who may not even know of it is told that there is nothing.
    pub fn may(&self, action: Action, resource: Resource<'_>) -> Result<Grant<'_>, Problem> {
        self.authority().authorize(&self.id, action, resource).map_err(Problem::from)
    }

    /// Whether one of her roles carries a duty.
    pub fn has(&self, duty: Action) -> bool {
        self.may(duty, Resource::Office).is_ok()
    }

    /// Refuses who does not carry it.
    pub fn must_have(&self, duty: Action) -> Result<(), Problem> {
        self.may(duty, Resource::Office).map(drop)
    }

    /// Refuses who has not shown within the last minutes who she is: a page asks her then and goes on where she was, the
    /// API answers 403 `step-up-needed`. For what must not be done by whoever finds a desk unlocked: reveals, exports,
    /// rights, keys, other people's sessions.
    pub fn must_be_fresh(&self) -> Result<(), Problem> {
        let fresh = self.visit.session().is_some_and(|session| self.app.now() < session.fresh_at.plus_ms(FRESH_MS));
        if fresh { Ok(()) } else { Err(Problem::step_up()) }
    }

    /// How many rows each of her lists has; counted once a request.
    pub async fn counts(&self) -> Result<&Counts, Problem> {
        Ok(self.counts.get_or_try_init(|| self.app.store.counts(&self.id)).await?)
    }

    /// Her session.
    pub fn session(&self) -> Result<&Session, Problem> {
        self.visit.session().ok_or_else(Problem::log_in)
    }

    /// Refuses who carries none of them.
    pub fn must_have_one_of(&self, duties: &[Action]) -> Result<(), Problem> {
        if duties.iter().any(|duty| self.has(*duty)) { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Whether she has a post besides those of the three administrators, who handle no cases.
    pub fn handles_cases(&self) -> bool {
        let business = |role: &Role| !role.administers();
        self.person.posts.iter().any(|post| self.app.roles.get(&post.role).is_none_or(business))
    }

    /// A person's name; her id if she is not there any more.
    pub fn name_of(&self, person: &str) -> String {
        if person == SYSTEM {
            return say(self.language(), "app.system").to_owned();
        }
        self.app.store.register().people.get(person).map_or_else(|| person.to_owned(), |official| official.name.clone())
    }

    /// A case as she may see it, noted as looked at; who may not see it learns nothing.
    pub async fn case(&self, id: &str) -> Result<(Case, Arc<Definition>, Sight), Problem> {
        let opened = self.app.store.case(id).await?.ok_or_else(Problem::not_found)?;
        let (case, definition) = (opened.case, opened.definition);
        let grant = self.may(Action::SeeCase, Resource::Case(Dossier { case: &case, definition: &definition }))?;
        let sight = grant.sight.ok_or_else(Problem::not_found)?;
        self.note_read(id, "case").await?;
        Ok((case, definition, sight))
    }

    /// Notes in the audit that she looks at something of a case, before it is shown.
    pub async fn note_read(&self, case: &str, what: &str) -> Result<(), Problem> {
        Ok(self.app.store.note_read(&self.id, case, what).await?)
    }

    /// Notes in the audit that she does something, before it is done.
    pub async fn note(&self, deed: &str, kind: &str, about: &str, purpose: Option<&str>) -> Result<(), Problem> {
        let deed = Deed { purpose: purpose.map(str::to_owned), ..Deed::new(self.app.now(), &*self.id, deed, kind, about) };
        Ok(self.app.store.note(deed).await?)
    }

    /// A case that she may do something to; who may not see it learns nothing.
    pub async fn case_for(&self, action: Action, id: &str) -> Result<(Case, Arc<Definition>), Problem> {
        let (case, definition, _) = self.case(id).await?;
        self.may(action, Resource::Case(Dossier { case: &case, definition: &definition }))?;
        Ok((case, definition))
    }

    /// Where she goes after she did something: to the task, if it is still open and hers to see, to the case, or to her list.
    pub async fn back_to(&self, case: &str, task: Option<LocalNo>) -> Result<String, Problem> {
        let found = match self.case(case).await {
            Err(problem) if problem.status.is_client_error() => return Ok("/inbox/todo".to_owned()),
            found => found?,
        };
        let seen = task.filter(|no| self.sees_task(&found.0, &found.1, *no));
        Ok(seen.map_or_else(|| format!("/cases/{case}"), |no| format!("/cases/{case}/tasks/{no}")))
    }

    /// Whether she may look at an open task of a case that she sees.
    pub fn sees_task(&self, case: &Case, definition: &Definition, no: LocalNo) -> bool {
        self.may(Action::SeeTask, Resource::Task(Dossier { case, definition }, no)).is_ok()
    }

    /// A command of hers, now.
    pub fn command(&self, case: &str, key: &str, ask: Ask) -> Command {
        // one person's keys never meet another's
        let key = format!("{}:{key}", self.id);
        Command { case: case.to_owned(), key, actor: Actor::Person(self.id.clone()), at: self.app.now(), ask }
    }
}

impl FromRequestParts<App> for Desk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visit = parts.extensions.get::<Visit>().ok_or_else(Problem::log_in)?;
        Self::of(app, visit)
    }
}
