//! Break-glass: for an hour somebody does what none of the three administrators can be reached for. Two of the three agree,
//! and all three are told on every page as long as it lasts.

use tongban_engine::{
    form::FieldError,
    organisation::{Official, Post, RegisterChange, Tenure, Term},
    text::Text,
    time::Moment,
};

use super::{RegisterError, Store};

/// So long it lasts.
const LASTS_MS: i64 = 3_600_000;

/// Somebody who has an administrator's duty for an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Person id.
    pub person: String,
    /// Role id.
    pub role: String,
    /// The first moment after it.
    pub until: Moment,
}

impl Store {
    /// Who acts in an emergency now.
    pub fn emergencies(&self) -> Vec<Emergency> {
        let now = self.inner.clock.now();
        let roles = self.roles();
        let administers = |role: &str| roles.get(role).is_some_and(|role| role.administers());
        let of_person = |(person, official): (&String, &Official)| {
            let brief = |tenure: &&Tenure| is_brief(tenure.term) && tenure.term.covers(now) && administers(&tenure.post.role);
            let emergency =
                |tenure: &Tenure| Some(Emergency { person: person.clone(), role: tenure.post.role.clone(), until: tenure.term.until? });
            official.posts.iter().filter(brief).filter_map(emergency).collect::<Vec<_>>()
        };
        self.register().people.iter().flat_map(of_person).collect()
    }

    /// What gives `person` the duty from now on for an hour: a post with it, where whoever had it last has it.
    pub(super) fn emergency_post(&self, person: &str, duty: &str) -> Result<RegisterChange, RegisterError> {
        let (roles, register, now) = (self.roles(), self.register(), self.inner.clock.now());
        let carries = |role: &str| roles.get(role).is_some_and(|role| role.administers() && role.may.iter().any(|word| word == duty));
        let mut held = register.people.values().flat_map(|official| &official.posts).filter(|tenure| carries(&tenure.post.role));
        let Some(post) = held.next().map(|tenure| tenure.post.clone()) else {
            let message = Text::new("没有人担任过这项三员职责", "nobody has ever had that duty of the three administrators");
            return Err(RegisterError::Faults(vec![FieldError { path: "duty".to_owned(), code: "unknown-duty", message }]));
        };
        let Post { role, unit } = post;
        let term = Term { from: Some(now), until: Some(now.plus_ms(LASTS_MS)) };
        Ok(RegisterChange::GivePost { person: person.to_owned(), tenure: Tenure { post: Post { role, unit }, term } })
    }
}

fn is_brief(term: Term) -> bool {
    term.from.zip(term.until).is_some_and(|(from, until)| until.0 - from.0 == LASTS_MS)
}
